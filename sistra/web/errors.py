"""Errors as sentences: what happened, what to do, that nothing typed is lost. Never a traceback, never a name."""
from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from sistra.access.standing import Forbidden, NotVisible
from sistra.services.unit import Busy, Stale, end_reading
from sistra.web import kept

log = logging.getLogger("sistra")


def init_app(app: Flask) -> None:
    app.register_error_handler(NotVisible, lambda error: page(404))
    app.register_error_handler(Forbidden, _refused)
    app.register_error_handler(CSRFError, _other_session)
    app.register_error_handler(SecurityError, _strange_host)
    app.register_error_handler(Busy, lambda error: page(503))
    app.register_error_handler(Stale, lambda error: page(409))
    app.register_error_handler(HTTPException, lambda error: page(error.code or 500) if (error.code or 500) >= 400 else error)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: Forbidden) -> Response:
    """What the policy does not allow; of a charge that is shared in part, with the way to ask for more."""
    stands, number = g.get("standing"), (request.view_args or {}).get("number")
    if stands is None or stands.shared is None or request.method != "GET":
        return page(403)
    end_reading_quietly()
    lines = [_("La denuncia se comparte con usted en parte, y esta página no está incluida."),
             _("Si la necesita para su trabajo, solicite acceso: responde el despacho a cargo.")]
    return make_response(render_template(
        "errors/error.html", status=403, heading=_("No compartido con usted"), lines=lines,
        reference=getattr(g, "request_id", ""), again=[],
        address="", actions=[(_("Volver a la denuncia"), url_for("charges.show", number=number)),
                             (_("Solicitar acceso"), url_for("sharing.create_request", number=number))]), 403)


def _strange_host(error: SecurityError) -> Response:
    """A host that this service does not answer for: no page can be built, for its addresses would be of that host."""
    end_reading_quietly()
    return Response(_("Esta dirección no es la del servicio.") + "\n", 400, mimetype="text/plain")


def _other_session(error: CSRFError) -> Response:
    """A form that another session of the browser had opened: not carried out. What our own page sent is kept for who is here."""
    try:
        return page(400, back=kept.page() if _from_here() and kept.keep_for_who_is_here() else None)
    except Busy:
        return page(400)


def _from_here() -> bool:
    """Whether the browser says that a page of this site sent the form."""
    return request.headers.get("Origin", "").rstrip("/") == request.host_url.rstrip("/")


def _unexpected(error: Exception) -> Response:
    """Logs where it happened (file and line), never what was in the values."""
    note(error)
    return page(500)


def note(error: Exception) -> None:
    """Writes an error into the log: its kind and where it happened. Its message may hold what somebody typed."""
    trail, frames = error.__traceback__, []
    while trail is not None:
        frames.append(f"{trail.tb_frame.f_code.co_filename}:{trail.tb_lineno}")
        trail = trail.tb_next
    log.error("%s %s %s at %s", getattr(g, "request_id", "-"), request.endpoint, type(error).__name__,
              " < ".join(reversed(frames[-6:])))


def page(status: int, *, back: str | None = None) -> Response:
    """The page of an error. It needs neither database nor viewer.

    A form that met it by chance (409, 500, 503) is carried in it, to be sent again. `back` is the page that shows again what
    was kept.
    """
    end_reading_quietly()
    again = _again() if status in (409, 500, 503) else []
    heading, lines = _words(status, again=bool(again), held=back is not None)
    response = make_response(render_template(
        "errors/error.html", status=status, heading=heading, lines=lines, reference=getattr(g, "request_id", ""),
        again=again, address=request.full_path.rstrip("?"), actions=_actions(status, back)), status)
    if status in (429, 503):
        response.headers["Retry-After"] = "10"
    return response


def _actions(status: int, back: str | None) -> list[tuple[str, str]]:
    if back is not None:
        return [(_("Volver al formulario"), back)]
    return [(_("Ir a la página de inicio"), "/")] if status in (400, 403, 404, 405) else []


def _again() -> list[tuple[str, str]]:
    """Every text of the posted form, for a button that sends them again; nothing of passwords, codes and files."""
    if request.method != "POST" or request.files or kept.page() is None:
        return []
    return [(name, text) for name, texts in request.form.lists() if name != "csrf_token" for text in texts]


def end_reading_quietly() -> None:
    try:
        end_reading()
    except Exception:
        log.error("%s the transaction could not be ended", getattr(g, "request_id", "-"))


def _words(status: int, *, again: bool, held: bool) -> tuple[str, list[str]]:
    resend = _("Lo que escribió sigue en esta página: no la cierre y envíelo otra vez con el botón de abajo.")
    anew = _("Abra otra vez el formulario desde su página y complételo.")
    start_anew = anew if request.method == "POST" else _("Recargue la página.")
    match status:
        case 400:
            return _("El formulario ya no es válido"), [
                _("Se abrió en otra sesión de este navegador. No se guardó nada."),
                _("Lo que escribió se conserva: vuelva al formulario, revíselo y envíelo de nuevo.") if held else start_anew]
        case 403:
            return _("Su rol no permite hacer esto"), [
                _("Esta página o esta acción corresponde a otros roles."),
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
                _("Envíelo otra vez con el botón de abajo: si los dos cambiaron el mismo dato, podrá elegir cuál queda.")
                if again else start_anew]
        case 413:
            return _("Lo enviado es demasiado grande"), [
                _("Un archivo puede tener hasta 20 MB y un formulario hasta 1 MB."), _("Reduzca el archivo y envíelo otra vez.")]
        case 429:
            return _("Demasiados intentos"), [_("Espere unos minutos y vuelva a intentarlo.")]
        case 503:
            return _("El sistema está ocupado"), [
                _("No se guardó nada. Espere unos segundos."), resend if again else start_anew]
        case _:
            return _("Ocurrió un error"), [
                _("No se guardó nada de este último paso. Lo ya guardado está a salvo."),
                resend if again else start_anew,
                _("Si se repite, avise a soporte con el código de abajo.")]
