"""What strangers, broken browsers and curious people send: values, and ways to bend a form or a query string (S5)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.contract import changing, permissions, permissions_admin
from tests.contract.admin_objects import admin_pages, objects_of_the_admin, other_url
from tests.contract.objects import ready_upload, url
from tests.contract.world import World

MEGABYTE = "x" * 1_048_576
VALUES = (
    "", " ", "\t", "\x00", "a\x00b", "%00", "9" * 5000, "-" + "9" * 400, "1" * 19, "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "2147483647", "2147483648", "-1", "0", "-0", "+1", "1_000", "0x10",
    "1e309", "-1e309", "1e-400", "NaN", "sNaN", "Infinity", "1.5", "1,5", "0.0000000001", "999999999999.99",
    "9999999999999999",
    "9999-12-31", "0001-01-01", "10000-01-01", "2026-02-30", "2025-02-29", "2026-13-01", "9999-12-31T23:59",
    "0001-01-01T00:00", "2026-03-29T02:30", "24:61", "31.12.9999", "\ud800", "\udfff\ud800", "a\udc80",
    "\u202eabc\u202c", "\u05d0\u05d1\u05d2", "\u0663\u0664", "\u0967\u0968", "\u00b2", "\u00bd", "\u2488", "\U0001d7d9",
    "\u200b", "\ufeff", "\U0001f527", "e\u0301" * 500, "\u4f60\u597d" * 300, "' OR 1=1 --", "\"><script>", "{{ 7 }}",
    "{% load x %}", "%(x)s", "%s%s%s", "../../etc/passwd", "\r\nSet-Cookie: a=b", "null", "None", "True", "on", "[]",
    "{}", "[1]", "__all__", "entry-0", "entry-" + "9" * 30, "simple", "off", "completed", "=1+1", "\\", "%", "_", "*",
    "-", "--", "a" * 61, "a" * 4001, "jana.novak@demo.example", "x@y", "x@" + "y" * 300 + ".example", "https://evil.example",
    "//evil.example", "javascript:alert(1)", "Europe/Nowhere", "../Europe/Vienna", "\x1f", "\x7f", "\u2028",
)  # fmt: skip

# Parameters the pages know, and some that libraries listen to.
PARAMETERS = (
    "q", "page", "per_page", "sort", "state", "type", "priority", "engineer", "team", "planned_from", "planned_to",
    "warranty", "category", "listed", "tracking", "day", "order", "customer", "equipment", "show", "to", "next",
    "period", "first", "last", "group", "work_order", "part", "no_equipment", "format", "h-page", "h-sort", "cursor",
    "language", "o", "p", "all", "e", "_popup", "_to_field", "_facets", "_changelist_filters", "at__year", "at__month",
    "at__day", "posted_at__year", "posting__id__exact", "id__exact", "is_listed__exact", "reason__exact", "app_label",
    "model_name", "field_name", "term", "role", "kind__exact", "expires_on__gte", "q__x", "pk", "unit__id__exact",
)  # fmt: skip
TYPES = (
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "",
    "a/b; charset=x",
)


@dataclass(frozen=True)
class Attack:
    """One request; ``body`` and ``query`` are bytes as they go over the wire."""

    who: str
    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"

    def __str__(self) -> str:
        query, body = self.query[:300], self.body[:600]
        return f"{self.who} {self.method} {self.path}?{query!r} [{self.content_type}] {body!r}"


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    """As a browser that knows no rules sends it: half a character is sent as its bytes."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs).encode()


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


# ---------------------------------------------------------------- forms
@dataclass(frozen=True)
class Form:
    """A page that takes a form, and one that it would accept."""

    who: str
    path: str
    fields: list[tuple[str, str]]


def forms(world: World) -> list[Form]:
    """All of them: our pages three times as often, those of django-allauth, and the admin as administrator."""
    ready_upload(world)
    return [
        *_our_forms(world),
        *_our_forms(world),
        *_our_forms(world),
        *_forms_without_key(world),
        *_admin_forms(world),
    ]


def _our_forms(world: World) -> Iterator[Form]:
    for row in changing.TABLE:
        data = {"request_key": "5a1c0000-0000-4000-8000-000000000002", **row.fields(world, world.mine)}
        query = encoded([(name, str(value)) for name, value in row.query(world, world.mine).items()]).decode()
        path = url(row.address, row.target, world) + (f"?{query}" if query else "")
        yield Form(row.who, path, _pairs(data))


def _pairs(data: dict[str, Any]) -> list[tuple[str, str]]:
    values = [(name, value if isinstance(value, list) else [value]) for name, value in data.items()]
    return [(name, str(each)) for name, several in values for each in several]


def _forms_without_key(world: World) -> Iterator[Form]:
    targets = {row.address: row.target for row in permissions.read(permissions.PAGES)}
    for name in changing.NO_KEY:
        fields = [
            ("name", "x"),
            ("login", "jana.novak@demo.example"),
            ("password", "seven blue lifts"),
            ("email", "a@b.example"),
        ]
        fields += [
            ("language", "en"),
            ("next", "/me/"),
            ("code", "123456"),
            ("column_0", "number"),
            ("persona", "x@y.example"),
        ]
        for who in ("anonymous", "jana", "ada"):
            yield Form(who, url(name, targets[name], world), fields)


