"""Searching by name without disclosing one, and linking parts of several charges to one person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import SavedForm
from sistra.models.people import Identity, Person
from sistra.rules.problems import Rejected
from sistra.services import charges, people, person_search
from sistra.services.person_search import Results
from sistra.services.unit import unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.rows import AT
from tests.factories.world import World, build_world


@pytest.fixture
def lima(session: Any, world: World) -> Viewer:
    return world.viewer("fiscal.lim")


def acted(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with unit_of_work():
        return verb(*args, **kwargs)


def searched(viewer: Viewer, names: str = "", document: str = "") -> Results:
    return person_search.results(viewer, acted(person_search.search, viewer, names=names, document=document))


def found(viewer: Viewer, names: str = "", document: str = "") -> list[tuple[str, str]]:
    return [(one.code, one.by) for one in searched(viewer, names, document).found]


def named(surname: str, given: str) -> dict[str, str]:
    return {"surname_paternal": surname, "given_names": given}


def test_a_name_is_found_whatever_the_order_case_and_accents(fiscal: Viewer) -> None:
    victim_in(fiscal, opened(fiscal), named("Quiméra", "Zoraida Ester"))
    assert found(fiscal, "zoraida QUIMERA") == [("A-1", "name")]


@pytest.mark.both_databases
def test_huaman_finds_waman_and_ranks_the_written_alike_first(fiscal: Viewer) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number, named("Waman", "Quimera"))
    victim_in(fiscal, number, named("Huaman", "Quimera"))
    assert found(fiscal, "Huaman Quimera") == [("A-2", "name"), ("A-1", "sound")]


def test_every_name_typed_must_be_there(fiscal: Viewer) -> None:
    victim_in(fiscal, opened(fiscal), named("Quimera", "Zoraida"))
    assert found(fiscal, "Quimera Casimira") == []


def test_a_document_is_found_with_or_without_its_leading_zeros(fiscal: Viewer) -> None:
    victim_in(fiscal, opened(fiscal), {"id_document_type": "DNI", "id_document_number": "01234567"})
    assert found(fiscal, document="1234567") == found(fiscal, document="01.234.567") == [("A-1", "document")]


def test_an_alias_and_a_legal_name_are_found(fiscal: Viewer) -> None:
    number = opened(fiscal)
    accused_in(fiscal, number, {"aliases": "El Basilisco"})
    accused_in(fiscal, number, {"legal_name": "Minera Equis S.A.C."}, kind="JUR")
    assert found(fiscal, "basilisco") == [("I-1", "name")]
    assert found(fiscal, "minera equis") == [("I-2", "name")]


def test_an_empty_search_is_refused(fiscal: Viewer) -> None:
    with pytest.raises(Rejected):
        acted(person_search.search, fiscal, names=" . ", document="-")


@pytest.mark.both_databases
def test_another_offices_file_discloses_nothing_but_the_office(fiscal: Viewer, lima: Viewer) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number, named("Quimera", "Zoraida"))
    accused_in(fiscal, number, named("Quimera", "Casimiro"))
    results = searched(lima, "Quimera")
    assert (list(results.found), list(results.elsewhere)) == ([], ["Despacho mdd"])


@pytest.mark.parametrize("confidentiality", ["SEL", "COL"])
def test_a_sealed_file_of_others_yields_nothing_at_all(
    fiscal: Viewer, lima: Viewer, world: World, confidentiality: str
) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number, named("Quimera", "Zoraida"))
    acted(charges.seal, fiscal, number, confidentiality=confidentiality, reason="Riesgo", version=1)
    for outsider in (lima, world.viewer("fiscal2.mdd")):
        results = searched(outsider, "Quimera")
        assert (list(results.found), list(results.elsewhere)) == ([], [])
    assert found(fiscal, "Quimera") == [("A-1", "name")]


def test_a_withdrawn_part_is_not_found(fiscal: Viewer, lima: Viewer) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number, named("Quimera", "Zoraida"))
    acted(people.withdraw, fiscal, number, "A-1", reason="Registrada dos veces")
    assert found(fiscal, "Quimera") == [] and searched(lima, "Quimera").elsewhere == []


@pytest.mark.parametrize("username", ["coordinadora", "analista", "agencia", "admin", "auditora"])
def test_only_the_prosecution_searches_people(session: Any, world: World, username: str) -> None:
    with pytest.raises(Forbidden):
        acted(person_search.search, world.viewer(username), names="Quimera")


def test_a_search_is_its_owners_alone(fiscal: Viewer, lima: Viewer) -> None:
    key = acted(person_search.search, fiscal, names="Quimera")
    with pytest.raises(NotVisible):
        person_search.results(lima, key)


@pytest.mark.both_databases
def test_a_search_ends_after_half_an_hour_and_the_next_one_clears_it(fiscal: Viewer, world: World) -> None:
    key = acted(person_search.search, fiscal, names="Quimera")
    later = world.viewer("fiscal.mdd", at=AT + timedelta(minutes=31))
    with pytest.raises(NotVisible):
        person_search.results(later, key)
    acted(person_search.search, later, names="Quimera")
    assert db.session.scalar(select(func.count(SavedForm.id))) == 1


def test_a_search_is_on_the_trail_by_its_fingerprints(fiscal: Viewer) -> None:
    acted(person_search.search, fiscal, names="Zoraida Quimera", document="1234567")
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "person.searched")).one()
    assert {kind: len(held) for kind, held in entry.detail.items()} == {"name": 2, "document": 2}


def test_what_was_searched_is_nowhere_in_the_bytes_of_the_database(own_database: OwnDatabase) -> None:
    with own_database.app.app_context():
        with unit_of_work():
            world = build_world()
        key = acted(person_search.search, world.viewer("fiscal.mdd"), names="Zquimera", document="87654321")
        with unit_of_work():
            person_search.results(world.viewer("fiscal.mdd"), key)
        db.session.remove()
        db.engine.dispose()
    held = b"".join(path.read_bytes() for path in own_database.path.parent.glob(f"{own_database.path.name}*"))
    assert b"person.results_read" in held
    assert re.findall(rb"(?i)zquimera|87654321", held) == []


def test_the_same_document_in_sight_is_a_warning(fiscal: Viewer, lima: Viewer) -> None:
    document = {"id_document_type": "DNI", "id_document_number": "01234567"}
    first, second = opened(fiscal), opened(fiscal)
    victim_in(fiscal, first, document)
    victim_in(fiscal, second, document)
    victim_in(lima, opened(lima), document)
    assert [(one.number, one.code, one.by) for one in person_search.likely_same(fiscal, second, "A-1")] == [
        (first, "A-1", "document")
    ]


@pytest.mark.both_databases
def test_the_same_names_are_a_warning_unless_the_sex_differs(fiscal: Viewer) -> None:
    number = opened(fiscal)
    for sex in ("M", "M", "H", "NSP"):
        victim_in(fiscal, number, named("Quimera", "Zoraida"), sex=sex)
    assert [one.code for one in person_search.likely_same(fiscal, number, "A-1")] == ["A-2", "A-4"]


def test_a_comparison_is_on_the_trail_of_its_charge_with_the_parts_it_named(fiscal: Viewer) -> None:
    number = opened(fiscal)
    for _ in range(2):
        victim_in(fiscal, number, named("Quimera", "Zoraida"))
    acted(person_search.likely_same, fiscal, number, "A-1")
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "person.alike_read")).one()
    assert entry.charge_id is not None and (entry.thing, entry.detail) == ("victim", {"parts": [f"{number}/A-2"]})


def test_without_an_identity_nothing_is_compared_and_nothing_noted(fiscal: Viewer) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number, {})
    acted(person_search.likely_same, fiscal, number, "A-1")
    assert not db.session.scalars(select(TrailEntry).where(TrailEntry.action == "person.alike_read")).all()


def test_one_name_alone_is_no_warning(fiscal: Viewer) -> None:
    number = opened(fiscal)
    for _ in range(2):
        victim_in(fiscal, number, {"given_names": "Zoraida"})
    assert person_search.likely_same(fiscal, number, "A-1") == []


def linked(viewer: Viewer, number: str, code: str) -> list[tuple[str, str]]:
    return [(one.number, one.code) for one in person_search.linked(viewer, number, code)]


def test_linked_parts_name_each_other_and_keep_their_own_identities(fiscal: Viewer) -> None:
    first, second = opened(fiscal), opened(fiscal)
    victim_in(fiscal, first, named("Quimera", "Zoraida"))
    accused_in(fiscal, second, named("Quimera", "Z."))
    acted(
        person_search.link,
        fiscal,
        first,
        "A-1",
        other_number=second,
        other_code="I-1",
        reason="Mismo DNI en ambas carpetas",
    )
    assert linked(fiscal, first, "A-1") == [(second, "I-1")] and linked(fiscal, second, "I-1") == [(first, "A-1")]
    assert db.session.scalar(select(func.count(Identity.id))) == 2
    assert person_search.likely_same(fiscal, first, "A-1") == []


def test_the_reason_of_a_link_is_kept_encrypted(fiscal: Viewer) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number)
    victim_in(fiscal, number)
    acted(
        person_search.link, fiscal, number, "A-1", other_number=number, other_code="A-2", reason="Zoraida es la misma"
    )
    assert b"Zoraida" not in (db.session.scalars(select(Person.reason)).one() or b"")
    assert all("Zoraida" not in str((entry.reason, entry.changes)) for entry in db.session.scalars(select(TrailEntry)))


@pytest.mark.both_databases
def test_unlinking_loses_nothing(fiscal: Viewer) -> None:
    number = opened(fiscal)
    for _ in range(3):
        victim_in(fiscal, number, named("Quimera", "Zoraida"))
    for code in ("A-2", "A-3"):
        acted(person_search.link, fiscal, number, "A-1", other_number=number, other_code=code, reason="Misma persona")
    acted(person_search.unlink, fiscal, number, "A-1", reason="Son hermanas")
    assert linked(fiscal, number, "A-1") == [] and linked(fiscal, number, "A-2") == [(number, "A-3")]
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "person.unlinked")).one()
    assert entry.reason == "Son hermanas" and entry.changes[0]["before"] is not None
    assert db.session.scalar(select(func.count(Identity.id))) == 3


def test_a_link_needs_both_parts_in_sight_a_reason_and_two_parts(fiscal: Viewer, lima: Viewer) -> None:
    number, elsewhere = opened(fiscal), opened(lima)
    victim_in(fiscal, number)
    victim_in(lima, elsewhere)
    with pytest.raises(Rejected):
        acted(
            person_search.link, fiscal, number, "A-1", other_number=elsewhere, other_code="A-1", reason="Misma persona"
        )
    for code, reason in (("A-1", "Misma persona"), ("A-2", "")):
        victim_in(fiscal, number)
        with pytest.raises(Rejected):
            acted(person_search.link, fiscal, number, "A-1", other_number=number, other_code=code, reason=reason)


def test_a_link_writes_on_no_charge_that_one_may_only_read(fiscal: Viewer, lima: Viewer) -> None:
    number, elsewhere = opened(fiscal), opened(lima)
    victim_in(fiscal, number)
    victim_in(lima, elsewhere)
    both = replace(lima, roles=frozenset({"FISCAL", "COORD"}))
    assert charges.folder(both, number).charge.summary
    with pytest.raises(Rejected):
        acted(person_search.link, both, elsewhere, "A-1", other_number=number, other_code="A-1", reason="Misma persona")
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_two_persons_are_not_merged_by_the_way(fiscal: Viewer) -> None:
    number = opened(fiscal)
    for _ in range(4):
        victim_in(fiscal, number)
    for one, other in (("A-1", "A-2"), ("A-3", "A-4")):
        acted(person_search.link, fiscal, number, one, other_number=number, other_code=other, reason="Misma persona")
    with pytest.raises(Rejected):
        acted(person_search.link, fiscal, number, "A-1", other_number=number, other_code="A-3", reason="Misma persona")


def test_links_to_charges_out_of_sight_are_not_told(fiscal: Viewer, world: World) -> None:
    first, second = opened(fiscal), opened(fiscal)
    victim_in(fiscal, first)
    victim_in(fiscal, second)
    acted(person_search.link, fiscal, first, "A-1", other_number=second, other_code="A-1", reason="Misma persona")
    acted(charges.seal, fiscal, second, confidentiality="COL", reason="Riesgo", version=1)
    assert linked(world.viewer("fiscal2.mdd"), first, "A-1") == []
    assert linked(fiscal, first, "A-1") == [(second, "A-1")]


def test_an_assistant_does_not_link(fiscal: Viewer, world: World) -> None:
    number = opened(fiscal)
    victim_in(fiscal, number)
    victim_in(fiscal, number)
    with pytest.raises(Forbidden):
        acted(
            person_search.link,
            world.viewer("asistente.mdd"),
            number,
            "A-1",
            other_number=number,
            other_code="A-2",
            reason="x",
        )
