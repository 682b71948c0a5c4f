"""What the histories of a charge and of a court case call the things that a change refers to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.fields import column_name
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import records
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.court_cases import Remedy
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Reparation, Ruling
from sistra.models.measures import Measure
from sistra.models.people import Person, Victim
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.services import case_history, events, history, measures
from sistra.services import records as record_service
from sistra.services.reference_words import _ASKERS, ReferenceWords
from sistra.services.unit import unit_of_work
from tests.factories.cases import DOCKET, a_case, a_judgment, a_remedy, a_sealed_file, act
from tests.factories.files import File, a_file, on
from tests.factories.hand_over import offered
from tests.factories.world import World

_TABLES = {"user_account": "user", "charge_grant": "grant"}


def _told(viewer: Viewer, number: str, action: str) -> dict[str, tuple[Any, Any]]:
    """The newest entry of an action in the history of a charge, by field."""
    newest = next(one for one in history.of_charge(viewer, number, changes_only=True) if one.action == action)
    return {change.field.name: (change.before, change.after) for change in newest.changes}


def _recorded(viewer: Viewer, file: File, event_type: str, **values: Any) -> int:
    with unit_of_work():
        return events.record(viewer, file.number, event_type, Entry("event", {"occurred_on": on(date(2026, 2, 2))} | values))


def _word(viewer: Viewer, record: str, key: int, file: File | None = None) -> Any:
    return ReferenceWords(viewer).word(record, key, charge_id=file.charge_id if file else None)


def test_every_reference_that_a_record_keeps_has_words() -> None:
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    mapped = {_TABLES.get(name, name): model for name, model in models.items()}
    kept = {
        field.refers_to
        for name, record in records().items()
        for field in record.fields.values()
        if field.type in ("ref", "refs") and name in mapped and hasattr(mapped[name], column_name(field))
    }
    assert kept <= set(_ASKERS)


def test_a_count_names_its_accused_by_code(fiscal: Viewer, file: File) -> None:
    assert _told(fiscal, file.number, "count.added")["accused"] == (None, "I-2")


def test_the_responsible_prosecutor_is_told_by_name(fiscal: Viewer, file: File) -> None:
    assert _told(fiscal, file.number, "charge.opened")["responsible"] == (None, fiscal.full_name)


def test_an_act_names_its_parts_and_counts(fiscal: Viewer, file: File) -> None:
    _recorded(fiscal, file, "DEC-AGR", victims=tuple(file.victims))
    assert _told(fiscal, file.number, "event.recorded")["victims"][1] == ("A-1", "A-2")


def test_a_part_of_another_charge_stands_after_its_number(fiscal: Viewer, file: File) -> None:
    other = a_file(fiscal)
    assert _word(fiscal, "accused", other.accused[0], file) == f"{other.number}/I-1"


@pytest.mark.parametrize("record", ["accused", "victim", "count", "charge"])
def test_what_hangs_below_a_charge_out_of_sight_is_reserved(fiscal: Viewer, colleague: Viewer, record: str) -> None:
    hidden = a_sealed_file(colleague)
    keys = {"accused": hidden.accused[0], "victim": hidden.victims[0], "count": hidden.counts[0], "charge": hidden.charge_id}
    assert _word(fiscal, record, keys[record]) == RESERVED
    assert _word(colleague, record, keys[record]) != RESERVED


def test_a_count_is_called_by_its_accused_and_its_offence(fiscal: Viewer, file: File) -> None:
    assert _word(fiscal, "count", file.counts[0], file) == "I-1, Trata de personas"


def test_an_act_is_called_by_its_type_and_number(fiscal: Viewer, file: File) -> None:
    key = _recorded(fiscal, file, "DIP-INI")
    number = db.session.get_one(Event, key).number
    assert _word(fiscal, "event", key, file) == f"Apertura de diligencias preliminares (n.º {number})"


def test_an_act_sealed_from_the_start_and_what_it_opened_are_reserved_outside_the_team(
    fiscal: Viewer, colleague: Viewer, file: File
) -> None:
    key = _recorded(fiscal, file, "AGE-ENC")
    with unit_of_work():
        deadline = Deadline(rule="DPJ", charge_id=file.charge_id, opened_by_id=key, starts_on=date(2026, 2, 2),
                            created_at=fiscal.at, updated_at=fiscal.at)
        db.session.add(deadline)
        db.session.flush()
    for record, one in (("event", key), ("deadline", deadline.id)):
        assert (_word(colleague, record, one), _word(fiscal, record, one) == RESERVED) == (RESERVED, False)


def test_a_measure_is_called_by_what_it_is_and_whom_it_binds(fiscal: Viewer, file: File) -> None:
    with unit_of_work():
        key = measures.add(fiscal, file.number, Entry("measure", {
            "kind": "COE", "accused": file.accused[1], "coercive_measure": "COM-RES", "state": "VIG"}))
    assert db.session.get_one(Measure, key)
    assert _word(fiscal, "measure", key, file) == "Comparecencia con restricciones (I-2)"


def test_a_sealed_document_has_no_title_outside_the_team(fiscal: Viewer, colleague: Viewer, file: File) -> None:
    with unit_of_work():
        document = Attachment(charge_id=file.charge_id, storage_key="x", confidentiality="SEL")
        record_service.create(
            fiscal, document, {"kind": "EUN", "title": "Acta de entrevista", "contains_identity": True}, "attachment.added"
        )
    assert (_word(fiscal, "attachment", document.id, file), _word(colleague, "attachment", document.id)) == (
        "Acta de entrevista", RESERVED)


def test_a_link_of_persons_is_called_by_those_in_sight(fiscal: Viewer, colleague: Viewer, file: File) -> None:
    hidden = a_sealed_file(colleague)
    with unit_of_work():
        person = Person(
            key="p", linked_by_id=fiscal.user_id, linked_at=fiscal.at, reason=b"", created_at=fiscal.at, updated_at=fiscal.at
        )
        db.session.add(person)
        db.session.flush()
        for victim in (file.victims[0], hidden.victims[0]):
            db.session.get_one(Victim, victim).person_id = person.id
    assert _word(fiscal, "person", person.id) == f"{file.number}/A-1"


def test_what_a_judgment_holds_is_called_in_words(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    judgment = a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 8}, reparations=(
        {"victims": (file.victims[0],), "debtors": (file.accused[0],), "amount_ordered": 20000},))
    remedy = a_remedy(fiscal, case)
    ruling = db.session.scalars(select(Ruling.id)).first()
    reparation = db.session.scalars(select(Reparation.id)).one()
    assert [_word(fiscal, record, key or 0) for record, key in (
        ("court_case", case), ("judgment", judgment), ("remedy", remedy), ("ruling", ruling), ("reparation", reparation))] == [
        DOCKET, "Sentencia, 02/03/2026", "Apelación, 05/03/2026", "I-1, Trata de personas: Condena",
        "Reparación civil, S/ 20,000.00"]


@pytest.mark.parametrize("record", ["court_case", "judgment", "remedy", "ruling"])
def test_what_hangs_below_a_case_out_of_sight_is_reserved(world: World, fiscal: Viewer, file: File, record: str) -> None:
    case = a_case(fiscal, file)
    keys = {"court_case": case, "judgment": a_judgment(fiscal, case, {file.counts[0]: "ABS"}), "remedy": a_remedy(fiscal, case),
            "ruling": db.session.scalars(select(Ruling.id)).first() or 0}
    assert _word(world.viewer("fiscal.lim"), record, keys[record]) == RESERVED


def test_a_value_that_is_no_reference_stays_as_it_is(fiscal: Viewer) -> None:
    fields, words = records()["charge"].fields, ReferenceWords(fiscal)
    assert words.told(fields["victims_declared"], 3) == 3
    assert words.told(fields["responsible"], fiscal.user_id) == fiscal.full_name
    assert words.told(fields["responsible"], None) is None


def test_of_several_things_those_out_of_sight_are_left_out(fiscal: Viewer, colleague: Viewer, file: File) -> None:
    hidden = a_sealed_file(colleague)
    field = records()["route_leg"].fields["victims"]

    def shown(*keys: int) -> Any:
        return history.in_words(ReferenceWords(fiscal), history.FieldChange(field, None, keys), file.charge_id).after

    assert (shown(file.victims[0], hidden.victims[0]), shown(hidden.victims[0])) == (("A-1",), RESERVED)


def test_the_history_of_a_case_names_a_remedy_against_its_rulings(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 8})
    a_remedy(fiscal, case)
    (filed,) = (one for one in case_history.of_court_case(fiscal, case) if one.action == "remedy.filed")
    told = {change.field.name: change.after for change in filed.changes}
    assert told["against"] == ("I-1, Trata de personas: Condena",)
    assert db.session.scalars(select(Remedy)).one()


def test_the_history_of_a_case_does_not_tell_that_another_charge_exists(fiscal: Viewer, colleague: Viewer, file: File) -> None:
    case, hidden = a_case(fiscal, file), a_sealed_file(colleague)
    with unit_of_work():
        key = act(fiscal, case, "ENJ-AUT", counts=(file.counts[0],))
        entry = Entry("event", {"target_charge": hidden.charge_id}, 1)
        record_service.amend(fiscal, db.session.get_one(Event, key), entry, "event.amended")
    told = [change.field.name for one in case_history.of_court_case(fiscal, case) for change in one.changes]
    assert "counts" in told and "target_charge" not in told


def test_no_history_shows_a_key(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    _recorded(fiscal, file, "DEC-IMP", accused=(file.accused[0],))
    a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 8})
    happened = [*history.of_charge(fiscal, file.number, limit=100), *case_history.of_court_case(fiscal, case)]
    for change in (change for one in happened for change in one.changes if change.field.type in ("ref", "refs")):
        for value in (change.before, change.after):
            assert not isinstance(value, int) and not any(isinstance(one, int) for one in value or ()), change


def test_a_referral_is_called_by_the_office_to_which_the_charge_was_offered(fiscal: Viewer, file: File, world: World) -> None:
    key = offered(world, file.number)
    assert "Despacho lim" in _word(fiscal, "referral", key)
    assert _word(world.viewer("fiscal.ordinaria"), "referral", key) is RESERVED
