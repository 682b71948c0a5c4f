"""DOOR: HTML over HTTP. Rooms speak to services and templates; none sees a table, none sees another room.

The rooms and their Spanish addresses stand on this page.
"""
from __future__ import annotations

from importlib import import_module

from flask import Flask

ROOMS = {
    "session": "",
    "accounts": "/admin",
    "charges": "/denuncias",
    "drafts": "/borradores",
    "files": "",
    "attachments": "/denuncias",
    "court_cases": "",
    "search": "/buscar",
    "people": "/denuncias",
    "counts": "/denuncias",
    "events": "/denuncias",
    "measures": "/denuncias",
    "person_search": "/buscar/personas",
}
"""Room (module `sistra.web.<room>`) -> the prefix of its addresses, the same in both languages."""


def init_app(app: Flask) -> None:
    """Puts the door into the application: languages, form tokens, sign-in, errors, and every room."""
    from sistra.web import errors, guards, pages

    guards.init_app(app)  # first: the clock and the viewer of the request are there for whatever refuses it
    pages.init_app(app)
    errors.init_app(app)
    for room, prefix in ROOMS.items():
        app.register_blueprint(import_module(f"sistra.web.{room}.routes").bp, url_prefix=prefix or None)
