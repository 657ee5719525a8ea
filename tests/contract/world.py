"""Two engineers with a job each, two warehouses with a manager each, the office: enough to tell mine from his.

Jana and Tom share nothing: not the customer, not the machine, not the job. Each has recorded parts. Whatever one of
them may see, the other must not.
"""

import copy
import uuid
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from config.shared import audit
from config.shared.imports.store import Upload
from inventory.domain import ledger, locations
from inventory.enums import LocationKind, PostingReason, Tracking
from inventory.models import Balance, Lot, Move, Part, PartBarcode, Posting, Warehouse
from spareparts.domain.consumption import UsedPart
from spareparts.enums import OldPartAnswer
from spareparts.models import Consumption, EquipmentPart, SparepartsSettings
from tests.factories.inventory import PartCategoryFactory, PartFactory, UnitFactory, WarehouseFactory
from tests.factories.spareparts import EquipmentPartFactory, used
from tests.factories.workorders import EquipmentFactory, SiteFactory, TeamFactory, UserFactory, WorkOrderFactory
from workorders.enums import WorkOrderStatus
from workorders.models import Customer, Equipment, Site, User, WorkOrder

PEOPLE = ("anonymous", "jana", "tom", "karl", "lin", "eva", "ada", "oskar", "left")
BACKEND = "workorders.accounts.SignInBackend"


@dataclass
class Corner:
    """What belongs to one engineer: his customer, the machine there, the job, what he used on it."""

    engineer: User
    customer: Customer
    site: Site
    equipment: Equipment
    entry: EquipmentPart
    job: WorkOrder
    consumption: Consumption


@dataclass
class World:
    people: dict[str, User]
    mine: Corner
    his: Corner
    unassigned: WorkOrder
    done: WorkOrder
    parts: list[Part]
    metres: Part
    serial: Part
    lot: Lot
    barcode: PartBarcode
    w1: Warehouse
    w2: Warehouse
    at: datetime
    clients: dict[str, Client] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def as_new(self) -> "World":
        """The same company in fresh objects, with the same sessions: a test may change what it likes."""
        clients = {key: _window(browser) for key, browser in self.clients.items()}
        rest = {each.name: copy.deepcopy(getattr(self, each.name)) for each in fields(self) if each.name != "clients"}
        return World(**rest | {"clients": clients})

    def another_corner(self) -> Corner:
        """Jana gets one more customer with a machine, a job and parts used on it."""
        return _corner(self.mine.engineer, f"Customer {uuid.uuid4().hex[:8]}", self.parts, self.at)

    def client(self, who: str, **options: Any) -> Client:
        """The browser of one of PEOPLE; a person who left still has the cookie of his last day."""
        key = f"{who}{sorted(options.items())}"
        if key not in self.clients:
            browser = Client(raise_request_exception=False, **options)
            if who != "anonymous":
                browser.force_login(self.people[who], backend=BACKEND)
            self.clients[key] = browser
        return self.clients[key]


def _window(browser: Client) -> Client:
    """Another window of the same session."""
    window = Client(raise_request_exception=False)
    window.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})
    return window


def build() -> World:
    """Make the company of the contract, through the domain wherever something moves."""
    at = timezone.now()
    people = _people()
    team = TeamFactory()
    User.objects.filter(pk__in=[people["jana"].pk, people["tom"].pk]).update(team=team)
    parts = [PartFactory(category=PartCategoryFactory()) for _ in range(3)]
    metre = UnitFactory(code="m", name="metre", decimal_places=2)
    metres = PartFactory(number="CBL-3X15", name="Cable 3 × 1.5", unit=metre)
    serial = PartFactory(number="PCB-4471", name="Control board", tracking=Tracking.SERIAL)
    w1 = WarehouseFactory(code="VIE", name="Vienna depot", is_default=True)
    w2 = WarehouseFactory(code="LNZ", name="Linz depot")
    w1.managers.add(people["karl"])
    w2.managers.add(people["lin"])
    mine = _corner(people["jana"], "Hotel Aurora", parts, at)
    his = _corner(people["tom"], "Bakery Traube", parts, at)
    world = World(
        people=people,
        mine=mine,
        his=his,
        unassigned=WorkOrderFactory(site=mine.site, equipment=mine.equipment, status=WorkOrderStatus.NEW, lead=None),
        done=WorkOrderFactory(
            site=mine.site, lead=people["jana"], status=WorkOrderStatus.COMPLETED, completed_at=at, equipment=None
        ),
        parts=parts,
        metres=metres,
        serial=serial,
        lot=Lot.objects.create(part=serial, code="S-1", is_serial=True),
        barcode=PartBarcode.objects.create(part=parts[0], code="4006381333931"),
        w1=w1,
        w2=w2,
        at=at,
    )
    _stock(world)
    for who in PEOPLE:
        world.client(who)  # signed in before anything is tried and taken back
    for person in people.values():
        vars(person).pop("policy", None)  # as in the next request
    audit.record("contract.built", by=people["ada"], at=at, subject=parts[0])
    return world


def _people() -> dict[str, User]:
    return {
        "jana": UserFactory(name="Jana Novak", is_engineer=True),
        "tom": UserFactory(name="Tom Berger", is_engineer=True),
        "karl": UserFactory(name="Karl Huber", is_warehouse_manager=True),
        "lin": UserFactory(name="Lin Zhang", is_warehouse_manager=True),
        "eva": UserFactory(name="Eva Lang", is_service_manager=True),
        "ada": UserFactory(name="Ada Moser", is_administrator=True),
        "oskar": UserFactory(name="Oskar Reiter", is_auditor=True),
        # He wore every hat. None of them opens anything any more.
        "left": UserFactory(
            name="Nora Left", is_active=False, is_engineer=True, is_warehouse_manager=True, is_service_manager=True,
            is_administrator=True, is_auditor=True,
        ),
    }  # fmt: skip


def _corner(engineer: User, customer_name: str, parts: list[Part], at: datetime) -> Corner:
    site = SiteFactory(customer__name=customer_name, name=f"{customer_name} house")
    equipment = EquipmentFactory(site=site, name=f"{customer_name} chiller", warranty_until=date(2100, 1, 1))
    entry = EquipmentPartFactory(equipment=equipment, part=parts[0], quantity=2, position="left")
    job = WorkOrderFactory(site=site, equipment=equipment, lead=engineer, description=f"Noise at {customer_name}")
    document = used(job, UsedPart(parts[1], 2, old_part_answer=OldPartAnswer.LEFT, old_part=parts[2]), at=at)
    return Corner(engineer, site.customer, site, equipment, entry, job, document)


def _stock(world: World) -> None:
    """Something on the shelf, so that the books have balances to attack."""
    supplier = locations.outside(LocationKind.SUPPLIER)
    ledger.post(
        reason=PostingReason.GOODS_RECEIPT,
        reference="GR-000001",
        lines=[
            ledger.Line(world.parts[0], 10, supplier, locations.warehouse_location(warehouse, LocationKind.SHELF))
            for warehouse in (world.w1, world.w2)
        ],
        by=world.people["karl"],
        at=world.at - timedelta(days=1),
        key=uuid.uuid5(uuid.NAMESPACE_URL, "contract"),
    )


def turn_off() -> None:
    """The plugin is off, without ceremony."""
    SparepartsSettings.objects.update_or_create(pk=1, defaults={"is_enabled": False})


def rows_of_the_ledger() -> tuple[int, int, int]:
    """Postings, moves, and all stock together."""
    return Posting.objects.count(), Move.objects.count(), sum(Balance.objects.values_list("on_hand", flat=True))
