"""How Django asks the table of rules: the backend behind ``user.has_perm``."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from spareparts.policies import ModePolicy
from spareparts.queries import current_policy
from spareparts.rules import ADMIN_MODELS, is_granted
from workorders.enums import Role


class RoleBackend(BaseBackend):
    """Answers ``user.has_perm`` from the table; signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        roles: frozenset[Role] = getattr(user_obj, "roles", frozenset())
        return bool(roles) and is_granted(str(perm), roles=roles, policy=policy_of(user_obj))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        roles: frozenset[Role] = getattr(user_obj, "roles", frozenset())
        return any(
            label.startswith(f"{app_label}.") and any(role in rights for role in roles)
            for label, rights in ADMIN_MODELS.items()
        )


def policy_of(user: Any) -> ModePolicy:
    """The policy of the request the user came with; outside requests it is read once and kept on the object."""
    if not hasattr(user, "policy"):
        user.policy = current_policy()
    return user.policy
