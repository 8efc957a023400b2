"""Settings, fed by the environment or `.env`. Empty is safe: debug off, no secret, no payments."""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")
# An empty line of .env means «not set»: the default holds.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

# What kind of installation this is
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
if not DEBUG and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be random and at least 50 characters long.")
PORT = env.int("PORT", default=8000 if DEBUG else 443)
BASE_DOMAIN = env.str("BASE_DOMAIN", default="localhost" if DEBUG else "")
if not BASE_DOMAIN:
    raise ImproperlyConfigured("Set BASE_DOMAIN: sites are opened under it.")
ADMIN_HOST = env.str("ADMIN_HOST", default=f"admin.{BASE_DOMAIN}")
NETWORK = env.bool("NETWORK", default=True)
# What this installation writes, unless told otherwise. A stand-alone one that is tried out beside a
# network has a place of its own: database, pictures, cache.
VAR_DIR = BASE_DIR / "var" if NETWORK else BASE_DIR / "var" / "alone"
REQUIRE_2FA = env.bool("REQUIRE_2FA", default=True)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
if not DEBUG and not FIELD_KEYS:
    raise ImproperlyConfigured("Set FIELD_KEYS: the shops' keys are sealed with it.")
YOOKASSA_API_URL = env.str("YOOKASSA_API_URL", default="https://api.yookassa.ru/v3").rstrip("/")

INSTALLED_APPS = [
    "sonko_cms",
    "network",
    "home",
    "campaigns",
    "donations",
    "content",
    "site_settings",
    "accounts",
    "tenancy",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.contrib.forms",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "tenancy.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sonko_cms.middleware.HostPolicyMiddleware",
    "accounts.open_as.OpenAsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "tenancy.middleware.ScopeMiddleware",
    "accounts.middleware.ExportProofMiddleware",
    "content.middleware.SiteLanguageMiddleware",
    "donations.middleware.ProviderCallsMiddleware",
]

ROOT_URLCONF = "sonko_cms.urls"
WSGI_APPLICATION = "sonko_cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# Database: SQLite is the embedded default; HOUSE rules of it (WAL, IMMEDIATE, FULL) are not options
DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'sonko.sqlite3'}"),
}
# Opening a connection costs more than most queries. SQLite's helper files also live only as long as
# somebody holds the database open, and on a full disk they could not be made anew.
LASTING = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"] = {**LASTING, **DATABASES["default"]}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        ),
    }
    # A file, not memory: the browser tests' server reads it from other threads.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One cache for all processes: Wagtail keeps the sites' root paths in it. A file cache on SQLite,
# because a database cache would wait for the money's write lock.
REDIS_URL = env.str("REDIS_URL", default="")
# What it would say can be found out again: while it is away pages are slower, not gone.
REDIS_CACHE = {
    "BACKEND": "django_redis.cache.RedisCache",
    "LOCATION": REDIS_URL,
    "OPTIONS": {
        "IGNORE_EXCEPTIONS": True,
        "SOCKET_CONNECT_TIMEOUT": 0.5,
        "SOCKET_TIMEOUT": 0.5,
    },
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
FILE_CACHE = {"BACKEND": "sonko_cms.cache.FileCache", "LOCATION": str(VAR_DIR / "cache")}
CACHES = {
    "default": REDIS_CACHE if REDIS_URL else FILE_CACHE,
    # Pictures drawn for messengers, up to 150 kB each: for a week, and no more than so many. They
    # lie on each machine's own disk: it can draw them again.
    "drawn": {
        "BACKEND": "sonko_cms.cache.FileCache",
        "LOCATION": str(VAR_DIR / "cache" / "drawn"),
        "TIMEOUT": 7 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 300},
    },
}

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "money"],
    }
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "wagtailadmin_login"
# Wrong codes are counted by ourselves: with these a right code just after a wrong one is refused.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0
OTP_TOTP_ISSUER = "Sonko CMS"

# Hosts, cookies, headers. The host is checked exactly by the first middleware.
ALLOWED_HOSTS = ["*"]
COOKIE_PREFIX = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^donations/yookassa/", r"^healthz$", r"^internal/tls-allowed$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
# Never no-referrer: browsers would send «Origin: null» and our own check would refuse the form.
SECURE_REFERRER_POLICY = "same-origin"
# Wagtail shows previews in a frame of its own; DENY (security.W019) would close them.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

