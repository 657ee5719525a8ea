"""Forms of work orders: they read what was typed; whether it may be, the domain says."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.shared.text import validate_one_line
from workorders import queries
from workorders.enums import Priority, WorkOrderType
from workorders.models import Customer, Equipment, Site, User, WorkOrder

YEARS = range(2000, 2101)
LONGEST_TEXT = 4000


class PlannedField(forms.DateTimeField):
    """Date and time in the person's zone, within the years a job can be planned for."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"label": _("Planned for"), "widget": widget, **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        typed = super().to_python(value)
        if typed is not None and typed.year not in YEARS:
            raise ValidationError(_("Choose a day between 2000 and 2100."))
        return typed


class DayField(forms.DateField):
    """A day within the years a job can be planned for."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if typed is not None and typed.year not in YEARS:
            raise ValidationError(_("Choose a day between 2000 and 2100."))
        return typed


class EngineerLabel:
    """Engineers are listed with their team."""

    def label_from_instance(self, engineer: User) -> str:
        return f"{engineer.name} – {engineer.team}" if engineer.team else engineer.name


class EngineerField(EngineerLabel, forms.ModelChoiceField):
    pass


class EngineersField(EngineerLabel, forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class EquipmentField(forms.ModelChoiceField):
    def label_from_instance(self, equipment: Equipment) -> str:
        return f"{equipment.name} ({equipment.serial}) – {equipment.site}"


class VersionedForm(forms.Form):
    """Carries the version that was on the screen, so that nobody overwrites what he has not seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: QueryDict | None = None, *, work_order: WorkOrder, **kwargs: Any) -> None:
        self.work_order = work_order
        initial = {"version": work_order.version, **self.present(work_order), **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)

    def present(self, work_order: WorkOrder) -> dict[str, Any]:
        """What the fields show first."""
        return {}

    def as_seen(self) -> WorkOrder:
        """The work order as the person saw it: an older version is refused by the domain."""
        seen = self.cleaned_data.get("version")
        if seen is not None:
            self.work_order.version = seen
        return self.work_order

    def look_again(self) -> None:
        """After a refusal the next press is meant for what is there now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(self.work_order.version)
        self.data = data

    @property
    def facts(self) -> dict[str, Any]:
        """What the domain verb gets."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class PlanForm(VersionedForm):
    planned_at = PlannedField(required=False, help_text=_("Empty: without a time."))

    def present(self, work_order: WorkOrder) -> dict[str, Any]:
        return {"planned_at": work_order.planned_at}


class AssignForm(VersionedForm):
    lead = EngineerField(queryset=User.objects.none(), label=_("Lead engineer"), empty_label=_("Choose an engineer"))
    planned_at = PlannedField(required=False, help_text=_("Empty: without a time."))
    helpers = EngineersField(queryset=User.objects.none(), label=_("Helpers"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        engineers = queries.active_engineers()
        self.fields["lead"].queryset = engineers  # type: ignore[attr-defined]
        self.fields["helpers"].queryset = engineers  # type: ignore[attr-defined]

    def present(self, work_order: WorkOrder) -> dict[str, Any]:
        return {
            "lead": work_order.lead_id,
            "planned_at": work_order.planned_at,
            "helpers": [helper.pk for helper in work_order.helpers.all()],
        }


class ReasonForm(VersionedForm):
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))


class ReopenForm(ReasonForm):
    lead = EngineerField(queryset=User.objects.none(), label=_("Lead engineer"), empty_label=_("Choose an engineer"))
    planned_at = PlannedField(required=False, help_text=_("Empty: without a time."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = queries.active_engineers()  # type: ignore[attr-defined]

    def present(self, work_order: WorkOrder) -> dict[str, Any]:
        return {"lead": work_order.lead_id}


class ConfirmForm(VersionedForm):
    """Nothing to type."""


class StartNewForm(forms.Form):
    """For whom a new work order is, from the address of the page; what is not visible does not exist."""

    customer = forms.ModelChoiceField(queryset=Customer.objects.none(), required=False)
    equipment = forms.ModelChoiceField(queryset=Equipment.objects.none(), required=False)
    q = forms.CharField(required=False, max_length=100, label=_("Customer"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)  # type: ignore[attr-defined]
        machines = Equipment.objects.visible_to(user).select_related("site__customer")
        self.fields["equipment"].queryset = machines  # type: ignore[attr-defined]


class WhatForm(forms.Form):
    """What the job is about: shared by a new work order and a change."""

    type = forms.ChoiceField(label=_("Type"), choices=WorkOrderType.choices, initial=WorkOrderType.REPAIR)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    equipment = EquipmentField(
        queryset=Equipment.objects.none(), label=_("Equipment"), required=False, empty_label=_("No machine named")
    )
    site = forms.ModelChoiceField(queryset=Site.objects.none(), label=_("Site"), empty_label=_("Choose a site"))
    description = forms.CharField(
        label=_("Description"),
        help_text=_("What is wrong, what is to be done, what to bring."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def offer_places_of(self, customer: Customer, user: User) -> None:
        sites = Site.objects.visible_to(user).filter(customer=customer)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        machines = Equipment.objects.visible_to(user).filter(site__customer=customer).select_related("site")
        self.fields["equipment"].queryset = machines.order_by("name", "serial")  # type: ignore[attr-defined]


class NewWorkOrderForm(WhatForm):
    number = forms.CharField(
        label=_("Number"),
        help_text=_("Empty: we give one."),
        required=False,
        max_length=30,
        validators=[validate_one_line],
    )
    lead = EngineerField(
        queryset=User.objects.none(), label=_("Lead engineer"), required=False, empty_label=_("Not yet")
    )
    planned_at = PlannedField(required=False)

    field_order = ("site", "equipment", "type", "priority", "description", "lead", "planned_at", "number")

    def __init__(self, *args: Any, customer: Customer, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places_of(customer, user)
        self.fields["lead"].queryset = queries.active_engineers()  # type: ignore[attr-defined]


class EditWorkOrderForm(VersionedForm, WhatForm):
    field_order = ("site", "equipment", "type", "priority", "description")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places_of(self.work_order.customer, user)

    def present(self, work_order: WorkOrder) -> dict[str, Any]:
        return {
            "type": work_order.type,
            "priority": work_order.priority,
            "site": work_order.site_id,
            "equipment": work_order.equipment_id,
            "description": work_order.description,
        }


class DispatchForm(forms.Form):
    """Which day and which unassigned job the dispatch page shows."""

    day = DayField(label=_("Day"), required=False)
    order = forms.ModelChoiceField(queryset=WorkOrder.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, is_sent: bool = False, **kwargs: Any) -> None:
        """``is_sent``: a form comes back, whose job may have an engineer by now; the domain then says so."""
        super().__init__(*args, **kwargs)
        all_jobs = queries.with_places(WorkOrder.objects.visible_to(user))
        self.fields["order"].queryset = all_jobs if is_sent else queries.unassigned(user)  # type: ignore[attr-defined]

    @property
    def chosen_day(self) -> date:
        """Today where the person is, unless another day is asked for."""
        return self.cleaned_data.get("day") or timezone.localdate()


class JobsForm(forms.Form):
    """Which of my jobs the page shows; anything else in the address means today."""

    show = forms.ChoiceField(required=False, choices=[("today", ""), ("next", ""), ("done", "")])

    @property
    def chosen(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("show") or "today"
