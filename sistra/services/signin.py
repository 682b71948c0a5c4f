"""Signing in: password, second factor, sessions as rows, throttle, links to set a password.

Passwords are checked outside of any transaction (the hash takes its time, the database must not wait).
"""
from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, bindparam, delete, select, update

from sistra.access import vault
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Invitation, Office, RecoveryCode, SignInSession, Throttle, User
from sistra.rules.passwords import password_problems
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit
from sistra.services.accounts import suspended
from sistra.services.throttle import attempt, take_back
from sistra.services.unit import end_reading, unit_of_work

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
LAPSED_LASTS = timedelta(days=7)
"""How long it is known whose session one was that ended by time: as long as a form left open on the screen may still come."""
SEEN_EVERY = timedelta(minutes=1)
STEP_UP_LASTS = timedelta(minutes=10)
ACCOUNT_FAILURES, ADDRESS_FAILURES = 5, 50
DEVICE_LASTS = timedelta(days=180)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Hash checked when the user does not exist, so that the answer takes as long."""


class Refused(Exception):
    """User, password, code or link do not fit. Which of them is not said."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just begun: its cookie token and whether a second factor is still asked.

    `device` is the token by which this browser is known later; empty until the last step has been passed.
    """

    token: str
    device: str
    second_factor: bool


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def sign_in(username: str, password: str, *, at: datetime, address: str | None, device: str | None, agent: str | None,
            ask_second_factor: bool = True) -> SignedIn:
    """Checks user and password and begins a session. Raises Throttled, Refused.

    Where a second factor is asked, an account that has none does not sign in: its way back is a new link. An attempt is
    counted before its password is looked at, so that attempts made side by side do not outrun the count.
    """
    username = username.strip().lower()[:60]
    person = db.session.scalar(select(User).where(User.username == username))
    user_id = person.id if person else None
    factor = person is not None and person.totp_secret is not None
    admitted = person is not None and not suspended(person, at) and (factor or not ask_second_factor)
    stored = person.password_hash if person is not None and admitted else None
    place = f"address:{address}"
    door = f"device:{user_id}" if user_id and _device_of(device, at) == user_id else _account(username)
    end_reading()
    attempt({door: ACCOUNT_FAILURES, place: ADDRESS_FAILURES}, at)
    if not _fits(stored, password):
        with unit_of_work():
            audit.note(None, "signin.failed", audit.Subject("user_account", user_id), at=at, address=address)
        raise Refused
    second = factor and ask_second_factor
    rehash = _hasher.hash(password) if stored and _hasher.check_needs_rehash(stored) else None
    with unit_of_work():
        token = _begin(user_id or 0, at, address, agent, passed=not second)
        take_back(place, ADDRESS_FAILURES)
        if rehash:
            db.session.execute(update(User).where(User.id == user_id).values(password_hash=rehash))
        if not second:
            _succeeded(user_id or 0, username, at, address)
    return SignedIn(token, "" if second else _device_token(user_id or 0, at), second)


def _fits(stored: str | None, password: str) -> bool:
    try:
        _hasher.verify(stored or _NOBODY, password[:1024])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def _begin(user_id: int, at: datetime, address: str | None, agent: str | None, *, passed: bool) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(SignInSession(token_hash=db.keyring.token_hash(token), user_id=user_id, created_at=at, seen_at=at,
                                 stepped_up_at=at, passed_second_factor=passed, address=address,
                                 device=(agent or "")[:250]))
    db.session.flush()
    return token


def _succeeded(user_id: int, username: str, at: datetime, address: str | None) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(last_signed_in_at=at))
    db.session.execute(delete(Throttle).where(Throttle.key.in_([_account(username), f"device:{user_id}",
                                                                f"factor:{user_id}"])))
    audit.note(None, "signin.succeeded", audit.Subject("user_account", user_id), at=at, address=address)


def _account(username: str) -> str:
    return f"account:{db.keyring.token_hash(username)}"


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(db.keyring.token.hex(), salt="device")


def _device_token(user_id: int, at: datetime) -> str:
    return str(_devices().dumps([user_id, int(at.timestamp())]))


def shut_out(at: datetime) -> frozenset[int]:
    """The users (keys) for whom too many attempts have shut the way in for now."""
    doors = set(db.session.scalars(select(Throttle.key).where(Throttle.blocked_until > at)))
    found = {int(door.partition(":")[2]) for door in doors if door.startswith(("device:", "factor:"))}
    if any(door.startswith("account:") for door in doors):
        found |= {key for key, username in db.session.execute(select(User.id, User.username)) if _account(username) in doors}
    return frozenset(found)


def _device_of(token: str | None, at: datetime) -> int | None:
    try:
        user_id, since = _devices().loads(token or "")
        return int(user_id) if since + DEVICE_LASTS.total_seconds() > at.timestamp() else None
    except (BadSignature, TypeError, ValueError):
        return None


def viewer_of(token: str, *, at: datetime, request_id: str | None, address: str | None) -> Viewer | None:
    """Whose session a cookie is; None where it is unknown, ended, idle, old or awaits its second factor."""
    found = _session(token, at)
    if found is None or not found[0].passed_second_factor:
        return None
    signed, person, office = found
    return as_viewer(person, office, at=at, door="web", address=address, request_id=request_id, session_id=signed.id,
                     seen_at=signed.seen_at,
                     stepped_up=signed.stepped_up_at is not None and signed.stepped_up_at + STEP_UP_LASTS > at)


def as_viewer(person: User, office: Office, *, at: datetime, door: str, address: str | None = None,
              request_id: str | None = None, session_id: int | None = None, stepped_up: bool = False,
              system_user: str | None = None, seen_at: datetime | None = None) -> Viewer:
    """The viewer that a user is at an instant."""
    return Viewer(
        user_id=person.id, username=person.username, full_name=person.full_name, roles=frozenset(person.roles),
        office_id=office.id, office_name=office.name, agency_id=office.agency_id, fiscal_district=office.fiscal_district,
        specialised=bool(office.specialised), at=at, language="en" if person.interface_language == "eng" else "es",
        door=door, address=address, request_id=request_id, session_id=session_id, stepped_up=stepped_up,
        system_user=system_user, seen_at=seen_at, preferences={"shortcuts_off": person.shortcuts_off})


def command_viewer(username: str, *, at: datetime, system_user: str) -> Viewer:
    """The viewer for a command that acts as a user. Raises LookupError where there is no such user in force."""
    return as_viewer(*_in_force(User.username == username, at), at=at, door="cli", system_user=system_user)


def job_viewer(user_id: int, *, at: datetime) -> Viewer:
    """The viewer for work done in the background for a user, with the roles and the office of today.

    Raises LookupError where the user is no longer in force.
    """
    return as_viewer(*_in_force(User.id == user_id, at), at=at, door="job")


def _in_force(who: ColumnElement[bool], at: datetime) -> tuple[User, Office]:
    found = db.session.execute(select(User, Office).join(Office, User.office_id == Office.id).where(who)).one_or_none()
    if found is None or suspended(found[0], at):
        raise LookupError
    return found[0], found[1]


def lapsed(token: str, *, at: datetime) -> int | None:
    """The user whose session a cookie was, where time alone ended it; None where it was ended, awaits its second factor or
    its user is suspended."""
    found = _of_token(token)
    if found is None or not found[0].passed_second_factor or suspended(found[1], at) or found[0].seen_at + LAPSED_LASTS < at:
        return None
    return found[1].id if _over(found[0], at) else None


def _over(signed: SignInSession, at: datetime) -> bool:
    return signed.seen_at + IDLE < at or signed.created_at + ABSOLUTE < at


def _session(token: str, at: datetime) -> tuple[SignInSession, User, Office] | None:
    found = _of_token(token)
    if found is None or _over(found[0], at) or suspended(found[1], at):
        return None
    return found


_STANDING = (
    select(SignInSession, User, Office).join(User, SignInSession.user_id == User.id).join(Office, User.office_id == Office.id)
    .where(SignInSession.token_hash == bindparam("token_hash"), SignInSession.ended_at.is_(None)))
"""The session of a cookie that was not ended, with its user and office. Every request asks it: it is put together once."""


def _of_token(token: str) -> tuple[SignInSession, User, Office] | None:
    found = db.session.execute(_STANDING, {"token_hash": db.keyring.token_hash(token)}).one_or_none()
    return (found[0], found[1], found[2]) if found is not None else None


def waits_for_second_factor(token: str, *, at: datetime) -> bool:
    """Whether the cookie belongs to a session that has given its password and not yet its code."""
    found = _session(token, at)
    return found is not None and not found[0].passed_second_factor


def second_factor(token: str, code: str, *, at: datetime, address: str | None) -> SignedIn:
    """Checks a TOTP or recovery code and gives the session a new cookie token. Raises Throttled, Refused."""
    found = _session(token, at)
    if found is None or found[0].passed_second_factor:
        end_reading()
        raise Refused
    session_id, user_id, username = found[0].id, found[1].id, found[1].username
    end_reading()
    attempt({f"factor:{user_id}": ACCOUNT_FAILURES}, at)
    new = secrets.token_urlsafe(32)
    with unit_of_work():
        person = db.session.scalars(select(User).where(User.id == user_id).with_for_update()).one()
        fits = _totp_fits(person, code, at) or _recovery_fits(person, code, at)
        if fits:
            db.session.execute(update(SignInSession).where(SignInSession.id == session_id).values(
                token_hash=db.keyring.token_hash(new), passed_second_factor=True, seen_at=at, stepped_up_at=at))
            _succeeded(user_id, username, at, address)
        else:
            audit.note(None, "signin.factor_failed", audit.Subject("user_account", user_id), at=at, address=address)
    if not fits:
        raise Refused
    return SignedIn(new, _device_token(user_id, at), False)


def _secret(person: User) -> str | None:
    if person.totp_secret is None:
        return None
    return vault.open_for(("user", person.id), person.totp_secret, f"user.totp_secret:{person.id}").decode()


def _totp_fits(person: User, code: str, at: datetime) -> bool:
    """A code counts once: its time step must lie after the last one used."""
    secret = _secret(person)
    step = _step_of(secret, code, at, after=person.totp_last or 0) if secret is not None else None
    if step is None:
        return False
    person.totp_last = step
    db.session.flush()
    return True


def _step_of(secret: str, code: str, at: datetime, *, after: int = 0) -> int | None:
    """The time step (30 s) that a code belongs to: the present one or a neighbour, later than `after`."""
    digits, totp, present = "".join(code.split()), pyotp.TOTP(secret), int(at.timestamp()) // 30
    if not (digits.isascii() and digits.isdigit()):
        return None
    steps = (step for step in (present - 1, present, present + 1) if step > after)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), digits)), None)


def _recovery_fits(person: User, code: str, at: datetime) -> bool:
    hashed = db.keyring.token_hash("".join(code.split()).replace("-", "").lower())
    stored = db.session.scalar(select(RecoveryCode).where(
        RecoveryCode.user_id == person.id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None)))
    if stored is None:
        return False
    stored.used_at = at
    db.session.flush()
    return True


def touch(viewer: Viewer) -> None:
    """Notes that the session is in use, at most once a minute, in an own short transaction."""
    if viewer.seen_at is None or viewer.seen_at + SEEN_EVERY > viewer.at:
        return
    end_reading()
    with unit_of_work():
        db.session.execute(
            update(SignInSession).where(SignInSession.id == viewer.session_id).values(seen_at=viewer.at))


def step_up(viewer: Viewer, password: str) -> None:
    """Takes the password again before a grave act. Raises Throttled, Refused."""
    key = f"stepup:{viewer.user_id}"
    stored = db.session.scalar(select(User.password_hash).where(User.id == viewer.user_id))
    end_reading()
    attempt({key: ACCOUNT_FAILURES}, viewer.at)
    fits = _fits(stored, password)
    with unit_of_work():
        if fits:
            db.session.execute(
                update(SignInSession).where(SignInSession.id == viewer.session_id).values(stepped_up_at=viewer.at))
            db.session.execute(delete(Throttle).where(Throttle.key == key))
        action = "signin.stepped_up" if fits else "signin.step_up_failed"
        audit.note(viewer, action, audit.Subject("user_account", viewer.user_id))
    if not fits:
        raise Refused


def sign_out(viewer: Viewer, session_id: int | None = None) -> None:
    """Ends the viewer's session, or another of their own."""
    ended = session_id if session_id is not None else viewer.session_id
    db.session.execute(update(SignInSession).where(
        SignInSession.id == ended, SignInSession.user_id == viewer.user_id, SignInSession.ended_at.is_(None))
        .values(ended_at=viewer.at))
    audit.note(viewer, "signin.ended", audit.Subject("user_account", viewer.user_id))


