"""Make the balances from the moves again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory import queries
from inventory.domain.balances import rebuild_balances
from inventory.management.commands.verify_ledger import describe


class Command(BaseCommand):
    help = "Show the balances that are not the sum of their moves; with --apply, put them right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="Write. Without it nothing is changed.")

    def handle(self, *, apply: bool, **options: Any) -> None:
        if not apply:
            found = queries.differences()
            self.say(describe(found), f"{len(found)} balances differ. Nothing was changed; --apply puts them right.")
            return
        done = rebuild_balances()
        self.say(describe(done.before), f"{len(done.before)} balances differed, {len(done.after)} differ now.")
        if done.after:
            raise CommandError("Some balances could not be put right.")

    def say(self, lines: list[str], last: str) -> None:
        for line in [*lines, last]:
            self.stdout.write(line)
