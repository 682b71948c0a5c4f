"""Judgments and remedies: which act each one is, what a remedy's effect says of a verdict, and what they must agree on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sistra.codebook.offences import offences
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, said

OLD_CODE = "1940"
CONVICTING, ACQUITTING, ANNULLING, MIXED = frozenset({"COND", "REC"}), "ABS", "NUL", "MIX"
CONVICTIONS = frozenset({"SEN-CON", "ANT-SCO"})
"""Acts that a judgment of first instance is where it convicts of some counts: of others it may acquit."""
RETRIAL, NEW_APPEAL = "60-JUI", "80-APE"
"""Where a cassation upheld with remand sends the case: codes of `procedural_stage`."""

# Source: label and outcome of each row of event_type.csv. Order: which one names the act when its effects differ by count;
# the course of each count follows its own ruling (`rules.outcomes.decide`), so that only label and deadlines depend on it.
_OF_EFFECT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "APE": {
        "APE-RAB": ("REV-ABS",),
        "APE-RCO": ("REV-CON",),
        "APE-NUL": ("NUL", "NUL-ACT"),
        "APE-REC": ("REC",),
        "APE-PEN": ("PEN", "REP"),
        "APE-REV": ("REV", "FUN"),
        "APE-CNF": ("CNF", "INF"),
        "APE-INA": ("INA", "DES"),
    },
    "CAS": {
        "CAS-FRJ": ("FUN-REE",),
        "CAS-FSR": ("FUN-SIN",),
        "CAS-FUN": ("FUN",),
        "CAS-INF": ("INF",),
        "CAS-INA": ("INA", "DES"),
    },
    "RN": {"RNU-NUL": ("HN-JUI",), "RNU-HNU": ("HN", "HN-ABS", "HN-PEN"), "RNU-NHN": ("NHN",)},
}
_OTHER_EFFECTS = ("FUN", "INF", "INA", "DES")
_FILED = MappingProxyType(
    {"APE": "APE-INT", "CAS": "CAS-INT", "RN": "RNU-INT", "QUE": "QUE-INT", "REV": "REV-DEM", "HC": "HAB-COR"}
)
_GRANTED = MappingProxyType({"APE-CCS": ("APE", True), "CAS-ADM": ("CAS", True), "APE-NEG": ("", False)})
_STANDS = frozenset({"CNF", "INF", "INA", "DES", "NHN", "PEN", "REP", "HN-PEN"})
_SAYS = MappingProxyType(
    {
        "REV-ABS": "ABS",
        "HN-ABS": "ABS",
        "REV-CON": "COND",
        "REC": "REC",
        "NUL": "NUL",
        "NUL-ACT": "NUL",
        "HN-JUI": "NUL",
        "FUN-REE": "NUL",
    }
)
_FINALITY = MappingProxyType({"FIR-CON": "CON", "FIR-EJE": "EJE", "FIR-ABS": "CON"})
_TRIAL_COURTS = frozenset({"JPU", "JPC", "JPE-ANT", "SPE-ANT"})
PENALTY_KEPT = frozenset({"CNF", "INF", "INA", "DES", "NHN"})
"""Effects of a remedy (codes of `appeal_outcome`) that leave the penalty as the attacked judgment set it."""

NOT_JUDGED_HERE = frozenset({"AUT", "ASO"})
"""Orders at first instance: a dismissal is an act (SOB-AUT, ANT-NHJ), not a judgment on guilt."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a judgment says of one count: `verdict` and `effect` as answered, `former` the verdict that it reviews."""

    verdict: str | None
    effect: str | None = None
    former: str | None = None

    @property
    def meaning(self) -> str | None:
        """The verdict, or the one that the effect of the remedy implies; None where neither is known."""
        if self.verdict and self.verdict != Unknown.NOT_KNOWN:
            return self.verdict
        return implied_verdict(self.effect, self.former)

    @property
    def silent(self) -> bool:
        """Nothing of what was decided on the count is known."""
        return self.meaning is None and self.effect in (None, *Unknown)


def implied_verdict(effect: str | None, former: str | None) -> str | None:
    """The verdict that follows from the effect of a remedy on a count whose verdict was `former`; None where none does."""
    if effect in _STANDS:
        return former if former not in (None, *Unknown) else None
    return _SAYS.get(effect or "")


def effects_of(remedy_kind: str) -> list[str]:
    """The effects (codes of `appeal_outcome`) that a remedy of that kind can have, in list order."""
    told = [code for codes in _OF_EFFECT[remedy_kind].values() for code in codes] if remedy_kind in _OF_EFFECT else _OTHER_EFFECTS
    return [code for code in codelist("appeal_outcome") if code in told or code == Unknown.NOT_KNOWN]


