"""What happened to warehouses, as the audit tells it."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "warehouse.create": _("Warehouse opened"),
    "warehouse.set_default": _("Made the default warehouse"),
    "warehouse.disable": _("Warehouse disabled"),
    "warehouse.enable": _("Warehouse enabled"),
    "warehouse.close": _("Warehouse closed"),
}
