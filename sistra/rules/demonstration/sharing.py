"""Charges shared in the demonstration: some of those that stay where they are, in every state that a grant can have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sistra.codebook.event_types import event_type
from sistra.rules import sharing as rules
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.shapes import PROSECUTOR, Agency, PlannedCharge, Step
from sistra.rules.entries import LIMA


@dataclass(frozen=True, slots=True)
class Recipient:
    """An agency of the demonstration: who answers for it, what it gets, of what part of the charges of which offices."""

    username: str
    agency: str
    share: float
    offices: tuple[str, ...]
    terms: Mapping[str, Any]


RECIPIENTS = (
    Recipient("mimp", "MIMP", 0.25, (), {"profile": "SID", "sections": ("RES", "HEC", "AGR", "MPR", "ATE"), "permission": "APO",
                                         "legal_basis": "PROT", "purpose": "ASI"}),
    Recipient("pnp", "PNP", 0.2, (), {"profile": "SID", "sections": ("RES", "HEC", "IMP", "ACT", "EXP"), "permission": "LEE",
                                      "legal_basis": "REQ", "purpose": "INV"}),
    Recipient("victimas", "UDAVIT", 0.6, ("FPE-MDD",), {"profile": "SID", "sections": ("RES", "AGR", "ATE"), "permission": "APO",
                                                        "legal_basis": "L28950", "purpose": "PRO"}),
)
_STATES = (rules.ACCEPTED, rules.OFFERED, rules.ACCEPTED, rules.DECLINED, rules.ACCEPTED, rules.REVOKED, rules.ACCEPTED,
           rules.WITHDRAWN, rules.ACCEPTED, rules.EXPIRED)
"""The states that the shares of an agency take in turn: half of them stand."""
_REQUESTS = ("PEN", "CON", "DEN")
_MOVED = frozenset({"DER-DIS", "DER-EXT", "ACM-DIS", "SEL-PON"})
_REFERRED = frozenset({"PRE-DER"})
"""Outcomes (`stage_outcome`) with which a charge passes to somebody else."""
_REASONS = {rules.DECLINED: "La materia corresponde a otra entidad", rules.REVOKED: "Se cumplió la finalidad del acceso"}


def stays(one: PlannedCharge) -> bool:
    """Whether the charge is neither sealed nor moved to another office or charge."""
    return not any(step.code in _MOVED or (step.verb == "event" and event_type(step.code).outcome in _REFERRED)
                   for step in one.steps)


def shared(chance: Chance, charges: Sequence[PlannedCharge], today: date) -> Iterator[PlannedCharge]:
    """The charges with the steps by which some of them are shared, all before `today`."""
    turns, asked = Counter[str](), Counter[str]()
    for place, one in enumerate(charges):
        steps: list[Step] = []
        own = chance.of(place)
        for recipient in RECIPIENTS if stays(one) else ():
            if (recipient.offices and one.office not in recipient.offices) or not own.yes(recipient.share):
                continue
            begins = _later(steps[-1].at if steps else one.steps[-1].at if one.steps else one.opened_at, own, 3)
            state = _STATES[turns[recipient.agency] % len(_STATES)]
            found = list(_share(own, recipient, state, begins, today, f"G-{recipient.agency}"))
            if state == rules.ACCEPTED and turns[recipient.agency] % 4 == 2:
                found += _request(own, recipient, found[-1].at, _REQUESTS[asked[recipient.agency] % 3])
                asked[recipient.agency] += 1
            if state == rules.ACCEPTED and "ATE" in recipient.terms["sections"]:
                found += _services(own, recipient, one, found[-1].at)
            if found[-1].at.astimezone(LIMA).date() < today:
                steps += found
                turns[recipient.agency] += 1
        yield replace(one, steps=(*one.steps, *steps)) if steps else one


def _later(at: datetime, chance: Chance, most: int) -> datetime:
    """A working hour of one of the following days."""
    day = at.astimezone(LIMA).date() + timedelta(days=chance.number(1, most))
    return datetime.combine(day, time(9 + chance.number(0, 7), chance.number(0, 59)), LIMA)


def _share(chance: Chance, recipient: Recipient, state: str, begins: datetime, today: date, label: str) -> Iterator[Step]:
    until = (begins.date() + timedelta(days=8) if state == rules.EXPIRED
             else max(today, begins.date()) + timedelta(days=chance.number(90, 360)))
    values = {"target_kind": "ENT", "target_agency": Agency(recipient.agency), **recipient.terms, "note": None,
              "valid_until": until}
    yield Step("share", begins, PROSECUTOR, label=label, values=values)
    if state == rules.WITHDRAWN:
        yield Step("unshare", _later(begins, chance, 3), PROSECUTOR, state, on=label)
    elif state != rules.OFFERED:
        answered = _later(begins, chance, 4)
        yield Step("answer", answered, recipient.username, rules.DECLINED if state == rules.DECLINED else rules.ACCEPTED,
                   on=label, values={"reason": _REASONS.get(state, "")})
        if state == rules.REVOKED:
            yield Step("unshare", _later(answered, chance, 20), PROSECUTOR, state, on=label, values={"reason": _REASONS[state]})


_SERVICES = (("ALO", "CUR"), ("PSI", "DAD"), ("SOC", "SOL"), ("LEG", "CON"), ("MED", "DAD"), ("EDU", "REH"), ("REI", "INT"))
"""Services that are recorded in turn (`victim_service`, `service_status`)."""


def _services(chance: Chance, recipient: Recipient, charge: PlannedCharge, after: datetime) -> Iterator[Step]:
    """What the recipient did for some of the victims of a charge."""
    at = after
    for code in [step.label for step in charge.steps if step.verb == "victim"][:2]:
        kind, status = chance.one(_SERVICES)
        at = _later(at, chance, 4)
        values: dict[str, Any] = {"service_type": kind, "status": status, "provider": Agency(recipient.agency),
                                  "referred_on": after.date()}
        if status in ("CUR", "DAD", "CON", "INT"):
            values["starts_on"] = after.date() + timedelta(days=1)
        if status in ("DAD", "CON", "INT"):
            values["ended_on"] = at.date()
        if status == "CUR":
            values["planned_end_on"] = at.date() + timedelta(days=chance.number(20, 200))
        if status == "REH":
            values["decline_reason"] = chance.one(("FAM", "MIE", "NSP"))
        yield Step("service", at, recipient.username, on=code, values=values)


def _request(chance: Chance, recipient: Recipient, after: datetime, state: str) -> Iterator[Step]:
    label, at = f"S-{recipient.agency}", _later(after, chance, 5)
    wanted = "DEL" if "DEL" not in recipient.terms["sections"] else "PLA"
    yield Step("ask", at, recipient.username, label=label, values={
        "sections": (wanted,), "profile": "SID", "purpose": recipient.terms["purpose"],
        "legal_basis": recipient.terms["legal_basis"], "until": None,
        "reason": "Se requiere para coordinar la atención del caso"})
    if state != "PEN":
        until = after.date() + timedelta(days=360)
        granted = {name: recipient.terms[name] for name in ("profile", "legal_basis", "purpose")} | {
            "permission": rules.READ, "sections": (wanted,), "valid_until": until, "note": None}
        refused = {"reason": "La información pedida es reservada en esta etapa"}
        yield Step("reply", _later(at, chance, 4), PROSECUTOR, state, on=label, values=granted if state == "CON" else refused)
