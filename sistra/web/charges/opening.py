"""Pages that open a charge: the form of twelve fields, its draft, what looks like the same charge."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.rules.entries import Entry, read
from sistra.services import accounts, charges, drafts
from sistra.web import offence_choices
from sistra.web.acts import accept, carried_out, entry_of, form_of, once, texts_posted
from sistra.web.charges.room import bp
from sistra.web.guards import can, viewer
from sistra.web.pages import language, moment
from sistra.web.ui.forms import DictionaryForm

OPENING = record("charge").of_section(charges.OPENING)
DRAFT = "charges.create"


def _opening_form() -> DictionaryForm:
    who = viewer()
    return form_of(OPENING, {} if request.form else charges.opening_values(who), {
        "office": [(who.office_id, who.office_name)], "responsible": _prosecutors(),
        "reported_offence": offence_choices.by_weight(), "immediate_risk": _yes_no_risk(), "purpose_known": _purposes()})


def _prosecutors() -> Iterator[tuple[int, str]]:
    """Asked for only where the form is shown: a form that is taken does without the names."""
    yield from accounts.prosecutors(viewer().office_id, viewer().at)


def _yes_no_risk() -> list[tuple[str, str]]:
    return [("INM", _("Sí")), ("NIN", _("No")), ("NSP", _("No se sabe"))]


FREQUENT_PURPOSES = ("SEX", "LAB", "LAB-DOM", "LAB-MIN", "BEG", "NNA")
"""What offices record most: the rest is chosen when the charge is edited, so that opening one stays short by keyboard."""


def _purposes() -> list[tuple[str, str]]:
    purposes = codelist("exploitation_purpose")
    offered = [(code, purposes[code].label(language())) for code in FREQUENT_PURPOSES]
    return [*offered, ("OTH", _("Otra (se precisa después)")), ("NSP", _("Aún no se sabe"))]


@bp.get("/nueva")
@can("charge.open")
def create() -> str:
    return _new(_opening_form())


@bp.post("/nueva")
@can("charge.open")
def open_charge() -> Any:
    form = _opening_form()
    if request.form.get("act") == "borrador":
        return _keep_draft(form)
    if form.wants_places:
        return _new(form)
    return once(form, lambda: _opened(form)) or (_new(form), 422)


def _opened(form: DictionaryForm) -> str | None:
    entry = entry_of(form, OPENING, "charge")
    number = carried_out(form, _open_and_accept, entry, form.once.data) if entry else None
    if number is None:
        return None
    flash(_("Se abrió la denuncia %(number)s. Ahora agregue a las personas agraviadas o complete lo demás en cualquier orden.",
            number=number), "success")
    return url_for("charges.tasks", number=number)


def _open_and_accept(who: Any, entry: Entry, token: str) -> str:
    number = charges.open_charge(who, entry)
    accept(token, url_for("charges.tasks", number=number))
    drafts.discard(who, DRAFT)
    return number


def _keep_draft(form: DictionaryForm) -> Any:
    if not form.validate_on_submit():
        return _new(form), 422
    carried_out(form, drafts.keep, DRAFT, texts_posted())
    if form.errors:
        return _new(form), 422
    flash(_("Borrador guardado. Puede cerrar la página y continuar después, desde aquí o desde «Borradores»."), "success")
    return redirect(url_for("charges.create"))


def _new(form: DictionaryForm) -> str:
    draft = drafts.resume(viewer(), DRAFT)
    if draft is not None and request.method == "GET":
        form.restore(draft.texts)
    values, _problems = read(OPENING, form.posted(), viewer().today)
    return render_template("charges/new.html", heading=_("Nueva denuncia"), form=form, draft=draft,
                           saved_at=moment(draft.saved_at)[-5:] if draft else None, folded=("office", "responsible"),
                           office=viewer().office_name, duplicates=charges.likely_duplicates(viewer(), values))
