"""Every component in every state, on one page for those who build pages. 404 unless DEBUG is on."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.shared.models import AuditEvent
from config.shared.templatetags.face import badge

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@cache
def icon_names() -> list[str]:
    """The names in the sprite, in its order."""
    sprite = Path(settings.BASE_DIR / "static" / "icons.svg").read_text(encoding="utf-8")
    return re.findall(r'<symbol id="([^"]+)"', sprite)


class SampleForm(forms.Form):
    """One field of each kind."""

    number = forms.CharField(label="Part number", help_text="As printed on the label.", max_length=40)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    warehouse = forms.ChoiceField(label="Hand in at", choices=[("v", "Vienna depot"), ("l", "Linz depot")])
    needed_on = forms.DateField(label="Needed by", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    quantity = forms.IntegerField(
        label="Quantity",
        min_value=0,
        max_value=6,
        help_text="You hold 6.",
        widget=forms.NumberInput(attrs={"data-stepper": ""}),
    )
    old_part = forms.ChoiceField(
        label="Old part taken out?",
        choices=[("return", "Yes, return it"), ("site", "Left on site"), ("none", "None")],
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    zone = forms.ChoiceField(
        label="How it gets to you", choices=[("pick", "Pick up"), ("ship", "Ship to site")], widget=forms.RadioSelect
    )
    photo = forms.FileField(label="Photo", required=False)
    in_warranty = forms.BooleanField(label="The machine is in warranty", required=False)


class SampleFilter(django_filters.FilterSet):
    """A filter bar without a database."""

    q = django_filters.CharFilter(label="Number or name")
    state = django_filters.ChoiceFilter(
        label="State", choices=[("new", "New"), ("done", "Completed")], empty_label="All states"
    )
    since = django_filters.DateFilter(label="Since", widget=forms.DateInput(attrs={"type": "date"}))


class SampleTable(tables.Table):
    """Desk table, phone cards."""

    pick = tables.Column(verbose_name="Select", orderable=False, attrs={"td": {"class": "cell-desk"}})
    number = tables.Column(verbose_name="Request", attrs={"td": {"class": "cell-title"}})
    engineer = tables.Column(verbose_name="Engineer")
    job = tables.Column(verbose_name="For", orderable=False)
    lines = tables.Column(verbose_name="Lines", attrs={"td": {"class": "num"}})
    state = tables.Column(verbose_name="State")

    def render_pick(self, record: dict[str, Any]) -> SafeString:
        return format_html('<input type="checkbox" aria-label="Select {}">', record["number"])

    def render_number(self, value: str) -> SafeString:
        return format_html('<a href="#{}">{}</a>', value, value)

    def render_state(self, value: tuple[str, str]) -> str:
        return render_to_string("components/badge.html", badge(*value))


REQUESTS = [
    ("RQ-002043", "Jana Novak", "WO-10411, today 13:00", 3, ("Urgent", "bad")),
    ("RQ-002042", "Tom Berger", "Van stock", 5, ("New", "neutral")),
    ("RQ-002040", "Aisha Khan", "WO-10399, tomorrow", 1, ("1 short", "warn")),
    ("RQ-002038", "陈伟", "WO-10390,周四", 2, ("已完成", "good")),
]
NAV = [
    ("My parts", "box", True),
    ("Jobs", "tools", True),
    ("Scan", "scan", True),
    ("Requests", "cart-in", True),
    ("Returns", "return", True),
    ("Customers", "building", False),
]
SUGGESTIONS = [
    {"id": 1, "number": "VLV-SOL-24V", "name": "Solenoid valve 24 V", "unit": "piece"},
    {"id": 2, "number": "BRG-6204-2RS", "name": "Bearing 6204 2RS", "unit": "piece"},
    {"id": 1003, "number": "SNS-PT100-A", "name": "温度传感器 PT100", "unit": "piece"},
]
STEPS = [
    {"label": "Asked", "state": "done"},
    {"label": "Approved", "state": "done"},
    {"label": "Packed", "state": "current", "note": "today 13:00"},
    {"label": "At counter", "state": "todo"},
    {"label": "With you", "state": "todo"},
]
TABS = [
    {"label": "Today", "url": "#today", "is_current": True, "count": 3},
    {"label": "Next", "url": "#next", "count": 12},
    {"label": "Done", "url": "#done", "count": None},
]
EVENTS = [
    ("Parts recorded", "Jana Novak", "good", "check", "2 × BRG-6204-2RS, 1 × VLV-SOL-24V"),
    ("Work held", "Jana Novak", "warn", "pause", "Waiting for the customer's key."),
    ("Assigned", "Eva Lang", "", "user", ""),
]
FACTS = [
    {"label": "Customer", "value": "Hotel Aurora", "url": "#customer"},
    {"label": "Equipment", "value": "Chiller 3, serial 77-0031"},
    {"label": "Warranty until", "value": "4 March 2027"},
]
ROWS = [
    ("BRG-6204-2RS", "Bearing 6204 2RS", "× 6", "Held 3 days", "neutral"),
    ("PCB-4471-R2", "Main control board, rev 2", "× 2", "11 days late", "bad"),
    ("FAN-120-S", "排气扇 120 毫米", "× 4", "Due in 2 days", "warn"),
]
BARS = [
    {"label": "VLV-SOL-24V", "value": 41, "url": "#vlv"},
    {"label": "BRG-6204-2RS", "value": 26},
    {"label": "温度传感器 PT100", "value": 9},
]
AGES = [("up to 14 d", "good"), ("15 to 30 d", "warn"), ("over 30 d", "bad")]
HELD = {"Novak": (6, 4, 1), "Khan": (3, 6, 5), "Weiss": (2, 2, 7)}
NEXT_STEPS = ["The equipment list of Chiller 3 now shows the new parts.", "You can undo this until 12:10."]
PERSONAS = [
    {"key": "jana", "name": "Jana Novak", "role": "Engineer"},
    {"key": "chen", "name": "陈伟", "role": "服务工程师"},
]


def sample_table() -> SampleTable:
    names = ("number", "engineer", "job", "lines", "state")
    rows = [{"pick": True, **dict(zip(names, values, strict=True))} for values in REQUESTS]
    table = SampleTable(rows, order_by="number")
    table.paginate(per_page=3)
    return table


def aged(label: str, values: tuple[int, ...]) -> dict[str, Any]:
    parts = [{"label": age, "tone": tone, "value": value} for (age, tone), value in zip(AGES, values, strict=True)]
    return {"label": label, "display": sum(values), "parts": parts}


def sample_forms() -> dict[str, SampleForm]:
    bad = SampleForm({"number": "", "quantity": "8", "old_part": ""}, prefix="bad")
    bad.is_valid()
    good = SampleForm(initial={"number": "BRG-6204-2RS", "quantity": 2, "old_part": "return", "zone": "pick"})
    return {"sample_form": good, "bad_form": bad}


def sample_lists(request: HttpRequest) -> dict[str, Any]:
    return {
        "filter": SampleFilter(request.GET, queryset=AuditEvent.objects.none()),
        "table": sample_table(),
        "empty_table": SampleTable([], empty_text="No requests yet."),
        "tabs": TABS,
        "rows": [
            {"title": title, "url": f"#{title}", "text": text, "end": end, "badge": words, "tone": tone}
            for title, text, end, words, tone in ROWS
        ],
        "bars": BARS,
        "aged": [aged(name, values) for name, values in HELD.items()],
    }


def sample_context(request: HttpRequest) -> dict[str, Any]:
    nav = [
        {"label": label, "url": f"#{icon}", "icon": icon, "on_phone": on_phone, "is_current": icon == "box"}
        for label, icon, on_phone in NAV
    ]
    events = [
        {"title": title, "at": NOON, "by": by, "tone": tone, "icon": icon, "text": text}
        for title, by, tone, icon, text in EVENTS
    ]
    fixed = {"suggestions": SUGGESTIONS, "steps": STEPS, "facts": FACTS, "next_steps": NEXT_STEPS, "personas": PERSONAS}
    return {"nav": nav, "icons": icon_names(), "events": events, **fixed, **sample_forms(), **sample_lists(request)}


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show all components; nothing on it is real."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "styleguide/index.html", sample_context(request))
