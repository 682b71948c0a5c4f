"""Pages of the remedies of a court case: list, filing, one remedy, what became known of it, its decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules import judgments as rules
from sistra.rules.entries import Entry
from sistra.services import court_cases, remedies
from sistra.services.remedies import RemedyFile
from sistra.web.acts import amended, entered, form_of, tell_changed, values_of
from sistra.web.court_cases import words
from sistra.web.court_cases.grid import REGRESS
from sistra.web.court_cases.room import bp, case_folder, page
from sistra.web.folders import lines
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form


@bp.get("/expedientes/<int:key>/recursos", endpoint="remedies")
@can("court_case.read")
def listed(key: int) -> Any:
    return page(
        "court_cases/remedies.html",
        key,
        "court_cases.remedies",
        remedies=[words.remedy_row(one, key) for one in remedies.listed(viewer(), key)],
    )


# -- filing -----------------------------------------------------------------------------------------------------------


def _filing_form(key: int) -> tuple[DictionaryForm, list[Field]]:
    fields = [
        replace(field, help_es="Vacío: todos los fallos de la última decisión", help_en="Empty: all rulings of the last decision")
        if field.name == "against"
        else field
        for field in remedies.filing_fields()
    ] + [REGRESS]
    offered = [(one.ruling_id, words.attacked(one)) for one in remedies.against_choices(viewer(), key)]
    kinds = [(code, term(code, "appeal_kind")) for code in codelist("appeal_kind") if offered or not rules.needs_judgment(code)]
    if not offered:
        fields = [replace(field, need="R") if field.name == "filed_on" else field for field in fields if field.name != "against"]
    form = dictionary_form(fields, language=language(), choices={"against": offered, "kind": kinds})()
    if not request.form:
        kind = request.args.get("clase", "")
        form.fill({"kind": kind if kind in dict(kinds) else None})
    return form, fields


@bp.get("/expedientes/<int:key>/recursos/nuevo")
@can("court_case.amend")
def new_remedy(key: int) -> Any:
    form = _filing_form(key)[0]
    apart = "auto" in request.args or request.args.get("clase", "") in remedies.WITHOUT_JUDGMENT
    return _filing(key, form, unjudged="against" not in form.answers and not apart)


def _filing(key: int, form: DictionaryForm, *, unjudged: bool = False) -> Any:
    """The form; where nothing was decided yet, first where the decision is entered."""
    return page(
        "court_cases/remedy_new.html",
        key,
        "court_cases.remedies",
        form=form,
        unjudged=unjudged,
        asked=[name for name in form.answers if name != "regress_reason"],
    )


@bp.post("/expedientes/<int:key>/recursos/nuevo")
@can("court_case.amend")
def file_remedy(key: int) -> Any:
    form, fields = _filing_form(key)

    def act(who: Viewer, entry: Entry) -> str:
        made = remedies.file(who, key, entry, regress_reason=str(entry.values.get("regress_reason") or ""))
        return url_for("court_cases.remedy", key=key, remedy_id=made)

    return entered(form, fields, "remedy", act, _("Se registró el recurso con su actuación.")) or _filing(key, form)


# -- one remedy -------------------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/recursos/<int:remedy_id>")
@can("court_case.read")
def remedy(key: int, remedy_id: int) -> Any:
    found = remedies.show(viewer(), key, remedy_id)
    fields = record("remedy").fields
    told = [field for field in fields.values() if field.entered and field.type not in ("ref", "refs")]
    return page(
        "court_cases/remedy.html",
        key,
        "court_cases.remedies",
        one=found,
        said=words.remedy_row(found, key),
        rows=[line for line in lines(found.view, told) if line.state != "blank"],
        attacked=[words.attacked(one) for one in found.against],
    )


def _amend_form(key: int, remedy_id: int) -> tuple[DictionaryForm, RemedyFile]:
    found = remedies.show(viewer(), key, remedy_id)
    fields = remedies.fields_of(remedies.AMENDED)
    return form_of(fields, values_of(found.view, fields), version=found.view.version), found


@bp.get("/expedientes/<int:key>/recursos/<int:remedy_id>/editar")
@can("court_case.amend")
def edit_remedy(key: int, remedy_id: int) -> Any:
    return _editing(key, *_amend_form(key, remedy_id))


def _editing(key: int, form: DictionaryForm, found: RemedyFile) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.remedies",
        form=form,
        title=words.remedy_row(found, key).title,
        back=url_for("court_cases.remedy", key=key, remedy_id=found.view.id),
    )


@bp.post("/expedientes/<int:key>/recursos/<int:remedy_id>/editar")
@can("court_case.amend")
def amend_remedy(key: int, remedy_id: int) -> Any:
    form, found = _amend_form(key, remedy_id)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return remedies.amend(who, key, remedy_id, entry)

    return amended(
        form,
        remedies.fields_of(remedies.AMENDED),
        "remedy",
        act,
        tell=tell_changed,
        edit=url_for("court_cases.edit_remedy", key=key, remedy_id=remedy_id),
        to=url_for("court_cases.remedy", key=key, remedy_id=remedy_id),
        folder=lambda: case_folder(court_cases.folder(viewer(), key), "court_cases.remedies"),
        shell="shells/court_case.html",
    ) or _editing(key, form, found)


# -- deciding without a judgment --------------------------------------------------------------------------------------


def _deciding(key: int, remedy_id: int) -> tuple[DictionaryForm, list[Field], RemedyFile]:
    found = remedies.show(viewer(), key, remedy_id)
    if found.by_judgment or not found.open:
        raise NotVisible
    fields = [
        replace(field, need="R") if field.name in ("decided_on", "outcome") else field
        for field in remedies.fields_of(remedies.DECIDING)
    ]
    offered = [(code, term(code, "appeal_outcome")) for code in rules.effects_of(str(found.view.kind)) if code != "NSP"]
    return form_of(fields, values_of(found.view, fields), {"outcome": offered}), fields, found


@bp.get("/expedientes/<int:key>/recursos/<int:remedy_id>/resolver")
@can("court_case.amend")
def decision(key: int, remedy_id: int) -> Any:
    form, _fields, found = _deciding(key, remedy_id)
    return _decision(key, form, found)


def _decision(key: int, form: DictionaryForm, found: RemedyFile) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.remedies",
        form=form,
        action=_("Registrar"),
        title=_("Resultado del recurso: %(remedy)s", remedy=words.remedy_row(found, key).title),
        back=url_for("court_cases.remedy", key=key, remedy_id=found.view.id),
    )


@bp.post("/expedientes/<int:key>/recursos/<int:remedy_id>/resolver")
@can("court_case.amend")
def decide_remedy(key: int, remedy_id: int) -> Any:
    form, fields, found = _deciding(key, remedy_id)

    def act(who: Viewer, entry: Entry) -> str:
        remedies.decide(who, key, remedy_id, entry)
        return url_for("court_cases.remedy", key=key, remedy_id=remedy_id)

    return entered(form, fields, "remedy", act) or _decision(key, form, found)
