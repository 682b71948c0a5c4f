"""Words of summaries: who finds what, when; what never is found; and an index that follows every act."""
from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select, text, update

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.full_text import CHARGE_TEXT
from sistra.rules.entries import Entry
from sistra.rules.full_text import wanted
from sistra.rules.problems import Rejected
from sistra.rules.sharing import section_of
from sistra.services import audit, charge_team, charges, oversight, pruning, search, text_index
from sistra.services.hand_over import answers as referral_answers
from sistra.services.hand_over import reassignment, referrals
from sistra.services.sharing import answers, offers
from sistra.services.unit import unit_of_work
from tests.factories.charges import amend_charge, open_charge
from tests.factories.hand_over import referral_entry
from tests.factories.rows import AT
from tests.factories.sharing import offer_entry, offered, shared
from tests.factories.world import World

SUMMARY = "Captación con oferta de trabajo en un bar de La Pampa; explotación minera."


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return open_charge(fiscal, summary=SUMMARY)


def found(viewer: Viewer, words: str = "captacion") -> list[str]:
    return [one.number for one in search.by_words(viewer, words).found]


def checked() -> list[Any]:
    return [one for keys in text_index.chunks() for one in text_index.differences(keys)]


def key_of(number: str) -> int:
    return db.session.scalars(select(Charge.id).where(Charge.number == number)).one()


def sealed(viewer: Viewer, number: str, confidentiality: str = "SEL") -> None:
    version = db.session.scalars(select(Charge.version).where(Charge.number == number)).one()
    with unit_of_work():
        charges.seal(viewer, number, confidentiality=confidentiality, reason="Reserva", version=version)


# -- who finds -------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(("user", "finds"), [
    ("fiscal.mdd", True), ("fiscal2.mdd", True), ("asistente.mdd", True), ("coordinadora", True), ("presidencia.mdd", True),
    ("fiscal.lim", False), ("fiscal.ordinaria", False), ("agencia", False), ("victimas", False)])
def test_a_summary_is_found_by_those_who_see_the_charge(world: World, number: str, user: str, finds: bool) -> None:
    assert found(world.viewer(user)) == [number] * finds


@pytest.mark.parametrize("user", ["analista", "auditora", "admin"])
def test_who_has_no_case_to_see_may_not_search(world: World, number: str, user: str) -> None:
    with pytest.raises(Forbidden):
        search.by_words(world.viewer(user), "captacion")


@pytest.mark.both_databases
def test_a_recipient_finds_what_was_accepted_and_not_what_is_offered(world: World, number: str) -> None:
    agency = world.viewer("agencia")
    key = offered(world, number)
    assert found(agency) == []
    with unit_of_work():
        answers.accept(agency, key)
    assert found(agency) == [number]


@pytest.mark.both_databases
def test_what_was_revoked_is_not_found_any_more(world: World, fiscal: Viewer, number: str) -> None:
    key = shared(world, number)
    with unit_of_work():
        offers.revoke(fiscal, number, key, "Se cumplió la finalidad")
    assert found(world.viewer("agencia")) == []
    assert checked() == []


@pytest.mark.both_databases
def test_what_has_expired_is_not_found_by_the_clock_of_the_request(world: World, number: str) -> None:
    shared(world, number, valid_until=date(2026, 4, 2))
    last = datetime(2026, 4, 3, 4, 59, tzinfo=UTC)
    assert found(world.viewer("agencia", at=last)) == [number]
    assert found(world.viewer("agencia", at=last + timedelta(minutes=1))) == []


@pytest.mark.both_databases
def test_a_grant_of_codes_alone_finds_no_summary(world: World, number: str) -> None:
    shared(world, number, profile="RES", sections=("RES", "HEC", "AGR"))
    assert found(world.viewer("agencia")) == []


def test_a_second_grant_that_opens_texts_opens_the_summary(world: World, number: str) -> None:
    shared(world, number, profile="RES", sections=("RES",))
    shared(world, number, "user:agencia", profile="SID", sections=("RES", "HEC"))
    assert found(world.viewer("agencia")) == [number]


