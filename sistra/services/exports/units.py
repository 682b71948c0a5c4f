"""The kinds of row of an export: what each is, what its first columns are, and how its rows are reached from charges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from sistra.access import scope
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.db import Base
from sistra.formats.table import Column, Kind
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event, event_accused_link, event_counts_link, event_victims_link
from sistra.models.judgments import Judgment, Ruling
from sistra.models.people import Accused, Victim
from sistra.models.services import Service
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.services.exports.columns import exported

Keys = Any
"""Keys of charges: a list, or a select of them."""


_NAMED_BY_EVENTS: Sequence[tuple[Any, Any, str]] = (
    (event_accused_link, Accused, "accused_id"),
    (event_victims_link, Victim, "victim_id"),
    (event_counts_link, Count, "count_id"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind of row. `keys` are its first columns, `left_out` the fields that they stand for, `rows` selects by charges.

    `section` is what must be open of a charge (`grant_section`) for its rows to leave.
    """

    record: str
    model: type[Base]
    keys: tuple[str, ...]
    left_out: frozenset[str]
    rows: Callable[[Viewer, Keys], Select[Any]]
    brief: tuple[str, ...]
    section: str

    @property
    def sheet(self) -> str:
        return record(self.record).export_sheet


def _of_charges(model: Any) -> Callable[[Viewer, Keys], Select[Any]]:
    """The rows of charges that were not withdrawn."""

    def rows(viewer: Viewer, keys: Keys) -> Select[Any]:
        in_force = [model.withdrawn_at.is_(None)] if hasattr(model, "withdrawn_at") else []
        return select(model).where(model.charge_id.in_(keys), *in_force)

    return rows


def _linked(viewer: Viewer, keys: Keys) -> Select[Any]:
    """The court cases of those of the charges whose court cases are open to the viewer."""
    return select(ChargeCourtCase.court_case_id).where(
        ChargeCourtCase.charge_id.in_(keys), ChargeCourtCase.charge_id.in_(_open_in(viewer, "EXP")),
        ChargeCourtCase.unlinked_on.is_(None))


def _events(viewer: Viewer, keys: Keys) -> Select[Any]:
    """The acts of charges, and those of their court cases that are about a charge in sight or about nobody in particular.

    Acts sealed from the start are for the case team of the charge that they are about.
    """
    about_nobody = and_(*(~exists().where(link.c.event_id == Event.id) for link, _model, _key in _NAMED_BY_EVENTS))
    in_court = and_(Event.court_case_id.in_(_linked(viewer, keys)), or_(about_nobody, _about(_open_in(viewer, "ACT"))))
    own_team = or_(Event.charge_id.in_(scope.teams(viewer)), _about(scope.teams(viewer)))
    return select(Event).where(or_(Event.charge_id.in_(keys), in_court), or_(_open(Event), own_team))


def _open(model: Any) -> ColumnElement[bool]:
    return or_(model.confidentiality.is_(None), model.confidentiality.not_in(TEAM_ONLY))


def _about(charges: Select[Any]) -> ColumnElement[bool]:
    """An event names a part or a count of one of these charges."""
    return or_(
        *(
            exists().where(link.c.event_id == Event.id, link.c[key] == model.id, model.charge_id.in_(charges))
            for link, model, key in _NAMED_BY_EVENTS
        )
    )


def _open_in(viewer: Viewer, section: str) -> Select[Any]:
    """The keys of the charges of which that section is open to the viewer."""
    return scope.charges_for(viewer, section=section).with_only_columns(Charge.id)


def _judgments(viewer: Viewer, keys: Keys) -> Select[Any]:
    """The judgments with a ruling on a count in sight; one whose act is sealed is for the case team."""
    return select(Judgment).where(
        Judgment.court_case_id.in_(_linked(viewer, keys)),
        _rules_on(_open_in(viewer, "SEN")),
        or_(~exists().where(Event.judgment_id == Judgment.id, ~_open(Event)), _rules_on(scope.teams(viewer))),
    )


def _rules_on(charges: Select[Any]) -> ColumnElement[bool]:
    return exists().where(Ruling.judgment_id == Judgment.id, Ruling.count_id == Count.id, Count.charge_id.in_(charges))


