"""A demonstration: the plan of `rules.demonstration` carried out through the verbs, by its users, at its instants.

Each charge is one unit of work, so that trail, access, course and time limits are those of real use. The first entry of
the trail marks the database as a demonstration.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pyotp
from sqlalchemy import event, inspect, select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.event_types import event_type
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.models.judgments import Reparation
from sistra.models.people import Accused, Victim
from sistra.rules import acts, hand_over
from sistra.rules.demonstration import shapes
from sistra.rules.demonstration.planning import ADMINISTRATOR, plan
from sistra.rules.demonstration.shapes import ASSISTANT, PROSECUTOR, PlannedCharge, Staff, Step
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.rules.sharing import DECLINED, REVOKED
from sistra.services import (
    accounts,
    audit,
    charges,
    counts,
    court_case_links,
    court_cases,
    court_events,
    demonstration_bulk,
    events,
    identities,
    judgments,
    measures,
    people,
    remedies,
    routes,
    setup,
    signin,
    unsealing,
    victim_lists,
    victim_services,
)
from sistra.services.hand_over import answers as referral_answers
from sistra.services.hand_over import readings, referrals
from sistra.services.sharing import answers, offers, requests
from sistra.services.unit import unit_of_work

MARK = "demonstration.begun"
CARRIED_OUT = 600
"""So many charges show every state that there is; more of the same are made in bulk."""
EMPTY, DEMONSTRATION, DATA = "empty", "demonstration", "data"
"""What a database holds: nothing, a demonstration, or anything else."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Credential:
    """How a user of the demonstration signs in. `totp` is the secret of the second factor."""

    username: str
    full_name: str
    role: str
    password: str
    totp: str


@dataclass(frozen=True, slots=True)
class Built:
    """What was made: who may sign in, and the numbers of the charges in the order of the plan."""

    credentials: tuple[Credential, ...]
    numbers: tuple[str, ...]


def holds() -> str:
    """Whether the database is EMPTY, a DEMONSTRATION or other DATA; tables need not exist."""
    tables = set(inspect(db.engine).get_table_names())
    if not {"trail_entry", "user_account", "charge"} <= tables:
        return DATA if tables - {"alembic_version"} else EMPTY
    if db.session.scalar(select(TrailEntry.action).where(TrailEntry.number == 1)) == MARK:
        return DEMONSTRATION
    anything = db.session.scalar(select(User.id).limit(1)) or db.session.scalar(select(Charge.id).limit(1))
    return DATA if anything or db.session.scalar(select(TrailEntry.number).limit(1)) else EMPTY


def build(
    *,
    charges: int,
    seed: int,
    today: date,
    system_user: str | None = None,
    carried_out: int = CARRIED_OUT,
    progress: Callable[[int], None] | None = None,
) -> Built:
    """Fills an empty database. `today` is the day from which all dates are told; nothing is entered on it or later.

    The first `carried_out` charges are carried out by the verbs, those beyond are made of their finished folders
    (`demonstration_bulk`). The same arguments give the same rows but for keys, ciphertext, passwords and hashes. `progress`
    hears how many charges are done.
    """
    if holds() != EMPTY:
        raise ValueError("a demonstration is built in an empty database")
    planned = plan(min(charges, carried_out), seed, today)
    with unit_of_work():
        audit.note(
            None,
            MARK,
            audit.Subject("demonstration"),
            at=planned.begins_at,
            door="cli",
            detail={"charges": charges, "seed": seed, "today": today.isoformat(), "system_user": system_user},
        )
        setup.seed_offices(at=planned.begins_at, system_user=system_user)
    credentials = _users(planned.staff, planned.begins_at, system_user)
    desk = _Desk(planned.begins_at, system_user)
    for place, one in enumerate(planned.charges):
        with _rows_held(), unit_of_work():
            desk.carry_out(one)
        db.session.expunge_all()
        if progress is not None:
            progress(place + 1)
    more = charges - len(planned.charges)

    def told(done: int) -> None:
        if progress is not None:
            progress(len(planned.charges) + done)

    made = demonstration_bulk.multiply(more, seed=seed, today=today, since=planned.begins_at, progress=told) if more else []
    return Built(credentials, (*desk.numbers, *made))


