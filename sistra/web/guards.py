"""Who comes through the door: the request's viewer, and the one guard that every endpoint wears."""
from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import RequestEntityTooLarge

from sistra.access.may import may
from sistra.access.standing import Forbidden, NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.services import audit, charges, signin, unit
from sistra.web import errors, kept

View = TypeVar("View", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SignedIn(UserMixin):
    """Flask-Login's user: a wrapper of the door, so that no model knows about requests."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.id = str(viewer.user_id)


def init_app(app: Flask) -> None:
    login = LoginManager()
    login.init_app(app)
    login.session_protection = None
    login.request_loader(_load)
    app.before_request(_open_request)
    app.before_request(_limit_body)
    app.teardown_request(_forget_request)


def cookie_name() -> str:
    """The name of the session cookie: bound to its host where cookies are secure."""
    return "__Host-sistra" if current_app.config["SECURE_COOKIES"] else "sistra"


def _load(_: object) -> SignedIn | None:
    token = None if g.get("refused_unread") else request.cookies.get(cookie_name())
    found = signin.viewer_of(token, at=g.at, request_id=g.request_id, address=request.remote_addr) if token else None
    return SignedIn(found) if found else None


def _open_request() -> None:
    g.at, g.request_id = datetime.now(UTC), secrets.token_hex(8)
    unit.expect_writing(request.method not in SAFE)


def _limit_body() -> None:
    """Refuses a body by the length that it declares, before form, session or database are looked at.

    What is larger than any form (a document) is read for who is signed in alone: a cookie that is worth nothing opens no
    door to the memory of this machine.
    """
    length = request.content_length or 0
    if length > (request.max_content_length or length):
        g.refused_unread = True
        raise RequestEntityTooLarge
    if length > current_app.config["MAX_CONTENT_LENGTH"] and viewer_or_none() is None:
        raise RequestEntityTooLarge


def close_request(response: Response) -> Response:
    """A reading leaves its entry on the trail before its bytes leave; without the entry there is no page."""
    if request.endpoint == "static":
        return response
    try:
        audit.record_readings()
    except unit.Busy:
        return errors.page(503)
    kept.let_go(response)
    used = (request.method in SAFE or request.endpoint == "drafts.keep") and not g.get("unattended")
    if used and (person := viewer_or_none()) is not None:
        with suppress(unit.Busy):  # noted by the next request of the session
            signin.touch(person)
    return response


def _forget_request(error: BaseException | None) -> None:
    unit.expect_writing(False)


def viewer_or_none() -> Viewer | None:
    """Who is signed in, if anybody."""
    return current_user.viewer if current_user.is_authenticated else None


def viewer() -> Viewer:
    """Who is signed in. Only for endpoints whose guard has seen to it."""
    found: Viewer = current_user.viewer
    return found


@contextmanager
def seeing_as(other: Viewer) -> Iterator[None]:
    """Lets what is rendered inside be seen by another viewer: the preview of what somebody will see.

    The messages that wait for who is signed in are not told there; they go on waiting for a page of their own.
    """
    person, stands = g._login_user, g.standing
    g._login_user, g.seen_by_another = SignedIn(other), True
    try:
        yield
    finally:
        g._login_user, g.standing, g.seen_by_another = person, stands, False


def standing() -> Standing:
    """How the viewer stands to the charge that the address names, as the guard found it."""
    found: Standing = g.standing
    return found


def public(view: View) -> View:
    """The guard of an endpoint that anybody reaches: signing in, static help, the state of the service."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def can(capability: str, *, step_up: bool = False) -> Callable[[View], View]:
    """The guard of every other endpoint: signed in, and the policy allows `capability`.

    Where the address names a charge (`number`), the viewer's standing to it is looked up first: a charge that is not seen
    does not exist (404), one that is seen and not open to the act is refused (403). `step_up` asks the password again.
    """
    def wear(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            who = viewer_or_none()
            if who is None:
                return _to_sign_in()
            g.standing = charges.standing(who, kwargs["number"]) if "number" in kwargs else None
            if not may(who, capability, g.standing):
                raise Forbidden(capability)
            if step_up and not who.stepped_up:
                return to_step_up(who)
            return view(*args, **kwargs)
        guarded.guard = capability  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]
    return wear


def _to_sign_in() -> Response:
    """To the page where one signs in and back; what a form brings by a session that time has ended is kept for its user."""
    token, back = request.cookies.get(cookie_name()), _way_back()
    if request.method == "POST" and token and (user_id := signin.lapsed(token, at=g.at)) is not None:
        told = _("Su sesión terminó. Ingrese con el mismo usuario: lo que escribió se conserva.")
        flash(told if kept.keep(user_id, kept.SESSION) else _("Su sesión terminó. Ingrese otra vez."), "warning")
    return redirect(url_for("session.sign_in", next=back))  # type: ignore[return-value]


def to_step_up(who: Viewer) -> Response:
    """To the page that asks the password again and back; what a form brings is kept meanwhile."""
    if request.method == "POST":
        kept.keep(who.user_id, kept.PASSWORD)
    return redirect(url_for("session.step_up", next=_way_back()))  # type: ignore[return-value]


def _way_back() -> str | None:
    """Where to return after signing in: the page itself, or the page of a form that was posted."""
    return request.full_path.rstrip("?") if request.method in SAFE else kept.page()


__all__ = ["NotVisible", "can", "cookie_name", "public", "seeing_as", "standing", "to_step_up", "viewer", "viewer_or_none"]
