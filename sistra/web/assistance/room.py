"""What the pages of services have in common: the blueprint, and the fields of the form."""
from __future__ import annotations

from dataclasses import replace

from flask import Blueprint
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules.services import DECLINED
from sistra.services import charges
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import viewer
from sistra.web.pages import language

bp = Blueprint("assistance", __name__)

_S = record("service").fields
WHICH = ("victim", "service_type", "status", "decline_reason")
GIVEN = ("provider", "provider_contact", "location", "starts_on", "ended_on", "result")
REFERRED = ("referred_on", "referral_reason", "referral_details")
PLAN = ("plan_objectives", "plan_actions", "planned_end_on", "cost")
ALWAYS = frozenset({*WHICH, "provider", "starts_on"})
"""What the page of a service says even where nothing was answered."""
GROUPS = (("which", WHICH), ("given", GIVEN), ("referred", REFERRED), ("plan", PLAN))
ENTERED: tuple[Field, ...] = tuple(
    replace(_S[name], need="R") if name == "decline_reason" else _S[name] for _group, names in GROUPS for name in names)
"""The fields of the form. Why it was declined is asked of those that were; `rules.services` checks it."""


def types() -> list[tuple[str, str]]:
    """The services that a form offers: that one was declined is a state, not a service."""
    return [(code, one.label(language())) for code, one in codelist("victim_service").items() if code != DECLINED]


def folder(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "assistance.index")


def headings() -> dict[str, str]:
    """The groups of the form, in words."""
    return {"which": _("Qué atención y para quién"), "given": _("Quién la presta y cuándo"), "referred": _("Derivación"),
            "plan": _("Plan de apoyo")}