def test_the_summary_belongs_to_the_section_that_is_asked() -> None:
    assert section_of(record("charge").fields["summary"]) == text_index.SECTION


@pytest.mark.both_databases
@pytest.mark.parametrize("confidentiality", ["SEL", "COL"])
def test_the_summary_of_a_sealed_charge_is_found_by_its_team_alone(
        world: World, fiscal: Viewer, number: str, confidentiality: str) -> None:
    shared(world, number)
    sealed(fiscal, number, confidentiality)
    assert found(fiscal) == [number]
    for user in ("fiscal2.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd", "agencia"):
        assert found(world.viewer(user)) == []
    assert checked() == []


def test_a_granted_office_of_the_same_key_as_an_owning_one_is_another_reader(world: World, number: str) -> None:
    shared(world, number, "office:lim", accepted_by="fiscal.lim")
    assert found(world.viewer("fiscal.lim")) == [number]
    assert found(world.viewer("fiscal.ordinaria")) == []


# -- the index proposes, the access rows decide ----------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_token_too_many_shows_nothing(world: World, number: str) -> None:
    everybody = " ".join(f"=office{key} =user{key} =agency{key} =grantedoffice{key}" for key in range(1, 50))
    db.session.execute(update(CHARGE_TEXT).where(CHARGE_TEXT.c.rowid == key_of(number)).values(access=everybody))
    assert [found(world.viewer(user)) for user in ("fiscal.lim", "agencia", "fiscal.ordinaria")] == [[], [], []]
    assert [one.columns for one in checked()] == [("access",)]


@pytest.mark.both_databases
def test_what_is_out_of_sight_takes_no_place_from_what_is_found(world: World, fiscal: Viewer) -> None:
    lima = world.viewer("fiscal.lim")
    own = open_charge(lima, summary=SUMMARY)
    for _ in range(search.LIMIT + 1):
        open_charge(fiscal, summary=SUMMARY)
    with unit_of_work():
        db.session.execute(update(CHARGE_TEXT).values(access=f"=office{lima.office_id}"))
    told = search.by_words(lima, "captacion")
    assert ([one.number for one in told.found], told.following) == ([own], None)


