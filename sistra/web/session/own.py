"""One's own pages: preferences, password, and the sessions that are open."""
from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.rules.problems import Rejected
from sistra.services import signin
from sistra.services.signin import Refused
from sistra.services.throttle import Throttled
from sistra.services.unit import unit_of_work
from sistra.web.guards import can, viewer
from sistra.web.session import cookies
from sistra.web.session.devices import in_words
from sistra.web.session.entering import answer
from sistra.web.session.forms import ChangePasswordForm, PreferencesForm
from sistra.web.session.room import bp


@bp.get("/")
@can("session.own")
def home() -> Response:
    """Everybody starts at their desk."""
    return redirect(url_for("home.desk"))


@bp.route("/perfil", methods=["GET", "POST"])
@can("session.own")
def profile() -> Response:
    who = viewer()
    if "end" in request.form:
        return _end_sessions(who, request.form["end"])
    form = PreferencesForm(language=who.language, shortcuts_off=who.preferences.get("shortcuts_off", False))
    if form.validate_on_submit():
        with unit_of_work():
            signin.set_preferences(who, language=form.language.data, shortcuts_off=form.shortcuts_off.data)
        session["language"] = form.language.data
        flash(_("Se guardaron sus preferencias."), "success")
        return redirect(url_for("session.profile"), 303)
    return answer("session/profile.html", form, heading=_("Perfil"),
                  sessions=[(one, in_words(one.device)) for one in signin.own_sessions(who)])


def _end_sessions(who: Viewer, chosen: str) -> Response:
    """Ends one of the person's other sessions, or all of them (`others`)."""
    others = [one.id for one in signin.own_sessions(who) if not one.current]
    ended = [key for key in others if chosen in ("others", str(key))]
    with unit_of_work():
        for key in ended:
            signin.sign_out(who, key)
    flash(_("La sesión se cerró.") if len(ended) == 1 else _("Se cerraron %(count)s sesiones.", count=len(ended)),
          "success")
    return redirect(url_for("session.profile"), 303)


@bp.route("/perfil/contrasena", methods=["GET", "POST"])
@can("session.own")
def password() -> Response:
    form, until = ChangePasswordForm(), None
    if form.validate_on_submit():
        try:
            signin.change_password(viewer(), form.present.data, form.password.data, form.repeated.data)
            cookies.start_afresh()
            flash(_("Su contraseña cambió. Sus demás sesiones se cerraron."), "success")
            return redirect(url_for("session.profile"), 303)
        except Throttled as shut:
            until = shut.until
        except Refused:
            form.refuse(form.present, _("La contraseña actual no es correcta"))
        except Rejected as refused:
            form.land(refused.problems)
    return answer("session/password.html", form, until=until, heading=_("Cambiar contraseña"))