def filing_event(remedy_kind: str, *, against_judgment: bool) -> str:
    """The act by which a remedy of that kind is filed. An appeal against an order is another act than one against a judgment."""
    if remedy_kind == "APE" and not against_judgment:
        return "AUT-APE"
    return _FILED.get(remedy_kind, "CST-NOT")


def granting(event_type: str) -> tuple[str, bool] | None:
    """(kind of remedy, "" for any; whether it is granted) of an act that grants or refuses one; None for any other act."""
    return _GRANTED.get(event_type)


def instance_of(remedy_kind: str) -> str:
    """The instance (a code of `instance`) that decides a remedy of that kind."""
    return {"CAS": "S", "RN": "S", "QUE": "S", "REV": "S", "HC": "C"}.get(remedy_kind, "2")


def decision_kind_of(remedy_kind: str) -> str:
    """The kind of decision (a code of `decision_kind`) that usually decides a remedy of that kind."""
    return {"CAS": "SCA", "RN": "EJS", "APE": "SVI"}.get(remedy_kind, "AUT")


def first_instance_event(
    procedure_code: str | None, decision_kind: str, rulings: Collection[Ruled], *, reserved: bool = False
) -> str:
    """The act that a judgment of first instance is, by code of procedure, kind of decision and verdicts.

    `reserved`: the conviction is held back (reserva del fallo). SEN-NSP where no verdict is known.
    """
    verdicts = {one.verdict for one in rulings if not one.silent}
    if not verdicts:
        return "SEN-NSP"
    if decision_kind in ("STA", "SCE"):
        return "TAN-SEN" if decision_kind == "STA" else "COE-SEN"
    if decision_kind == "SCO" and verdicts <= CONVICTING:
        return "JUI-CON"
    if reserved and verdicts == {"COND"}:
        return "SEN-RFC"
    if verdicts == {"REC"}:
        return "SEN-REC"
    acquitted = verdicts == {ACQUITTING}
    if procedure_code == OLD_CODE:
        return "ANT-SAB" if acquitted else "ANT-SCO"
    return "SEN-ABS" if acquitted else "SEN-CON"


def deciding_event(remedy_kind: str, rulings: Iterable[Ruled], *, remand_to: str | None = None) -> str | None:
    """The act that decides a remedy with those effects; None where nothing of what was decided is known.

    `remand_to` tells a cassation remanded to a new appeal from one remanded to a new trial.
    """
    if remedy_kind not in _OF_EFFECT:
        return "AUT-RES"
    known = [one for one in rulings if not one.silent]
    effects = {_effect(remedy_kind, one) for one in known}
    for event_type, told in _OF_EFFECT[remedy_kind].items():
        if effects & set(told):
            return "CAS-FRA" if event_type == "CAS-FRJ" and remand_to == NEW_APPEAL else event_type
    return None


def _effect(remedy_kind: str, ruled: Ruled) -> str:
    """The effect told, else the one that the verdict has beside the former one."""
    if ruled.effect and ruled.effect not in tuple(Unknown):
        return ruled.effect
    if ruled.verdict == ANNULLING:
        return {"APE": "NUL", "CAS": "FUN-REE", "RN": "HN-JUI"}[remedy_kind]
    was, now = ruled.former in CONVICTING, ruled.verdict in CONVICTING
    if was == now:
        return {"APE": "CNF", "CAS": "INF", "RN": "NHN"}[remedy_kind]
    return {"APE": "REV-CON" if now else "REV-ABS", "CAS": "FUN-SIN", "RN": "HN" if now else "HN-ABS"}[remedy_kind]


def verdict_of(verdicts: Iterable[str | None]) -> str | None:
    """The verdict of the judgment: that of its rulings, MIX where they differ, NSP where some are not known and none differ."""
    told = [one for one in verdicts if one]
    known = {one for one in told if one != Unknown.NOT_KNOWN}
    if len(known) > 1:
        return MIXED
    return known.pop() if known and Unknown.NOT_KNOWN not in told else Unknown.NOT_KNOWN.value if told else None


def outcome_of(effects: Iterable[str | None]) -> str | None:
    """The outcome of the remedy: that of its counts, the one above it where they differ below one head, None else."""
    told = {one for one in effects if one}
    if len(told) == 1:
        return told.pop()
    heads = {codelist("appeal_outcome").top(one) for one in told}
    return heads.pop() if len(heads) == 1 else None