def abandon(token: str, *, at: datetime) -> None:
    """Ends the session a cookie names, whatever step it had reached: another one begins in the same browser."""
    db.session.execute(update(SignInSession).where(
        SignInSession.token_hash == db.keyring.token_hash(token), SignInSession.ended_at.is_(None)).values(ended_at=at))


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of the viewer's own sessions, as their profile lists it."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str | None
    device: str | None
    current: bool


def own_sessions(viewer: Viewer) -> list[OwnSession]:
    """The sessions still open, newest first."""
    rows = db.session.scalars(select(SignInSession).where(
        SignInSession.user_id == viewer.user_id, SignInSession.ended_at.is_(None),
        SignInSession.seen_at > viewer.at - IDLE,
        SignInSession.created_at > viewer.at - ABSOLUTE).order_by(SignInSession.created_at.desc()))
    return [OwnSession(row.id, row.created_at, row.seen_at, row.address, row.device,
                       row.id == viewer.session_id) for row in rows]


def invited(token: str, *, at: datetime) -> str | None:
    """The user name that a link belongs to, or None where it is unknown, used or past."""
    return db.session.scalar(
        select(User.username).join(Invitation, Invitation.user_id == User.id).where(
            Invitation.token_hash == db.keyring.token_hash(token), Invitation.used_at.is_(None),
            Invitation.expires_at > at))


