"""R13: a switch of the mode moves no stock, whatever the company did before; one that is blocked changes nothing."""

import hashlib
import random
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from itertools import permutations

import pytest
from django.db import transaction
from django.utils import timezone

from config.shared.errors import DomainError
from config.shared.models import AuditEvent
from inventory.models import Balance, Move, Part, Posting, Warehouse
from spareparts.domain.modes import ChangeBlocked, ModeChanged, change_mode, preview_change
from spareparts.domain.shipments import create_shipments
from spareparts.enums import ApprovalMode, Feature, Mode
from spareparts.models import Consumption, Requisition, Return, SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy, current_settings
from tests.factories.asking import act, depot, draft, sent
from tests.factories.inventory import PartFactory
from tests.factories.personal import asked, gives, lost, offered
from tests.factories.returns import handed_over, prepared
from tests.factories.spareparts import used
from tests.factories.workorders import UserFactory, WorkOrderFactory
from tests.spareparts.helpers import refused
from tests.support.crowd import at_once
from tests.support.modes import in_mode
from tests.support.stock import put, shelf
from workorders.models import User

PAIRS = list(permutations(Mode, 2))
DOCUMENTS = (Requisition, Return, Consumption)


class Life:
    """A company in one mode that does this and that; what is refused is left."""

    def __init__(self, mode: Mode, seed: int) -> None:
        self.dice = random.Random(seed)
        self.jana, self.tom = (UserFactory(is_engineer=True) for _each in range(2))
        self.karl = UserFactory(is_warehouse_manager=True)
        self.parts = [PartFactory() for _each in range(3)]
        self.policy = in_mode(mode, requisition_approval=self.dice.choice(ApprovalMode.values))
        self.vienna: Warehouse | None = depot("Vienna", self.karl) if self.dice.random() < 0.8 else None
        self.job = WorkOrderFactory(lead=self.jana)

    def live(self, steps: int) -> None:
        holds = self.policy.has(Feature.PERSONAL_INVENTORY)
        deeds = [self.use]
        deeds += [self.hold, self.hold, self.ask, self.write, self.give, self.lose, self.bring_back] if holds else []
        deeds += [self.stock, self.stock, self.ship] if self.policy.has(Feature.WAREHOUSE_STOCK) and self.vienna else []
        for _step in range(steps):
            with suppress(DomainError), transaction.atomic():
                self.dice.choice(deeds)()

    @property
    def part(self) -> Part:
        return self.dice.choice(self.parts)

    def use(self) -> None:
        used(self.job, self.part, engineer=self.jana)

    def hold(self) -> None:
        gives(self.jana, self.part, self.dice.randint(1, 4))

    def ask(self) -> None:
        requisition = sent(self.jana, (self.part, self.dice.randint(1, 4)), work_order=self.job)
        if requisition.status == "submitted" and self.dice.random() < 0.5:
            act("approve", requisition, by=self.karl)

    def write(self) -> None:
        draft(self.jana, (self.part, 1))

    def give(self) -> None:
        self.dice.choice([offered, asked])(self.jana, self.tom, self.part)

    def lose(self) -> None:
        lost(self.jana, self.part)

    def bring_back(self) -> None:
        self.dice.choice([prepared, handed_over])(self.jana, (self.part, 1), warehouse=self.vienna_kept)

    @property
    def vienna_kept(self) -> Warehouse | None:
        return self.vienna if self.policy.has(Feature.WAREHOUSE_STOCK) else None

    def stock(self) -> None:
        assert self.vienna is not None
        put(shelf(self.vienna), self.part, self.dice.randint(1, 5), by=self.karl)

    def ship(self) -> None:
        requisition = sent(self.jana, (self.part, 1), receiving_method="to_engineer")
        create_shipments([requisition], by=self.karl, at=timezone.now(), key=uuid.uuid4(), policy=current_policy())


def fingerprint(*tables: type) -> str:
    """One figure for all rows of the tables, each with everything in it."""
    digest = hashlib.sha256()
    for model in tables:
        for row in model.objects.order_by("pk").values_list():  # type: ignore[attr-defined]
            digest.update(repr(row).encode())
    return digest.hexdigest()


