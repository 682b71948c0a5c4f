"""The sections of a printed charge: what each prints of the rows that its reader sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.formats.dossier import Block, Fields, Paragraphs, Section, State, Timeline
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge, RouteLeg
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Exploitation, Identity, Recruitment, Victim
from sistra.models.services import Service
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import RESERVED
from sistra.rules.measures import NOT_RUN, state_today
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import said
from sistra.services import accounts, identities
from sistra.services.exports.wording import cells, fields_block, grid, names_of, state_of
from sistra.services.sharing import shares

_IDENTITY_LEFT_OUT = frozenset(
    {"court_initials", "salutation", "safe_contact", "address_latitude", "address_longitude", "address_postal_code"}
)
"""Answers of an identity that are of no use on paper."""

_NOT_PRINTED = ("number", "completeness", "core_at_registration")


@dataclass(frozen=True)
class Matter:
    """A charge being printed. `opened` are the parts revealed for this print, by code."""

    viewer: Viewer
    charge: Charge
    standing: Standing
    opened: Mapping[str, identities.Revealed]

    @property
    def clear(self) -> lens.Reach:
        return lens.clearance(self.standing)

    def views(self, model: Any, *conditions: Any, order: Any = None) -> list[Any]:
        """The views of the charge's rows of a model, those withdrawn left out."""
        in_force = [model.withdrawn_at.is_(None)] if hasattr(model, "withdrawn_at") else []
        rows = db.session.scalars(
            select(model)
            .where(*(conditions or (model.charge_id == self.charge.id,)), *in_force)
            .order_by(order if order is not None else model.id)
        )
        return lens.see_all(list(rows), self.clear, team=self.standing.on_team)

    def shows(self, view: Any) -> bool:
        """Whether a row leaves at all: coercive measures and protection measures are shared apart."""
        return bool(view.record != "measure" or view.kind != RESERVED)


def _facts(matter: Matter) -> list[Section]:
    view = lens.see(matter.charge, matter.clear, team=matter.standing.on_team)
    office = db.session.get_one(Office, matter.charge.office_id)
    responsible = db.session.get_one(User, matter.charge.responsible_id)
    named: list[tuple[str, str, State]] = [
        (said("Fiscalía a cargo"), office.name, "value"),
        (said("Fiscal responsable"), responsible.full_name, "value"),
        (said("Se comparte con"),
         "; ".join(one.label for one in shares.holders(matter.viewer, matter.charge.number)) or said("Nadie"), "value"),
    ]
    sections = ("denuncia", "registro", "procedencia", "procedimiento", "reserva", "cierre")
    general = fields_block(view, names_of("charge", *sections, without=_NOT_PRINTED), more=named)
    facts: list[Block] = [fields_block(view, names_of("charge", "hechos"))]
    legs = matter.views(RouteLeg, order=RouteLeg.sequence) if matter.standing.reads("HEC") else ()
    if legs:
        facts.append(
            grid(
                "ruta",
                said("Ruta"),
                ((said("Punto"), 12), (said("País"), 12), (said("Lugar"), 30), (said("Fecha"), 12), (said("Transporte"), 16)),
                ([*cells(leg, "point", "country"), _whereabouts(leg), *cells(leg, "moved_on", "transport_mode")] for leg in legs),
                "",
            )
        )
    return [Section(said("Denuncia"), [general]), *([Section(said("Hechos"), facts)] if matter.standing.reads("HEC") else [])]


def _whereabouts(leg: Any) -> str:
    """The place of a leg and its locality, as far as they are told."""
    return " · ".join(cell for cell in cells(leg, "place", "locality") if cell)


def _victims(matter: Matter) -> list[Section]:
    return _people(
        matter,
        Victim,
        said("Agraviada %(code)s"),
        said("No hay agraviadas registradas."),
        said("Agraviadas"),
        ("identidad", "perfil", "situacion", "otros_datos", "asistencia"),
    )


def _accused(matter: Matter) -> list[Section]:
    return _people(
        matter,
        Accused,
        said("Imputado %(code)s"),
        said("No hay imputados registrados."),
        said("Imputados"),
        ("identidad", "perfil", "rol"),
    )


def _people(matter: Matter, model: Any, heading: str, none: str, title: str, sections: Sequence[str]) -> list[Section]:
    found = []
    column = Identity.victim_id if model is Victim else Identity.accused_id
    views = matter.views(model)
    named = set(db.session.scalars(select(column).where(column.in_([view.id for view in views]))))
    for view in views:
        opened = matter.opened.get(view.code)
        shown = opened.part if opened else view
        blocks: list[Block] = [
            _identity(opened, view.id in named),
            fields_block(shown, names_of(view.record, *sections, without=("code",))),
        ]
        found.append(Section(heading % {"code": view.code}, blocks + (_of_victim(matter, view.id) if model is Victim else [])))
    return found or [Section(title, [Paragraphs([none])])]


