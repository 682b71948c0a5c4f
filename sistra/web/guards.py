"""Who comes through the door: the request's viewer, and the one guard that every endpoint wears."""
from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from sistra.access.may import may
from sistra.access.standing import Forbidden, NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.services import audit, charges, signin, unit

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
    app.after_request(_close_request)
    app.teardown_request(_forget_request)


def cookie_name() -> str:
    """The name of the session cookie: bound to its host where cookies are secure."""
    return "__Host-sistra" if current_app.config["SECURE_COOKIES"] else "sistra"


def _load(_: object) -> SignedIn | None:
    token = request.cookies.get(cookie_name())
    found = signin.viewer_of(token, at=g.at, request_id=g.request_id, address=request.remote_addr) if token else None
    return SignedIn(found) if found else None


def _open_request() -> None:
    g.at, g.request_id = datetime.now(UTC), secrets.token_hex(8)
    unit.expect_writing(request.method not in SAFE)


def _close_request(response: Response) -> Response:
    """A reading leaves its entry on the trail before its bytes leave; without the entry there is no page."""
    if request.endpoint == "static":
        return response
    audit.record_readings()
    if request.method in SAFE:
        if (person := viewer_or_none()) is not None:
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
                return redirect(url_for("session.sign_in", next=_way_back()))
            g.standing = charges.standing(who, kwargs["number"]) if "number" in kwargs else None
            if not may(who, capability, g.standing):
                raise Forbidden(capability)
            if step_up and not who.stepped_up:
                return redirect(url_for("session.step_up", next=_way_back()))
            return view(*args, **kwargs)
        guarded.guard = capability  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]
    return wear


def _way_back() -> str:
    """Where to return after signing in: the page itself, or the page of a form that was posted."""
    return request.full_path.rstrip("?") if request.method in SAFE else request.path


__all__ = ["NotVisible", "can", "cookie_name", "public", "standing", "viewer", "viewer_or_none"]
