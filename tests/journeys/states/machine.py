"""A random life of the company beside the model: after every call both must agree (R1)."""

import sys
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from inventory import queries
from inventory.domain import ledger, locations, warehouses
from inventory.enums import LocationKind, PostingReason
from inventory.models import Balance, Location, Move, Posting, Warehouse
from spareparts.domain import consumption, machine, modes, undo
from spareparts.domain.consumption import UsedPart
from spareparts.enums import Mode, OldPartAnswer
from spareparts.models import Consumption, EquipmentPart, SparepartsSettings
from spareparts.queries import current_policy, current_settings
from tests.factories.inventory import PartFactory, WarehouseFactory
from tests.factories.spareparts import EquipmentPartFactory
from tests.factories.workorders import EquipmentFactory, SiteFactory, UserFactory
from tests.journeys.states.model import VERBS, WAREHOUSE_FROM, Company, Entry, Line
from workorders.domain import work_orders
from workorders.models import User, WorkOrder

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROLES = {
    "jana": "engineer",
    "tom": "engineer",
    "eva": "service_manager",
    "ada": "administrator",
    "karl": "warehouse_manager",
}
WHO = st.sampled_from(["right", "right", "right", "jana", "tom", "eva", "ada", "karl"])  # "right": who should do it
ENGINEER = st.sampled_from(["jana", "tom", "tom", "eva"])
REASON = st.sampled_from(["because", "because", ""])
RARELY = st.sampled_from([False, False, False, True])
QUANTITY = st.sampled_from([1, 1, 2, 3, 0])
NUMBER = st.integers(0, 10_000)
DEPOT = st.integers(0, 1)
SWITCHES = st.sampled_from(["on", "on", "on", "off", "minutes", "standard", "simple", "advanced", "advanced"])


CALLS: Counter[tuple[str, bool]] = Counter()
"""How often each rule was granted and refused: a life in which nothing is ever granted proves nothing."""


