"""Questions about the house itself: who saw a charge, how far the trail reaches, whether the access rows are right."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import and_, or_, select

from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry, TrailHead
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.exports import ExportRun
from sistra.models.sharing import Grant
from sistra.rules.chain import GENESIS
from sistra.rules.entries import LIMA
from sistra.rules.sharing import ACCEPTED
from sistra.services import audit, charge_access, file_store

_BATCH = 500
_SETTLING = 3600


# -- who saw what -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Access:
    """One act or reading of a charge: when, who (user name, full name, office), through which door, what, why."""

    number: int
    at: datetime
    username: str
    full_name: str
    office: str
    door: str
    system_user: str | None
    action: str
    reason: str | None
    address: str | None


def who(viewer: Viewer, number: str, since: datetime, until: datetime) -> list[Access]:
    """Everybody who read, changed or exported a charge within the instants (`until` excluded), oldest first.

    Asked by the auditor, and itself on the trail. Raises Forbidden, NotVisible.
    """
    require(viewer, "trail.read")
    charge_id = db.session.scalar(select(Charge.id).where(Charge.number == number))
    if charge_id is None:
        raise NotVisible
    audit.note(
        viewer,
        "trail.read",
        audit.Subject("charge", charge_id, charge_id),
        detail={"from": since.isoformat(), "until": until.isoformat()},
    )
    rows = db.session.execute(
        select(TrailEntry, User.username, User.full_name, Office.name)
        .outerjoin(User, TrailEntry.actor_id == User.id)
        .outerjoin(Office, TrailEntry.office_id == Office.id)
        .where(
            TrailEntry.at >= since,
            TrailEntry.at < until,
            or_(TrailEntry.charge_id == charge_id, TrailEntry.action.in_(_NAMING)),
        )
        .order_by(TrailEntry.number)
        .execution_options(yield_per=1000)
    )
    return [
        Access(
            entry.number,
            entry.at,
            username or "",
            full_name or "",
            office or "",
            entry.door,
            entry.system_user,
            entry.action,
            entry.reason,
            entry.address,
        )
        for entry, username, full_name, office in rows
        if _concerns(entry, charge_id, number)
    ]


_NAMING = ("list.exported", "export.downloaded", "court_case.exported", "court_case.read", "summaries.searched",
           "services.listed", "tasks.listed", "desk.read", "person.results_read", "person.alike_read")
"""Readings of several charges at once: their entries name those that were shown, by key, by number, or by number and code."""


def _concerns(entry: TrailEntry, charge_id: int, number: str) -> bool:
    """Whether an entry is about the charge, or names it among those that were shown."""
    if entry.charge_id == charge_id:
        return True
    detail = entry.detail or {}
    shown = detail.get("charges", ())
    return charge_id in shown or number in shown or any(part.startswith(f"{number}/") for part in detail.get("parts", ()))


# -- the head of the trail --------------------------------------------------------------------------------------------


def signed_head(at: datetime) -> dict[str, Any]:
    """The number and hash of the last entry, signed (Ed25519): to be kept outside, where this machine cannot reach it."""
    head = db.session.get(TrailHead, 1)
    stated = {"number": head.number if head else 0, "hash": head.hash if head else GENESIS, "at": at.isoformat()}
    key = _signing_key()
    return stated | {"public_key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(_bytes(stated)).hex()}


def agrees(kept: Mapping[str, Any]) -> bool:
    """Whether a head kept outside was signed by this ring and its entry still stands as it was."""
    try:
        stated = {"number": int(kept["number"]), "hash": str(kept["hash"]), "at": str(kept["at"])}
        public = _signing_key().public_key()
        if bytes.fromhex(kept["public_key"]) != public.public_bytes_raw():
            return False
        public.verify(bytes.fromhex(kept["signature"]), _bytes(stated))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    if stated["number"] == 0:
        return stated["hash"] == GENESIS
    stored = db.session.scalar(select(TrailEntry.hash).where(TrailEntry.number == stated["number"]))
    return stored == stated["hash"]


def _signing_key() -> Ed25519PrivateKey:
    """The signing key that the ring stands for: derived from it, so that it is kept and lost with it."""
    return Ed25519PrivateKey.from_private_bytes(hmac.new(db.keyring.token, b"trail-head", hashlib.sha256).digest())


def _bytes(stated: Mapping[str, Any]) -> bytes:
    return json.dumps(stated, sort_keys=True, separators=(",", ":")).encode()


# -- the rows of access -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WrongAccess:
    """A charge whose access rows are not those that office, reserve, team and grants give.

    `held` and `due` say of each (principal, grant) what it opens.
    """

    number: str
    held: charge_access.Due
    due: charge_access.Due


def wrong_access(at: datetime) -> Iterator[WrongAccess]:
    """Every charge whose access rows differ from what they are due on that day, in order of their keys."""
    offices = {office.id: office for office in db.session.scalars(select(Office))}
    last = 0
    while batch := list(db.session.scalars(select(Charge).where(Charge.id > last).order_by(Charge.id).limit(_BATCH))):
        last, keys = batch[-1].id, [charge.id for charge in batch]
        held, members, grants = _held(keys), _members(keys, at), _grants(keys)
        for charge in batch:
            due = charge_access.entitled(charge, offices[charge.office_id], members.get(charge.id, ()), grants.get(charge.id, ()))
            if held.get(charge.id, {}) != due:
                yield WrongAccess(charge.number, held.get(charge.id, {}), due)


def _held(keys: list[int]) -> dict[int, charge_access.Due]:
    found: dict[int, charge_access.Due] = {}
    for row in db.session.scalars(select(ChargeAccess).where(ChargeAccess.charge_id.in_(keys))):
        found.setdefault(row.charge_id, {})[row.principal, row.grant_id] = charge_access.opening_of(row)
    return found


def _grants(keys: list[int]) -> dict[int, list[Grant]]:
    found: dict[int, list[Grant]] = {}
    for row in db.session.scalars(select(Grant).where(Grant.charge_id.in_(keys), Grant.state == ACCEPTED)):
        found.setdefault(row.charge_id, []).append(row)
    return found


def _members(keys: list[int], at: datetime) -> dict[int, list[int]]:
    """Those on the case team that day whom it lets in."""
    today = at.astimezone(LIMA).date()
    found: dict[int, list[int]] = {}
    for charge_id, user_id in db.session.execute(
        select(ChargeMember.charge_id, ChargeMember.user_id)
        .join(Charge, Charge.id == ChargeMember.charge_id)
        .join(User, and_(User.id == ChargeMember.user_id, charge_access.enters_by_team(Charge.__table__.c.office_id)))
        .where(
            ChargeMember.charge_id.in_(keys),
            ChargeMember.from_on <= today,
            or_(ChargeMember.until_on.is_(None), ChargeMember.until_on >= today),
        )
    ):
        found.setdefault(charge_id, []).append(user_id)
    return found


def rebuild_access(viewer: Viewer) -> list[str]:
    """Writes the access rows that differ anew and gives the numbers of their charges. Run inside a unit of work.

    Raises Forbidden.
    """
    require(viewer, "accounts.manage")
    wrong = list(wrong_access(viewer.at))
    for one in wrong:
        charge_access.refresh(viewer, db.session.scalars(select(Charge).where(Charge.number == one.number)).one())
    audit.note(viewer, "access.rebuilt", audit.Subject("charge"), detail={"charges": [one.number for one in wrong]})
    return [one.number for one in wrong]


# -- files beside the database ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """What lies in the store and what rows name: `lost` keys have a row and no file, `orphans` a file and no row.

    The files of exports are named by their runs; they pass, and none of them is missed.
    """

    named: int
    lost: tuple[str, ...]
    orphans: tuple[Path, ...]


def stored_files(at: datetime) -> StoredFiles:
    """Compares store and rows. A file of the last hour may belong to an act that is not committed yet: it is left out."""
    named = set(db.session.scalars(select(Attachment.storage_key).where(Attachment.storage_key != "")))
    present = {path.name: path for path in file_store.folder().rglob("*") if path.is_file()}
    old = {name: path for name, path in present.items() if path.stat().st_mtime < at.timestamp() - _SETTLING}
    kept = named | set(db.session.scalars(select(ExportRun.storage_key).where(ExportRun.storage_key.is_not(None))))
    return StoredFiles(len(named), tuple(sorted(named - present.keys())), tuple(old[name] for name in sorted(old.keys() - kept)))


def remove_orphans(found: StoredFiles, *, at: datetime, system_user: str) -> None:
    """Removes files that no row names, left by an act that a power cut ended. Run inside a unit of work."""
    for path in found.orphans:
        path.unlink(missing_ok=True)
    audit.note(
        None,
        "files.swept",
        audit.Subject("attachment"),
        at=at,
        door="cli",
        detail={"removed": len(found.orphans), "system_user": system_user},
    )
