"""Forms made from fields of the dictionary. They carry text both ways; `rules.entries.read` tells what it means."""
from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField

from sistra.codebook.dictionary import Field
from sistra.rules.masking import Reserved
from sistra.rules.problems import Problem
from sistra.web.ui.answers import AnswerField

_PREFIX = "answer_"
"""Attributes of the answers carry it, for a record may well have a field called `summary` or `data`."""


class DictionaryForm(FlaskForm):
    """A form over dictionary fields. `form["name"]` is an answer; `answers` has all in the order they are asked.

    `version` is that of the record the person has in front of them, `once` the token that makes a double submit one
    act. A form made inside a request that posts takes the texts posted; `fill` then only says what is reserved.
    """

    language = "es"
    version = HiddenField()
    once = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def __init__(self, *args: Any, choices: Mapping[str, Iterable[tuple[object, str]]] | None = None,
                 reserved: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers: dict[str, AnswerField] = {
            field.name: field for field in self._fields.values() if isinstance(field, AnswerField)}
        for name, offered in (choices or {}).items():
            if name in self.answers:
                self.answers[name].choose_from = offered
        for name in reserved:
            if name in self.answers:
                self.answers[name].reserved = True

    def __getitem__(self, name: str) -> Any:
        return self._fields[_PREFIX + name] if _PREFIX + name in self._fields else self._fields[name]

    def __contains__(self, name: str) -> bool:
        return _PREFIX + name in self._fields or name in self._fields

    def fill(self, values: Mapping[str, object]) -> None:
        """Shows typed values (field name -> value). What a request posted is never overwritten."""
        for name, value in values.items():
            if name in self.answers and (isinstance(value, Reserved) or not self.answers[name].offered):
                self.answers[name].fill(value)

    def rows(self, names: Iterable[str] | None = None) -> list[list[AnswerField]]:
        """The answers named (all of them when None) as they stand on the page: neighbouring numbers share a line."""
        lines: list[list[AnswerField]] = []
        wanted = self.answers if names is None else names
        for answer in (self.answers[name] for name in wanted if name in self.answers):
            if answer.short and lines and lines[-1][-1].short:
                lines[-1].append(answer)
            else:
                lines.append([answer])
        return lines

    def restore(self, posted: Mapping[str, Sequence[str]]) -> None:
        """Shows the texts of a draft exactly as `posted` gave them when it was kept."""
        for answer in self.answers.values():
            if any(key in posted for key in answer.keys):
                answer.restore(posted)

    def resume(self, posted: Mapping[str, Sequence[str]]) -> bool:
        """Shows the texts of a form that was posted and not taken, with the version it was about. False where none is its own."""
        own = [field for field in self if field.type == "HiddenField" and field.name in posted]
        for field in own:
            field.data = "".join(posted[field.name])
        self.restore(posted)
        return bool(own) or any(key in posted for answer in self.answers.values() for key in answer.keys)

    def posted(self) -> dict[str, list[str]]:
        """The texts for `rules.entries.read` by name: only of fields that were offered and posted."""
        texts: dict[str, list[str]] = {}
        for answer in self.answers.values():
            texts.update(answer.posted())
        return texts

    @property
    def wants_places(self) -> bool:
        """Whether "Buscar lugar" was pressed: show the form again, check and write nothing."""
        return any(answer.wanted for answer in self.answers.values())

    def land(self, problems: Iterable[Problem]) -> None:
        """Puts each problem, translated, on its field; those of no field of this form on top."""
        for problem in problems:
            answer = self.answers.get(problem.field)
            params = dict(problem.params)
            if answer is not None and "label" in params:
                params["label"] = answer.question.label(self.language)
            message = gettext(problem.message) % params if params else gettext(problem.message)
            if answer is None:
                self.form_errors.append(message)
            else:
                answer.errors = [*answer.errors, message]

    def summary(self) -> list[tuple[str, str]]:
        """(message, anchor) in the order of the fields; the anchor of a problem of the whole is empty."""
        return [(message, "") for message in self.form_errors] + [
            (message, f"#{field.id}") for field in self for message in field.errors]


def dictionary_form(
    fields: Iterable[Field], *, language: str, choices: Mapping[str, Iterable[tuple[object, str]]] | None = None,
    reserved: Iterable[str] = frozenset(), extra_hidden: Iterable[str] = (),
) -> Callable[..., DictionaryForm]:
    """A maker of forms over `fields`: call it inside a request, with `formdata=None` to leave aside what was posted.

    `choices` (field -> (value, label) pairs, gone through once and only when the field is shown) replaces what a list-like
    field offers and is needed by `ref` and `refs`; unknown answers are added by the field itself. `reserved` names fields
    shown as reserved, whose empty box means unchanged.
    """
    made = _form_class(_in_order(tuple(fields)), language, tuple(extra_hidden))
    return partial(made, choices=choices, reserved=frozenset(reserved))


@cache
def _form_class(fields: tuple[Field, ...], language: str, extra_hidden: tuple[str, ...]) -> type[DictionaryForm]:
    body: dict[str, Any] = {"language": language, "__doc__": "A form over fields of the dictionary."}
    for field in fields:
        body[_PREFIX + field.name] = AnswerField(
            field.label(language), question=field, language=language, name=field.name)
    for name in extra_hidden:
        body[name] = HiddenField()
    return type("RecordForm", (DictionaryForm,), body)


def _in_order(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields with each conditional one after its trigger, where the trigger is among them."""
    names = {field.name for field in fields}
    led: dict[str, list[Field]] = {}
    for field in fields:
        if field.condition and field.condition.field in names - {field.name}:
            led.setdefault(field.condition.field, []).append(field)
    placed: dict[str, Field] = {}

    def place(field: Field) -> None:
        if field.name not in placed:
            placed[field.name] = field
            for follower in led.get(field.name, ()):
                place(follower)

    followers = {field.name for group in led.values() for field in group}
    for field in fields:
        if field.name not in followers:
            place(field)
    return (*placed.values(), *(field for field in fields if field.name not in placed))
