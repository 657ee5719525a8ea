"""Presentation tags: icons, badges, charts. They only draw; they decide nothing and ask the database nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

from django import forms, template
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import formats
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()

TONES = {"neutral", "info", "good", "warn", "bad"}
TONE_OF_LEVEL = {"success": "good", "warning": "warn", "error": "bad"}
ICON_OF_TONE = {"good": "check-fill", "warn": "alert", "bad": "alert-fill", "info": "info"}
POINTS_INLINE = {"return", "chevron-left", "chevron-right", "sign-out", "undo", "truck", "list"}


def file_url(path: str) -> str:
    """The address of a static file; the plain one when the manifest is missing, so that error pages still draw."""
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


@register.simple_tag
def static_or_plain(path: str) -> str:
    return file_url(path)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Icon ``name`` of static/icons.svg; ``size`` is "", "s" or "l". Without ``label`` it is only decoration."""
    if not name:
        return mark_safe("")
    classes = "icon" + (f" icon-{size}" if size else "") + (" icon-flip" if name in POINTS_INLINE else "")
    meaning: SafeString = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"></use></svg>', classes, meaning, file_url("icons.svg"), name
    )


@register.inclusion_tag("components/badge.html")
def badge(text: object, tone: str = "neutral", icon: str | None = None) -> dict[str, object]:
    """A short state in words, tone and icon; ``icon=""`` leaves the icon out, None takes the tone's own."""
    chosen = ICON_OF_TONE.get(tone, "") if icon is None else icon
    return {"text": text, "tone": tone if tone in TONES else "neutral", "icon": chosen}


@register.filter
def drawn_rows(table: Any) -> Iterator[list[tuple[str, str, object]]]:
    """The rows of a table's page as class, label and content of each cell; a column is asked once, not per row."""
    heads = [(each.name, each.attrs["td"].get("class", ""), strip_tags(str(each.header))) for each in table.columns]
    for row in table.paginated_rows:
        yield [(css, label, row.get_cell(name)) for name, css, label in heads]


@register.filter
def tone_of_level(level: str) -> str:
    """The tone of a Django message level."""
    return TONE_OF_LEVEL.get(level, "info")


@register.filter
def icon_of_tone(tone: str) -> str:
    return ICON_OF_TONE.get(tone, "info")


@register.filter
def initials(name: object) -> str:
    """JN for Jana Novak; the first two characters of a Chinese name; ? for nobody."""
    words = str(name or "").split()
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper() if words[0].isascii() else words[0][:2]
    return (words[0][0] + words[-1][0]).upper()


@register.filter
def on_phone(items: Iterable[Any] | None) -> list[Any]:
    """The navigation items of the bottom bar, five at most."""
    return [item for item in items or [] if _flag(item, "on_phone")][:5]


@register.filter
def off_phone(items: Iterable[Any] | None) -> list[Any]:
    """The navigation items that only the menu shows on a phone."""
    everything = list(items or [])
    shown = on_phone(everything)
    return [item for item in everything if item not in shown]


def _flag(item: Any, name: str) -> bool:
    return bool(item.get(name) if isinstance(item, Mapping) else getattr(item, name, False))


@register.filter
def has_errors(form: Any) -> bool:
    """Whether a form or a formset was refused; a formset's ``errors`` is never empty, so it is asked its count."""
    if not form:
        return False
    if hasattr(form, "total_error_count"):
        return bool(form.is_bound and form.total_error_count())
    return bool(getattr(form, "errors", None))


