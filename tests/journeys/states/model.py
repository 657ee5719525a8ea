"""The company in plain Python: what each call must do, worked out without a database (R1).

Nothing of ours is imported here. Every method says whether the call is granted (True) and then changes the model the
way the documents of the house say; refused calls change nothing.
"""

from collections import Counter
from dataclasses import dataclass, field

OPEN = {"assigned", "in_progress", "on_hold"}
ACTIVE = OPEN | {"new"}
# verb: from, to ("" keeps the status), who (work: the crew or the office; office: who dispatches)
VERBS: dict[str, tuple[set[str], str, str]] = {
    "start": ({"assigned"}, "in_progress", "work"),
    "resume": ({"on_hold"}, "in_progress", "work"),
    "complete": ({"in_progress"}, "completed", "work"),
    "hold": ({"in_progress"}, "on_hold", "work"),
    "assign": (ACTIVE, "", "office"),
    "plan": (ACTIVE, "", "office"),
    "edit": (ACTIVE, "", "office"),
    "reopen": ({"completed", "cancelled"}, "assigned", "office"),
    "cancel": (ACTIVE, "cancelled", "office"),
}
ENGINEERS = {"jana", "tom"}
OFFICE = {"eva", "ada"}
USERS_OF_PARTS = ENGINEERS | OFFICE
KEEPERS = {"karl", "ada"}
WAREHOUSE_FROM = {
    "set_default": {"open"},
    "disable": {"open"},
    "enable": {"disabled", "closed"},
    "close": {"open", "disabled"},
}


@dataclass
class Job:
    lead: str | None
    helpers: set[str]
    machine: int | None
    status: str = "new"

    def is_crew(self, who: str) -> bool:
        return who == self.lead or who in self.helpers


@dataclass
class Entry:
    """A part in a machine; ``hand`` counts the changes made by hand."""

    machine: int
    part: int
    quantity: int
    hand: int = 0
    is_gone: bool = False


@dataclass
class Use:
    """A consumption: what it moved, what it fitted, what it took from where (entry, quantity, hand seen)."""

    job: int
    engineer: str
    by: str
    minute: int
    mode: str
    moves: list[tuple[int, int]]
    fitted: list[int] = field(default_factory=list)
    taken: list[tuple[int, int, int]] = field(default_factory=list)
    status: str = "recorded"

    @property
    def touched(self) -> set[int]:
        return {*self.fitted, *(entry for entry, _quantity, _hand in self.taken)}


@dataclass
class Line:
    part: int
    quantity: int
    entry: int | None


