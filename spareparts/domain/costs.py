"""What parts cost, rounded the same way everywhere."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MOST_COST = Decimal(10) ** 14  # less than that; what the columns hold


def line_cost(unit_cost: Decimal, quantity: int, decimal_places: int) -> Decimal:
    """Cost of ``quantity`` smallest steps at ``unit_cost`` per unit, rounded half up to the cent."""
    return (unit_cost * Decimal(quantity).scaleb(-decimal_places)).quantize(CENT, rounding=ROUND_HALF_UP)
