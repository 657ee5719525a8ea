"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from inventory.checks import require_triggers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
require_triggers()  # a server runs no database checks of its own
