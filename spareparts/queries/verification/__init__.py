"""Do the documents and the ledger tell the same story? Each check is one statement and answers what does not fit.

A family of documents adds its checks in a module of its own, named in CHECKS.
"""

from django.db import connection

from spareparts.queries.verification import consumption, personal, returns, staging, transit
from spareparts.queries.verification.checks import Check, DocumentDifference

__all__ = ["CHECKS", "DocumentDifference", "document_differences"]

CHECKS: dict[str, Check] = {
    **consumption.CHECKS,
    **personal.CHECKS,
    **staging.CHECKS,
    **transit.CHECKS,
    **returns.CHECKS,
}


def document_differences() -> list[DocumentDifference]:
    """Everything that does not fit; empty when the documents and the ledger agree."""
    found = []
    with connection.cursor() as cursor:
        for name, check in CHECKS.items():
            cursor.execute(check.sql, [str(each) for each in check.parameters])
            rows = cursor.fetchall()
            found += [DocumentDifference(name, check.prefix, int(key), int(p), int(steps)) for key, p, steps in rows]
    return found
