"""The blueprint that the pages of events hang on, and their folder."""
from __future__ import annotations

from flask import Blueprint

from sistra.services import charges
from sistra.web.folders import FolderView, charge_folder
from sistra.web.guards import viewer

bp = Blueprint("events", __name__)


def folder_of(number: str) -> FolderView:
    return charge_folder(charges.folder(viewer(), number), "events.index")
