"""Pages that edit a section of a charge, with its draft and what two people changed at the same time."""
from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.services import charges, drafts
from sistra.services.unit import unit_of_work
from sistra.web import offence_choices
from sistra.web.acts import amended, form_of, tell_changed, texts_posted, values_of
from sistra.web.charges.room import SECTIONS, bp, section_fields
from sistra.web.folders import charge_folder
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm

_BY_ACT = frozenset({"office", "responsible"})
"""What a charge has from its referral or its reassignment: acts with pages of their own, where the reason is told."""


def _section_form(number: str, section: str) -> tuple[DictionaryForm, list[Field], charges.Folder]:
    if section not in SECTIONS:
        raise NotVisible
    found = charges.folder(viewer(), number)
    fields = [field for field in section_fields(section) if field.name not in _BY_ACT]
    choices: dict[str, Any] = {"reported_offence": offence_choices.by_weight()}
    reserved = {field.name for field in fields if field.sensitivity != "case" and getattr(found.charge, field.name) is not None}
    form = form_of(fields, values_of(found.charge, fields), choices, version=found.charge.version, reserved=reserved)
    return form, fields, found


@bp.get("/<number>/editar/<section>")
@can("charge.amend")
def edit(number: str, section: str) -> str:
    form, _fields, found = _section_form(number, section)
    draft = drafts.resume(viewer(), f"charges.edit.{section}", number=number)
    if draft is not None:
        form.restore(draft.texts)
    return _editing(form, found, number, section, draft)


@bp.post("/<number>/editar/<section>")
@can("charge.amend")
def amend(number: str, section: str) -> Any:
    form, fields, found = _section_form(number, section)
    if request.form.get("act") == "borrador":
        return _keep_section(form, number, section)
    if form.wants_places:
        return _editing(form, found, number, section)

    def act(who: Viewer, entry: Entry) -> list[str]:
        changed = charges.amend(who, number, entry)
        drafts.discard(who, f"charges.edit.{section}", number=number)
        return changed

    return amended(form, fields, "charge", act, tell=tell_changed, edit=url_for("charges.edit", number=number, section=section),
                   to=url_for("charges.facts" if section != "denuncia" else "charges.show", number=number),
                   folder=lambda: charge_folder(found, "charges.edit")) or (_editing(form, found, number, section), 422)


def _keep_section(form: DictionaryForm, number: str, section: str) -> Response:
    if form.validate_on_submit():
        with unit_of_work():
            drafts.keep(viewer(), f"charges.edit.{section}", texts_posted(), number=number)
        flash(_("Borrador guardado."), "success")
    return redirect(url_for("charges.edit", number=number, section=section))


def _editing(form: DictionaryForm, found: charges.Folder, number: str, section: str, draft: Any = None) -> str:
    named = record("charge").sections[section].label(language())
    return render_template("charges/edit.html", folder=charge_folder(found, "charges.edit"), form=form, section=section,
                           named=named, draft=draft, number=number)