@contextmanager
def _rows_held() -> Iterator[None]:
    """Rows met inside stay in the session, which else forgets a row that no verb holds: each is read once, not once a step."""
    held: list[object] = []

    def hold(session: object, row: object) -> None:
        held.append(row)

    met = [(db.session(), name, hold) for name in ("loaded_as_persistent", "pending_to_persistent")]
    for one in met:
        event.listen(*one)
    try:
        yield
    finally:
        for one in met:
            event.remove(*one)


# --- users ---------------------------------------------------------------------------------------------------------


def _users(staff: tuple[Staff, ...], at: datetime, system_user: str | None) -> tuple[Credential, ...]:
    """Invites everybody; those who sign in have accepted their invitation, with a password and a second factor of their own."""
    with unit_of_work():
        token = setup.first_administrator(
            ADMINISTRATOR, "Administración del sistema", f"{ADMINISTRATOR}@example.org", at=at, system_user=system_user
        )
    found = [_accepted(ADMINISTRATOR, "Administración del sistema", "ADMIN", token, at)]
    offices = {row.code: row.id for row in db.session.execute(select(Office.code, Office.id))}
    admin = signin.command_viewer(ADMINISTRATOR, at=at, system_user=system_user or "")
    for one in staff:
        with unit_of_work():
            token = accounts.invite(
                admin,
                username=one.username,
                full_name=one.full_name,
                email=f"{one.username}@example.org",
                office_id=offices[one.office],
                roles=(one.role,),
                job_title=one.job_title,
            )
        if one.signs_in:
            found.append(_accepted(one.username, one.full_name, one.role, token, at))
    return tuple(found)


def _accepted(username: str, full_name: str, role: str, token: str, at: datetime) -> Credential:
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    secret, later = signin.new_secret(), at + timedelta(hours=1)
    signin.accept_invitation(token, password, password, secret, pyotp.TOTP(secret).at(later), at=later, address=None)
    return Credential(username, full_name, role, password, secret)


# --- charges -------------------------------------------------------------------------------------------------------