def test_a_word_that_the_summary_has_not_finds_nothing_whatever_the_index_says(fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        db.session.execute(update(CHARGE_TEXT).values(words="hotel"))
    assert found(fiscal, "hotel") == []


def test_what_the_lens_hides_is_not_shown_whatever_the_rows_say(
        world: World, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared(world, number, profile="RES", sections=("RES",))
    agency = world.viewer("agencia")
    monkeypatch.setattr(text_index, "newest", lambda viewer, charges, searched, **edges: charges)
    monkeypatch.setattr(search.scope, "charges_for", lambda viewer, **how: select(Charge))
    assert (found(agency), found(agency, "reservado")) == ([], [])


def tokens(number: str) -> set[str]:
    return set(db.session.scalars(select(CHARGE_TEXT.c.access).where(CHARGE_TEXT.c.rowid == key_of(number))).one().split())


@pytest.mark.both_databases
def test_the_tokens_of_a_charge_are_those_who_read_its_texts(world: World, fiscal: Viewer, number: str) -> None:
    by_right = {f"=office{fiscal.office_id}", "=districtmdd", "=subsystem"}
    assert tokens(number) == by_right
    shared(world, number, profile="RES", sections=("RES", "HEC"))
    assert tokens(number) == by_right
    shared(world, number, "office:lim", accepted_by="fiscal.lim")
    assert tokens(number) == by_right | {f"=grantedoffice{world.offices['lim']}"}
    sealed(fiscal, number)
    assert tokens(number) == {f"=user{fiscal.user_id}"}


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(("typed", "finds"), [
    ("captación", True), ("CAPTACIÓN", True), ("captacion bar", True), ("bar pampa oferta", True), ("captacion hotel", False),
    ("capt", True), ("cap", True), ("ca", False), ("de", True),
    ("explotacion", True), ("explotaciones", False), ("explotac", True),
    ("explotacionista", False), ("un", True), ("u", False),
    ("pampa;", True), ("«minera»", True), ("office1", False), ("=office1", False),
    ("bar -captacion", True), ("nothing OR bar", False), ("", False), ("!!!", False)])
def test_words_are_all_wanted_and_found_by_their_beginnings(fiscal: Viewer, number: str, typed: str, finds: bool) -> None:
    assert found(fiscal, typed) == [number] * finds


@pytest.mark.both_databases
@pytest.mark.parametrize(("written", "typed"), [
    ("Niñas en San José", "nina jose"), ("Oferta por Дом отдыха", "дом"), ("Local 北京 en el centro", "北京"),
    ("Calle Straße 12", "strasse 12"),
    ("Cafe\u0301 de carretera", "café"), ("Placa ABC-123", "abc-123"), ("Monto ½ del total", "total")])
def test_accents_and_other_scripts_are_found(fiscal: Viewer, written: str, typed: str) -> None:
    number = open_charge(fiscal, summary=written)
    assert found(fiscal, typed) == [number]


_HOSTILE = st.one_of(st.text(max_size=60), st.text(alphabet="\"'*:()^-+&|!<>{}\\= \x00aeANDORNEAR,;%_", max_size=60))


@pytest.mark.both_databases
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=_HOSTILE)
@example(typed='" OR access : "=office1" OR "')
@example(typed="captacion* NEAR(bar, 2)")
@example(typed="'=office1' | 'bar':*")
@example(typed="\ud800 bar")
@example(typed="ꯍꯥꯏ 𞤀𞤣 ᱥᱟ")
def test_whatever_is_typed_is_words_and_breaks_nothing(typed: str, world: World, fiscal: Viewer) -> None:
    stranger = world.viewer("fiscal.lim")
    if not db.session.scalar(select(Charge.id).limit(1)):
        open_charge(fiscal, summary=SUMMARY)
    search.by_words(fiscal, typed)
    assert not search.by_words(stranger, typed).found
    audit.forget()


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=80))
@pytest.mark.both_databases
def test_every_word_that_is_written_finds_its_charge(written: str, fiscal: Viewer) -> None:
    db.session.rollback()
    number = open_charge(fiscal, summary="igual " + written)
    stored = db.session.scalars(select(Charge.summary).where(Charge.number == number)).one()
    assert number in found(fiscal, " ".join(wanted(stored)))
    audit.forget()


def test_a_word_of_the_narrative_is_never_found(fiscal: Viewer, number: str) -> None:
    amend_charge(fiscal, number, 1, narrative="Zquimerizado en el relato")
    assert found(fiscal, "zquimerizado") == []
    assert "zquimerizado" not in "".join(db.session.scalars(select(CHARGE_TEXT.c.words)))


def test_an_extract_shows_the_words_in_their_place(fiscal: Viewer) -> None:
    open_charge(fiscal, summary=f"{'Antes. ' * 60}Los llevaron a un bar de la Pampa. {'Después. ' * 60}")
    (one,) = search.by_words(fiscal, "pampa bar").found
    assert [piece.text for piece in one.extract if piece.found] == ["bar", "Pampa"]
    told = "".join(piece.text for piece in one.extract)
    assert told.startswith("…Antes.") and told.endswith("…") and "un bar de la Pampa." in told and len(told) < 230


# -- newest first, and how many ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_newest_come_first_and_more_are_told(fiscal: Viewer) -> None:
    numbers = [open_charge(fiscal, summary=f"Traslado {n}") for n in range(search.LIMIT + 1)]
    told = search.by_words(fiscal, "traslado")
    assert ([one.number for one in told.found], told.following) == (numbers[:0:-1], key_of(numbers[1]))
    assert search.by_words(fiscal, "traslado 7").following is None


@pytest.mark.both_databases
def test_the_pages_of_a_search_hold_each_charge_once_and_lead_back(fiscal: Viewer) -> None:
    numbers = [open_charge(fiscal, summary=f"Traslado {n}") for n in range(2 * search.LIMIT + 1)]
    first = search.by_words(fiscal, "traslado")
    second = search.by_words(fiscal, "traslado", after=first.following)
    third = search.by_words(fiscal, "traslado", after=second.following)
    assert [one.number for page in (first, second, third) for one in page.found] == numbers[::-1]
    assert (first.previous, third.following) == (None, None)
    assert search.by_words(fiscal, "traslado", before=third.previous) == second
    assert search.by_words(fiscal, "traslado", before=second.previous) == first


