"""The page of the desk: its blocks, each loaded by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.services import desk as desks
from sistra.services.unit import end_reading
from sistra.web import errors
from sistra.web.guards import can, viewer
from sistra.web.home import blocks
from sistra.web.home.blocks import Block, Found

bp = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A block as the page shows it; `shows` is None where it could not be loaded."""

    name: str
    title: str
    template: str
    place: str
    shows: dict[str, Any] | None


@bp.get("/mesa")
@can("session.own")
def desk() -> str:
    who = viewer()
    loaded = [(one, _loaded(one, who)) for one in blocks.BLOCKS if one.stands(who)]
    if blocks.KEPT.stands(who) and ((kept := _loaded(blocks.KEPT, who)) is None or kept.shows["rows"]):
        loaded.insert(0, (blocks.KEPT, kept))
    desks.note(who, [key for _block, found in loaded if found for key in found.charges])
    shown = [
        Shown(one.name, _(one.title), f"home/{one.template}.html", one.place, found.shows if found else None)
        for one, found in loaded
    ]
    return render_template("home/desk.html", heading=_("Mi mesa"), blocks=shown, again=request.full_path.rstrip("?"))


def _loaded(block: Block, who: Viewer) -> Found | None:
    """What a block shows, None where it could not be loaded: the others stand all the same."""
    try:
        return block.build(who)
    except Exception as error:
        errors.note(error)
        end_reading()
        return None
