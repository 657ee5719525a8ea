"""One settings module, driven by the environment.

Without any variable it is the embedded world: SQLite in ``var/``, no broker, debug pages for a developer.
With ``SPAREPARTS_ENV=production`` every secret and address must be given, and a missing one stops the start.
"""

import os
from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("SPAREPARTS_ENV", default="development")
if ENVIRONMENT not in {"development", "demo", "production"}:
    raise ImproperlyConfigured("SPAREPARTS_ENV must be development, demo or production.")
IS_PRODUCTION = ENVIRONMENT == "production"
IS_DEMO = ENVIRONMENT == "demo"
VAR_DIR = Path(env.str("SPAREPARTS_VAR", default=str(BASE_DIR / "var")))

REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL")
if IS_PRODUCTION:
    missing = [name for name in REQUIRED_IN_PRODUCTION if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"Production needs these environment variables: {', '.join(missing)}.")

PUBLIC_KEY = "development-only-key-never-used-in-production-0123456789"
SECRET_KEY = env.str("SECRET_KEY", default=PUBLIC_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # old ones, while sessions and secrets move on
DEBUG = env.bool("DEBUG", default=False) and not IS_PRODUCTION
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
if IS_PRODUCTION and SECRET_KEY == PUBLIC_KEY:
    raise ImproperlyConfigured("Production needs a SECRET_KEY of its own: this one stands in the source.")
if IS_PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Production needs the names of the site in ALLOWED_HOSTS: with * a link in a mail lies.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- The company: one per installation -------------------------------------------------------------------
COMPANY_NAME = env.str("COMPANY_NAME", default="Nordlift Service")
COMPANY_CURRENCY = env.str("COMPANY_CURRENCY", default="EUR")
COMPANY_TIME_ZONE = env.str("COMPANY_TIME_ZONE", default="Europe/Vienna")

# --- Apps ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "config.shared",
    "workorders",
    "inventory",
    "spareparts",
    "config.shared.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # the form renderer looks for the widgets among our templates
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "import_export",
    "simple_history",
]
if not IS_PRODUCTION:
    INSTALLED_APPS.insert(0, "whitenoise.runserver_nostatic")

MIDDLEWARE = [
    "config.shared.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.shared.middleware.UserPreferencesMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "spareparts.middleware.PolicyMiddleware",
    "config.shared.middleware.DenialAuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shared.context.company",
                "spareparts.menus.navigation",
            ],
        },
    },
]
FORM_RENDERER = "config.shared.rendering.FormRenderer"

# --- Database --------------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock first: a deferred transaction that upgrades later dies with "locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
    ),
}
# The demo deletes its data when asked: it never shares a file with a company's own.
SQLITE_FILE = VAR_DIR / ("demo.sqlite3" if IS_DEMO else "spareparts.sqlite3")
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{SQLITE_FILE}")}
DATABASE = DATABASES["default"]
IS_POSTGRESQL = DATABASE["ENGINE"].endswith("postgresql")
if IS_POSTGRESQL:
    DATABASE["OPTIONS"] = {"options": "-c lock_timeout=10s -c statement_timeout=60s"}
    if env.bool("DATABASE_POOL", default=False):  # web only: Celery closes it after every task
        DATABASE["OPTIONS"]["pool"] = {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=4)}
else:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASE["OPTIONS"] = SQLITE_OPTIONS
    # Threads of a test need a file: an in-memory database has one connection.
    DATABASE["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and sessions ----------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "config.shared.caching.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},  # a silent server is a lost one
        },
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # the database is the truth; Redis may die
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no further cookie

# --- People ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "workorders.User"
AUTHENTICATION_BACKENDS = [
    "spareparts.backends.RoleBackend",
    "workorders.accounts.SignInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "workorders.passwords.WithoutCompanyWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "spareparts:home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24 * 7  # an invitation; a forgotten password gets less, workorders/accounts.py
# How many proxies of ours stand in front: without them X-Forwarded-For is a stranger's claim and is not read.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ACCOUNT_ADAPTER = "workorders.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by invitation: the mail itself is the proof
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "workorders.accounts.PasswordLinks"  # noqa: S105  a path
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the second factor is still asked
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PRODUCTION else "http"
ACCOUNT_FORMS = {
    "login": "workorders.account_forms.SignInForm",
    "reauthenticate": "workorders.account_forms.ConfirmPasswordForm",
    "change_password": "workorders.account_forms.ChangePasswordForm",
    "reset_password": "workorders.account_forms.ForgotPasswordForm",
    "reset_password_from_key": "workorders.account_forms.NewPasswordForm",
}
# Per person ("key", "user") tight, per address ("ip") wide: a whole warehouse may sit behind one address.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,10/5m/key",
    "reset_password": "20/m/ip,120/h/ip,5/h/key",
    "reset_password_from_key": "60/m/ip",
    "change_password": "10/m/user",
    "reauthenticate": "10/m/user",
    "signup": "60/m/ip",
}
MFA_ADAPTER = "workorders.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = COMPANY_NAME
MFA_TOTP_TOLERANCE = 1  # one step of 30 s, for a slow typist or a clock that is off (RFC 6238, 5.2)
MFA_FORMS = {
    "authenticate": "workorders.account_forms.CodeForm",
    "reauthenticate": "workorders.account_forms.ConfirmCodeForm",
    "activate_totp": "workorders.account_forms.ActivateAppForm",
}

# --- Language and time -----------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = COMPANY_TIME_ZONE
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- Static and uploaded files ---------------------------------------------------------------------------
STATIC_URL = "static/"
COLLECTED = (BASE_DIR if IS_PRODUCTION else VAR_DIR) / "staticfiles"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(COLLECTED)))
if not IS_PRODUCTION:  # nothing is collected here, and WhiteNoise warns of a missing folder
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if IS_PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = not IS_PRODUCTION  # an edited style shows on the next page, without a restart
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=10 * 1024 * 1024)

# --- Mail and Celery -------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://" if not IS_DEMO else "filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; somebody waits for the page
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Spareparts <spareparts@demo.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Security --------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.shared.errors_views.csrf_failure"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_SECURE = True
    LANGUAGE_COOKIE_NAME = "__Host-language"

# --- Libraries -------------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "components/table.html"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# --- Logs ------------------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if IS_PRODUCTION else "console")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
            ],
        },
        "console": {"format": "%(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["stderr"],
        "level": env.str("LOG_LEVEL", default="INFO" if IS_PRODUCTION else "WARNING"),
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
SILENCED_SYSTEM_CHECKS: list[str] = []

DEMO_PERSONAS_ENABLED = IS_DEMO
