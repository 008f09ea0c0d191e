"""All settings, read from the environment only. ``docs/settings.md`` lists every variable with its default."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.discovery import slice_names

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ---- what this deployment is ---------------------------------------------------------------------------------------
HOMEGROUND_DEMO = env.bool("HOMEGROUND_DEMO", default=False)
VAR_DIR = Path(env("HOMEGROUND_VAR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DJANGO_DEBUG", default=False)
SECRET_KEY = env("DJANGO_SECRET_KEY", default="")
if not SECRET_KEY:
    if not HOMEGROUND_DEMO:
        raise ImproperlyConfigured("Set DJANGO_SECRET_KEY: without it no process outside demo mode may start.")
    SECRET_KEY = "demo-only-key-that-no-deployment-outside-demo-mode-accepts-0123456789"  # noqa: S105 - refused above
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if HOMEGROUND_DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CLOCK_OFFSET = env("CLOCK_OFFSET", default="")
ADMIN_PATH = env("ADMIN_PATH", default="admin/")
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", default="http://localhost:8000")
BRAND_NAME = env("BRAND_NAME", default="山野茶集" if HOMEGROUND_DEMO else "")

# ---- apps and middleware -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_celery_beat",
    "import_export",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    *slice_names(BASE_DIR),
]
# Sessions, CSRF, messages and the rest are for people with a browser: the API needs none of them (core.middleware).
MIDDLEWARE = [
    "core.middleware.RequestContextMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.Session",
    "core.middleware.Locale",
    "core.middleware.Common",
    "core.middleware.Csrf",
    "core.middleware.Authentication",
    "core.middleware.Otp",
    "core.middleware.StaffLanguage",
    "core.middleware.Message",
    "core.middleware.Frame",
    "core.middleware.History",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "core" / "templates"],  # before the libraries', so that ours replace theirs
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# ---- database: SQLite embedded by default, PostgreSQL in production ------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'homeground.sqlite3'}")}
ATOMIC_REQUESTS = False
_db = DATABASES["default"]
_db["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=0) or None
_db["CONN_HEALTH_CHECKS"] = True
_db.setdefault("OPTIONS", {})
if _db["ENGINE"].endswith("sqlite3"):
    _db["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    # 2 s for a lock and 3 s for a statement: longer would starve the few request threads (docs/locking.md).
    _timeouts = "-c lock_timeout=2s -c statement_timeout={} -c idle_in_transaction_session_timeout=10s"
    _db["ENGINE"] = "core.postgresql"  # checks a connection's health without a round trip
    _db["OPTIONS"] |= {
        "server_side_binding": True,
        "prepare_threshold": None if env.bool("DATABASE_POOLER", default=False) else 1,
        "connect_timeout": 3,
        "options": _timeouts.format(env("DATABASE_STATEMENT_TIMEOUT", default="30s")),
    }

# ---- cache, limits, broker: all may vanish without losing anything -------------------------------------------------
REDIS_URL = env("REDIS_URL", default="")
CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
RATE_LIMITS_ENABLED = env.bool("RATE_LIMITS_ENABLED", default=True)
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
BROKER_URL = env("BROKER_URL", default="filesystem://")
BROKER_DIR = VAR_DIR / "broker"

# ---- staff sign-in -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.StaffUser"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "core.admin.look.locked_out"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# ---- consumer API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.auth.IsSignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Schema",
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.renderers.JSONOnlyNegotiation",
}
TOKEN_KEYS = env.dict("TOKEN_KEYS", default={})  # key id -> 64 hex digits; the first seals, all open
TOKEN_DAYS = min(env.int("TOKEN_DAYS", default=30), 30)
SANDBOX_ENABLED = env.bool("SANDBOX_ENABLED", default=HOMEGROUND_DEMO)
AVATAR_HOSTS = env.list("AVATAR_HOSTS", default=["qlogo.cn", "qpic.cn"])  # members' pictures come from or below these
WECHAT_APPS = env.json("WECHAT_APPS", default=[])  # [{"app_id", "secret", "push_token"?, "push_aes_key"?}]
WECHAT_BASE_URL = env("WECHAT_BASE_URL", default="https://api.weixin.qq.com")
# Together below 5 s: a request thread waits no longer, whatever WeChat does (read counts from one byte to the next).
WECHAT_CONNECT_SECONDS = env.float("WECHAT_CONNECT_SECONDS", default=2.0)
WECHAT_READ_SECONDS = env.float("WECHAT_READ_SECONDS", default=5.0)
WECHAT_TOTAL_SECONDS = min(env.float("WECHAT_TOTAL_SECONDS", default=4.5), 4.5)
SPECTACULAR_SETTINGS = {
    "TITLE": "Homeground consumer API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"PointsEntryKindEnum": "members.points.models.PointsEntry.Kind"},
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.api.schema.add_problems"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
APPEND_SLASH = False

# ---- Celery: the broker carries only ticks -------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
DJANGO_CELERY_BEAT_TZ_AWARE = True

# ---- language, time, files -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
# Before the libraries' catalogues: one of them calls every "Name" the name of a task.
LOCALE_PATHS = [BASE_DIR / name.replace(".", "/") / "locale" for name in slice_names(BASE_DIR)]
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS: list[str] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = VAR_DIR / "media"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True

# ---- security ------------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = False  # the admin's scripts read it
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT: list[str] = []
if not HOMEGROUND_DEMO:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
# CSRF and framing are in ADMIN_MIDDLEWARE: only pages with a session need them (core.middleware does the rest).
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]

# ---- logs: JSON lines, fields from an allow-list (core.logs) -------------------------------------------------------
LOGGING_CONFIG = "core.logs.configure"
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING: dict[str, str] = {"level": LOG_LEVEL}

from config.admin_site import UNFOLD  # noqa: E402, F401 - the look of the admin is long enough for a file of its own
