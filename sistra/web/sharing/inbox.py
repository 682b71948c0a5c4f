"""The recipient's pages (Derivaciones): what was offered, accepted, closed; accepting, declining; what was asked for."""
from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from sistra.rules.problems import said
from sistra.services.hand_over.readings import waiting as referred
from sistra.services.sharing import answers, requests, shares
from sistra.web.acts import carried_out, done, entry_of, form_of, pressed
from sistra.web.guards import can, viewer
from sistra.web.listing import tab_asked, tabs_of
from sistra.web.sharing.room import bp, reason_field, request_row, share_row
from sistra.web.ui.forms import DictionaryForm

_TABS = {"recibidas": said("Recibidas"), "aceptadas": said("Aceptadas"), "cerradas": said("Vencidas y cerradas")}
_WHY = reason_field("grant", "answer_reason")


@bp.get("/derivaciones/")
@can("grant.inbox")
def inbox() -> str:
    tab = tab_asked(_TABS)
    return render_template(
        "sharing/inbox.html", heading=_("Derivaciones"), form=form_of(()), tab=tab,
        rows=[share_row(one) for one in shares.inbox(viewer(), tab)],
        tabs=tabs_of("sharing.inbox", _TABS, shares.counted(viewer()), tab),
        asked=[request_row(one) for one in shares.my_requests(viewer())], referred=referred(viewer()))


@bp.get("/derivaciones/<int:grant_id>")
@can("grant.inbox")
def received(grant_id: int) -> str:
    return _received(grant_id, form_of(()))


def _received(grant_id: int, form: DictionaryForm) -> str:
    share = share_row(shares.one_received(viewer(), grant_id))
    return render_template("sharing/received.html", heading=_("Denuncia %(number)s compartida", number=share["number"]),
                           share=share, form=form, back=(_("Derivaciones"), url_for("sharing.inbox")))


@bp.post("/derivaciones/<int:grant_id>/aceptar")
@can("grant.answer")
def accept(grant_id: int) -> Any:
    form = form_of(())
    number = carried_out(form, answers.accept, grant_id) if form.validate_on_submit() else None
    if number is None:
        return _received(grant_id, form), 422
    flash(_("Aceptó la denuncia %(number)s. Desde ahora puede consultarla.", number=number), "success")
    return redirect(url_for("charges.show", number=number))


@bp.get("/derivaciones/<int:grant_id>/declinar")
@can("grant.answer")
def declining(grant_id: int) -> str:
    return _declining(grant_id, form_of(_WHY))


@bp.post("/derivaciones/<int:grant_id>/declinar")
@can("grant.answer")
def decline(grant_id: int) -> Any:
    form = form_of(_WHY)
    entry = entry_of(form, _WHY, "grant")
    if entry and done(form, answers.decline, grant_id, str(entry.values.get("answer_reason") or "")):
        flash(_("Declinó la denuncia. Quien la ofreció verá el motivo."), "success")
        return redirect(url_for("sharing.inbox"))
    return _declining(grant_id, form), 422


def _declining(grant_id: int, form: DictionaryForm) -> str:
    return render_template("sharing/decline.html", heading=_("Declinar la denuncia"), form=form,
                           share=share_row(shares.one_received(viewer(), grant_id)))


@bp.post("/derivaciones/solicitudes/<int:request_id>/retirar")
@can("grant.inbox")
def take_back(request_id: int) -> Any:
    pressed(form_of(()), requests.take_back, request_id, told=_("Se retiró la solicitud."))
    return redirect(url_for("sharing.inbox"))