class _Desk:
    """Carries planned charges out one after another. `numbers` are those given so far, in the order of the plan."""

    def __init__(self, at: datetime, system_user: str | None) -> None:
        self.numbers: list[str] = []
        self._keys: list[int] = []
        self._viewers = {
            user.username: signin.as_viewer(user, office, at=at, door="cli", system_user=system_user)
            for user, office in db.session.execute(select(User, Office).join(Office, User.office_id == Office.id))
        }
        self._offices = {row.code: row.id for row in db.session.execute(select(Office.code, Office.id))}
        self._agencies = {row.code: row.id for row in db.session.execute(select(Agency.code, Agency.id))}
        self._made: dict[str, int] = {}
        self._cases: dict[int, int] = {}
        self._charge: PlannedCharge

    def carry_out(self, planned: PlannedCharge) -> None:
        """Opens the charge and takes its steps. Run inside a unit of work."""
        self._charge, self._made = planned, {}
        viewer = self._viewer(planned.opened_by, planned.opened_at)
        responsible = self._viewers[planned.responsible].user_id
        number = charges.open_charge(viewer, Entry("charge", {**planned.opening, "responsible": responsible}))
        self.numbers.append(number)
        self._keys.append(db.session.scalars(select(Charge.id).where(Charge.number == number)).one())
        for quiet, steps in groupby(planned.steps, key=_quiet):
            with charges.settled_together() if quiet else nullcontext():
                for step in steps:
                    self._take(number, step)

    def _take(self, number: str, step: Step) -> None:
        made = _VERBS[step.verb](self, self._viewer(step.by, step.at), number, step, self._resolved(step.values))
        if step.label and made is not None:
            self._made[step.label] = made
        if step.verb == "court_case" and made is not None:
            self._cases.setdefault(len(self._keys) - 1, made)

    def _viewer(self, by: str, at: datetime) -> Viewer:
        name = {ASSISTANT: self._charge.assistant, PROSECUTOR: self._charge.responsible}.get(by, by)
        return replace(self._viewers[name], at=at.astimezone(UTC))

    def _resolved(self, value: Any) -> Any:
        """The value with keys in the place of what the plan names."""
        match value:
            case shapes.Ref(label):
                return self._made[label]
            case shapes.Agency(code):
                return self._agencies[code]
            case shapes.OtherOffice(code):
                return self._offices[code]
            case shapes.OtherCharge(place):
                return self._keys[place]
            case shapes.OtherCase(place):
                return self._cases[place]
            case shapes.Colleague():
                return self._viewers[self._charge.colleague].user_id
            case Mapping():
                return {self._resolved(name): self._resolved(one) for name, one in value.items()}
            case tuple() | list():
                return type(value)(self._resolved(one) for one in value)
            case _:
                return value

    # -- verbs: each gives the key of what it made, if a later step may name it ---------------------------------------

    def accused(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        code = people.add_accused(viewer, number, Entry("accused", values))
        return db.session.scalars(select(Accused.id).where(Accused.charge_id == self._keys[-1], Accused.code == code)).one()

    def victim(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        code = people.add_victim(viewer, number, Entry("victim", values))
        return db.session.scalars(select(Victim.id).where(Victim.charge_id == self._keys[-1], Victim.code == code)).one()

    def identity(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        identities.enter(viewer, number, step.on, Entry("identity", values))

    def row(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        victim_lists.add(viewer, number, step.on, Entry(step.code, values))

    def leg(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return routes.add_leg(viewer, number, Entry("route_leg", values))

    def amend(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        charges.amend(viewer, number, Entry("charge", values))

    def count(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return counts.add(viewer, number, Entry("count", values), victims=values.pop("victims"))

    def retypify(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return counts.retypify(
            viewer,
            number,
            values["count"],
            offence=values["offence"],
            reason=values["reason"],
            occurred_on=values["occurred_on"],
            event_type="TIP-JUD",
            court_case_id=values["court_case"],
        )

    def measure(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return measures.add(viewer, number, Entry("measure", values))

    def extend_measure(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return measures.extend(viewer, number, self._made[step.on], Entry("measure", values))

    def end_measure(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        measures.end(viewer, number, self._made[step.on], **values)

    def event(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        if step.code == "SEL-LEV":
            self._unseal(viewer, number, values["reason"])
        if step.code == "DER-DIS":
            return self._refer(viewer, number, values)
        if step.code == "DER-REC":
            return self._decline(viewer, number)
        return events.record(viewer, number, step.code, Entry("event", values))

    def _refer(self, viewer: Viewer, number: str, values: dict[str, Any]) -> int:
        return referrals.offer(viewer, number, _referral(values))

    def _decline(self, viewer: Viewer, number: str) -> int:
        """A prosecutor of the office to which the charge is offered sends it back."""
        receiver, key = self._receiver(viewer, number)
        referral_answers.decline(receiver, key, reason="COM", note="Los hechos ocurrieron en el distrito que deriva.")
        return key

    def _receiver(self, viewer: Viewer, number: str) -> tuple[Viewer, int]:
        """A prosecutor of the office to which the charge is offered, and the key of the referral. Raises LookupError."""
        for one in self._viewers.values():
            if one.has(Role.PROSECUTOR):
                receiver = replace(one, at=viewer.at)
                for line in readings.waiting(receiver):
                    if line.number == number:
                        return receiver, line.view.id
        raise LookupError(number)

    def prepare(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return referrals.prepare(viewer, number, _referral(values))

    def referral(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        """What became of an offer. It waits on where nobody of the other office is there to take it."""
        if step.code == hand_over.WITHDRAWN:
            referrals.withdraw(viewer, number, "Se verificó que los hechos ocurrieron en este distrito")
            return
        with suppress(LookupError):
            receiver, key = self._receiver(viewer, number)
            referral_answers.accept(receiver, key, responsible_id=receiver.user_id)

    def join_case(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        court_case_links.link(viewer, values["court_case"], number=number, reason=step.code)

    def _unseal(self, viewer: Viewer, number: str, reason: str) -> None:
        """Asks for it; a supervisor within whose sight the charge is approves it, or a colleague who joins the team."""
        unsealing.request(viewer, number, confidentiality="RES", reason=reason)
        for one in self._viewers.values():
            if one.has(Role.COORDINATOR, Role.DISTRICT_HEAD):
                with suppress(NotVisible):
                    return unsealing.decide(replace(one, at=viewer.at), number, approve=True, reason=reason)
        colleague = self._viewers[self._charge.colleague]
        with suppress(Rejected):  # on the team already
            charges.add_member(viewer, number, user_id=colleague.user_id, part="ADJ")
        unsealing.decide(replace(colleague, at=viewer.at), number, approve=True, reason=reason)

    def notify(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        events.register_notification(viewer, number, self._made[step.on], values["notified_on"])

    def reverse(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return events.reverse(viewer, number, self._made[step.on], reason=values["reason"])

    def court_case(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        held = values.pop("accused")
        return court_cases.open_case(viewer, Entry("court_case", values), number=number, accused=held)

    def incident(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return court_cases.open_incident(viewer, self._made[step.on], Entry("court_case", values))

    def court_event(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return court_events.record(viewer, self._made[step.on], step.code, Entry("event", values))

    def judgment(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        entry = judgments.JudgmentEntry(
            Entry("judgment", values["judgment"]),
            {key: Entry("ruling", one) for key, one in values["rulings"].items()},
            {key: Entry("penalty", one) for key, one in values.get("penalties", {}).items()},
            [Entry("reparation", one) for one in values.get("reparations", ())],
            values.get("remedy"),
            values.get("remand_to"),
            values["regress_reason"],
        )
        key = judgments.record(viewer, self._made[step.on], entry)
        reparation = db.session.scalar(select(Reparation.id).where(Reparation.judgment_id == key).limit(1))
        if reparation is not None:
            self._made["R-1"] = reparation
        return key

    def remedy(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return remedies.file(viewer, self._made[step.on], Entry("remedy", values))

    def decision(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        remedies.decide(viewer, self._made[step.on], self._made[step.code], Entry("remedy", values))

    def share(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return offers.offer(viewer, number, Entry("grant", values))

    def answer(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        if step.code == DECLINED:
            answers.decline(viewer, self._made[step.on], values["reason"])
        else:
            answers.accept(viewer, self._made[step.on])

    def unshare(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        if step.code == REVOKED:
            offers.revoke(viewer, number, self._made[step.on], values["reason"])
        else:
            offers.withdraw(viewer, number, self._made[step.on])

    def service(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return victim_services.add(viewer, number, step.on, Entry("service", values))

    def ask(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> int:
        return requests.ask(viewer, number, Entry("access_request", values))

    def reply(self, viewer: Viewer, number: str, step: Step, values: dict[str, Any]) -> None:
        if step.code == requests.REFUSED:
            requests.refuse(viewer, number, self._made[step.on], values["reason"])
        else:
            requests.grant(viewer, number, self._made[step.on], Entry("grant", values))


_ENTRIES = frozenset(
    {
        "accused",
        "victim",
        "identity",
        "row",
        "leg",
        "amend",
        "count",
        "measure",
        "extend_measure",
        "end_measure",
        "notify",
        "court_case",
        "incident",
    }
)


def _referral(values: Mapping[str, Any]) -> Entry:
    reason = values.get("reason") or "Los hechos ocurrieron en otro distrito."
    return Entry("referral", {"to_office": values["target_office"], "reason": "TER", "details": reason})


def _quiet(step: Step) -> bool:
    """Whether a step moves neither stage nor regime nor access, so that those around it may be settled together."""
    if step.verb not in ("event", "court_event"):
        return step.verb in _ENTRIES
    kind = event_type(step.code)
    return not (kind.outcome or kind.stage_to or acts.decides(kind))


_Verb = Callable[[_Desk, Viewer, str, Step, dict[str, Any]], int | None]
_VERBS: Mapping[str, _Verb] = {
    "accused": _Desk.accused,
    "victim": _Desk.victim,
    "identity": _Desk.identity,
    "row": _Desk.row,
    "leg": _Desk.leg,
    "amend": _Desk.amend,
    "count": _Desk.count,
    "retypify": _Desk.retypify,
    "measure": _Desk.measure,
    "extend_measure": _Desk.extend_measure,
    "end_measure": _Desk.end_measure,
    "event": _Desk.event,
    "notify": _Desk.notify,
    "reverse": _Desk.reverse,
    "court_case": _Desk.court_case,
    "incident": _Desk.incident,
    "share": _Desk.share,
    "answer": _Desk.answer,
    "unshare": _Desk.unshare,
    "prepare": _Desk.prepare,
    "referral": _Desk.referral,
    "join_case": _Desk.join_case,
    "service": _Desk.service,
    "ask": _Desk.ask,
    "reply": _Desk.reply,
    "court_event": _Desk.court_event,
    "judgment": _Desk.judgment,
    "remedy": _Desk.remedy,
    "decision": _Desk.decision,
}
