"""Signing in, as the person and as somebody who guesses."""
from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import func, select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Invitation, RecoveryCode, SignInSession, User
from sistra.models.audit import TrailEntry
from sistra.rules.problems import Rejected
from sistra.services import accounts, signin
from sistra.services.signin import Refused, SignedIn
from sistra.services.throttle import Throttled
from sistra.services.unit import unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.world import PASSWORD, World, build_world

pytestmark = pytest.mark.both_databases
AT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW = "siete canoas amarradas en el puerto"


def enter(username: str = "fiscal.mdd", password: str = PASSWORD, *, at: datetime = AT, address: str = "10.0.0.1",
          device: str | None = None, factor: bool = False) -> SignedIn:
    return signin.sign_in(username, password, at=at, address=address, device=device, agent="tests",
                          ask_second_factor=factor)


def viewer_of(token: str, at: datetime = AT) -> Viewer | None:
    return signin.viewer_of(token, at=at, request_id=None, address=None)


def invitation(world: World, username: str = "nueva.persona", at: datetime = AT) -> str:
    with unit_of_work():
        return accounts.invite(world.viewer("admin", at=at), username=username, full_name="Persona Nueva",
                               email="nueva@example.test", office_id=world.offices["mdd"], roles=["FISCAL"])


def enrol(world: World, username: str = "nueva.persona", at: datetime = AT) -> tuple[str, list[str]]:
    """The TOTP secret and recovery codes of a new person who accepted the invitation."""
    token, secret = invitation(world, username, at), signin.new_secret()
    codes = signin.accept_invitation(token, NEW, NEW, secret, pyotp.TOTP(secret).at(at), at=at, address=None)
    return secret, codes


def half_way(username: str = "nueva.persona", at: datetime = AT) -> str:
    begun = enter(username, NEW, at=at, factor=True)
    assert begun.second_factor and not begun.device
    return begun.token


def second(token: str, code: str, at: datetime = AT) -> SignedIn:
    return signin.second_factor(token, code, at=at, address="10.0.0.1")


def trail(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(TrailEntry).where(TrailEntry.action == action)) or 0


# -- password ---------------------------------------------------------------------------------------------------------

def test_the_right_password_begins_a_session(session: Any, world: World) -> None:
    who = viewer_of(enter().token)
    assert who is not None and who.username == "fiscal.mdd"


def test_spaces_and_capitals_around_the_user_name_do_not_matter(session: Any, world: World) -> None:
    assert viewer_of(enter("  Fiscal.MDD ").token) is not None


def test_spaces_of_a_password_matter(session: Any, world: World) -> None:
    with pytest.raises(Refused):
        enter(password=PASSWORD + " ")


@pytest.mark.parametrize("username", ["fiscal.mdd", "nadie", "", "' or 1=1 --", "x" * 5000])
def test_a_wrong_password_and_an_unknown_user_are_refused_alike(session: Any, world: World, username: str) -> None:
    with pytest.raises(Refused) as refused:
        enter(username, "otra cosa")
    assert str(refused.value) == ""
    assert trail("signin.failed") == 1


def test_the_hash_is_checked_for_a_user_who_does_not_exist(session: Any, world: World, monkeypatch: Any) -> None:
    checked = []

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(stored)
            raise VerifyMismatchError

    monkeypatch.setattr(signin, "_hasher", Counting())
    for username in ("fiscal.mdd", "nadie"):
        with pytest.raises(Refused):
            enter(username)
    assert len(checked) == 2 and checked[1] == signin._NOBODY


def test_passwords_are_kept_as_argon2id(session: Any, world: World) -> None:
    assert signin.hash_password(PASSWORD).startswith("$argon2id$")


def test_a_suspended_person_is_refused_like_a_wrong_password(session: Any, world: World) -> None:
    with unit_of_work():
        accounts.set_suspended(world.viewer("admin", at=AT), "fiscal.mdd", suspend=True, reason="Cese")
    with pytest.raises(Refused):
        enter()


def test_where_a_second_factor_is_asked_an_account_without_one_does_not_sign_in(session: Any, world: World) -> None:
    with pytest.raises(Refused):
        enter(factor=True)
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0


# -- the brake on guessing --------------------------------------------------------------------------------------------

def guess(times: int, username: str = "fiscal.mdd", **more: Any) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            enter(username, "no es", **more)


