"""Signing in with password and code, signing out, the password again, the language."""
from __future__ import annotations

from datetime import datetime

from flask import abort, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.services import signin
from sistra.services.signin import Refused, SignedIn
from sistra.services.throttle import Throttled
from sistra.services.unit import unit_of_work
from sistra.web.guards import can, public, viewer, viewer_or_none
from sistra.web.pages import moment
from sistra.web.safe_next import safe_next
from sistra.web.session import cookies
from sistra.web.session.forms import CodeForm, PasswordAgainForm, RoomForm, SignInForm
from sistra.web.session.room import bp, way_on

REFUSED = 422


def answer(template: str, form: RoomForm, *, until: datetime | None = None, **context: object) -> Response:
    """A page with a form: 200 when it is shown, 422 when it was refused, 429 when nothing is heard before `until`."""
    if until is not None:
        form.form_errors.append(_(
            "Hubo demasiados intentos. Podrá intentarlo otra vez desde el %(until)s (hora de Lima). "
            "Si necesita entrar antes, llame a quien administra los usuarios de su institución.", until=moment(until)))
    status = 429 if until is not None else REFUSED if form.errors or form.form_errors else 200
    response = make_response(render_template(template, form=form, **context), status)
    if until is not None:
        response.headers["Retry-After"] = str(max(1, round((until - g.at).total_seconds())))
    return response


@bp.route("/entrar", methods=["GET", "POST"])
@public
def sign_in() -> Response:
    if request.method == "GET" and viewer_or_none() is not None:
        return redirect(way_on())
    form, until = SignInForm(), None
    if form.validate_on_submit():
        try:
            begun = signin.sign_in(
                form.username.data, form.password.data, at=g.at, address=request.remote_addr, device=cookies.device(),
                agent=request.user_agent.string, ask_second_factor=current_app.config["ASK_SECOND_FACTOR"])
            return _entered(begun)
        except Throttled as shut:
            until = shut.until
        except Refused:
            form.refuse(form.username, _("El usuario o la contraseña no son correctos"))
    return answer("session/sign_in.html", form, until=until, heading=_("Entrar"))


def _entered(begun: SignedIn) -> Response:
    """On with a session just begun. The one that the browser had before ends."""
    former = cookies.token()
    if former:
        with unit_of_work():
            signin.abandon(former, at=g.at)
    cookies.start_afresh()
    following = url_for("session.second_factor", next=safe_next(request.args.get("next"), "") or None)
    return cookies.give(redirect(following if begun.second_factor else way_on(), 303), begun)


@bp.route("/entrar/codigo", methods=["GET", "POST"])
@public
def second_factor() -> Response:
    token = cookies.token()
    if not token or not signin.waits_for_second_factor(token, at=g.at):
        return redirect(url_for("session.sign_in", next=safe_next(request.args.get("next"), "") or None), 303)
    form, until = CodeForm(), None
    if form.validate_on_submit():
        try:
            begun = signin.second_factor(token, form.code.data, at=g.at, address=request.remote_addr)
            cookies.start_afresh()
            return cookies.give(redirect(way_on(), 303), begun)
        except Throttled as shut:
            until = shut.until
        except Refused:
            form.refuse(form.code, _(
                "El código no es correcto o ya se usó. Escriba el que la aplicación muestra ahora"))
    return answer("session/second_factor.html", form, until=until, heading=_("Segundo factor"))


@bp.post("/salir")
@public
def sign_out() -> Response:
    who, token = viewer_or_none(), cookies.token()
    if who is not None or token:
        with unit_of_work():
            if who is not None:
                signin.sign_out(who)
            else:
                signin.abandon(token or "", at=g.at)
    cookies.start_afresh()
    flash(_("Salió del sistema."), "success")
    return cookies.take_away(redirect(url_for("session.sign_in"), 303))


@bp.post("/idioma")
@public
def language() -> Response:
    chosen = request.form.get("language", "")
    if chosen not in ("es", "en"):
        abort(400)
    session["language"] = chosen
    if (who := viewer_or_none()) is not None:
        with unit_of_work():
            signin.set_preferences(who, language=chosen)
    return redirect(safe_next(request.form.get("next"), url_for("session.home")), 303)


@bp.route("/confirmar-contrasena", methods=["GET", "POST"])
@can("session.own")
def step_up() -> Response:
    form, until = PasswordAgainForm(), None
    if form.validate_on_submit():
        try:
            signin.step_up(viewer(), form.password.data)
            return redirect(way_on(), 303)
        except Throttled as shut:
            until = shut.until
        except Refused:
            form.refuse(form.password, _("La contraseña no es correcta"))
    return answer("session/step_up.html", form, until=until, heading=_("Confirme su contraseña"),
                  cancel=url_for("session.home"))
