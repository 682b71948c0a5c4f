"""What a judgment says, as rows of label and value: on its own page, and before it is registered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sistra.codebook.dictionary import record
from sistra.services import judgments
from sistra.services.judgment_reading import JudgmentFile, RulingLine
from sistra.web.court_cases import grid as grids
from sistra.web.folders import Line, lines


@dataclass(frozen=True, slots=True)
class JudgmentRows:
    """The rows that say something. `penalties` by code of the accused, `reparations` by key."""

    decision: list[Line]
    rulings: Sequence[tuple[RulingLine, list[Line]]]
    penalties: Sequence[tuple[str, list[Line]]]
    reparations: Sequence[tuple[int, list[Line]]]


def rows(found: JudgmentFile, *, without: Collection[str] = ()) -> JudgmentRows:
    """The rows of a judgment; `without` names fields of its rulings that are told elsewhere."""
    fields = {name: record(name).fields for name in ("judgment", "ruling", "reparation")}
    told = [fields["judgment"][name] for name in ("decision_kind", "instance", "verdict", *judgments.AMENDED)]
    ruled = [fields["ruling"][name] for name in grids.RULING if name not in without]
    owed = [fields["reparation"][name] for name in (*grids.REPARATION, "amount_paid")]
    return JudgmentRows(
        _answered(lines(found.view, told)),
        [(one, _answered(lines(one.view, ruled))) for one in found.rulings],
        [(one.accused, _answered(lines(one.view, judgments.fields_of("penalty")))) for one in found.penalties],
        [
            (
                one.view.id,
                _answered(
                    lines(one.view, owed, overrides={"victims": ", ".join(one.victims), "debtors": ", ".join(one.debtors)})
                ),
            )
            for one in found.reparations
        ],
    )


def _answered(found: list[Line]) -> list[Line]:
    """The rows that say something: a decision has many fields, and most leave most of them out."""
    return [row for row in found if row.state != "blank"]
