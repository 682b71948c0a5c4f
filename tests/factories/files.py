"""A file as the verbs leave it: a charge opened by its prosecutor, with accused, victims and counts."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, counts
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_victim, an_accused

RECEIVED = date(2026, 1, 10)


@dataclass(frozen=True, slots=True)
class File:
    """Keys of a charge and its parts, in order of code."""

    number: str
    charge_id: int
    accused: Sequence[int]
    victims: Sequence[int]
    counts: Sequence[int]


def on(day: date) -> PartialDate:
    return PartialDate.of_day(day)


def an_opened_charge(viewer: Viewer) -> Charge:
    """A charge opened by the viewer, received on 10 January 2026, of facts since March 2025."""
    with unit_of_work():
        number = charges.open_charge(
            viewer,
            Entry(
                "charge",
                {
                    "received_on": on(RECEIVED),
                    "notice_source": "OPE",
                    "reported_offence": "PE-129A",
                    "notice_place": "170101",
                    "summary": "Operativo conjunto en un local",
                    "responsible": viewer.user_id,
                },
            ),
        )
        charge = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        charge.facts_from = PartialDate.of_month(2025, 3)
    return charge


def a_file(viewer: Viewer, *, accused: int = 2, victims: int = 2, counts_of: Sequence[int] = (0, 0, 1)) -> File:
    """A charge with its parts; `counts_of` names the accused (by place) of each count, all of them against every victim."""
    charge = an_opened_charge(viewer)
    with unit_of_work():
        persons = [an_accused(charge, f"I-{place}", identified=True).id for place in range(1, accused + 1)]
        aggrieved = [a_victim(charge, f"A-{place}").id for place in range(1, victims + 1)]
    with unit_of_work():
        held = [counts.add(viewer, charge.number, Entry("count", {"accused": persons[place], "offence": "PE-129A"}),
                           victims=aggrieved) for place in counts_of]
    return File(charge.number, charge.id, persons, aggrieved, held)
