"""That somebody collaborates never leaves the case team, whatever page tells a stage."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.people import Accused
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, court_case_links, court_cases, events
from sistra.services.hand_over import reassignment
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.people import accused_in
from tests.factories.rows import AT, made
from tests.factories.sharing import shared
from tests.factories.world import World

COLLABORATES, AS_TOLD = "X-PES-CE", "40-IPF"


@pytest.fixture
def number(session: Any, world: World) -> str:
    """A charge of fiscal.mdd's team in which somebody collaborates, with a count before a court."""
    fiscal = world.viewer("fiscal.mdd")
    number = open_charge(fiscal)
    accused_in(fiscal, number)
    charge_id = db.session.scalars(select(Charge.id)).one()
    with unit_of_work():
        made(Count, charge_id=charge_id, accused_id=db.session.scalars(select(Accused.id)).one(), offence="PE-129A")
        case = made(CourtCase, court_case_kind="PRI", prosecution_office_id=world.offices["mdd"], created_at=AT, updated_at=AT)
        made(ChargeCourtCase, charge_id=charge_id, court_case_id=case.id, link="INI", unlinked_on=None)
    with unit_of_work():
        events.record(fiscal, number, "COE-INI", Entry("event", {"occurred_on": PartialDate.of_day(AT.date())}))
    assert charges.folder(fiscal, number).charge.stage == COLLABORATES
    return number


def case_key() -> int:
    return db.session.scalars(select(CourtCase.id)).one()


@pytest.mark.parametrize("name", ["fiscal2.mdd", "coordinadora", "agencia"])
def test_a_court_case_tells_the_stage_of_charges_and_counts_as_their_folder_does(world: World, number: str, name: str) -> None:
    shared(world, number, sections=("EXP", "IMP", "DEL"))
    for viewer, told in ((world.viewer("fiscal.mdd"), COLLABORATES), (world.viewer(name), AS_TOLD)):
        assert charges.folder(viewer, number).charge.stage == told
        assert [one.stage for one in court_case_links.links(viewer, case_key())] == [told]
        assert [link.stage for _case, link in court_cases.of_charge(viewer, number)] == [told]
        assert [one.stage for one in court_cases.board(viewer, case_key())] == [told]


def test_the_page_of_assignment_tells_supervisors_the_stage_that_the_folder_tells(world: World, number: str) -> None:
    for name in ("coordinadora", "presidencia.mdd"):
        found = reassignment.assignment(world.viewer(name), reassignment.Filters())
        assert [(one.number, one.stage) for one in found.rows] == [(number, AS_TOLD)]


def test_a_supervisor_of_the_team_reads_the_stage_itself(world: World, number: str) -> None:
    with unit_of_work():
        db.session.get_one(User, world.users["fiscal.mdd"]).roles = ("FISCAL", "PRESID")
    found = reassignment.assignment(world.viewer("fiscal.mdd"), reassignment.Filters())
    assert [one.stage for one in found.rows] == [COLLABORATES]
