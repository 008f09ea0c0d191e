"""The product's settings on a test database.

``TEST_ENGINE=postgres`` (or a PostgreSQL ``DATABASE_URL``) chooses PostgreSQL, everything else SQLite in memory.
``TEST_DB_SUFFIX`` keeps two runs on one server apart.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if os.environ.get("TEST_ENGINE") == "postgres":
    default = os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
    os.environ.setdefault("DATABASE_URL", default)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("HOMEGROUND_DEMO", "1")
os.environ.setdefault("HOMEGROUND_VAR", str(ROOT / "var" / "test"))  # what a test leaves never meets a running demo
os.environ.setdefault("DJANGO_SECRET_KEY", "for-tests-only-0123456789-0123456789-0123456789-0123456789")
os.environ.setdefault("TOKEN_KEYS", f"t1={'5a' * 32}")

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt takes 50 ms a sign-in

if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    _suffix = os.environ.get("TEST_DB_SUFFIX", "")
    DATABASES["default"]["TEST"] = {"NAME": "test_homeground" + (f"_{_suffix}" if _suffix else "")}
