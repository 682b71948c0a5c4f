"""Sharing: what accepted grants open together, which fields belong to which section, and what an offer must say."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from sistra.codebook.dictionary import Field
from sistra.codebook.terms import codelist
from sistra.rules.entries import LIMA
from sistra.rules.problems import Problem, said

SUMMARY, CODED, FULL = "RES", "SID", "COM"
"""Profiles (`grant_profile`), from least to most: coded data only; all but identities; identities by reveal, of adults."""
PROFILES = (SUMMARY, CODED, FULL)
HEADER = "RES"
"""The section (`grant_section`) that every grant opens: number, stage, state, counts."""
READ, CONTRIBUTE = "LEE", "APO"
OFFERED, ACCEPTED, DECLINED, WITHDRAWN, REVOKED, EXPIRED = "OFR", "ACE", "REC", "RET", "REV", "VEN"
CONTRIBUTED = frozenset({"ACT", "ATE"})
"""The sections into which a recipient may write where the grant says so."""

_OF_RECORD = {
    "route_leg": "HEC", "victim": "AGR", "recruitment": "AGR", "exploitation": "AGR", "victim_accused_relation": "AGR",
    "accused": "IMP", "count": "DEL", "count_victim": "DEL", "retypification": "DEL", "event": "ACT", "deadline": "PLA",
    "court_case": "EXP", "charge_court_case": "EXP", "judgment": "SEN", "ruling": "SEN", "penalty": "SEN", "reparation": "SEN",
    "remedy": "SEN", "service": "ATE", "attachment": "DOC",
}
_OF_CHARGE = {"denuncia": HEADER, "registro": HEADER, "cierre": HEADER, "sistema": HEADER,
              "procedencia": "HEC", "hechos": "HEC", "procedimiento": "HEC"}
"""Section of the charge's record -> section of a grant. What concerns its reserve is nobody else's."""
_OF_CHARGE_FIELD = {"case_nickname": "HEC", "closing_note": "HEC", "confidentiality": HEADER, "procedure_code": HEADER,
                    "regime": HEADER}
_OF_MEASURE = {"COE": "MCO", "PRO": "MPR"}


def section_of(field: Field, *, kind: str | None = None) -> str | None:
    """The section of a grant (`grant_section`) to which a field belongs; None for what no grant opens.

    `kind` tells a measure's kind (COE, PRO), and of an identity whose it is (victim, accused).
    """
    if field.record == "charge":
        return _OF_CHARGE_FIELD.get(field.name) or _OF_CHARGE.get(field.section)
    if field.record == "measure":
        return _OF_MEASURE.get(kind or "")
    if field.record == "identity":
        return _OF_RECORD.get(kind or "")
    return _OF_RECORD.get(field.record)


@dataclass(frozen=True, slots=True)
class Terms:
    """What one grant gives: profile, sections, read or contribute, and its last day."""

    profile: str
    sections: Sequence[str]
    permission: str
    until: date


@dataclass(frozen=True, slots=True)
class Shared:
    """What the grants in force open together: the highest profile of each section, where one may write, until when at most."""

    profiles: Mapping[str, str]
    contributes: frozenset[str]
    until: date

    def reads(self, section: str | None) -> bool:
        return section in self.profiles


def combined(grants: Iterable[Terms]) -> Shared | None:
    """The union of the sections of the grants, with the highest profile in each. None where there is no grant."""
    profiles: dict[str, str] = {}
    contributes: set[str] = set()
    last: date | None = None
    for one in grants:
        last = max(last, one.until) if last else one.until
        for section in with_header(one.sections):
            profiles[section] = max(profiles.get(section, SUMMARY), one.profile, key=PROFILES.index)
        if one.permission == CONTRIBUTE:
            contributes |= CONTRIBUTED & set(one.sections)
    return Shared(MappingProxyType(profiles), frozenset(contributes), last) if last else None


def with_header(sections: Iterable[str]) -> tuple[str, ...]:
    """The sections in the order of their list, the header always among them."""
    chosen = {HEADER, *sections}
    return tuple(code for code in codelist("grant_section") if code in chosen)


def above(profile: str, ceiling: str | None) -> bool:
    """Whether a profile opens more than a ceiling allows (an agency without one may receive any)."""
    return ceiling in PROFILES and PROFILES.index(profile) > PROFILES.index(ceiling)


def ends_at(until: date) -> datetime:
    """The instant at which access ends that lasts through a day: the next midnight in Lima."""
    return datetime.combine(until + timedelta(days=1), time(), tzinfo=LIMA).astimezone(UTC)


def state_on(state: str, until: date, today: date) -> str:
    """How a grant stands on a day: an offer or an access whose last day has passed is expired, whatever is stored."""
    return EXPIRED if state in (OFFERED, ACCEPTED) and until < today else state


def check_offer(values: Mapping[str, object], *, today: date, ceiling: str | None = None) -> list[Problem]:
    """What is wrong with an offer (or with what is asked for): its day, its profile, what may be contributed."""
    problems = []
    until, profile = values.get("valid_until"), values.get("profile")
    sections = values.get("sections")
    if isinstance(until, date) and until < today:
        problems.append(Problem("valid_until", said("El acceso debe durar al menos hasta hoy")))
    if isinstance(profile, str) and above(profile, ceiling):
        problems.append(Problem("profile", said("Esa entidad puede recibir como máximo el nivel «%(ceiling)s»"),
                                {"ceiling": codelist("grant_profile")[str(ceiling)].label("es")}))
    if values.get("permission") == CONTRIBUTE and isinstance(sections, tuple) and not CONTRIBUTED & set(sections):
        problems.append(Problem("permission", said("Para que pueda aportar, comparta también «Actuaciones» o «Atenciones»")))
    return problems


def principal(kind: str, key: int) -> str:
    """The name of a recipient in `charge_access` and on a grant. A granted office is another name than an owning one."""
    return f"{_PRINCIPALS[kind]}:{key}"


_PRINCIPALS = {"ENT": "agency", "DES": "granted-office", "PER": "user"}


def weakest(shares: Iterable[Shared]) -> Shared | None:
    """What is surely open of a thing that several shared charges have in common: each section with its lowest profile."""
    profiles: dict[str, str] = {}
    contributes: frozenset[str] | None = None
    last: date | None = None
    for one in shares:
        last = min(last, one.until) if last else one.until
        contributes = one.contributes if contributes is None else contributes & one.contributes
        for section, profile in one.profiles.items():
            profiles[section] = min(profiles.get(section, FULL), profile, key=PROFILES.index)
    return Shared(MappingProxyType(profiles), contributes or frozenset(), last) if last else None
