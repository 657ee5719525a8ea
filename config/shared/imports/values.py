"""How a cell becomes a value: text, number, yes or no, choice, date, or another record."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from config.shared.imports.files import Cell, Formula

BIGGEST = 10**15


class CellError(ValueError):
    """A cell that cannot be taken: what was expected in it, and what it holds."""

    def __init__(self, *, expected: str, got: object, field: str = "") -> None:
        self.expected = expected
        self.got = str(got)
        self.field = field
        super().__init__(expected)


class Value(Widget):
    """The common part: an empty cell is None, a formula is refused."""

    empty: Any = None

    def prepare(self, cells: Iterable[Cell], *, user: Any) -> None:
        """Look at the whole column before the first row is read."""

    def clean(self, value: Cell | None, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Formula):
            raise CellError(expected=_("a value, not a formula"), got=value)
        if value is None or value == "":
            return self.empty
        return self.read(value)

    def read(self, value: Cell) -> Any:
        raise NotImplementedError

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class Text(Value):
    """Plain text; an empty cell clears it where the record may be without."""

    def read(self, value: Cell) -> str:
        text = str(value).strip()
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise CellError(expected=_("readable text"), got=ascii(text))
        return text


class Number(Value):
    """A decimal number with at most ``places`` decimals, written 1234.50, 1,234.50, 1234,50 or 1.234,50."""

    def __init__(self, places: int = 2) -> None:
        super().__init__()
        self.places = places
        self.mark: str | None = None

    def prepare(self, cells: Iterable[Cell], *, user: Any) -> None:
        self.mark = decimal_mark(cell for cell in cells if isinstance(cell, str))

    def read(self, value: Cell) -> Decimal:
        if isinstance(value, bool | date):
            raise self.refusal(value)
        number = Decimal(value) if isinstance(value, int | Decimal) else parse_number(value, self.mark)
        if number is None or not number.is_finite() or abs(number) >= BIGGEST:
            raise self.refusal(value)
        if number != round(number, self.places):
            raise self.refusal(value)
        return round(number, self.places)

    def refusal(self, value: Cell) -> CellError:
        example = "1234" if self.places == 0 else "1234.50"
        words = {"example": example, "places": self.places}
        return CellError(
            expected=_("a number such as %(example)s, with at most %(places)d decimals") % words, got=value
        )


class Whole(Number):
    """A number without decimals."""

    def __init__(self) -> None:
        super().__init__(places=0)

    def read(self, value: Cell) -> int:  # type: ignore[override]
        return int(super().read(value))


_AMOUNT = re.compile(r"[-+]?\d[\d.,]*")
_EVIDENCE = re.compile(r"\D*\d[\d.,]*?([.,])(?:\d{1,2}|\d{4,})\D*")
_MONEY_SIGNS = re.compile(r"[\s'’€$£¥]|^[A-Z]{3}|[A-Z]{3}$")


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal sign a column uses, seen where there is no doubt (22,58); None when nothing or both are seen."""
    seen = {found.group(1) for text in texts if (found := _EVIDENCE.fullmatch(_plain(text)))}
    return seen.pop() if len(seen) == 1 else None


def _plain(text: str) -> str:
    return _MONEY_SIGNS.sub("", unicodedata.normalize("NFKC", text).strip())


