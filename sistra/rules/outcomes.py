"""What each outcome makes of a count, and how a ruling or a remedy changes the outcome that its act would set."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sistra.codebook.event_types import EventType
from sistra.codebook.terms import codelist

PENDING = "TRA"


class Standing(StrEnum):
    """Where an outcome leaves a count. JUDGED says that a judgment was given, final or not: see `CountCourse.final_on`."""

    OPEN = "open"
    RESERVE = "reserve"
    JUDGED = "judged"
    ARCHIVED = "archived"
    CLOSED = "closed"
    REFERRED = "referred"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Effect:
    """`state` is a code of `count_state`, None where the outcome leaves the state as it was.

    `final` marks decisions of the last instance, and ends of the action, against which nothing ordinary lies.
    """

    state: str | None
    standing: Standing
    final: bool = False


_OPEN, _JUDGED, _ARCHIVED = Standing.OPEN, Standing.JUDGED, Standing.ARCHIVED

# Source: note and parent of each row of stage_outcome.csv and of the act that sets it in event_type.csv.
# State None: the act says nothing on guilt (IPF-CON aside), or its effect is not known (APE-REV, CAS-FUN): the earlier verdict
# stays and the outcome tells. SEN-RFC is no conviction in counts and no acquittal, hence no state of its own.
EFFECTS: Mapping[str, Effect] = MappingProxyType({
    "TRA": Effect(None, _OPEN),
    "PRE-ARC": Effect("ARC", _ARCHIVED), "PRE-RES": Effect("RES", Standing.RESERVE),
    "PRE-DER": Effect("DER", Standing.REFERRED), "PRE-ACU": Effect("ACM", Standing.JOINED),
    "PRE-POP": Effect("ARC", _ARCHIVED), "PRE-FOR": Effect("FOR", _OPEN),
    "PRE-ADI": Effect("ACU", _OPEN), "PRE-PIN": Effect(None, _OPEN),
    "IPF-CON": Effect("FOR", _OPEN),
    "INT-ACU": Effect("ACU", _OPEN), "INT-SOB": Effect(None, _OPEN), "INT-MIX": Effect(None, _OPEN),
    "INT-SOA": Effect("SOB", _ARCHIVED), "INT-ENJ": Effect("JUI", _OPEN),
    "TER-ANT": Effect("CON", _JUDGED), "CE-SEN": Effect("CON", _JUDGED),
    "JUI-CON": Effect("CON", _JUDGED), "JUI-RET": Effect("RET", _ARCHIVED),
    "SEN-CON": Effect("CON", _JUDGED), "SEN-ABS": Effect("ABS", _JUDGED),
    "SEN-REC": Effect("REC", _JUDGED), "SEN-RFC": Effect(None, _JUDGED),
    "APE-CNF": Effect(None, _JUDGED), "APE-REV": Effect(None, _JUDGED), "APE-PEN": Effect(None, _JUDGED),
    "APE-INA": Effect(None, _JUDGED), "APE-RAB": Effect("ABS", _JUDGED), "APE-RCO": Effect("CON", _JUDGED),
    "APE-NUL": Effect("NUL", _OPEN),
    "CAS-INA": Effect(None, _JUDGED, final=True), "CAS-INF": Effect(None, _JUDGED, final=True),
    "CAS-FUN": Effect(None, _JUDGED), "CAS-FSR": Effect(None, _JUDGED, final=True), "CAS-FRE": Effect("NUL", _OPEN),
    "RN-NHN": Effect(None, _JUDGED, final=True), "RN-HNU": Effect(None, _JUDGED, final=True), "RN-NUL": Effect("NUL", _OPEN),
    "EXT-PRE": Effect("EXT", Standing.CLOSED, final=True), "EXT-MUE": Effect("EXT", Standing.CLOSED, final=True),
    "EXT-OTR": Effect("EXT", Standing.CLOSED, final=True), "EJE-CUM": Effect(None, Standing.CLOSED, final=True),
})

FIRST_INSTANCE = frozenset({"SEN-CON", "SEN-ABS", "SEN-REC", "SEN-RFC", "TER-ANT", "JUI-CON", "CE-SEN"})
CONVICTED = frozenset({"CON", "REC"})

_STATE_OF_VERDICT = {"COND": "CON", "ABS": "ABS", "REC": "REC", "NUL": "NUL"}
_TRIAL_OUTCOME = {"CON": "SEN-CON", "ABS": "SEN-ABS", "REC": "SEN-REC"}
_ANNULLED = {"80-APE": "APE-NUL", "85-CAS": "CAS-FRE", "X-ANT-RN": "RN-NUL"}
_ON_THE_MERITS = {"85-CAS": "CAS-FSR", "X-ANT-RN": "RN-HNU"}
_JUDGING = frozenset({"60-JUI", "70-SEN", "X-PES-TA", "X-PES-CE", *_ANNULLED})

# appeal_outcome -> the outcome in each instance that can give it, and the state where the code tells it.
_REMEDY_OUTCOMES: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "CNF": (("APE-CNF",), None), "REV": (("APE-REV",), None),
    "REV-ABS": (("APE-RAB",), "ABS"), "REV-CON": (("APE-RCO",), "CON"),
    "NUL": (("APE-NUL", "RN-NUL"), "NUL"), "NUL-ACT": (("APE-NUL", "RN-NUL"), "NUL"),
    "PEN": (("APE-PEN",), None), "REP": (("APE-PEN",), None), "REC": (("APE-PEN",), "REC"),
    "INA": (("APE-INA", "CAS-INA"), None), "DES": (("APE-INA", "CAS-INA"), None),
    "INF": (("CAS-INF", "APE-CNF"), None), "FUN": (("CAS-FUN",), None),
    "FUN-REE": (("CAS-FRE",), "NUL"), "FUN-SIN": (("CAS-FSR",), None),
    "NHN": (("RN-NHN",), None), "HN": (("RN-HNU",), None), "HN-ABS": (("RN-HNU",), "ABS"),
    "HN-PEN": (("RN-HNU",), None), "HN-JUI": (("RN-NUL",), "NUL"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an act decides on one count. Empty `outcome` or `stage`: it sets none. `state` None: the state stays."""

    outcome: str
    state: str | None
    stage: str


