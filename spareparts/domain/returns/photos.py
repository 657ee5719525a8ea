"""The photo of an old part: why it cannot come back is easier seen than said."""

from datetime import datetime

from django.core.files.base import ContentFile

from config.shared import audit
from config.shared.errors import NotAllowed
from spareparts.domain.photos import stored_or_forgotten
from spareparts.enums import OWED
from spareparts.models import OldPartDebt
from workorders.models import User


def attach_photo(debt: OldPartDebt, *, by: User, at: datetime, photo: "ContentFile[bytes]") -> None:
    """``photo`` comes from ``clean_picture`` and takes the place of an earlier one. Refused: NotAllowed."""
    if by.pk != debt.engineer_id or debt.status not in OWED:
        raise NotAllowed
    with stored_or_forgotten(debt, "photo"):
        debt.photo.save(photo.name or "photo.jpg", photo, save=False)
        OldPartDebt.objects.filter(pk=debt.pk).update(photo=debt.photo.name)
        audit.record("oldpartdebt.photo", by=by, at=at, subject=debt)
