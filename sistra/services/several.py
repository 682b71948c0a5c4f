"""One verb over several charges that were chosen in a list: each is done or says why not, and one that fails stops no other."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sistra.access.standing import Forbidden, NotVisible
from sistra.rules.problems import Problem, Rejected, said

MOST_AT_ONCE = 100
"""How many charges one form names at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of the charges: its problem, or none where the verb was carried out."""

    number: str
    problem: Problem | None


def check_chosen(numbers: Sequence[str], too_many: str) -> None:
    """Refuses none at all, and more than MOST_AT_ONCE, in the words `too_many`. Raises Rejected."""
    if not numbers:
        raise Rejected(Problem("", said("Elija al menos una denuncia de la lista")))
    if len(numbers) > MOST_AT_ONCE:
        raise Rejected(Problem("", too_many))


def each(numbers: Sequence[str], verb: Callable[[str], object], *, forbidden: str) -> list[Outcome]:
    """Carries out `verb` on each number once, inside one unit of work: it must refuse before it writes.

    `forbidden` says why not of a charge that the viewer sees and may not do this to.
    """
    return [Outcome(number, _problem(number, verb, forbidden)) for number in dict.fromkeys(numbers)]


def _problem(number: str, verb: Callable[[str], object], forbidden: str) -> Problem | None:
    try:
        verb(number)
    except Rejected as refused:
        return refused.problems[0]
    except NotVisible:
        return Problem("", said("No se encontró"))
    except Forbidden:
        return Problem("", forbidden)
    return None
