"""What happened in spare parts management, as the audit and the log of the settings tell it."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "settings.turned_on": _("Turned on"),
    "settings.turned_off": _("Turned off"),
    "settings.mode_changed": _("Mode changed"),
    "settings.terms_changed": _("Terms changed"),
    "settings.closed_places": _("Written off by a closing document"),
    "stock.opening": _("Opening stock booked"),
    "stock.identify": _("Batch or serial number identified"),
    "service_bom.add": _("Part added to the service BOM"),
    "service_bom.remove": _("Part taken off the service BOM"),
    "consumption.record": _("Parts recorded"),
    "consumption.undo": _("Record undone"),
    "consumption.undo_later": _("Record undone later"),
    "consumption.correct": _("Record corrected"),
    "equipment_part.add": _("Part added to a machine"),
    "equipment_part.edit": _("Fitted part changed"),
    "equipment_part.take_out": _("Part taken out"),
}
