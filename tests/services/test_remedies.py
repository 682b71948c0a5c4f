from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Ruling
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import court_cases, court_corrections, remedies
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_case, a_judgment, a_remedy, act
from tests.factories.files import File, on
from tests.factories.world import World

APPEALED = {"instance": "2", "decision_kind": "SVI", "decided_on": on(date(2026, 3, 20)), "court_instance": "SPA"}
SUPREME = {"instance": "S", "decision_kind": "SCA", "decided_on": on(date(2026, 3, 25)), "court_instance": "SPS-PER"}


@pytest.fixture
def convicted(fiscal: Viewer, file: File) -> int:
    """A court case in which every count ended in a conviction."""
    case = a_case(fiscal, file)
    a_judgment(fiscal, case, dict.fromkeys(file.counts, "COND"), years=dict.fromkeys(file.accused, 12))
    return case


def _count(file: File, place: int = 0) -> Count:
    return db.session.get_one(Count, file.counts[place])


def _decided(fiscal: Viewer, case: int, remedy: int, effects: dict[int, str], values: dict[str, Any], **more: Any) -> int:
    return a_judgment(
        fiscal,
        case,
        {},
        remedy=remedy,
        rulings={key: {"remedy_outcome": effect} for key, effect in effects.items()},
        **values,
        **more,
    )


def test_filing_a_remedy_writes_its_act_on_the_counts_attacked(fiscal: Viewer, file: File, convicted: int) -> None:
    ruling = db.session.scalars(select(Ruling).where(Ruling.count_id == file.counts[0])).one()
    key = a_remedy(fiscal, convicted, against=(ruling.id,), party_detail="Defensa de I-1")
    event = db.session.scalars(select(Event).where(Event.remedy_id == key)).one()
    assert (event.event_type, event.party, event.party_detail, event.judgment_id) == (
        "APE-INT",
        "IMP",
        "Defensa de I-1",
        ruling.judgment_id,
    )
    assert [_count(file, place).stage for place in range(3)] == ["80-APE", "70-SEN", "70-SEN"]


def test_without_rulings_named_a_remedy_is_against_all_of_the_last_judgment(fiscal: Viewer, file: File, convicted: int) -> None:
    remedy = db.session.get_one(Remedy, a_remedy(fiscal, convicted))
    assert {one.count_id for one in remedy.against} == set(file.counts)


def test_an_attacked_judgment_is_not_final(fiscal: Viewer, convicted: int) -> None:
    a_remedy(fiscal, convicted)
    assert db.session.scalars(select(Judgment)).one().finality == "NFI"


def test_a_remedy_that_attacks_no_ruling_is_against_an_order(fiscal: Viewer, file: File) -> None:
    key = a_remedy(fiscal, a_case(fiscal, file))
    assert db.session.scalars(select(Event.event_type).where(Event.remedy_id == key)).one() == "AUT-APE"


def test_who_filed_and_when_may_be_unknown(fiscal: Viewer, convicted: int) -> None:
    key = a_remedy(fiscal, convicted, filed_by=Unknown.NOT_KNOWN, filed_on=Unknown.NOT_KNOWN)
    event = db.session.scalars(select(Event).where(Event.remedy_id == key)).one()
    assert event.occurred_on is not None and not event.occurred_on.known and event.party == "NSP"


def test_who_filed_must_be_answered(fiscal: Viewer, convicted: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_remedy(fiscal, convicted, filed_by=None)
    assert [problem.field for problem in refused.value.problems] == ["filed_by"]


def test_a_confirmed_conviction_stays_and_the_remedy_shows_it(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    judged = _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "CNF"), APPEALED)
    remedy = db.session.get_one(Remedy, key)
    assert (remedy.outcome, remedy.decided_on.iso() if remedy.decided_on else "", remedy.court_instance) == (
        "CNF",
        "2026-03-20",
        "SPA",
    )
    assert {row.verdict for row in db.session.scalars(select(Ruling).where(Ruling.judgment_id == judged))} == {"COND"}
    assert (_count(file).state, _count(file).outcome) == ("CON", "APE-CNF")


