"""Exports in the background: allowed when asked, when made and when fetched, their owner's alone, and never half."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import delete, select, update

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.exports import ExportRun
from sistra.rules.problems import Rejected
from sistra.services import audit, charge_list, charges, export_runs, exports, file_store, pruning
from sistra.services.export_runs import carrying
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.rows import AT, a_charge, a_victim, an_accused, made
from tests.factories.sharing import shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def ask(*units: str, of_format: str = "xlsx", **more: Any) -> exports.Ask:
    chosen, values = more.pop("chosen", {}), {"reason_code": "ACT"} | more
    return exports.Ask(charge_list.asked(chosen), units or ("charges", "victims"), of_format, **values)


def queued(world: World, username: str = "fiscal.mdd", what: exports.Ask | None = None) -> tuple[str, int]:
    with unit_of_work():
        return export_runs.queue(world.viewer(username), "charges", what or ask(), 7)


def carried(key: int, *, at: Any = AT) -> None:
    export_runs.carry_out(key, lambda: at)


def built(world: World, username: str = "fiscal.mdd", what: exports.Ask | None = None) -> str:
    slug, key = queued(world, username, what)
    carried(key)
    assert export_runs.status(world.viewer(username), slug).state == "done"
    return slug


def fetched(viewer: Viewer, slug: str) -> bytes | None:
    with unit_of_work():
        found = export_runs.fetch(viewer, slug)
        return None if found is None else b"".join(found.pieces)


def row(slug: str) -> ExportRun:
    return db.session.scalars(select(ExportRun).where(ExportRun.slug == slug).execution_options(populate_existing=True)).one()


def trail(action: str) -> list[TrailEntry]:
    return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action == action)))


def files() -> list[Path]:
    return [path for path in file_store.folder().rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def store(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of each test's own."""
    monkeypatch.setitem(app.config, "FILES", str(tmp_path / "files"))


@pytest.fixture
def charge(session: Any, world: World) -> str:
    """The number of a charge of the office of Madre de Dios, with a victim."""
    with unit_of_work():
        one = a_charge(world.offices["mdd"], world.users["fiscal.mdd"], seen_by=("subsystem", "district:MDD"))
        a_victim(one, sex="F")
        return one.number


# -- from the asking to the file ----------------------------------------------------------------------------------------


def test_an_export_is_asked_made_and_fetched(world: World, charge: str) -> None:
    slug = built(world)
    content = fetched(world.viewer("fiscal.mdd"), slug)
    book = load_workbook(BytesIO(content or b""))
    assert book["denuncias"]["A2"].value == charge and book["agraviadas"]["B2"].value == "A-1"
    run = export_runs.status(world.viewer("fiscal.mdd"), slug)
    assert (run.percent, run.rows_done, run.downloads, run.expires_at) == (100, 2, 1, AT + 3 * DAY)
    assert run.file_name is not None and run.file_name.startswith("sistra-denuncias-2026")


def test_the_file_is_the_one_that_would_have_been_downloaded_at_once(world: World, charge: str) -> None:
    content = fetched(world.viewer("fiscal.mdd"), built(world, what=ask(of_format="csv")))
    assert exports.make(world.viewer("fiscal.mdd"), ask(of_format="csv")).content == content


def test_each_step_is_on_the_trail_and_the_work_came_by_the_door_of_jobs(world: World, charge: str) -> None:
    slug = built(world, what=ask(chosen={"df": ["MDD"]}))
    fetched(world.viewer("fiscal.mdd"), slug)
    (asked,), (done,), (left,) = (trail(f"export.{step}") for step in ("queued", "built", "downloaded"))
    assert [one.door for one in (asked, done, left)] == ["web", "job", "web"]
    assert {one.thing_id for one in (asked, done, left)} == {row(slug).id}
    assert asked.reason == left.reason == "ACT"
    key = db.session.scalar(select(Charge.id).where(Charge.number == charge))
    assert asked.detail is not None and asked.detail["filters"] == {"df": ["MDD"]}
    assert done.detail is not None and done.detail["rows"] == {"denuncias": 1, "agraviadas": 1}
    assert left.detail is not None and left.detail["charges"] == done.detail["charges"] == [key]
    assert left.detail["digests"] == done.detail["digests"] and len(left.detail["sha256"]) == 64
    assert audit.verify().intact