def switch(seed: int, before: Mode, after: Mode, ada: User) -> bool:
    """Live in ``before``, then ask for ``after``; whether it was granted. The books are the same either way."""
    life = Life(before, seed)
    life.live(life.dice.randint(10, 30))
    books, documents, row = fingerprint(Posting, Move, Balance), fingerprint(*DOCUMENTS), current_settings()
    told = AuditEvent.objects.count()
    blockers = preview_change(mode=after, is_enabled=True).blockers
    is_granted = True
    try:
        with transaction.atomic():
            change_mode(mode=after, by=ada, at=timezone.now(), expected_version=row.version)
    except DomainError:
        is_granted = False

    assert fingerprint(Posting, Move, Balance) == books
    assert is_granted == (not blockers), f"the preview said {[str(each) for each in blockers]}"
    now = current_settings()
    if is_granted:
        assert (now.mode, now.version, AuditEvent.objects.count()) == (after, row.version + 1, told + 1)
    else:
        assert (now.mode, now.version, AuditEvent.objects.count()) == (before, row.version, told)
        assert fingerprint(*DOCUMENTS) == documents
    return is_granted


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_switch_moves_no_stock(before: Mode, after: Mode, seed: int, ada: User) -> None:
    switch(seed, before, after, ada)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_company_that_did_nothing_yet_may_switch(before: Mode, after: Mode, ada: User) -> None:
    """So that granted and blocked are both seen: with a warehouse and nothing under way every way is open."""
    in_mode(before)
    depot("Vienna")
    change_mode(mode=after, by=ada, at=timezone.now(), expected_version=current_settings().version)
    assert current_settings().mode == after


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] == Mode.SIMPLE])
def test_a_company_that_holds_parts_may_not_go_down(before: Mode, after: Mode, ada: User, jana: User) -> None:
    in_mode(before)
    gives(jana, PartFactory(), 2)
    books = fingerprint(Posting, Move, Balance, SparepartsSettings, AuditEvent)
    with refused(ChangeBlocked):
        change_mode(mode=after, by=ada, at=timezone.now(), expected_version=current_settings().version)
    assert fingerprint(Posting, Move, Balance, SparepartsSettings, AuditEvent) == books


@pytest.mark.parametrize(("before", "after"), list(permutations([Mode.STANDARD, Mode.ADVANCED])))
def test_what_engineers_hold_stays_theirs(before: Mode, after: Mode, ada: User, jana: User) -> None:
    in_mode(before)
    depot("Vienna")
    gives(jana, PartFactory(), 2)
    books = fingerprint(Posting, Move, Balance)
    change_mode(mode=after, by=ada, at=timezone.now(), expected_version=current_settings().version)
    assert (current_settings().mode, fingerprint(Posting, Move, Balance)) == (after, books)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_no_switch_of_many_moves_stock(before: Mode, after: Mode, seed: int, ada: User) -> None:
    switch(seed, before, after, ada)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_postings_race_a_switch() -> None:
    """Each use is booked as the mode of its moment says, or told that the settings changed: none in between."""
    in_mode(Mode.SIMPLE)
    depot("Vienna")
    jana, ada = UserFactory(is_engineer=True), UserFactory(is_administrator=True)
    part = PartFactory()
    gives(jana, part, 100)
    jobs = [WorkOrderFactory(lead=jana) for _each in range(12)]
    version = current_settings().version
    pages = [current_policy() for _each in jobs]  # opened before the switch
    is_switched = threading.Event()

    def use(number: int, *, page: ModePolicy) -> str:
        try:
            used(jobs[number], part, engineer=jana, policy=page)
        except ModeChanged:
            return "changed"
        return "booked"

    def three_times(number: int) -> Callable[[], tuple[str, str, str]]:
        def deed() -> tuple[str, str, str]:
            during = use(number, page=pages[number])
            is_switched.wait(30)
            return during, use(number, page=pages[number]), use(number, page=current_policy())

        return deed

    def to_standard() -> str:
        change_mode(mode=Mode.STANDARD, by=ada, at=timezone.now(), expected_version=version)
        is_switched.set()
        return "switched"

    results = at_once([*(three_times(number) for number in range(len(jobs))), to_standard])

    assert results.pop() == "switched"
    during, stale, fresh = zip(*results, strict=True)
    assert (set(stale), set(fresh), set(during) <= {"booked", "changed"}) == ({"changed"}, {"booked"}, True)
    sources = {"simple": "supplier", "standard": "engineer"}
    modes = {str(document.posting_id): document.mode for document in Consumption.objects.all()}
    assert len(modes) == during.count("booked") + len(jobs)
    moves = Move.objects.filter(posting__key__in=list(modes)).select_related("source", "posting")
    assert [move for move in moves if sources[modes[str(move.posting.key)]] != move.source.kind] == []
    assert list(modes.values()).count("standard") == len(jobs)
