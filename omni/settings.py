"""
Every setting of Omni. What differs by machine comes from the environment; only a loopback-only installation may rely on
defaults: as soon as ALLOWED_HOSTS names a public host, a missing secret or DEBUG stops the start.
"""

import secrets
from datetime import timedelta
from pathlib import Path

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("OMNI_VAR", str(BASE_DIR / "var")))
(VAR_DIR / "staticfiles").mkdir(parents=True, exist_ok=True)

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PUBLIC = not set(ALLOWED_HOSTS) <= LOOPBACK
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
if PUBLIC and (DEBUG or DEMO):
    raise ImproperlyConfigured("DEBUG and DEMO are for loopback only; ALLOWED_HOSTS names a public host.")


def secret(name: str, make) -> str:
    """Return a secret from the environment; on loopback, keep a generated one in the var folder instead."""
    given = env.str(name, "")
    if given:
        return given
    if PUBLIC:
        raise ImproperlyConfigured(f"Set {name}: a public installation has no default secret.")
    path = VAR_DIR / f"{name.lower()}.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text().strip()


def fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


SECRET_KEY = secret("SECRET_KEY", lambda: secrets.token_urlsafe(50))
FIELD_KEYS = secret("FIELD_KEYS", fernet_key).split(",")  # newest first; connector secrets are encrypted with these

# --- apps, lowest first -------------------------------------------------------------------------------------------
PROJECT_APPS = ["omni", "inventory", "customers", "orders", "journeys"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "lucide",
    "rest_framework",
    "treebeard",
    *PROJECT_APPS,
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "omni.middleware.staff_preferences",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "omni.urls"
WSGI_APPLICATION = "omni.wsgi.application"
ASGI_APPLICATION = "omni.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "omni.navigation.shell",
            ],
        },
    }
]

# --- database: SQLite embedded, PostgreSQL the real thing ---------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'omni.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
            "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

CACHE_URL = env.str("CACHE_URL", "")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "omni_cache"}
    ),
    # Counts of the rate limits: shared where there is Redis, else per web process and at no cost to the database.
    "limits": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "limits",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    ),
}

# --- sign-in ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "omni.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "omni.access.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{RULES}.UserAttributeSimilarityValidator"},
    {"NAME": f"{RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{RULES}.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "omni.access.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "120/m/ip,10/300s/key"}  # axes locks out before
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Omni"
TOTP_ROLES = {"head_office", "administrator"}  # these need a second factor, except in the loopback demo
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "omni.views.sign_in.name_of"
AXES_LOCKOUT_CALLABLE = "omni.views.sign_in.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PUBLIC
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # probes come by plain HTTP, from inside
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- language, time, money ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
    ("ms", "Bahasa Melayu"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", "USD")

# --- files --------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
FEED_ROOT = Path(env.str("FEED_ROOT", str(VAR_DIR / "feeds")))  # the folders of the feed connector
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_LIMITS = {
    "bytes": 20 * 1024 * 1024,
    "unpacked_bytes": 200 * 1024 * 1024,
    "part_bytes": 40 * 1024 * 1024,  # any part of a workbook but its sheets, such as the shared texts
    "ratio": 100,
    "members": 200,
    "rows": 200_000,
    "columns": 200,
}
# Kinds of files that people import and export, in the order in which a new installation needs them.
IMPORT_KINDS = [
    "inventory.resources.locations.LocationResource",
    "inventory.resources.catalogue.CatalogueResource",
    "inventory.resources.prices.PriceResource",
    "inventory.resources.stock.StockResource",
]

# --- tasks: results and states are JobRun rows; the beat table is code --------------------------------------------
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = env.str("BROKER_URL", "filesystem://")
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
if CELERY_BROKER_URL.startswith("filesystem"):
    for name in ("messages", "control", "processed"):
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "polling_interval": 0.2,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_timeout": 5, "socket_connect_timeout": 2}
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "omni.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "push what changed": {
        "task": "inventory.schedule_push",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "exchange with channels": {
        "task": "inventory.schedule_exchange",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "reconcile what changed": {
        "task": "inventory.schedule_reconciliation",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "reconcile all": {"task": "inventory.schedule_full_reconciliation", "schedule": crontab(hour="2", minute="30")},
    "release lapsed reservations": {"task": "inventory.release_lapsed_reservations", "schedule": 60.0},
    "verify the ledger": {"task": "inventory.schedule_ledger_check", "schedule": crontab(hour="*/6", minute="10")},
    "forget old exports": {"task": "omni.forget_old_exports", "schedule": crontab(minute="20")},
    "forget old idempotency keys": {"task": "omni.forget_old_keys", "schedule": crontab(hour="3", minute="0")},
}

# News of one app that another reacts to: subscriber name -> (beginning of the verb, function(activity, at=)),
# relayed once each.
ACTIVITY_SUBSCRIBERS = {
    "journeys.sales": ("till.", "journeys.subscribers.count_sale"),
    "inventory.channels": ("channel.", "inventory.subscribers.refresh_channel"),
    "inventory.locations": ("location.", "inventory.subscribers.refresh_location"),
    "inventory.counts": ("stock.found", "inventory.subscribers.count_what_was_found"),
}
# What to do again with an item that was set aside: kind -> dotted path of a function(item, by, at).
QUARANTINE_HANDLERS = {
    "stock.movement": "inventory.services.quarantine.retry_movement",
    "feed.row": "inventory.services.exchange.retry_row",
}

# What the loaders load, in this order: data set -> (name of the step, function(load) -> shards).
LOADER_STEPS = {
    "complete_journey": [
        ("stores", "omni.services.loading.load_places"),
        ("catalogue", "inventory.services.loading.load_catalogue"),
        ("stock", "inventory.services.loading.load_stock"),
        ("sales", "journeys.services.figures.load_sales_days"),
        ("campaigns", "journeys.services.campaigns.load_campaigns"),
    ],
    "demo": [("office", "omni.services.demo.load_office"), ("shelves", "inventory.services.demo.load_shelves")],
}

# --- API ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "omni.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["omni.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["omni.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "omni.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["omni.api.throttling.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "key": env.str("API_RATE", "6000/min"),  # per key
        "stranger": env.str("API_STRANGER_RATE", "300/min"),  # per address, without a key or with a wrong one
    },
    "NUM_PROXIES": env.int("NUM_PROXIES", 0),  # how many of our own proxies stand in front; 0: trust no header
    "EXCEPTION_HANDLER": "omni.api.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Omni",
    "DESCRIPTION": "Stock, availability and reservations of every channel, from one ledger.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- look and logs ------------------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "components/table.html"
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"mask cards": {"()": "omni.masking.MaskCards"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["mask cards"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}},  # a refusal (4xx) is an answer, not a fault
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
if env.str("SENTRY_DSN", ""):
    import sentry_sdk

    sentry_sdk.init(dsn=env.str("SENTRY_DSN"), send_default_pii=False)
