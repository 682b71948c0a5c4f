"""Stories under the Code of Criminal Procedure of 1940."""

from __future__ import annotations

from collections.abc import Callable

from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.courts import court, opened
from sistra.rules.demonstration.inquiries import work
from sistra.rules.demonstration.shapes import Ref
from sistra.rules.demonstration.trials import decided, enforced, judged, nullity


def _instruction(c: Course) -> None:
    _taken_up(c)
    c.go(10, 30)
    court(c, "ANT-INS", counts=c.charged(), exact=True)
    if c.chance.yes(0.5) and c.named():
        court(c, "DET-ANT", accused=(Ref(c.named()[0]),))
    work(c, 1, 2, pace=20)
    c.go(60, 100)
    court(c, "ANT-AMP", term_days=60)
    c.go(30, 60)
    court(c, "ANT-DIC")


def _taken_up(c: Course) -> None:
    c.step("amend", {"procedure_code": "1940"})
    c.go(20, 60).act("ANT-FOR", counts=c.charged(), exact=True)
    c.go(2, 9)
    opened(c, old=True)


def judged_twice(verdict: str, effect: str, *, ends: str = "") -> Callable[[Course], None]:
    def tell(c: Course) -> None:
        _instruction(c)
        c.go(30, 60)
        court(c, "ANT-ACU", counts=c.charged(), exact=True)
        c.go(30, 60)
        court(c, "ANT-ENJ", counts=c.charged(), exact=True)
        c.go(30, 60)
        court(c, "JUI-INS", exact=True)
        c.go(6, 8)
        court(c, "JUI-SES", exact=True)
        judged(c, verdict)
        decided(c, nullity(c), "EJS", effect, label="J-2", verdict="ABS" if effect == "HN-ABS" else None)
        if ends:
            enforced(c, ends, "J-2")

    return tell


def refused(c: Course) -> None:
    _taken_up(c)
    c.go(10, 30)
    court(c, "ANT-NHI", counts=c.charged(), exact=True)


def no_trial(c: Course) -> None:
    _instruction(c)
    c.go(30, 60)
    court(c, "ANT-NHJ", counts=c.charged(), exact=True)
