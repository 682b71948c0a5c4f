"""What the pages of hand-over have in common: the blueprint, forms, referrals as text."""
from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from sistra.rules.masking import Reserved
from sistra.rules.titles import charge_title
from sistra.services import charges
from sistra.services.charges import Folder
from sistra.services.hand_over.readings import Brief, Line
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import viewer
from sistra.web.pages import day, language, shown, term

bp = Blueprint("hand_over", __name__)

COLOURS = {"PRE": "grey", "OFR": "amber", "ACE": "green", "REC": "red"}


def folder(number: str) -> tuple[Folder, FolderView]:
    """The charge, and its folder with none of its sections marked."""
    found = charges.folder(viewer(), number)
    return found, charge_folder(found, "hand_over.index")


def row(line: Line) -> dict[str, Any]:
    """A referral as its pages show it."""
    view = line.view
    return {
        "id": view.id, "number": line.number, "sender": line.sender, "receiver": line.receiver,
        "reason": term(view.reason, "referral_reason"),
        "details": _text(view.details), "document": line.document, "sealed": line.sealed,
        "keeps": term(view.keep_copy, "grant_profile") if view.keep_copy else _("Nada"),
        "state": term(view.state, "referral_state"), "code": view.state, "colour": COLOURS.get(str(view.state), "grey"),
        "offered": shown(view.offered_at), "offered_by": line.offered_by,
        "answered": shown(view.answered_at), "answered_by": line.answered_by,
        "decline_reason": term(view.decline_reason, "referral_decline_reason") if view.decline_reason else "",
        "decline_note": _text(view.decline_note), "brief": _brief(line.brief) if line.brief else None,
        "may_open": line.may_open, "may_answer": line.may_answer,
    }


def _text(value: Any) -> str:
    return _("Reservado al equipo del caso") if isinstance(value, Reserved) else value or ""


def _brief(brief: Brief) -> dict[str, str]:
    return {
        "title": charge_title(language(), offence=brief.reported_offence, purposes=None, place=brief.notice_place),
        "stage": term(brief.stage, "procedural_stage"), "victims": str(brief.victims), "minors": str(brief.minors),
        "accused": str(brief.accused), "due": day(brief.next_due_on) if brief.next_due_on else "",
    }