def test_one_decision_may_revoke_one_ruling_and_confirm_another(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    _decided(fiscal, convicted, key, {file.counts[0]: "REV-ABS", file.counts[1]: "CNF", file.counts[2]: "CNF"}, APPEALED)
    assert [(_count(file, place).state, _count(file, place).outcome) for place in range(3)] == [
        ("ABS", "APE-RAB"),
        ("CON", "APE-CNF"),
        ("CON", "APE-CNF"),
    ]
    assert db.session.get_one(Remedy, key).outcome is None
    assert len(list(db.session.scalars(select(Event).where(Event.remedy_id == key)))) == 2


def test_the_rulings_that_a_remedy_changed_stay_readable(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "REV-ABS"), APPEALED)
    (found,) = remedies.listed(fiscal, convicted)
    assert {one.verdict for one in found.against} == {"COND"} and not found.open
    assert court_cases.board(fiscal, convicted)[0].verdict == "ABS"


def test_an_annulled_conviction_goes_back_to_trial(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "NUL"), APPEALED)
    assert {(_count(file, place).stage, _count(file, place).state) for place in range(3)} == {("60-JUI", "NUL")}
    assert db.session.get_one(Charge, file.charge_id).status == "TRA"
    assert db.session.scalars(select(Judgment).order_by(Judgment.id)).first().finality == "ANU"  # type: ignore[union-attr]


@pytest.mark.parametrize(("remand_to", "event_type", "stage"), [("80-APE", "CAS-FRA", "80-APE"), ("60-JUI", "CAS-FRJ", "60-JUI")])
def test_a_cassation_with_remand_goes_where_it_says(
    fiscal: Viewer, file: File, convicted: int, remand_to: str, event_type: str, stage: str
) -> None:
    key = a_remedy(fiscal, convicted, "CAS")
    _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "FUN-REE"), SUPREME, remand_to=remand_to)
    event = db.session.scalars(select(Event).where(Event.remedy_id == key).order_by(Event.id.desc()).limit(1)).one()
    assert (event.event_type, _count(file).stage, db.session.get_one(Remedy, key).remand) == (event_type, stage, True)


def test_what_the_last_instance_says_is_final(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted, "CAS")
    judged = _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "INF"), SUPREME)
    assert db.session.get_one(Judgment, judged).finality == "EJE"
    assert db.session.get_one(Charge, file.charge_id).status == "EJE"


