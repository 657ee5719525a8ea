"""The door for an ASGI server. Every view is synchronous, so WSGI serves several times more requests."""

import os

from django.core.asgi import get_asgi_application

from inventory.checks import require_triggers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
require_triggers()  # a server runs no database checks of its own
