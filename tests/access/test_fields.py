from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.access.fields import column_name, from_json, put, record_of, to_json, value_of
from sistra.access.lens import clearance, see, see_all
from sistra.access.standing import Standing
from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.charges import Charge
from sistra.models.people import Exploitation, Identity, Victim
from sistra.rules.durations import Duration
from sistra.rules.masking import RESERVED, Clearance
from sistra.rules.partial_dates import PartialDate
from tests.factories.rows import AT, a_charge, a_victim, an_accused, an_identity, made
from tests.factories.world import World

_ANSWERS: dict[str, Any] = {
    "text": "Texto «con» acentos ñ",
    "longtext": "Un relato\nen dos líneas",
    "person_name": "Nombre Inventado",
    "phone": "+51900000001",
    "email": "persona@example.test",
    "address": "Jr. Inventado 123",
    "document_number": "00000001",
    "number_format": "123456-2026-7",
    "code": "X",
    "codes": ("X", "Y"),
    "integer": 0,
    "decimal": Decimal("-12.593333"),
    "money_pen": Decimal("1500.50"),
    "bool": False,
    "date": date(2026, 3, 27),
    "partial_date": PartialDate.of_month(2026, 3),
    "datetime": AT,
    "duration_ymd": Duration(12, 6, 0),
    "place": "1701",
    "country": "PE",
}


@pytest.fixture
def charge(session: Any, world: World) -> Charge:
    return a_charge(world.offices["mdd"], world.users["fiscal.mdd"])


@pytest.fixture
def rows(charge: Charge) -> dict[str, Base]:
    victim = a_victim(charge)
    return {"charge": charge, "victim": victim, "accused": an_accused(charge), "identity": an_identity(victim),
            "exploitation": made(Exploitation, victim_id=victim.id, purpose="SEX")}


def _again(row: Base) -> Base:
    """The row as the database holds it."""
    db.session.flush()
    db.session.expire(row)
    return row


def _answers(name: str) -> list[Any]:
    return [
        pytest.param(field, _ANSWERS[field.type], id=f"{name}.{field.name}")
        for field in record(name).fields.values()
        if field.type in _ANSWERS and field.section != "sistema" and not field.note.startswith("system")
    ]


def _unknowns() -> list[Any]:
    return [
        pytest.param(field, word, id=f"{name}.{field.name}.{word.name}")
        for name in ("charge", "victim", "identity")
        for field in record(name).fields.values()
        for word in sorted(field.unknown)
        if field.type != "refs" and field.entered
    ]


@pytest.mark.both_databases
@pytest.mark.parametrize(("field", "answer"), [
    case for name in ("charge", "victim", "accused", "identity", "exploitation") for case in _answers(name)])
def test_an_answer_comes_back_as_it_was_given(rows: dict[str, Base], field: Field, answer: Any) -> None:
    row = rows[field.record]
    put(row, field, answer)
    assert value_of(_again(row), field) == answer


@pytest.mark.parametrize(("field", "word"), _unknowns())
def test_an_unknown_answer_comes_back_as_unknown_and_not_as_blank(
    rows: dict[str, Base], field: Field, word: Unknown
) -> None:
    row = rows[field.record]
    put(row, field, word)
    assert value_of(_again(row), field) is word


def test_a_value_takes_the_place_of_an_unknown_answer(rows: dict[str, Base]) -> None:
    field = record("charge").fields["victims_declared"]
    put(rows["charge"], field, Unknown.NOT_KNOWN)
    put(rows["charge"], field, 3)
    row = _again(rows["charge"])
    assert (value_of(row, field), row.unknowns) == (3, None)  # type: ignore[attr-defined]


def test_a_blank_is_neither_unknown_nor_an_empty_text(rows: dict[str, Base]) -> None:
    for name in ("narrative", "victims_declared", "facts_from", "acts", "contact_channel", "organised_group"):
        assert value_of(_again(rows["charge"]), record("charge").fields[name]) is None


def test_no_and_zero_are_answers(rows: dict[str, Base]) -> None:
    for name, answer in (("border_crossed", False), ("persons_rescued", 0)):
        put(rows["charge"], record("charge").fields[name], answer)
        assert value_of(_again(rows["charge"]), record("charge").fields[name]) is answer


def test_an_encrypted_answer_is_ciphertext_in_its_column(rows: dict[str, Base]) -> None:
    put(rows["identity"], record("identity").fields["given_names"], "Nombre Inventado")
    identity = _again(rows["identity"])
    assert isinstance(identity, Identity) and identity.given_names is not None
    assert b"Nombre" not in identity.given_names


def test_the_same_answer_is_never_the_same_ciphertext(rows: dict[str, Base]) -> None:
    field, found = record("identity").fields["given_names"], set()
    for _ in range(3):
        put(rows["identity"], field, "Nombre Inventado")
        found.add(vars(rows["identity"])["given_names"])
    assert len(found) == 3


_PARTIAL = st.one_of(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(PartialDate.of_day),
    st.builds(PartialDate.of_month, st.integers(1900, 2100), st.integers(1, 12)),
    st.builds(PartialDate.of_year, st.integers(1900, 2100)))
_BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "partial_date": _PARTIAL,
    "date": st.dates(),
    "integer": st.integers(),
    "bool": st.booleans(),
    "text": st.text(),
    "money_pen": st.decimals(allow_nan=False, allow_infinity=False, places=2),
    "codes": st.lists(st.text()).map(tuple),
    "duration_ymd": st.builds(Duration, st.integers(0, 99), st.integers(0, 11), st.integers(0, 30)),
    "longtext": st.binary(),
    "datetime": st.datetimes().map(lambda at: at.replace(tzinfo=AT.tzinfo)),
}


def _a_field(kind: str) -> Field:
    return next(field for name in ("charge", "penalty") for field in record(name).fields.values() if field.type == kind)


@pytest.mark.parametrize("kind", sorted(_BY_TYPE))
def test_what_the_trail_keeps_of_a_value_is_read_back_as_that_value(kind: str) -> None:
    field = _a_field(kind)

    @given(st.one_of(_BY_TYPE[kind], st.sampled_from(Unknown)))
    def read_back(value: Any) -> None:
        again = from_json(field, to_json(value))
        assert again == value and type(again) is type(value)
    read_back()


def test_the_column_of_a_reference_is_named_after_its_key() -> None:
    assert column_name(record("charge").fields["office"]) == "office_id"
    assert column_name(record("charge").fields["summary"]) == "summary"


def test_a_user_is_the_record_user(session: Any, world: World) -> None:
    from sistra.models.accounts import User

    assert record_of(db.session.get_one(User, world.users["admin"])).name == "user"


def test_an_answer_that_is_not_for_the_viewer_is_reserved(rows: dict[str, Base]) -> None:
    put(rows["identity"], record("identity").fields["given_names"], "Nombre Inventado")
    assert see(rows["identity"], Clearance.CASE).given_names is RESERVED


def test_a_blank_is_blank_for_everybody(rows: dict[str, Base]) -> None:
    for clear in Clearance:
        assert see(rows["identity"], clear).surname_paternal is None


def test_an_unknown_identity_is_as_reserved_as_a_known_one(rows: dict[str, Base]) -> None:
    put(rows["identity"], record("identity").fields["given_names"], Unknown.NOT_KNOWN)
    assert see(rows["identity"], Clearance.CASE).given_names is RESERVED


def test_a_revealed_identity_is_shown(rows: dict[str, Base]) -> None:
    put(rows["identity"], record("identity").fields["given_names"], "Nombre Inventado")
    assert see(rows["identity"], Clearance.IDENTITY).given_names == "Nombre Inventado"


def test_what_is_sealed_opens_to_the_case_team_alone(rows: dict[str, Base]) -> None:
    field = next(field for field in record("victim").fields.values() if field.sensitivity == "sealed")
    put(rows["victim"], field, _ANSWERS[field.type])
    assert getattr(see(rows["victim"], Clearance.CASE), field.name) is RESERVED
    assert getattr(see(rows["victim"], Clearance.CASE, team=True), field.name) == _ANSWERS[field.type]


def test_an_outline_shows_number_and_stage_and_reserves_the_rest(charge: Charge) -> None:
    seen = see(charge, Clearance.OUTLINE, team=True)
    assert (seen.number, seen.stage) == (charge.number, "10-NOT")
    assert (seen.summary, seen.notice_place, seen.carpeta_number) == (RESERVED, RESERVED, None)


def test_nothing_encrypted_is_opened_for_who_may_not_see_it(rows: dict[str, Base]) -> None:
    """A value that cannot be opened at all is still only reserved: it was not touched."""
    identity = rows["identity"]
    assert isinstance(identity, Identity)
    identity.given_names = b"not a sealed value of any key"
    assert see(identity, Clearance.CASE).given_names is RESERVED


def test_fields_not_asked_for_stay_blank(charge: Charge) -> None:
    seen = see(charge, Clearance.CASE, only=frozenset({"number"}))
    assert (seen.number, seen.summary) == (charge.number, None)


def test_several_rows_are_seen_as_each_would_be(charge: Charge) -> None:
    victims = [a_victim(charge, f"A-{number}", age_at_facts=number + 15) for number in (1, 2)]
    assert see_all(victims, Clearance.CASE) == [see(one, Clearance.CASE) for one in victims]


def test_a_view_is_detached_from_its_row(charge: Charge) -> None:
    victim = a_victim(charge, age_at_facts=15)
    seen = see(victim, Clearance.CASE)
    victim.age_at_facts = 16
    assert seen.age_at_facts == 15 and isinstance(victim, Victim)


@pytest.mark.parametrize(
    ("outline", "revealed", "team", "clear"),
    [
        (True, True, True, Clearance.OUTLINE),
        (False, False, True, Clearance.CASE),
        (False, True, False, Clearance.IDENTITY),
        (False, True, True, Clearance.SEALED),
    ],
)
def test_how_far_a_viewer_sees(outline: bool, revealed: bool, team: bool, clear: Clearance) -> None:
    standing = Standing(own_office=True, on_team=team, outline=outline, confidentiality="RES")
    assert clearance(standing, revealed=revealed) is clear