def new_secret() -> str:
    """A TOTP secret, not yet anybody's."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, username: str) -> str:
    """What the QR code of an authenticator holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="SISTRA")


def accept_invitation(token: str, password: str, repeated: str, secret: str, code: str, *, at: datetime,
                      address: str | None) -> list[str]:
    """Sets password and second factor of the person a link belongs to and gives the recovery codes (shown once).

    Raises Refused for a link that does not hold, Rejected for what was typed.
    """
    username = invited(token, at=at)
    end_reading()
    if username is None:
        raise Refused
    problems = password_problems(password, repeated, username)
    step = _step_of(secret, code, at)
    if step is None:
        problems.append(Problem("code", said("El código no coincide: escriba el que muestra ahora la aplicación")))
    if problems or step is None:
        raise Rejected(problems)
    hashed, codes = hash_password(password), ["-".join(secrets.token_hex(2) for _ in range(3)) for _ in range(10)]
    with unit_of_work():
        taken = db.session.execute(update(Invitation).where(
            Invitation.token_hash == db.keyring.token_hash(token), Invitation.used_at.is_(None)).values(used_at=at))
        person = db.session.scalar(select(User).where(User.username == username).with_for_update())
        if taken.rowcount != 1 or person is None:  # type: ignore[attr-defined]
            raise Refused
        _set_factor(person, hashed, secret, step, codes, at)
        audit.note(None, "user.password_set", audit.Subject("user_account", person.id), at=at, address=address)
    return codes