class CompanyMachine(RuleBasedStateMachine):
    """Two machines, two engineers, two warehouses, three parts."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.model = Company()
        self.seen = (-1, -1)
        self.keys = {who: UserFactory(name=who.title(), **{f"is_{role}": True}).pk for who, role in ROLES.items()}
        self.parts = [PartFactory() for _ in range(3)]
        site = SiteFactory()
        self.site, self.machines = site, [EquipmentFactory(site=site) for _ in range(2)]
        self.entries = [
            EquipmentPartFactory(equipment=each, part=self.parts[1], quantity=3).pk for each in self.machines
        ]
        self.model.entries = [Entry(0, 1, 3), Entry(1, 1, 3)]
        self.depots = [WarehouseFactory(is_default=number == 0).pk for number in range(2)]
        self.jobs: list[int] = []
        self.uses: list[int] = []
        self.bookings: list[int] = []
        self.places = self._places()
        SparepartsSettings.objects.update_or_create(pk=1, defaults={"mode": Mode.SIMPLE, "is_enabled": True})
        self.audited = AuditEvent.objects.count()

    def _places(self) -> dict[str, Location]:
        shelves = [
            locations.warehouse_location(Warehouse.objects.get(pk=each), LocationKind.SHELF) for each in self.depots
        ]
        return {
            "supplier": locations.outside(LocationKind.SUPPLIER),
            "jana": locations.personal_location(self.person("jana")),
            "tom": locations.personal_location(self.person("tom")),
            "shelf 0": shelves[0],
            "shelf 1": shelves[1],
        }

    def teardown(self) -> None:
        try:
            self.stock_agrees()
            self.documents_agree()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # ------------------------------------------------------------ as a request would do it
    def person(self, who: str) -> User:
        """Read anew, as at the edge: rights follow the settings of this moment."""
        return User.objects.get(pk=self.keys[who])

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.model.minute)

    def compare(self, is_granted: bool, act: Callable[[], Any]) -> Any:
        """Call the service; it must grant what the model grants and refuse what the model refuses."""
        result, refusal = None, None
        try:
            with transaction.atomic():
                result = act()
        except DomainError as error:
            refusal = error
        assert is_granted == (refusal is None), f"the model says {is_granted}, the service {refusal!r}"
        CALLS[sys._getframe(1).f_code.co_name.strip("_"), is_granted] += 1
        return result

    def _recent(self, number: int, things: list[int]) -> int:
        """One of the last few: older ones are mostly settled."""
        return len(things) - 1 - number % min(len(things), 4)

    def facts(self, who: str) -> dict[str, Any]:
        return {"by": self.person(who), "at": self.now}

    # ------------------------------------------------------------ jobs
    @rule(
        by=st.sampled_from(["eva", "ada", "jana"]),
        lead=st.sampled_from([None, "jana", "tom"]),
        machine=st.sampled_from([0, 1, 1, None]),
    )
    def create(self, by: str, lead: str | None, machine: int | None) -> None:
        is_granted = self.model.create(by, lead, machine)
        words: dict[str, Any] = {"customer": self.site.customer, "site": self.site}
        words |= {"equipment": None if machine is None else self.machines[machine]}
        words |= {"lead": self.person(lead) if lead else None}
        made = self.compare(is_granted, lambda: work_orders.create_work_order(**self.facts(by), **words))
        if made is not None:
            self.jobs.append(made.pk)

    @precondition(lambda self: self.jobs)
    @rule(pick=NUMBER, job=NUMBER, by=WHO, reason=REASON, is_stale=RARELY, lead=ENGINEER,
          helper=st.sampled_from([None, "jana", "tom"]))  # fmt: skip
    def any_verb(
        self, pick: int, job: int, by: str, reason: str, is_stale: bool, lead: str, helper: str | None
    ) -> None:
        """Mostly a verb that the job's status has, by who should do it."""
        number = self._recent(job, self.jobs)
        status = self.model.jobs[number].status
        legal = sorted(verb for verb, (sources, _target, _who) in VERBS.items() if status in sources)
        verbs = sorted(VERBS) if pick % 4 == 0 else legal
        verb = verbs[pick % len(verbs)]
        if by == "right":
            by = "eva" if VERBS[verb][2] == "office" else self.model.jobs[number].lead or "eva"
        self.work(verb, number, by, reason, is_stale, lead, helper)

    def work(self, verb: str, number: int, by: str, reason: str, is_stale: bool, lead: str, helper: str | None) -> None:
        helpers = {helper} if helper else set()
        found = WorkOrder.objects.get(pk=self.jobs[number])
        found.version -= is_stale
        words: dict[str, Any] = self.facts(by) | self._words(verb, found, reason, lead, helpers)
        is_granted = self.model.verb(
            verb, self.model.jobs[number], by, is_stale=is_stale, reason=reason, lead=lead, helpers=helpers
        )
        name = "edit_work_order" if verb == "edit" else verb
        self.compare(is_granted, lambda: getattr(work_orders, name)(found, **words))

    def _words(self, verb: str, job: WorkOrder, reason: str, lead: str, helpers: set[str]) -> dict[str, Any]:
        crew = {"lead": self.person(lead), "planned_at": self.now}
        same = {name: getattr(job, name) for name in ("site", "equipment", "type", "priority")}
        return {
            "assign": {**crew, "helpers": [self.person(each) for each in helpers]},
            "plan": {"planned_at": self.now},
            "edit": {**same, "description": uuid.uuid4().hex},
            "hold": {"reason": reason},
            "cancel": {"reason": reason},
            "reopen": {**crew, "reason": reason},
        }.get(verb, {})

    @precondition(lambda self: self.jobs)
    @rule(job=NUMBER)
    def get_going(self, job: int) -> None:
        """So that enough jobs are open: the office assigns or reopens, the lead starts."""
        number = self._recent(job, self.jobs)
        verb = "reopen" if self.model.jobs[number].status in {"completed", "cancelled"} else "assign"
        self.work(verb, number, "eva", "because", False, "tom", "jana" if job % 3 == 0 else None)
        self.work("start", number, "tom", "", False, "tom", None)

    @precondition(lambda self: self.jobs)
    @rule(job=NUMBER, verb=st.sampled_from(["hold", "complete"]))
    def meddle(self, job: int, verb: str) -> None:
        """An engineer acts on a job of a colleague."""
        number = self._recent(job, self.jobs)
        self.get_going(job)
        self.work("assign", number, "eva", "", False, "tom", None)
        self.work(verb, number, "jana", "because", False, "jana", None)

    # ------------------------------------------------------------ parts used
    @precondition(lambda self: self.jobs)
    @rule(job=NUMBER, engineer=ENGINEER, by=st.sampled_from(["same", "same", "eva", "tom", "karl"]), reason=REASON,
          lines=st.lists(st.tuples(st.integers(0, 2), QUANTITY, st.one_of(st.none(), NUMBER)), max_size=3),
          is_stale=RARELY)  # fmt: skip
    def record(self, job: int, engineer: str, by: str, reason: str, lines: list[Any], is_stale: bool) -> None:
        number, by = self._recent(job, self.jobs), engineer if by == "same" else by
        asked = [Line(part, count, self._entry(number, entry)) for part, count, entry in lines]
        self._record(number, engineer, by, reason, asked, is_stale)

    def _record(self, number: int, engineer: str, by: str, reason: str, asked: list[Line], is_stale: bool) -> None:
        used = [self._used(line) for line in asked]
        policy, key = self._policy(is_stale), uuid.uuid4()
        is_granted = self.model.record(number, engineer, by, asked, reason=reason, is_stale=is_stale)
        found = WorkOrder.objects.get(pk=self.jobs[number])
        words = self.facts(by) | {"engineer": self.person(engineer), "reason": reason, "key": key, "policy": policy}
        made = self.compare(is_granted, lambda: consumption.record_consumption(found, lines=used, **words))
        if made is not None:
            self.uses.append(made.pk)
            fitted = EquipmentPart.objects.filter(fitted_by_line__consumption=made).order_by("fitted_by_line_id")
            self.entries += list(fitted.values_list("pk", flat=True))

    def _entry(self, job: int, entry: int | None) -> int | None:
        """Mostly one that is in the machine of the job; now and then any that ever was."""
        if entry is None or self.model.jobs[job].machine is None:
            return None
        here = [at for at, each in enumerate(self.model.entries) if each.machine == self.model.jobs[job].machine]
        there = [at for at in here if not self.model.entries[at].is_gone]
        wanted = there if there and entry % 8 else (here if entry % 16 else list(range(len(self.model.entries))))
        return wanted[entry % len(wanted)] if wanted else None

    def _used(self, line: Line) -> UsedPart:
        part = self.parts[line.part]
        if line.entry is None:
            return UsedPart(part, line.quantity)
        return UsedPart(part, line.quantity, old_part_answer=OldPartAnswer.LEFT, taken_from=self.entries[line.entry])

    def _policy(self, is_stale: bool) -> Any:
        policy = current_policy()
        if is_stale:
            policy = type(policy)(
                **{name: getattr(policy, name) for name in policy.__dataclass_fields__} | {"version": -7}
            )
        return policy

    @precondition(lambda self: self.uses)
    @rule(use=NUMBER, by=WHO, reason=REASON, is_stale=RARELY, verb=st.sampled_from(["undo", "undo", "correct"]))
    def take_back(self, use: int, by: str, reason: str, is_stale: bool, verb: str) -> None:
        number = self._recent(use, self.uses)
        by = self.model.uses[number].engineer if by == "right" and verb == "undo" else by
        by = "eva" if by == "right" else by
        act = {"undo": undo.undo_consumption, "correct": undo.correct_consumption}[verb]
        policy = self._policy(is_stale)
        is_granted = getattr(self.model, verb)(number, by, reason=reason, is_stale=is_stale)
        found = Consumption.objects.get(pk=self.uses[number])
        words = self.facts(by) | {"reason": reason, "key": uuid.uuid4(), "policy": policy}
        self.compare(is_granted, lambda: act(found, **words))

    @precondition(lambda self: self.jobs and self.model.is_on)
    @rule(job=NUMBER, part=st.integers(0, 2), quantity=st.sampled_from([1, 1, 2, 4]), entry=NUMBER)
    def record_well(self, job: int, part: int, quantity: int, entry: int) -> None:
        """As it mostly is: an open job, its lead, a part taken out of the machine."""
        self.get_going(job)
        number = self._recent(job, self.jobs)
        lead = self.model.jobs[number].lead or "tom"
        self.post([(part, quantity, "supplier", lead)])
        self.record(job, lead, "same", "", [(part, quantity, entry)], False)

    @precondition(lambda self: self.uses and self.model.is_on)
    @rule(job=NUMBER, entry=NUMBER, by=WHO, reason=REASON, is_stale=RARELY, minutes=st.sampled_from([0, 0, 1, 11]),
          meanwhile=st.sampled_from(["nothing", "nothing", "use", "hand", "complete", "switch"]))  # fmt: skip
    def regret(self, job: int, entry: int, by: str, reason: str, is_stale: bool, minutes: int, meanwhile: str) -> None:
        """Parts are recorded, something may happen, and somebody wants it undone."""
        self.record_well(job, 0, 1, entry)
        fitted, number = self.model.uses[-1].fitted, self._recent(job, self.jobs)
        if meanwhile == "use" and fitted:
            lead = self.model.jobs[number].lead or "tom"
            self.post([(1, 1, "supplier", lead)])
            self._record(number, lead, lead, "", [Line(1, 1, fitted[0])], False)
        elif meanwhile == "hand" and fitted:
            self._by_hand("edit", "eva", fitted[0], 3, False)
        elif meanwhile == "complete":
            self.work("complete", number, "eva", "", False, "tom", None)
            lead = self.model.jobs[number].lead or "tom"
            self._record(number, lead, lead, "", [Line(0, 1, None)], False)
        elif meanwhile == "switch":
            self.switch("advanced" if self.model.mode == "simple" else "simple", "ada", False, 10)
        self.wait(minutes)
        self.take_back(1 if meanwhile == "use" else 0, by, reason, is_stale, "undo")
        self.take_back(1 if meanwhile == "use" else 0, by, reason, is_stale, "correct")

    @rule(minutes=st.sampled_from([1, 4, 11]))
    def wait(self, minutes: int) -> None:
        self.model.minute += minutes

    # ------------------------------------------------------------ machines by hand
    @rule(what=st.sampled_from(["add", "edit", "out"]), by=WHO, entry=NUMBER, quantity=QUANTITY, is_stale=RARELY)
    def by_hand(self, what: str, by: str, entry: int, quantity: int, is_stale: bool) -> None:
        index = entry % (2 if what == "add" else len(self.entries))
        self._by_hand(what, "eva" if by == "right" else by, index, quantity, is_stale)

    def _by_hand(self, what: str, by: str, index: int, quantity: int, is_stale: bool) -> None:
        row = None if what == "add" else EquipmentPart.objects.get(pk=self.entries[index])
        seen = row.version - is_stale if row else 0
        is_granted = self.model.hand(what, by, index, quantity, is_stale=is_stale)
        words = self.facts(by)
        acts: dict[str, Callable[[], Any]] = {
            "add": lambda: machine.add_equipment_part(
                self.machines[index], part=self.parts[0], quantity=quantity, **words
            ),
            "edit": lambda: machine.edit_equipment_part(
                row, quantity=quantity, serial="", position="x", seen_version=seen, **words
            ),
            "out": lambda: machine.take_out_equipment_part(row, reason="gone", seen_version=seen, **words),
        }
        made = self.compare(is_granted, acts[what])
        if made is not None and what == "add":
            self.entries.append(made.pk)

    # ------------------------------------------------------------ stock, settings, warehouses
    @rule(lines=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([1, 2, 5, 0]),
                  st.sampled_from(["supplier", "supplier", "jana", "tom", "shelf 0", "shelf 1"]),
                  st.sampled_from(["supplier", "jana", "tom", "tom", "shelf 0", "shelf 1"])), max_size=3))  # fmt: skip
    def post(self, lines: list[tuple[int, int, str, str]]) -> None:
        booked = [
            ledger.Line(self.parts[part], count, self.places[source], self.places[target])
            for part, count, source, target in lines
        ]
        is_granted = self.model.book(lines)
        words: dict[str, Any] = {"reason": PostingReason.TRANSFER, "reference": "TR-1", "key": uuid.uuid4()}
        made = self.compare(is_granted, lambda: ledger.post(lines=booked, **words, **self.facts("karl")))
        if made is not None:
            self.bookings.append(made.pk)

    @rule(who=st.sampled_from(["jana", "tom"]), part=st.integers(0, 2))
    def receive(self, who: str, part: int) -> None:
        """So that engineers have something to use where parts are held in person."""
        self.post([(part, 5, "supplier", who)])

    @precondition(lambda self: self.bookings)
    @rule(number=NUMBER)
    def reverse(self, number: int) -> None:
        at = number % len(self.bookings)
        is_granted = self.model.reverse(at)
        found = Posting.objects.get(pk=self.bookings[at])
        words: dict[str, Any] = {"reference": "UN-1", "key": uuid.uuid4()}
        self.compare(is_granted, lambda: ledger.reverse(found, **words, **self.facts("karl")))

    @rule(what=SWITCHES, by=WHO, is_stale=RARELY, minutes=st.sampled_from([0, 10, 10, 30]))
    def switch(self, what: str, by: str, is_stale: bool, minutes: int) -> None:
        by = "ada" if by == "right" else by
        words = self.facts(by) | {"expected_version": current_settings().version - is_stale}
        is_granted = self.model.switch(what, by, is_stale=is_stale, minutes=minutes)
        acts: dict[str, Callable[[], Any]] = {
            "on": lambda: modes.set_enabled(is_enabled=True, **words),
            "off": lambda: modes.set_enabled(is_enabled=False, **words),
            "minutes": lambda: modes.change_terms(undo_minutes=minutes, **words),
            "standard": lambda: modes.change_mode(mode=Mode.STANDARD, **words),
            "simple": lambda: modes.change_mode(mode=Mode.SIMPLE, **words),
            "advanced": lambda: modes.change_mode(mode=Mode.ADVANCED, **words),
        }
        self.compare(is_granted, acts[what])

    @rule(what=st.sampled_from(sorted(WAREHOUSE_FROM)), by=st.sampled_from(["ada", "ada", "karl", "eva"]), number=DEPOT)
    def warehouse(self, what: str, by: str, number: int) -> None:
        found = Warehouse.objects.get(pk=self.depots[number])
        found.managers.add(self.keys["karl"])
        is_granted = self.model.warehouse(what, by, number)
        self.compare(is_granted, lambda: getattr(warehouses, what)(found, **self.facts(by)))

    @rule(mode=st.sampled_from(["simple", "simple", "advanced"]), minutes=st.sampled_from([10, 30]))
    def decide(self, mode: str, minutes: int) -> None:
        """So that the modes change often enough: by who may, having looked."""
        self.switch("on", "ada", False, minutes)
        self.switch(mode, "ada", False, minutes)

    # ------------------------------------------------------------ what always holds
    @invariant()
    def both_agree(self) -> None:
        """What was written is counted after each call, and looked at closely where something was."""
        model, seen = self.model, self.seen
        assert (Posting.objects.count(), Move.objects.count()) == (model.counted_postings, model.counted_moves)
        assert AuditEvent.objects.count() - self.audited == model.audited
        self.seen = (model.counted_postings, model.audited)
        if self.seen[0] != seen[0]:
            self.stock_agrees()
        if self.seen[1] != seen[1]:
            self.documents_agree()

    def stock_agrees(self) -> None:
        rows = Balance.objects.filter(on_hand__gt=0).values_list("location_id", "part_id", "on_hand")
        names = {place.pk: name for name, place in self.places.items()}
        numbers = {part.pk: number for number, part in enumerate(self.parts)}
        assert {(names[a], numbers[b]): count for a, b, count in rows} == dict(+self.model.held)
        assert queries.differences() == []

    def documents_agree(self) -> None:
        model = self.model
        jobs = dict(WorkOrder.objects.values_list("pk", "status"))
        assert [jobs[pk] for pk in self.jobs] == [job.status for job in model.jobs]
        uses = dict(Consumption.objects.values_list("pk", "status"))
        assert [uses[pk] for pk in self.uses] == [use.status for use in model.uses]
        assert len(uses) == len(model.uses)
        rows = EquipmentPart.objects.current().values_list("equipment_id", "part_id", "quantity")
        parts, places = [part.pk for part in self.parts], [each.pk for each in self.machines]
        inside = [(places[x.machine], parts[x.part], x.quantity) for x in model.entries if not x.is_gone]
        assert Counter(rows) == Counter(inside)
        row = current_settings()
        assert (row.is_enabled, row.mode, row.undo_minutes) == (model.is_on, model.mode, model.undo_minutes)
        depots = {each.pk: each for each in Warehouse.objects.all()}
        assert [str(depots[pk].status) for pk in self.depots] == model.warehouses
        assert [depots[pk].is_default for pk in self.depots] == [model.default == at for at in range(2)]
