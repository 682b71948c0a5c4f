"""What may be named, changed and told in a court case beside a charge that the viewer does not see."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Reparation
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import attachments, case_sight, court_case_links, court_corrections, court_event_pages, judgments
from sistra.services.attachments import Upload
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_case, a_judgment, a_remedy, a_sealed_file, act
from tests.factories.files import File, a_file, on
from tests.factories.world import World

TITLE = "Entrevista en cámara Gesell"


@pytest.fixture
def team(session: Any, world: World) -> Viewer:
    """The case team of the sealed charge."""
    return world.viewer("fiscal.mdd")


@pytest.fixture
def other(session: Any, world: World) -> Viewer:
    """A colleague of the office who does not see the sealed charge."""
    return world.viewer("fiscal2.mdd")


@pytest.fixture
def file(team: Viewer) -> File:
    return a_file(team)


@pytest.fixture
def hidden(team: Viewer) -> File:
    return a_sealed_file(team)


@pytest.fixture
def case(team: Viewer, file: File, hidden: File) -> int:
    key = a_case(team, file)
    with unit_of_work():
        court_case_links.link(team, key, number=hidden.number, reason="CNX")
    return key


def _convicted(team: Viewer, case: int, *files: File) -> tuple[int, int]:
    """A judgment that convicts the first accused of the files: its key and that of its reparation."""
    owed = {"amount_ordered": Decimal(5000), "victims": tuple(one.victims[0] for one in files)}
    key = a_judgment(
        team,
        case,
        {one.counts[0]: "COND" for one in files},
        years={one.accused[0]: 16 for one in files},
        reparations=(owed,),
    )
    return key, db.session.scalars(select(Reparation.id).where(Reparation.judgment_id == key)).one()


def _document(team: Viewer, file: File) -> int:
    described = {"kind": "EUN", "title": TITLE, "contains_identity": True, "confidentiality": "SEL"}
    data = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    with unit_of_work():
        return attachments.add(team, file.number, Entry("attachment", described), Upload("a.pdf", io.BytesIO(data), len(data)))


def test_no_act_names_a_judgment_out_of_sight(team: Viewer, other: Viewer, case: int, hidden: File) -> None:
    judgment, _ = _convicted(team, case, hidden)
    with pytest.raises(Rejected) as refused:
        act(other, case, "FIR-CON", judgment=judgment)
    assert [one.field for one in refused.value.problems] == ["judgment"]
    assert db.session.get_one(Judgment, judgment).finality is None


def test_no_payment_is_entered_of_a_reparation_out_of_sight(team: Viewer, other: Viewer, case: int, hidden: File) -> None:
    _, reparation = _convicted(team, case, hidden)
    with pytest.raises(Rejected):
        act(other, case, "EJE-PAG", reparation=reparation, amount=Decimal(77))
    assert db.session.get_one(Reparation, reparation).amount_paid is None


def test_a_reparation_for_nobody_in_particular_is_seen_with_its_judgment_only(
    team: Viewer, other: Viewer, case: int, hidden: File
) -> None:
    a_judgment(
        team,
        case,
        {hidden.counts[0]: "COND"},
        years={hidden.accused[0]: 16},
        reparations=({"amount_ordered": Decimal(5000)},),
    )
    assert court_event_pages.choices(other, case).reparations == []
    with pytest.raises(Rejected):
        act(other, case, "EJE-PAG", reparation=db.session.scalars(select(Reparation.id)).one(), amount=Decimal(77))


def test_an_act_of_finality_is_about_the_counts_in_sight(
    team: Viewer, other: Viewer, case: int, file: File, hidden: File
) -> None:
    judgment, _ = _convicted(team, case, file, hidden)
    event = db.session.get_one(Event, act(other, case, "FIR-CON", judgment=judgment))
    assert [one.id for one in event.counts] == [file.counts[0]]


def test_an_act_grants_only_a_remedy_in_sight(team: Viewer, other: Viewer, case: int, file: File, hidden: File) -> None:
    _convicted(team, case, file)
    seen = a_remedy(team, case)
    _convicted(team, case, hidden)
    unseen = a_remedy(team, case)
    act(other, case, "APE-CCS", regress_reason="Concedido por el juzgado")
    assert (db.session.get_one(Remedy, seen).granted, db.session.get_one(Remedy, unseen).granted) == (True, None)


def test_no_judgment_decides_a_remedy_out_of_sight(team: Viewer, other: Viewer, case: int, file: File, hidden: File) -> None:
    _convicted(team, case, hidden)
    remedy = a_remedy(team, case)
    with pytest.raises(NotVisible):
        decided = {"instance": "2", "decision_kind": "SVI", "decided_on": on(date(2026, 3, 20))}
        a_judgment(other, case, {file.counts[0]: "COND"}, remedy=remedy, **decided)


def test_a_sealed_document_is_offered_and_accepted_to_its_team_only(
    team: Viewer, other: Viewer, case: int, file: File
) -> None:
    document = _document(team, file)
    assert document in dict(court_event_pages.choices(team, case).attachments)
    assert document not in dict(court_event_pages.choices(other, case).attachments)
    with pytest.raises(Rejected) as refused:
        act(other, case, "DEC-AGR", victims=(file.victims[0],), attachment=document)
    assert [one.field for one in refused.value.problems] == ["attachment"]


def test_an_act_names_a_sealed_document_to_its_team_only(team: Viewer, other: Viewer, case: int, file: File) -> None:
    event = act(team, case, "DEC-AGR", victims=(file.victims[0],), attachment=_document(team, file))
    assert court_event_pages.show(team, case, event).named["attachment"] == TITLE
    assert court_event_pages.show(other, case, event).named["attachment"] is None


def test_amending_an_act_keeps_a_document_that_may_not_be_known(team: Viewer, other: Viewer, case: int, file: File) -> None:
    document = _document(team, file)
    event = act(team, case, "DEC-AGR", victims=(file.victims[0],), attachment=document)
    with unit_of_work():
        court_corrections.amend(other, case, event, Entry("event", {"attachment": None, "note": "Folio 12"}))
    row = db.session.get_one(Event, event)
    assert (row.attachment_id, row.version) == (document, 2)


def test_an_act_names_no_docket_out_of_sight(
    team: Viewer, other: Viewer, case: int, file: File, hidden: File
) -> None:
    docket = a_case(team, hidden, docket_number="09999-2026-0-2701-JR-PE-01")
    event = act(team, case, "DEC-AGR", victims=(file.victims[0],))
    db.session.get_one(Event, event).target_court_case_id = docket
    db.session.flush()
    assert "09999" in str(court_event_pages.show(team, case, event).named["target_court_case"])
    assert court_event_pages.show(other, case, event).named["target_court_case"] is None


def test_amending_a_reparation_keeps_the_parts_out_of_sight(
    team: Viewer, other: Viewer, case: int, file: File, hidden: File
) -> None:
    _, reparation = _convicted(team, case, file, hidden)
    with unit_of_work():
        judgments.amend_reparation(other, case, reparation, Entry("reparation", {"victims": (file.victims[1],)}))
    kept = {one.id for one in db.session.get_one(Reparation, reparation).victims}
    assert kept == {file.victims[1], hidden.victims[0]}


def test_a_clash_names_no_part_out_of_sight(team: Viewer, other: Viewer, case: int, file: File, hidden: File) -> None:
    _, reparation = _convicted(team, case, file, hidden)
    version = db.session.get_one(Reparation, reparation).version
    with unit_of_work():
        judgments.amend_reparation(team, case, reparation, Entry("reparation", {"victims": (file.victims[1], hidden.victims[0])}))
    with pytest.raises(Conflict) as met, unit_of_work():
        judgments.amend_reparation(other, case, reparation, Entry("reparation", {"victims": tuple(file.victims)}, version))
    (clash,) = met.value.clashes
    assert (clash.original, clash.theirs, clash.mine) == ((file.victims[0],), (file.victims[1],), tuple(file.victims))


def test_who_left_the_office_is_on_no_team_in_a_court_case(world: World, case: int) -> None:
    moved = replace(world.viewer("coordinadora"), user_id=world.viewer("fiscal.mdd").user_id)
    sight = case_sight.find(moved, case)
    assert sight.standings
    assert not any(stands.on_team for stands in sight.standings.values())
