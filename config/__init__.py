"""Settings, addresses, background work; what every app shares is in config.shared.

Empty on purpose: manage.py imports config.bootstrap where nothing is installed yet. Celery comes with config.apps.
"""
