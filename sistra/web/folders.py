"""The manila folder as the pages of a charge show it: tab, title without names, meta line, stages, sections."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.access.may import may
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.charge_course import ChargeCourse, Step
from sistra.rules.masking import Reserved
from sistra.rules.problems import said
from sistra.rules.stages import CLOSED, UNDATED, When
from sistra.rules.titles import charge_title
from sistra.services.charges import DueSoon, Folder
from sistra.web.guards import viewer
from sistra.web.pages import day, language, term


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionLink:
    label: str
    url: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    kind: str
    lead: str
    text: str
    link: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class FolderView:
    """Context of `shells/charge.html`.

    `withheld` are the sections that are not shared with the viewer, `ask` where to ask for them.
    `notices` say where the charge went and what came to it: a sentence, and the numbers of the charges that it ends with.
    """

    number: str
    carpeta: str | None
    title: str
    meta: Sequence[tuple[str, ...]]
    tags: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str, bool]]
    stages: Sequence[Stage]
    sections: Sequence[SectionLink]
    deadline: DeadlineLine | None
    withheld: Sequence[str] = ()
    ask: str | None = None
    notices: Sequence[tuple[str, Sequence[str]]] = ()


SECTIONS = (
    ("charges.show", said("Resumen"), None, "charge.read"),
    ("charges.facts", said("Hechos"), None, "facts.read"),
    ("people.victims", said("Agraviadas"), "victims", "victims.read"),
    ("people.accused", said("Imputados"), "accused", "accused.read"),
    ("counts.index", said("Imputaciones"), "counts", "counts.read"),
    ("events.index", said("Actuaciones"), "events", "events.read"),
    ("events.deadlines", said("Plazos"), "deadlines", "deadlines.read"),
    ("measures.index", said("Medidas"), "measures", "measures.read"),
    ("assistance.index", said("Atenciones"), "services", "services.read"),
    ("court_cases.of_charge", said("Expedientes"), "court_cases", "court_case.of_charge"),
    ("attachments.index", said("Documentos"), "attachments", "attachment.read"),
    ("sharing.index", said("Compartido"), None, "charge.shares"), ("charges.history", said("Historial"), None, "charge.history"),
)
"""Pages of a charge in the order of its tabs: endpoint, label, what is counted, the capability that opens it."""


def charge_folder(found: Folder, current: str) -> FolderView:
    """The folder with the section of endpoint `current` marked."""
    charge = found.charge
    number = str(charge.number)
    if found.standing.outline:
        return FolderView(number, None, _("Denuncia sellada"), [("", term(charge.fiscal_district, "fiscal_district")),
                          (_("Despacho"), found.office), (_("Responsable"), found.responsible)],
                          [(term(charge.confidentiality, "confidentiality"), "purple")], [], [], [], None)
    return FolderView(
        number, None if charge.carpeta_number in (None, *Unknown) else str(charge.carpeta_number), title_of(charge), _meta(found),
        _tags(found), _actions(found, number), stages_of(found.course),
        _sections(found, number, current), deadline_line(found.deadline, number), *_withheld(found, number), _notices(found))


def _withheld(found: Folder, number: str) -> tuple[list[str], str | None]:
    """The sections that exist and are not shared with the viewer, by name, and the address of the form that asks for them."""
    shared = found.standing.shared
    if shared is None:
        return [], None
    names = [term_.label(language()) for code, term_ in codelist("grant_section").items() if not shared.reads(code)]
    return names, url_for("sharing.create_request", number=number) if may(viewer(), "grant.request", found.standing) else None


def _notices(found: Folder) -> list[tuple[str, Sequence[str]]]:
    moved = found.whereabouts
    notices: list[tuple[str, Sequence[str]]] = []
    if moved is None:
        return notices
    if moved.joined_into:
        notices.append((_("Acumulada a"), (moved.joined_into,)))
    elif moved.joined_into == "":
        notices.append((_("Acumulada a otra denuncia, que está fuera de su alcance."), ()))
    if moved.offered_to:
        notices.append((_("Derivada a %(office)s: espera su respuesta.", office=moved.offered_to), ()))
    if moved.absorbed:
        notices.append((_("Comprende las denuncias acumuladas"), moved.absorbed))
    return notices


def title_of(charge: Any) -> str:
    """What the charge is about; never a name of a person."""
    return charge_title(language(), offence=charge.reported_offence, purposes=charge.purpose_known,
                        place=next((place for place in (charge.exploitation_place, charge.notice_place)
                                    if place and not isinstance(place, Reserved)), None))


def _meta(found: Folder) -> list[tuple[str, ...]]:
    minors = ngettext("%(num)d menor de edad", "%(num)d menores de edad", found.minors) if found.minors else ""
    victims: tuple[str, ...] = (_("Agraviadas"), str(found.victims)) + ((minors,) if minors else ())
    return [("", term(found.charge.fiscal_district, "fiscal_district")), (_("Responsable"), found.responsible), victims,
            (_("Imputados"), str(found.accused))]


def _tags(found: Folder) -> list[tuple[str, str]]:
    tags = [(term(found.charge.status, "charge_status"), "blue" if found.charge.status == "TRA" else "grey")]
    if found.sealed:
        tags.append((term(found.charge.confidentiality, "confidentiality"), "purple"))
    if found.standing.shared is not None:
        tags.append((_("Compartida hasta el %(day)s", day=day(found.standing.shared.until)), "purple"))
    else:
        tags.append((_("Registro completo"), "green") if found.charge.completed_at else (_("Registro en curso"), "amber"))
    return tags


_MAIN_ACTS = ("event.contribute", "service.amend")
"""What the main button of a folder does: the first of these that is open to the viewer."""


def _actions(found: Folder, number: str) -> list[tuple[str, str, bool]]:
    shared = found.standing.shared is not None
    offered = [("event.contribute", _("Aportar actuación") if shared else _("Registrar actuación"), "events.create"),
               *([("service.amend", _("Registrar atención"), "assistance.create")] if shared else []),
               ("charge.amend", _("Completar registro"), "charges.tasks"),
               ("charge.print", _("PDF de la denuncia"), "files.charge_dossier")]
    open_ = [(label, url_for(endpoint, number=number), capability) for capability, label, endpoint in offered
             if endpoint in current_app.view_functions and may(viewer(), capability, found.standing) and (
                 capability != "charge.print" or may(viewer(), "charge.export", found.standing))]
    first = next((capability for _label, _url, capability in open_ if capability in _MAIN_ACTS), None)
    return [(label, url, capability == first) for label, url, capability in open_]


def _sections(found: Folder, number: str, current: str) -> list[SectionLink]:
    return [SectionLink(_(label), url_for(endpoint, number=number), found.counted.get(counted) if counted else None,
                        endpoint == current)
            for endpoint, label, counted, capability in SECTIONS
            if endpoint in current_app.view_functions and may(viewer(), capability, found.standing)]


def stages_of(course: ChargeCourse | None) -> list[Stage]:
    """The stages of a course as the tracker shows them: of one that is closed no stage is waited for."""
    return [_stage(step, course.stage == CLOSED) for step in course.tracker] if course else []


def _stage(step: Step, closed: bool) -> Stage:
    name = codelist("stage_group")[step.group].label(language())
    if step.state == "pending":
        return Stage(name, "pending", _("No alcanzada") if closed else _("Pendiente"))
    if step.state == "current":
        since = _span_day(step.starts)
        text = _("desde %(day)s", day=since) if since else _("En curso")
        some = _(" · %(some)s de %(all)s imputados", some=step.accused, all=step.of) if 0 < step.accused < step.of else ""
        return Stage(name, "current", text + some)
    if step.starts is None:
        return Stage(name, "pending", _("Sin registro"))
    starts, ends = _span_day(step.starts), _span_day(step.ends)
    return Stage(name, "done", f"{starts} – {ends}" if starts and ends else starts or ends or _("Concluida"))


def _span_day(when: When | None) -> str:
    """A bound of a stage as text: its day where one is known, else its month and year or year."""
    if when is None or when == UNDATED:
        return ""
    earliest, latest = when
    if earliest == latest:
        return day(earliest)
    if earliest and latest and (earliest.year, earliest.month) == (latest.year, latest.month):
        return earliest.strftime("%m/%Y")
    return str((earliest or latest or date.min).year)


def deadline_line(due: DueSoon | None, number: str) -> DeadlineLine | None:
    """The line of the next deadline of a charge, within fifteen days or overdue."""
    if due is None or due.on is None:
        return None
    left = (due.on - viewer().today).days
    if left > 15:
        return None
    named = f"{term(due.rule, 'deadline')}, {day(due.on)}."
    link = ((_("Ver plazos"), url_for("events.deadlines", number=number))
            if "events.deadlines" in current_app.view_functions else None)
    if left < 0:
        return DeadlineLine("overdue", ngettext("Vencido hace %(num)d día:", "Vencido hace %(num)d días:", -left), named, link)
    lead = _("Vence hoy:") if left == 0 else ngettext("Vence en %(num)d día:", "Vence en %(num)d días:", left)
    return DeadlineLine("due", lead, named, link)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a definition list (`components/definition_list.html`)."""

    label: str
    value: str
    state: str
    url: str | None


