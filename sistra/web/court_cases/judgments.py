"""Pages of the judgments of a court case: list, one judgment, slips put right, penalties and reparations added."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.services import court_cases, judgment_reading, judgments
from sistra.web.acts import amended, entered, form_of, tell_changed, values_of
from sistra.web.court_cases import grid as grids
from sistra.web.court_cases import words
from sistra.web.court_cases.judgment_rows import rows
from sistra.web.court_cases.room import bp, case_folder, page
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form


@bp.get("/expedientes/<int:key>/sentencias", endpoint="judgments")
@can("court_case.read")
def listed(key: int) -> Any:
    return page(
        "court_cases/judgments.html",
        key,
        "court_cases.judgments",
        judgments=[words.judgment(one) for one in judgment_reading.listed(viewer(), key)],
    )


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>")
@can("court_case.read")
def judgment(key: int, judgment_id: int) -> Any:
    found = judgment_reading.show(viewer(), key, judgment_id)
    told = rows(found)
    return page(
        "court_cases/judgment.html",
        key,
        "court_cases.judgments",
        one=found,
        said=words.judgment(found),
        rows=told.decision,
        rulings=[(f"{one.accused}: {term(one.offence, 'offence')}", said) for one, said in told.rulings],
        penalties=told.penalties,
        reparations=told.reparations,
        warnings=[words.said_problem(problem) for problem in found.warnings],
        lacking=judgment_reading.without_penalty(viewer(), key, judgment_id),
    )


def _fields() -> list[Field]:
    return [field for field in judgments.fields_of("judgment") if field.name in judgments.AMENDED]


def _amend_form(key: int, judgment_id: int) -> tuple[DictionaryForm, judgment_reading.JudgmentFile]:
    found = judgment_reading.show(viewer(), key, judgment_id)
    return form_of(_fields(), values_of(found.view, _fields()), version=found.view.version), found


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>/editar")
@can("judgment.record")
def edit_judgment(key: int, judgment_id: int) -> Any:
    return _editing(key, *_amend_form(key, judgment_id))


def _editing(key: int, form: DictionaryForm, found: judgment_reading.JudgmentFile) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.judgments",
        form=form,
        title=_("Corregir la decisión del %(day)s", day=words.when(found.view.decided_on)),
        lead=_("Los fallos y las penas no se corrigen aquí: deje sin efecto la actuación y registre la decisión de nuevo."),
        back=url_for("court_cases.judgment", key=key, judgment_id=found.view.id),
    )


@bp.post("/expedientes/<int:key>/sentencias/<int:judgment_id>/editar")
@can("judgment.record")
def amend_judgment(key: int, judgment_id: int) -> Any:
    form, found = _amend_form(key, judgment_id)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return judgments.amend(who, key, judgment_id, entry)

    return amended(
        form,
        _fields(),
        "judgment",
        act,
        tell=tell_changed,
        edit=url_for("court_cases.edit_judgment", key=key, judgment_id=judgment_id),
        to=url_for("court_cases.judgment", key=key, judgment_id=judgment_id),
        folder=lambda: case_folder(court_cases.folder(viewer(), key), "court_cases.judgments"),
        shell="shells/court_case.html",
    ) or _editing(key, form, found)


# -- penalties --------------------------------------------------------------------------------------------------------


def _penalty_form(key: int, judgment_id: int) -> tuple[DictionaryForm, list[Field]]:
    """The penalty of one of those who lack theirs. Raises NotVisible where nobody does."""
    lacking = judgment_reading.without_penalty(viewer(), key, judgment_id)
    if not lacking:
        raise NotVisible
    fields = [replace(record("penalty").fields["accused"], need="R"), *judgments.fields_of("penalty")]
    form = dictionary_form(fields, language=language(), choices={"accused": lacking})()
    if not request.form and len(lacking) == 1:
        form.fill({"accused": lacking[0][0]})
    return form, fields


def _penalty_page(key: int, judgment_id: int, form: DictionaryForm) -> Any:
    back = url_for("court_cases.judgment", key=key, judgment_id=judgment_id)
    return page("court_cases/form.html", key, "court_cases.judgments", form=form, title=_("Registrar la pena"), back=back)


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>/penas/nueva")
@can("judgment.record")
def new_penalty(key: int, judgment_id: int) -> Any:
    return _penalty_page(key, judgment_id, _penalty_form(key, judgment_id)[0])


@bp.post("/expedientes/<int:key>/sentencias/<int:judgment_id>/penas/nueva")
@can("judgment.record")
def add_penalty(key: int, judgment_id: int) -> Any:
    back = url_for("court_cases.judgment", key=key, judgment_id=judgment_id)
    if not judgment_reading.without_penalty(viewer(), key, judgment_id):
        return redirect(back)
    form, fields = _penalty_form(key, judgment_id)

    def act(who: Viewer, entry: Entry) -> str:
        values = dict(entry.values)
        accused = int(str(values.pop("accused")))
        judgments.add_penalty(who, key, judgment_id, accused, Entry("penalty", values))
        return back

    return entered(form, fields, "penalty", act, _("Se registró la pena.")) or _penalty_page(key, judgment_id, form)


# -- reparations ------------------------------------------------------------------------------------------------------


def _reparation_form(key: int, reparation_id: int | None) -> tuple[DictionaryForm, list[Field]]:
    fields = [record("reparation").fields[name] for name in grids.REPARATION]
    parties = court_cases.parties(viewer(), key)
    if reparation_id is None:
        return form_of(fields, choices=parties), fields
    found = judgment_reading.reparation(viewer(), key, reparation_id).view
    return form_of(fields, values_of(found, fields), parties, version=found.version), fields


def _reparation_page(key: int, form: DictionaryForm, back: str) -> Any:
    return page("court_cases/form.html", key, "court_cases.judgments", form=form, title=_("Reparación civil"), back=back)


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>/reparaciones/nueva")
@can("judgment.record")
def new_reparation(key: int, judgment_id: int) -> Any:
    return _reparation_page(
        key, _reparation_form(key, None)[0], url_for("court_cases.judgment", key=key, judgment_id=judgment_id)
    )


@bp.post("/expedientes/<int:key>/sentencias/<int:judgment_id>/reparaciones/nueva")
@can("judgment.record")
def add_reparation(key: int, judgment_id: int) -> Any:
    form, fields = _reparation_form(key, None)
    back = url_for("court_cases.judgment", key=key, judgment_id=judgment_id)

    def act(who: Viewer, entry: Entry) -> str:
        judgments.add_reparation(who, key, judgment_id, entry)
        return back

    return entered(form, fields, "reparation", act) or _reparation_page(key, form, back)


@bp.get("/expedientes/<int:key>/reparaciones/<int:reparation_id>")
@can("judgment.record")
def edit_reparation(key: int, reparation_id: int) -> Any:
    return _reparation_page(key, _reparation_form(key, reparation_id)[0], url_for("court_cases.judgments", key=key))


@bp.post("/expedientes/<int:key>/reparaciones/<int:reparation_id>")
@can("judgment.record")
def amend_reparation(key: int, reparation_id: int) -> Any:
    form, fields = _reparation_form(key, reparation_id)
    back = url_for("court_cases.judgments", key=key)

    def act(who: Viewer, entry: Entry) -> object:
        return judgments.amend_reparation(who, key, reparation_id, entry)

    return amended(
        form,
        fields,
        "reparation",
        act,
        tell=lambda changed: flash(_("Guardado."), "success"),
        edit=url_for("court_cases.edit_reparation", key=key, reparation_id=reparation_id),
        to=back,
        folder=lambda: case_folder(court_cases.folder(viewer(), key), "court_cases.judgments"),
        shell="shells/court_case.html",
    ) or _reparation_page(key, form, back)
