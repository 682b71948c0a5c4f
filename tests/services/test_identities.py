"""Identities: entered unseen, kept encrypted, indexed blindly, opened with a reason that stays on the trail."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.keys import IdentityToken
from sistra.models.people import Identity
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED, Reserved
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import charges, identities, people, victim_lists
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.world import World, build_world

QUIMERA = {"surname_paternal": "Quimera", "surname_maternal": "Basilisco", "given_names": "Zoraida Ester"}


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return opened(fiscal, facts_from=PartialDate.of_day(date(2026, 2, 1)))


def acted(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with unit_of_work():
        return verb(*args, **kwargs)


def identity(version: int | None = None, **values: Any) -> Entry:
    return Entry("identity", values, version)


def opened_by(
    viewer: Viewer, number: str, *codes: str, reason: str = "NOT", text: str = ""
) -> list[identities.Revealed]:
    return acted(identities.reveal, viewer, number, codes, reason_code=reason, reason_text=text)


def tokens() -> set[tuple[str, bytes]]:
    return {(one.kind, one.token) for one in db.session.scalars(select(IdentityToken))}


def test_an_assistant_enters_names_and_does_not_open_them(number: str, world: World) -> None:
    assistant = world.viewer("asistente.mdd")
    victim_in(assistant, number, QUIMERA, age_at_facts=30)
    view = identities.masked(assistant, number, "A-1")
    assert view is not None and view.given_names is Reserved.RESERVED and view.aliases is None
    with pytest.raises(Forbidden):
        opened_by(assistant, number, "A-1")


def test_only_what_was_typed_changes(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    saved = acted(identities.enter, fiscal, number, "A-1", identity(1, given_names="Zoraida"))
    opened_one = opened_by(fiscal, number, "A-1")[0]
    assert saved.changed == ("Nombres",)
    assert identities.full_name(opened_one.identity) == "Quimera Basilisco, Zoraida"


def test_an_entry_without_any_answer_makes_no_identity(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number)
    assert acted(identities.enter, fiscal, number, "A-1", identity(given_names=None)).changed == ()
    assert db.session.scalar(select(func.count(Identity.id))) == 0


def test_saving_untouched_leaves_the_ciphertext_as_it_was(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, QUIMERA)
    before = {one.key: getattr(db.session.get(Identity, 1), one.key) for one in inspect(Identity).column_attrs}
    acted(identities.enter, fiscal, number, "A-1", identity(1))
    db.session.expire_all()
    assert {one.key: getattr(db.session.get(Identity, 1), one.key) for one in inspect(Identity).column_attrs} == before


def test_a_right_guess_is_written_and_noted_like_a_wrong_one(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"given_names": "Zoraida"})
    told = []
    for version, guess in ((1, "Zoraida"), (2, "Casimira")):
        told.append(acted(identities.enter, fiscal, number, "A-1", identity(version, given_names=guess)).changed)
    assert told[0] == told[1] != ()
    assert len([entry for entry in db.session.scalars(select(TrailEntry)) if entry.thing == "identity"]) == 3


def test_a_right_guess_with_an_old_version_meets_like_a_wrong_one(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"given_names": "Zoraida"})
    for guess in ("Zoraida", "Casimira"):
        with pytest.raises(Conflict) as met:
            acted(identities.enter, fiscal, number, "A-1", identity(0, given_names=guess))
        assert met.value.clashes[0].theirs is RESERVED


@pytest.mark.both_databases
def test_tokens_follow_the_names_and_old_ones_are_gone(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"given_names": "Zoraida"})
    first = tokens()
    acted(identities.enter, fiscal, number, "A-1", identity(1, given_names="Casimira"))
    assert {kind for kind, _ in first} == {"name", "sound"}
    assert len(tokens()) == len(first) and not tokens() & first


def test_a_document_and_its_spreadsheet_form_have_one_token(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"id_document_type": "DNI", "id_document_number": "01234567"})
    victim_in(fiscal, number, {"id_document_type": "DNI", "id_document_number": "1234567"})
    assert db.session.scalar(select(func.count(func.distinct(IdentityToken.token)))) == 1


def test_two_people_entering_at_once_do_not_overwrite_each_other(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, QUIMERA)
    with pytest.raises(Conflict) as caught:
        acted(identities.enter, fiscal, number, "A-1", identity(given_names="Casimira"))
    assert caught.value.clashes[0].theirs is Reserved.RESERVED
    acted(identities.enter, fiscal, number, "A-1", identity(aliases="La Quimera"))


def test_a_legal_entity_has_a_legal_name_only(fiscal: Viewer, number: str) -> None:
    with pytest.raises(Rejected):
        accused_in(fiscal, number, {"given_names": "Zoraida"}, kind="JUR")
    accused_in(fiscal, number, {"legal_name": "Minera Equis S.A.C."}, kind="JUR")
    assert identities.full_name(opened_by(fiscal, number, "I-1")[0].identity) == "Minera Equis S.A.C."


def test_only_an_alias_is_entered_of_who_is_not_identified(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number, {"aliases": "El Basilisco"}, identified=False)
    with pytest.raises(Rejected):
        acted(identities.enter, fiscal, number, "I-1", identity(1, given_names="Casimiro"))


def test_an_opening_is_on_the_trail_with_its_reason_for_each_part(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    accused_in(fiscal, number, {"given_names": "Casimiro"}, age_at_facts=40)
    opened_by(fiscal, number, "A-1", "I-1", reason="OTH", text="Pedido de la sala")
    entries = list(
        db.session.scalars(
            select(TrailEntry).where(TrailEntry.action == "identity.revealed").order_by(TrailEntry.number)
        )
    )
    assert [(one.thing, one.detail["code"], one.reason) for one in entries] == [
        ("victim", "A-1", "OTH: Pedido de la sala"),
        ("accused", "I-1", "OTH: Pedido de la sala"),
    ]
    assert all(one.changes is None for one in entries)


@pytest.mark.parametrize(("reason", "text"), [("", ""), ("ZZZ", "x"), ("OTH", "  ")])
def test_nothing_is_opened_without_a_reason(fiscal: Viewer, number: str, reason: str, text: str) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    with pytest.raises(Rejected):
        opened_by(fiscal, number, "A-1", reason=reason, text=text)
    assert db.session.scalar(select(func.count()).where(TrailEntry.action == "identity.revealed")) == 0


@pytest.mark.parametrize("age", [{"age_at_facts": 17}, {"age_group": "L-U18"}, {}])
def test_the_name_of_who_is_not_said_to_be_an_adult_is_for_the_team(
    fiscal: Viewer, number: str, world: World, age: dict[str, Any]
) -> None:
    victim_in(fiscal, number, QUIMERA, **age)
    colleague = world.viewer("fiscal2.mdd")
    assert identities.revealable(colleague, number) == [("A-1", True, False)]
    with pytest.raises(Forbidden):
        opened_by(colleague, number, "A-1")
    assert identities.full_name(opened_by(fiscal, number, "A-1")[0].identity) == "Quimera Basilisco, Zoraida Ester"


def test_one_name_that_may_not_be_opened_refuses_all(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    victim_in(fiscal, number, QUIMERA, age_at_facts=15)
    with pytest.raises(Forbidden):
        opened_by(world.viewer("fiscal2.mdd"), number, "A-1", "A-2")
    assert db.session.scalar(select(func.count()).where(TrailEntry.action == "identity.revealed")) == 0


def test_a_colleague_opens_an_adult_without_the_protected_address(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(
        fiscal,
        number,
        {**QUIMERA, "address_street": "Jr. Oculto 12", "mobile_phone": "+51987654321"},
        age_at_facts=30,
        guardian="Hermelinda Quimera",
    )
    colleague = opened_by(world.viewer("fiscal2.mdd"), number, "A-1")[0]
    assert colleague.identity is not None and colleague.part.guardian == "Hermelinda Quimera"
    assert (colleague.identity.address_street, colleague.identity.mobile_phone) == (Reserved.RESERVED, "+51987654321")
    own = opened_by(fiscal, number, "A-1")[0]
    assert own.identity is not None and own.identity.address_street == "Jr. Oculto 12"


@pytest.mark.parametrize("username", ["coordinadora", "presidencia.mdd", "asistente.mdd"])
def test_seeing_a_charge_does_not_open_its_names(fiscal: Viewer, number: str, world: World, username: str) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    with pytest.raises(Forbidden):
        opened_by(world.viewer(username), number, "A-1")


def test_the_names_of_a_sealed_charge_are_for_its_team(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    acted(charges.seal, fiscal, number, confidentiality="SEL", reason="Riesgo", version=2)
    with pytest.raises(NotVisible):
        opened_by(world.viewer("fiscal2.mdd"), number, "A-1")
    assert identities.full_name(opened_by(fiscal, number, "A-1")[0].identity)


def test_the_reserved_answers_of_the_charge_open_with_the_same_act(fiscal: Viewer, number: str) -> None:
    acted(charges.amend, fiscal, number, Entry("charge", {"complainant": "Hermelinda Quimera"}))
    assert opened_by(fiscal, number, identities.FILE)[0].part.complainant == "Hermelinda Quimera"


def test_addresses_of_a_victims_rows_open_with_its_identity(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, QUIMERA, age_at_facts=30)
    acted(
        victim_lists.add,
        fiscal,
        number,
        "A-1",
        Entry("exploitation", {"purpose": "LAB-MIN", "street": "Jr. Oculto 12"}),
    )
    assert people.read(fiscal, number, "A-1").exploitations[0].street is Reserved.RESERVED
    assert opened_by(fiscal, number, "A-1")[0].exploitations[0].street == "Jr. Oculto 12"


def test_what_is_typed_into_any_identity_field_is_nowhere_in_the_bytes_of_the_database(
    own_database: OwnDatabase,
) -> None:
    words: dict[str, str] = {}
    with own_database.app.app_context():
        with unit_of_work():
            world = build_world()
        fiscal = world.viewer("fiscal.mdd")
        number = opened(fiscal)
        typed = {}
        for place, field in enumerate(field for field in record("identity").fields.values() if field.encrypted):
            if (
                field.type in ("text", "person_name", "longtext", "address", "document_number", "email", "phone")
                and field.name != "legal_name"
            ):
                words[field.name] = typed[field.name] = f"Zquimera{place:02d}"
        accused_in(fiscal, number, {"legal_name": "Zquimera Minera"}, kind="JUR")
        victim_in(
            fiscal,
            number,
            typed | {"id_document_type": "PAS"},
            guardian="Zquimera90",
            missing_report="Zquimera91",
            note="Zquimera92",
        )
        acted(identities.enter, fiscal, number, "A-1", identity(1, given_names="Zquimera93"))
        opened_by(fiscal, number, "A-1", "I-1")
        db.session.remove()
        db.engine.dispose()
    assert len(words) > 12
    held = b"".join(path.read_bytes() for path in own_database.path.parent.glob(f"{own_database.path.name}*"))
    assert b"Operativo conjunto" in held
    assert re.findall(rb"(?i)zquimera[0-9 ]*", held) == []