def parse_number(text: str, mark: str | None = None) -> Decimal | None:
    """The number in ``text``, or None if it is none or could mean two (1,234 without other evidence)."""
    plain = _plain(text)
    if not _AMOUNT.fullmatch(plain) or len(plain) > 30:
        return None
    signs = [letter for letter in plain if letter in ".,"]
    if not signs:
        return Decimal(plain)
    decimal = signs[-1] if len(set(signs)) == 2 else _single_sign(plain, signs, mark)
    if decimal is None:
        return None
    whole, _sign, fraction = plain.rpartition(decimal) if decimal else (plain, "", "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (any(len(group) != 3 for group in groups[1:]) or not 1 <= len(groups[0].strip("+-")) <= 3):
        return None
    return Decimal(f"{''.join(groups)}.{fraction or '0'}")


def _single_sign(plain: str, signs: list[str], mark: str | None) -> str | None:
    """The decimal sign of a number with one kind of sign: "" if it only groups, None if in doubt."""
    if len(signs) > 1:
        return ""
    before, _sign, after = plain.partition(signs[0])
    if mark:
        return mark if mark == signs[0] else ""
    is_doubtful = len(after) == 3 and before.strip("+-0") != "" and len(before.strip("+-")) <= 3
    return None if is_doubtful else signs[0]


class YesNo(Value):
    """Yes or no in the languages people write it."""

    YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "wahr", "on", "是", "对", "√", "启用", "在用"})
    NO = frozenset({"no", "n", "false", "0", "nein", "falsch", "off", "-", "否", "不", "停用"})

    def read(self, value: Cell) -> bool:
        word = str(value).strip().casefold()
        if word in self.YES:
            return True
        if word in self.NO:
            return False
        raise CellError(expected=_("yes or no"), got=value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


class Choice(Value):
    """One of a fixed list, by its value or its name in any language; written out as its value."""

    def __init__(self, choices: type[Any]) -> None:
        super().__init__()
        self.choices = choices

    def prepare(self, cells: Iterable[Cell], *, user: Any) -> None:
        self.words = {str(value).casefold(): value for value in self.choices.values}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                self.words |= {str(label).casefold(): value for value, label in self.choices.choices}

    def read(self, value: Cell) -> Any:
        found = self.words.get(str(value).strip().casefold())
        if found is None:
            known = ", ".join(str(each) for each in self.choices.values)
            raise CellError(expected=_("one of %(known)s") % {"known": known}, got=value)
        return found


DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


class Day(Value):
    """A date: 2027-03-04, 4.3.2027, 2027/3/4 or a date cell; never 03/04/2027, which means two days."""

    def read(self, value: Cell) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = parse_day(str(value).strip())
        if found is None:
            raise CellError(expected=_("a date such as %(example)s") % {"example": "2027-03-04"}, got=value)
        return found


def parse_day(text: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    return None


class Moment(Value):
    """A date with a time, in the company's time zone; a date alone means the start of that day."""

    def read(self, value: Cell) -> datetime:
        if isinstance(value, datetime):
            return timezone.make_aware(value, timezone.get_default_timezone())
        day, _blank, clock = str(value).strip().replace("T", " ").partition(" ")
        found = value if isinstance(value, date) else parse_day(day)
        at = self._clock(clock.strip())
        if found is None or at is None:
            raise CellError(
                expected=_("a date and time such as %(example)s") % {"example": "2027-03-04 09:30"}, got=value
            )
        return timezone.make_aware(datetime.combine(found, at), timezone.get_default_timezone())

    @staticmethod
    def _clock(text: str) -> time | None:
        try:
            return time.fromisoformat(text.zfill(5) if text else "00:00").replace(tzinfo=None)
        except ValueError:
            return None


class Lookup(Value):
    """Another record, by its ``key``: exact, or ignoring case where only one fits.

    ``queryset(user)`` is what the person may see. ``create(text)`` makes a missing one inside the import's
    transaction; what was made is kept in ``created``.
    """

    def __init__(
        self,
        queryset: Callable[[Any], QuerySet[Any]],
        key: str,
        *,
        what: Any,
        create: Callable[[str], Model] | None = None,
    ) -> None:
        super().__init__()
        self.queryset, self.key, self.what, self.create = queryset, key, what, create
        self.created: list[str] = []

    def prepare(self, cells: Iterable[Cell], *, user: Any) -> None:
        self.exact: dict[str, Any] = {}
        self.loose: dict[str, list[Any]] = {}
        for each in self.queryset(user):
            self._know(each)

    def _know(self, found: Any) -> None:
        name = str(getattr(found, self.key))
        self.exact[name] = found
        self.loose.setdefault(name.casefold(), []).append(found)

    def read(self, value: Cell) -> Any:
        text = str(value).strip()
        near = self.loose.get(text.casefold(), [])
        found = self.exact.get(text) or (near[0] if len(near) == 1 else None)
        if found is not None:
            return found
        if self.create is None:
            raise CellError(expected=self._known(), got=value)
        made = self.create(text)
        self.created.append(text)
        self._know(made)
        return made

    def _known(self) -> str:
        words = {"what": self.what, "known": ", ".join(list(self.exact)[:8])}
        if 0 < len(self.exact) <= 8:
            return _("a known %(what)s: %(known)s") % words
        return _("a known %(what)s") % words

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(getattr(value, self.key))
