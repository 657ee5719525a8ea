"""What goes back: ticked rows with a number each, where and how."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.shared.text import validate_one_line
from inventory.enums import Condition
from inventory.models import Warehouse
from spareparts.domain.returns import ReturnedPart
from spareparts.domain.returns.preparing import MOST_LINES
from spareparts.domain.returns.problems import ReturnProblem
from spareparts.enums import Disposition, ReturnMethod
from spareparts.forms.check_in import usual_disposition
from spareparts.forms.lines import QuantityRefused, is_zero, parse_quantity, step_of, typed_quantity
from spareparts.queries.holdings import pieces
from spareparts.queries.returns import Proposed, usual_warehouse
from workorders.models import User

TICK, QUANTITY, DISPOSITION, LOT = "tick", "quantity", "disposition", "lot"
REMOVED = gettext_lazy("Some of the parts are no longer with you. Look again before you go on.")


@dataclass(frozen=True)
class RowView:
    """One row of the page: what is proposed, and the fields that answer."""

    row: Proposed
    quantity: forms.BoundField
    tick: forms.BoundField | None = None
    disposition: forms.BoundField | None = None
    lot: forms.BoundField | None = None

    @property
    def step(self) -> str:
        return step_of(self.row.part.unit)

    @property
    def most(self) -> str:
        return typed_quantity(self.row.held, self.row.part.unit)

    @property
    def is_whole(self) -> bool:
        """Only as a whole: an old part that is owed, or the one piece there is."""
        return self.row.debt is not None or self.row.held == 1

    @property
    def counts(self) -> str:
        """How the button counts it: by number, or as one thing."""
        return "pieces" if self.row.part.unit.decimal_places == 0 else "one"

    @property
    def is_ticked(self) -> bool:
        return self.tick is not None and bool(self.tick.value())


class RowsForm(forms.Form):
    """A number for each row, and a tick where rows are proposed; ``parts`` is what the domain gets."""

    nothing = gettext_lazy("Tick at least one part and say how many go back.")
    has_ticks = True

    def __init__(
        self, *args: Any, rows: Sequence[Proposed], ticked: Iterable[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = set(ticked if ticked is not None else [row.key for row in rows if row.is_due][:MOST_LINES])
        self.rows = {row.key: row for row in rows}
        for row in rows:
            number = row.part.number
            start = typed_quantity(row.quantity, row.part.unit) if self.has_ticks else "0"
            if self.has_ticks:
                tick = forms.BooleanField(required=False, initial=row.key in chosen, label=number)
                self.fields[f"{row.key}-{TICK}"] = tick
            self.fields[f"{row.key}-{QUANTITY}"] = forms.CharField(
                required=False, max_length=20, initial=start, label=number
            )
            if row.needs_lot:
                words = _("Batch or serial number of %(part)s") % {"part": number}
                self.fields[f"{row.key}-{LOT}"] = forms.CharField(
                    required=False, max_length=60, label=words, validators=[validate_one_line]
                )
        self.parts: list[ReturnedPart] = []
        self.keys: list[str] = []

    def views(self, keys: Iterable[str]) -> list[RowView]:
        return [
            RowView(
                self.rows[key],
                self[f"{key}-{QUANTITY}"],
                *(self._named(key, name) for name in (TICK, DISPOSITION, LOT)),
            )
            for key in keys
        ]

    def _named(self, key: str, name: str) -> forms.BoundField | None:
        return self[f"{key}-{name}"] if f"{key}-{name}" in self.fields else None

    @property
    def unused(self) -> list[RowView]:
        return self.views(key for key, row in self.rows.items() if not row.is_old and not row.is_wanted)

    @property
    def old(self) -> list[RowView]:
        return self.views(key for key, row in self.rows.items() if row.is_old)

    @property
    def wanted(self) -> list[RowView]:
        return self.views(key for key, row in self.rows.items() if row.is_wanted and not row.is_old)

    @property
    def piece_count(self) -> int:
        """What the button says before anything is changed: the pieces of the ticked rows."""
        ticked = [view for view in self.views(self.rows) if view.is_ticked]
        return sum(pieces(view.row.quantity, view.row.part.unit.decimal_places) for view in ticked)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for key, row in self.rows.items():
            text = data.get(f"{key}-{QUANTITY}") or ""
            if data.get(f"{key}-{TICK}") if self.has_ticks else not is_zero(text):
                self._read(key, row, text)
        mark = f"-{TICK}" if self.has_ticks else f"-{QUANTITY}"
        if any(self._is_gone(name, mark) for name in self.data):
            self.add_error(None, REMOVED)
        elif not self.parts and not self.errors:
            self.add_error(None, self.nothing)
        return data

    def _is_gone(self, name: str, mark: str) -> bool:
        """The page showed this row, and the parts have left since."""
        is_chosen = self.has_ticks or not is_zero(self.data.get(name, ""))
        return name.endswith(mark) and name.removesuffix(mark) not in self.rows and is_chosen

    def _read(self, key: str, row: Proposed, text: str) -> None:
        try:
            quantity = parse_quantity(text, row.part.unit)
        except QuantityRefused as error:
            sentence = _("%(part)s: %(problem)s") % {"part": row.part.number, "problem": error}
            self.add_error(f"{key}-{QUANTITY}", sentence)
            return
        self.keys.append(key)
        facts = {"condition": row.condition, "lot": row.lot, "work_order": row.work_order, "debt": row.debt}
        code = self.cleaned_data.get(f"{key}-{LOT}") or ""
        self.parts.append(ReturnedPart(row.part, quantity, lot_code=code, **facts))

    def add_problems(self, problems: Iterable[ReturnProblem]) -> None:
        """Put what the domain refused at the rows it came from."""
        for problem in problems:
            field = f"{self.keys[problem.index]}-{QUANTITY}" if problem.index < len(self.keys) else None
            self.add_error(field, problem.message)


class ReturnForm(RowsForm):
    """The engineer's own: what, where and how. Without a desk there is nothing to choose."""

    warehouse = forms.ModelChoiceField(
        queryset=Warehouse.objects.none(), label=gettext_lazy("Hand in at"), empty_label=None
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=ReturnMethod.choices,
        initial=ReturnMethod.HAND_IN,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    carrier = forms.CharField(label=gettext_lazy("Carrier"), required=False, max_length=60)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), required=False, max_length=60)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, engineer: User, warehouses: QuerySet[Warehouse] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if warehouses is None:
            del self.fields["warehouse"]
            return
        field: Any = self.fields["warehouse"]
        field.queryset = warehouses
        field.initial = self.initial.get("warehouse") or usual_warehouse(engineer)

    def where(self) -> Iterator[forms.BoundField]:
        """Where and how: what stands below the rows."""
        return (self[name] for name in ("warehouse", "method") if name in self.fields)

    def details(self) -> list[forms.BoundField]:
        return [self[name] for name in ("carrier", "tracking_number", "note")]

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("method", "carrier", "tracking_number", "note")
        return {"parts": self.parts, "warehouse": data.get("warehouse")} | {name: data[name] for name in names}


