"""The main job, through HTTP as people do it: record on the phone, see it in the report, take it back, look again."""

import re

from django.core.management import call_command

from inventory.models import Move
from spareparts.models import Consumption
from tests.factories.inventory import PartFactory
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, WorkOrderFactory
from tests.spareparts.helpers import in_machine

FIELD = re.compile(r'name="([^"]+)"[^>]*? value="([^"]*)"')


def fields_of(page) -> dict[str, str]:
    """The hidden fields that the form on the page sends back by itself."""
    html = page.content.decode()
    wanted = ("request_key", "lines-TOTAL_FORMS", "lines-INITIAL_FORMS")
    found = {name: value for name, value in FIELD.findall(html) if name in wanted or name.endswith("-part")}
    return {name: value for name, value in found.items() if "__prefix__" not in name}


def test_jana_records_eva_sees_it_and_jana_takes_it_back(jana, eva, as_user, capsys) -> None:
    chiller = EquipmentFactory(name="Chiller 3", serial="C3-1")
    job = WorkOrderFactory(number="WO-411", lead=jana, site=chiller.site, equipment=chiller)
    bearing = PartFactory(number="BRG-6004-2RS", old_part_rule="always")
    EquipmentPartFactory(equipment=chiller, part=bearing, quantity=2, position="Fan")
    phone, desk = as_user(jana), as_user(eva)

    # Home is my jobs; the job has the button; the likely part stands ready with the old part preset.
    assert phone.get("/").url == "/jobs/"
    assert "WO-411" in phone.get("/jobs/").content.decode()
    assert f"/work-orders/{job.pk}/use/" in phone.get(job.get_absolute_url()).content.decode()
    page = phone.get(f"/work-orders/{job.pk}/use/")
    line = page.context["lines"][0]
    assert (line.part, line.old_part_answer) == (bearing, "returning")

    # She taps + once and records.
    presets = {"old_part_answer": line.old_part_answer, "old_choice": line.old_choice}
    sent = fields_of(page) | {"lines-0-quantity": "1"} | {f"lines-0-{name}": value for name, value in presets.items()}
    answer = phone.post(f"/work-orders/{job.pk}/use/", sent)
    document = Consumption.objects.get()
    assert answer.url == document.get_absolute_url()
    confirmation = phone.get(answer.url)
    assert confirmation.context["next"] == ["Bring the old part back.", "The parts list of Chiller 3 is up to date."]
    assert in_machine(chiller) == [("BRG-6004-2RS", 1, ""), ("BRG-6004-2RS", 1, "")]

    # Eva sees it in the report, and the figure opens the line.
    report = desk.get("/reports/use/", {"group": "part"})
    assert (str(report.context["totals"]["cost"]), report.context["totals"]["lines"]) == ("8.40", 1)
    assert document.reference in desk.get(f"/reports/use/lines/?part={bearing.pk}").content.decode()

    # It was a mistake: Jana undoes it from the confirmation; report, machine and ledger follow.
    undone = phone.post(f"/consumptions/{document.pk}/undo/", {"request_key": fields_of(confirmation)["request_key"]})
    assert undone.url == document.get_absolute_url()
    assert desk.get("/reports/use/").context["totals"]["lines"] == 0
    assert in_machine(chiller) == [("BRG-6004-2RS", 2, "")]
    assert Move.objects.count() == 2
    for command in ("verify_ledger", "verify_documents"):
        call_command(command)
    assert capsys.readouterr().out.count("\n") == 2
