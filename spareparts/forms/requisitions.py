"""The forms of requests: what is asked for and how it gets there, what is granted, and why not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Part, Warehouse
from spareparts.domain.consumption import LineProblem
from spareparts.domain.requisitions import AskedLine, GrantedPart
from spareparts.enums import Feature, Permission, ReceivingMethod
from spareparts.forms.lines import (
    PartLineForm,
    PartLineFormSet,
    QuantityRefused,
    is_zero,
    lines_factory,
    parse_quantity,
)
from spareparts.models import Requisition, RequisitionLine
from spareparts.policies import ModePolicy
from spareparts.queries.asking import MOST_JOBS, open_jobs, open_warehouses
from spareparts.queries.use import crew
from workorders.forms import EngineerField, PlannedField
from workorders.models import User, WorkOrder
from workorders.queries import active_engineers

LONGEST_NOTE = 500
LONGEST_REASON = 200


class StartForm(forms.Form):
    """From where the request page was opened, out of its address; what is not visible does not exist."""

    work_order = forms.ModelChoiceField(queryset=WorkOrder.objects.none(), required=False)
    part = forms.ModelChoiceField(queryset=Part.objects.none(), required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        jobs = WorkOrder.objects.visible_to(by).open()
        self.fields["work_order"].queryset = jobs.select_related("equipment", "site", "lead")
        self.fields["part"].queryset = Part.objects.visible_to(by).select_related("unit", "superseded_by__unit")


class AskedLineForm(PartLineForm[AskedLine]):
    """One part asked for."""

    def read_line(self, part: Part, quantity: int, data: dict[str, Any]) -> None:
        self.line = AskedLine(part, quantity)


class BaseAskedFormSet(PartLineFormSet[AskedLine]):
    """All lines of one request."""

    nothing = gettext_lazy("Add at least one part and say how many you need.")


AskedFormSet = lines_factory(AskedLineForm, BaseAskedFormSet)


class OneOrNoneField(forms.ModelChoiceField):
    """The first choice stands for none and is as good an answer as the others, so the field is not called optional."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.required = True

    def clean(self, value: Any) -> Any:
        return None if value in self.empty_values else super().clean(value)


class JobField(OneOrNoneField):
    """A job with its customer, so that nobody must know numbers by heart."""

    def label_from_instance(self, job: WorkOrder) -> str:
        return f"{job} – {job.customer}"


