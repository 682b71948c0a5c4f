"""What pages show of the measures of a charge: those in force, those about to end, one measure, what its form may name."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from sistra.access import lens
from sistra.access.may import may
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import MeasureView
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.rules import measures as rules
from sistra.rules.problems import Problem, said
from sistra.services import accounts, audit, deadline_pages, measures
from sistra.services.parts import codes, in_charge


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure as lists show it. `part` is the code of its person; `state` stands by the day of the request."""

    view: MeasureView
    part: str
    state: str | None
    in_force: bool
    extended_by: int | None
    may_amend: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of a measure may name: (key, words). Persons by code alone."""

    accused: Sequence[tuple[int, str]]
    victims: Sequence[tuple[int, str]]
    agencies: Sequence[tuple[int, str]]
    court_cases: Sequence[tuple[int, str]]


def listed(viewer: Viewer, number: str, *, part: str = "") -> list[MeasureLine]:
    """The measures of a charge, or of one part of it (I-1, A-1): those in force first. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "measures.read")
    audit.note(viewer, "measures.read", audit.subject_of(charge))
    rows = [row for row in db.session.scalars(select(Measure).where(Measure.charge_id == charge.id).order_by(Measure.id))
            if _shown(stands, row)]
    lines = [line for line in _lines(viewer, stands, charge, rows) if part in ("", line.part)]
    return sorted(lines, key=lambda line: (not line.in_force, -line.view.id))


def ending(viewer: Viewer, number: str) -> list[MeasureLine]:
    """The measures that have run out or do so within fifteen days, the earliest first.

    Left out are those prolonged by another, and those of which a deadline runs that says the same.
    Raises NotVisible, Forbidden.
    """
    charge, stands = in_charge(viewer, number, "measures.read")
    watched = deadline_pages.measures_watched(charge.id) if stands.reads("PLA") else ()
    rows = [
        row
        for row in db.session.scalars(select(Measure).where(Measure.charge_id == charge.id).order_by(Measure.ends_on))
        if row.id not in watched and _shown(stands, row)
        and rules.near_its_end(row.state, row.ends_on, row.ended_on, viewer.today)
    ]
    if rows:
        audit.note(viewer, "measures.read", audit.subject_of(charge))
    return [line for line in _lines(viewer, stands, charge, rows) if line.extended_by is None]


def show(viewer: Viewer, number: str, measure_id: int) -> MeasureLine:
    """One measure. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "measures.read")
    row = measures.own(charge, measure_id)
    if not _shown(stands, row):
        raise NotVisible
    audit.note(viewer, "measure.read", audit.subject_of(row))
    return _lines(viewer, stands, charge, [row])[0]


def _shown(stands: Standing, row: Measure) -> bool:
    """Coercive measures and protection measures are shared apart."""
    return stands.reads("MCO" if row.kind == "COE" else "MPR")


def _lines(viewer: Viewer, stands: Standing, charge: Charge, rows: list[Measure]) -> list[MeasureLine]:
    accused, victims = codes(charge.id, Accused), codes(charge.id, Victim)
    follow = {one.extends_id: one.id for one in db.session.scalars(
        select(Measure).where(Measure.charge_id == charge.id, Measure.extends_id.is_not(None)))}
    views = lens.see_all(list(rows), lens.clearance(stands), team=stands.on_team) if rows else []
    amends = may(viewer, "measure.amend", stands)
    return [
        MeasureLine(
            view,
            accused.get(row.accused_id or 0) or victims.get(row.victim_id or 0, ""),
            rules.state_today(row.state, row.ends_on, viewer.today),
            measures.in_force(row, viewer.today),
            follow.get(row.id),
            amends,
        )
        for row, view in zip(rows, views, strict=True)
    ]


def warnings(line: MeasureLine) -> list[Problem]:
    """What looks unusual about a measure and was kept as entered."""
    found = []
    view = line.view
    if (
        isinstance(view.requested_on, date)
        and isinstance(view.ordered_on, date)
        and view.ordered_on < view.requested_on
    ):
        found.append(Problem("ordered_on", said("La medida figura dictada antes de ser solicitada")))
    if line.in_force and view.starts_on in (None, *Unknown):
        found.append(Problem("starts_on", said("La medida figura vigente sin fecha de inicio")))
    return found


def choices(viewer: Viewer, number: str) -> Choices:
    """What a measure of the charge may name. Raises NotVisible, Forbidden."""
    return _choices(*in_charge(viewer, number, "charge.read_in_full"))


def referred(viewer: Viewer, number: str) -> Choices:
    """The words for what the measures of a charge name, as far as it is open to the viewer. Raises NotVisible, Forbidden."""
    return _choices(*in_charge(viewer, number, "measures.read"))


def _choices(charge: Charge, stands: Standing) -> Choices:
    cases = () if not stands.reads("EXP") else db.session.execute(
        select(CourtCase.id, CourtCase.docket_number, CourtCase.other_number)
        .join(ChargeCourtCase, ChargeCourtCase.court_case_id == CourtCase.id)
        .where(ChargeCourtCase.charge_id == charge.id, ChargeCourtCase.unlinked_on.is_(None))
        .order_by(CourtCase.id)
    )
    return Choices(
        list(codes(charge.id, Accused).items()),
        list(codes(charge.id, Victim).items()),
        [(one.id, one.name) for one in accounts.agencies()],
        [(row.id, row.docket_number or row.other_number or f"{row.id}") for row in cases],
    )
