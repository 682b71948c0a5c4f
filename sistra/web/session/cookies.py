"""What the browser keeps: the session's token, the device it is known by, and the cookie of forms and language."""
from __future__ import annotations

from flask import current_app, request, session
from werkzeug.wrappers import Response

from sistra.services.signin import DEVICE_LASTS, SignedIn
from sistra.web.guards import cookie_name


def device_name() -> str:
    """The name of the cookie by which a browser that has signed in before is known."""
    return "__Host-sistra-device" if current_app.config["SECURE_COOKIES"] else "sistra-device"


def device() -> str | None:
    """The device token that the browser sent."""
    return request.cookies.get(device_name())


def token() -> str | None:
    """The session token that the browser sent, whatever it is worth."""
    return request.cookies.get(cookie_name())


def start_afresh() -> None:
    """Empties the cookie of forms, so that no form token outlives a sign-in or sign-out. The language stays."""
    language = session.get("language")
    session.clear()
    if language is not None:
        session["language"] = language


def give(response: Response, begun: SignedIn) -> Response:
    """Hands the session's token to the browser and, when every step was passed, the token of the device."""
    secure = current_app.config["SECURE_COOKIES"]
    response.set_cookie(cookie_name(), begun.token, path="/", secure=secure, httponly=True, samesite="Lax")
    if begun.device:
        response.set_cookie(device_name(), begun.device, max_age=DEVICE_LASTS, path="/", secure=secure, httponly=True,
                            samesite="Lax")
    return response


def take_away(response: Response) -> Response:
    """Takes the session's token from the browser; the device stays known."""
    secure = current_app.config["SECURE_COOKIES"]
    response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
    return response
