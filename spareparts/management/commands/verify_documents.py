"""Compare the documents with the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spareparts.queries.verification import document_differences


class Command(BaseCommand):
    help = "Prove that every document is backed by its moves; exits 1 on any difference."

    def handle(self, **options: Any) -> None:
        differences = document_differences()
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences between documents and ledger", returncode=1)
        self.stdout.write("Every document is backed by its moves.")
