"""Every page, for a fitting person, in both schemes and languages, on a phone and at a desk."""

import pytest
from django.urls import get_resolver

from tests.browser.conftest import Company
from tests.browser.visits import ELSEWHERE, NO_PAGE, VISITS, Things
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


def walk_all(company: Company, width: int, scheme: str, language: str) -> list[str]:
    """What is wrong on all pages; each person keeps one window."""
    things, wrong = Things(), []
    for who in dict.fromkeys(visit.who for visit in VISITS):
        walker = Walk(company, who, width=width, scheme=scheme, language=language)
        for visit in VISITS:
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
    assert walk_all(company, width, scheme, language) == []


class TestTheList:
    """The list of pages is held against the resolver."""

    def addresses(self) -> set[str]:
        return {name for name, _pattern in walk(get_resolver("config.urls")) if not name.startswith("admin:")}

    def test_no_page_is_missing(self):
        listed = {visit.address for visit in VISITS} | NO_PAGE | set().union(*ELSEWHERE.values())
        assert {"missing": self.addresses() - listed, "gone": listed - self.addresses()} == {
            "missing": set(),
            "gone": set(),
        }

    def test_no_page_is_listed_twice(self):
        groups = [{visit.address for visit in VISITS}, NO_PAGE, *ELSEWHERE.values()]
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
