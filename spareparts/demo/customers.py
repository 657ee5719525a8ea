"""Whom Nordlift Service works for, where, and on which machines."""

from datetime import date

from spareparts.demo.stage import SMALL_CUSTOMERS, Stage
from spareparts.demo.tables import read
from workorders.domain.equipment import add_customer, add_equipment, add_site
from workorders.models import Customer, Site, User

DISPATCHER = "Eva Lang"


def add_customers(stage: Stage) -> None:
    by = stage.people[DISPATCHER]
    rows = read("customers")[: SMALL_CUSTOMERS if stage.is_small else None]
    customers = {row["number"]: add_customer(by=by, **row) for row in rows}
    sites = _add_sites(customers, by=by)
    _add_equipment(stage, sites, by=by)


def _add_sites(customers: dict[str, Customer], *, by: User) -> dict[str, Site]:
    return {
        row["name"]: add_site(
            by=by,
            customer=customers[row["customer"]],
            name=row["name"],
            address=row["address"],
            notes=row["notes"],
        )
        for row in read("sites")
        if row["customer"] in customers
    }


def _add_equipment(stage: Stage, sites: dict[str, Site], *, by: User) -> None:
    makers = {row["name"]: row["manufacturer"] for row in read("models")}
    for row in read("equipment"):
        if row["site"] in sites:
            stage.equipment[row["site"], row["name"]] = add_equipment(
                by=by,
                site=sites[row["site"]],
                name=row["name"],
                serial=row["serial"],
                manufacturer=makers[row["model"]],
                model=row["model"],
                installed_on=stage.day_months_away(-int(row["installed_months_ago"])),
                warranty_until=_warranty(stage, row["warranty_months_left"]),
            )


def _warranty(stage: Stage, left: str) -> date | None:
    if left == "4 March next year":
        return date(stage.today.year + 1, 3, 4)
    return stage.day_months_away(int(left)) if left else None
