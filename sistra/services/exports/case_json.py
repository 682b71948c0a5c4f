"""A charge as JSON: the same rows as its printed file, every field of the dictionary, masked for its reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sistra.access import lens, scope
from sistra.access.fields import to_json
from sistra.access.may import require
from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.models.attachments import Attachment
from sistra.models.charges import RouteLeg
from sistra.models.counts import Count
from sistra.models.events import Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.models.services import Service
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.export_reasons import reason_of
from sistra.rules.masking import Reserved
from sistra.services import audit
from sistra.services.exports.dossier_sections import Matter

_LISTS: Mapping[str, Any] = {
    "rutas": (RouteLeg, ("HEC",)),
    "agraviadas": (Victim, ("AGR",)),
    "imputados": (Accused, ("IMP",)),
    "imputaciones": (Count, ("DEL",)),
    "actuaciones": (Event, ("ACT",)),
    "medidas": (Measure, ("MCO", "MPR")),
    "atenciones": (Service, ("ATE",)),
    "documentos": (Attachment, ("DOC",)),
}
"""Key of the JSON -> the model, and the sections of which one must be open."""


def charge_json(viewer: Viewer, number: str, *, reason_code: str, reason_text: str = "") -> str:
    """The charge as JSON text, and its entry on the trail. Run inside a unit of work.

    A blank is null, an unknown answer {"unknown": "NSP"}, what is reserved {"reserved": true}.
    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.export", stands)
    if stands.outline:
        raise Forbidden("charge.read_in_full")
    reason = reason_of(reason_code, reason_text)
    matter = Matter(viewer, charge, stands, {})
    content: dict[str, Any] = {"denuncia": _plain(lens.see(charge, matter.clear, team=stands.on_team))}
    for name, (model, sections) in _LISTS.items():
        if not stands.reads(*sections):
            continue
        views = [view for view in matter.views(model, model.charge_id == charge.id) if matter.shows(view)]
        content[name] = [_plain(view) for view in views
                         if stands.on_team or getattr(view, "confidentiality", None) not in TEAM_ONLY]
    audit.note(viewer, "charge.exported", audit.subject_of(charge), reason=reason, detail={"format": "json"})
    return json.dumps(content, ensure_ascii=False, indent=1, default=str)


def _plain(view: Any) -> dict[str, Any]:
    values = {field.name: getattr(view, field.name) for field in fields(view) if field.name != "record"}
    return {name: {"reserved": True} if isinstance(value, Reserved) else to_json(value) for name, value in values.items()}