def _set_factor(person: User, hashed: str, secret: str, step: int, codes: list[str], at: datetime) -> None:
    person.password_hash, person.totp_last = hashed, step
    person.totp_secret = vault.seal_for(("user", person.id), secret.encode(), f"user.totp_secret:{person.id}")
    person.version += 1
    for one in codes:
        db.session.add(RecoveryCode(user_id=person.id, code_hash=db.keyring.token_hash(one.replace("-", ""))))
    db.session.execute(update(SignInSession).where(SignInSession.user_id == person.id, SignInSession.ended_at.is_(None))
                       .values(ended_at=at))
    db.session.flush()


def change_password(viewer: Viewer, present: str, password: str, repeated: str) -> None:
    """Changes one's own password; every other session ends. Raises Throttled, Refused (present password), Rejected."""
    step_up(viewer, present)
    if problems := password_problems(password, repeated, viewer.username):
        raise Rejected(problems)
    hashed = hash_password(password)
    with unit_of_work():
        db.session.execute(update(User).where(User.id == viewer.user_id).values(password_hash=hashed,
                                                                                version=User.version + 1))
        db.session.execute(update(SignInSession).where(
            SignInSession.user_id == viewer.user_id, SignInSession.ended_at.is_(None),
            SignInSession.id != viewer.session_id)
            .values(ended_at=viewer.at))
        audit.note(viewer, "user.password_changed", audit.Subject("user_account", viewer.user_id))


def set_preferences(viewer: Viewer, *, language: str | None = None, shortcuts_off: bool | None = None) -> None:
    """Keeps the viewer's language ("es" or "en") and whether single-key shortcuts are off."""
    values: dict[str, object] = {}
    if language is not None:
        values["interface_language"] = "eng" if language == "en" else "spa"
    if shortcuts_off is not None:
        values["shortcuts_off"] = shortcuts_off
    db.session.execute(update(User).where(User.id == viewer.user_id).values(**values))
