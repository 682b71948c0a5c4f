"""Users: the list, one user, and the acts on them. Each act asks the password again and leaves its reason."""
from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules.problems import said
from sistra.services import accounts, signin
from sistra.web.accounts.room import REASON, answer, bp, done, paged, tabs
from sistra.web.acts import carried_out, entry_of
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

_FIELDS = record("user").fields
INVITED = [_FIELDS[name] for name in ("username", "full_name", "email", "job_title", "office", "roles")]
_STATES = {"invitadas": said("Enlace pendiente"), "suspendidas": said("Suspendidas"),
           "bloqueadas": said("Bloqueadas por intentos fallidos")}
PLACED = [_FIELDS[name] for name in ("roles", "office")]


@bp.get("/usuarios")
@can("accounts.manage")
def index() -> str:
    text, role = request.args.get("q", "").strip()[:100], request.args.get("rol", "")
    role = role if role in codelist("user_role") else ""
    state = request.args.get("estado", "")
    state = state if state in accounts.STATES else ""
    shut = signin.shut_out(viewer().at) if state == "bloqueadas" else ()
    page = paged(partial(accounts.users, viewer(), text=text, role=role, state=state, shut_out=shut), lambda row: row.username)
    return render_template("accounts/index.html", heading=_("Usuarios"), tabs=tabs("users"), page=page, text=text,
                           role=role, state=state, states=[(code, _(label)) for code, label in _STATES.items()],
                           roles=[(code, term.label(language())) for code, term in codelist("user_role").items()])


@bp.route("/usuarios/nuevo", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def invite() -> Response | str:
    form = _form(INVITED)
    if (entry := entry_of(form, INVITED, "user")) is not None:
        given = entry.values
        token = carried_out(
            form, accounts.invite, username=str(given.get("username") or ""),
            full_name=str(given.get("full_name") or ""),
            email=str(given.get("email") or ""), job_title=given.get("job_title"),
            office_id=given.get("office") or 0, roles=given.get("roles") or ())
        if token is not None:
            return _link_page(str(given["username"]).lower(), token, viewer().at + accounts.INVITATION_LASTS)
    return answer("accounts/invite.html", form, heading=_("Invitar a una persona"))


def _form(fields: list[Field]) -> DictionaryForm:
    offices = [(office.id, office.name) for office in accounts.offices()]
    form: DictionaryForm = dictionary_form(fields, language=language(), choices={"office": offices})()
    return form


def _link_page(username: str, token: str, expires_at: datetime) -> str:
    """The one page on which a link is ever shown. Its host is that of the configuration, never that of the request."""
    link = current_app.config["BASE_URL"].rstrip("/") + url_for("session.invitation", token=token)
    return render_template("accounts/link.html", heading=_("Entregue este enlace"), username=username, link=link,
                           expires_at=expires_at)


@bp.get("/usuarios/<username>")
@can("accounts.manage")
def user(username: str) -> str:
    row = accounts.user(viewer(), username)
    return render_template("accounts/user.html", heading=row.full_name, row=row, own=row.id == viewer().user_id)


@bp.route("/usuarios/<username>/suspender", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def suspend(username: str) -> Response:
    return _set_suspended(username, suspend=True)


@bp.route("/usuarios/<username>/reincorporar", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def reinstate(username: str) -> Response:
    return _set_suspended(username, suspend=False)


def _set_suspended(username: str, *, suspend: bool) -> Response:
    row, form = accounts.user(viewer(), username), _form([REASON])
    if form.validate_on_submit() and carried_out(
            form, done, accounts.set_suspended, username, suspend=suspend, reason=_reason(form)):
        flash(_("La persona quedó suspendida y sus sesiones se cerraron.") if suspend
              else _("La persona puede entrar otra vez."), "success")
        return redirect(url_for("accounts.user", username=username), 303)
    if suspend:
        return answer("accounts/act.html", form, row=row, danger=True, action=_("Suspender"), consequences=[
            _("Sus sesiones se cierran ahora y no podrá entrar."),
            _("Lo que registró se conserva. Puede reincorporarla después.")],
            heading=_("Suspender a %(name)s", name=row.full_name))
    return answer("accounts/act.html", form, row=row, danger=False, action=_("Reincorporar"), consequences=[
        _("Podrá entrar otra vez con su contraseña, con los mismos roles y despacho.")],
        heading=_("Reincorporar a %(name)s", name=row.full_name))


def _reason(form: DictionaryForm) -> str:
    return str(form["reason"].text)


@bp.route("/usuarios/<username>/roles", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def change_roles(username: str) -> Response:
    row, form = accounts.user(viewer(), username), _form([*PLACED, REASON])
    form.fill({"roles": row.roles, "office": row.office_id})
    if (entry := entry_of(form, PLACED, "user")) is not None and carried_out(
            form, done, accounts.set_roles, username, roles=entry.values.get("roles") or (),
            office_id=entry.values.get("office") or 0, reason=_reason(form)):
        flash(_("Roles y despacho guardados. Sus sesiones se cerraron: los cambios valen desde ahora."), "success")
        return redirect(url_for("accounts.user", username=username), 303)
    return answer("accounts/act.html", form, row=row, danger=False, action=_("Guardar"),
                  heading=_("Roles y despacho de %(name)s", name=row.full_name), consequences=[
                      _("Con el cambio se cierran sus sesiones abiertas."),
                      _("Administrador y Auditor no se combinan con ningún otro rol.")])


@bp.route("/usuarios/<username>/enlace", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def renew_link(username: str) -> Response | str:
    row, form = accounts.user(viewer(), username), _form([])
    if form.validate_on_submit():
        token = carried_out(form, accounts.renew_link, username)
        if token is not None:
            return _link_page(username, token, viewer().at + accounts.link_lasts(row.last_signed_in_at))
    return answer("accounts/act.html", form, row=row, danger=True, action=_("Crear el enlace"),
                  heading=_("Enlace nuevo para %(name)s", name=row.full_name), consequences=[
                      _("Antes de seguir, compruebe por un canal conocido que quien lo pide es esa persona."),
                      _("Su contraseña, su segundo factor y sus códigos de recuperación dejan de servir ahora."),
                      _("Sus sesiones se cierran."),
                      _("Los enlaces anteriores dejan de servir.")])