def test_a_page_of_which_nothing_may_be_shown_leads_to_the_next(fiscal: Viewer) -> None:
    numbers = [open_charge(fiscal, summary=SUMMARY) for _ in range(search.LIMIT + 1)]
    with unit_of_work():
        db.session.execute(update(Charge).where(Charge.number != numbers[0]).values(summary="Otra cosa"))
    told = search.by_words(fiscal, "captacion")
    assert told.found == [] and told.following is not None
    assert [one.number for one in search.by_words(fiscal, "captacion", after=told.following).found] == numbers[:1]


def test_the_trail_says_how_many_were_found_and_not_what_was_typed(fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        search.by_words(fiscal, "captación en un bar")
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "summaries.searched")).one()
    assert entry.detail == {"found": 1, "more": False, "charges": [key_of(number)]}


def test_who_was_shown_an_extract_is_told_to_the_auditor(world: World, fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        search.by_words(fiscal, "captacion")
    told = oversight.who(world.viewer("auditora"), number, AT - timedelta(days=1), AT + timedelta(days=1))
    assert "summaries.searched" in [one.action for one in told]


# -- an index that follows -------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_summary_that_changes_is_found_by_its_new_words_alone(fiscal: Viewer, number: str) -> None:
    amend_charge(fiscal, number, 1, summary="Traslado a un campamento")
    assert (found(fiscal, "campamento"), found(fiscal, "captacion")) == ([number], [])
    assert checked() == []


@pytest.mark.both_databases
def test_nothing_follows_what_was_undone(fiscal: Viewer, number: str) -> None:
    with unit_of_work(keep=False):
        charges.amend(fiscal, number, Entry("charge", {"summary": "Traslado"}, 1))
    with unit_of_work():
        pass
    assert (found(fiscal, "traslado"), found(fiscal)) == ([], [number])


def test_a_word_taken_out_is_nowhere_in_the_index_after_the_nightly_cleaning(fiscal: Viewer) -> None:
    number = open_charge(fiscal, summary="Zquimerizado")
    amend_charge(fiscal, number, 1, summary="Otro")

    def holds() -> bool:
        stored = db.session.execute(text("SELECT block FROM charge_text_data")).scalars()
        return any(b"zquimerizado" in block for block in stored)
    assert "zquimerizado" not in "".join(db.session.scalars(select(CHARGE_TEXT.c.words)))
    with unit_of_work():
        pruning.prune(at=AT, system_user="cron")
    assert not holds()


@pytest.mark.both_databases
def test_the_row_of_a_charge_that_is_removed_goes_with_it(fiscal: Viewer, number: str) -> None:
    key, session = key_of(number), db.session()
    session.info[text_index._TOUCHED] = text_index._Touched(removed={key})
    text_index.follow()
    assert db.session.scalars(select(CHARGE_TEXT.c.rowid)).all() == []


_SEED = st.randoms(use_true_random=False)


def _act(world: World, number: str, chance: random.Random, at: datetime) -> None:
    """Something that changes who may read a charge or what its summary says; the rules may refuse it."""
    fiscal, agency = world.viewer("fiscal.mdd", at=at), world.viewer("agencia", at=at)
    stands = db.session.scalars(select(Charge).where(Charge.number == number)).one()
    grants = list(db.session.scalars(select(ChargeAccess.grant_id).where(
        ChargeAccess.charge_id == stands.id, ChargeAccess.grant_id != 0)))
    match chance.choice(("summary", "other", "share", "revoke", "seal", "join", "leave", "reassign", "refer")):
        case "summary":
            charges.amend(fiscal, number, Entry("charge", {"summary": f"Resumen {chance.randrange(99)} de un bar"}))
        case "other":
            charges.amend(fiscal, number, Entry("charge", {"victims_declared": chance.randrange(9)}))
        case "share":
            key = offers.offer(fiscal, number, offer_entry(world, profile=chance.choice(("RES", "SID", "COM"))))
            db.session.flush()
            answers.accept(agency, key)
        case "revoke" if grants:
            offers.revoke(fiscal, number, chance.choice(grants), "Se cumplió la finalidad")
        case "seal":
            charges.seal(fiscal, number, confidentiality=chance.choice(("SEL", "COL")), reason="Reserva", version=stands.version)
        case "join":
            charge_team.add_member(fiscal, number, user_id=world.users["fiscal2.mdd"], part="APO")
        case "leave":
            charge_team.remove_member(fiscal, number, user_id=world.users["fiscal2.mdd"])
        case "reassign":
            supervisor, other = world.viewer("coordinadora", at=at), world.users["fiscal2.mdd"]
            reassignment.reassign(supervisor, number, responsible_id=other, reason="Turno")
        case "refer":
            key = referrals.offer(fiscal, number, referral_entry(world))
            db.session.flush()
            referral_answers.accept(world.viewer("fiscal.lim", at=at), key, responsible_id=world.users["fiscal.lim"])


@pytest.mark.both_databases
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=_SEED)
def test_after_any_acts_the_index_is_what_a_rebuilding_gives(chance: random.Random, session: Any, world: World) -> None:
    numbers = [open_charge(world.viewer("fiscal.mdd"), summary=SUMMARY) for _ in range(2)]
    for step in range(14):
        with suppress(Rejected, NotVisible, Forbidden), unit_of_work():
            _act(world, chance.choice(numbers), chance, AT + timedelta(minutes=step))
        assert checked() == []
    assert text_index.sound()


