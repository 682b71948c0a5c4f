"""One field of the dictionary as a WTForms field that holds raw text, exactly as typed, and knows how it is asked."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field as FormField

from sistra.codebook import places
from sistra.codebook.dictionary import Condition, Field, record
from sistra.codebook.terms import Unknown
from sistra.rules.durations import Duration
from sistra.rules.entries import lies_ahead
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate
from sistra.web.ui.options import Option, first_options, options_of, own_lines, select_lines

RADIOS_UP_TO = 6
"""More choices than this are a select."""
GROUPED_FROM = 13
"""From so many checkboxes on, children are folded under their parents."""
PLACES_SHOWN = 20
PARTS = ("years", "months", "days")
_LIMA = ZoneInfo("America/Lima")
_CHOSEN = frozenset({"code", "codes", "bool", "country", "ref", "refs"})
_WIDTHS = {
    "integer": "govuk-input--width-4", "decimal": "govuk-input--width-10", "money_pen": "govuk-input--width-10",
    "date": "govuk-input--width-10", "partial_date": "govuk-input--width-10", "datetime": "govuk-input--width-20",
    "document_number": "govuk-input--width-20", "phone": "govuk-input--width-20",
    "number_format": "govuk-input--width-20",
}


class AnswerField(FormField):
    """The answer to one `question` (a field of the dictionary).

    `texts` are the texts posted under the field's own name, `unknowns` those under `<name>-unknown`, `parts` the three
    boxes of a term by suffix, `choice` the place picked. `offered` tells whether the browser sent the field at all.
    `choices` replaces what its list offers: `choose_from` is set before anything else is asked of the field, and gone through
    only when the choices are shown.
    """

    widget = None
    data: object = None

    def __init__(self, label: str | None = None, *, question: Field, language: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.question, self.language = question, language
        self.texts: list[str] = []
        self.unknowns: list[str] = []
        self.choice: list[str] = []
        self.parts: dict[str, str] = {}
        self.offered = self.reserved = self.wanted = False
        self.choose_from: Iterable[tuple[object, str]] | None = None
        self._held: tuple[str, ...] = ()

    @cached_property
    def choices(self) -> tuple[Option, ...] | None:
        """What it offers in place of its list."""
        return None if self.choose_from is None else tuple(Option(str(value), str(label)) for value, label in self.choose_from)

    # -- what came in -------------------------------------------------------------------------------------------------

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Takes the texts under all names of this field, untouched."""
        self.process_errors: list[str] = []
        self.object_data, self.raw_data = None, None
        if formdata is not None:
            self.restore({key: formdata.getlist(key) for key in self.keys if key in formdata})
            self.wanted = self.name in formdata.getlist("find-place")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The names under which a browser may post this field."""
        return (self.name, *(f"{self.name}-{end}" for end in ("offered", "unknown", "choice", *PARTS)))

    def restore(self, posted: Mapping[str, Sequence[str]]) -> None:
        """Takes texts as `posted` gave them, of a request or of a kept draft."""
        self.offered = any(key in posted for key in self.keys)
        self.texts = list(posted.get(self.name, ()))
        self.unknowns = list(posted.get(f"{self.name}-unknown", ()))
        self.choice = list(posted.get(f"{self.name}-choice", ()))
        self.parts = {end: "".join(posted.get(f"{self.name}-{end}", ())) for end in PARTS}

    def posted(self) -> dict[str, list[str]]:
        """What `rules.entries.read` needs of this field: nothing when not offered, or reserved and left empty."""
        texts: dict[str, list[str]] = {}
        if not self.offered or (self.reserved and not any([*self.texts, *self.unknowns, *self.parts.values()])):
            return texts
        if self.control == "duration":
            texts.update({f"{self.name}-{end}": [self.parts[end]] for end in PARTS})
        else:
            texts[self.name] = list(self.texts)
        if self.unknowns:
            texts[f"{self.name}-unknown"] = list(self.unknowns)
        if self.choice:
            texts[f"{self.name}-choice"] = list(self.choice)
        return texts

    def fill(self, value: object) -> None:
        """Shows a typed value: a blank, an Unknown, a Reserved or what the dictionary's type says."""
        if isinstance(value, Reserved):
            self.reserved = True
            return
        if isinstance(value, Unknown) and self.control in ("radios", "select", "checkboxes"):
            self.texts = [value.value]
        elif isinstance(value, Unknown):
            self.unknowns = [value.value]
        elif isinstance(value, PartialDate) and not value.known:
            self.unknowns = [value.iso()]
        elif isinstance(value, Duration):
            self.parts = {end: str(getattr(value, end)) for end in PARTS}
        elif isinstance(value, (tuple, list, set, frozenset)):
            self.texts = [str(one) for one in value]
        elif value is not None:
            self.texts = [self._text_of(value)]
        self._held = tuple(self.texts)

    def _text_of(self, value: object) -> str:
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, datetime):
            return value.astimezone(_LIMA).strftime("%d/%m/%Y %H:%M")
        if isinstance(value, date):
            return value.strftime("%d/%m/%Y")
        if isinstance(value, Decimal):
            return f"{value:.2f}" if self.question.type == "money_pen" else f"{value.normalize():f}"
        if self.question.type == "place" and places.is_place(str(value)):
            return places.labelled(places.place(str(value)))
        return str(value.text() if hasattr(value, "text") else value)

    # -- how it is asked ----------------------------------------------------------------------------------------------

    @cached_property
    def control(self) -> str:
        """Which control asks it: text, textarea, place, duration, radios, select or checkboxes."""
        kind = self.question.type
        if kind in ("codes", "refs"):
            return "checkboxes"
        if kind in _CHOSEN:
            return "select" if kind == "country" or len(self.options) > RADIOS_UP_TO else "radios"
        return {"longtext": "textarea", "place": "place", "duration_ymd": "duration"}.get(kind, "text")

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def optional(self) -> bool:
        return self.question.need != "R"

    @cached_property
    def hint(self) -> str:
        """One line: that of the dictionary, else the one that its type needs."""
        said = self.question.help(self.language)
        if said or self.question.type not in ("date", "partial_date", "datetime", "place"):
            return said
        words = {"date": (_("Día, mes y año: 27/3/2027") if lies_ahead(self.question) else
                          _("Por ejemplo 27/3/2026. También «hoy» o «ayer»")),
                 "partial_date": _("Día, mes o solo año: 27/3/2026, 3/2026 o 2026"),
                 "datetime": _("Por ejemplo 27/3/2026 09:30"),
                 "place": _("Distrito, provincia o departamento")}
        return str(words[self.question.type])

    @property
    def described_by(self) -> str:
        """The ids of its hint and error, for aria-describedby."""
        said = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*said, f"{self.id}-error"] if self.errors else said)

    @property
    def width(self) -> str:
        return _WIDTHS.get(self.question.type, "s-grow")

    @property
    def numeric(self) -> bool:
        return self.question.type == "integer"

    @property
    def short(self) -> bool:
        """Whether it may share a line with its neighbours."""
        return self.numeric and not self.reserved and self.question.condition is None

    @property
    def careful(self) -> bool:
        """Names and numbers of persons: the browser neither checks their spelling nor remembers them."""
        return self.question.type in ("person_name", "document_number") or self.question.sensitivity != "case"

    @property
    def options(self) -> tuple[Option, ...]:
        """Its choices, the unknown answers, and last a value that is held but not offered (any more)."""
        if self.question.type == "bool":
            own: tuple[Option, ...] = (Option("1", _("Sí")), Option("0", _("No")))
        elif self.choices is not None:
            own = self.choices
        else:
            own = options_of(self.list_name, self.language) if self.list_name else ()
        return own + self._added_options(own)

    @property
    def list_name(self) -> str:
        """Its list or standard, "" where it has none."""
        return "ISO-3166" if self.question.type == "country" else self.question.list_name

    def _added_options(self, own: tuple[Option, ...]) -> tuple[Option, ...]:
        return (*self._unknown_options(own), *self._kept_options(own))

    def _unknown_options(self, own: tuple[Option, ...]) -> Iterable[Option]:
        values = {option.value for option in own}
        return (Option(value, label) for value, label in self.unknown_choices if value not in values)

    def _kept_options(self, own: tuple[Option, ...]) -> Iterable[Option]:
        values = {option.value for option in own} | {unknown.value for unknown in self.question.unknown} | {""}
        for text in self.texts:
            terms = self.question.terms
            if text not in values and terms is not None and text in terms:
                yield Option(text, terms[text].label(self.language))
            elif text not in values and text in self._held:
                yield Option(text, _("El valor actual"))

    @cached_property
    def unknown_choices(self) -> list[tuple[str, str]]:
        """The answers that are not a value and that this question allows, with their words."""
        words = {Unknown.NOT_KNOWN: _("No se sabe"), Unknown.NOT_APPLICABLE: _("No corresponde")}
        return [(unknown.value, words[unknown]) for unknown in Unknown if unknown in self.question.unknown]

    @property
    def can_be_cleared(self) -> bool:
        """Whether radios show a last one that takes the answer back."""
        return self.optional and bool(self.texts)

    @property
    def select_lines(self) -> Markup:
        """The lines of its select, with those chosen."""
        if self.choices is not None or not self.list_name:
            return own_lines(self.options, self.texts)
        own = options_of(self.list_name, self.language)
        return select_lines(self.list_name, self.language, self.texts, self._added_options(own))

    @property
    def heads(self) -> tuple[Option, ...]:
        """The checkboxes shown at once: all of a short list, the heads of a long one, a few of a standard."""
        first = None if self.choices is not None else first_options(self.question.list_name, self.language)
        if first is not None:
            return first + self._added_options(options_of(self.list_name, self.language))
        options = self.options
        return options if len(options) < GROUPED_FROM else tuple(option for option in options if option.depth == 0)

    @property
    def branches(self) -> list[tuple[Option, list[Option]]]:
        """Of a long list, each head that has rows below it, with them."""
        options = self.options
        if len(options) < GROUPED_FROM or self.rest_lines is not None:
            return []
        found: list[tuple[Option, list[Option]]] = []
        for option in options:
            if option.depth == 0:
                found.append((option, []))
            else:
                found[-1][1].append(option)
        return [(head, below) for head, below in found if below]

    @property
    def rest_lines(self) -> Markup | None:
        """Of a standard, the lines of the select with all of it; None for any other list."""
        shown = None if self.choices is not None else first_options(self.question.list_name, self.language)
        if shown is None:
            return None
        first = {option.value for option in shown}
        return select_lines(self.question.list_name, self.language, [text for text in self.texts if text not in first])

    # -- places -------------------------------------------------------------------------------------------------------

    @property
    def found_places(self) -> list[tuple[str, str]] | None:
        """Places that match what was typed, (code, label); None when nothing was asked or the text says one place."""
        if not self.offered or not self.text.strip() or self.unknowns:
            return None
        one = places.resolve(self.text)
        if one is not None:
            return [(one.code, places.labelled(one))] if self.wanted else None
        if not self.wanted and not self.errors:
            return None
        return [(place.code, places.labelled(place)) for place in places.search(self.text, limit=PLACES_SHOWN)]

    # -- when it is asked ---------------------------------------------------------------------------------------------

    @property
    def shown_when(self) -> str:
        """The condition as the script reads it: `field=A,B`, `field=*`, `field!=A`; empty when it is always asked."""
        condition = self.question.condition
        if condition is None:
            return ""
        prefix = self.name.removesuffix(self.short_name)
        return f"{prefix}{condition.field}{'!=' if condition.negated else '='}{','.join(sorted(condition.values))}"

    @cached_property
    def when(self) -> str:
        """The condition in words."""
        condition = self.question.condition
        if condition is None:
            return ""
        trigger = record(self.question.record).fields.get(condition.field)
        named = trigger.label(self.language) if trigger else condition.field
        if "*" in condition.values:
            return str(_("Solo si respondió «%(question)s»", question=named.strip("¿?")))
        values = _(" o ").join(_answers_in_words(condition, trigger, self.language))
        if condition.negated:
            return str(_("Solo si «%(question)s» no es: %(values)s", question=named.strip("¿?"), values=values))
        return str(_("Solo si «%(question)s» es: %(values)s", question=named.strip("¿?"), values=values))


def _answers_in_words(condition: Condition, trigger: Field | None, language: str) -> list[str]:
    if trigger is not None and trigger.type == "bool":
        return [_("Sí") if value == "1" else _("No") for value in sorted(condition.values)]
    if trigger is not None and trigger.type == "country":
        names = {option.value: option.label for option in options_of("ISO-3166", language)}
    elif trigger is not None and trigger.list_name:
        names = {option.value: option.label for option in options_of(trigger.list_name, language)}
    else:
        names = {}
    order = list(names)
    return [names.get(value, value) for value in
            sorted(condition.values, key=lambda value: order.index(value) if value in names else len(order))]
