"""SISTRA: charges and court cases of human trafficking. The only place where all floors meet."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from sistra.db import db
from sistra.rules.sealing import KeyRing

migrate = Migrate()


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application. `overrides` are settings over those of `config.Config`."""
    app = Flask(__name__, instance_path=None)
    app.config.from_object("config.Config")
    app.config.from_mapping(overrides or {})
    _trust_proxies(app)
    _open_keyring(app)
    _make_folders(app)
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True, compare_type=True)

    from sistra import cli, web

    web.init_app(app)
    cli.init_app(app)
    return app


def _trust_proxies(app: Flask) -> None:
    """Takes address, scheme and host of the client from the headers of that many proxies; from none unless it is said.

    Raises ValueError where the setting is no such number: one too many would let clients choose their own address.
    """
    said = str(app.config["TRUSTED_PROXIES"])
    if not (said.isascii() and said.isdigit()):
        raise ValueError(f"SISTRA_TRUSTED_PROXIES is a number of proxies, 0 for none: {said!r}")
    if hops := int(said):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _open_keyring(app: Flask) -> None:
    """Loads the key ring; without one only the commands that make it can run."""
    path = Path(app.config["KEYRING"])
    if path.exists():
        ring = KeyRing.load(path)
        app.extensions["sistra.keyring"] = ring
        app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or ring.token_hash("flask-secret-key")


def _make_folders(app: Flask) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///"):
        Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