@pytest.mark.parametrize("username", ["fiscal.mdd", "nadie"])
def test_after_five_attempts_nothing_is_heard_for_ten_minutes(session: Any, world: World, username: str) -> None:
    guess(5, username)
    with pytest.raises(Throttled) as throttled:
        enter(username)
    assert throttled.value.until == AT + 10 * MINUTE


def test_an_attempt_that_is_not_heard_does_not_reach_the_password(session: Any, world: World, monkeypatch: Any) -> None:
    guess(5)
    monkeypatch.setattr(signin, "_fits", lambda *given: pytest.fail("the password was looked at"))
    for _ in range(3):
        with pytest.raises(Throttled):
            enter()


def test_ten_minutes_later_the_right_password_is_heard_again(session: Any, world: World) -> None:
    guess(5)
    assert enter(at=AT + 10 * MINUTE).token


def test_four_wrong_attempts_do_not_shut_the_door(session: Any, world: World) -> None:
    guess(4)
    assert enter().token


def test_a_success_forgives_the_attempts_before_it(session: Any, world: World) -> None:
    guess(4)
    enter()
    guess(4)
    assert enter().token


def test_another_account_is_not_shut_by_the_first(session: Any, world: World) -> None:
    guess(5)
    assert enter("fiscal.lim").token


def test_a_device_known_from_before_gets_past_a_lock_made_elsewhere(session: Any, world: World) -> None:
    device = enter().device
    guess(5, address="10.9.9.9")
    assert enter(device=device).token


def test_a_known_device_has_five_attempts_of_its_own(session: Any, world: World) -> None:
    device = enter().device
    guess(5, device=device)
    with pytest.raises(Throttled):
        enter(device=device)


def test_the_device_of_another_person_opens_no_lock(session: Any, world: World) -> None:
    device = enter("fiscal.lim").device
    guess(5)
    with pytest.raises(Throttled):
        enter(device=device)


def test_a_device_is_forgotten_after_half_a_year(session: Any, world: World) -> None:
    device, later = enter().device, AT + timedelta(days=181)
    guess(5, at=later)
    with pytest.raises(Throttled):
        enter(device=device, at=later)


@pytest.mark.parametrize("forged", ["", "1", "[1, 1790000000]", "eyJ1IjoxfQ.AAAA", "\x00"])
def test_a_forged_device_is_no_device(session: Any, world: World, forged: str) -> None:
    guess(5)
    with pytest.raises(Throttled):
        enter(device=forged)


def test_one_address_has_fifty_attempts_at_any_accounts(session: Any, world: World) -> None:
    for number in range(50):
        guess(1, f"persona{number}")
    with pytest.raises(Throttled):
        enter("fiscal.lim")
    assert enter("fiscal.lim", address="10.0.0.2").token


def test_right_passwords_do_not_use_up_an_address(session: Any, world: World) -> None:
    for _ in range(60):
        enter()
    assert enter("fiscal.lim").token


def test_attempts_side_by_side_do_not_outrun_the_count(own_database: OwnDatabase, monkeypatch: Any) -> None:
    app, checked, outcomes = own_database.app, list[str](), list[type[Exception]]()
    with app.app_context(), unit_of_work():
        build_world()

    def wrong(stored: str | None, password: str) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr(signin, "_fits", wrong)

    def attempt() -> None:
        with app.app_context():
            try:
                enter(password="no es")
            except (Refused, Throttled) as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(checked) == 5 and outcomes.count(Throttled) == 11


# -- second factor ----------------------------------------------------------------------------------------------------

def test_a_session_without_its_second_factor_is_nobody(session: Any, world: World) -> None:
    enrol(world)
    token = half_way()
    assert viewer_of(token) is None
    assert signin.waits_for_second_factor(token, at=AT)


def test_the_code_of_the_moment_passes_and_the_cookie_changes(session: Any, world: World) -> None:
    secret, _ = enrol(world)
    later, before = AT + MINUTE, half_way(at=AT + MINUTE)
    begun = second(before, pyotp.TOTP(secret).at(later), later)
    assert viewer_of(begun.token, later) is not None and begun.device
    assert viewer_of(before, later) is None


def test_a_code_counts_once(session: Any, world: World) -> None:
    secret, _ = enrol(world)
    later = AT + MINUTE
    code = pyotp.TOTP(secret).at(later)
    second(half_way(at=later), code, later)
    with pytest.raises(Refused):
        second(half_way(at=later), code, later)


def test_the_code_of_the_enrolment_does_not_count_again(session: Any, world: World) -> None:
    secret, _ = enrol(world)
    with pytest.raises(Refused):
        second(half_way(), pyotp.TOTP(secret).at(AT))