# -- verified and rebuilt --------------------------------------------------------------------------------------------


def rebuilt(world: World) -> int:
    with unit_of_work():
        corrected = sum(text_index.rebuild(world.viewer("admin"), keys) for keys in text_index.chunks())
        text_index.finish(world.viewer("admin"), corrected)
    return corrected


@pytest.mark.both_databases
@pytest.mark.parametrize("spoilt", [{"words": "otra cosa"}, {"access": "=office999"}])
def test_a_wrong_row_is_told_and_put_right(world: World, fiscal: Viewer, number: str, spoilt: dict[str, str]) -> None:
    open_charge(fiscal, summary="Otra denuncia")
    with unit_of_work():
        db.session.execute(update(CHARGE_TEXT).where(CHARGE_TEXT.c.rowid == key_of(number)).values(spoilt))
    assert [(one.number, one.columns) for one in checked()] == [(number, tuple(spoilt))]
    assert (rebuilt(world), checked(), found(fiscal)) == (1, [], [number])


@pytest.mark.both_databases
def test_an_index_that_was_lost_is_rebuilt(world: World, fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        db.session.execute(delete(CHARGE_TEXT))
    assert (found(fiscal), [one.columns for one in checked()]) == ([], [("words", "access")])
    assert (rebuilt(world), found(fiscal)) == (1, [number])


def test_a_row_of_no_charge_is_told_and_removed(world: World, fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        db.session.execute(insert(CHARGE_TEXT).values(rowid=999, words="captacion", access="=office1"))
    assert (text_index.orphans(), found(fiscal)) == ([999], [number])
    rebuilt(world)
    assert text_index.orphans() == []


def test_a_file_of_the_index_that_differs_from_its_rows_is_told_and_rebuilt(world: World, fiscal: Viewer, number: str) -> None:
    assert text_index.sound()
    with unit_of_work():
        db.session.execute(text("UPDATE charge_text_content SET c0 = 'otra'"))
    assert not text_index.sound()
    rebuilt(world)
    assert text_index.sound()


def test_only_an_administrator_rebuilds(world: World, number: str) -> None:
    for user in ("fiscal.mdd", "auditora"):
        with pytest.raises(Forbidden):
            text_index.rebuild(world.viewer(user), [key_of(number)])
        with pytest.raises(Forbidden):
            text_index.finish(world.viewer(user), 0)


# -- what it costs ---------------------------------------------------------------------------------------------------


@contextmanager
def statements(word: str) -> Iterator[list[tuple[str, Any]]]:
    issued: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if word in statement:
            issued.append((statement, parameters))
    event.listen(db.engine, "before_cursor_execute", note)
    yield issued
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_save_that_changes_neither_summary_nor_readers_costs_nothing(fiscal: Viewer, number: str) -> None:
    with statements("charge_text") as issued:
        amend_charge(fiscal, number, 1, victims_declared=4)
    assert issued == []


def test_each_save_that_changes_them_costs_one_statement(world: World, fiscal: Viewer, number: str) -> None:
    key = offered(world, number)
    acts: list[Callable[[], Any]] = [
        lambda: open_charge(fiscal), lambda: charges.amend(fiscal, number, Entry("charge", {"summary": "Otro"}, 1)),
        lambda: answers.accept(world.viewer("agencia"), key), lambda: offers.revoke(fiscal, number, key, "Se cumplió"),
        lambda: charges.seal(fiscal, number, confidentiality="SEL", reason="Reserva", version=2)]
    costs = []
    for act in acts:
        with statements("charge_text") as issued, unit_of_work():
            act()
            db.session.flush()
            text_index.follow()
        costs.append(len(issued))
    assert costs == [1] * len(acts)


_MANY = 3000


@pytest.fixture
def many(world: World, fiscal: Viewer, number: str) -> None:
    """Charges enough for a planner to choose: every one with a common word, one in a hundred with another, of two offices."""
    model = db.session.scalars(select(Charge)).one()
    columns = {column.name: getattr(row, column.name) for row in [db.session.execute(select(Charge.__table__)).one()]
               for column in Charge.__table__.columns}
    rows = [columns | {"id": 10_000_000 + n, "number": f"SIS-2025-LIM-{n:05d}",
                       "summary": "comun raro" if n % 100 == 0 else "comun otro",
                       "office_id": world.offices["lim" if n % 50 else "mdd"]} for n in range(_MANY)]
    db.session.execute(insert(Charge.__table__), rows)
    db.session.execute(insert(ChargeAccess.__table__), [
        {"principal": principal, "charge_id": row["id"], "grant_id": 0, "updated_at": AT, "outline": False}
        for row in rows for principal in (f"office:{row['office_id']}", "subsystem")])
    for keys in text_index.chunks():
        text_index.fill(keys)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE charge_text"))
        db.session.execute(text("ANALYZE charge"))
        db.session.execute(text("ANALYZE charge_access"))
    assert model.number == number


def plan_of(viewer: Viewer, words: str) -> str:
    with statements("charge_text") as issued:
        search.by_words(viewer, words)
    (statement, parameters), = issued
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    rows = db.session.connection().exec_driver_sql(explain + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.both_databases
@pytest.mark.parametrize("user", ["fiscal.mdd", "coordinadora"])
@pytest.mark.parametrize("words", ["comun", "raro", "comun raro"])
def test_a_search_reads_the_index_and_scans_no_table_of_charges(world: World, many: None, user: str, words: str,
                                                                 database_kind: str) -> None:
    plan = plan_of(world.viewer(user), words)
    if database_kind == "sqlite":
        assert "VIRTUAL TABLE INDEX" in plan.splitlines()[0] and plan.count("SCAN") == 1, plan
        assert "SEARCH charge USING INTEGER PRIMARY KEY" in plan and "TEMP B-TREE FOR ORDER BY" not in plan, plan
    else:
        assert "ix_charge_text_lexemes" in plan or "Index Scan Backward using pk_charge_text" in plan, plan
        assert "Seq Scan on charge " not in plan and "Seq Scan on charge_text" not in plan, plan


def test_of_many_the_own_are_found(world: World, many: None) -> None:
    assert len(found(world.viewer("fiscal.mdd"), "comun raro")) == search.LIMIT
    assert set(found(world.viewer("fiscal.mdd"), "comun")) <= {f"SIS-2025-LIM-{n:05d}" for n in range(0, _MANY, 50)}
    assert len(found(world.viewer("coordinadora"), "raro")) == search.LIMIT
