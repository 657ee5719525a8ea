"""People type part numbers as they hear them; the catalogue finds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.models import Part, PartBarcode
from inventory.search import normalise, words
from tests.factories.inventory import PartFactory

pytestmark = pytest.mark.django_db


def numbers(query: str) -> list[str]:
    return list(Part.objects.search(query).values_list("number", flat=True))


@pytest.fixture
def shelf() -> dict[str, Part]:
    return {
        "bearing": PartFactory(number="BRG-6204-2RS", name="Bearing 6204 2RS", manufacturer="SKF"),
        "valve": PartFactory(number="VLV-SOL-24V", name="Solenoid valve 24 V", manufacturer_number="EVR 6 / 032F"),
        "chinese": PartFactory(number="CN-轴承-01", name="深沟球轴承 6204", supplier_number="ＡＢＣ－１２３"),
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("BRG-6204-2RS", ["BRG-6204-2RS"]),
        ("brg62042rs", ["BRG-6204-2RS"]),
        ("brg 6204 2rs", ["BRG-6204-2RS"]),
        ("2rs bearing", ["BRG-6204-2RS"]),
        ("bear–ing", ["BRG-6204-2RS"]),
        ("ＢＲＧ６２０４", ["BRG-6204-2RS"]),
        ("evr6032f", ["VLV-SOL-24V"]),
        ("球 轴承", ["CN-轴承-01"]),
        ("轴承", ["CN-轴承-01"]),
        ("abc123", ["CN-轴承-01"]),
        ("abc-123", ["CN-轴承-01"]),
        ("skf 6204", ["BRG-6204-2RS"]),
        ("bearing valve", []),
        ("---", []),
    ],
)
def test_jana_finds_a_part_however_she_types_it(shelf, typed, expected):
    assert numbers(typed) == expected


@pytest.mark.parametrize("typed", ["%", "_", "%%%", "\\", "B%G", "' OR 1=1 --", "\x00", "6\x0020\u200b4 brg\ud800"])
def test_wildcards_and_unseen_characters_mean_nothing(shelf, typed):
    expected = ["BRG-6204-2RS"] if "6204" in normalise(typed) else []
    assert numbers(typed) == expected


def test_blanks_alone_find_everything_and_a_flood_of_words_is_cut(shelf):
    assert len(numbers("  ")) == 3
    assert len(words("a " * 1000)) == 8
    assert words("x" * 5000) == ["x" * 100]


def test_a_whole_identifier_comes_first_and_unlisted_parts_last():
    PartFactory(number="620", name="Seal")
    PartFactory(number="6204-C3", name="Ball")
    PartFactory(number="6204", name="Ball", is_listed=False)
    PartFactory(number="A-1", name="Kit for 6204")
    PartFactory(number="A-2", name="Kit", manufacturer_number="X6204")
    PartFactory(number="A-3", name="Kit", is_listed=False, manufacturer_number="X6204")
    PartFactory(number="A-4", name="Kit", supplier_number="62-04")

    assert numbers("6204") == ["A-4", "6204", "6204-C3", "A-1", "A-2", "A-3"]


def test_a_scanned_barcode_finds_its_part_and_is_forgotten_with_it(shelf):
    bearing = shelf["bearing"]
    code = PartBarcode.objects.create(part=bearing, code="4006381-333931")
    assert numbers("4006381333931") == ["BRG-6204-2RS"]

    code.part = shelf["valve"]
    code.save()
    assert numbers("4006381333931") == ["VLV-SOL-24V"]

    code.delete()
    assert numbers("4006381333931") == []


def test_saving_one_field_keeps_the_search_right(shelf):
    bearing = shelf["bearing"]
    PartBarcode.objects.create(part=bearing, code="123456")
    bearing.name = "Ball bearing"
    bearing.save(update_fields=["name"])

    assert numbers("ball 123456") == ["BRG-6204-2RS"]


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    assert "\n" not in once


@given(st.text(min_size=1, max_size=60))
def test_what_is_typed_without_blanks_is_a_word_of_itself(text):
    found = words(text)
    assert "".join(found) == "".join(normalise(each) for each in found)
