"""What the pages of sharing have in common: the blueprint, forms with a reason, grants and requests as text."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.services import charges
from sistra.services.sharing.shares import Asked, Share
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import viewer
from sistra.web.pages import shown, term

bp = Blueprint("sharing", __name__)

MONTHS_OFFERED = 6
"""How long a new access is proposed to last; the sender changes it."""
COLOURS = {"OFR": "amber", "ACE": "green", "PEN": "amber", "CON": "green", "PAR": "green"}


def folder(number: str) -> FolderView:
    """The folder of a charge with none of its sections marked."""
    return charge_folder(charges.folder(viewer(), number), "sharing.index")


def reason_field(record_name: str, name: str) -> tuple[Field, ...]:
    """The one question of a page that asks why."""
    return (replace(record(record_name).fields[name], need="R"),)


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def sections_text(codes: Iterable[str] | None) -> str:
    return ", ".join(term(code, "grant_section") for code in codes or ())


def share_row(share: Share) -> dict[str, Any]:
    """A grant as its pages show it."""
    view = share.view
    return {
        "id": view.id, "number": share.number, "recipient": share.recipient, "sender": share.sender, "office": share.office,
        "profile": term(view.profile, "grant_profile"), "sections": sections_text(view.sections),
        "contributes": view.permission == "APO",
        "permission": term(view.permission, "grant_permission"), "basis": term(view.legal_basis, "legal_basis_for_sharing"),
        "purpose": term(view.purpose, "sharing_purpose"), "note": view.note, "until": shown(view.valid_until),
        "state": term(share.state, "grant_state"), "code": share.state, "colour": COLOURS.get(share.state, "grey"),
        "offered": shown(view.offered_at), "answered": shown(view.answered_at), "responder": share.responder,
        "answer_reason": view.answer_reason, "revoked": shown(view.revoked_at), "revoke_reason": view.revoke_reason,
    }


def request_row(asked: Asked) -> dict[str, Any]:
    """An access request as its pages show it."""
    view = asked.view
    return {
        "id": view.id, "number": asked.number, "asker": asked.asker, "requested_by": asked.requested_by,
        "sections": sections_text(view.sections),
        "profile": term(view.profile, "grant_profile") if view.profile else _("El mismo nivel"),
        "purpose": term(view.purpose, "sharing_purpose"), "reason": view.reason, "until": shown(view.until),
        "state": term(view.state, "access_request_state"), "code": view.state, "colour": COLOURS.get(str(view.state), "grey"),
        "asked": shown(view.created_at), "answered": shown(view.answered_at), "answered_by": asked.answered_by,
        "answer_reason": view.answer_reason,
    }
