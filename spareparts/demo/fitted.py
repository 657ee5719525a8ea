"""Which parts were in the machines when Nordlift Service took them over (equipment BOM)."""

from collections import defaultdict

from inventory.enums import Tracking
from spareparts.demo.customers import DISPATCHER
from spareparts.demo.files import import_rows
from spareparts.demo.stage import Stage
from spareparts.demo.tables import Row, read
from workorders.models import Equipment


def fit_machines(stage: Stage) -> None:
    by_model: dict[str, list[Row]] = defaultdict(list)
    for row in read("model_parts"):
        by_model[row["model"]].append(row)
    stage.positions = by_model
    stage.refrigerants = {row["name"]: row["refrigerant"] for row in read("models")}
    rows = [
        _fitted(stage, equipment, row)
        for equipment in stage.equipment.values()
        for row in by_model[equipment.model.name]
    ]
    import_rows(stage, "equipment_parts", rows, by=stage.people[DISPATCHER])


def _fitted(stage: Stage, equipment: Equipment, row: Row) -> Row:
    is_serial = stage.parts[row["part"]].tracking == Tracking.SERIAL and row["quantity"] == "1"
    return {
        "equipment": equipment.serial,
        "part": row["part"],
        "quantity": row["quantity"],
        "position": row["position"],
        "serial": serial_number(stage) if is_serial else "",
        "fitted": str(equipment.installed_on),
    }


def serial_number(stage: Stage) -> str:
    """As it stands on a type plate: 77-0031."""
    return f"{stage.dice.randint(61, 98)}-{stage.dice.randint(1, 9999):04d}"