@register.filter
def error_links(form: Any) -> list[dict[str, str]]:
    """Every error of a form or formset as ``text`` and the ``target`` id of its field ("" for the whole form)."""
    if not has_errors(form):
        return []
    if hasattr(form, "total_error_count"):
        lines = [link for each in form.forms for link in error_links(each)]
        return [{"text": str(text), "target": ""} for text in form.non_form_errors()] + lines
    links = [{"text": text, "target": ""} for text in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or field.auto_id
        links += [{"text": text, "target": target} for text in field_errors(field)]
    return links


@register.filter
def field_errors(field: Any) -> list[str]:
    """A field's errors in the words both its place and the summary show.

    General sentences such as "This field is required." get the field's name, since the summary stands far from it;
    sentences of our own forms and of the domain (added without a code) already name what they mean.
    """
    return [_named(field, text, error.code) for text, error in zip(field.errors, field.errors.as_data(), strict=True)]


def _named(field: Any, text: str, code: str | None) -> str:
    if not code or not field.label:
        return text
    return _("%(field)s: %(problem)s") % {"field": str(field.label).rstrip("?？:："), "problem": text}


SEARCH = "q"


@register.filter
def more_filters(form: Any) -> list[Any]:
    """The fields of a filter form beside its search."""
    return [field for field in form.visible_fields() if field.name != SEARCH]


@register.filter
def more_filters_refused(form: Any) -> bool:
    return bool(set(form.errors) - {SEARCH})


@register.simple_tag(takes_context=True)
def active_filters(context: Mapping[str, Any], form: Any) -> list[dict[str, str]]:
    """What a list is narrowed by beside its search: ``label`` and ``text`` in words, ``url`` without it."""
    if not form.is_bound or not form.is_valid():
        return []
    chosen = [field for field in more_filters(form) if field.name in form.changed_data]
    return [
        {"label": str(field.label), "text": _in_words(field), "url": _without(context["request"], field.name)}
        for field in chosen
    ]


def _in_words(field: Any) -> str:
    value = field.form.cleaned_data[field.name]
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(field.field, forms.ModelChoiceField) or not hasattr(field.field, "choices"):
        return str(value)
    return str(dict(field.field.choices).get(str(value), value))


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for each in (name, "page"):
        query.pop(each, None)
    return f"?{query.urlencode()}"


@register.filter
def is_checkbox(field: Any) -> bool:
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(
    title: object,
    rows: Sequence[Mapping[str, Any]],
    desc: object = "",
    label_head: object = "",
    value_head: object = "",
) -> dict[str, object]:
    """Horizontal bars from ``rows``: dicts with ``label``, ``value`` (a number), and optional ``display``, ``url``.

    Instead of ``value`` a row may have ``parts``, a list of dicts with ``value``, ``tone``, ``label``. All geometry
    is in per cent and decided here, so that the text keeps its size on every screen and no inline style is needed.
    """
    top = max((_total(row) for row in rows), default=0) or 1
    drawn = [_bar(row, index, top) for index, row in enumerate(rows)]
    legend = {part["label"]: part.get("tone", "info") for row in rows for part in row.get("parts", ())}
    return {
        "title": title,
        "desc": desc,
        "bars": drawn,
        "height": f"{len(drawn) * ROW_HEIGHT:g}em",
        "label_head": label_head,
        "value_head": value_head,
        "legend": [{"label": label, "tone": tone} for label, tone in legend.items()],
        "key": f"chart-{abs(hash((str(title), len(drawn)))) % 10**8}",
    }


ROW_HEIGHT = 3  # em, as everything upright in the chart: it grows with the text
LABEL_WIDTH = 32  # Latin letters a phone shows beside the figure; the table below has the whole name


def _shortened(label: str) -> str:
    """What fits, with an ellipsis where something is left out; a Chinese letter is as wide as two Latin ones."""
    ends = list(accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in label))
    if not ends or ends[-1] <= LABEL_WIDTH:
        return label
    return label[: sum(end < LABEL_WIDTH for end in ends)].rstrip() + "…"


def _total(row: Mapping[str, Any]) -> float:
    if row.get("parts"):
        return float(sum(float(part["value"]) for part in row["parts"]))
    return max(float(row["value"]), 0.0)


def _bar(row: Mapping[str, Any], index: int, top: float) -> dict[str, object]:
    total = _total(row)
    parts = row.get("parts") or [{"value": total, "tone": row.get("tone", "info")}]
    segments, start = [], 0.0
    for part in parts:
        width = 100 * max(float(part["value"]), 0.0) / top
        segments.append({"x": f"{start:.3f}%", "width": f"{width:.3f}%", "tone": part.get("tone", "info")})
        start += width
    return {
        "label": row["label"],
        "short": _shortened(str(row["label"])),
        "display": row.get("display", row.get("value", total)),
        "url": row.get("url", ""),
        "text_y": f"{index * ROW_HEIGHT + 1.1:g}em",
        "bar_y": f"{index * ROW_HEIGHT + 1.65:g}em",
        "segments": segments,
        "parts": row.get("parts", ()),
    }
