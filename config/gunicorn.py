"""How gunicorn serves: read by ``gunicorn config.wsgi --config config/gunicorn.py``."""

import multiprocessing
import os

if os.environ.get("SPAREPARTS_ENV") != "production":
    # Anything else has a public secret key, answers to every name and sends cookies without https.
    raise SystemExit("gunicorn serves with SPAREPARTS_ENV=production only; to look around: manage.py demo.")

bind = os.environ.get("GUNICORN_BIND", "0.0.0.0:8000")  # behind the proxy of the installation
workers = int(os.environ.get("WEB_CONCURRENCY", 2 * multiprocessing.cpu_count() + 1))
threads = int(os.environ.get("GUNICORN_THREADS", "2"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 30
max_requests = 5000  # a leak in a library never becomes an outage
max_requests_jitter = 500
accesslog = None  # django-structlog writes one line per request, with the person and the request id