def _admin_forms(world: World) -> Iterator[Form]:
    names = ("name", "number", "email", "code", "serial", "is_engineer", "customer", "site", "model",
             "manufacturer", "team", "unit", "category", "unit_cost", "tracking", "decimal_places", "reason",
             "action", "_selected_action", "superseded_by", "warranty_until", "barcodes-TOTAL_FORMS",
             "barcodes-INITIAL_FORMS", "barcodes-0-code", "barcodes-0-id", "index", "post", "confirmed",
             "managers", "status")  # fmt: skip
    fields = [(name, "1") for name in names]
    for model, row in objects_of_the_admin(world).items():
        for _page, path in admin_pages(model, row):
            yield Form("ada", path, fields)
    yield Form(
        "ada", "/admin/workorders/user/", [("action", "deactivate"), ("_selected_action", "1"), ("confirmed", "1")]
    )


def form_attacks(world: World, count: int, *, seed: int) -> Iterator[Attack]:
    """``count`` bent forms, the same ones for the same seed."""
    chance, found = random.Random(seed), forms(world)
    for number in range(count):
        form = found[number % len(found)]
        pairs = _bent(chance, list(form.fields))
        kind = "application/x-www-form-urlencoded"
        body = encoded(pairs)
        if chance.random() < 0.05:
            kind, body = chance.choice(TYPES), chance.choice([body, b"{", b"--x\r\n\r\n", b"\xff\xfe\x00", b""])
        path, _mark, query = form.path.partition("?")
        yield Attack(form.who, "POST", path, query.encode(), body, kind)


def _bent(chance: random.Random, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Some values replaced, and now and then a key too few, too many, twice, or a thousand."""
    for _each in range(chance.choice((1, 1, 1, 2, 3, len(pairs) or 1))):
        if pairs:
            at = chance.randrange(len(pairs))
            pairs[at] = (pairs[at][0], chance.choice(VALUES))
    bend = chance.random()
    if bend < 0.10 and pairs:
        del pairs[chance.randrange(len(pairs))]
    elif bend < 0.20 and pairs:
        pairs.append((chance.choice(pairs)[0], chance.choice(VALUES)))
    elif bend < 0.30:
        pairs.append(
            (chance.choice((*PARAMETERS, "status", "version", "id", "lines-TOTAL_FORMS")), chance.choice(VALUES))
        )
    elif bend < 0.305:
        pairs += [(f"f{number}", "1") for number in range(1001)]
    elif bend < 0.31 and pairs:
        pairs[0] = (pairs[0][0], MEGABYTE)
    elif bend < 0.34:
        pairs.append((chance.choice(VALUES)[:50], "1"))
    return pairs


# ---------------------------------------------------------------- query strings
def places(world: World) -> list[tuple[str, str]]:
    """Who opens which address: every page as the person who may see most of it, ours three times as often."""
    rows = [row for row in permissions.for_state(permissions.PAGES, is_on=True) if row.method == "GET"]
    found = [(_best_of(row), url(row.address, row.target, world)) for row in rows] * 3
    found += [
        (who, path)
        for model, row in objects_of_the_admin(world).items()
        for _page, path in admin_pages(model, row)
        for who in ("ada",)
    ]
    found += [
        ("ada", other_url(row, world)) for row in permissions.read(permissions_admin.PAGES) if row.method == "GET"
    ]
    return found


def _best_of(row: permissions.Expected) -> str:
    return next((who for who in ("ada", "jana", "anonymous") if row.of(who) == "200"), "ada")


def query_attacks(world: World, count: int, *, seed: int) -> Iterator[Attack]:
    """``count`` bent query strings; one in twenty bends the path as well."""
    chance, found = random.Random(seed), places(world)
    for number in range(count):
        who, path = found[number % len(found)]
        pairs = [(chance.choice(PARAMETERS), chance.choice(VALUES)) for _each in range(chance.choice((1, 1, 2, 4)))]
        if chance.random() < 0.003:
            pairs.append(("q", MEGABYTE))
        if chance.random() < 0.003:
            pairs += [(f"f{each}", "1") for each in range(1001)]
        if chance.random() < 0.10:
            path = _bent_path(chance, path)
        yield Attack(who, "GET", path, encoded(pairs))


def _bent_path(chance: random.Random, path: str) -> str:
    """Another key in the address: far too large, not a number, or not even text."""
    steps = path.split("/")
    keys = [at for at, step in enumerate(steps) if step.isdigit()]
    if not keys:
        return path
    steps[chance.choice(keys)] = chance.choice(
        ("0", "99999999", "9" * 30, "-1", "_00", "%00", "%ED%A0%80", "1e3", "\u0663")
    )
    return "/".join(step if step.startswith("%") else quote(step) for step in steps)
