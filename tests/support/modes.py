"""A company in another mode, as if it had been switched long ago."""

from spareparts.enums import Mode
from spareparts.models import SparepartsSettings
from spareparts.policies import ModePolicy
from spareparts.queries import current_policy


def in_mode(mode: Mode, **settings: object) -> ModePolicy:
    """Make ``mode`` the company's, with further ``settings``; the policy as a page would read it now."""
    SparepartsSettings.objects.update_or_create(pk=1, defaults={"mode": mode, **settings})
    return current_policy()
