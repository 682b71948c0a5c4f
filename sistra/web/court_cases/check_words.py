"""What registering a judgment will do, in words: the page that a person reads before saying yes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from sistra.codebook.event_types import event_type
from sistra.rules.judgments import CONVICTING, MIXED
from sistra.rules.outcomes import EFFECTS
from sistra.rules.stages import rank
from sistra.services.judgment_preview import Effects, Foreseen, Moved
from sistra.web.court_cases import words
from sistra.web.court_cases.judgment_rows import rows
from sistra.web.folders import Line
from sistra.web.pages import day, term


@dataclass(frozen=True, slots=True)
class Person:
    """What the decision says of one accused: (offence, verdict, colour, rows) of each count, and the penalty."""

    code: str
    rulings: Sequence[tuple[str, str, str, list[Line]]]
    penalty: list[Line]


@dataclass(frozen=True, slots=True)
class Told:
    decision: list[Line]
    people: Sequence[Person]
    reparations: Sequence[list[Line]]
    consequences: Sequence[str]
    warnings: Sequence[dict[str, Any]]


def told(foreseen: Foreseen) -> Told:
    said = rows(foreseen.file, without=("verdict", "remedy_outcome"))
    penalties = dict(said.penalties)
    people: dict[str, list[tuple[str, str, str, list[Line]]]] = {}
    for one, found in said.rulings:
        verdict = words.ruling_text(one.view)
        colour = words.COLOURS.get(str(one.view.verdict), "grey")
        people.setdefault(one.accused, []).append((term(one.offence, "offence"), verdict, colour, found))
    return Told(
        said.decision,
        [Person(code, rulings, penalties.get(code, [])) for code, rulings in people.items()],
        [found for _key, found in said.reparations],
        list(_consequences(foreseen)),
        list(_warnings(foreseen)),
    )


def _consequences(foreseen: Foreseen) -> Iterator[str]:
    """What follows, a sentence each: the act, the remedy, counts, charges, the court case, time limits."""
    effects = foreseen.effects
    act = _("Sentencia (mixta)") if foreseen.file.verdict == MIXED else term(effects.event_type, "event_type")
    yield _("Se agrega a «Audiencias y resoluciones» la actuación «%(act)s».", act=act)
    if effects.remedy_kind is not None:
        remedy, outcome = term(effects.remedy_kind, "appeal_kind"), term(effects.outcome, "appeal_outcome")
        yield _("Se da por resuelto el recurso (%(remedy)s): %(outcome)s.", remedy=remedy, outcome=outcome)
    if effects.annulled:
        yield _("Queda anulada la decisión impugnada.")
    for one in effects.counts:
        yield from _moves(f"{one.name}, {term(one.offence, 'offence')}", one, "count_state")
    for one in effects.charges:
        named = _("Denuncia %(number)s", number=one.name)
        yield from _moves(named, one, "charge_status")
        if one.stage[0] == one.stage[1] and one.state[0] == one.state[1]:
            yield _("%(what)s: no cambia de etapa ni de estado.", what=named)
    if effects.stage[0] != effects.stage[1]:
        yield _stage_moved(_("Expediente"), effects.stage)
    kind = event_type(effects.event_type)
    if kind.outcome and EFFECTS[kind.outcome].final:
        yield _("Contra esta decisión no cabe recurso ordinario: se registra como firme desde su fecha.")
    yield from _deadlines(effects)
    if effects.silent:
        counts = "; ".join(f"{accused}: {term(offence, 'offence')}" for accused, offence in effects.silent)
        yield _("Sin pronunciamiento en esta decisión: %(counts)s.", counts=counts)


def _moves(what: str, one: Moved, states: str) -> Iterator[str]:
    if one.state[0] != one.state[1]:
        before, after = (term(code, states) for code in one.state)
        yield _("%(what)s: el estado pasa de «%(before)s» a «%(after)s».", what=what, before=before, after=after)
    if one.stage[0] != one.stage[1]:
        yield _stage_moved(what, one.stage)


def _stage_moved(what: str, stage: tuple[str | None, str | None]) -> str:
    before, after = (term(code, "procedural_stage") for code in stage)
    return str(_("%(what)s: la etapa pasa de «%(before)s» a «%(after)s».", what=what, before=before, after=after))


def _deadlines(effects: Effects) -> Iterator[str]:
    """Each time limit once, of however many charges it is."""
    opened: dict[tuple[str, date | None], None] = {(rule, due): None for rule, due, _charge in effects.opened}
    for rule, due in opened:
        named = term(rule, "deadline")
        if due is None:
            yield _("Se abre el plazo «%(rule)s», con vencimiento por calcular.", rule=named)
        else:
            yield _("Se abre el plazo «%(rule)s», que vence el %(day)s.", rule=named, day=day(due))
    for rule in dict.fromkeys(rule for rule, _due, _charge in effects.closed):
        yield _("Se cierra el plazo «%(rule)s».", rule=term(rule, "deadline"))


def _warnings(foreseen: Foreseen) -> Iterator[dict[str, Any]]:
    """Doubts that stop nothing."""
    yield from map(words.said_problem, foreseen.file.warnings)
    convicted = any(one.view.verdict in CONVICTING for one in foreseen.file.rulings)
    if convicted and not foreseen.file.reparations and foreseen.effects.remedy_kind is None:
        yield {"text": _("Hay condena y no se registró ninguna reparación civil"), "url": None}
    before, after = foreseen.effects.stage
    if before is not None and after is not None and rank(after) < rank(before):
        yield {"text": _("Con esta decisión el expediente retrocede de etapa"), "url": None}