class HandOverForm(forms.Form):
    """How it is sent; both may stay empty."""

    carrier = forms.CharField(label=gettext_lazy("Carrier"), required=False, max_length=60)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), required=False, max_length=60)


class PresetForm(forms.Form):
    """From the address: only these parts are ticked."""

    part = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    condition = forms.ChoiceField(required=False, choices=Condition.choices)
    lot = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def ticked(self, rows: Iterable[Proposed]) -> list[str] | None:
        """The keys of the rows that are meant; None without a part: what is due is ticked."""
        data = self.cleaned_data if self.is_valid() else {}
        if not data.get("part"):
            return None
        meant = (data["part"], data.get("condition") or Condition.NEW.value, data.get("lot"))
        return [row.key for row in rows if row.holding == meant]


class TakeBackForm(RowsForm):
    """At the counter: how many of what lie there, to which warehouse they come and where they go."""

    nothing = gettext_lazy("Say how many of which part lie on the counter.")
    has_ticks = False

    warehouse = forms.ModelChoiceField(
        queryset=Warehouse.objects.none(), label=gettext_lazy("Warehouse"), empty_label=None
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, warehouses: QuerySet[Warehouse] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if warehouses is None:
            del self.fields["warehouse"]
            return
        self.fields["warehouse"].queryset = warehouses  # type: ignore[attr-defined]
        for key, row in self.rows.items():
            self.fields[f"{key}-{DISPOSITION}"] = forms.ChoiceField(
                required=False,
                choices=Disposition.choices,
                initial=usual_disposition(row.debt),
                label=pgettext_lazy("disposition", "Goes to"),
                widget=forms.Select(attrs={"class": "auto"}),
            )

    @property
    def lines(self) -> list[RowView]:
        return self.views(self.rows)

    def where(self) -> list[forms.BoundField]:
        return [self[name] for name in ("warehouse", "note") if name in self.fields]

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        wanted = [data.get(f"{key}-{DISPOSITION}") or Disposition.SHELF.value for key in self.keys]
        facts = {"warehouse": data.get("warehouse"), "note": data.get("note") or ""}
        return {"parts": self.parts, "dispositions": wanted} | facts


class EngineerForm(forms.Form):
    """Whose parts lie on the counter."""

    engineer = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Engineer"), empty_label=gettext_lazy("Choose an engineer")
    )

    def __init__(self, *args: Any, engineers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["engineer"].queryset = engineers  # type: ignore[attr-defined]

    def chosen(self) -> User | None:
        return self.cleaned_data["engineer"] if self.is_valid() else None