def _instance(outcome: str) -> str:
    """The stage in which the outcome is given."""
    return codelist("stage_outcome")[outcome].parent


def _on_appeal(outcome: str, state: str, prior: str) -> str:
    """The outcome of an appeal that leaves a count of state `prior` in `state`."""
    if state != "REC" and prior in CONVICTED | {"ABS"} and (state in CONVICTED) != (prior in CONVICTED):
        return "APE-RAB" if state == "ABS" else "APE-RCO"
    if EFFECTS[outcome].state is None and outcome != "APE-REV":
        return outcome
    return "APE-PEN" if state == "REC" else "APE-CNF"


def _by_verdict(outcome: str, verdict: str, prior: str) -> str:
    """The outcome of an act whose ruling on this count says `verdict`, given the count's state before it."""
    state, instance = _STATE_OF_VERDICT[verdict], _instance(outcome)
    if verdict == "NUL":
        return _ANNULLED.get(instance, outcome)
    if EFFECTS[outcome].state == state or (outcome, state) == ("SEN-RFC", "CON"):
        return outcome
    if instance == "70-SEN":
        return _TRIAL_OUTCOME[state]
    if instance == "80-APE":
        return _on_appeal(outcome, state, prior)
    return _ON_THE_MERITS.get(instance, outcome) if EFFECTS[outcome].standing is _OPEN else outcome


def _by_remedy(outcome: str, result: str) -> str:
    """The outcome of an act that decides a remedy with `result`, where its instance can give that result."""
    told = _REMEDY_OUTCOMES.get(result, ((), None))[0]
    return next((code for code in told if _instance(code) == _instance(outcome)), outcome)


def _stage_after(kind: EventType, outcome: str) -> str:
    """The type's own stage, unless the outcome became another one: an annulled judgment goes back to trial."""
    if outcome == kind.outcome:
        return kind.stage_to
    return {"APE-NUL": "60-JUI", "RN-NUL": "60-JUI", "APE-INA": "70-SEN"}.get(outcome) or _instance(outcome)


def decide(kind: EventType, verdict: str | None, result: str | None, prior: str) -> Decision:
    """What the act decides on a count in state `prior`: its type's outcome, unless the remedy or the ruling says otherwise.

    `verdict` (a code of `verdict`) weighs more than `result` (of `appeal_outcome`), and both more than the type; codes
    that say nothing of the effect (NSP, MIX) leave the type's.
    """
    if not kind.outcome:
        return Decision("", None, kind.stage_to)
    outcome, state = kind.outcome, None
    if result and _instance(outcome) in _ANNULLED:
        outcome, state = _by_remedy(outcome, result), _REMEDY_OUTCOMES.get(result, ((), None))[1]
    if verdict in _STATE_OF_VERDICT and _instance(outcome) in _JUDGING and outcome != "JUI-RET":
        outcome = _by_verdict(outcome, verdict, prior)
        state = None if verdict == "NUL" or outcome == "SEN-RFC" else _STATE_OF_VERDICT[verdict]
    return Decision(outcome, state or EFFECTS[outcome].state, _stage_after(kind, outcome))
