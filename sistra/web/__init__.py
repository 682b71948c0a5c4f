"""DOOR: HTML over HTTP. Rooms speak to services and templates; none sees a table, none sees another room.

The rooms and their Spanish addresses stand on this page.
"""
from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

ROOMS = {
    "session": "",
    "home": "",
    "accounts": "/admin",
    "charges": "/denuncias",
    "unsealing": "/denuncias",
    "drafts": "/borradores",
    "files": "",
    "exports": "",
    "attachments": "",
    "court_cases": "",
    "search": "/buscar",
    "people": "/denuncias",
    "counts": "/denuncias",
    "events": "/denuncias",
    "measures": "/denuncias",
    "assistance": "",
    "tasks": "",
    "person_search": "/buscar/personas",
    "sharing": "",
    "hand_over": "",
    "reports": "",
}
"""Room (module `sistra.web.<room>`) -> the prefix of its addresses, the same in both languages."""


class _Key(IntegerConverter):
    """A key in an address: one that no database could hold names nothing (404)."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": 10**15} | kwargs)


def init_app(app: Flask) -> None:
    """Puts the door into the application: languages, form tokens, sign-in, errors, and every room."""
    from sistra.web import errors, guards, kept, pages

    app.url_map.converters["int"] = _Key
    guards.init_app(app)  # first: the clock and the viewer of the request are there for whatever refuses it
    pages.init_app(app)
    errors.init_app(app)
    kept.init_app(app)
    app.after_request(guards.close_request)  # runs before the headers are put on: it may answer with another page
    for room, prefix in ROOMS.items():
        app.register_blueprint(import_module(f"sistra.web.{room}.routes").bp, url_prefix=prefix or None)
