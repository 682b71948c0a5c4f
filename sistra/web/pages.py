"""What every page shares: language, menu, headers, formats of dates and codes."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request, session, url_for
from flask_babel import Babel, ngettext
from flask_babel import gettext as _
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.codebook import places
from sistra.codebook.countries import countries, languages
from sistra.codebook.roles import Role
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.durations import Duration
from sistra.rules.entries import LIMA
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import said
from sistra.services import export_runs, service_pages
from sistra.web.guards import viewer_or_none

csrf = CSRFProtect()
POLICY = ("default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; object-src 'none'; "
          "base-uri 'none'; form-action 'self'; frame-ancestors 'none'")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the masthead's menu."""

    label: str
    url: str
    current: bool
    badge: int = 0


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=language)
    csrf.init_app(app)
    secure = app.config["SECURE_COOKIES"]
    app.config.update(SESSION_COOKIE_NAME="__Host-sistra-form" if secure else "sistra-form", SESSION_COOKIE_SECURE=secure,
                      SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_loader = ChoiceLoader([app.jinja_loader, PrefixLoader({  # type: ignore[list-item]
        "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})])
    app.context_processor(_shared)
    app.jinja_env.filters.update(day=day, moment=moment, term=term, shown=shown, place=place_label, action=action, codes=codes)
    app.after_request(_headers)


def language() -> str:
    """ "es" or "en": what the person chose, else what the browser asks for, else Spanish."""
    if "language" in session:
        return str(session["language"])
    who = viewer_or_none() if hasattr(g, "at") else None
    if who is not None:
        return who.language
    return request.accept_languages.best_match(["es", "en"], "es")


ASSETS = sha256(b"".join(path.read_bytes() for path in sorted((Path(__file__).parents[1] / "static").rglob("*"))
                         if path.is_file())).hexdigest()[:10]
"""Changes with any static file: its address carries it, so that browsers may keep the file for a year."""


def _footer(who: Any) -> list[dict[str, Any]]:
    links = [{"label": _("Accesibilidad"), "url": url_for("session.accessibility")}]
    if not who:
        return links
    own = [{"label": _("Mis descargas"), "url": url_for("exports.index")}] if export_runs.may_ask(who) else []
    return [*own, {"label": _("Ayuda"), "url": url_for("session.help"), "help": True}, *links]


_MENU = (
    ("session.own", said("Mi mesa"), "home.desk"),
    ("charge.list", said("Denuncias"), "charges.index"),
    ("court_case.list", said("Expedientes"), "court_cases.index"),
    ("person.search", said("Buscar personas"), "person_search.index"),
    ("service.list", said("Atenciones"), "assistance.listed"),
    ("task.list", said("Tareas"), "tasks.mine"),
    ("grant.inbox", said("Derivaciones"), "sharing.inbox"),
    ("charge.reassign_many", said("Asignación"), "hand_over.assignment"),
    ("figures.read", said("Reportes"), "reports.index"),
    ("accounts.manage", said("Usuarios"), "accounts.index"),
)


def _shared() -> dict[str, Any]:
    who = viewer_or_none() if hasattr(g, "at") else None
    now = getattr(g, "at", None)
    return {
        "viewer": _Person(who) if who else None, "menu": _menu(who), "language": language(),
        "demonstration": current_app.config["DEMONSTRATION"], "asset_version": ASSETS, "footer_links": _footer(who),
        "data_instant": moment(now) if now else "", "offers": lambda endpoint: endpoint in current_app.view_functions,
        "may": lambda capability, standing=None: who is not None and may(who, capability, standing),
    }


_WITHIN_CHARGES = frozenset({"sharing.create_many", "sharing.add_many", "files.export_charges", "files.download_charges"})
"""Pages of other rooms that stand under "Denuncias" in the menu, besides those whose address names a charge."""


_SUPERVISION = frozenset({"hand_over.assignment", "hand_over.reassign_many"})
"""Pages of hand-over that have an entry of their own in the menu; those of referrals stand under "Derivaciones"."""


def _menu(who: Any) -> list[MenuItem]:
    if who is None:
        return []
    room = (request.blueprint or "").split(".")[0]
    if request.endpoint in _WITHIN_CHARGES or "number" in (request.view_args or {}):
        room = "charges"
    elif "case_id" in (request.view_args or {}) or request.endpoint in ("files.court_case_dossier", "files.download_court_case"):
        room = "court_cases"
    elif room == "drafts":
        room = "home"
    elif room == "hand_over" and request.endpoint not in _SUPERVISION:
        room = "sharing"
    return [MenuItem(_(label), url_for(endpoint), endpoint.split(".")[0] == room)
            for capability, label, endpoint in _MENU if endpoint in current_app.view_functions and may(who, capability)
            and (capability != "service.list" or _assists(who))]


def _assists(who: Viewer) -> bool:
    """Whether the list of services stands in the menu: of the unit that assists victims, of an agency to which some are open."""
    return who.has(Role.VICTIM_SUPPORT) or (who.has(Role.AGENCY) and service_pages.any_open(who))


class _Person:
    """The signed-in person as the masthead names them."""

    def __init__(self, who: Any) -> None:
        self.full_name, self.username, self.office_label = who.full_name, who.username, who.office_name
        roles = codelist("user_role")
        self.role_label = ", ".join(roles[code].label(language()) for code in roles if code in who.roles)
        self.shortcuts_off = who.preferences.get("shortcuts_off", False)


def _headers(response: Response) -> Response:
    """Headers of every answer. Pages and files are never kept by a cache; static files carry their own year."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if current_app.config["SECURE_COOKIES"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def day(value: date | datetime | PartialDate | Reserved | None) -> str:
    """A date as Peruvians read it: 27/03/2026; of an instant, its day in Lima."""
    if value is None:
        return ""
    if isinstance(value, Reserved):
        return str(_("Reservado"))
    if isinstance(value, PartialDate):
        return value.text().replace(" a ", _(" a "))
    if isinstance(value, datetime):
        value = value.astimezone(LIMA)
    return value.strftime("%d/%m/%Y")


def moment(value: datetime | Reserved | None) -> str:
    """An instant as read in Lima: 27/03/2026, 19:40."""
    if isinstance(value, Reserved):
        return str(_("Reservado"))
    return value.astimezone(LIMA).strftime("%d/%m/%Y, %H:%M") if value else ""


def term(code: Any, list_name: str) -> str:
    """The label of a code (or of several, joined) in the language of the page."""
    if isinstance(code, tuple):
        return "; ".join(term(one, list_name) for one in code)
    if code is None or isinstance(code, Reserved):
        return shown(code)
    if list_name == "ISO-3166":
        return countries(language()).get(code) or shown(code)
    if list_name == "ISO-639":
        return languages(language()).get(code) or shown(code)
    found = codelist(list_name).get(code)
    return found.label(language()) if found else shown(code)


def place_label(code: Any) -> str:
    """A place by its ubigeo code, as precise as known."""
    if code is None or isinstance(code, (Unknown, Reserved)):
        return shown(code)
    return places.place(code).label if places.is_place(code) else str(code)


def shown(value: Any) -> str:
    """Any value of a view as text: unknown answers and reserved values by their words, blanks empty."""
    match value:
        case None:
            return ""
        case Reserved():
            return str(_("Reservado"))
        case Unknown.NOT_KNOWN:
            return str(_("No se sabe"))
        case Unknown.NOT_APPLICABLE:
            return str(_("No corresponde"))
        case bool():
            return str(_("Sí") if value else _("No"))
        case PartialDate() | date():
            return day(value)
        case Duration():
            return _duration(value)
        case tuple():
            return "; ".join(shown(one) for one in value)
        case _ if hasattr(value, "text"):
            return str(value.text())
        case _:
            return str(value)


def _duration(value: Duration) -> str:
    parts = [ngettext("%(num)d año", "%(num)d años", value.years) if value.years else "",
             ngettext("%(num)d mes", "%(num)d meses", value.months) if value.months else "",
             ngettext("%(num)d día", "%(num)d días", value.days) if value.days else ""]
    return ", ".join(filter(None, parts)) or ngettext("%(num)d día", "%(num)d días", 0)


ACTIONS = {
    "report.read": said("Reporte consultado"), "facts.exported": said("Microdatos descargados"),
    "report.exported": said("Reporte descargado"),
    "charge.opened": said("Denuncia abierta"), "charge.amended": said("Denuncia modificada"),
    "charge.read": said("Denuncia consultada"),
    "charge.completed": said("Registro declarado completo"), "charge.sealed": said("Denuncia sellada"),
    "charge.unsealed": said("Sellado levantado"), "unsealing.requested": said("Petición de levantar el sello"),
    "unsealing.withdrawn": said("Petición de levantar el sello retirada"),
    "unsealing.approved": said("Petición de levantar el sello aprobada"),
    "unsealing.refused": said("Petición de levantar el sello denegada"),
    "unsealing.read": said("Petición de levantar el sello consultada"),
    "charge.compared": said("Denuncia señalada como posible duplicado"),
    "person.alike_read": said("Posibles coincidencias de persona consultadas"), "house.pruned": said("Limpieza de lo vencido"),
    "charge.exported": said("Denuncia exportada"), "list.exported": said("Lista exportada"),
    "court_case.exported": said("Expediente exportado"),
    "export.queued": said("Descarga pedida"), "export.built": said("Descarga preparada"),
    "export.downloaded": said("Descarga entregada"), "export.cancelled": said("Descarga cancelada"),
    "export.refused": said("Descarga denegada"), "export.failed": said("Descarga fallida"),
    "attachments.listed": said("Documentos consultados"), "attachment.added": said("Documento agregado"),
    "attachment.replaced": said("Versión nueva de un documento"), "attachment.read": said("Documento descargado"),
    "attachment.damaged": said("Documento dañado"), "attachment.withdrawn": said("Documento retirado"),
    "history.read": said("Historial consultado"),
    "event.recorded": said("Actuación registrada"), "event.amended": said("Actuación corregida"),
    "event.reversed": said("Actuación dejada sin efecto"), "event.notified": said("Notificación registrada"),
    "team.joined": said("Persona agregada al equipo"), "team.left": said("Persona retirada del equipo"),
    "route_leg.added": said("Tramo de ruta agregado"), "route_leg.amended": said("Tramo de ruta modificado"),
    "victim.added": said("Agraviada registrada"), "victim.amended": said("Datos de agraviada modificados"),
    "accused.added": said("Imputado registrado"), "accused.amended": said("Datos de imputado modificados"),
    "identity.entered": said("Identidad registrada"), "identity.amended": said("Identidad modificada"),
    "identity.revealed": said("Identidad revelada"), "count.added": said("Imputación registrada"),
    "count.amended": said("Imputación modificada"), "count.retypified": said("Imputación recalificada"),
    "victim.read": said("Ficha de agraviada consultada"), "accused.read": said("Ficha de imputado consultada"),
    "victim.withdrawn": said("Agraviada retirada"), "accused.withdrawn": said("Imputado retirado"),
    "recruitment.added": said("Captación agregada"), "recruitment.amended": said("Captación modificada"),
    "recruitment.withdrawn": said("Captación retirada"), "exploitation.added": said("Explotación agregada"),
    "exploitation.amended": said("Explotación modificada"), "exploitation.withdrawn": said("Explotación retirada"),
    "victim_accused_relation.added": said("Relación agregada"),
    "victim_accused_relation.amended": said("Relación modificada"),
    "victim_accused_relation.withdrawn": said("Relación retirada"), "person.linked": said("Vinculada como la misma persona"),
    "person.unlinked": said("Desvinculada"), "person.created": said("Vínculo de persona creado"),
    "person.amended": said("Vínculo de persona ampliado"), "person.searched": said("Búsqueda de personas"),
    "summaries.searched": said("Búsqueda en los resúmenes"), "search.rebuilt": said("Índice de búsqueda verificado"),
    "person.results_read": said("Resultados de búsqueda de personas consultados"),
    "grant.offered": said("Acceso ofrecido"), "grant.accepted": said("Acceso aceptado"),
    "grant.declined": said("Acceso declinado"),
    "grant.withdrawn": said("Ofrecimiento de acceso retirado"), "grant.revoked": said("Acceso revocado"),
    "grant.expired": said("Ofrecimiento de acceso vencido"), "grants.read": said("Accesos consultados"),
    "inbox.read": said("Derivaciones consultadas"), "access_request.made": said("Solicitud de acceso hecha"),
    "access_request.amended": said("Solicitud de acceso ampliada"),
    "access_request.answered": said("Solicitud de acceso respondida"),
    "service.added": said("Atención registrada"), "service.amended": said("Atención modificada"),
    "service.withdrawn": said("Atención retirada"), "service.read": said("Atención consultada"),
    "services.read": said("Atenciones consultadas"), "services.listed": said("Lista de atenciones consultada"),
    "task.added": said("Tarea agregada"), "task.amended": said("Tarea modificada"), "task.done": said("Tarea hecha"),
    "task.read": said("Tarea consultada"), "tasks.read": said("Tareas consultadas"),
    "tasks.listed": said("Lista de tareas consultada"),
    "referral.prepared": said("Derivación preparada"), "referral.amended": said("Derivación en preparación modificada"),
    "referral.offered": said("Derivación ofrecida"), "referral.accepted": said("Derivación aceptada"),
    "referral.declined": said("Derivación rechazada"), "referral.withdrawn": said("Derivación retirada"),
    "referral.read": said("Derivación consultada"), "referrals.read": said("Derivaciones entre fiscalías consultadas"),
    "charge.moved": said("Denuncia pasada a otro despacho"), "charge.reassigned": said("Responsable reasignado"),
    "assignment.read": said("Asignación consultada"), "desk.read": said("Mesa consultada"),
    "signin.succeeded": said("Ingreso"), "signin.failed": said("Ingreso fallido"),
    "signin.factor_failed": said("Segundo factor fallido"),
    "signin.stepped_up": said("Contraseña confirmada"), "signin.step_up_failed": said("Contraseña no confirmada"),
    "signin.ended": said("Salida"), "user.invited": said("Persona invitada"), "user.link_renewed": said("Enlace renovado"),
    "user.password_set": said("Contraseña fijada con un enlace"), "user.password_changed": said("Contraseña cambiada"),
    "user.suspended": said("Persona suspendida"), "user.reinstated": said("Persona restituida"),
    "user.roles_changed": said("Roles cambiados"), "charges.listed": said("Lista de denuncias consultada"),
    "court_cases.listed": said("Lista de expedientes consultada"), "numbers.searched": said("Búsqueda por número"),
    "trail.read": said("Bitácora consultada"), "access.rebuilt": said("Filas de acceso rehechas"),
    "facts.rebuilt": said("Hechos estadísticos rehechos"), "files.swept": said("Archivos sin registro retirados"),
    "backup.created": said("Copia de respaldo hecha"), "backup.restored": said("Copia de respaldo restituida"),
    "offices.seeded": said("Despachos cargados"), "demonstration.begun": said("Demostración iniciada"),
    "measure.added": said("Medida registrada"), "measure.amended": said("Medida modificada"),
    "court_case.opened": said("Expediente registrado"), "court_case.amended": said("Expediente modificado"),
    "court_case.read": said("Expediente consultado"), "court_case.linked": said("Denuncia vinculada al expediente"),
    "court_case.link_amended": said("Imputados comprendidos en el expediente modificados"),
    "court_case.unlinked": said("Denuncia desvinculada del expediente"), "judgment.recorded": said("Sentencia registrada"),
    "judgment.amended": said("Sentencia corregida"), "judgment.read": said("Sentencia consultada"),
    "ruling.recorded": said("Fallo registrado"), "penalty.recorded": said("Pena registrada"),
    "reparation.recorded": said("Reparación civil registrada"), "reparation.amended": said("Reparación civil modificada"),
    "remedy.filed": said("Recurso registrado"), "remedy.amended": said("Recurso modificado"),
    "remedy.decided": said("Recurso resuelto"),
    "event.read": said("Actuación consultada"), "events.read": said("Actuaciones consultadas"),
    "count.read": said("Imputación consultada"), "counts.read": said("Imputaciones consultadas"),
    "count.victims": said("Agraviadas de la imputación modificadas"), "measure.read": said("Medida consultada"),
    "measures.read": said("Medidas consultadas"), "measure.ended": said("Término de medida registrado"),
    "measure.extended": said("Medida prolongada"), "deadline.opened": said("Plazo abierto"),
    "deadline.amended": said("Plazo modificado"),
}
"""Actions of the trail in words; a room that adds an action adds it here."""


_CODE = re.compile(r"\b(?:\d+/)?[AI]-\d+\b")


def codes(text: Any) -> Markup:
    """A text, or several joined by commas, with the codes of persons (A-1) kept whole: browsers break at the hyphen."""
    said_text = text if isinstance(text, str) else ", ".join(text)
    return Markup(_CODE.sub(lambda found: f'<span class="s-nowrap">{found[0]}</span>', escape(said_text)))


def action(name: str) -> str:
    """An action of the trail in words."""
    return _(ACTIONS[name]) if name in ACTIONS else name
