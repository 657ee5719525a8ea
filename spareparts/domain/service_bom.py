"""Parts suggested for an equipment model (service BOM), kept by hand or by file."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.shared import audit
from config.shared.errors import DomainError, NotAllowed
from inventory.models import Part
from spareparts.enums import Permission
from spareparts.models import ServiceBomLine
from workorders.models import EquipmentModel, User


class AlreadyInServiceBom(DomainError):
    """The part stands in the list of this model already."""

    field = "part"


def add_to_service_bom(
    equipment_model: EquipmentModel, *, part: Part, quantity: int, by: User, at: datetime, note: str = ""
) -> ServiceBomLine:
    """Suggest ``quantity`` smallest steps of ``part`` for machines of the model. Refused: NotAllowed,
    AlreadyInServiceBom.
    """
    if not by.has_perm(Permission.EDIT_SERVICE_BOM):
        raise NotAllowed
    line = ServiceBomLine(equipment_model=equipment_model, part=part, quantity=quantity, note=note.strip())
    try:
        with transaction.atomic():
            line.save(force_insert=True)
    except IntegrityError as error:
        words = {"part": part.number, "model": equipment_model}
        raise AlreadyInServiceBom(_("%(part)s is suggested for %(model)s already.") % words) from error
    audit.record("service_bom.add", by=by, at=at, subject=line, details={"part": part.number, "quantity": quantity})
    return line


def remove_from_service_bom(line: ServiceBomLine, *, by: User, at: datetime) -> None:
    """Suggest the part no longer. Gone already: nothing happens. Refused: NotAllowed."""
    if not by.has_perm(Permission.EDIT_SERVICE_BOM):
        raise NotAllowed
    with transaction.atomic():
        audit.record("service_bom.remove", by=by, at=at, subject=line, details={"part": line.part.number})
        line.delete()
