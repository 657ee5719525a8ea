"""From the printed reference of a posting to the page of its document."""

from collections.abc import Iterable

from django.urls import reverse

from spareparts.models import Issue, Receipt

LONGEST_KEY = 18

PAGES = {
    "CO": "spareparts:consumption",
    "RQ": "spareparts:requisition",
    "SH": "spareparts:shipment",
    "RT": "spareparts:return",
    "HO": "spareparts:hand_over",
    "LO": "spareparts:loss",
    "LP": "spareparts:purchase",
    "SC": "spareparts:count",
    "OP": "spareparts:debt",
    "DI": "spareparts:discrepancy",
}


def document_url(reference: str) -> str:
    """The page of "RQ-000042"; empty for references that have none, such as goods receipts."""
    prefix, _dash, number = reference.partition("-")
    return reverse(PAGES[prefix], args=[int(number)]) if prefix in PAGES and _is_key(number) else ""


def document_urls(references: Iterable[str]) -> dict[str, str]:
    """The pages of many references; an issue and a receipt have none of their own and lead to what they belong to.

    At most two statements.
    """
    wanted = set(references)
    found = {reference: document_url(reference) for reference in wanted}
    issues = Issue.objects.filter(pk__in=_keys(wanted, Issue.PREFIX)).order_by()
    for issue in issues.only("pk", "requisition_id") if _keys(wanted, Issue.PREFIX) else ():
        found[issue.reference] = reverse("spareparts:requisition", args=[issue.requisition_id])
    receipts = Receipt.objects.filter(pk__in=_keys(wanted, Receipt.PREFIX)).order_by()
    for receipt in receipts.only("pk", "shipment_id") if _keys(wanted, Receipt.PREFIX) else ():
        found[receipt.reference] = reverse("spareparts:shipment", args=[receipt.shipment_id])
    return found


def _keys(references: Iterable[str], wanted: str) -> list[int]:
    pairs = (reference.partition("-") for reference in references)
    return [int(number) for prefix, _dash, number in pairs if prefix == wanted and _is_key(number)]


def _is_key(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= LONGEST_KEY
