"""When two people edited the same fields: both values side by side, what was typed kept, and the choice taken."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from sistra.rules.entries import Entry
from sistra.services import accounts
from sistra.services.records import Clash, Conflict
from sistra.services.reference_words import ReferenceWords
from sistra.web.folders import field_text
from sistra.web.guards import viewer
from sistra.web.pages import language, moment
from sistra.web.ui.forms import dictionary_form

_ASKED, _PRESENT, _OF_IDENTITY = "choices-asked", "present-version", "choices-of-identity"
"""What the 409 page carries beside the form: the names of its choices, the version they are about, and whose it is."""


@dataclass(frozen=True, slots=True)
class ClashRow:
    name: str
    label: str
    original: str | None
    theirs: str | None
    mine: str | None


def page(conflict: Conflict, folder: Any, back: str, *, version_field: str = "version",
         shell: str = "shells/charge.html") -> str:
    """The 409 page: it posts the same form again, with a choice for each field.

    The form keeps the version it began with; the present one goes beside it and holds once every choice is made.

    `version_field` is the hidden field that carries the version of the record in conflict, where a form holds two.
    """
    who = accounts.user_names([conflict.editor_id]).get(conflict.editor_id or 0, _("Otra persona"))
    asked = [f"keep-{clash.field.name}" for clash in conflict.clashes]
    kept = [(name, text) for name, texts in request.form.lists() for text in texts
            if name not in ("csrf_token", "version", "once", "act", _ASKED, _PRESENT, _OF_IDENTITY, *asked)]
    form = dictionary_form((), language=language())(formdata=None)
    form.version.data = request.form.get("version", "")
    kept += [(_ASKED, name) for name in asked] + [(_PRESENT, str(conflict.version))]
    if version_field != "version":
        kept.append((_OF_IDENTITY, "1"))
    rows = [_row(clash) for clash in conflict.clashes]
    return render_template("folders/conflict.html", shell=shell, folder=folder, form=form, rows=rows, who=who,
                           when=moment(viewer().at), kept=kept, back=back)


def _row(clash: Clash) -> ClashRow:
    words = ReferenceWords(viewer())

    def text(value: Any) -> str | None:
        return None if value in (None, "", ()) else field_text(clash.field, words.told(clash.field, value))
    return ClashRow(clash.field.name, clash.field.label(language()), text(clash.original), text(clash.theirs), text(clash.mine))


def decided(entry: Entry, posted: MultiDict[str, str]) -> Entry:
    """The entry without the fields for which the person chose what the other had saved, over the present version.

    Where a choice is missing the entry stays as it was typed, over its old version: the same page comes back.
    """
    if any(name not in posted for name in posted.getlist(_ASKED)):
        return entry
    left = {name.removeprefix("keep-") for name, choice in posted.items() if name.startswith("keep-") and choice == "theirs"}
    present, of_identity = posted.get(_PRESENT, ""), _OF_IDENTITY in posted
    settled = present.isascii() and present.isdigit() and len(present) < 10 and of_identity == (entry.record == "identity")
    return Entry(entry.record, {name: value for name, value in entry.values.items() if name not in left},
                 int(present) if settled else entry.version)
