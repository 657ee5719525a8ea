"""What people send in the stories of Standard and Advanced: each step is one press of a button."""

from typing import Any

from django.test import Client
from django.urls import reverse

from inventory.models import Part
from spareparts.models import Allocation, Requisition
from tests.spareparts.helpers import key
from workorders.models import User, WorkOrder

REQUEST = "/requests/new/"


def url(name: str, *args: object) -> str:
    return reverse(f"spareparts:{name}", args=args)


def press(client: Client, path: str, **fields: Any) -> Any:
    """Send the form that was just opened; it must be taken, and lead somewhere."""
    answer = client.post(path, fields | key())
    problems = [] if answer.status_code == 302 else [str(each) for each in _problems(answer)]
    assert answer.status_code == 302, f"{path}: {answer.status_code} {problems}"
    return answer


def _problems(answer: Any) -> list[Any]:
    forms = [(answer.context or {}).get(name) for name in ("form", "formset")]
    return [getattr(form, "errors", "") for form in forms if form is not None]


def request(client: Client, part: Part, quantity: int, **facts: Any) -> Requisition:
    """Ask for ``quantity`` of ``part``; the newest request."""
    line = {"lines-0-part": part.pk, "lines-0-quantity": str(quantity)}
    press(client, REQUEST, **{"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}, **line, **facts)
    return Requisition.objects.latest("pk")


def use(client: Client, job: WorkOrder, **changes: str) -> Any:
    """Open the page for parts used, press + once at the first part, and record, with what the page filled in."""
    path = f"/work-orders/{job.pk}/use/"
    line = client.get(path).context["lines"][0]
    presets = {"old_part_answer": line.old_part_answer, "old_choice": line.old_choice}
    sent = {"source": line.source, "quantity": "1"} | presets | changes
    fields = {f"lines-0-{name}": value for name, value in sent.items()}
    return client.post(path, {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"} | fields | key())


def close(client: Client, job: WorkOrder, part: Part, *, open_quantity: int) -> None:
    """Complete the job: refused with the page that asks, and there the rest of ``part`` is to go back."""
    refusal = client.post(f"/work-orders/{job.pk}/complete/", {"version": str(job.version)} | key())
    assert f'href="/work-orders/{job.pk}/closing/?' in refusal.content.decode()
    name = f"open-{part.pk}-new-0"
    answers = {f"{name}-seen": open_quantity, f"{name}-used": "0", f"{name}-rest": "back"}
    press(client, f"/work-orders/{job.pk}/closing/?then=complete", **answers)


def proposed(client: Client) -> dict[str, Any]:
    """What the page for returns sends when its button is pressed without touching anything."""
    form = client.get(url("return_new")).context["form"]
    sent = {view.quantity.html_name: view.quantity.value() for view in form.views(form.rows)}
    sent |= {view.tick.html_name: "on" for view in form.views(form.rows) if view.is_ticked}
    for name in {"warehouse", "method"} & form.fields.keys():
        value = form[name].value()
        sent[name] = getattr(value, "pk", value)
    return sent


def at_the_desk(client: Client, requisition: Requisition, quantity: int, button: str) -> None:
    """``button`` of the desk ("pack", "issue") for ``quantity`` of the one reservation of ``requisition``."""
    requisition.refresh_from_db()
    row = Allocation.objects.get(grant__line__requisition=requisition)
    fields = {"version": requisition.version, f"allocation-{row.pk}": str(quantity), button: "1"}
    press(client, url("desk_issue", requisition.pk), **fields)


def deactivate(client: Client, person: User) -> str:
    """What the administrator reads when he lets ``person`` go."""
    data = {"action": "deactivate", "confirmed": "1", "_selected_action": str(person.pk), "reason": "Leaves"}
    page = client.post("/admin/workorders/user/", data, follow=True)
    person.refresh_from_db()
    return page.content.decode()
