"""Customers, sites and machines: added and changed by those who dispatch. Who changed what is in their history."""

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from config.shared.errors import DomainError, NotAllowed
from workorders.enums import Permission
from workorders.models import Customer, Equipment, EquipmentModel, Site, User

M = TypeVar("M", bound=models.Model)


class InvalidData(DomainError):
    """A field breaks a rule of its model: a number twice, a site that must stay."""


def add_customer(*, by: User, number: str, name: str, contact: str = "", phone: str = "", email: str = "") -> Customer:
    """A new customer. Refused: a number that exists."""
    customer = Customer(number=number.strip(), name=name, contact=contact, phone=phone, email=email)
    return _save(customer, by=by)


def add_site(*, by: User, customer: Customer, name: str, address: str = "", notes: str = "") -> Site:
    """A new place of ``customer``. Refused: a name the customer already uses."""
    return _save(Site(customer=customer, name=name, address=address, notes=notes), by=by)


def add_equipment(
    *,
    by: User,
    site: Site,
    name: str,
    serial: str,
    manufacturer: str,
    model: str,
    installed_on: date | None = None,
    warranty_until: date | None = None,
) -> Equipment:
    """A new machine at ``site``; its model is made when it is the first of its kind. Refused: a serial that exists."""
    with transaction.atomic(savepoint=False):
        equipment = Equipment(
            site=site,
            name=name,
            serial=serial.strip(),
            model=equipment_model(manufacturer=manufacturer, name=model),
            installed_on=installed_on,
            warranty_until=warranty_until,
        )
        return _save(equipment, by=by)


def change_customer(customer: Customer, *, by: User, **fields: Any) -> Customer:
    return _change(customer, by=by, fields=fields)


def change_site(site: Site, *, by: User, **fields: Any) -> Site:
    """Refused: another customer, once a machine or a job names the site."""
    return _change(site, by=by, fields=fields)


def change_equipment(equipment: Equipment, *, by: User, manufacturer: str, model: str, **fields: Any) -> Equipment:
    """Refused: another site while a work order is open at the present one."""
    with transaction.atomic(savepoint=False):
        fields["model"] = equipment_model(manufacturer=manufacturer, name=model)
        return _change(equipment, by=by, fields=fields)


def equipment_model(*, manufacturer: str, name: str) -> EquipmentModel:
    """The model with these names, whatever their case; made when there is none."""
    maker, label = " ".join(manufacturer.split()), " ".join(name.split())
    found = EquipmentModel.objects.filter(manufacturer__iexact=maker, name__iexact=label).first()
    return found or EquipmentModel.objects.get_or_create(manufacturer=maker, name=label)[0]


def _change(row: M, *, by: User, fields: dict[str, Any]) -> M:
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, fields[name])
    return _save(row, by=by, update_fields=changed)


def _save(row: M, *, by: User, update_fields: list[str] | None = None) -> M:
    if not by.has_perm(Permission.DISPATCH):
        raise NotAllowed
    try:
        row.full_clean()
        with transaction.atomic():
            row.save(update_fields=update_fields)
    except ValidationError as error:
        raise _invalid(error) from None
    except IntegrityError:
        raise InvalidData(_("Somebody saved the same number, name or serial number a moment ago.")) from None
    return row


def _invalid(error: ValidationError) -> InvalidData:
    field, messages = next(iter(error.message_dict.items()))
    return InvalidData(messages=messages, field=field)