UNITS: Mapping[str, Unit] = {
    "charges": Unit(
        "charge",
        Charge,
        ("denuncia",),
        frozenset({"number"}),
        lambda viewer, keys: select(Charge).where(Charge.id.in_(keys)),
        ("received_on", "reported_offence", "fiscal_district", "stage", "status", "responsible"),
        "RES",
    ),
    "victims": Unit(
        "victim",
        Victim,
        ("denuncia", "agraviada"),
        frozenset({"charge", "code"}),
        _of_charges(Victim),
        ("sex", "age_group", "citizenships", "main_purpose", "status"),
        "AGR",
    ),
    "accused": Unit(
        "accused",
        Accused,
        ("denuncia", "imputado"),
        frozenset({"charge", "code"}),
        _of_charges(Accused),
        ("sex", "citizenships", "roles", "status"),
        "IMP",
    ),
    "services": Unit(
        "service",
        Service,
        ("denuncia", "agraviada", "atencion"),
        frozenset({"victim"}),
        _of_charges(Service),
        ("service_type", "status", "provider", "starts_on", "ended_on"),
        "ATE",
    ),
    "counts": Unit(
        "count",
        Count,
        ("denuncia", "imputacion", "imputado", "agraviadas"),
        frozenset({"charge", "accused"}),
        _of_charges(Count),
        ("offence", "degree", "participation", "stage", "outcome"),
        "DEL",
    ),
    "events": Unit(
        "event",
        Event,
        ("denuncia", "expediente", "actuacion"),
        frozenset({"charge", "court_case"}),
        _events,
        ("event_type", "occurred_on", "resolution_number", "outcome"),
        "ACT",
    ),
    "court_cases": Unit(
        "court_case",
        CourtCase,
        ("expediente", "denuncias"),
        frozenset(),
        lambda viewer, keys: select(CourtCase).where(CourtCase.id.in_(_linked(viewer, keys))),
        ("docket_number", "court_case_kind", "court_name", "state", "opened_on"),
        "EXP",
    ),
    "judgments": Unit(
        "judgment",
        Judgment,
        ("sentencia", "expediente", "denuncias"),
        frozenset({"court_case"}),
        _judgments,
        ("decision_kind", "instance", "decided_on", "verdict", "finality"),
        "SEN",
    ),
}
"""Name of a unit -> what its rows are, in the order of the sheets."""

_KEY_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "es": {
        "denuncia": ("Denuncia", "Clave: número de la denuncia, en todas las hojas"),
        "agraviada": ("Víctima", "Clave dentro de la denuncia: código de la víctima (A-1)"),
        "imputado": ("Persona imputada", "Clave dentro de la denuncia: código de la persona imputada (I-1)"),
        "imputacion": ("Imputación", "Clave de la imputación"),
        "atencion": ("Atención", "Clave de la atención, que nombran las actuaciones"),
        "agraviadas": ("Víctimas", "Códigos de las víctimas de la imputación, separados por punto y coma"),
        "expediente": ("Expediente", "Clave del expediente, en las hojas expedientes, sentencias y actuaciones"),
        "actuacion": ("Actuación", "Número de la actuación dentro de su denuncia o de su expediente"),
        "denuncias": ("Denuncias vinculadas", "Números de las denuncias vinculadas, separados por punto y coma"),
        "sentencia": ("Sentencia", "Clave de la sentencia o resolución"),
    },
    "en": {
        "denuncia": ("Charge", "Key: number of the charge, on every sheet"),
        "agraviada": ("Victim", "Key within the charge: code of the victim (A-1)"),
        "imputado": ("Accused", "Key within the charge: code of the accused (I-1)"),
        "imputacion": ("Count", "Key of the count"),
        "atencion": ("Service", "Key of the service, which events name"),
        "agraviadas": ("Victims", "Codes of the victims of the count, separated by semicolons"),
        "expediente": ("Court case", "Key of the court case, on the sheets expedientes, sentencias and actuaciones"),
        "actuacion": ("Event", "Number of the event within its charge or its court case"),
        "denuncias": ("Linked charges", "Numbers of the linked charges, separated by semicolons"),
        "sentencia": ("Judgment", "Key of the judgment or decision"),
    },
}
"""The key columns in words: label and definition."""

_NUMBERED = frozenset({"imputacion", "atencion", "expediente", "actuacion", "sentencia"})


def fields_of(unit: str, *, brief: bool = False) -> list[Field]:
    """The fields of a unit that may leave; `brief` only those that fit on a printed page.

    No long text leaves in a sheet, the summary of a charge neither: whatever the rule says, a person may be named in it.
    """
    one = UNITS[unit]
    fields = [field for field in exported(record(one.record), one.model, one.left_out) if field.type != "longtext"]
    return (
        sorted((field for field in fields if field.name in one.brief), key=lambda field: one.brief.index(field.name))
        if brief
        else fields
    )


def key_column(name: str, language: str) -> Column:
    """A key column of a sheet."""
    kind: Kind = "integer" if name in _NUMBERED else "code" if name == "denuncia" else "text"
    label, definition = _KEY_WORDS[language][name]
    return Column(name, label, kind, 19 if name in ("denuncia", "denuncias") else 11, definition)
