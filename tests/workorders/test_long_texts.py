"""A text that every job card carries has an end."""

from typing import Any

from tests.factories.workorders import CustomerFactory
from tests.spareparts.helpers import key
from workorders.models import Site, User


def test_a_pasted_book_is_refused_and_kept_in_the_form(as_user: Any, eva: User):
    customer, book = CustomerFactory(), "y" * 4_001
    words = {"name": "Annexe", "address": book, "notes": book, **key()}
    form = as_user(eva).post(f"/customers/{customer.pk}/sites/new/", words).context["form"]
    too_long = ["Ensure this value has at most 4000 characters (it has 4001)."]
    assert (form.errors, form["notes"].value()) == ({"address": too_long, "notes": too_long}, book)
    assert Site.objects.filter(name="Annexe").count() == 0


def test_what_fits_is_kept(as_user: Any, eva: User):
    customer, text = CustomerFactory(), "y" * 4_000
    words = {"name": "Annexe", "address": text, "notes": text, **key()}
    assert as_user(eva).post(f"/customers/{customer.pk}/sites/new/", words).status_code == 302
    assert Site.objects.get(name="Annexe").notes == text
