"""What the pages of court cases say of counts, acts, judgments and remedies, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.codebook.event_types import asks_notified_on, event_type
from sistra.codebook.terms import Unknown
from sistra.rules.judgments import MIXED
from sistra.rules.problems import Problem
from sistra.services import court_corrections
from sistra.services.court_cases import BoardRow, Hearing
from sistra.services.court_event_pages import ActLine, ActPage, Choices
from sistra.services.judgment_reading import JudgmentFile, PenaltyLine
from sistra.services.remedies import Attacked, RemedyFile
from sistra.web.folders import Line, field_text, lines
from sistra.web.pages import day, moment, shown, term

_EVENT = record("event").fields
COLOURS = {"COND": "green", "REC": "green", "ABS": "purple", "NUL": "red", "MIX": "amber"}


def said_problem(problem: Problem) -> dict[str, Any]:
    """A doubt as `components/warning.html` shows it."""
    return {"text": _(problem.message) % problem.params if problem.params else _(problem.message), "url": None}


def when(value: Any) -> str:
    """A date, or that it is not known."""
    return shown(value) if value is not None else _("sin fecha")


@dataclass(frozen=True, slots=True)
class Board:
    """A row of "Imputaciones y fallos"."""

    accused: str
    accused_url: str | None
    offence: str
    former: str
    victims: str
    stage: str
    verdict: str
    colour: str
    judgment_id: int | None
    penalty: str


def board_row(row: BoardRow) -> Board:
    line = row.line
    url = (
        url_for("people.accused_person", number=line.number, code=line.accused_code)
        if "people.accused_person" in current_app.view_functions and line.accused_open
        else None
    )
    degree = term(line.view.degree, "offence_degree") if line.view.degree == "TEN" else ""
    verdict, colour = _outcome(row)
    return Board(
        accused=line.accused,
        accused_url=url,
        offence=", ".join(filter(None, [term(line.view.offence, "offence"), degree])),
        former=term(line.former_offence, "offence") if line.former_offence else "",
        victims=", ".join(line.victims),
        stage=term(row.stage, "procedural_stage"),
        verdict=verdict,
        colour=colour,
        judgment_id=row.judgment_id,
        penalty=penalty_text(row.penalty) if row.penalty is not None else "–",
    )


def _outcome(row: BoardRow) -> tuple[str, str]:
    """What became of a count, and the colour of its tag; "" for one that is still open."""
    if row.state in (None, "ABI", "FOR", "ACU", "JUI", "RES"):
        return _("Pendiente"), ""
    return term(row.state, "count_state"), {"CON": "green", "REC": "green", "ABS": "purple", "NUL": "red"}.get(
        str(row.state), "grey"
    )


def penalty_text(view: Any) -> str:
    """A penalty in one line: the term, and how it is served."""
    parts = [shown(view.imprisonment)] if view.imprisonment is not None else []
    types = view.sentence_types if isinstance(view.sentence_types, tuple) else ()
    how = {"PPL-EFE": _("efectiva"), "PPL-SUS": _("suspendida")}
    parts += [how[code] for code in types if code in how and view.imprisonment is not None]
    parts += [
        term(code, "sentence_type") for code in types if code not in ("RC", *(how if view.imprisonment is not None else ()))
    ]
    return ", ".join(parts) or shown(view.sentence_types) or "–"


# -- acts -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """An act as a row of the list."""

    id: int
    number: int
    title: str
    when: str
    notified: str
    about: str
    effect: str
    next: str
    author: str
    recorded: str
    reversed: bool
    sealed: bool


def act(one: ActLine) -> Act:
    view = one.view
    moved = term(view.stage_after, "procedural_stage") if view.stage_after not in (None, view.stage_before) else ""
    outcome = term(view.outcome, "stage_outcome") if view.outcome and not one.mixed else ""
    title = str(_("Sentencia (mixta)")) if one.mixed else term(view.event_type, "event_type")
    if view.hearing_type not in (None, *Unknown):
        title = f"{title}: {term(view.hearing_type, 'hearing_type')}"
    return Act(
        id=view.id,
        number=one.number,
        title=title,
        when=when(view.occurred_on),
        notified=day(view.notified_on) if view.notified_on not in (None, *Unknown) else "",  # type: ignore[arg-type]
        about=_about(one),
        effect=" · ".join(filter(None, [moved, outcome])),
        next=moment(view.scheduled_for) if isinstance(view.scheduled_for, datetime) else "",
        author=one.author,
        recorded=day(one.recorded_at),
        reversed=one.reversed,
        sealed=one.sealed,
    )


def _about(one: ActLine) -> str:
    named = {accused for accused, _offence in one.counts}
    counts = [f"{accused}: {term(offence, 'offence')}" for accused, offence in one.counts]
    return "; ".join([*counts, *(code for code in one.accused if code not in named), *one.victims])


def timeline(one: ActLine, key: int) -> dict[str, Any]:
    """An act as the timeline of the first page shows it: title, day and address."""
    said = act(one)
    text = _("%(day)s, notificada %(notified)s", day=said.when, notified=said.notified) if said.notified else said.when
    return {
        "title": _("%(title)s (sin efecto)", title=said.title) if said.reversed else said.title,
        "text": text,
        "url": url_for("court_cases.act", key=key, event_id=said.id),
    }


_SETS = {"ACU": "CAC", "APE": "APE", "CAS": "CAS", "EUN": "EUN", "IPF": "CPL", "JUI": "JUI"}
"""How the code of an act begins -> the kind of hearing (`hearing_type`) for which such an act sets a date."""


def hearing_named(one: Hearing) -> str:
    """The kind of a hearing to come and whom it is about: as entered, else as the act that set it says."""
    kind = one.hearing_type if one.hearing_type not in (None, *Unknown) else _SETS.get(one.event_type[:3])
    if kind is not None:
        named = term(kind, "hearing_type")
    elif one.event_type.startswith("AUD-"):
        named = _("Audiencia de clase no indicada")
    else:
        named = term(one.event_type, "event_type")
    return ", ".join([named, *one.accused])


def hearing(one: Hearing, key: int) -> dict[str, Any]:
    """A hearing to come as the first page shows it: which, when, and the act that set it."""
    return {
        "label": hearing_named(one),
        "text": moment(one.at),
        "url": url_for("court_cases.act", key=key, event_id=one.event_id),
    }


def offered(known: Choices) -> dict[str, list[tuple[int, str]]]:
    """The choices of the fields that name something, in words."""
    return {
        "counts": [(key, f"{accused}: {term(offence, 'offence')}") for key, accused, offence in known.counts],
        "accused": list(known.accused),
        "victims": list(known.victims),
        "measure": [(key, f"{part}: {_measure(code)}") for key, part, code in known.measures],
        "judgment": [(key, f"{term(kind, 'decision_kind')}, {when(decided)}") for key, kind, decided in known.judgments],
        "reparation": [(key, ", ".join([_money(amount), *victims])) for key, amount, victims in known.reparations],
        "attachment": list(known.attachments),
        "authority": list(known.agencies),
        "target_court_case": list(known.court_cases),
    }


def _money(amount: Any) -> str:
    return field_text(record("reparation").fields["amount_ordered"], amount) if amount is not None else _("monto no conocido")


def _measure(code: str) -> str:
    coercive = term(code, "coercive_measure")
    return coercive if coercive != code else term(code, "protection_measure")


def act_rows(page: ActPage, known: Choices) -> list[Line]:
    """What an act says, as rows: the fields that its type asks, and the others that hold something."""
    view = page.line.view
    kind = event_type(str(view.event_type))
    names = {*kind.needs, *(field.name for field in court_corrections.amend_fields(kind))}
    if asks_notified_on(kind) or view.notified_on is not None:
        names.add("notified_on")
    names |= {
        name
        for name in ("party", "party_detail", "court_instance", "court_name", "appeal_outcome", "regress_reason")
        if getattr(view, name) is not None
    }
    fields = [
        field
        for field in _EVENT.values()
        if field.name in names
        and (field.name in kind.needs or field.name == "notified_on" or getattr(view, field.name) not in (None, ()))
    ]
    texts = _named_things(page, known)
    if view.scheduled_for not in (None, *Unknown):
        texts["scheduled_for"] = moment(view.scheduled_for)  # type: ignore[arg-type]
    return lines(view, fields, overrides=texts)


def _named_things(page: ActPage, known: Choices) -> dict[str, str]:
    """What an act refers to, by field, in words; that it is reserved where the viewer may not know which one it is."""
    reserved = {"attachment": _("Documento reservado")}
    texts = {name: reserved.get(name, _("Reservado")) if told is None else told for name, told in page.named.items()}
    for name, choices in offered(known).items():
        if name in texts:
            continue
        held = getattr(page.line.view, name)
        keys = held if isinstance(held, tuple) else (held,)
        if found := [label for key, label in choices if key in keys]:
            texts[name] = "; ".join(found)
        elif isinstance(held, int):
            texts[name] = _("Reservado")
    return texts


# -- judgments and remedies -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgment:
    """A judgment as a row of the list. `rulings` are (accused: offence, verdict, colour)."""

    id: int
    title: str
    when: str
    court: str
    verdict: str
    colour: str
    rulings: Sequence[tuple[str, str, str]]
    penalties: str
    finality: str
    reversed: bool


def judgment_title(view: Any) -> str:
    """The kind of decision; one whose rulings differ says so."""
    title = term(view.decision_kind, "decision_kind")
    return str(_("%(title)s (mixta)", title=title)) if view.verdict == MIXED else title


def judgment(one: JudgmentFile) -> Judgment:
    view = one.view
    rulings = [
        (f"{row.accused}: {term(row.offence, 'offence')}", ruling_text(row.view), COLOURS.get(str(row.view.verdict), "grey"))
        for row in one.rulings
    ]
    court = view.court_name if view.court_name not in (None, *Unknown) else term(view.court_instance, "court_instance")
    return Judgment(
        id=view.id,
        title=judgment_title(view),
        when=when(view.decided_on),
        court=str(court),
        verdict=term(one.verdict, "verdict") if one.verdict else "",
        colour=COLOURS.get(str(one.verdict), "grey"),
        rulings=rulings,
        penalties="; ".join(penalty_line(row) for row in one.penalties),
        finality=term(view.finality, "judgment_finality") if view.finality else "",
        reversed=one.reversed,
    )


def ruling_text(view: Any) -> str:
    """The verdict on a count, with the effect of the remedy where it has one."""
    effect = term(view.remedy_outcome, "appeal_outcome") if view.remedy_outcome not in (None, *Unknown) else ""
    verdict = shown(view.verdict) if view.verdict in tuple(Unknown) else term(view.verdict, "verdict")
    return f"{effect} ({verdict})" if effect else verdict


def penalty_line(row: PenaltyLine) -> str:
    return f"{row.accused}: {penalty_text(row.view)}"


def attacked(one: Attacked) -> str:
    """A ruling as a remedy names it."""
    return str(
        _(
            "Decisión del %(day)s, %(accused)s: %(offence)s, %(verdict)s",
            day=when(one.decided_on),
            accused=one.accused,
            offence=term(one.offence, "offence"),
            verdict=term(one.verdict, "verdict"),
        )
    )


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy as a row."""

    id: int
    title: str
    filed: str
    by: str
    against: str
    result: str
    url: str
    reversed: bool
    open: bool


