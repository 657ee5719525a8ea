"""Signing in as people do: with e-mail and password, through the page."""

from typing import Any

from django.test import Client

from config.shared.models import AuditEvent
from workorders.models import User

PASSWORD = "seven blue lifts"
SIGN_IN = "/accounts/login/"
WRONG = "The e-mail address or the password is not right. Check both."
TOO_MANY = "Too many wrong attempts for this account. Wait five minutes, or ask for a link to set a new password."


def with_password(person: User, password: str = PASSWORD) -> User:
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


def sign_in(client: Client, person: User | str, password: str = PASSWORD, **more: Any) -> Any:
    email = person if isinstance(person, str) else person.email
    extra = {name: more.pop(name) for name in list(more) if name.startswith("REMOTE")}
    return client.post(SIGN_IN, {"login": email, "password": password, **more}, **extra)


def is_signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def verbs() -> list[str]:
    """Everything the audit holds, oldest first."""
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def messages_on(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def form_errors(response: Any) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in response.context["form"].errors.items()}
