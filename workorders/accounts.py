"""How people get in: by invitation only, with e-mail and password, and a second factor if they want one.

The address in the row of a person is the only one he signs in with: no row of allauth's e-mail addresses is ever
made, so a changed address cannot leave an old one behind that still opens the door.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

import structlog
from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.shared import audit
from config.shared.access import is_local

log = structlog.get_logger(__name__)

FORGOTTEN_PASSWORD_LINK_LIVES = timedelta(days=1)
CODES_RENEWED = "person.recovery_codes_renewed"
ASKED_FOR = {"account/email/password_reset_key", "account/email/unknown_account"}


class PasswordLinks(PasswordResetTokenGenerator):
    """The secret in a set-password link: once, for an active person, a day; a week for an invitation."""

    def check_token(self, user: Any, token: str | None) -> bool:
        if not super().check_token(user, token) or not user.is_active:
            return False
        return not user.has_usable_password() or self._age(str(token)) <= FORGOTTEN_PASSWORD_LINK_LIVES

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_epoch}"

    def _age(self, token: str) -> timedelta:
        made = base36_to_int(token.partition("-")[0])
        return timedelta(seconds=self._num_seconds(self._now()) - made)


class SignInBackend(AuthenticationBackend):
    """Signs people in and grants nothing: rights come from spareparts/rules.py alone, Django's groups are unused."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account may not sign in. Ask your administrator."),
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is not right. Check both."),
        "too_many_login_attempts": gettext_lazy(
            "Too many wrong attempts for this account. Wait five minutes, or ask for a link to set a new password."
        ),
        "rate_limited": gettext_lazy("That was too often. Wait a minute and try again."),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "incorrect_code": gettext_lazy("This code is not right. Type the one your app shows now."),
        "invalid_password_reset": gettext_lazy("This link is no longer valid."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        return is_local(url)

    def get_client_ip(self, request: HttpRequest) -> str:
        return audit.client_address(request) or "unknown"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("workorders:me")

    def set_password(self, user: Any, password: str) -> None:
        """Write the password alone: a whole row would undo what an administrator changes at the same moment."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit.record_refusal(request, str(credentials.get("email", "")), reason="too many attempts")
            raise

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the language of the person. When the mail server is away, who asked for the mail is told."""
        try:
            with translation.override(language_of(context.get("user"))):
                super().send_mail(template_prefix, email, {"company_name": settings.COMPANY_NAME, **context})
        except OSError as error:
            log.exception("account_mail_failed", template=template_prefix)
            if template_prefix not in ASKED_FOR:
                return  # a notice: what it tells of stands all the same
            messages.error(self.request, _("The mail could not be sent. Try again in a few minutes."))
            raise ImmediateHttpResponse(redirect("account_reset_password")) from error

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person, in his language, what changed in his account."""
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of the second factor rest encrypted: a stolen copy of the database makes no codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right. Type the one your app shows now."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Writes with a key made from SECRET_KEY, reads with those of SECRET_KEY_FALLBACKS too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [
        salted_hmac("workorders.accounts.second_factor", "key", secret=each, algorithm="sha256") for each in secrets
    ]
    return MultiFernet([Fernet(urlsafe_b64encode(key.digest())) for key in keys])


@transaction.atomic
def reencrypt_second_factors() -> int:
    """Write every stored secret under the present key; returns how many factors there are."""
    cipher, done = _cipher(), 0
    for factor in Authenticator.objects.select_for_update().order_by("pk"):
        for name in {"secret", "seed"} & factor.data.keys():
            factor.data[name] = cipher.rotate(factor.data[name].encode()).decode()
        factor.save(update_fields=["data"])
        done += 1
    return done


def language_of(person: Any) -> str:
    """The language to write to a person in: his own, else the one now spoken."""
    return getattr(person, "language", "") or translation.get_language() or "en"


def password_link(request: HttpRequest, person: Any) -> str:
    """The address at which ``person`` sets a password; it works once."""
    words = {"uidb36": user_pk_to_url_str(person), "key": PasswordLinks().make_token(person)}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=words))


def send_password_link(request: HttpRequest, person: Any, *, by: Any, at: datetime) -> bool:
    """Mail a set-password link: an invitation to who has no password yet, a reset to all others.

    Returns whether the mail went out; either way one audit row says so.
    """
    kind = "password_reset_key" if person.has_usable_password() else "invitation"
    adapter = AccountAdapter(request)
    context = {
        "user": person,
        "by": by,
        "password_reset_url": password_link(request, person),
        "company_name": settings.COMPANY_NAME,
    }
    try:
        with translation.override(language_of(person)):
            adapter.render_mail(f"account/email/{kind}", person.email, context).send()
    except OSError:
        log.exception("password_link_not_sent", person=person.pk)
        audit.record("person.link_not_sent", by=by, at=at, subject=person, details={"mail": kind})
        return False
    audit.record("person.link_sent", by=by, at=at, subject=person, details={"mail": kind})
    return True


def connect_signals() -> None:
    """Write what people do to their own password and second factor into the audit."""
    for signal, verb in (
        (account_signals.password_changed, "person.password_changed"),
        (account_signals.password_reset, "person.password_set"),
        (mfa_signals.authenticator_added, "person.second_factor_added"),
        (mfa_signals.authenticator_removed, "person.second_factor_removed"),
        (mfa_signals.authenticator_reset, CODES_RENEWED),
    ):
        signal.connect(_recorder(verb), weak=False, dispatch_uid=f"audit_{verb}")
    mfa_signals.authentication_failed.connect(_wrong_code, dispatch_uid="audit_wrong_code")
    account_signals.password_reset.connect(_forget_wrong_attempts, dispatch_uid="forget_wrong_attempts")


def _recorder(verb: str) -> Any:
    def write(sender: object, user: Any, authenticator: Any = None, **kwargs: Any) -> None:
        comes_along = authenticator is not None and authenticator.type == Authenticator.Type.RECOVERY_CODES
        if comes_along and verb != CODES_RENEWED:
            return  # recovery codes come and go with the app: one row for both
        audit.record(verb, by=user, at=timezone.now(), subject=user)

    return write


def _wrong_code(sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    audit.record_refusal(request, user.email, reason="wrong code")


def _forget_wrong_attempts(sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    AccountAdapter(request)._delete_login_attempts_cached_email(request, email=user.email)