def finality_given(event_type: str, instance: str) -> str | None:
    """The finality (a code of `judgment_finality`) that an act gives the judgment that it names; None for any other act."""
    return "EJE" if event_type == "FIR-ABS" and instance != "1" else _FINALITY.get(event_type)


def made_final(event_type: str, verdict: str) -> bool:
    """Whether an act of finality is about a count with that verdict: a final conviction is not that of the acquitted count."""
    return verdict in (frozenset({ACQUITTING}) if event_type == "FIR-ABS" else CONVICTING)


def below_minimum(offence: str | None, degree: str | None, imprisonment: Any) -> int | None:
    """The least penalty in years of the offence where the imprisonment stays under it. An attempt may: Penal Code, art. 16."""
    known = offences().get(offence or "")
    if known is None or known.penalty_min_years is None or degree == "TEN" or not isinstance(imprisonment, Duration):
        return None
    return known.penalty_min_years if imprisonment < Duration(known.penalty_min_years) else None


def check_judgment(values: Mapping[str, Any], today: date) -> list[Problem]:
    """Problems with the dates of a judgment, and between its instance and its kind."""
    problems = [
        Problem(name, said("Esta fecha no puede ser futura"))
        for name in ("decided_on", "read_on", "notified_on", "published_on", "final_on")
        if isinstance(when := values.get(name), PartialDate) and when.earliest and when.earliest > today
    ]
    decided = values.get("decided_on")
    for name in ("notified_on", "final_on"):
        when = values.get(name)
        if isinstance(when, PartialDate) and isinstance(decided, PartialDate) and when.surely_before(decided):
            problems.append(Problem(name, said("Esta fecha no puede ser anterior a la decisión")))
    if values.get("instance") == "1" and values.get("decision_kind") in NOT_JUDGED_HERE:
        problems.append(Problem("decision_kind", said("Un auto de primera instancia se registra como audiencia o resolución")))
    return problems


def out_of_order(decided: Any, filed: Any) -> bool:
    """Whether a remedy was filed before the decision; False unless both are exact days."""
    days = [one.day if isinstance(one, PartialDate) else None for one in (decided, filed)]
    return days[0] is not None and days[1] is not None and days[1] < days[0]


def check_decided(decided: Any, filed: Any) -> list[Problem]:
    """Problem of a decision dated before the remedy that it decides was filed."""
    if not out_of_order(filed, decided):
        return []
    text = said("La decisión no puede ser anterior a la interposición del recurso (%(day)s)")
    return [Problem("decided_on", text, {"day": f"{filed.day:%d/%m/%Y}"})]


def check_filed(filed: Any, attacked: Iterable[Any]) -> list[Problem]:
    """Problem of a remedy dated before a decision that it attacks; `attacked` are the days of the decisions."""
    later = [one.day for one in attacked if out_of_order(one, filed)]
    if not later:
        return []
    text = said("El recurso no puede ser anterior a la decisión que impugna (%(day)s)")
    return [Problem("filed_on", text, {"day": f"{max(later):%d/%m/%Y}"})]


def judges(court_instance: Any) -> bool:
    """Whether a court of that kind (a code of `court_instance`) tries cases; a preparatory judge does not."""
    return court_instance in codelist("court_instance") and codelist("court_instance").top(court_instance) in _TRIAL_COURTS


def needs_judgment(remedy_kind: Any) -> bool:
    """Whether a remedy of that kind lies only against a judgment; an appeal may be against an order."""
    return remedy_kind in ("CAS", "RN")


def check_ruling(ruled: Ruled, instance: str, values: Mapping[str, Any]) -> list[Problem]:
    """Problems of one row of the grid."""
    problems = []
    if ruled.verdict == MIXED:
        problems.append(Problem("verdict", said("«Mixta» resulta de los fallos: indique el de esta imputación")))
    if instance == "1" and ruled.verdict == ANNULLING:
        problems.append(Problem("verdict", said("Una sentencia de primera instancia no anula: condena o absuelve")))
    if instance == "1" and ruled.effect not in (None, *Unknown):
        problems.append(Problem("remedy_outcome", said("El efecto de un recurso corresponde a una decisión que lo resuelve")))
    if ruled.verdict == "REC" and values.get("convicted_offence") in (None, *Unknown):
        problems.append(Problem("convicted_offence", said("Indique por qué delito se condena")))
    return problems


def check_paid(ordered: Any, paid: Any) -> str | None:
    """The status (a code of `reparation_status`) that payments give; None where there are none."""
    if not paid:
        return None
    return "PAG" if not isinstance(ordered, Unknown) and ordered is not None and paid >= ordered else "PAR"
