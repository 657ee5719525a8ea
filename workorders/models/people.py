"""People: one sign-in each, several hats, one team."""

import zoneinfo
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import _user_has_module_perms, _user_has_perm  # type: ignore[attr-defined]
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config.shared.text import OneLineField
from workorders.enums import Role, Theme

# What a sign-in or a new password writes is told by the audit, not by the history of a person.
WITHOUT_HISTORY = frozenset({"password", "last_login", "session_epoch"})


def validate_time_zone(value: str) -> None:
    """Refuse a name that this machine's time zone data does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("This time zone is not known. Choose one from the list."), code="unknown")


class Team(models.Model):
    name = OneLineField(_("name"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person without a usable password until he sets one by invitation, unless ``password`` is given."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The first administrator, for ``manage.py createsuperuser``."""
        return self.create_user(email, password, is_administrator=True, **fields)

    def with_role(self, role: Role) -> models.QuerySet["User"]:
        return self.filter(**{f"is_{role.value}": True})


class User(AbstractBaseUser):
    """A person. The five hats are flags of the row, so that asking a permission costs no query."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = OneLineField(_("full name"), max_length=120)
    is_active = models.BooleanField(
        _("may sign in"), default=True, help_text=_("Switched off, the person is signed out at the next click.")
    )
    is_engineer = models.BooleanField(Role.ENGINEER.label, default=False)
    is_warehouse_manager = models.BooleanField(Role.WAREHOUSE_MANAGER.label, default=False)
    is_service_manager = models.BooleanField(Role.SERVICE_MANAGER.label, default=False)
    is_administrator = models.BooleanField(Role.ADMINISTRATOR.label, default=False)
    is_auditor = models.BooleanField(Role.AUDITOR.label, default=False)
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, null=True, blank=True)
    phone = OneLineField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=settings.LANGUAGES, help_text=_("Empty: as the browser asks.")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Empty: the company's."),
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    date_joined = models.DateTimeField(_("member since"), default=timezone.now, editable=False)
    session_epoch = models.PositiveIntegerField(
        _("sessions ended"), default=0, editable=False, help_text=_("Counts up to end all sessions of a person.")
    )

    objects = UserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login", "session_epoch"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message=_("Somebody already uses this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a history row is written only when something about the person changed."""
        fields = kwargs.get("update_fields")
        if fields is None or not set(fields) <= WITHOUT_HISTORY:
            super().save(*args, **kwargs)
            return
        self.skip_history_when_saving = True
        try:
            super().save(*args, **kwargs)
        finally:
            del self.skip_history_when_saving

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session must match: a new password or a higher ``session_epoch`` ends it at the next request."""
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("workorders.people.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def roles(self) -> frozenset[Role]:
        """The hats of a person who may sign in; none for all others."""
        if not self.is_active:
            return frozenset()
        return frozenset(role for role in Role if getattr(self, f"is_{role.value}"))

    @property
    def is_staff(self) -> bool:
        """May open the admin: derived from the role table, never stored."""
        return self.has_perm("admin.open")

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return self.is_active and bool(_user_has_perm(self, permission, obj))

    def has_perms(self, permissions: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(each, obj) for each in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and bool(_user_has_module_perms(self, app_label))
