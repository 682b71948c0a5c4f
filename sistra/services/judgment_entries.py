"""A judgment as it was entered, and what is wrong with it. Problems of a row of the grid are named after the row:
`r<count>-<field>`, `p<accused>-<field>`, `d<place>-<field>` (reparation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.counts import Count
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Ruling
from sistra.rules import judgments as rules
from sistra.rules.acts import DECIDED_BY_FORM
from sistra.rules.entries import Entry, required
from sistra.rules.judgments import Ruled
from sistra.rules.problems import Problem, Rejected, said
from sistra.services.case_sight import Sight

_DERIVED = frozenset({"judgment", "count", "accused", "court_case", "remedy", "attachment", "secured_by", "verdict"})


@dataclass(frozen=True, slots=True)
class JudgmentEntry:
    """A judgment as entered: itself, its rulings by count, penalties by accused, reparations; counts not judged are left out.

    `remedy` is the key of the remedy that it decides; `remand_to` where a cassation sends the case; `regress_reason` why the
    stage goes back where its act does not foresee it.
    """

    judgment: Entry
    rulings: Mapping[int, Entry]
    penalties: Mapping[int, Entry] = field(default_factory=dict)
    reparations: Sequence[Entry] = ()
    remedy: int | None = None
    remand_to: str | None = None
    regress_reason: str = ""


def fields_of(record: str) -> list[Field]:
    """What a person enters of a judgment, ruling, penalty or reparation."""
    return [
        one
        for one in record_named(record).fields.values()
        if one.entered and (one.name not in _DERIVED or (record, one.name) == ("ruling", "verdict"))
    ]


def ruled_in(sight: Sight, entry: JudgmentEntry, remedy: Remedy | None) -> dict[int, Ruled]:
    """What the entry says of each count that it judges, beside the verdict that it reviews."""
    shown = {one.id for one in sight.shown_counts}
    former = {one.count_id: one.verdict for one in remedy.against} if remedy else {}
    found = {}
    for count_id, row in entry.rulings.items():
        verdict, effect = row.values.get("verdict"), row.values.get("remedy_outcome")
        if count_id not in shown:
            raise Rejected(Problem("", said("Elija una opción de la lista")))
        if verdict is not None or effect is not None:
            found[count_id] = Ruled(_word(verdict), _word(effect), former.get(count_id) or _last_verdict(count_id))
    return found


def _word(value: Any) -> str | None:
    return str(value) if value is not None else None


def _last_verdict(count_id: int) -> str | None:
    return db.session.scalar(
        select(Ruling.verdict)
        .where(Ruling.count_id == count_id, Ruling.judgment_id.not_in(without_effect()))
        .order_by(Ruling.id.desc())
        .limit(1)
    )


def without_effect() -> Any:
    """The keys of judgments whose act was reversed, as a subquery."""
    return select(Event.judgment_id).where(
        Event.judgment_id.is_not(None), Event.reversed_by_id.is_not(None), Event.event_type.in_(DECIDED_BY_FORM)
    )


def check(viewer: Viewer, sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> None:
    """Whether decision, rulings, penalties and reparations agree. Raises Rejected.

    Problems of a ruling, penalty or reparation are named as the page names its fields: r, p or d, the key or place, a hyphen.
    """
    values = entry.judgment.values
    needed = [one for one in fields_of("judgment") if one.need == "R"]
    problems = required(needed, {one.name: values.get(one.name) for one in needed}) + rules.check_judgment(values, viewer.today)
    if remedy is not None:
        problems += rules.check_decided(values.get("decided_on"), remedy.filed_on)
    if not ruled:
        first = next((f"r{key}-verdict" for key in entry.rulings), "")
        problems.append(Problem(first, said("Indique el fallo de al menos una imputación")))
    instance = str(values.get("instance") or "")
    if instance not in ("", "1") and remedy is None:
        problems.append(
            Problem(
                "instance",
                said("Una decisión de segunda instancia o de la Corte Suprema se registra desde el recurso que resuelve"),
            )
        )
    if instance == "1" and remedy is not None:
        problems.append(Problem("instance", said("La decisión que resuelve un recurso no es de primera instancia")))
    for count_id, one in ruled.items():
        problems += _named(f"r{count_id}", rules.check_ruling(one, instance, entry.rulings[count_id].values))
    convicted = {sight.counts[count_id].accused_id for count_id, one in ruled.items() if one.meaning in rules.CONVICTING}
    problems += _penalty_problems(sight, entry, ruled, convicted)
    for place, row in enumerate(entry.reparations):
        problems += _named(f"d{place}", reparation_problems(sight, row.values))
    if problems:
        raise Rejected(problems)


def _named(prefix: str, problems: Sequence[Problem]) -> list[Problem]:
    return [replace(one, field=f"{prefix}-{one.field}") for one in problems]


def _penalty_problems(sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], convicted: set[int]) -> list[Problem]:
    problems = []
    for accused_id, row in entry.penalties.items():
        if not answered(row.values):
            continue
        name = f"p{accused_id}"
        if accused_id not in convicted:
            problems.append(Problem(f"{name}-sentence_types", said("Solo quien es condenado recibe una pena: revise los fallos")))
            continue
        least = max(
            (
                years
                for count_id, one in ruled.items()
                if sight.counts[count_id].accused_id == accused_id
                and one.meaning in rules.CONVICTING
                and (years := _least(sight.counts[count_id], entry.rulings[count_id].values, row.values)) is not None
            ),
            default=None,
        )
        if least is not None and row.values.get("below_minimum_reason") in (None, ""):
            problems.append(_below_minimum(f"{name}-below_minimum_reason", least))
    return problems


def added_penalty_problems(sight: Sight, rulings: Sequence[Ruling], values: Mapping[str, Any]) -> list[Problem]:
    """Problems of a penalty added later to a judgment; `rulings` are those of it on the convicted person's counts."""
    if not answered(values):
        return [Problem("sentence_types", said("Indique la pena"))]
    found = [
        _least(
            sight.counts[one.count_id],
            {"convicted_offence": one.convicted_offence, "convicted_degree": one.convicted_degree},
            values,
        )
        for one in rulings
        if one.verdict in rules.CONVICTING
    ]
    least = max((years for years in found if years is not None), default=None)
    if least is None or values.get("below_minimum_reason") not in (None, ""):
        return []
    return [_below_minimum("below_minimum_reason", least)]


