"""Background work that serves every app."""

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from config.shared.models import RequestKey

REQUEST_KEYS_KEPT = timedelta(days=30)  # far longer than a page stays open in a browser


@shared_task
def housekeeping() -> None:
    """Forget sessions that ran out, the keys of forms sent long ago, and uploads nobody finished importing."""
    from config.shared.imports.store import forget_old  # heavy: spreadsheets

    call_command("clearsessions")
    RequestKey.objects.filter(created_at__lt=timezone.now() - REQUEST_KEYS_KEPT).delete()
    forget_old()
