"""How a posted form becomes an act: read, carried out as one unit, once; problems land on the fields."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from sistra.codebook.dictionary import Field
from sistra.rules.entries import Entry, read
from sistra.rules.problems import Rejected
from sistra.services import drafts
from sistra.services.unit import Repeated, unit_of_work
from sistra.web.guards import viewer
from sistra.web.ui.forms import DictionaryForm

Result = TypeVar("Result")


def entry_of(form: DictionaryForm, fields: Iterable[Field], record_name: str) -> Entry | None:
    """The entry that a posted form says, or None after its problems were put on their fields."""
    if not form.validate_on_submit():
        return None
    values, problems = read(fields, form.posted(), viewer().today)
    if problems:
        form.land(problems)
        return None
    return Entry(record_name, values, _version(form))


def whole_number(text: str | None) -> int | None:
    """A small whole number as posted (a version, a key), or None."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _version(form: DictionaryForm) -> int | None:
    return whole_number(form.version.data)


def carried_out(form: Any, verb: Callable[..., Result], *args: Any, **kwargs: Any) -> Result | None:
    """Runs a verb as one unit of work. Rejected lands on the form and gives None; what else it raises goes up."""
    try:
        with unit_of_work():
            return verb(viewer(), *args, **kwargs)
    except Rejected as refused:
        form.land(refused.problems)
        return None


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


def accept(token: str | None, location: str) -> str:
    """Inside the unit of an act: remembers where the form led. Gives the address."""
    drafts.accept(viewer(), token or "", location)
    return location


def texts_posted() -> dict[str, list[str]]:
    """Everything typed into the posted form, as a draft keeps it: no tokens, no buttons."""
    left_out = {"csrf_token", "version", "once", "find-place", "act"}
    return {name: values for name, values in request.form.lists() if name not in left_out}


def here(endpoint: str, **values: Any) -> str:
    """The address of an endpoint, for redirects and links."""
    return url_for(endpoint, **values)


Posted = Mapping[str, list[str]]
