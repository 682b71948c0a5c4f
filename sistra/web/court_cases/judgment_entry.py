"""The entry of a judgment: a grid kept as a draft while it is typed, a page that tells what it will do, then the record."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import astuple
from hashlib import sha256
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.rules import judgments as rules
from sistra.rules.problems import Rejected
from sistra.services import court_cases, drafts, judgment_preview, remedies
from sistra.services.judgment_preview import Foreseen
from sistra.services.unit import unit_of_work
from sistra.web.acts import accept, carried_out, once, texts_posted
from sistra.web.court_cases import check_words, words
from sistra.web.court_cases import grid as grids
from sistra.web.court_cases.room import bp, page
from sistra.web.guards import can, viewer
from sistra.web.pages import moment

DRAFT = "court_cases.judgment"
_NOT_CARRIED = frozenset({"csrf_token", "act", "seen"})


class _Unseen(Exception):
    """What the judgment would do now is not what the person has in front of them. Nothing is kept."""

    def __init__(self, foreseen: Foreseen) -> None:
        self.foreseen = foreseen
        super().__init__()


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


def _title(key: int, form: grids.Grid) -> str:
    if form.remedy:
        return str(_("Registrar la decisión del recurso: %(remedy)s", remedy=words.remedy_row(form.remedy, key).title))
    return str(_("Registrar sentencia"))


# -- typing -----------------------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/sentencias/nueva")
@can("judgment.record")
def new_judgment(key: int) -> Any:
    form, found = _grid(key)
    draft = drafts.resume(viewer(), DRAFT, case=key, thing_id=form.remedy_id)
    if draft is not None:
        form.restore(draft.texts)
    return _new(key, form, found, draft)


def _new(key: int, form: grids.Grid, found: court_cases.CaseFolder, draft: drafts.Draft | None = None) -> Any:
    return page(
        "court_cases/judgment_new.html",
        key,
        "court_cases.judgments",
        found=found,
        form=form,
        first=[name for name in form.main.answers if name in grids.FIRST],
        rest=[name for name in form.main.answers if name not in (*grids.FIRST, "remand_to", "regress_reason")],
        title=_title(key, form),
        attacked=[words.attacked(one) for one in form.remedy.against] if form.remedy else [],
        draft=draft,
        saved_at=moment(draft.saved_at) if draft else None,
        autosave=url_for("drafts.keep", form=DRAFT, expediente=key, registro=form.remedy_id),
    )


def _keep(key: int, form: grids.Grid, found: court_cases.CaseFolder) -> Any:
    """The button of who types without script: whatever is there is kept."""
    if form.validate_on_submit():
        carried_out(form, drafts.keep, DRAFT, _typed(), case=key, thing_id=form.remedy_id)
    if form.errors:
        return _new(key, form, found)
    flash(_("Borrador guardado. Puede cerrar la página y continuar después, desde aquí o desde «Borradores»."), "success")
    return redirect(url_for("court_cases.new_judgment", key=key, recurso=form.remedy_id or None))


# -- checking and registering -----------------------------------------------------------------------------------------


@bp.post("/expedientes/<int:key>/sentencias/nueva")
@can("judgment.record")
def record_judgment(key: int) -> Any:
    form, found = _grid(key)
    asked = request.form.get("act")
    if asked == "borrador":
        return _keep(key, form, found)
    if asked == "corregir":
        return _new(key, form, found)
    try:
        return once(form, lambda: _registered(key, form)) or _new(key, form, found)  # type: ignore[arg-type]
    except _Unseen as unseen:
        return _checking(key, form, found, unseen.foreseen)


def _registered(key: int, form: grids.Grid) -> str | None:
    """Registers what was checked, and gives where it is. Raises _Unseen where it was not, or would now do something else."""
    entry = form.entry()

    def act(who: Viewer) -> str:
        foreseen = judgment_preview.record(who, key, entry)  # type: ignore[arg-type]
        if request.form.get("act") != "registrar" or request.form.get("seen") != _seal(foreseen):
            raise _Unseen(foreseen)
        drafts.discard(who, DRAFT, case=key, thing_id=form.remedy_id)
        return accept(form.once.data, url_for("court_cases.judgment", key=key, judgment_id=foreseen.judgment_id))

    location = carried_out(form, act) if entry is not None else None
    if location is not None:
        flash(_("Se registró la decisión con su actuación."), "success")
    return location


def _typed() -> dict[str, list[str]]:
    return {name: values for name, values in texts_posted().items() if name != "seen"}


def _carried() -> list[tuple[str, str]]:
    """Everything posted, as the page that checks carries it on."""
    return [(name, value) for name, values in request.form.lists() if name not in _NOT_CARRIED for value in values]


def _seal(foreseen: Foreseen) -> str:
    """The digest of what was typed and of what it does: of what a person who checks has in front of them."""
    content = [sorted(_typed().items()), astuple(foreseen.effects)]
    return sha256(json.dumps(content, default=str).encode()).hexdigest()


def _checking(key: int, form: grids.Grid, found: court_cases.CaseFolder, foreseen: Foreseen) -> Any:
    with suppress(Rejected), unit_of_work():
        drafts.keep(viewer(), DRAFT, _typed(), case=key, thing_id=form.remedy_id)
    changed = bool(request.form.get("seen"))
    return page(
        "court_cases/judgment_check.html",
        key,
        "court_cases.judgments",
        found=found,
        status=409 if changed else 200,
        title=_title(key, form),
        changed=changed,
        told=check_words.told(foreseen),
        carried=_carried(),
        seen=_seal(foreseen),
        action=url_for("court_cases.record_judgment", key=key, recurso=form.remedy_id or None),
    )
