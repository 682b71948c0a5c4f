"""Nothing typed is lost: a form that comes when it cannot be taken is kept, and its page shows it again to who typed it.

It is kept when time has ended the session, when the password is asked again, and when Ctrl+S is pressed on a form without a
draft. Whatever page has a `form` takes part: the door keeps what was posted, shows it before the page is rendered and lets
go of it once the form is taken. Files, and the pages of passwords and codes, never take part.
"""
from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, before_render_template, current_app, g, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from sistra.rules.entries import LIMA
from sistra.services import kept_forms
from sistra.services.unit import Busy, end_reading, expect_writing, unit_of_work

SESSION, PASSWORD, REFUSED, SHELVED = "session", "password", "refused", "shelved"
"""What stopped a form: its session had ended, the password was asked again, its token was of another session, its author laid
it aside."""

_NEVER = ("session", "search")
"""Rooms whose forms hold passwords and codes, and the box of the masthead."""
_LEFT_OUT = frozenset({"csrf_token", "once", "act", "find-place"})
_log = logging.getLogger("sistra")


def init_app(app: Flask) -> None:
    before_render_template.connect(_show, app)


def page() -> str | None:
    """The page of the form that is being posted: its own address, or for a helper of the page the one it comes from.

    None where there is none, or none that is kept.
    """
    if (request.blueprint or "").split(".")[0] in _NEVER:
        return None
    return known(request.full_path.rstrip("?")) or known(request.args.get("pagina")) or known(_referring())


def known(target: str | None) -> str | None:
    """A path and query of this site under which a form is both shown and posted, or None."""
    parts = urlsplit(target or "")
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        found = [adapter.match(path, method=method)[0] for method in ("GET", "POST")] if adapter is not None else []
    except HTTPException:
        return None
    if not found or any(endpoint.split(".")[0] in _NEVER for endpoint in found):
        return None
    return f"{path}?{parts.query}" if parts.query else path


def _referring() -> str | None:
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def texts() -> dict[str, list[str]]:
    """Everything typed into the posted form, with the version it is about: no tokens, no buttons."""
    return {name: values for name, values in request.form.lists() if name not in _LEFT_OUT}


def keep(user_id: int, why: str, of: str | None = None) -> bool:
    """Keeps the posted form for its page (or for the page `of`); False where it has none, or nothing that could be kept."""
    target, typed = of or page(), texts()
    if target is None or not typed:
        return False
    g.form_kept = True
    with unit_of_work():
        return kept_forms.keep(user_id, target, typed, why=why, at=g.at)


def keep_for_who_is_here() -> bool:
    """Keeps a posted form that was not carried out for who is signed in, if anybody."""
    return current_user.is_authenticated and keep(current_user.viewer.user_id, REFUSED)


def let_go(response: Response) -> None:
    """After the answer to a posted form: once the form was taken, or its draft was saved, what was kept for its page goes."""
    shown_again = response.status_code >= 400 or "find-place" in request.form
    if request.method != "POST" or shown_again or g.get("form_kept") or not current_user.is_authenticated:
        return
    target = page()
    if target is None:
        return
    end_reading()
    expect_writing(False)
    who = current_user.viewer.user_id
    try:
        if kept_forms.holds(who, target):
            with unit_of_work():
                kept_forms.discard(who, target)
    except Busy:
        _log.warning("%s a form that was taken is still kept for its page", g.request_id)


def _show(sender: Flask, context: dict[str, Any], **more: Any) -> None:
    form = context.get("form")
    if form is None or request.method != "GET" or not current_user.is_authenticated or (target := page()) is None:
        return
    found = kept_forms.find(current_user.viewer.user_id, target, at=g.at)
    if found is None:
        return
    written = {name: values[0] for name, values in found.texts.items() if values and isinstance(context.get(name), str)}
    if _filled(form, found.texts) or written:
        context |= written  # a box written by hand shows the text that its page gives under the name of the box
        context["kept"] = {"sentences": _words(found, form), "page": target}


def _filled(form: Any, typed: Mapping[str, Sequence[str]]) -> bool:
    """Shows the texts in a form of whatever kind; False where none of them is one of its own."""
    if hasattr(form, "resume"):
        return bool(form.resume(typed))
    if not any(field.name in typed for field in form):
        return False
    form.process(MultiDict(typed))
    return True


def _words(found: kept_forms.Kept, form: Any) -> list[str]:
    when = f"{found.saved_at.astimezone(LIMA):%d/%m/%Y, %H:%M}"
    said = {SESSION: _("Su sesión terminó; lo que escribió sigue aquí. Revise y envíe de nuevo."),
            SHELVED: _("Continúa lo que guardó el %(when)s y no envió.", when=when)}
    sentences = [said.get(found.why, _("Lo que escribió sigue aquí. Revise y envíe de nuevo."))]
    if any(field.type in ("FileField", "MultipleFileField") for field in form):
        sentences.append(_("Los archivos no se conservan: elíjalos otra vez."))
    return sentences
