"""A charge as a printed file: the sections chosen, masked as on the page, identities only where they were revealed for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import Forbidden, Standing
from sistra.access.viewer import Viewer
from sistra.formats.dossier import Block, Dossier, Fields, Grid, Paragraphs, Printed, Section, Timeline
from sistra.rules.export_reasons import reason_of, reason_words
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.titles import charge_title
from sistra.services import audit, identities
from sistra.services.exports.dossier_sections import OPENED_BY, SECTIONS, Matter

BANNERS = {"SEL": said("SELLADO"), "COL": said("SELLADO")}


@dataclass(frozen=True, slots=True)
class Reveal:
    """Whose identities are opened for one print (codes of parts), and why (`reveal_reason.csv`)."""

    codes: tuple[str, ...] = ()
    reason_code: str = ""
    reason_text: str = ""


def of_charge(
    viewer: Viewer, number: str, sections: Sequence[str], *, reason_code: str, reason_text: str = "", reveal: Reveal = Reveal()
) -> Dossier:
    """The printed file of a charge, and its entry on the trail. Run inside a unit of work.

    Raises NotVisible, Forbidden (also for an identity that this viewer may not open), Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.export", stands)
    if stands.outline:
        raise Forbidden("charge.read_in_full")
    reason = reason_of(reason_code, reason_text)
    chosen = [name for name in offered(stands) if name in sections]
    if not chosen:
        raise Rejected(Problem("sections", said("Elija al menos una sección")))
    opened = _revealed(viewer, number, reveal)
    matter = Matter(viewer, charge, stands, {one.code: one for one in opened})
    printed = [section for name in chosen for section in SECTIONS[name][1](matter)]
    digest = digest_of(charge.number, printed)
    audit.note(
        viewer,
        "charge.exported",
        audit.subject_of(charge),
        reason=reason,
        detail={"format": "pdf", "sections": chosen, "digest": digest, "revealed": [one.code for one in opened]},
    )
    return Dossier(
        title=said("Denuncia"),
        number=charge.number,
        banner=banner(charge.confidentiality, [one.code for one in opened]),
        subtitle=charge_title(
            "es",
            offence=charge.reported_offence,
            purposes=charge.purpose_known,
            place=(charge.exploitation_place if stands.reads("HEC") else None) or charge.notice_place,
        ),
        sections=printed,
        printed=printed_by(viewer, reason, digest, [one.code for one in opened]),
    )


def offered(stands: Standing) -> list[str]:
    """The sections that the viewer may print: of a shared charge, those that are open to them."""
    return [name for name in SECTIONS if stands.reads(*OPENED_BY[name])]


def _revealed(viewer: Viewer, number: str, reveal: Reveal) -> list[identities.Revealed]:
    """The identities opened for this print. Raises Forbidden, and Rejected with problems on the reveal's own fields."""
    if not reveal.codes:
        return []
    try:
        return identities.reveal(viewer, number, reveal.codes, reason_code=reveal.reason_code, reason_text=reveal.reason_text)
    except Rejected as refused:
        renamed = {"reason_code": "reveal_code", "reason_text": "reveal_text"}
        raise Rejected(
            [Problem(renamed.get(one.field, one.field), one.message, one.params) for one in refused.problems]
        ) from None


def banner(confidentiality: str | None, opened: Sequence[str]) -> str:
    """What stands on every page: how reserved the file is, and whether identities are in it."""
    level = said("CON IDENTIDAD REVELADA") if opened else said("IDENTIDADES RESERVADAS")
    return f"{BANNERS.get(confidentiality or '', said('RESERVADO'))} · {level}"


def printed_by(viewer: Viewer, reason: str, digest: str, opened: Sequence[str]) -> Printed:
    """Who prints, when, why, and how much of the identities."""
    level = (
        said("Con identidad revelada de: %(codes)s") % {"codes": ", ".join(opened)}
        if opened
        else said("Identidades reservadas: las personas figuran por su código")
    )
    return Printed(viewer.full_name, viewer.office_name, viewer.at, reason_words(reason, "es"), digest, level)


def digest_of(number: str, sections: Sequence[Section]) -> str:
    """SHA-256 of what is printed: number, titles and texts in order, as JSON."""
    content = [number, *([section.title, [_plain(block) for block in section.blocks]] for section in sections)]
    return sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _plain(block: Block) -> Any:
    match block:
        case Fields():
            return [list(row) for row in block.rows]
        case Grid():
            return [[str(cell) for cell in row] for row in block.table.rows]
        case Paragraphs():
            return list(block.texts)
        case Timeline():
            return [list(row) for row in block.rows]
