"""How a form becomes an act: what it asks, read, carried out as one unit, once; problems land on the fields.

Most views of an act end in `entered` (a new act or record) or `amended` (a change of what is recorded).
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.rules.entries import Entry, read
from sistra.rules.problems import Rejected
from sistra.services import drafts
from sistra.services.records import Conflict
from sistra.services.unit import Repeated, unit_of_work
from sistra.web import conflicts
from sistra.web.guards import viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

Result = TypeVar("Result")


def answerable(fields: Iterable[Field], offered: Mapping[str, Collection[Any]]) -> list[Field]:
    """Without the optional fields that name something of which there is nothing yet."""
    return [field for field in fields if field.name not in offered or offered[field.name] or field.need == "R"]


def form_of(fields: Iterable[Field], values: Mapping[str, object] | None = None, choices: Mapping[str, Any] | None = None, *,
            version: object = "", reserved: Iterable[str] = ()) -> DictionaryForm:
    """A form over fields, as it was posted; where nothing was, filled with `values`, which stand at `version` of their record.

    `choices` and `reserved` are those of `dictionary_form`.
    """
    form = dictionary_form(fields, language=language(), choices=choices, reserved=reserved)()
    if not request.form:
        form.fill(values or {})
        form.version.data = str(version)
    return form


def values_of(view: object, fields: Iterable[Field]) -> dict[str, Any]:
    """The answers of a record to fields of its own, as a form over them shows them."""
    return {field.name: getattr(view, field.name) for field in fields}


def entry_of(form: DictionaryForm, fields: Iterable[Field], record_name: str) -> Entry | None:
    """The entry that a posted form says, or None after its problems were put on their fields."""
    if not form.validate_on_submit():
        return None
    values, problems = read(fields, form.posted(), viewer().today)
    if problems:
        form.land(problems)
        return None
    return Entry(record_name, values, whole_number(form.version.data))


def whole_number(text: str | None) -> int | None:
    """A small whole number as posted (a version, a key), or None."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def carried_out(form: Any, verb: Callable[..., Result], *args: Any, **kwargs: Any) -> Result | None:
    """Runs a verb as one unit of work. Rejected lands on the form and gives None; what else it raises goes up."""
    try:
        with unit_of_work():
            return verb(viewer(), *args, **kwargs)
    except Rejected as refused:
        form.land(refused.problems)
        return None


def done(form: Any, verb: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
    """Whether a verb that gives nothing was carried out as one unit of work; where it was Rejected, the form says why."""
    carried_out(form, verb, *args, **kwargs)
    return not form.errors


def pressed(form: DictionaryForm, verb: Callable[..., object], *args: Any, told: str) -> None:
    """Carries out the verb of a button that has no page of its own: the page it leads back to says `told`, or why not."""
    if form.validate_on_submit() and done(form, verb, *args):
        flash(told, "success")
    else:
        flash(" ".join(message for message, _anchor in form.summary()), "notice")


def once(form: DictionaryForm, act: Callable[[], str | None]) -> Response | None:
    """Redirects to where `act` leads (an address), and a second post of the same form to the same place without acting again.

    None where the act was refused. The form's token is kept in the same transaction as the act.
    """
    token = form.once.data or ""
    if (already := drafts.accepted(viewer(), token)) is not None:
        return redirect(already)
    try:
        location = act()
    except Repeated:
        location = drafts.accepted(viewer(), token)
    return redirect(location) if location is not None else None


def entered(form: DictionaryForm, fields: Iterable[Field], record_name: str, act: Callable[[Viewer, Entry], str],
            told: str = "") -> Response | None:
    """Reads a posted form, carries out `act` once, says `told`, if anything, and redirects to the address that `act` gives.

    None where form or act were refused: the problems stand on the form.
    """
    def carry() -> str | None:
        entry = entry_of(form, fields, record_name)
        if entry is None:
            return None
        location = carried_out(form, lambda who: accept(form.once.data, act(who, entry)))
        if location is not None and told:
            flash(told, "success")
        return location
    return once(form, carry)


def amended(form: DictionaryForm, fields: Iterable[Field], record_name: str, act: Callable[[Viewer, Entry], Result], *,
            tell: Callable[[Result], None], edit: str, to: str, folder: Callable[[], Any],
            shell: str = "shells/charge.html") -> Any:
    """Reads a posted form, carries out `act`, lets `tell` say what came of it and redirects to the address `to`.

    Where two edits meet, the page with both values (409) inside the folder (of template `shell`), leading back to `edit`.
    None where form or act were refused: the problems stand on the form.
    """
    entry = entry_of(form, fields, record_name)
    if entry is None:
        return None
    try:
        result: Any = carried_out(form, act, conflicts.decided(entry, request.form))
    except Conflict as conflict:
        return conflicts.page(conflict, folder(), edit, shell=shell), 409
    if form.errors:
        return None
    tell(result)
    return redirect(to)


def tell_changed(labels: Sequence[str]) -> None:
    """Says which fields were saved."""
    flash(_("Guardado: %(fields)s.", fields=", ".join(labels)) if labels else _("No había cambios que guardar."), "success")


def accept(token: str | None, location: str) -> str:
    """Inside the unit of an act: remembers where the form led. Gives the address."""
    drafts.accept(viewer(), token or "", location)
    return location


def texts_posted() -> dict[str, list[str]]:
    """Everything typed into the posted form, as a draft keeps it: no tokens, no buttons."""
    left_out = {"csrf_token", "version", "once", "find-place", "act"}
    return {name: values for name, values in request.form.lists() if name not in left_out}
