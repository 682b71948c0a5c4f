"""Referrals between offices: those received and sent, accepting by naming the responsible, declining."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import record
from sistra.rules.problems import said
from sistra.services import charges
from sistra.services.hand_over import answers, readings
from sistra.web.acts import carried_out, done, entry_of, form_of
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.hand_over.room import bp, row
from sistra.web.listing import tab_asked, tabs_of
from sistra.web.ui.forms import DictionaryForm

_TABS = {"por-responder": said("Por responder"), "respondidas": said("Respondidas o retiradas"), "enviadas": said("Enviadas")}
_NAMED = (replace(record("event").fields["responsible"], need="R"),)
_WHY = tuple(replace(record("referral").fields[name], need="R", condition=None) for name in ("decline_reason", "decline_note"))


@bp.get("/derivaciones/fiscalias")
@can("referral.list")
def listing() -> str:
    tab = tab_asked(_TABS)
    return render_template(
        "hand_over/listing.html", heading=_("Derivaciones entre fiscalías"), tab=tab,
        rows=[row(one) for one in readings.listed(viewer(), tab)],
        tabs=tabs_of("hand_over.listing", _TABS, readings.counted(viewer()), tab),
        back=(_("Derivaciones"), url_for("sharing.inbox")))


@bp.get("/derivaciones/fiscalias/<int:referral_id>")
@can("referral.list")
def show(referral_id: int) -> str:
    return _show(referral_id, _answer_form(referral_id))


def _answer_form(referral_id: int) -> DictionaryForm:
    return form_of(_NAMED, {}, {"responsible": readings.prosecutors_for(viewer(), referral_id)})


def _show(referral_id: int, form: DictionaryForm) -> str:
    line = row(readings.one(viewer(), referral_id))
    heading = _("Derivación de la denuncia %(number)s", number=line["number"])
    return render_template("hand_over/show.html", heading=heading, line=line, form=form,
                           back=(_("Derivaciones entre fiscalías"), url_for("hand_over.listing")))


@bp.post("/derivaciones/fiscalias/<int:referral_id>/aceptar")
@can("referral.answer")
def accept(referral_id: int) -> Any:
    form = _answer_form(referral_id)
    entry = entry_of(form, _NAMED, "event")
    named = entry.values.get("responsible") if entry else None
    responsible = named if isinstance(named, int) else None
    number = carried_out(form, answers.accept, referral_id, responsible_id=responsible) if entry else None
    if number is None:
        return _show(referral_id, form), 422
    flash(_("Su despacho aceptó la denuncia %(number)s. Revise los plazos recibidos.", number=number), "success")
    return redirect(_after(number, referral_id))


def _after(number: str, referral_id: int) -> str:
    """To the charge where the viewer sees it now; of a sealed one only the new responsible does."""
    try:
        charges.standing(viewer(), number)
    except NotVisible:
        return url_for("hand_over.show", referral_id=referral_id)
    return url_for("charges.show", number=number)


@bp.get("/derivaciones/fiscalias/<int:referral_id>/rechazar")
@can("referral.answer")
def declining(referral_id: int) -> str:
    return _declining(referral_id, form_of(_WHY))


@bp.post("/derivaciones/fiscalias/<int:referral_id>/rechazar")
@can("referral.answer")
def decline(referral_id: int) -> Any:
    form = form_of(_WHY)
    entry = entry_of(form, _WHY, "referral")
    if entry and done(form, answers.decline, referral_id, reason=str(entry.values.get("decline_reason") or ""),
                      note=str(entry.values.get("decline_note") or "")):
        flash(_("Rechazó la derivación. El despacho que la envió verá el motivo y sigue a cargo."), "success")
        return redirect(url_for("hand_over.listing", pestana="respondidas"))
    return _declining(referral_id, form), 422


def _declining(referral_id: int, form: DictionaryForm) -> str:
    return render_template("hand_over/decline.html", heading=_("Rechazar la derivación"), form=form,
                           line=row(readings.one(viewer(), referral_id)))
