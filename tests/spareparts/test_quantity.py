"""How a typed quantity is read."""

import pytest

from inventory.models import Unit
from spareparts.forms.lines import QuantityRefused, parse_quantity

METRE = Unit(code="m", name="metre", decimal_places=2)


@pytest.mark.parametrize(("text", "steps"), [("1.5", 150), ("1,5", 150), ("0,25", 25), ("12", 1200), ("2.50", 250)])
def test_a_decimal_comma_is_a_decimal_point(text, steps) -> None:
    assert parse_quantity(text, METRE) == steps


@pytest.mark.parametrize("text", ["1,500", "1.000,5", "1,2,3", ",5", "1,", "1e3", "-1", "NaN", ""])
def test_what_could_mean_two_things_is_refused(text) -> None:
    with pytest.raises(QuantityRefused, match=r"Enter a number such as 1\.5\."):
        parse_quantity(text, METRE)