def test_a_code_of_two_minutes_ago_is_refused(session: Any, world: World) -> None:
    secret, _ = enrol(world)
    later = AT + 10 * MINUTE
    with pytest.raises(Refused):
        second(half_way(at=later), pyotp.TOTP(secret).at(later - 2 * MINUTE), later)


@pytest.mark.parametrize("code", ["", "000000", "١٢٣٤٥٦", "12345", "abc", "9" * 400, "-1"])
def test_anything_else_is_refused(session: Any, world: World, code: str) -> None:
    enrol(world)
    with pytest.raises(Refused):
        second(half_way(), code)


def test_a_recovery_code_stands_in_once(session: Any, world: World) -> None:
    _, codes = enrol(world)
    assert second(half_way(), codes[0].upper()).token
    with pytest.raises(Refused):
        second(half_way(), codes[0])
    assert second(half_way(), codes[1].replace("-", " ")).token


def test_recovery_codes_are_not_kept_in_clear(session: Any, world: World) -> None:
    _, codes = enrol(world)
    kept = set(db.session.scalars(select(RecoveryCode.code_hash)))
    assert len(codes) == len(kept) == 10
    assert kept.isdisjoint(codes) and all(len(one) == 64 for one in kept)


def test_five_wrong_codes_shut_the_second_door_even_for_a_new_session(session: Any, world: World) -> None:
    secret, _ = enrol(world)
    later = AT + MINUTE
    token = half_way(at=later)
    for _ in range(5):
        with pytest.raises(Refused):
            second(token, "000000", later)
    with pytest.raises(Throttled):
        second(token, pyotp.TOTP(secret).at(later), later)
    with pytest.raises(Throttled):
        second(half_way(at=later), pyotp.TOTP(secret).at(later), later)


def test_a_session_that_has_passed_takes_no_second_code(session: Any, world: World) -> None:
    _, codes = enrol(world)
    begun = second(half_way(), codes[0])
    with pytest.raises(Refused):
        second(begun.token, codes[1])


# -- links ------------------------------------------------------------------------------------------------------------

def accept(token: str, at: datetime = AT, password: str = NEW, repeated: str | None = None,
           code: str | None = None) -> list[str]:
    secret = signin.new_secret()
    code = pyotp.TOTP(secret).at(at) if code is None else code
    repeated = password if repeated is None else repeated
    return signin.accept_invitation(token, password, repeated, secret, code, at=at, address=None)


def test_a_link_serves_once(session: Any, world: World) -> None:
    token = invitation(world)
    accept(token)
    with pytest.raises(Refused):
        accept(token)
    assert signin.invited(token, at=AT) is None


def test_a_link_is_past_after_two_days(session: Any, world: World) -> None:
    token = invitation(world)
    assert signin.invited(token, at=AT + timedelta(hours=47)) == "nueva.persona"
    with pytest.raises(Refused):
        accept(token, AT + timedelta(hours=48))


def test_a_link_for_who_already_worked_here_is_past_after_half_an_hour(session: Any, world: World) -> None:
    enter()
    with unit_of_work():
        token = accounts.renew_link(world.viewer("admin", at=AT), "fiscal.mdd")
    assert signin.invited(token, at=AT + 29 * MINUTE) == "fiscal.mdd"
    assert signin.invited(token, at=AT + 30 * MINUTE) is None


def test_a_newer_link_ends_the_older_one(session: Any, world: World) -> None:
    older = invitation(world)
    with unit_of_work():
        newer = accounts.renew_link(world.viewer("admin", at=AT), "nueva.persona")
    assert signin.invited(older, at=AT) is None
    assert signin.invited(newer, at=AT) == "nueva.persona"


def test_the_link_itself_is_not_kept(session: Any, world: World) -> None:
    token = invitation(world)
    assert token not in set(db.session.scalars(select(Invitation.token_hash)))


@pytest.mark.parametrize(("password", "repeated", "code", "field"), [
    ("corta", "corta", None, "password"), ("nueva.persona2026", "nueva.persona2026", None, "password"),
    (NEW, "otra", None, "repeated"), (NEW, NEW, "000000", "code")])
def test_a_link_refused_for_what_was_typed_can_be_used_again(
        session: Any, world: World, password: str, repeated: str, code: str | None, field: str) -> None:
    token = invitation(world)
    with pytest.raises(Rejected) as rejected:
        accept(token, AT, password, repeated, code)
    assert [one.field for one in rejected.value.problems] == [field]
    assert accept(token)