def _identity(opened: identities.Revealed | None, named: bool) -> Fields:
    """The identity that was revealed for this print; else that it is reserved, or that none was entered."""
    if not named:
        return Fields([(said("Identidad"), said("No registrada"), "value")])
    if opened is None or opened.identity is None:
        return Fields([(said("Identidad"), "", "reserved")])
    names = [
        name
        for name in names_of("identity", *record("identity").sections, without=_IDENTITY_LEFT_OUT)
        if state_of(getattr(opened.identity, name)) != "blank"
    ]
    return fields_block(opened.identity, names)


def _of_victim(matter: Matter, victim_id: int) -> list[Block]:
    blocks: list[Block] = []
    recruited = matter.views(Recruitment, Recruitment.victim_id == victim_id)
    if recruited:
        blocks.append(
            grid(
                "captacion",
                said("Captación"),
                ((said("Captación: modalidad"), 28), (said("Medios"), 24), (said("Lugar"), 26), (said("Fecha"), 12)),
                (cells(one, "methods", "means", "place", "recruited_on") for one in recruited),
                "",
            )
        )
    exploited = matter.views(Exploitation, Exploitation.victim_id == victim_id)
    if exploited:
        blocks.append(
            grid(
                "explotacion",
                said("Explotación"),
                (
                    (said("Explotación: finalidad"), 26),
                    (said("Lugar"), 26),
                    (said("Desde"), 12),
                    (said("Hasta"), 12),
                    (said("Actividad"), 16),
                ),
                (cells(one, "purpose", "place", "started_on", "ended_on", "economic_activity") for one in exploited),
                "",
            )
        )
    return blocks


def _codes(model: Any, charge_id: int) -> dict[int, str]:
    return dict(db.session.execute(select(model.id, model.code).where(model.charge_id == charge_id)).all())


def _counts(matter: Matter) -> list[Section]:
    accused = _codes(Accused, matter.charge.id)
    victims: dict[int, list[str]] = {}
    for key, code in db.session.execute(
        select(CountVictim.count_id, Victim.code)
        .join(Victim, CountVictim.victim_id == Victim.id)
        .where(Victim.charge_id == matter.charge.id, Victim.withdrawn_at.is_(None))
        .order_by(Victim.id)
    ):
        victims.setdefault(key, []).append(code)
    rows = [
        [
            accused.get(view.accused, ""),
            *cells(view, "offence"),
            ", ".join(victims.get(view.id, ())),
            *cells(view, "degree", "participation", "stage", "outcome"),
        ]
        for view in matter.views(Count)
    ]
    heads = (
        (said("Imputado"), 9),
        (said("Delito"), 24),
        (said("Agraviadas"), 11),
        (said("Grado"), 12),
        (said("Participación"), 13),
        (said("Etapa"), 18),
        (said("Resultado"), 16),
    )
    return [
        Section(
            said("Imputaciones"),
            [grid("imputaciones", said("Imputaciones"), heads, rows, said("No hay imputaciones registradas."))],
        )
    ]


def _events(matter: Matter) -> list[Section]:
    views = [view for view in matter.views(Event) if view.confidentiality not in TEAM_ONLY or matter.standing.on_team]
    rows = [event_line(view) for view in in_order(views)]
    blocks: list[Block] = [Timeline(rows)] if rows else [Paragraphs([said("No hay actuaciones registradas.")])]
    return [Section(said("Actuaciones"), blocks)]


def in_order(views: Sequence[Any]) -> list[Any]:
    """Acts by date; one whose date is not known stands right after the one entered before it."""
    keyed, last = [], date.min
    for view in sorted(views, key=lambda view: view.id):
        on = view.occurred_on
        last = on.earliest if isinstance(on, PartialDate) and on.earliest else last
        keyed.append((last, view.id, view))
    return [view for *_, view in sorted(keyed, key=lambda one: one[:2])]


def event_line(view: Any) -> tuple[str, str, str]:
    """Date, act and detail of an event."""
    on, kind = cells(view, "occurred_on", "event_type")
    if view.reversed_by is not None:
        kind = said("%(act)s (dejada sin efecto)") % {"act": kind}
    detail = [cell for cell in cells(view, "court_name", "resolution_number", "result", "appeal_outcome", "note") if cell]
    return on, kind, " · ".join(detail)


_MEASURES = {
    (True, True): (said("Medidas"), said("No hay medidas registradas.")),
    (True, False): (said("Medidas coercitivas"), said("No hay medidas coercitivas registradas.")),
    (False, True): (said("Medidas de protección"), said("No hay medidas de protección registradas.")),
}
"""Whether coercive measures and measures of protection are shared: the heading, and what stands where there is none.

Of what is not shared nothing is said, not even that there is none.
"""


