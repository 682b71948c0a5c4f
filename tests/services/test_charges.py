"""Charges: opened, amended, completed, sealed; who sees them; what the trail tells."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.events import Event
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import accounts, audit, charges, history, records
from sistra.services.records import Conflict
from sistra.services.unit import Stale, unit_of_work
from tests.factories.charges import amend_charge, open_charge
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    return open_charge(world.viewer("fiscal.mdd"))


def row(number: str) -> Charge:
    return db.session.scalars(select(Charge).where(Charge.number == number)).one()


def test_numbers_count_up_within_year_and_district(session: Any, world: World) -> None:
    first, second = (open_charge(world.viewer("fiscal.mdd")) for _ in range(2))
    lima = open_charge(world.viewer("fiscal.lim"))
    assert (first, second, lima) == ("SIS-2026-MDD-00001", "SIS-2026-MDD-00002", "SIS-2026-LIM-00001")


def test_the_year_of_the_number_is_that_of_reception(session: Any, world: World) -> None:
    assert open_charge(world.viewer("fiscal.mdd"), received_on="12/2024") == "SIS-2024-MDD-00001"


def test_a_charge_received_on_an_unknown_day_takes_the_present_year(session: Any, world: World) -> None:
    number = open_charge(world.viewer("fiscal.mdd"), received_on="nsp")
    assert (number, row(number).received_on) == ("SIS-2026-MDD-00001", PartialDate.not_known())


def test_the_five_needed_answers_open_a_charge(session: Any, world: World) -> None:
    optional = ("purpose_known", "victims_declared", "minors_declared", "accused_declared", "immediate_risk")
    assert open_charge(world.viewer("fiscal.mdd"), **dict.fromkeys(optional))


@pytest.mark.parametrize("name", ["received_on", "notice_source", "reported_offence", "notice_place", "summary"])
def test_each_needed_answer_is_asked(session: Any, world: World, name: str) -> None:
    with pytest.raises(Rejected) as refused:
        open_charge(world.viewer("fiscal.mdd"), **{name: ""})
    assert [problem.field for problem in refused.value.problems] == [name]


def test_more_minors_than_victims_are_refused(session: Any, world: World) -> None:
    with pytest.raises(Rejected) as refused:
        open_charge(world.viewer("fiscal.mdd"), victims_declared="1", minors_declared="2")
    assert refused.value.problems[0].field == "minors_declared"
    assert db.session.scalars(select(Charge)).all() == []


def test_opening_writes_the_first_event_and_the_team(session: Any, world: World, number: str) -> None:
    event = db.session.scalars(select(Event)).one()
    member = db.session.scalars(select(ChargeMember)).one()
    assert (event.event_type, event.number, event.occurred_on) == ("NOT-REC", 1, PartialDate.of_day(date(2026, 3, 20)))
    assert (member.user_id, member.part) == (world.users["fiscal.mdd"], "RESP")


def test_an_assistant_opens_for_the_only_prosecutor_named(session: Any, world: World) -> None:
    number = open_charge(world.viewer("asistente.lim"))
    assert row(number).responsible_id == world.users["fiscal.lim"]
    parts = {member.user_id: member.part for member in db.session.scalars(select(ChargeMember))}
    assert parts == {world.users["fiscal.lim"]: "RESP", world.users["asistente.lim"]: "ASI"}


@pytest.mark.parametrize("name", ["coordinadora", "presidencia.mdd", "analista", "agencia", "victimas", "auditora", "admin"])
def test_other_roles_open_no_charge(session: Any, world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        open_charge(world.viewer(name))


@pytest.mark.parametrize(("name", "sees"), [
    ("fiscal.mdd", True), ("fiscal2.mdd", True), ("asistente.mdd", True), ("coordinadora", True), ("presidencia.mdd", True),
    ("fiscal.lim", False), ("asistente.lim", False), ("fiscal.ordinaria", False), ("agencia", False), ("victimas", False),
    ("analista", False), ("auditora", False), ("admin", False)])
def test_a_charge_is_seen_by_its_office_and_supervisors_alone(session: Any, world: World, number: str, name: str,
                                                              sees: bool) -> None:
    if sees:
        assert charges.folder(world.viewer(name), number).charge.summary
    else:
        with pytest.raises(NotVisible):
            charges.folder(world.viewer(name), number)


def test_the_coordination_does_not_see_an_ordinary_office(session: Any, world: World) -> None:
    number = open_charge(world.viewer("fiscal.ordinaria"))
    with pytest.raises(NotVisible):
        charges.folder(world.viewer("coordinadora"), number)
    assert charges.folder(world.viewer("presidencia.mdd"), number)


def test_an_amendment_without_change_writes_nothing(session: Any, world: World, number: str) -> None:
    assert amend_charge(world.viewer("fiscal.mdd"), number, 1, victims_declared=3) == []
    assert row(number).version == 1
    assert not [entry for entry in db.session.scalars(select(TrailEntry)) if entry.action == "charge.amended"]


def test_an_amendment_stands_on_the_trail_with_both_values(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, victims_declared=4)
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "charge.amended")).one()
    assert entry.changes == [{"field": "victims_declared", "before": 3, "after": 4}]
    assert entry.actor_id == world.users["fiscal.mdd"]


def test_two_people_changing_different_fields_both_keep_theirs(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, victims_declared=4, accused_declared=2)
    amend_charge(world.viewer("fiscal2.mdd"), number, 1, victims_declared=3, accused_declared=5)
    assert (row(number).victims_declared, row(number).accused_declared) == (4, 5)


def test_two_people_changing_one_field_meet(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, victims_declared=4)
    with pytest.raises(Conflict) as met:
        amend_charge(world.viewer("fiscal2.mdd"), number, 1, victims_declared=6)
    clash = met.value.clashes[0]
    assert (clash.field.name, clash.original, clash.theirs, clash.mine) == ("victims_declared", 3, 4, 6)
    amend_charge(world.viewer("fiscal2.mdd"), number, met.value.version, victims_declared=6)
    assert row(number).victims_declared == 6


def test_two_people_changing_one_encrypted_field_see_both_texts(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, narrative="primera")
    amend_charge(world.viewer("fiscal.mdd"), number, 2, narrative="segunda")
    with pytest.raises(Conflict) as met:
        amend_charge(world.viewer("fiscal2.mdd"), number, 2, narrative="tercera")
    assert (met.value.clashes[0].original, met.value.clashes[0].theirs) == ("primera", "segunda")


@pytest.mark.parametrize("name", ["coordinadora", "presidencia.mdd"])
def test_supervisors_read_and_do_not_amend(session: Any, world: World, number: str, name: str) -> None:
    with pytest.raises(Forbidden):
        amend_charge(world.viewer(name), number, 1, victims_declared=9)


def test_blank_not_known_and_not_applicable_are_three_things(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, victims_declared=Unknown.NOT_KNOWN, reta_id=Unknown.NOT_APPLICABLE)
    seen = charges.folder(world.viewer("fiscal.mdd"), number).charge
    assert (seen.victims_declared, seen.reta_id, seen.police_report_number) == (Unknown.NOT_KNOWN, Unknown.NOT_APPLICABLE, None)


def test_identities_of_a_charge_come_up_reserved(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, complainant="Persona Que Denuncia")
    assert charges.folder(world.viewer("fiscal.mdd"), number).charge.complainant is RESERVED


def test_a_changed_file_number_leaves_its_former_one(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, carpeta_number="2706014501-2026-417-0")
    amend_charge(world.viewer("fiscal.mdd"), number, 2, carpeta_number="2706014501-2026-418-0")
    assert row(number).former_numbers == "2706014501-2026-417-0"


def test_an_incomplete_record_is_not_declared_complete(session: Any, world: World, number: str) -> None:
    with pytest.raises(Rejected), unit_of_work():
        charges.complete(world.viewer("fiscal.mdd"), number, version=1)
    assert row(number).completed_at is None


def test_an_assistant_does_not_declare_a_record_complete(session: Any, world: World, number: str) -> None:
    with pytest.raises(Forbidden), unit_of_work():
        charges.complete(world.viewer("asistente.mdd"), number, version=1)


def seal(world: World, number: str, confidentiality: str) -> None:
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality=confidentiality, reason="Riesgo para las agraviadas",
                     version=1)


def test_a_sealed_charge_leaves_its_supervisors_the_outline(session: Any, world: World, number: str) -> None:
    seal(world, number, "SEL")
    for name in ("coordinadora", "presidencia.mdd"):
        seen = charges.folder(world.viewer(name), number)
        assert seen.standing.outline
        assert seen.charge.number == number and seen.charge.stage == "10-NOT"
        assert (seen.charge.summary, seen.charge.victims_declared, seen.completeness) == (RESERVED, RESERVED, None)


def test_a_sealed_charge_does_not_exist_for_the_rest_of_its_office(session: Any, world: World, number: str) -> None:
    seal(world, number, "SEL")
    with pytest.raises(NotVisible):
        charges.folder(world.viewer("fiscal2.mdd"), number)
    assert charges.folder(world.viewer("fiscal.mdd"), number).charge.summary != RESERVED


def test_effective_collaboration_never_leaves_the_team(session: Any, world: World, number: str) -> None:
    seal(world, number, "COL")
    for name in ("fiscal2.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd"):
        with pytest.raises(NotVisible):
            charges.folder(world.viewer(name), number)
    principals = set(db.session.scalars(select(ChargeAccess.principal)))
    assert principals == {f"user:{world.users['fiscal.mdd']}"}


def test_a_member_added_to_the_team_sees_the_sealed_charge(session: Any, world: World, number: str) -> None:
    seal(world, number, "SEL")
    with unit_of_work():
        charges.add_member(world.viewer("fiscal.mdd"), number, user_id=world.users["asistente.mdd"], part="ASI")
    assert charges.folder(world.viewer("asistente.mdd"), number).charge.summary != RESERVED
    with unit_of_work():
        charges.remove_member(world.viewer("fiscal.mdd"), number, user_id=world.users["asistente.mdd"])
    with pytest.raises(NotVisible):
        charges.folder(world.viewer("asistente.mdd"), number)


def test_the_reason_of_a_seal_is_for_the_team(session: Any, world: World, number: str) -> None:
    seal(world, number, "SEL")
    assert charges.folder(world.viewer("fiscal.mdd"), number).charge.sealed_reason == "Riesgo para las agraviadas"


def test_the_history_shows_values_side_by_side(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, narrative="el relato", complainant="Nombre Reservado")
    newest = history.of_charge(world.viewer("coordinadora"), number, changes_only=True)[0]
    shown = {change.field.name: (change.before, change.after) for change in newest.changes}
    assert shown == {"narrative": (None, "el relato"), "complainant": (None, RESERVED)}


def test_reading_a_charge_stands_on_the_trail(session: Any, world: World, number: str) -> None:
    charges.folder(world.viewer("coordinadora"), number)
    audit.record_readings()
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc())).first()
    assert entry is not None and (entry.action, entry.actor_id) == ("charge.read", world.users["coordinadora"])
    assert audit.verify().intact


CARPETA = "2706014500-2026-12-0"


def _doubts(world: World, number: str) -> list[tuple[str, Any]]:
    return [(one.message, one.params.get("number")) for one in charges.warnings(world.viewer("fiscal.mdd"), number)]


def test_a_carpeta_used_twice_leads_to_the_other_charge(session: Any, world: World) -> None:
    first, second = (open_charge(world.viewer("fiscal.mdd"), carpeta_number=CARPETA) for _ in range(2))
    assert _doubts(world, second) == [("El despacho ya usa esa carpeta fiscal este año en la denuncia %(number)s", first)]


def test_a_carpeta_of_a_charge_out_of_sight_is_told_without_its_number(session: Any, world: World) -> None:
    first, second = (open_charge(world.viewer("fiscal.mdd"), carpeta_number=CARPETA) for _ in range(2))
    with unit_of_work():
        db.session.execute(delete(ChargeAccess).where(ChargeAccess.charge_id == row(first).id))
    assert _doubts(world, second) == [("El despacho ya usa esa carpeta fiscal este año en otra denuncia", None)]


def test_a_carpeta_of_a_sealed_charge_is_not_told_outside_its_team(session: Any, world: World) -> None:
    hidden, mine = (open_charge(world.viewer(name), carpeta_number=CARPETA) for name in ("fiscal2.mdd", "fiscal.mdd"))
    with unit_of_work():
        charges.seal(world.viewer("fiscal2.mdd"), hidden, confidentiality="SEL", reason="Riesgo", version=1)
    assert _doubts(world, mine) == []


def test_likely_duplicates_are_told_within_sight_only(session: Any, world: World, number: str) -> None:
    values = {"received_on": PartialDate.of_day(date(2026, 3, 22)), "notice_place": row(number).notice_place}
    assert [found for found, _ in charges.likely_duplicates(world.viewer("fiscal2.mdd"), values)] == [number]
    assert charges.likely_duplicates(world.viewer("fiscal.lim"), values) == []


def test_a_charge_named_as_a_likely_duplicate_has_that_on_its_trail(session: Any, world: World, number: str) -> None:
    values = {"received_on": PartialDate.of_day(date(2026, 3, 22)), "notice_place": row(number).notice_place}
    with unit_of_work():
        charges.likely_duplicates(world.viewer("fiscal2.mdd"), values)
        charges.likely_duplicates(world.viewer("fiscal.lim"), values)
    found = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "charge.compared")).all()
    assert [(one.charge_id, one.actor_id) for one in found] == [(row(number).id, world.users["fiscal2.mdd"])]


def test_the_responsible_is_not_amended_but_reassigned_by_an_act(session: Any, world: World, number: str) -> None:
    for name in ("fiscal2.mdd", "fiscal.lim", "asistente.mdd"):
        with pytest.raises(Rejected) as refused:
            amend_charge(world.viewer("fiscal.mdd"), number, 1, responsible=world.users[name])
        assert [problem.field for problem in refused.value.problems] == ["responsible"]
    amend_charge(world.viewer("fiscal.mdd"), number, 1, responsible=world.users["fiscal.mdd"], victims_declared="9")
    assert (row(number).responsible_id, row(number).victims_declared) == (world.users["fiscal.mdd"], 9)


def test_an_entry_of_a_field_that_does_not_belong_is_refused(session: Any, world: World, number: str) -> None:
    with pytest.raises(Rejected), unit_of_work():
        charges.amend(world.viewer("fiscal.mdd"), number, Entry("charge", {"office": world.offices["lim"]}, 1))


def test_a_reserved_answer_meets_another_without_being_shown(session: Any, world: World, number: str) -> None:
    amend_charge(world.viewer("fiscal.mdd"), number, 1, complainant="Persona Que Denuncia")
    with pytest.raises(Conflict) as met:
        amend_charge(world.viewer("asistente.mdd"), number, 0, complainant="Otra")
    clash = met.value.clashes[0]
    assert (clash.original, clash.theirs, clash.mine) == (None, RESERVED, "Otra")


def test_a_version_that_does_not_exist_yet_is_refused(session: Any, world: World, number: str) -> None:
    with pytest.raises(Stale):
        amend_charge(world.viewer("fiscal.mdd"), number, 99, victims_declared=9)


def test_nobody_joins_a_team_by_themselves(session: Any, world: World, number: str) -> None:
    with pytest.raises(Forbidden), unit_of_work():
        charges.add_member(world.viewer("fiscal2.mdd"), number, user_id=world.users["fiscal2.mdd"], part="ADJ")
    with pytest.raises(Rejected):
        amend_charge(world.viewer("fiscal2.mdd"), number, 1, responsible=world.users["fiscal2.mdd"])


@pytest.mark.parametrize("part", ["RESP", "X" * 5000, ""])
def test_a_function_of_the_team_is_one_of_the_list(session: Any, world: World, number: str, part: str) -> None:
    with pytest.raises(Rejected), unit_of_work():
        charges.add_member(world.viewer("fiscal.mdd"), number, user_id=world.users["asistente.mdd"], part=part)


@pytest.mark.parametrize(("roles", "office"), [(["FISCAL"], "lim"), (["AGENCIA"], "pnp"), (["PRESID"], "mdd")])
def test_who_leaves_the_office_or_the_prosecution_leaves_its_sealed_charges(session: Any, world: World, number: str,
                                                                            roles: list[str], office: str) -> None:
    with unit_of_work():
        charges.add_member(world.viewer("fiscal.mdd"), number, user_id=world.users["fiscal2.mdd"], part="ADJ")
    seal(world, number, "COL")
    assert charges.standing(world.viewer("fiscal2.mdd"), number).on_team
    with unit_of_work():
        accounts.set_roles(world.viewer("admin"), "fiscal2.mdd", roles=roles, office_id=world.offices[office], reason="Traslado")
    with pytest.raises(NotVisible):
        charges.standing(world.viewer("fiscal2.mdd"), number)


def test_the_history_hides_sealed_documents_outside_the_team(session: Any, world: World, number: str) -> None:
    with unit_of_work():
        document = Attachment(charge_id=row(number).id, storage_key="x", confidentiality="SEL")
        records.create(world.viewer("fiscal.mdd"), document,
                       {"kind": "EUN", "title": "Entrevista única", "contains_identity": True},
                       "attachment.added")
    told = {name: [one.thing for one in history.of_charge(world.viewer(name), number)] for name in ("fiscal.mdd", "fiscal2.mdd")}
    assert "attachment" in told["fiscal.mdd"] and "attachment" not in told["fiscal2.mdd"]