PUBLIC_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    # The form's answer redirects to the provider, and form-action is asked about redirects too.
    "form-action": [SELF, "https:"],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "object-src": [NONE],
}
if YOOKASSA_API_URL.startswith("http://"):
    PUBLIC_POLICY["form-action"].append(YOOKASSA_API_URL.removesuffix("/v3"))
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PUBLIC_POLICY}
# Wagtail's admin styles elements from script and shows uploads before they are sent.
ADMIN_POLICY = {
    **PUBLIC_POLICY,
    "script-src": [SELF, "'unsafe-inline'"],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    "form-action": [SELF],
    "base-uri": [SELF],
}

# Languages
LANGUAGE_CODE = "ru"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("ru", "Русский"),
    ("en", "English"),
    ("tt", "Татарча"),
    ("udm", "Удмурт"),
    ("mhr", "Марий"),
]
# A translation begins as a draft: the words are still those of the main language.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("ru", "Русский"), ("en", "English")]
USE_I18N = WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = "Europe/Moscow"  # registers; deadlines are read in the site's own zone

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Mail
if not DEBUG and not env.str("EMAIL_URL", default=""):
    # The console would swallow letters that are owed to people, and keep their addresses in logs.
    raise ImproperlyConfigured("Set EMAIL_URL: letters to donors and editors go through it.")
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"no-reply@{BASE_DOMAIN or 'localhost'}")

# Wagtail
WAGTAIL_SITE_NAME = "Sonko CMS"
WAGTAILADMIN_BASE_URL = env.str(
    "WAGTAILADMIN_BASE_URL",
    default=f"http://{ADMIN_HOST}:{PORT}" if DEBUG else f"https://{ADMIN_HOST}",
)
WAGTAILIMAGES_IMAGE_MODEL = "content.Picture"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
# A photo full of small things, 1200 × 750 as a phone asks for it, is to be no heavier than 120 kB.
WAGTAILIMAGES_AVIF_QUALITY, WAGTAILIMAGES_WEBP_QUALITY = 60, 70
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.upload_forms.PictureForm"
WAGTAILDOCS_DOCUMENT_MODEL = "content.Attachment"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.upload_forms.AttachmentForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["pdf", "doc", "docx", "odt", "xls", "xlsx", "ods", "txt", "csv"]
SITE_MEDIA_QUOTA = env.int("SITE_MEDIA_QUOTA_MB", default=1024) * 1024 * 1024
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # no page ever asks a foreign host
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "accounts.forms.ForgottenPasswordForm"  # noqa: S105
# Workflows and their tasks are one set for the whole network; an NGO's editors publish themselves.
WAGTAIL_WORKFLOW_ENABLED = False
# Wagtail would look the address up among everybody's pages, and tell their titles.
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = ""
WAGTAIL_ALLOW_UNICODE_SLUGS = False
# Wagtail's own list is all the system knows; Debian's «localtime» stops the browser's script.
WAGTAIL_USER_TIME_ZONES = [
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Kirov",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Novosibirsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
]
# The calendar silently turns a day it cannot read into today: it has to read what people type.
WAGTAIL_DATE_FORMAT = "%d.%m.%Y"
WAGTAIL_DATETIME_FORMAT = "%d.%m.%Y %H:%M"
FORMAT_MODULE_PATH = ["sonko_cms.formats"]
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {"WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea"}
}

# Local links of a new site carry the port in development only
SITE_PORT = PORT if DEBUG else 443

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "warnings": {"class": "logging.StreamHandler", "formatter": "line", "level": "WARNING"},
    },
    # They tell of every saved page and every finished task; the same is in the database. The task
    # worker sets its loggers' level itself, so theirs is held at the handler.
    "loggers": {
        "wagtail": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},  # forty lines for every sheet that is printed
        "django_tasks": {"handlers": ["warnings"], "propagate": False},
        "django_tasks_db": {"handlers": ["warnings"], "propagate": False},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
