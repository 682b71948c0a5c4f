"""When two people edited the same fields: both values side by side, what was typed kept, and the choice taken."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from sistra.rules.entries import Entry
from sistra.services import accounts
from sistra.services.records import Clash, Conflict
from sistra.web.folders import field_text
from sistra.web.guards import viewer
from sistra.web.pages import language, moment
from sistra.web.ui.forms import dictionary_form


@dataclass(frozen=True, slots=True)
class ClashRow:
    name: str
    label: str
    original: str | None
    theirs: str | None
    mine: str | None


def page(conflict: Conflict, folder: Any, back: str, *, version_field: str = "version",
         template: str = "charges/conflict.html") -> str:
    """The 409 page: it posts the same form again, with the present version and a choice for each field.

    `version_field` is the hidden field that carries the version of the record in conflict, where a form holds two.
    """
    who = accounts.user_names([conflict.editor_id]).get(conflict.editor_id or 0, _("Otra persona"))
    kept = [(name, text) for name, texts in request.form.lists() for text in texts
            if name not in ("csrf_token", "version", "once", "act", version_field) and not name.startswith("keep-")]
    form = dictionary_form((), language=language())(formdata=None)
    form.version.data = str(conflict.version) if version_field == "version" else request.form.get("version", "")
    if version_field != "version":
        kept.append((version_field, str(conflict.version)))
    return render_template(template, folder=folder, form=form, rows=[_row(clash) for clash in conflict.clashes],
                           who=who, when=moment(viewer().at), kept=kept, back=back)


def _row(clash: Clash) -> ClashRow:
    def text(value: Any) -> str | None:
        return None if value in (None, "", ()) else field_text(clash.field, value)
    return ClashRow(clash.field.name, clash.field.label(language()), text(clash.original), text(clash.theirs), text(clash.mine))


def decided(entry: Entry, posted: Mapping[str, str]) -> Entry:
    """The entry without the fields for which the person chose what the other had saved."""
    left = {name.removeprefix("keep-") for name, choice in posted.items() if name.startswith("keep-") and choice == "theirs"}
    return Entry(entry.record, {name: value for name, value in entry.values.items() if name not in left}, entry.version) if left else entry
