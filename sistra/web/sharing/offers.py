"""The sender's pages: whom a charge is shared with, an offer and its preview, several charges at once, withdrawing, revoking."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.rules.sharing import CODED, HEADER, READ
from sistra.services import charges, several
from sistra.services.sharing import offers, shares, targets
from sistra.services.unit import unit_of_work
from sistra.web.acts import accept, carried_out, done, entered, entry_of, form_of, once, pressed, texts_posted
from sistra.web.folders import charge_folder
from sistra.web.guards import NotVisible, can, seeing_as, viewer
from sistra.web.sharing.room import MONTHS_OFFERED, bp, folder, months_on, reason_field, request_row, share_row
from sistra.web.ui.forms import DictionaryForm

_FOLDER = re.compile(r'<section class="s-folder.*?</section>', re.DOTALL)
_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)


@bp.get("/denuncias/<number>/compartido")
@can("charge.shares")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    rows = [share_row(one) for one in shares.of_charge(viewer(), number)]
    asked = [request_row(one) for one in shares.requests_of_charge(viewer(), number)]
    return render_template(
        "sharing/index.html", folder=charge_folder(found, "sharing.index"), found=found, number=number, form=form_of(()),
        standing=[row for row in rows if row["code"] in ("OFR", "ACE")],
        former=[row for row in rows if row["code"] not in ("OFR", "ACE")],
        waiting=[row for row in asked if row["code"] == "PEN"], answered=[row for row in asked if row["code"] != "PEN"])


# -- a new offer ----------------------------------------------------------------------------------------------------------------

def _starting() -> dict[str, Any]:
    today = viewer().today
    return {"target_kind": "ENT", "profile": CODED, "sections": (HEADER,), "permission": READ,
            "valid_until": months_on(today, MONTHS_OFFERED)}


_ASKED = tuple(replace(field, need="R") if field.name in targets.FIELDS.values() else field for field in offers.ENTERED)
"""The questions of the form: whoever is chosen as recipient must be named, so none of the three is called optional."""


def _offer_form() -> DictionaryForm:
    known = targets.choices(viewer())
    return form_of(_ASKED, _starting(), {
        "target_agency": known.agencies, "target_office": known.offices, "target_user": known.users})


@bp.get("/denuncias/<number>/compartir")
@can("charge.share")
def create(number: str) -> str:
    return _asking(number, _offer_form())


@bp.post("/denuncias/<number>/compartir")
@can("charge.share")
def add(number: str) -> Any:
    form = _offer_form()
    if request.form.get("act") == "corregir":
        return _asking(number, form)
    if request.form.get("act") != "compartir":
        return _previewed(number, form) or (_asking(number, form), 422)
    return entered(form, offers.ENTERED, "grant", lambda who, entry: _offered(who, number, entry),
                   _("Se ofreció la denuncia. Quien la recibe debe aceptarla.")) or (_asking(number, form), 422)


def _offered(who: Any, number: str, entry: Entry) -> str:
    offers.offer(who, number, entry)
    return url_for("sharing.index", number=number)


def _asking(number: str, form: DictionaryForm) -> str:
    return render_template("sharing/new.html", folder=folder(number), number=number, form=form)


def _previewed(number: str, form: DictionaryForm) -> str | None:
    """The page "así lo verá": what the recipient's own page of the charge says, made by that page itself."""
    entry = entry_of(form, offers.ENTERED, "grant")
    seen = _as_seen(number, form, entry) if entry is not None else None
    if entry is None or seen is None:
        return None
    recipient, head, main = seen
    return render_template("sharing/preview.html", folder=folder(number), number=number, form=form, head=head, seen=main,
                           texts=texts_posted(), recipient=recipient, terms=entry.values)


