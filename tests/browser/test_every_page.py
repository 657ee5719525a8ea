"""Every page, for a fitting person, in both schemes and languages, on a phone and at a desk."""

from collections.abc import Sequence

import pytest
from django.urls import get_resolver

from tests.browser.conftest import Company
from tests.browser.visits import ELSEWHERE, NO_PAGE, VISITS, Things, Visit
from tests.browser.visits_advanced import ADVANCED_NO_PAGE, ADVANCED_VISITS, AdvancedThings
from tests.browser.walking import Walk
from tests.contract.addresses import walk

pytestmark = pytest.mark.browser

FAST = [(390, "dark", "zh-hans"), (1440, "light", "en")]
REST = [
    (width, scheme, language)
    for width in (390, 1440)
    for scheme in ("light", "dark")
    for language in ("en", "zh-hans")
    if (width, scheme, language) not in FAST
]


def walk_all(
    company: Company, visits: Sequence[Visit], things: Things, width: int, scheme: str, language: str
) -> list[str]:
    """What is wrong on these pages; each person keeps one window."""
    wrong = []
    for who in dict.fromkeys(visit.who for visit in visits):
        walker = Walk(company, who, width=width, scheme=scheme, language=language)
        for visit in visits:
            if visit.who == who:
                walker.open(things.path(visit), status=visit.status)
                if visit.refused is None:
                    walker.look(str(visit), with_large_text=visit.with_large_text)
                else:
                    walker.refused(str(visit), visit.refused)
        wrong += walker.wrong
    return wrong


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [*FAST, *(pytest.param(*each, marks=pytest.mark.soak) for each in REST)]
)
def test_everybody_can_use_every_page(company: Company, width: int, scheme: str, language: str):
    assert walk_all(company, VISITS, Things(), width, scheme, language) == []


MIXED = [(390, "light", "zh-hans"), (1440, "dark", "en"), (390, "dark", "en"), (1440, "light", "zh-hans")]


@pytest.fixture(scope="module")
def things(served_advanced: Company) -> AdvancedThings:
    return AdvancedThings()


def test_everybody_can_use_every_page_of_advanced(advanced: Company, things: AdvancedThings):
    """Each page once, the screens, schemes and languages taking turns."""
    wrong = []
    for turn, (width, scheme, language) in enumerate(MIXED):
        wrong += walk_all(advanced, ADVANCED_VISITS[turn :: len(MIXED)], things, width, scheme, language)
    assert wrong == []


@pytest.mark.soak
@pytest.mark.parametrize(("width", "scheme", "language"), [*FAST, *REST])
def test_every_page_of_advanced_everywhere(
    advanced: Company, things: AdvancedThings, width: int, scheme: str, language: str
):
    assert walk_all(advanced, ADVANCED_VISITS, things, width, scheme, language) == []


class TestTheList:
    """The list of pages is held against the resolver."""

    def addresses(self) -> set[str]:
        return {name for name, _pattern in walk(get_resolver("config.urls")) if not name.startswith("admin:")}

    def test_no_page_is_missing(self):
        listed = {visit.address for visit in (*VISITS, *ADVANCED_VISITS)}
        listed |= NO_PAGE | ADVANCED_NO_PAGE | set().union(*ELSEWHERE.values())
        assert {"missing": self.addresses() - listed, "gone": listed - self.addresses()} == {
            "missing": set(),
            "gone": set(),
        }

    def test_no_page_is_listed_twice(self):
        visited = {visit.address for visit in (*VISITS, *ADVANCED_VISITS)}
        groups = [visited, NO_PAGE, ADVANCED_NO_PAGE, *ELSEWHERE.values()]
        assert sum(len(group) for group in groups) == len(set().union(*groups))

    def test_a_new_page_would_be_missed(self):
        assert "spareparts:use_report" in self.addresses() - ({v.address for v in VISITS} - {"spareparts:use_report"})


class TestControls:
    """What the walk would say of a page with faults."""

    def test_it_finds_a_planted_fault_of_each_kind(self, company: Company):
        walker = Walk(company, "jana", width=390, scheme="light")
        walker.open("/jobs/")
        walker.page.evaluate(
            """() => {
                const box = document.createElement('div');
                box.innerHTML = '<button></button><p class="nowrap">' + 'wide '.repeat(99) + '</p>';
                document.querySelector('main').append(box);
                box.setAttribute('style', 'color: red');
                fetch('http://stranger.example/').catch(() => {});
            }"""
        )
        walker.page.wait_for_timeout(200)
        walker.look("planted")
        found = " ".join(walker.wrong)
        for fault in ("button-name", "scrolls sideways", "inline style", "stranger.example", "scrolls sideways at 320"):
            assert fault in found, fault
