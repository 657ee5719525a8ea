"""Give the web role its rights on PostgreSQL: add to the ledger, never change it."""

import os
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import connection, transaction

SCRIPT = "deploy/postgres-web-role.sql"


class Command(BaseCommand):
    help = f"Run {SCRIPT} as the owner of the tables; with WEB_ROLE_PASSWORD set, set the role's password too."

    def handle(self, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Roles are a matter of PostgreSQL; this database is another one.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute((settings.BASE_DIR / SCRIPT).read_text())
            password = os.environ.get("WEB_ROLE_PASSWORD")
            if password:
                # A utility statement takes no parameters: let the server quote the password.
                cursor.execute("SELECT format('ALTER ROLE spareparts_web PASSWORD %%L', %s)", [password])
                cursor.execute(cursor.fetchone()[0])
        self.stdout.write("The role spareparts_web has its rights.")