def lines(view: Any, fields: Sequence[Any], *, url: str | None = None, overrides: dict[str, str] | None = None) -> list[Line]:
    """The named fields of a view as rows; a field whose condition is not met and that is blank is left out."""
    rows = []
    for field in fields:
        value = getattr(view, field.name)
        asked = field.condition is None or field.condition.met(getattr(view, field.condition.field, None))
        if value in (None, "", ()) and not asked:
            continue
        text = (overrides or {}).get(field.name) or field_text(field, value)
        rows.append(Line(field.label(language()), text, state_of(value), f"{url}#{field.name}" if url else None))
    return rows


def state_of(value: Any) -> str:
    """Which of the five things a value of a view is."""
    if value in (None, "", ()):
        return "blank"
    if isinstance(value, Reserved):
        return "reserved"
    if value is Unknown.NOT_KNOWN:
        return "not_known"
    return "not_applicable" if value is Unknown.NOT_APPLICABLE else "value"


def field_text(field: Any, value: Any) -> str:
    """A value of a dictionary field as text, by its type."""
    from sistra.web.pages import place_label, shown
    if field.type == "place":
        return place_label(value)
    if field.type == "country":
        return term(value, "ISO-3166")
    if field.list_name and field.type in ("code", "codes"):
        return term(value, field.list_name)
    if field.type == "money_pen" and state_of(value) == "value":
        return f"S/ {value:,.2f}"
    return shown(value)
