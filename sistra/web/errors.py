"""Errors as sentences: what happened, what to do, that nothing typed is lost. Never a traceback, never a name."""
from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from sistra.access.standing import Forbidden, NotVisible
from sistra.services.unit import Busy, Stale, end_reading

log = logging.getLogger("sistra")


def init_app(app: Flask) -> None:
    app.register_error_handler(NotVisible, lambda error: page(404))
    app.register_error_handler(Forbidden, lambda error: page(403))
    app.register_error_handler(CSRFError, lambda error: page(400))
    app.register_error_handler(SecurityError, _strange_host)
    app.register_error_handler(Busy, lambda error: page(503))
    app.register_error_handler(Stale, lambda error: page(409))
    app.register_error_handler(HTTPException, lambda error: page(error.code or 500) if (error.code or 500) >= 400 else error)
    app.register_error_handler(Exception, _unexpected)


def _strange_host(error: SecurityError) -> Response:
    """A host that this service does not answer for: no page can be built, for its addresses would be of that host."""
    end_reading_quietly()
    return Response(_("Esta dirección no es la del servicio.") + "\n", 400, mimetype="text/plain")


def _unexpected(error: Exception) -> Response:
    """Logs where it happened (file and line), never what was in the values."""
    trail, frames = error.__traceback__, []
    while trail is not None:
        frames.append(f"{trail.tb_frame.f_code.co_filename}:{trail.tb_lineno}")
        trail = trail.tb_next
    log.error("%s %s %s at %s", getattr(g, "request_id", "-"), request.endpoint, type(error).__name__, " < ".join(reversed(frames[-6:])))
    return page(500)


def page(status: int) -> Response:
    """The page of an error. It needs neither database nor viewer."""
    end_reading_quietly()
    heading, lines = _words(status)
    response = make_response(render_template(
        "errors/error.html", status=status, heading=heading, lines=lines, reference=getattr(g, "request_id", ""), actions=[]), status)
    if status in (429, 503):
        response.headers["Retry-After"] = "10"
    return response


def end_reading_quietly() -> None:
    try:
        end_reading()
    except Exception:
        log.error("%s the transaction could not be ended", getattr(g, "request_id", "-"))


def _words(status: int) -> tuple[str, list[str]]:
    match status:
        case 400:
            return _("El formulario ya no es válido"), [
                _("Pasó demasiado tiempo o se abrió en otra sesión. Vuelva atrás: lo que escribió sigue en la página."),
                _("Recargue la página y envíelo otra vez.")]
        case 403:
            return _("Su rol no permite hacer esto"), [
                _("Puede ver esta página, pero no realizar esta acción."),
                _("Si la necesita para su trabajo, pídala a la fiscalía a cargo o a quien administra los usuarios.")]
        case 404:
            return _("No se encontró la página"), [
                _("La dirección puede estar mal escrita, o lo que busca no existe o no ha sido compartido con usted."),
                _("Revise el número o búsquelo desde la lista.")]
        case 405:
            return _("Esta dirección no se abre así"), [_("Use los botones y enlaces de las páginas.")]
        case 409:
            return _("Otra persona guardó antes"), [
                _("Mientras usted escribía, otra persona cambió este registro. No se guardó nada suyo todavía."),
                _("Vuelva atrás, recargue la página y revise los dos valores.")]
        case 413:
            return _("Lo enviado es demasiado grande"), [
                _("Un archivo puede tener hasta 20 MB y un formulario hasta 1 MB."), _("Reduzca el archivo y envíelo otra vez.")]
        case 429:
            return _("Demasiados intentos"), [_("Espere unos minutos y vuelva a intentarlo.")]
        case 503:
            return _("El sistema está ocupado"), [
                _("No se guardó nada. Espere unos segundos y envíe el formulario otra vez: lo escrito sigue en la página anterior.")]
        case _:
            return _("Ocurrió un error"), [
                _("No se guardó nada de este último paso. Lo ya guardado está a salvo."),
                _("Intente otra vez. Si se repite, avise a soporte con el código de abajo.")]
