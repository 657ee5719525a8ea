"""Do the books add up?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from inventory import queries, triggers
from inventory.models import Location, Lot, Part
from inventory.queries import Difference


class Command(BaseCommand):
    help = "Compare balances with the sum of their moves, and triggers with this release. Exit 1 on a difference."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        found = queries.differences()
        for line in describe(found):
            self.stdout.write(line)
        names = triggers.differences(connection)
        if names:
            self.stdout.write(f"Triggers that are not the ones of this release: {', '.join(names)}. {triggers.REMEDY}")
        if found or names:
            raise CommandError(f"The ledger does not verify: {len(found)} balances, {len(names)} triggers.")
        self.stdout.write("The ledger verifies: every balance is the sum of its moves.")


def describe(found: list[Difference]) -> list[str]:
    """One line a person can look up per difference."""
    places = Location.objects.select_related("owner", "warehouse").in_bulk({each.location_id for each in found})
    parts = Part.objects.in_bulk({each.part_id for each in found})
    lots = Lot.objects.in_bulk({each.lot_id for each in found if each.lot_id is not None})
    return [
        f"{places.get(each.location_id, each.location_id)} · {parts.get(each.part_id, each.part_id)}"
        f" · {each.condition}{f' · {lots[each.lot_id]}' if each.lot_id in lots else ''}:"
        f" balance {each.booked}, moves add up to {each.moved}"
        for each in found
    ]
