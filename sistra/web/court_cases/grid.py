"""The form of a judgment: its own answers, a row per count, a penalty per accused and a reparation, on one page.

Each part is a dictionary form whose names bear a prefix: `r<count>-`, `p<accused>-`, `d0-`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules import judgments as rules
from sistra.rules.entries import Entry, read
from sistra.rules.problems import Problem
from sistra.services import judgments
from sistra.services.court_cases import CountLine
from sistra.services.judgments import JudgmentEntry
from sistra.services.remedies import RemedyFile
from sistra.web.guards import viewer
from sistra.web.pages import language, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form

FIRST = ("decision_kind", "instance", "decided_on", "notified_on", "court_instance", "court_name", "resolution_number")
REGRESS = record("event").fields["regress_reason"]
REMAND = replace(
    record("judgment").fields["instance"],
    name="remand_to",
    label_es="¿A dónde se reenvía?",
    label_en="Where is it remanded?",
    help_es="Solo si se declara fundada con reenvío",
    help_en="Only when upheld with remand",
    list_name="procedural_stage",
    need="O",
    condition=None,
)
RULING = (
    "verdict",
    "remedy_outcome",
    "convicted_offence",
    "convicted_degree",
    "convicted_participation",
    "acquittal_reason",
    "acquittal_note",
)
REPARATION = (
    "amount_ordered",
    "victims",
    "debtors",
    "joint_liability",
    "amount_other_currency",
    "due_on",
    "status",
    "non_monetary",
    "note",
)
_PART = re.compile(r"([rpd]\d+)-(.+)")


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row of the grid: what the count is, and its form."""

    label: str
    detail: str
    form: DictionaryForm


@dataclass(frozen=True, slots=True)
class AccusedCard:
    """One card of the grid."""

    code: str
    rows: Sequence[CountRow]
    penalty: DictionaryForm

    @property
    def unfolded(self) -> bool:
        """Whether the penalty stands open: a conviction was posted, or something is wrong with the penalty."""
        answers = [answer for row in self.rows for name, answer in row.form.answers.items() if name.endswith("-verdict")]
        told = {text for answer in answers for text in answer.texts}
        return not rules.CONVICTING.isdisjoint(told) or any(answer.errors for answer in self.penalty.answers.values())


class Grid:
    """The whole form. It answers as a form does (`errors`, `form_errors`, iteration) for the error summary."""

    def __init__(
        self,
        main: DictionaryForm,
        fields: Sequence[Field],
        cards: Mapping[int, AccusedCard],
        rulings: Mapping[int, DictionaryForm],
        reparation: DictionaryForm,
        remedy: RemedyFile | None,
    ) -> None:
        self.main, self.fields, self.cards, self.rulings, self.reparation, self.remedy = (
            main,
            fields,
            cards,
            rulings,
            reparation,
            remedy,
        )
        self._parts = {f"r{key}": form for key, form in rulings.items()} | {
            f"p{key}": card.penalty for key, card in cards.items()
        }
        self._parts["d0"] = reparation

    @property
    def form_errors(self) -> list[str]:
        return list(self.main.form_errors)

    @property
    def errors(self) -> bool:
        return bool(self.main.errors or any(field.errors for form in self._parts.values() for field in form))

    def __iter__(self) -> Iterator[Any]:
        cards = [form for card in self.cards.values() for form in (*(row.form for row in card.rows), card.penalty)]
        return chain(self.main, *cards, self.reparation)

    def land(self, problems: Iterable[Problem]) -> None:
        """Puts each problem on the part that its name tells."""
        for problem in problems:
            part = _PART.fullmatch(problem.field)
            form = self._parts.get(part[1]) if part else None
            (form or self.main).land([problem])

    def validate_on_submit(self) -> bool:
        return bool(self.main.validate_on_submit())

    @property
    def once(self) -> Any:
        return self.main.once

    @property
    def remedy_id(self) -> int:
        """The key of the remedy that is decided, 0 for none."""
        return self.remedy.view.id if self.remedy is not None else 0

    def restore(self, texts: Mapping[str, Sequence[str]]) -> None:
        """Shows the texts of a draft; those of counts and people that are not asked about any more are left aside."""
        for form in (self.main, *self._parts.values()):
            form.restore(texts)

    def resume(self, texts: Mapping[str, Sequence[str]]) -> bool:
        """Shows the texts of a form that was posted and not taken. False where none is its own."""
        shown = [form.resume(texts) for form in (self.main, *self._parts.values())]
        return any(shown)

    def entry(self) -> JudgmentEntry | None:
        """What the posted form says, or None after its problems were put on their fields."""
        if not self.validate_on_submit():
            return None
        values, problems = read(self.fields, self.main.posted(), viewer().today)
        rulings = {key: self._entry("ruling", f"r{key}", problems) for key in self.rulings}
        penalties = {key: self._entry("penalty", f"p{key}", problems) for key in self.cards}
        reparation = self._entry("reparation", "d0", problems)
        if problems:
            self.land(problems)
            return None
        remand, regress = values.pop("remand_to", None), values.pop("regress_reason", None)
        given = [reparation] if _given(reparation) else []
        if self.remedy is None:
            values["instance"] = "1"
        return JudgmentEntry(
            Entry("judgment", values),
            rulings,
            penalties,
            given,
            remedy=self.remedy.view.id if self.remedy else None,
            remand_to=str(remand) if remand else None,
            regress_reason=str(regress or ""),
        )

    def _entry(self, name: str, part: str, problems: list[Problem]) -> Entry:
        form = self._parts[part]
        texts = {key.removeprefix(f"{part}-"): value for key, value in form.posted().items()}
        asked = [answer.question for answer in form.answers.values()]
        values, found = read(asked, texts, viewer().today)
        problems += [replace(one, field=f"{part}-{one.field}") for one in found]
        return Entry(name, values)


