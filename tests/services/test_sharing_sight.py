"""Court cases that hold a charge of one's own beside one that is only shared: what is read, written, counted and exported."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.court_cases import CourtCase
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED, Reserved
from sistra.rules.problems import Rejected
from sistra.services import (
    attachments,
    case_history,
    case_sight,
    court_case_links,
    court_case_list,
    court_cases,
    court_event_pages,
    event_pages,
    remedies,
    search,
)
from sistra.services.charge_list import Query
from sistra.services.exports import tables
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_case, a_judgment, a_remedy, act
from tests.factories.files import File, a_file, on
from tests.factories.rows import made
from tests.factories.sharing import ALL_SECTIONS, shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
WRITTEN = "Observación del juzgado"


@pytest.fixture
def lima(session: Any, world: World) -> Viewer:
    return world.viewer("fiscal.lim")


@pytest.fixture
def sender(session: Any, world: World) -> Viewer:
    return world.viewer("fiscal.mdd")


@pytest.fixture
def own(lima: Viewer) -> File:
    return a_file(lima, accused=1, victims=1, counts_of=(0,))


@pytest.fixture
def foreign(sender: Viewer) -> File:
    return a_file(sender, accused=1, victims=1, counts_of=(0,))


@pytest.fixture
def case(lima: Viewer, sender: Viewer, own: File, foreign: File) -> int:
    """A court case of Lima that holds the charge of Madre de Dios too."""
    key = a_case(lima, own, note=WRITTEN, court_name="Juzgado Penal de Lima")
    with unit_of_work():
        row = db.session.get_one(CourtCase, key)
        court_case_links.attach(sender, row, db.session.get_one(Charge, foreign.charge_id), "CNX", ())
        court_case_links.settle(sender, row)
    return key


def with_lima(world: World, file: File, **values: Any) -> None:
    shared(world, file.number, "office:lim", accepted_by="fiscal.lim", **({"profile": "SID", "sections": ALL_SECTIONS} | values))


def test_what_is_only_shared_is_read_in_the_case_and_not_written_about(
    world: World, lima: Viewer, own: File, foreign: File, case: int
) -> None:
    with_lima(world, foreign)
    assert {line.number for line in court_cases.counts(lima, case)} == {own.number, foreign.number}
    assert {key for key, *_ in court_event_pages.choices(lima, case).counts} == set(own.counts)
    with pytest.raises(Rejected):
        act(lima, case, "ACU-SUB", counts=tuple(foreign.counts))
    with pytest.raises(Rejected):
        a_judgment(lima, case, {foreign.counts[0]: "COND"}, years={foreign.accused[0]: 12})


def test_the_link_of_a_shared_charge_is_not_ended_by_its_reader(world: World, lima: Viewer, foreign: File, case: int) -> None:
    with_lima(world, foreign)
    link = next(line.id for line in court_case_links.links(lima, case) if line.number == foreign.number)
    with pytest.raises(NotVisible), unit_of_work():
        court_case_links.unlink(lima, case, link, reason="Error")


def test_a_weak_grant_on_another_charge_takes_nothing_from_the_own_court_case(
    world: World, lima: Viewer, foreign: File, case: int
) -> None:
    with_lima(world, foreign, profile="RES", sections=("RES", "EXP"))
    assert court_cases.folder(lima, case).case.court_name == "Juzgado Penal de Lima"
    (row,) = list(tables.unit_table(lima, "court_cases", tables.select_charges(lima, Query())).rows)
    assert "Juzgado Penal de Lima" in row and Reserved.RESERVED.value not in row


def test_the_case_of_a_charge_shared_in_summary_shows_no_text(world: World, sender: Viewer, foreign: File) -> None:
    key = a_case(
        sender, foreign, note=WRITTEN, court_name="Juzgado Penal de Tambopata", docket_number=None, other_number="RETEN-9"
    )
    shared(world, foreign.number, profile="RES", sections=("RES", "EXP", "ACT", "SEN", "DOC"))
    agency = world.viewer("agencia")
    seen = court_cases.folder(agency, key).case
    assert (seen.note, seen.court_name, seen.other_number) == (RESERVED, RESERVED, RESERVED)
    (row,) = court_case_list.page(agency, court_case_list.Query()).rows
    assert (row.label, row.court_name) == (None, None)
    assert search.by_number(agency, "RETEN-9").found == []
    assert [one.key for one in search.by_number(sender, "RETEN-9").found] == [str(key)]


def test_a_court_case_says_nothing_of_who_filed_a_remedy_where_acts_are_not_shared(
    world: World, sender: Viewer, foreign: File
) -> None:
    key = a_case(sender, foreign)
    a_judgment(sender, key, {foreign.counts[0]: "ABS"})
    a_remedy(sender, key, party_detail="Estudio Quispe")
    shared(world, foreign.number, sections=("RES", "EXP", "SEN"))
    (told,) = remedies.listed(world.viewer("agencia"), key)
    assert told.party_detail is None
    assert remedies.listed(sender, key)[0].party_detail is not None


def test_counts_named_by_an_act_stay_out_of_it_where_counts_are_not_shared(world: World, sender: Viewer, foreign: File) -> None:
    key = a_case(sender, foreign)
    act(sender, key, "ACU-SUB", counts=tuple(foreign.counts))
    shared(world, foreign.number, sections=("RES", "EXP", "ACT"))
    assert [line.counts for line in court_event_pages.listed(world.viewer("agencia"), key)] == [()]
    assert [line.counts for line in court_event_pages.listed(sender, key)] != [()]
    assert [line.counts for line in event_pages.listed(world.viewer("agencia"), foreign.number)] == [(), ()]


def test_only_dockets_in_sight_are_counted_below_a_case(
    world: World, sender: Viewer, lima: Viewer, own: File, foreign: File, case: int
) -> None:
    with unit_of_work():
        court_cases.open_incident(lima, case, Entry("court_case", {"court_case_kind": "INC", "opened_on": on(date(2026, 2, 1))}))
    incident = db.session.scalars(select(CourtCase).where(CourtCase.main_docket_id == case)).one()
    kept = [link for link in case_sight.of(lima, incident).current if link.charge_id == foreign.charge_id]
    for link in kept:
        link.unlinked_on = date(2026, 2, 2)
    db.session.commit()
    assert court_cases.folder(lima, case).counted["incidents"] == 1
    assert court_cases.folder(sender, case).counted["incidents"] == 0
    assert court_cases.incidents(sender, case) == []


def test_documents_shared_in_summary_are_listed_and_not_opened(world: World, sender: Viewer, foreign: File) -> None:
    key = a_case(sender, foreign)
    row = made(
        Attachment,
        court_case_id=key,
        kind="DIS",
        title="Acta",
        storage_key="x",
        contains_identity=False,
        confidentiality="RES",
        version=1,
    )
    db.session.commit()
    shared(world, foreign.number, profile="RES", sections=("RES", "EXP", "DOC"))
    agency = world.viewer("agencia")
    (one,) = attachments.listed(agency, key)
    assert one.view.title is RESERVED
    with pytest.raises(Forbidden):
        attachments.open_file(agency, key, row.id)


def test_the_history_of_a_court_case_is_for_who_sees_it_by_right(world: World, lima: Viewer, foreign: File, case: int) -> None:
    with_lima(world, foreign)
    assert case_history.of_court_case(lima, case)
    shared(world, foreign.number, profile="COM", sections=ALL_SECTIONS)
    with pytest.raises(Forbidden):
        case_history.of_court_case(world.viewer("agencia"), case)
