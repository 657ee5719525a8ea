"""What Nordlift Service fits: some four hundred parts, imported as a company would, and the three depots."""

from inventory.domain.warehouses import create_warehouse
from inventory.models import Part, Unit, Warehouse
from spareparts.demo.files import import_rows
from spareparts.demo.people import FIRST_ADMINISTRATOR
from spareparts.demo.stage import Stage
from spareparts.demo.tables import listed, read


def add_catalogue(stage: Stage) -> None:
    for row in read("units"):
        Unit.objects.get_or_create(
            code=row["code"], defaults={"name": row["name"], "decimal_places": int(row["decimal_places"])}
        )
    import_rows(stage, "parts", read("parts"), by=stage.people["Karl Huber"])
    parts = Part.objects.select_related("unit", "superseded_by__unit")
    stage.parts = {part.number: part for part in parts}


def add_warehouses(stage: Stage) -> None:
    """Master data of every mode; a mode without warehouse stock does not show them. The first is the default."""
    for row in read("warehouses"):
        new = Warehouse(code=row["code"], name=row["name"], address=row["address"], phone=row["phone"])
        warehouse = create_warehouse(new, by=stage.people[FIRST_ADMINISTRATOR], at=stage.beginning)
        warehouse.managers.set(stage.people[name] for name in listed(row["managers"]))