def test_a_fetched_file_stands_among_the_accesses_to_its_charges(world: World, charge: str) -> None:
    from sistra.services import oversight

    slug = built(world)
    fetched(world.viewer("fiscal.mdd"), slug)
    with unit_of_work():
        found = oversight.who(world.viewer("auditora"), charge, AT - DAY, AT + DAY)
    assert [one.action for one in found if one.action.startswith("export.")] == ["export.downloaded"]


@pytest.mark.parametrize(("values", "sentence"), [
    ({"reason_code": ""}, "Elija el motivo"), ({"reason_code": "OTH"}, "Explique"), ({"of_format": "doc"}, "formato")])
def test_what_cannot_be_made_is_not_taken(world: World, charge: str, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        queued(world, what=ask(**values))
    assert not db.session.scalars(select(ExportRun)).all()


def test_nobody_has_more_than_five_waiting(world: World, charge: str) -> None:
    for _ in range(5):
        queued(world)
    with pytest.raises(Rejected, match="descargas en preparación"):
        queued(world)
    queued(world, "coordinadora")


def test_a_run_is_carried_out_once(world: World, charge: str) -> None:
    slug, key = queued(world)
    carried(key)
    before = row(slug).storage_key
    carried(key)
    assert row(slug).storage_key == before and len(files()) == 1 and len(trail("export.built")) == 1


# -- the first right: when it is asked -------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["asistente.mdd", "analista", "auditora", "admin"])
def test_who_may_not_export_cannot_ask(world: World, charge: str, username: str) -> None:
    with pytest.raises(Forbidden):
        queued(world, username)


@pytest.mark.parametrize("username", ["fiscal2.mdd", "coordinadora", "admin"])
def test_an_export_is_its_owners_alone(world: World, charge: str, username: str) -> None:
    slug, other = built(world), world.viewer(username)
    for act in (export_runs.status, export_runs.cancel, export_runs.fetch):
        with pytest.raises(NotVisible):
            act(other, slug)  # type: ignore[operator]
    assert export_runs.own(other) == [] and [one.slug for one in export_runs.own(world.viewer("fiscal.mdd"))] == [slug]


def test_a_slug_of_nobody_is_not_found(world: World, charge: str) -> None:
    with pytest.raises(NotVisible):
        export_runs.status(world.viewer("fiscal.mdd"), "nada")


# -- the second right: when it is made ------------------------------------------------------------------------------------


def test_the_file_holds_what_its_owner_sees_when_it_is_made(world: World, charge: str) -> None:
    slug, key = queued(world, "agencia")
    shared(world, charge, sections=("RES",))
    carried(key)
    book = load_workbook(BytesIO(fetched(world.viewer("agencia"), slug) or b""))
    assert book["denuncias"]["A2"].value == charge and book["agraviadas"].max_row == 1


def test_what_is_revoked_while_the_run_waits_is_not_left_out_in_silence(world: World, charge: str) -> None:
    grant = shared(world, charge)
    slug, key = queued(world, "agencia")
    revoked(world, charge, grant)
    carried(key)
    assert (row(slug).state, row(slug).reason, row(slug).seen, files()) == ("refused", "changed", None, [])
    run = export_runs.status(world.viewer("agencia"), slug)
    assert run.told is not None and "se revocó o venció" in run.told and fetched(world.viewer("agencia"), slug) is None
    (entry,) = trail("export.refused")
    assert entry.actor_id is None and entry.detail["why"] == "changed"


def test_a_grant_that_lapses_while_the_run_waits_is_not_left_out_in_silence(world: World, charge: str) -> None:
    shared(world, charge, valid_until=AT.date())
    slug, key = queued(world, "agencia")
    carried(key, at=AT + DAY)
    assert (row(slug).state, row(slug).reason, files()) == ("refused", "changed", [])


def test_an_owner_who_was_suspended_gets_no_file(world: World, charge: str) -> None:
    slug, key = queued(world)
    with unit_of_work():
        db.session.execute(update(User).where(User.username == "fiscal.mdd").values(valid_to=(AT - 2 * DAY).date()))
    carried(key)
    assert (row(slug).state, row(slug).reason, files()) == ("refused", "account", [])
    (entry,) = trail("export.refused")
    assert entry.actor_id is None and entry.door == "job" and entry.detail == {
        "kind": "charges", "owner": world.users["fiscal.mdd"], "why": "account"}


def test_an_owner_who_lost_the_role_gets_no_file(world: World, charge: str) -> None:
    slug, key = queued(world)
    with unit_of_work():
        db.session.execute(update(User).where(User.username == "fiscal.mdd").values(roles=("ASISTENTE",)))
    carried(key)
    assert (row(slug).state, row(slug).reason, files()) == ("refused", "capability", [])


def while_it_is_made(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Has something happen when the bytes are ready and not yet kept."""
    publish = carrying._publish

    def delayed(*args: Any) -> None:
        act()
        publish(*args)

    monkeypatch.setattr(carrying, "_publish", delayed)


def test_what_is_revoked_while_the_file_is_made_is_in_no_file(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = shared(world, charge)
    slug, key = queued(world, "agencia")
    while_it_is_made(monkeypatch, lambda: revoked(world, charge, grant))
    carried(key)
    assert (row(slug).state, row(slug).reason, row(slug).storage_key, files()) == ("refused", "changed", None, [])


def test_a_cancelled_run_stops_at_its_next_step(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slug, key = queued(world)
    seen: list[int] = []
    monkeypatch.setattr(carrying, "STEP", 1)
    beat = carrying._beat

    def beaten(run_id: int, at: Any, worker: str, done: int) -> bool:
        seen.append(done)
        if done == 1:
            with unit_of_work():
                export_runs.cancel(world.viewer("fiscal.mdd"), slug)
        return beat(run_id, at, worker, done)

    monkeypatch.setattr(carrying, "_beat", beaten)
    carried(key)
    assert seen == [1] and (row(slug).state, files()) == ("cancelled", [])
    assert not trail("export.built") and len(trail("export.cancelled")) == 1


def test_the_page_is_told_how_far_it_has_come(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slug, key = queued(world)
    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(carrying, "STEP", 1)
    beat = carrying._beat

    def beaten(*args: Any) -> bool:
        done = beat(*args)
        run = row(slug)
        shown = export_runs.status(world.viewer("fiscal.mdd"), slug)
        told.append((run.rows_done, shown.rows_total, shown.percent))
        return done

    monkeypatch.setattr(carrying, "_beat", beaten)
    carried(key)
    assert told == [(1, 7, 14), (2, 7, 28)]


def test_a_file_cancelled_as_it_is_kept_is_not_kept(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slug, key = queued(world)

    def give_up() -> None:
        with unit_of_work():
            export_runs.cancel(world.viewer("fiscal.mdd"), slug)

    while_it_is_made(monkeypatch, give_up)
    carried(key)
    assert (row(slug).state, files()) == ("cancelled", [])


def test_an_error_ends_the_run_with_a_sentence_and_no_value_in_the_log(
    world: World, charge: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    slug, key = queued(world)

    def broken(*args: Any, **more: Any) -> Any:
        raise RuntimeError("Canarioqzx")

    monkeypatch.setattr(exports, "make", broken)
    carried(key)
    run = export_runs.status(world.viewer("fiscal.mdd"), slug)
    assert run.state == "failed" and run.told is not None and "Ocurrió un error" in run.told
    assert "RuntimeError" in caplog.text and "Canarioqzx" not in caplog.text
    assert len(trail("export.failed")) == 1 and files() == []


def test_a_file_that_cannot_be_kept_leaves_no_piece(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slug, key = queued(world)

    def full(*args: Any) -> Any:
        raise OSError(28, "no space")

    monkeypatch.setattr(file_store.os, "replace", full)
    carried(key)
    assert (row(slug).state, row(slug).reason, files()) == ("failed", "error", [])


# -- the third right: when it is fetched -----------------------------------------------------------------------------------


def revoked(world: World, number: str, grant: int) -> None:
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, grant, "Se cumplió la finalidad")


def refused(world: World, slug: str, username: str, why: str, *, at: Any = AT) -> bool:
    viewer = world.viewer(username, at=at)
    gone = fetched(viewer, slug) is None and files() == [] and (row(slug).state, row(slug).reason) == ("refused", why)
    (entry,) = trail("export.refused")
    return gone and entry.actor_id == viewer.user_id and not trail("export.downloaded") and row(slug).seen is None


def test_a_grant_revoked_before_the_fetch_destroys_the_file(world: World, charge: str) -> None:
    grant = shared(world, charge)
    slug = built(world, "agencia")
    assert files() and fetched(world.viewer("agencia"), slug)
    db.session.execute(update(ExportRun).values(downloads=0))
    revoked(world, charge, grant)
    viewer = world.viewer("agencia")
    assert fetched(viewer, slug) is None and files() == []
    run = export_runs.status(viewer, slug)
    assert run.state == "refused" and run.told is not None and "se revocó o venció" in run.told
    assert fetched(viewer, slug) is None and len(trail("export.refused")) == 1 and len(trail("export.downloaded")) == 1


def test_without_the_check_the_revoked_file_would_leave(world: World, charge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defect planted: if the third check is taken out, the test above would see the bytes."""
    grant = shared(world, charge)
    slug = built(world, "agencia")
    revoked(world, charge, grant)
    monkeypatch.setattr("sistra.services.export_runs.charges.ChargeList.still_allowed", lambda *args: True)
    assert fetched(world.viewer("agencia"), slug)


def test_a_grant_that_expired_before_the_fetch_destroys_the_file(world: World, charge: str) -> None:
    shared(world, charge, valid_until=(AT + DAY).date())
    slug = built(world, "agencia")
    assert refused(world, slug, "agencia", "changed", at=AT + 2.5 * DAY)


def test_a_charge_sealed_before_the_fetch_destroys_the_file_of_who_is_not_on_its_team(world: World, session: Any) -> None:
    number = open_charge(world.viewer("fiscal.mdd"))
    theirs, mine = built(world, "fiscal2.mdd"), built(world)
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Prueba", version=1)
    assert fetched(world.viewer("fiscal2.mdd"), theirs) is None and row(theirs).reason == "changed"
    assert fetched(world.viewer("fiscal.mdd"), mine)


def test_a_supervisor_to_whom_an_outline_is_left_gets_no_file(world: World, session: Any) -> None:
    number = open_charge(world.viewer("fiscal.mdd"))
    slug = built(world, "coordinadora")
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Prueba", version=1)
    assert refused(world, slug, "coordinadora", "changed")


def test_a_charge_moved_to_another_office_destroys_the_file(world: World, charge: str) -> None:
    slug = built(world, "fiscal2.mdd")
    with unit_of_work():
        key = db.session.scalars(select(Charge.id).where(Charge.number == charge)).one()
        db.session.execute(update(ChargeAccess).where(ChargeAccess.charge_id == key, ChargeAccess.principal.like("office:%"))
                           .values(principal=f"office:{world.offices['lim']}"))
    assert refused(world, slug, "fiscal2.mdd", "changed")


def test_an_owner_who_changed_office_gets_no_file(world: World, charge: str) -> None:
    slug = built(world, "fiscal2.mdd")
    with unit_of_work():
        db.session.execute(update(User).where(User.username == "fiscal2.mdd").values(office_id=world.offices["lim"]))
    assert refused(world, slug, "fiscal2.mdd", "changed")


def test_who_left_the_team_gets_no_file_made_as_of_the_team(world: World, charge: str) -> None:
    slug = built(world)
    with unit_of_work():
        db.session.execute(update(ChargeMember).values(until_on=(AT - DAY).date()))
    assert refused(world, slug, "fiscal.mdd", "changed")


def test_who_lost_the_role_gets_no_file(world: World, charge: str) -> None:
    slug = built(world)
    with unit_of_work():
        db.session.execute(update(User).where(User.username == "fiscal.mdd").values(roles=("ASISTENTE",)))
    assert refused(world, slug, "fiscal.mdd", "capability")


@pytest.mark.parametrize(("then", "now", "open_still"), [
    ({"sections": ("RES", "AGR")}, {"sections": ("RES", "AGR", "IMP")}, True),
    ({"sections": ("RES", "AGR")}, {"sections": ("RES",)}, False),
    ({"profile": "SID"}, {"profile": "COM"}, True),
    ({"profile": "COM"}, {"profile": "SID"}, False),
    ({"profile": "SID"}, {"profile": "RES"}, False),
])
def test_a_grant_must_open_as_much_as_when_the_file_was_made(
    world: World, charge: str, then: dict[str, Any], now: dict[str, Any], open_still: bool
) -> None:
    grant = shared(world, charge, **then)
    slug = built(world, "agencia")
    revoked(world, charge, grant)
    shared(world, charge, **now)
    assert (fetched(world.viewer("agencia"), slug) is not None) is open_still
    assert bool(files()) is open_still


def test_of_several_charges_one_revoked_is_enough(world: World, session: Any) -> None:
    numbers = [open_charge(world.viewer("fiscal.mdd")) for _ in range(3)]
    grants = [shared(world, number) for number in numbers]
    slug = built(world, "agencia")
    revoked(world, numbers[1], grants[1])
    assert refused(world, slug, "agencia", "changed")


def test_a_charge_that_the_file_tells_of_through_a_court_case_must_be_seen_still(world: World, session: Any) -> None:
    with unit_of_work():
        own = a_charge(world.offices["mdd"], world.users["fiscal.mdd"], status="RES")
        other = a_charge(world.offices["mdd"], world.users["fiscal2.mdd"])
        case = made(CourtCase, court_case_kind="PRI")
        for one in (own, other):
            made(ChargeCourtCase, charge_id=one.id, court_case_id=case.id, link="PRI")
        keys = own.id, other.id
    slug = built(world, what=ask("charges", "court_cases", chosen={"estado": ["RES"]}))
    (entry,) = trail("export.built")
    assert entry.detail is not None and entry.detail["charges"] == [keys[0]]
    with unit_of_work():
        db.session.execute(delete(ChargeAccess).where(ChargeAccess.charge_id == keys[1]))
    assert refused(world, slug, "fiscal.mdd", "changed")


def test_a_change_of_what_is_in_a_charge_closes_no_file(world: World, charge: str) -> None:
    slug = built(world)
    with unit_of_work():
        one = db.session.scalars(select(Charge).where(Charge.number == charge)).one()
        made(Count, charge_id=one.id, accused_id=an_accused(one).id, offence="PE-129A")
        one.status = "RES"
    assert fetched(world.viewer("fiscal.mdd"), slug)


def test_a_damaged_file_is_not_handed_out(world: World, charge: str) -> None:
    slug = built(world)
    (path,) = files()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert fetched(world.viewer("fiscal.mdd"), slug) is None
    assert (row(slug).state, row(slug).reason, files()) == ("failed", "damaged", [])


def test_a_refusal_that_is_rolled_back_keeps_the_file(world: World, charge: str) -> None:
    slug = built(world)
    with unit_of_work(keep=False):
        export_runs.cancel(world.viewer("fiscal.mdd"), slug)
    assert row(slug).state == "done" and len(files()) == 1 and fetched(world.viewer("fiscal.mdd"), slug)


# -- its end --------------------------------------------------------------------------------------------------------------


def test_a_waiting_run_is_cancelled_and_never_made(world: World, charge: str) -> None:
    slug, key = queued(world)
    with unit_of_work():
        assert export_runs.cancel(world.viewer("fiscal.mdd"), slug)
    carried(key)
    assert (row(slug).state, files()) == ("cancelled", []) and export_runs.waiting() == []


def test_a_finished_file_is_removed_by_its_owner(world: World, charge: str) -> None:
    slug = built(world)
    with unit_of_work():
        assert export_runs.cancel(world.viewer("fiscal.mdd"), slug)
    with unit_of_work():
        assert not export_runs.cancel(world.viewer("fiscal.mdd"), slug)
    assert files() == [] and fetched(world.viewer("fiscal.mdd"), slug) is None and len(trail("export.cancelled")) == 1


def test_a_file_past_its_time_is_not_handed_out_and_goes_with_the_next_pruning(world: World, charge: str) -> None:
    slug = built(world)
    late = world.viewer("fiscal.mdd", at=AT + 3 * DAY)
    assert export_runs.status(world.viewer("fiscal.mdd", at=AT + 3 * DAY - MINUTE), slug).state == "done"
    assert export_runs.status(late, slug).state == "expired" and fetched(late, slug) is None and len(files()) == 1
    assert export_runs.expired(AT + 3 * DAY - MINUTE) == 0 and export_runs.expired(AT + 3 * DAY) == 1
    with unit_of_work():
        assert pruning.prune(at=AT + 3 * DAY, system_user="cron")["exports"] == 1
    assert (row(slug).state, row(slug).seen, files()) == ("expired", None, [])


def test_the_files_of_exports_are_no_orphans(world: World, charge: str) -> None:
    from sistra.services import oversight

    built(world)
    found = oversight.stored_files(AT + 100_000 * DAY)
    assert (found.orphans, found.lost, found.named) == ((), (), 0)


# -- workers that come and go ------------------------------------------------------------------------------------------------


def left_running(world: World, *, worker: str = "w1") -> tuple[str, int]:
    """A run whose worker was killed."""
    slug, key = queued(world)
    assert carrying._taken(key, AT, worker)
    return slug, key


def test_a_run_left_by_its_worker_is_begun_again_once_and_then_fails_with_a_sentence(world: World, charge: str) -> None:
    slug, key = left_running(world)
    export_runs.recover(AT + MINUTE)
    assert row(slug).state == "running"
    export_runs.recover(AT + 2 * MINUTE)
    assert row(slug).state == "queued" and export_runs.waiting() == [key]
    assert carrying._taken(key, AT + 3 * MINUTE, "w2")
    export_runs.recover(AT + 6 * MINUTE)
    run = export_runs.status(world.viewer("fiscal.mdd"), slug)
    assert run.state == "failed" and run.told is not None and "se detuvo dos veces" in run.told
    assert len(trail("export.failed")) == 1 and export_runs.waiting() == []


def test_a_run_begun_again_comes_to_its_file(world: World, charge: str) -> None:
    slug, key = left_running(world)
    export_runs.recover(AT + 2 * MINUTE)
    carried(key)
    assert row(slug).state == "done" and fetched(world.viewer("fiscal.mdd"), slug)


def test_a_worker_that_gives_signs_of_life_keeps_its_run(world: World, charge: str) -> None:
    slug, _key = left_running(world)
    export_runs.keep_alive("w1", AT + 2 * MINUTE)
    export_runs.keep_alive("another", AT + 9 * MINUTE)
    export_runs.recover(AT + 3 * MINUTE)
    assert row(slug).state == "running"
    export_runs.recover(AT + 4 * MINUTE)
    assert row(slug).state == "queued"


def test_a_worker_that_stops_gives_its_run_back_at_once(world: World, charge: str) -> None:
    slug, _key = left_running(world)
    export_runs.abandon("w1")
    export_runs.recover(AT)
    assert row(slug).state == "queued"


def test_a_worker_from_which_a_run_was_taken_publishes_nothing(
    world: World, charge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, key = queued(world)

    def taken_away() -> None:
        export_runs.recover(AT + 2 * MINUTE)
        assert carrying._taken(key, AT + 2 * MINUTE, "w2")

    while_it_is_made(monkeypatch, taken_away)
    export_runs.carry_out(key, lambda: AT, worker="w1")
    assert (row(slug).state, row(slug).worker, files()) == ("running", "w2", []) and not trail("export.built")


# -- another kind ------------------------------------------------------------------------------------------------------------


class Figures:
    """A kind of export that knows no charge: what a maker must have, and nothing else."""

    capability, label = "session.own", "Cifras"

    def reason(self, ask: Any) -> str:
        return "ACT"

    def packed(self, ask: Any) -> dict[str, Any]:
        return {"unit": ask}

    def unpacked(self, packed: Any) -> Any:
        return packed["unit"]

    def arguments(self, ask: Any) -> dict[str, list[str]]:
        return {"unidad": [ask]}

    def described(self, ask: Any) -> dict[str, Any]:
        return {"unit": ask}

    def sight(self, viewer: Viewer, ask: Any) -> None:
        return None

    def make(self, viewer: Viewer, ask: Any, progress: Callable[[int], None]) -> export_runs.Built:
        progress(1)
        content = f"{ask};{viewer.username};{viewer.door}".encode()
        return export_runs.Built(content, "cifras.csv", "text/csv", {"hoja": 1}, {"hoja": "0"})

    def still_allowed(self, viewer: Viewer, seen: Any) -> bool:
        return seen is None

    def charges(self, seen: Any) -> list[int]:
        return []


def test_another_kind_needs_its_maker_alone(session: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sistra.services.export_runs import makers

    monkeypatch.setitem(makers.MAKERS, "figures", Figures())  # type: ignore[arg-type]
    viewer = world.viewer("analista")
    with unit_of_work():
        slug, key = export_runs.queue(viewer, "figures", "victims", 1)
    carried(key)
    run = export_runs.status(viewer, slug)
    assert (run.state, run.again, run.file_name) == ("done", {"unidad": ["victims"]}, "cifras.csv")
    assert fetched(viewer, slug) == b"victims;analista;job"