def _measures(matter: Matter) -> list[Section]:
    accused, victims = _codes(Accused, matter.charge.id), _codes(Victim, matter.charge.id)
    rows = [
        [
            accused.get(view.accused, "") or victims.get(view.victim, ""),
            *(cells(view, "coercive_measure") if view.accused is not None else cells(view, "protection_measure")),
            *_run(view),
            *cells(view, "state"),
        ]
        for view in (replace(one, state=state_today(one.state, one.ends_on, matter.viewer.today)) for one in matter.views(Measure)
                     if matter.shows(one))
    ]
    heads = ((said("Persona"), 9), (said("Medida"), 40), (said("Desde"), 12), (said("Hasta"), 12), (said("Estado"), 18))
    title, empty = _MEASURES[matter.standing.reads("MCO"), matter.standing.reads("MPR")]
    return [Section(title, [grid("medidas", title, heads, rows, empty)])]


def _run(view: Any) -> list[str]:
    """The days of a measure; nothing of one that did not run, for its dates bound nobody."""
    return ["", ""] if view.state in NOT_RUN else cells(view, "starts_on", "ends_on")


def _services(matter: Matter) -> list[Section]:
    victims, views = _codes(Victim, matter.charge.id), matter.views(Service)
    providers = accounts.agency_names([view.provider for view in views])
    rows = [[victims.get(view.victim, ""), *cells(view, "service_type"), _provider(view, providers),
             *cells(view, "status", "starts_on", "planned_end_on", "ended_on")] for view in views]
    heads = ((said("Persona"), 9), (said("Atención"), 24), (said("Entidad prestadora"), 24), (said("Estado"), 16),
             (said("Inicio"), 11), (said("Fin previsto"), 11), (said("Fin"), 11))
    return [Section(said("Atenciones"),
                    [grid("atenciones", said("Atenciones"), heads, rows, said("No hay atenciones registradas."))])]


def _provider(view: Any, names: Mapping[int, str]) -> str:
    return names.get(view.provider, "") if state_of(view.provider) == "value" else cells(view, "provider")[0]


def _court_cases(matter: Matter) -> list[Section]:
    linked = select(ChargeCourtCase.court_case_id).where(
        ChargeCourtCase.charge_id == matter.charge.id, ChargeCourtCase.unlinked_on.is_(None)
    )
    rows = [
        cells(view, "docket_number", "court_case_kind", "court_name", "state", "opened_on")
        for view in matter.views(CourtCase, CourtCase.id.in_(linked))
    ]
    heads = (
        (said("Expediente"), 28),
        (said("Clase"), 16),
        (said("Juzgado o sala"), 28),
        (said("Estado"), 12),
        (said("Ingreso"), 11),
    )
    return [
        Section(
            said("Expedientes judiciales"),
            [grid("expedientes", said("Expedientes judiciales"), heads, rows, said("No hay expedientes vinculados."))],
        )
    ]


def _attachments(matter: Matter) -> list[Section]:
    hidden = (
        () if matter.standing.on_team else (Attachment.confidentiality.is_(None) | Attachment.confidentiality.not_in(TEAM_ONLY),)
    )
    rows = [
        [*cells(view, "kind", "title", "dated", "pages"), str(view.sha256 or "")[:16]]
        for view in matter.views(Attachment, Attachment.charge_id == matter.charge.id, *hidden)
    ]
    heads = ((said("Tipo"), 20), (said("Título"), 36), (said("Fecha"), 12), (said("Folios"), 8), (said("Huella (inicio)"), 18))
    return [
        Section(said("Documentos"), [grid("documentos", said("Documentos"), heads, rows, said("No hay documentos registrados."))])
    ]


OPENED_BY: Mapping[str, tuple[str, ...]] = {
    "hechos": ("RES",), "agraviadas": ("AGR",), "imputados": ("IMP",), "imputaciones": ("DEL",), "actuaciones": ("ACT",),
    "medidas": ("MCO", "MPR"), "atenciones": ("ATE",), "expedientes": ("EXP",), "documentos": ("DOC",),
}
"""Section of the printed file -> the sections of a grant of which one must be open for it."""

SECTIONS: Mapping[str, tuple[str, Callable[[Matter], list[Section]]]] = {
    "hechos": (said("Denuncia y hechos"), _facts),
    "agraviadas": (said("Agraviadas"), _victims),
    "imputados": (said("Imputados"), _accused),
    "imputaciones": (said("Imputaciones"), _counts),
    "actuaciones": (said("Actuaciones"), _events),
    "medidas": (said("Medidas"), _measures),
    "atenciones": (said("Atenciones"), _services),
    "expedientes": (said("Expedientes judiciales"), _court_cases),
    "documentos": (said("Documentos"), _attachments),
}
"""Name of a section -> its label, and what prints it, in the order of the file."""