def test_a_remedy_of_which_nothing_is_known_is_not_decided(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    with pytest.raises(Rejected):
        _decided(fiscal, convicted, key, {file.counts[0]: Unknown.NOT_KNOWN}, APPEALED)


def test_granting_and_refusing_are_seen_on_the_remedy(fiscal: Viewer, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    granted = act(fiscal, convicted, "APE-CCS", occurred_on=on(date(2026, 3, 8)))
    assert (db.session.get_one(Remedy, key).granted, db.session.get_one(Event, granted).remedy_id) == (True, key)
    with unit_of_work():
        court_corrections.reverse(fiscal, convicted, granted, reason="Fue denegada")
    act(fiscal, convicted, "APE-NEG", occurred_on=on(date(2026, 3, 8)))
    assert db.session.get_one(Remedy, key).granted is False


def test_leaving_a_decision_without_effect_opens_the_remedy_again(fiscal: Viewer, file: File, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    judged = _decided(fiscal, convicted, key, dict.fromkeys(file.counts, "REV-ABS"), APPEALED)
    event = db.session.scalars(select(Event).where(Event.judgment_id == judged, Event.event_type == "APE-RAB")).one()
    with unit_of_work():
        back = court_corrections.reverse(fiscal, convicted, event.id, reason="Era de otro expediente")
    (found,) = remedies.listed(fiscal, convicted)
    assert found.open and _count(file).state == "CON"
    with unit_of_work():
        court_corrections.reverse(fiscal, convicted, back, reason="Sí era de este")
    assert db.session.get_one(Remedy, key).outcome == "REV-ABS" and _count(file).state == "ABS"


def test_a_remedy_that_no_judgment_decides_is_decided_by_an_act(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    key = a_remedy(fiscal, case, "QUE")
    with unit_of_work():
        remedies.decide(fiscal, case, key, Entry("remedy", {"decided_on": on(date(2026, 3, 9)), "outcome": "INF"}))
    events = db.session.scalars(select(Event.event_type).where(Event.remedy_id == key).order_by(Event.id)).all()
    assert events == ["QUE-INT", "AUT-RES"] and not remedies.show(fiscal, case, key).open


def test_a_remedy_against_a_judgment_is_decided_by_a_judgment(fiscal: Viewer, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    with pytest.raises(Rejected), unit_of_work():
        remedies.decide(fiscal, convicted, key, Entry("remedy", {"decided_on": on(date(2026, 3, 9)), "outcome": "CNF"}))


def test_the_date_of_filing_put_right_moves_its_act(fiscal: Viewer, convicted: int) -> None:
    key = a_remedy(fiscal, convicted)
    with unit_of_work():
        remedies.amend(fiscal, convicted, key, Entry("remedy", {"filed_on": on(date(2026, 3, 4)), "number": "45-2026"}))
    event = db.session.scalars(select(Event).where(Event.remedy_id == key)).one()
    assert event.occurred_on is not None and event.occurred_on.iso() == "2026-03-04"


def test_an_incident_docket_takes_remedies_against_rulings_of_the_main_one(fiscal: Viewer, file: File, convicted: int) -> None:
    with unit_of_work():
        below = court_cases.open_incident(
            fiscal, convicted, Entry("court_case", {"court_case_kind": "REC", "appeal_kind": "APE"})
        )
    key = a_remedy(fiscal, below)
    assert {one.count_id for one in db.session.get_one(Remedy, key).against} == set(file.counts)
    _decided(fiscal, below, key, dict.fromkeys(file.counts, "CNF"), APPEALED)
    assert _count(file).outcome == "APE-CNF"


def test_an_assistant_files_remedies_and_does_not_decide_them(fiscal: Viewer, file: File, convicted: int, world: World) -> None:
    assistant = world.viewer("asistente.mdd")
    key = a_remedy(assistant, convicted)
    with pytest.raises(Forbidden):
        _decided(assistant, convicted, key, {file.counts[0]: "CNF"}, APPEALED)


def test_a_remedy_is_not_older_than_the_decision_it_attacks(fiscal: Viewer, convicted: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_remedy(fiscal, convicted, filed_on=on(date(2026, 1, 1)))
    assert [(one.field, one.params) for one in refused.value.problems] == [("filed_on", {"day": "02/03/2026"})]


def test_a_decision_is_not_older_than_the_remedy_it_decides(fiscal: Viewer, file: File, convicted: int) -> None:
    remedy = a_remedy(fiscal, convicted)
    with pytest.raises(Rejected) as refused:
        _decided(fiscal, convicted, remedy, {file.counts[0]: "CNF"}, APPEALED | {"decided_on": on(date(2026, 3, 4))})
    assert [(one.field, one.params) for one in refused.value.problems] == [("decided_on", {"day": "05/03/2026"})]


def test_the_order_of_days_is_asked_of_exact_ones_only(fiscal: Viewer, convicted: int) -> None:
    assert a_remedy(fiscal, convicted, filed_on=Unknown.NOT_KNOWN)
    assert a_remedy(fiscal, convicted, filed_on=PartialDate.of_month(2026, 1))


def test_the_day_of_a_remedy_is_not_put_after_its_decision(fiscal: Viewer, file: File, convicted: int) -> None:
    remedy = a_remedy(fiscal, convicted)
    _decided(fiscal, convicted, remedy, {file.counts[0]: "CNF"}, APPEALED)
    with pytest.raises(Rejected), unit_of_work():
        remedies.amend(fiscal, convicted, remedy, Entry("remedy", {"filed_on": on(date(2026, 3, 21))}))


@pytest.mark.parametrize("kind", ["CAS", "RN"])
def test_a_remedy_against_a_judgment_waits_for_the_judgment(fiscal: Viewer, file: File, kind: str) -> None:
    case = a_case(fiscal, file)
    with pytest.raises(Rejected) as refused:
        a_remedy(fiscal, case, kind)
    assert refused.value.problems[0].message == "Primero registre la decisión impugnada"


def test_an_appeal_against_an_order_asks_its_day(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    with pytest.raises(Rejected):
        a_remedy(fiscal, case, filed_on=None)
    assert a_remedy(fiscal, case, filed_on=Unknown.NOT_KNOWN)
