"""Victims and accused: codes, lists, what follows from their answers, and taking back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from datetime import date
from typing import Any

import pytest
from sqlalchemy import inspect, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import charges, identities, people, victim_lists
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.rows import made
from tests.factories.world import World


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return opened(fiscal, facts_from=PartialDate.of_day(date(2026, 2, 1)))


def row_of(number: str, code: str) -> Any:
    model = Victim if code.startswith("A") else Accused
    return db.session.scalars(
        select(model).join(Charge, model.charge_id == Charge.id).where(Charge.number == number, model.code == code)
    ).one()


def acted(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with unit_of_work():
        return verb(*args, **kwargs)


def refused(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> list[str]:
    with pytest.raises(Rejected) as caught:
        acted(verb, *args, **kwargs)
    return [problem.field for problem in caught.value.problems]


def victim(**values: Any) -> Entry:
    return Entry("victim", values)


def accused(**values: Any) -> Entry:
    return Entry("accused", values)


@pytest.mark.both_databases
def test_codes_count_up_in_each_charge(fiscal: Viewer, number: str) -> None:
    assert [victim_in(fiscal, number), victim_in(fiscal, number), accused_in(fiscal, number)] == ["A-1", "A-2", "I-1"]
    assert victim_in(fiscal, opened(fiscal)) == "A-1"


def test_the_code_of_a_withdrawn_part_is_not_given_again(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    acted(people.withdraw, fiscal, number, "A-1", reason="Registrada dos veces")
    assert victim_in(fiscal, number) == "A-2"
    assert [one.code for one in people.victims(fiscal, number)] == ["A-2"]


@pytest.mark.parametrize("reason", ["", "x" * 501])
def test_a_part_is_not_withdrawn_without_a_reason_of_fitting_length(fiscal: Viewer, number: str, reason: str) -> None:
    victim_in(fiscal, number)
    with pytest.raises(Rejected):
        acted(people.withdraw, fiscal, number, "A-1", reason=reason)
    assert [one.code for one in people.victims(fiscal, number)] == ["A-1"]


def test_a_withdrawn_part_stays_in_the_table_and_on_the_trail_with_its_reason(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, sex="M")
    acted(people.withdraw, fiscal, number, "A-1", reason="Registrada dos veces")
    assert row_of(number, "A-1").sex == "M"
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "victim.withdrawn")).one()
    assert (entry.reason, entry.detail["code"]) == ("Registrada dos veces", "A-1")
    with pytest.raises(NotVisible):
        people.read(fiscal, number, "A-1")


def test_a_withdrawn_victim_is_counted_nowhere(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_at_facts=15)
    assert charges.folder(fiscal, number).minors == 1
    acted(people.withdraw, fiscal, number, "A-1", reason="Registrada dos veces")
    assert (charges.folder(fiscal, number).minors, charges.folder(fiscal, number).counted["victims"]) == (0, 0)


def test_withdrawing_asks_a_reason(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    assert refused(people.withdraw, fiscal, number, "A-1", reason="  ") == ["reason"]


@pytest.mark.both_databases
def test_an_accused_with_a_count_is_not_withdrawn(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number)
    one = row_of(number, "I-1")
    with unit_of_work():
        made(Count, charge_id=one.charge_id, accused_id=one.id, offence="129-A-BAS")
    assert refused(people.withdraw, fiscal, number, "I-1", reason="Error") == [""]


def test_an_accused_whom_a_victim_is_related_to_is_not_withdrawn(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    accused_in(fiscal, number)
    relation = Entry("victim_accused_relation", {"accused": row_of(number, "I-1").id, "relation": "FAM"})
    key = acted(victim_lists.add, fiscal, number, "A-1", relation)
    assert refused(people.withdraw, fiscal, number, "I-1", reason="Error") == [""]
    acted(victim_lists.withdraw, fiscal, number, "A-1", "victim_accused_relation", key, reason="Error")
    acted(people.withdraw, fiscal, number, "I-1", reason="Error")


def test_adding_a_victim_moves_the_totals_of_the_charge(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_at_facts=16)
    assert (charges.folder(fiscal, number).victims, charges.folder(fiscal, number).minors) == (1, 1)


def test_a_victim_begins_as_presumed(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    assert people.read(fiscal, number, "A-1").part.status == "PRE"


def test_what_is_not_entered_by_hand_is_refused(fiscal: Viewer, number: str) -> None:
    assert refused(people.add_victim, fiscal, number, victim(code="A-9")) == ["code"]
    assert refused(people.add_victim, fiscal, number, victim(person=1)) == ["person"]
    assert refused(people.add_accused, fiscal, number, accused(identified=True, custody=True)) == ["custody"]


def test_whether_an_accused_is_identified_must_be_answered(fiscal: Viewer, number: str) -> None:
    assert refused(people.add_accused, fiscal, number, accused(sex="H")) == ["identified"]


def test_an_unidentified_accused_is_one_of_those_who_may_be_found_responsible(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number, identified=False, description="Conductor de la camioneta", sex="H")
    view = people.read(fiscal, number, "I-1").part
    assert (view.status, view.description, view.sex, view.kind) == ("LQR", "Conductor de la camioneta", None, None)


def test_who_becomes_identified_is_no_longer_one_of_them(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number, identified=False, description="Conductor")
    saved = acted(people.amend_accused, fiscal, number, "I-1", accused(identified=True))
    view = people.read(fiscal, number, "I-1").part
    assert (view.status, view.kind, view.description) == (None, "NAT", None)
    assert saved.cleared == ("Descripción",)


def test_a_derived_status_is_not_entered(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number)
    assert refused(people.amend_accused, fiscal, number, "I-1", accused(status="SEN")) == ["status"]


def test_a_blank_in_the_form_leaves_a_derived_status(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number)
    with unit_of_work():
        row_of(number, "I-1").status = "INV"
    assert acted(people.amend_accused, fiscal, number, "I-1", accused(status=None)).changed == ()
    assert people.read(fiscal, number, "I-1").part.status == "INV"


@pytest.mark.both_databases
def test_two_forms_of_exploitation_make_the_main_one_mixed(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, main_purpose="SEX-PRO")
    acted(victim_lists.add, fiscal, number, "A-1", Entry("exploitation", {"purpose": "SEX-BAR"}))
    assert people.read(fiscal, number, "A-1").part.main_purpose == "SEX-PRO"
    key = acted(victim_lists.add, fiscal, number, "A-1", Entry("exploitation", {"purpose": "LAB-MIN"}))
    assert people.read(fiscal, number, "A-1").part.main_purpose == "MIX"
    acted(victim_lists.withdraw, fiscal, number, "A-1", "exploitation", key, reason="No se probó")
    assert people.read(fiscal, number, "A-1").part.main_purpose == "SEX"


def test_the_nearest_relation_stands_for_several(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    for code, relation in (("I-1", "CON-VEC"), ("I-2", "FAM-TUT")):
        accused_in(fiscal, number)
        acted(
            victim_lists.add,
            fiscal,
            number,
            "A-1",
            Entry("victim_accused_relation", {"accused": row_of(number, code).id, "relation": relation}),
        )
    assert people.read(fiscal, number, "A-1").part.relation_to_accused == "CON-VEC"
    acted(people.amend_victim, fiscal, number, "A-1", victim(relation_to_accused=None))
    assert people.read(fiscal, number, "A-1").part.relation_to_accused == "FAM-TUT"


def test_a_row_names_only_accused_of_its_own_charge(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    other = opened(fiscal)
    accused_in(fiscal, other)
    stranger = row_of(other, "I-1").id
    assert refused(victim_lists.add, fiscal, number, "A-1", Entry("recruitment", {"accused": (stranger,)})) == [
        "accused"
    ]
    assert refused(
        victim_lists.add,
        fiscal,
        number,
        "A-1",
        Entry("victim_accused_relation", {"accused": stranger, "relation": "FAM"}),
    ) == ["accused"]


def test_who_recruited_may_be_not_known(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    key = acted(
        victim_lists.add,
        fiscal,
        number,
        "A-1",
        Entry("recruitment", {"accused": Unknown.NOT_KNOWN, "methods": ("NSP",)}),
    )
    assert victim_lists.one(fiscal, number, "A-1", "recruitment", key).accused is Unknown.NOT_KNOWN
    accused_in(fiscal, number)
    one = row_of(number, "I-1").id
    acted(victim_lists.amend, fiscal, number, "A-1", key, Entry("recruitment", {"accused": (one,)}))
    assert victim_lists.one(fiscal, number, "A-1", "recruitment", key).accused == (one,)


def test_means_not_required_is_refused_for_an_adult(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_at_facts=20)
    assert refused(victim_lists.add, fiscal, number, "A-1", Entry("recruitment", {"means": ("NRQ",)})) == ["means"]


def test_an_age_outside_its_group_is_refused_and_nothing_written(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_group="L-U18")
    assert refused(people.amend_victim, fiscal, number, "A-1", victim(age_at_facts=30)) == ["age_group"]
    assert people.read(fiscal, number, "A-1").part.age_at_facts is None


def test_a_birth_date_gives_the_age_where_none_was_typed(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"birth_date": PartialDate.of_day(date(2010, 1, 31))})
    view = people.read(fiscal, number, "A-1").part
    assert (view.age_at_facts, view.age_basis) == (16, "NAC")


def test_a_corrected_birth_date_corrects_a_computed_age(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"birth_date": PartialDate.of_day(date(2010, 1, 31))})
    acted(
        identities.enter,
        fiscal,
        number,
        "A-1",
        Entry("identity", {"birth_date": PartialDate.of_day(date(2000, 1, 31))}, 1),
    )
    assert people.read(fiscal, number, "A-1").part.age_at_facts == 26


def test_a_typed_age_is_never_written_over(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_at_facts=17, age_basis="PER")
    acted(
        identities.enter,
        fiscal,
        number,
        "A-1",
        Entry("identity", {"birth_date": PartialDate.of_day(date(2010, 1, 31))}),
    )
    assert people.read(fiscal, number, "A-1").part.age_at_facts == 17


def test_computed_ages_follow_the_start_of_the_facts_and_typed_ones_stay(fiscal: Viewer, number: str) -> None:
    birth = {"birth_date": PartialDate.of_day(date(2010, 1, 31))}
    victim_in(fiscal, number, birth)
    victim_in(fiscal, number, birth, age_at_facts=16)
    acted(people.amend_victim, fiscal, number, "A-2", victim(age_at_facts=17))
    acted(charges.amend, fiscal, number, Entry("charge", {"facts_from": PartialDate.of_day(date(2024, 6, 1))}))
    assert [one.age_at_facts for one in people.victims(fiscal, number)] == [14, 17]


def test_a_birth_date_far_from_the_typed_age_is_a_problem(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, age_at_facts=25)
    entry = Entry("identity", {"birth_date": PartialDate.of_day(date(2010, 1, 31))})
    assert refused(identities.enter, fiscal, number, "A-1", entry) == ["birth_date"]
    victim_in(fiscal, number, {"birth_date": PartialDate.of_day(date(2010, 1, 31))})
    assert refused(people.amend_victim, fiscal, number, "A-2", victim(age_at_facts=25)) == ["age_at_facts"]


def test_common_answers_are_offered_and_identities_never(fiscal: Viewer, number: str) -> None:
    victim_in(
        fiscal,
        number,
        {"given_names": "Zoraida Quimera"},
        citizenships=("BO",),
        residence_before="170101",
        sex="M",
        guardian="Hermelinda Quimera",
    )
    assert people.common_values(fiscal, number, "A-1") == {"citizenships": ("BO",), "residence_before": "170101"}


def test_a_victim_like_another_has_copies_of_its_rows_without_addresses(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    acted(
        victim_lists.add,
        fiscal,
        number,
        "A-1",
        Entry("exploitation", {"purpose": "LAB-MIN", "street": "Jr. Oculto 12", "place": "170101"}),
    )
    acted(
        victim_lists.add,
        fiscal,
        number,
        "A-1",
        Entry("recruitment", {"offer": "Cocinera", "profile_or_number": "@oculta"}),
    )
    acted(people.add_victim, fiscal, number, victim(), like="A-1")
    copied = people.read(fiscal, number, "A-2")
    assert [(one.purpose, one.place, one.street) for one in copied.exploitations] == [("LAB-MIN", "170101", None)]
    assert [one.profile_or_number for one in copied.recruitments] == [None]
    assert copied.part.main_purpose == "LAB"


def test_reserved_answers_come_up_as_reserved(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, guardian="Hermelinda Quimera", immigration_status="REG", note="Sin nombres")
    view = people.read(fiscal, number, "A-1").part
    assert view.guardian is Reserved.RESERVED
    assert (view.immigration_status, view.note) == ("REG", "Sin nombres")


def test_what_is_sealed_is_reserved_for_those_outside_the_team(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number, immigration_status="REG")
    assert people.read(world.viewer("fiscal2.mdd"), number, "A-1").part.immigration_status is Reserved.RESERVED


@pytest.mark.parametrize("name", ["victim", "accused"])
def test_saving_every_answer_untouched_leaves_the_row_as_it_was(fiscal: Viewer, number: str, name: str) -> None:
    code = (
        victim_in(
            fiscal,
            number,
            age_at_facts=16,
            sex="M",
            citizenships=("PE",),
            main_purpose="SEX-BAR",
            condition="RES",
            guardian="Hermelinda Quimera",
            number_of_children=Unknown.NOT_KNOWN,
        )
        if name == "victim"
        else accused_in(fiscal, number, sex="H", criminal_record=("NSP",), legal_person="Equis S.A.C.")
    )
    before = {
        column.key: getattr(row_of(number, code), column.key)
        for column in inspect(row_of(number, code)).mapper.column_attrs
    }
    view = people.read(fiscal, number, code).part
    offered = {
        field.name
        for field in record(name).fields.values()
        if field.entered and field.name not in ("charge", "code", "person")
    }
    values = {
        one.name: getattr(view, one.name)
        for one in dataclass_fields(view)
        if one.name in offered and not isinstance(getattr(view, one.name), Reserved)
    }
    verb = people.amend_victim if name == "victim" else people.amend_accused
    saved = acted(verb, fiscal, number, code, Entry(name, values, 1))
    db.session.expire_all()
    assert (saved.changed, saved.cleared) == ((), ())
    assert {
        column.key: getattr(row_of(number, code), column.key)
        for column in inspect(row_of(number, code)).mapper.column_attrs
    } == before


def test_where_two_edits_meet_a_reserved_answer_is_not_shown(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, guardian="Hermelinda Quimera")
    acted(people.amend_victim, fiscal, number, "A-1", Entry("victim", {"guardian": "Casimira Quimera"}, 1))
    with pytest.raises(Conflict) as caught:
        acted(people.amend_victim, fiscal, number, "A-1", Entry("victim", {"guardian": "Otra persona"}, 1))
    clash = caught.value.clashes[0]
    assert (clash.original, clash.theirs, clash.mine) == (Reserved.RESERVED, Reserved.RESERVED, "Otra persona")


def test_a_part_of_a_charge_out_of_sight_does_not_exist(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number)
    stranger = world.viewer("fiscal.lim")
    for call in (
        lambda: people.victims(stranger, number),
        lambda: people.read(stranger, number, "A-1"),
        lambda: people.add_victim(stranger, number, victim()),
        lambda: people.common_values(stranger, number, "A-1"),
    ):
        with pytest.raises(NotVisible):
            call()


def test_a_coordinator_reads_and_does_not_write(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number)
    coordinator = world.viewer("coordinadora")
    assert [one.code for one in people.victims(coordinator, number)] == ["A-1"]
    with pytest.raises(Forbidden):
        acted(people.add_victim, coordinator, number, victim())


def test_the_supervisor_of_a_sealed_charge_does_not_see_its_people(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number)
    acted(charges.seal, fiscal, number, confidentiality="SEL", reason="Riesgo", version=2)
    with pytest.raises(Forbidden):
        people.victims(world.viewer("coordinadora"), number)


def test_changes_of_encrypted_answers_stand_on_the_trail_as_ciphertext(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, guardian="Hermelinda Quimera")
    acted(people.amend_victim, fiscal, number, "A-1", Entry("victim", {"guardian": "Casimira Quimera"}, 1))
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "victim.amended")).one()
    assert [(change["field"], list(change["before"]), list(change["after"])) for change in entry.changes] == [
        ("guardian", ["sealed"], ["sealed"])
    ]