def _given(entry: Entry) -> bool:
    """Whether a reparation was entered: a status or a debtor alone is none."""
    return any(
        entry.values.get(name) not in (None, "", ()) for name in ("amount_ordered", "amount_other_currency", "non_monetary")
    )


def grid(
    lines: Sequence[CountLine],
    remedy: RemedyFile | None,
    parties: Mapping[str, list[tuple[int, str]]],
    values: Mapping[str, Any],
    *,
    posting: bool,
) -> Grid:
    """The form over the counts before the court; `values` are those from which a new judgment starts."""
    fields = [*_main_fields(remedy), REGRESS]
    remand = [(rules.RETRIAL, _("Nuevo juicio")), (rules.NEW_APPEAL, _("Nueva apelación"))]
    main = dictionary_form(
        fields,
        language=language(),
        choices={
            "remand_to": remand,
            "decision_kind": _kinds(remedy),
            "instance": [(code, term(code, "instance")) for code in codelist("instance") if code != "1"],
        },
    )()
    rulings: dict[int, DictionaryForm] = {}
    cards: dict[int, AccusedCard] = {}
    for line in lines:
        key, accused_id = line.view.id, int(str(line.view.accused))
        rulings[key] = _row_form(key, remedy)
        row = CountRow(term(line.view.offence, "offence"), ", ".join(line.victims), rulings[key])
        held = cards.get(accused_id)
        cards[accused_id] = (
            AccusedCard(line.accused, [*held.rows, row], held.penalty)
            if held
            else AccusedCard(
                line.accused, [row], dictionary_form(judgments.fields_of("penalty"), language=language())(prefix=f"p{accused_id}")
            )
        )
    reparation = dictionary_form(
        [record("reparation").fields[name] for name in REPARATION],
        language=language(),
        choices={f"d0-{name}": offered for name, offered in parties.items()},
    )(prefix="d0")
    if not posting:
        main.fill(values)
    return Grid(main, fields, cards, rulings, reparation, remedy)


def _main_fields(remedy: RemedyFile | None) -> list[Field]:
    fields = judgments.fields_of("judgment")
    if remedy is None:
        return [field for field in fields if field.name != "instance"]
    return [*fields, REMAND] if remedy.view.kind == "CAS" else fields


def _kinds(remedy: RemedyFile | None) -> list[tuple[str, str]]:
    """The kinds of decision that this form takes: those of first instance, or those that decide a remedy."""
    first = ("SEN", "SCO", "STA", "SCE")
    offered = [
        code
        for code in codelist("decision_kind")
        if (code not in rules.NOT_JUDGED_HERE and code in first)
        or (remedy is not None and code in ("SEN", "SVI", "SCA", "EJS", "AUT", "ACA"))
    ]
    if remedy is not None:
        offered = [code for code in offered if code not in first[1:]]
    return [(code, term(code, "decision_kind")) for code in offered]


def _row_form(count_id: int, remedy: RemedyFile | None) -> DictionaryForm:
    fields = record("ruling").fields
    asked = [replace(fields[name], need="O") for name in RULING if remedy is not None or name != "remedy_outcome"]
    verdicts = ["COND", "ABS", "REC"] + (["NUL"] if remedy is not None else [])
    choices: dict[str, Any] = {f"r{count_id}-verdict": [(code, term(code, "verdict")) for code in verdicts]}
    if remedy is not None:
        choices[f"r{count_id}-remedy_outcome"] = [
            (code, term(code, "appeal_outcome")) for code in rules.effects_of(str(remedy.view.kind)) if code != "NSP"
        ]
    return dictionary_form(asked, language=language(), choices=choices)(prefix=f"r{count_id}")
