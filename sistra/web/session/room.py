"""The blueprint that the pages of this room hang on, and where a person goes from here."""
from __future__ import annotations

from flask import Blueprint, request, url_for

from sistra.web.safe_next import safe_next

bp = Blueprint("session", __name__)


def way_on() -> str:
    """Where the address says that the person was going (`next`), if that is a page of this site; else the start."""
    return safe_next(request.args.get("next"), url_for("home.desk"))
