"""Django's settings. Importing them reads the environment and the home, and creates nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gewu.home import database, instance
from gewu.home.layout import Home

HOME = Home.current()
_INSTANCE = instance.read(HOME)
_PACKAGE = Path(__file__).resolve().parent.parent


DEBUG = os.environ.get("GEWU_DEBUG") == "1"

# The address under which people reach this installation. With https, cookies are sent over TLS only.
PUBLIC_URL = os.environ.get("GEWU_PUBLIC_URL", "").rstrip("/")
_PUBLIC = urlsplit(PUBLIC_URL)
_SECURE = _PUBLIC.scheme == "https"

# The code of the district whose public pages stand at `/`. Without it: the live district that was loaded first.
PUBLIC_DISTRICT = os.environ.get("GEWU_PUBLIC_DISTRICT", "").strip()

# The words under which open data may be used, as its page shows them. Without it: that the district has not said.
OPEN_DATA_LICENCE = os.environ.get("GEWU_OPEN_DATA_LICENCE", "").strip()

SECRET_KEY = os.environ.get("GEWU_SECRET_KEY") or (_INSTANCE or instance.Instance()).django_secret
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *([_PUBLIC.hostname] if _PUBLIC.hostname else []),
    *os.environ.get("GEWU_ALLOWED_HOSTS", "").split(),
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "gewu.registry",
    "gewu.ledger",
    "gewu.cases",
    "gewu.office",
    "gewu.occasions",
    "gewu.assessments",
    "gewu.enforcement",
    "gewu.evaluation",
    "gewu.connections",
    "gewu.keeping",
    "gewu.imports",
    "gewu.worklists",
    "gewu.papers",
    "gewu.surfaces.throttle",
    "gewu.surfaces.look",
    "gewu.surfaces.maps",
    "gewu.surfaces.desk",
    "gewu.surfaces.field",
    "gewu.surfaces.cockpit",
    "gewu.surfaces.admin",
    "gewu.surfaces.public",
    "gewu.surfaces.api",
    "gewu.surfaces.open311",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gewu.home.middleware.ContentSecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gewu.home.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "gewu.surfaces.api.middleware.ProblemMiddleware",
    "django.middleware.common.CommonMiddleware",
    "gewu.home.middleware.CsrfMiddleware",
    "gewu.home.middleware.AuthenticationMiddleware",
    "gewu.surfaces.signin.door.UsedMiddleware",
    "gewu.home.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "gewu.urls"
WSGI_APPLICATION = "gewu.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gewu.surfaces.look.context.look",
            ]
        },
    }
]

# ---- database


def _databases() -> dict[str, Any]:
    if database.embedded() and _INSTANCE is None:
        # No home yet (`gewu check`, a type checker): a name that no server has, so that nothing is reached by mistake.
        app = owner = "postgresql://gewu_app@127.0.0.1:1/there-is-no-home-yet"
    else:
        app, owner = database.app_dsn(HOME), database.owner_dsn(HOME)
    # Seconds that a request waits for a free connection; then it is answered with 503.
    # A record that somebody else holds is waited for this long; then the answer is a clean 409.
    waits = {"connect_timeout": 5, "options": "-c lock_timeout=3s"}
    # The door's statements stay prepared; GEWU_PREPARE=0 for a pooler in between that cannot keep them.
    prepare = {"prepare_threshold": 3 if os.environ.get("GEWU_PREPARE", "1") != "0" else None}
    pool = {"min_size": 1, "max_size": int(os.environ.get("GEWU_POOL_SIZE", "8")), "timeout": 5}
    return {
        "default": database.django_database(app, CONN_MAX_AGE=0, OPTIONS={"pool": pool, **waits, **prepare}),
        # The role that owns the tables, for migrations and maintenance; the same database.
        "owner": database.django_database(
            owner, CONN_MAX_AGE=0, OPTIONS={"connect_timeout": 5}, TEST={"MIRROR": "default"}
        ),
    }


DATABASES = _databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people

AUTH_USER_MODEL = "registry.Person"
LOGIN_URL = "/desk/login"
LOGIN_REDIRECT_URL = "/desk/"
# scrypt: memory-hard, in the standard library, and a login stays below a fifth of a second.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Where administrators must show a second factor: "required" for all districts, or codes of districts joined by spaces.
SECOND_FACTOR_REQUIRED = frozenset(os.environ.get("GEWU_SECOND_FACTOR", "").split()) - {"offered"}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "gewu.home.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "gewu.home.passwords.UnlikeTheirOwn"},
    {"NAME": "gewu.home.passwords.Uncommon"},
]

# ---- language and time

USE_I18N = True
LANGUAGE_CODE = os.environ.get("GEWU_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [_PACKAGE / "home" / "locale"]
USE_TZ = True
TIME_ZONE = os.environ.get("GEWU_TIME_ZONE", "Asia/Shanghai")

# ---- files

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [_PACKAGE / "static"] if path.exists()]
# The web process serves them itself, from the packages: nothing to collect, nothing to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300
# The bundles of islands change their names with their content.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/built/[a-z-]+-[A-Za-z0-9_-]{8}\.(?:js|css)$"
ATTACHMENTS_FOLDER = HOME.attachments
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# ---- security

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "gewu_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a shift and the handover
CSRF_COOKIE_NAME = "gewu_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "gewu.home.errorpages.csrf_failure"
# A plain-HTTP loopback address cannot keep a cookie that is marked secure; a public https address must.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"] if _PUBLIC.netloc else []
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
# Only a proxy that is said to stand before us is believed about the scheme.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Our own server is the only source. A photo may be shown before it is sent (blob), and icons stand in styles (data).
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

LOGGING_CONFIG = "gewu.home.logs.configure"
LOGGING: dict[str, Any] = {"level": os.environ.get("GEWU_LOG_LEVEL", "INFO").upper()}
