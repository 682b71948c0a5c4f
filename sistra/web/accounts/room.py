"""The blueprint that the pages of this room hang on, and what they share."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.web.ui.forms import DictionaryForm

bp = Blueprint("accounts", __name__)
PAGE = 25

REASON = Field(
    record="user", name="reason", order=0, section="", label_es="Motivo", label_en="Reason",
    help_es="Queda en la bitácora",
    help_en="It stays in the trail", type="longtext", refers_to="", list_name="", need="R", unknown=frozenset(),
    sensitivity="case", fact="", condition=None, note="")
"""Why the administrator acts: asked like a field of the dictionary, kept in the trail alone."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, with the addresses of the pages before and after (None where there is none)."""

    rows: Sequence[Row]
    previous: str | None
    following: str | None


def paged(fetch: Callable[..., list[Row]], key: Callable[[Row], str]) -> Page[Row]:
    """The page that the address asks for (`despues` or `antes` a key); `fetch` takes `after`, `before` and `limit`."""
    after, before = request.args.get("despues", ""), request.args.get("antes", "")
    rows = fetch(after=after, before=before, limit=PAGE + 1)
    more = len(rows) > PAGE
    rows = (rows[-PAGE:] if before else rows[:PAGE]) if more else rows
    kept = {name: text for name, text in request.args.items() if name not in ("despues", "antes")}
    here = {**(request.view_args or {}), **kept}
    back = bool(rows) and (more if before else bool(after))
    onward = bool(rows) and (bool(before) or more)
    return Page(rows, url_for(request.endpoint or "", **here, antes=key(rows[0])) if back else None,
                url_for(request.endpoint or "", **here, despues=key(rows[-1])) if onward else None)


def tabs(current: str) -> list[dict[str, Any]]:
    """Links to the lists of this room."""
    entries = (("users", _("Usuarios"), url_for("accounts.index")),
               ("agency", _("Entidades"), url_for("accounts.institutions", kind="entidades")),
               ("office", _("Despachos"), url_for("accounts.institutions", kind="despachos")),
               ("roles", _("Roles"), url_for("accounts.roles")))
    return [{"label": label, "url": url, "count": None, "current": name == current} for name, label, url in entries]


def answer(template: str, form: DictionaryForm, *, conflict: bool = False, **context: object) -> Response:
    """A page with a form: 200 when it is shown, 422 when it was refused, 409 when somebody else saved before."""
    status = 409 if conflict else 422 if form.errors else 200
    return make_response(render_template(template, form=form, **context), status)


def done(who: Viewer, verb: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    """Runs a verb that gives nothing, so that its success can be told from a refusal."""
    verb(who, *args, **kwargs)
    return True
