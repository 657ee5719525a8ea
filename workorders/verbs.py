"""What happened to people and work orders, as the audit and the history of a job tell it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDS = {
    "workorder.create": _("Created"),
    "workorder.assign": _("Assigned"),
    "workorder.reassign": _("Reassigned"),
    "workorder.plan": pgettext_lazy("event", "Planned"),
    "workorder.edit": pgettext_lazy("event", "Changed"),
    "workorder.start": _("Work started"),
    "workorder.hold": pgettext_lazy("event", "Put on hold"),
    "workorder.resume": _("Work resumed"),
    "workorder.complete": _("Completed"),
    "workorder.cancel": _("Cancelled"),
    "workorder.reopen": _("Reopened"),
    "person.invited": _("Invited"),
    "person.changed": _("Person changed"),
    "person.roles_changed": _("Roles changed"),
    "person.deactivated": _("Deactivated"),
    "person.reactivated": _("Reactivated"),
    "person.sessions_ended": _("Sessions ended"),
    "person.link_sent": _("Password link sent"),
    "person.link_not_sent": _("Password link not sent"),
    "person.password_changed": _("Password changed"),
    "person.password_set": _("Password set by link"),
    "person.second_factor_added": _("Second factor added"),
    "person.second_factor_removed": _("Second factor removed"),
    "person.recovery_codes_renewed": _("Recovery codes renewed"),
}