# -- sessions end -----------------------------------------------------------------------------------------------------

def test_a_session_ends_after_half_an_hour_without_use(session: Any, world: World) -> None:
    token = enter().token
    assert viewer_of(token, AT + 30 * MINUTE) is not None
    assert viewer_of(token, AT + 31 * MINUTE) is None


def test_use_keeps_a_session_for_twelve_hours_and_no_longer(session: Any, world: World) -> None:
    token, at = enter().token, AT
    while at <= AT + timedelta(hours=12):
        who = viewer_of(token, at)
        assert who is not None
        signin.touch(who)
        at += 20 * MINUTE
    assert viewer_of(token, AT + timedelta(hours=12, minutes=1)) is None


def test_signing_out_ends_the_session(session: Any, world: World) -> None:
    token = enter().token
    with unit_of_work():
        signin.sign_out(_present(token))
    assert viewer_of(token) is None


def _present(token: str) -> Viewer:
    who = viewer_of(token)
    assert who is not None
    return who


def test_suspension_ends_every_session(session: Any, world: World) -> None:
    tokens = [enter().token, enter().token]
    with unit_of_work():
        accounts.set_suspended(world.viewer("admin", at=AT), "fiscal.mdd", suspend=True, reason="Cese")
    with unit_of_work():
        accounts.set_suspended(world.viewer("admin", at=AT), "fiscal.mdd", suspend=False, reason="Error")
    assert [viewer_of(token) for token in tokens] == [None, None]


def test_a_change_of_roles_ends_every_session(session: Any, world: World) -> None:
    token = enter().token
    with unit_of_work():
        accounts.set_roles(world.viewer("admin", at=AT), "fiscal.mdd", roles=["ASISTENTE"],
                           office_id=world.offices["mdd"], reason="Cambio de cargo")
    assert viewer_of(token) is None


def test_a_new_link_ends_sessions_password_and_recovery_codes(session: Any, world: World) -> None:
    _, codes = enrol(world)
    token = second(half_way(), codes[0]).token
    with unit_of_work():
        accounts.renew_link(world.viewer("admin", at=AT), "nueva.persona")
    assert viewer_of(token) is None
    with pytest.raises(Refused):
        enter("nueva.persona", NEW)
    assert set(db.session.scalars(select(RecoveryCode.used_at))) == {AT}


def test_changing_the_password_ends_the_other_sessions_and_the_old_password(session: Any, world: World) -> None:
    here, elsewhere = enter().token, enter().token
    signin.change_password(_present(here), PASSWORD, NEW, NEW)
    assert viewer_of(here) is not None
    assert viewer_of(elsewhere) is None
    with pytest.raises(Refused):
        enter()
    assert enter(password=NEW).token


def test_the_password_is_not_changed_without_the_present_one(session: Any, world: World) -> None:
    who = _present(enter().token)
    with pytest.raises(Refused):
        signin.change_password(who, "no es", NEW, NEW)
    assert enter().token


def test_step_up_is_braked_like_signing_in(session: Any, world: World) -> None:
    who = _present(enter().token)
    for _ in range(5):
        with pytest.raises(Refused):
            signin.step_up(who, "no es")
    with pytest.raises(Throttled):
        signin.step_up(who, PASSWORD)


def test_step_up_lasts_ten_minutes(session: Any, world: World) -> None:
    token = enter().token
    later = viewer_of(token, AT + 10 * MINUTE)
    assert _present(token).stepped_up and later is not None and not later.stepped_up
    signin.step_up(later, PASSWORD)
    again = viewer_of(token, AT + 11 * MINUTE)
    assert again is not None and again.stepped_up


def test_nobody_ends_the_session_of_another(session: Any, world: World) -> None:
    token, who = enter("fiscal.lim").token, _present(enter().token)
    key = db.session.scalar(select(SignInSession.id).where(SignInSession.user_id == world.users["fiscal.lim"]))
    with unit_of_work():
        signin.sign_out(who, key)
    assert viewer_of(token) is not None


@pytest.mark.parametrize("token", ["", "x", "' or 1=1 --", "a" * 5000, "\x00"])
def test_a_token_that_never_was_is_nobody(session: Any, world: World, token: str) -> None:
    enter()
    assert viewer_of(token) is None


def test_neither_token_nor_password_stands_in_the_database_in_clear(session: Any, world: World) -> None:
    token = enter().token
    assert token not in set(db.session.scalars(select(SignInSession.token_hash)))
    assert PASSWORD not in {row for row in db.session.scalars(select(User.password_hash)) if row}