def _below_minimum(name: str, years: int) -> Problem:
    return Problem(name, said("La pena es menor que el mínimo legal de %(years)s años: indique el motivo"), {"years": years})


def _least(count: Count, ruling: Mapping[str, Any], penalty: Mapping[str, Any]) -> int | None:
    """The legal minimum in years that the penalty stays under, if it does."""
    offence, degree = ruling.get("convicted_offence"), ruling.get("convicted_degree")
    return rules.below_minimum(
        count.offence if offence in (None, *Unknown) else str(offence),
        count.degree if degree in (None, *Unknown) else str(degree),
        penalty.get("imprisonment"),
    )


def reparation_problems(sight: Sight, values: Mapping[str, Any]) -> list[Problem]:
    """A reparation without an amount ordered, or that names somebody who is not in sight."""
    problems = required([record_named("reparation").fields["amount_ordered"]], {"amount_ordered": values.get("amount_ordered")})
    for name, rows in parties(sight).items():
        chosen = values.get(name)
        if not isinstance(chosen, Unknown) and not set(chosen or ()) <= {row.id for row in rows}:  # type: ignore[attr-defined]
            problems.append(Problem(name, said("Elija una opción de la lista")))
    return problems


def parties(sight: Sight) -> dict[str, Sequence[Base]]:
    """Whom a reparation may name, by its fields."""
    return {"victims": sight.shown_victims, "debtors": sight.shown_accused}


def answered(values: Mapping[str, Any]) -> bool:
    """Whether anything was filled in at all."""
    return any(value not in (None, "", ()) for value in values.values())
