"""After SECRET_KEY was replaced: write the secrets of all second factors under the new key."""

from typing import Any

from django.core.management.base import BaseCommand

from workorders.accounts import reencrypt_second_factors


class Command(BaseCommand):
    help = "Write the secrets of second factors under the present SECRET_KEY, so that a former one may go."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reencrypt_second_factors()} second factors are under the present key.")