def remedy_row(one: RemedyFile, key: int) -> Remedy:
    view = one.view
    title = term(view.kind, "appeal_kind") + (f" {view.number}" if view.number not in (None, *Unknown) else "")
    by = term(view.filed_by, "procedural_party")
    if one.party_detail not in (None, *Unknown):
        by = f"{by}: {one.party_detail}"
    against = ""
    if one.against:
        against = _(
            "Decisión del %(day)s, fallo de %(accused)s",
            day=when(one.against[0].decided_on),
            accused="; ".join(dict.fromkeys(f"{row.accused}: {term(row.offence, 'offence')}" for row in one.against)),
        )
    return Remedy(
        id=view.id,
        title=title,
        filed=when(view.filed_on),
        by=by,
        against=against,
        result=_result(one),
        url=url_for("court_cases.remedy", key=key, remedy_id=view.id),
        reversed=one.reversed,
        open=one.open,
    )


def _result(one: RemedyFile) -> str:
    view = one.view
    if one.reversed:
        return str(_("Sin efecto"))
    if view.outcome not in (None, *Unknown):
        return str(_("%(result)s (%(day)s)", result=term(view.outcome, "appeal_outcome"), day=when(view.decided_on)))
    if one.decision is not None or view.outcome is not None:
        return str(_("Resuelto"))
    if view.granted is False:
        return str(_("Denegado"))
    court = view.court_name if view.court_name not in (None, *Unknown) else term(view.court_instance, "court_instance")
    return ", ".join(filter(None, [_("En trámite"), str(court)]))
