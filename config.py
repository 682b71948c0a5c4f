"""Settings, each from the environment (`SISTRA_...`) with a default that is safe on one machine."""
from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
_INSTANCE = Path(os.environ.get("SISTRA_INSTANCE", ROOT / "instance"))


def _yes(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in ("1", "true", "yes", "si")


class Config:
    """What the application reads. A deployment sets the environment; tests and the demo pass a mapping over it."""

    INSTANCE = str(_INSTANCE)
    SQLALCHEMY_DATABASE_URI = os.environ.get("SISTRA_DATABASE", f"sqlite:///{_INSTANCE / 'sistra.db'}")
    SQLALCHEMY_ENGINE_OPTIONS: dict[str, object] = {"hide_parameters": True, "pool_pre_ping": True}
    KEYRING = os.environ.get("SISTRA_KEYRING", str(_INSTANCE.parent / "sistra-keys" / "keyring.json"))
    """The key ring lies beside the instance folder, never in it: a copy of the instance is no copy of the keys."""
    FILES = os.environ.get("SISTRA_FILES", str(_INSTANCE / "files"))

    JOBS = os.environ.get("SISTRA_JOBS", "")
    """Where the queue of background work lies: empty for a file in the instance folder (one machine), or `redis://...`."""
    EXPORT_AT_ONCE = int(os.environ.get("SISTRA_EXPORT_AT_ONCE", "5000"))
    """Charges up to which an export is made while the person waits; longer ones are made by the worker."""
    EXPORTS_LAST = int(os.environ.get("SISTRA_EXPORTS_LAST", "3"))
    """Days after which a file made by the worker expires."""

    SECRET_KEY = os.environ.get("SISTRA_SECRET_KEY")
    """Signs the cookie that holds the form token; derived from the key ring when not given."""
    TRUSTED_HOSTS = os.environ.get("SISTRA_HOSTS", "127.0.0.1,localhost").split(",")
    TRUSTED_PROXIES = os.environ.get("SISTRA_TRUSTED_PROXIES", "0")
    """How many proxies of one's own stand before the application, each of which adds to `X-Forwarded-For`, `-Proto` and
    `-Host`. With 0 those headers are whatever a client wrote, and are not looked at."""
    BASE_URL = os.environ.get("SISTRA_BASE_URL", "http://127.0.0.1:5000")
    SECURE_COOKIES = _yes("SISTRA_SECURE_COOKIES", True)
    DEMONSTRATION = _yes("SISTRA_DEMONSTRATION", False)
    ASK_SECOND_FACTOR = True

    MAX_CONTENT_LENGTH = 1_000_000
    MAX_FORM_MEMORY_SIZE = 1_000_000
    UPLOAD_LENGTH = 20 * 1024 * 1024
    WTF_CSRF_TIME_LIMIT = None
    BABEL_DEFAULT_LOCALE = "es"
    BABEL_DEFAULT_TIMEZONE = "America/Lima"
