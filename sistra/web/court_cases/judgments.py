"""Pages of the judgments of a court case: list, entry as a grid, one judgment, slips put right, reparations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.rules import judgments as rules
from sistra.rules.entries import Entry
from sistra.services import court_cases, judgments, remedies
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.court_cases import grid as grids
from sistra.web.court_cases import words
from sistra.web.court_cases.room import bp, case_folder, page
from sistra.web.folders import Line, lines
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
        judgments=[words.judgment(one) for one in judgments.listed(viewer(), key)],
    )


def _grid(key: int) -> tuple[grids.Grid, court_cases.CaseFolder]:
    who = viewer()
    asked = request.args.get("recurso", "")
    remedy = remedies.show(who, key, int(asked)) if asked.isdecimal() and len(asked) < 15 else None
    found = court_cases.folder(who, key)
    case = found.case
    values: dict[str, Any] = {"decision_kind": "SEN"}
    if rules.judges(case.court_instance):
        values |= {"court_instance": case.court_instance, "court_name": case.court_name}
    if remedy is not None:
        kind = str(remedy.view.kind)
        values = {
            "decision_kind": rules.decision_kind_of(kind),
            "instance": rules.instance_of(kind),
            "court_instance": remedy.view.court_instance,
            "court_name": remedy.view.court_name,
        }
    return grids.grid(
        court_cases.counts(who, key), remedy, court_cases.parties(who, key), values, posting=bool(request.form)
    ), found


@bp.get("/expedientes/<int:key>/sentencias/nueva")
@can("judgment.record")
def new_judgment(key: int) -> Any:
    return _new(key, *_grid(key))


def _new(key: int, form: grids.Grid, found: court_cases.CaseFolder) -> Any:
    main = [name for name in form.main.answers if name in grids.FIRST]
    rest = [name for name in form.main.answers if name not in (*grids.FIRST, "remand_to", "regress_reason")]
    attacked = [words.attacked(one) for one in form.remedy.against] if form.remedy else []
    title = (
        _("Registrar la decisión del recurso: %(remedy)s", remedy=words.remedy_row(form.remedy, key).title)
        if form.remedy
        else _("Registrar sentencia")
    )
    return page(
        "court_cases/judgment_new.html",
        key,
        "court_cases.judgments",
        found=found,
        form=form,
        first=main,
        rest=rest,
        title=title,
        attacked=attacked,
    )


@bp.post("/expedientes/<int:key>/sentencias/nueva")
@can("judgment.record")
def record_judgment(key: int) -> Any:
    form, found = _grid(key)
    return once(form, lambda: _recorded(key, form)) or _new(key, form, found)  # type: ignore[arg-type]


def _recorded(key: int, form: grids.Grid) -> str | None:
    entry = form.entry()

    def act(who: Any) -> str:
        return accept(form.once.data, url_for("court_cases.judgment", key=key, judgment_id=judgments.record(who, key, entry)))  # type: ignore[arg-type]

    location = carried_out(form, act) if entry is not None else None
    if location is not None:
        flash(_("Se registró la decisión con su actuación."), "success")
    return location


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>")
@can("court_case.read")
def judgment(key: int, judgment_id: int) -> Any:
    found = judgments.show(viewer(), key, judgment_id)
    fields = {name: record(name).fields for name in ("judgment", "ruling", "penalty", "reparation")}
    told = [fields["judgment"][name] for name in ("decision_kind", "instance", "verdict", *judgments.AMENDED)]
    rulings = [
        (
            f"{one.accused}: {term(one.offence, 'offence')}",
            _answered(lines(one.view, [fields["ruling"][name] for name in grids.RULING])),
        )
        for one in found.rulings
    ]
    penalties = [(one.accused, _answered(lines(one.view, judgments.fields_of("penalty")))) for one in found.penalties]
    reparations = [
        (
            one.view.id,
            _answered(
                lines(
                    one.view,
                    [fields["reparation"][name] for name in (*grids.REPARATION, "amount_paid")],
                    overrides={"victims": ", ".join(one.victims), "debtors": ", ".join(one.debtors)},
                )
            ),
        )
        for one in found.reparations
    ]
    return page(
        "court_cases/judgment.html",
        key,
        "court_cases.judgments",
        one=found,
        said=words.judgment(found),
        rows=_answered(lines(found.view, told)),
        rulings=rulings,
        penalties=penalties,
        reparations=reparations,
        warnings=[words.said_problem(problem) for problem in found.warnings],
        lacking=judgments.without_penalty(viewer(), key, judgment_id),
    )


def _answered(rows: list[Line]) -> list[Line]:
    """The rows that say something: a decision has many fields, and most leave most of them out."""
    return [row for row in rows if row.state != "blank"]


def _fields() -> list[Field]:
    return [field for field in judgments.fields_of("judgment") if field.name in judgments.AMENDED]


def _amend_form(key: int, judgment_id: int) -> tuple[DictionaryForm, judgments.JudgmentFile]:
    found = judgments.show(viewer(), key, judgment_id)
    form = dictionary_form(_fields(), language=language())()
    if not request.form:
        form.fill({field.name: getattr(found.view, field.name) for field in _fields()})
        form.version.data = str(found.view.version)
    return form, found


@bp.get("/expedientes/<int:key>/sentencias/<int:judgment_id>/editar")
@can("judgment.record")
def edit_judgment(key: int, judgment_id: int) -> Any:
    return _editing(key, *_amend_form(key, judgment_id))


def _editing(key: int, form: DictionaryForm, found: judgments.JudgmentFile) -> Any:
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
    entry = entry_of(form, _fields(), "judgment")
    if entry is None:
        return _editing(key, form, found)
    try:
        changed = carried_out(form, judgments.amend, key, judgment_id, conflicts.decided(entry, request.form))
    except Conflict as conflict:
        folder = case_folder(court_cases.folder(viewer(), key), "court_cases.judgments")
        back = url_for("court_cases.edit_judgment", key=key, judgment_id=judgment_id)
        return conflicts.page(conflict, folder, back, template="court_cases/conflict.html"), 409
    if changed is None:
        return _editing(key, form, found)
    flash(_("Guardado: %(fields)s.", fields=", ".join(changed)) if changed else _("No había cambios que guardar."), "success")
    return redirect(url_for("court_cases.judgment", key=key, judgment_id=judgment_id))


# -- penalties --------------------------------------------------------------------------------------------------------


def _penalty_form(key: int, judgment_id: int) -> tuple[DictionaryForm, list[Field]]:
    """The penalty of one of those who lack theirs. Raises NotVisible where nobody does."""
    lacking = judgments.without_penalty(viewer(), key, judgment_id)
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
    if not judgments.without_penalty(viewer(), key, judgment_id):
        return redirect(back)
    form, fields = _penalty_form(key, judgment_id)

    def act(who: Any, entry: Entry) -> str:
        values = dict(entry.values)
        accused = int(str(values.pop("accused")))
        judgments.add_penalty(who, key, judgment_id, accused, Entry("penalty", values))
        return accept(form.once.data, back)

    def added() -> str | None:
        entry = entry_of(form, fields, "penalty")
        location = carried_out(form, act, entry) if entry is not None else None
        if location is not None:
            flash(_("Se registró la pena."), "success")
        return location

    return once(form, added) or _penalty_page(key, judgment_id, form)


# -- reparations ------------------------------------------------------------------------------------------------------


def _reparation_form(key: int, reparation_id: int | None) -> tuple[DictionaryForm, list[Field]]:
    fields = [record("reparation").fields[name] for name in grids.REPARATION]
    form = dictionary_form(fields, language=language(), choices=court_cases.parties(viewer(), key))()
    found = judgments.reparation(viewer(), key, reparation_id).view if reparation_id is not None else None
    if found is not None and not request.form:
        form.fill({field.name: getattr(found, field.name) for field in fields})
        form.version.data = str(found.version)
    return form, fields


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

    def act(who: Any, entry: Any) -> str:
        judgments.add_reparation(who, key, judgment_id, entry)
        return accept(form.once.data, back)

    def added() -> str | None:
        entry = entry_of(form, fields, "reparation")
        return carried_out(form, act, entry) if entry is not None else None

    return once(form, added) or _reparation_page(key, form, back)


@bp.get("/expedientes/<int:key>/reparaciones/<int:reparation_id>")
@can("judgment.record")
def edit_reparation(key: int, reparation_id: int) -> Any:
    return _reparation_page(key, _reparation_form(key, reparation_id)[0], url_for("court_cases.judgments", key=key))


@bp.post("/expedientes/<int:key>/reparaciones/<int:reparation_id>")
@can("judgment.record")
def amend_reparation(key: int, reparation_id: int) -> Any:
    form, fields = _reparation_form(key, reparation_id)
    entry = entry_of(form, fields, "reparation")
    if entry is not None:
        try:
            changed = carried_out(form, judgments.amend_reparation, key, reparation_id, conflicts.decided(entry, request.form))
        except Conflict as conflict:
            folder = case_folder(court_cases.folder(viewer(), key), "court_cases.judgments")
            back = url_for("court_cases.edit_reparation", key=key, reparation_id=reparation_id)
            return conflicts.page(conflict, folder, back, template="court_cases/conflict.html"), 409
        if changed is not None:
            flash(_("Guardado."), "success")
            return redirect(url_for("court_cases.judgments", key=key))
    return _reparation_page(key, form, url_for("court_cases.judgments", key=key))