class RequestForm(forms.Form):
    """For whom and what, and how it gets there. Only what the mode and the person have a choice of is asked."""

    use_required_attribute = False

    engineer = EngineerField(queryset=User.objects.none(), label=gettext_lazy("Engineer"), empty_label=None)
    work_order = JobField(
        queryset=WorkOrder.objects.none(),
        label=gettext_lazy("For"),
        empty_label=gettext_lazy("Van stock"),
    )
    needed_at = PlannedField(label=gettext_lazy("Needed by"), required=False)
    receiving_method = forms.ChoiceField(
        label=gettext_lazy("Get it"),
        choices=ReceivingMethod.choices,
        initial=ReceivingMethod.PICK_UP,
        widget=forms.RadioSelect(attrs={"data-method": ""}),
    )
    destination = OneOrNoneField(
        queryset=Warehouse.objects.none(),
        label=gettext_lazy("Ship to"),
        empty_label=gettext_lazy("Choose a warehouse"),
    )
    is_for_branch = forms.BooleanField(label=gettext_lazy("For the shelf of that warehouse"), required=False)
    warehouse = OneOrNoneField(
        queryset=Warehouse.objects.none(),
        label=gettext_lazy("From"),
        empty_label=gettext_lazy("The warehouse that serves the engineer"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=LONGEST_NOTE, widget=forms.TextInput()
    )

    def __init__(
        self,
        *args: Any,
        by: User,
        now: datetime,
        policy: ModePolicy,
        job: WorkOrder | None,
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self._offer_people(by, job, is_draft=is_draft)
        self._offer_jobs(by, job, now)
        if not policy.has(Feature.WAREHOUSE_STOCK):
            del self.fields["warehouse"]
        else:
            self.fields["warehouse"].queryset = open_warehouses()
        if policy.has(Feature.SHIPMENT):
            self._offer_shipping(by)
        else:
            for name in ("receiving_method", "destination", "is_for_branch"):
                del self.fields[name]

    def _offer_people(self, by: User, job: WorkOrder | None, *, is_draft: bool) -> None:
        if is_draft or not by.has_perm(Permission.REQUEST_FOR_OTHERS):
            del self.fields["engineer"]
            return
        people = crew(job).filter(is_active=True) if job is not None else active_engineers()
        self.fields["engineer"].queryset = people.select_related("team")
        first = job.lead_id if job is not None else by.pk
        self.initial = {"engineer": first, **self.initial}

    def _offer_jobs(self, by: User, job: WorkOrder | None, now: datetime) -> None:
        """The job it was opened from; else the person's own open jobs."""
        field = self.fields["work_order"]
        if job is not None:
            field.widget = forms.RadioSelect(attrs={"class": "segmented"})
            field.queryset = WorkOrder.objects.filter(pk=job.pk).select_related("customer")
            is_to_come = job.planned_at is not None and job.planned_at > now
            needed_at = job.planned_at if is_to_come else None
            self.initial = {"work_order": job.pk, "needed_at": needed_at, **self.initial}
            return
        jobs = open_jobs(by) if by.is_engineer else WorkOrder.objects.none()
        field.queryset = jobs
        offered = [(each.pk, field.label_from_instance(each)) for each in jobs[:MOST_JOBS]]
        field.choices = [("", field.empty_label), *offered]
        if not offered:
            del self.fields["work_order"]

    def _offer_shipping(self, by: User) -> None:
        self.fields["destination"].queryset = open_warehouses()
        if "work_order" not in self.fields:
            method = self.fields["receiving_method"]
            method.choices = [choice for choice in method.choices if choice[0] != ReceivingMethod.TO_SITE]
        if not by.has_perm(Permission.REQUEST_FOR_OTHERS):
            del self.fields["is_for_branch"]

    @property
    def who(self) -> User:
        """Who will hold the parts."""
        return self.cleaned_data.get("engineer") or self.by

    @property
    def facts(self) -> dict[str, Any]:
        """What the domain is told beside the lines; fields of another method are not meant."""
        data = self.cleaned_data
        method = data.get("receiving_method") or ReceivingMethod.PICK_UP
        to_warehouse = method == ReceivingMethod.TO_WAREHOUSE
        job = data.get("work_order")
        return {
            "work_order": job,
            "receiving_method": method,
            "destination": data.get("destination") if to_warehouse else None,
            "is_for_branch": bool(to_warehouse and data.get("is_for_branch")),
            "needed_at": data.get("needed_at"),
            "note": data.get("note", ""),
            "warehouse": data.get("warehouse"),
        }


def facts_of(requisition: Requisition) -> dict[str, Any]:
    """What the form starts with when a draft is edited."""
    return {
        "engineer": requisition.engineer_id,
        "work_order": requisition.work_order_id,
        "needed_at": requisition.needed_at,
        "receiving_method": requisition.receiving_method,
        "destination": requisition.destination_id,
        "is_for_branch": requisition.is_for_branch,
        "warehouse": requisition.warehouse_id,
        "note": requisition.note,
    }


class GrantForm(forms.Form):
    """What is granted for one line: all of it, fewer, a substitute, or nothing. ``grants`` is for the domain."""

    use_required_attribute = False

    quantity = forms.CharField(required=False, max_length=20)
    substitute = forms.ChoiceField(required=False)
    substitute_quantity = forms.CharField(required=False, max_length=20)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)

    def __init__(self, data: Mapping[str, Any], *, line: RequisitionLine, stand_ins: Mapping[str, Part]) -> None:
        super().__init__(data, prefix=f"line-{line.pk}")
        self.asked, self.stand_ins = line, stand_ins
        self.fields["substitute"].choices = [("", ""), *((key, part.number) for key, part in stand_ins.items())]
        self.grants: list[GrantedPart] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        granted = self._read("quantity", self.asked.part)
        substitute = self.stand_ins.get(data["substitute"])
        other = self._read("substitute_quantity", substitute or self.asked.part)
        if other and substitute is None:
            self._blame("substitute", _("Say which part goes instead."))
        if not self.errors:
            reason = "" if granted == self.asked.quantity and not other else data["reason"]
            self.grants = [GrantedPart(self.asked, self.asked.part, granted, reason)]
            if substitute is not None and other:
                self.grants.append(GrantedPart(self.asked, substitute, other, reason))
        return data

    def _read(self, field: str, part: Part) -> int:
        text = self.cleaned_data[field]
        if is_zero(text):
            return 0
        try:
            return parse_quantity(text, part.unit)
        except QuantityRefused as error:
            self._blame(field, str(error))
            return 0

    def _blame(self, field: str, words: str) -> None:
        self.add_error(field, _("%(part)s: %(problem)s") % {"part": self.asked.part.number, "problem": words})


class GrantForms:
    """The grants of all lines, one form each; to a template it is a formset."""

    is_bound = True

    def __init__(self, data: Mapping[str, Any], *, asked: Mapping[RequisitionLine, Sequence[Part]]) -> None:
        """``asked``: each line with the parts that may be granted instead."""
        self.others: list[str] = []
        self.forms = [
            GrantForm(data, line=line, stand_ins={str(part.pk): part for part in parts})
            for line, parts in asked.items()
        ]

    def is_valid(self) -> bool:
        return not self.total_error_count()

    def total_error_count(self) -> int:
        return sum(len(form.errors) for form in self.forms) + len(self.others)

    def non_form_errors(self) -> list[str]:
        return self.others

    @property
    def grants(self) -> list[GrantedPart]:
        return [grant for form in self.forms for grant in form.grants]

    def add_problems(self, problems: Iterable[LineProblem]) -> None:
        """Put what the domain refused at the lines it came from; ``index`` counts the grants."""
        owners = [(form, grant) for form in self.forms for grant in form.grants]
        for problem in problems:
            if problem.index >= len(owners):
                self.others.append(problem.message)
                continue
            form, grant = owners[problem.index]
            is_substitute = grant.part.pk != form.asked.part_id
            names = {"part": "substitute", "quantity": "substitute_quantity"} if is_substitute else {"part": "quantity"}
            form.add_error(names.get(problem.field, problem.field), problem.message)


class ConfirmForm(forms.Form):
    """Nothing to type."""

    def __init__(self, *args: Any, requisition: Requisition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requisition = requisition

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ShownForm(forms.Form):
    """Which of the own requests the page shows; anything else in the address means those under way."""

    show = forms.ChoiceField(required=False, choices=[("open", ""), ("done", "")])

    @property
    def chosen(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("show") or "open"


class WhyForm(ConfirmForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )


class ForwardForm(WhyForm):
    warehouse = forms.ModelChoiceField(
        queryset=Warehouse.objects.none(),
        label=gettext_lazy("Warehouse"),
        empty_label=gettext_lazy("Choose a warehouse"),
    )
    field_order = ("warehouse", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse"].queryset = open_warehouses().exclude(pk=self.requisition.warehouse_id or 0)
