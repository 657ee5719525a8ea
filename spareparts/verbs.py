"""What happened in spare parts management, as the audit and the log of the settings tell it."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "settings.turned_on": _("Turned on"),
    "settings.turned_off": _("Turned off"),
    "settings.mode_changed": _("Mode changed"),
    "settings.undo_minutes_changed": _("Undo window changed"),
    "consumption.record": _("Parts recorded"),
    "consumption.undo": _("Record undone"),
    "consumption.undo_later": _("Record undone later"),
    "consumption.correct": _("Record corrected"),
    "equipment_part.add": _("Part added to a machine"),
    "equipment_part.edit": _("Fitted part changed"),
    "equipment_part.take_out": _("Part taken out"),
}