@dataclass
class Company:
    minute: int = 0
    is_on: bool = True
    mode: str = "simple"
    undo_minutes: int = 10
    jobs: list[Job] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    held: Counter[tuple[str, int]] = field(default_factory=Counter)
    postings: list[list[tuple[int, int, str, str]]] = field(default_factory=list)
    reversed_postings: set[int] = field(default_factory=set)
    counted_postings: int = 0
    counted_moves: int = 0
    audited: int = 0
    warehouses: list[str] = field(default_factory=lambda: ["open", "open"])
    default: int = 0

    # ------------------------------------------------------------ jobs
    def create(self, by: str, lead: str | None, machine: int | None) -> bool:
        if by not in OFFICE:
            return False
        self.jobs.append(Job(lead, set(), machine, "assigned" if lead else "new"))
        self.audited += 2 if lead else 1
        return True

    def verb(self, verb: str, job: Job, by: str, *, is_stale: bool, reason: str, lead: str, helpers: set[str]) -> bool:
        sources, target, who = VERBS[verb]
        may = by in OFFICE or (who == "work" and by in ENGINEERS and job.is_crew(by))
        needs_reason = verb in {"hold", "cancel", "reopen"}
        if verb in {"assign", "reopen"} and lead not in ENGINEERS:
            return False
        if verb == "assign" and (lead in helpers or not helpers <= ENGINEERS):
            return False
        if not may or job.status not in sources or is_stale or (needs_reason and not reason):
            return False
        self._apply(verb, job, target, lead, helpers)
        self.audited += 1
        return True

    def _apply(self, verb: str, job: Job, target: str, lead: str, helpers: set[str]) -> None:
        if verb == "assign":
            job.lead, job.helpers = lead, set(helpers)
            target = "assigned" if job.status == "new" else ""
        if verb == "reopen":
            job.lead = lead
            job.helpers.discard(lead)
        job.status = target or job.status

    # ------------------------------------------------------------ parts used
    def record(self, number: int, engineer: str, by: str, lines: list[Line], *, reason: str, is_stale: bool) -> bool:
        job = self.jobs[number]
        if not self.is_on or by not in USERS_OF_PARTS or is_stale or not lines:
            return False
        if engineer != by and (by not in OFFICE or not reason):
            return False
        if job.status not in OPEN or not job.is_crew(engineer) or any(line.quantity <= 0 for line in lines):
            return False
        taken = self._takings(job, lines)
        if taken is None or not self._gives(engineer, lines):
            return False
        use = Use(number, engineer, by, self.minute, self.mode, [(line.part, line.quantity) for line in lines])
        self._fit(use, job, lines, taken)
        self.uses.append(use)
        self._count(len(lines))
        self.audited += 1
        return True

    def _takings(self, job: Job, lines: list[Line]) -> list[tuple[int, int, int] | None] | None:
        """What each line takes out, or None when an entry is not there (any more)."""
        left: Counter[int] = Counter()
        taken: list[tuple[int, int, int] | None] = []
        for line in lines:
            if line.entry is None:
                taken.append(None)
                continue
            entry = self.entries[line.entry]
            rest = entry.quantity - left[line.entry]
            if entry.machine != job.machine or entry.is_gone or rest <= 0:
                return None
            quantity = min(line.quantity, rest)
            left[line.entry] += quantity
            taken.append((line.entry, quantity, entry.hand))
        return taken

    def _gives(self, engineer: str, lines: list[Line]) -> bool:
        """Where parts are held in person, he must hold them."""
        if self.mode == "simple":
            return True
        asked: Counter[int] = Counter()
        for line in lines:
            asked[line.part] += line.quantity
        if any(self.held[engineer, part] < quantity for part, quantity in asked.items()):
            return False
        for part, quantity in asked.items():
            self.held[engineer, part] -= quantity
        return True

    def _fit(self, use: Use, job: Job, lines: list[Line], taken: list[tuple[int, int, int] | None]) -> None:
        for line, taking in zip(lines, taken, strict=True):
            if taking is not None:
                entry = self.entries[taking[0]]
                entry.quantity -= taking[1]
                entry.is_gone = entry.quantity == 0
                use.taken.append(taking)
            if job.machine is not None:
                self.entries.append(Entry(job.machine, line.part, line.quantity))
                use.fitted.append(len(self.entries) - 1)

    def undo(self, number: int, by: str, *, reason: str, is_stale: bool) -> bool:
        use = self.uses[number]
        is_own = by in (use.engineer, use.by)
        at_once = is_own and self.minute < use.minute + self.undo_minutes
        if not self.is_on or is_stale or by not in USERS_OF_PARTS or use.status != "recorded":
            return False
        if not at_once and (by not in OFFICE or not reason):
            return False
        if self._stands_against(number):
            return False
        for index in use.fitted:
            self.entries[index].is_gone = True
        for index, quantity, _hand in use.taken:
            self.entries[index].quantity += quantity
            self.entries[index].is_gone = False
        self._take_back(use, "undone")
        return True

    def correct(self, number: int, by: str, *, reason: str, is_stale: bool) -> bool:
        use = self.uses[number]
        if not self.is_on or by not in OFFICE or not reason or is_stale or use.status != "recorded":
            return False
        if not self._stands_against(number):
            return False
        self._take_back(use, "corrected")
        return True

    def _stands_against(self, number: int) -> bool:
        use = self.uses[number]
        later = [each for each in self.uses[number + 1 :] if each.status != "undone"]
        is_changed_again = any(entry in use.touched for each in later for entry, _quantity, _hand in each.taken)
        by_hand = any(self.entries[index].hand for index in use.fitted) or any(
            self.entries[index].hand != hand for index, _quantity, hand in use.taken
        )
        is_ended = self.jobs[use.job].status in {"completed", "cancelled"}
        return is_changed_again or by_hand or is_ended or self.mode != use.mode

    def _take_back(self, use: Use, status: str) -> None:
        use.status = status
        if use.mode != "simple":
            for part, quantity in use.moves:
                self.held[use.engineer, part] += quantity
        self._count(len(use.moves))
        self.audited += 1

    def _count(self, moves: int) -> None:
        self.counted_postings += 1
        self.counted_moves += moves

    # ------------------------------------------------------------ machines by hand
    def hand(self, what: str, by: str, index: int, quantity: int, *, is_stale: bool) -> bool:
        if not self.is_on or by not in OFFICE or (what != "out" and quantity <= 0):
            return False
        if what == "add":
            self.entries.append(Entry(index, 0, quantity))
        else:
            entry = self.entries[index]
            if entry.is_gone or is_stale:
                return False
            entry.hand += 1
            entry.quantity = quantity if what == "edit" else entry.quantity
            entry.is_gone = what == "out"
        self.audited += 1
        return True

    # ------------------------------------------------------------ stock
    def post(self, lines: list[tuple[int, int, str, str]]) -> bool:
        """Part, quantity, from, to."""
        takes = {(source, part) for part, _quantity, source, _target in lines if source != "supplier"}
        puts = {(target, part) for part, _quantity, _source, target in lines if target != "supplier"}
        is_bad = any(quantity <= 0 or source == target for _part, quantity, source, target in lines)
        if not lines or is_bad or takes & puts:
            return False
        held = Counter(self.held)
        for part, quantity, source, target in lines:
            held[source, part] -= quantity if source != "supplier" else 0
            held[target, part] += quantity if target != "supplier" else 0
        if min(held.values(), default=0) < 0:
            return False
        self.held = held
        self._count(len(lines))
        return True

    def book(self, lines: list[tuple[int, int, str, str]]) -> bool:
        is_granted = self.post(lines)
        if is_granted:
            self.postings.append(lines)
        return is_granted

    def reverse(self, number: int) -> bool:
        back = [(part, quantity, target, source) for part, quantity, source, target in self.postings[number]]
        if number in self.reversed_postings or not self.post(back):
            return False
        self.reversed_postings.add(number)
        return True

    # ------------------------------------------------------------ settings and warehouses
    def switch(self, what: str, by: str, *, is_stale: bool, minutes: int = 0) -> bool:
        if by != "ada" or is_stale or what == "standard":
            return False  # not built yet
        if what == "simple" and self.mode == "advanced" and any(self.held.values()):
            return False  # whoever turns the plugin off first comes no further
        if what == "minutes":
            self.undo_minutes = minutes
        elif what in {"on", "off"}:
            self.is_on = what == "on"
        else:
            self.mode = what
        self.audited += 1
        return True

    def warehouse(self, what: str, by: str, number: int) -> bool:
        status = self.warehouses[number]
        has_stock_pages = self.is_on and self.mode == "advanced"
        if by not in KEEPERS or (by != "ada" if what == "set_default" else not has_stock_pages):
            return False  # the default may be chosen by the administrator before the mode that needs it
        if status not in WAREHOUSE_FROM[what] or (what in {"disable", "close"} and self.default == number):
            return False
        if what == "close" and any(count for (place, _part), count in self.held.items() if place == f"shelf {number}"):
            return False
        if what == "set_default":
            self.default = number
        else:
            self.warehouses[number] = {"disable": "disabled", "enable": "open", "close": "closed"}[what]
        self.audited += 1
        return True