def _as_seen(number: str, form: DictionaryForm, entry: Entry) -> tuple[str, Markup, Markup] | None:
    """Who will see it, and the head and main part of their page: from a unit that offers, accepts, renders, keeps nothing."""
    try:
        with unit_of_work(keep=False):
            recipient = offers.suppose_accepted(viewer(), number, entry)
            with seeing_as(recipient.viewer):
                page = str(current_app.view_functions["charges.show"](number=number))
    except Rejected as refused:
        form.land(refused.problems)
        return None
    head, main = _FOLDER.search(page), _MAIN.search(page)
    return recipient.label, Markup(head[0] if head else ""), Markup(main[1] if main else "")


# -- several charges at once ----------------------------------------------------------------------------------------------------

@bp.get("/denuncias/compartir")
@can("charge.share_many")
def create_many() -> Any:
    return _asking_many(_offer_form(), request.args.getlist("denuncia"))


@bp.post("/denuncias/compartir")
@can("charge.share_many")
def add_many() -> Any:
    form, numbers = _offer_form(), request.form.getlist("denuncia")
    if request.form.get("act") != "compartir":
        return _asking_many(form, numbers)
    entry = entry_of(form, offers.ENTERED, "grant")
    if entry is None:
        return _asking_many(form, numbers), 422
    results: list[several.Outcome] = []

    def act() -> str | None:
        found = carried_out(form, lambda who: _many(who, numbers, entry, form))
        results.extend(found or ())
        return url_for("sharing.create_many") if found is None and not form.errors else None
    answer = once(form, act)
    if answer is not None:
        return answer
    if form.errors:
        return _asking_many(form, numbers), 422
    return _told_many(results)


def _many(who: Any, numbers: list[str], entry: Entry, form: DictionaryForm) -> list[several.Outcome]:
    found = offers.offer_many(who, numbers, entry)
    accept(form.once.data, url_for("charges.index"))
    return found


def _asking_many(form: DictionaryForm, numbers: list[str]) -> Any:
    if not numbers and request.method == "GET":
        flash(_("Marque en la lista las denuncias que quiere compartir."), "notice")
        return redirect(url_for("charges.index"))
    return render_template("sharing/many.html", heading=_("Compartir varias denuncias"), form=form,
                           numbers=list(dict.fromkeys(numbers)))


def _told_many(results: list[several.Outcome]) -> str:
    made = [one.number for one in results if one.problem is None]
    refused = [(one.number, _(one.problem.message, **one.problem.params) if one.problem.params else _(one.problem.message))
               for one in results if one.problem is not None]
    heading = ngettext("Se ofreció %(num)d denuncia", "Se ofrecieron %(num)d denuncias", len(made))
    return render_template("sharing/many_done.html", heading=heading, made=made, refused=refused)


# -- taking back ----------------------------------------------------------------------------------------------------------------

@bp.post("/denuncias/<number>/compartido/<int:grant_id>/retirar")
@can("charge.share")
def withdraw(number: str, grant_id: int) -> Any:
    pressed(form_of(()), offers.withdraw, number, grant_id, told=_("Se retiró el ofrecimiento."))
    return redirect(url_for("sharing.index", number=number))


_WHY = reason_field("grant", "revoke_reason")


@bp.get("/denuncias/<number>/compartido/<int:grant_id>/revocar")
@can("charge.unshare")
def revoking(number: str, grant_id: int) -> str:
    return _revoking(number, grant_id, form_of(_WHY))


@bp.post("/denuncias/<number>/compartido/<int:grant_id>/revocar")
@can("charge.unshare")
def revoke(number: str, grant_id: int) -> Any:
    form = form_of(_WHY)
    entry = entry_of(form, _WHY, "grant")
    if entry and done(form, offers.revoke, number, grant_id, str(entry.values.get("revoke_reason") or "")):
        flash(_("Se revocó el acceso. Deja de verse desde ahora."), "success")
        return redirect(url_for("sharing.index", number=number))
    return _revoking(number, grant_id, form), 422


def _revoking(number: str, grant_id: int, form: DictionaryForm) -> str:
    found = [share_row(one) for one in shares.of_charge(viewer(), number) if one.view.id == grant_id]
    if not found:
        raise NotVisible
    return render_template("sharing/revoke.html", folder=folder(number), number=number, form=form, share=found[0])
