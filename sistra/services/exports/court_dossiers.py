"""A court case as a printed file, as far as its reader sees the charges that it is linked to. No identity is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import codelist
from sistra.formats.dossier import Block, Dossier, Paragraphs, Section, Timeline
from sistra.rules.export_reasons import reason_of
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.titles import charge_title
from sistra.services import (
    attachments,
    audit,
    court_case_links,
    court_cases,
    court_event_pages,
    document_folders,
    judgment_reading,
    remedies,
)
from sistra.services.exports.dossier_sections import event_line
from sistra.services.exports.dossiers import banner, digest_of, printed_by
from sistra.services.exports.wording import cell_of, cells, fields_block, grid, names_of
from sistra.services.judgment_reading import JudgmentFile


@dataclass(frozen=True, slots=True)
class Proceedings:
    """A court case being printed."""

    viewer: Viewer
    key: int
    found: court_cases.CaseFolder


def of_court_case(viewer: Viewer, key: int, sections: Sequence[str], *, reason_code: str, reason_text: str = "") -> Dossier:
    """The printed file of a court case, and its entry on the trail. Run inside a unit of work.

    Raises NotVisible, Forbidden, Rejected.
    """
    found = court_cases.folder(viewer, key)
    require(viewer, "charge.export")
    reason = reason_of(reason_code, reason_text)
    chosen = [name for name in COURT_SECTIONS if name in sections]
    if not chosen:
        raise Rejected(Problem("sections", said("Elija al menos una sección")))
    matter = Proceedings(viewer, key, found)
    printed = [section for name in chosen for section in COURT_SECTIONS[name][1](matter)]
    number = court_cases.label_of(found.case) or said("Registro %(key)s") % {"key": key}
    digest = digest_of(number, printed)
    audit.note(
        viewer,
        "court_case.exported",
        audit.Subject("court_case", key, court_case_id=key),
        reason=reason,
        detail={"format": "pdf", "sections": chosen, "digest": digest, "charges": sorted(found.charges.values())},
    )
    subtitle = charge_title("es", offence=found.offence, purposes=None, place=None) if found.offence else ""
    return Dossier(
        said("Expediente judicial"),
        number,
        banner(None, ()),
        subtitle,
        printed,
        printed_by(viewer, reason, digest, ()),
    )


def _case(matter: Proceedings) -> list[Section]:
    case = matter.found.case
    return [Section(said("Expediente judicial"), [fields_block(case, names_of("court_case", "expediente"))])]


def _charges(matter: Proceedings) -> list[Section]:
    fields = record("charge").fields
    rows = [
        [line.number, line.office, ", ".join(line.accused), ", ".join(line.victims), cell_of(fields["stage"], line.stage)]
        for line in court_case_links.links(matter.viewer, matter.key)
        if line.unlinked_on is None
    ]
    heads = (
        (said("Denuncia"), 20),
        (said("Fiscalía"), 30),
        (said("Imputados"), 14),
        (said("Agraviadas"), 14),
        (said("Etapa"), 22),
    )
    return [
        Section(
            said("Denuncias vinculadas"),
            [grid("denuncias", said("Denuncias vinculadas"), heads, rows, said("No hay denuncias vinculadas a su alcance."))],
        )
    ]


def _counts(matter: Proceedings) -> list[Section]:
    verdicts = codelist("verdict")
    rows = [
        [
            row.line.accused,
            *cells(row.line.view, "offence"),
            ", ".join(row.line.victims),
            *cells(row.line.view, "stage"),
            verdicts[row.verdict].label_es if row.verdict is not None and row.verdict in verdicts else "",
            cells(row.penalty, "imprisonment")[0] if row.penalty else "",
        ]
        for row in court_cases.board(matter.viewer, matter.key)
    ]
    heads = (
        (said("Imputado"), 12),
        (said("Delito"), 26),
        (said("Agraviadas"), 14),
        (said("Etapa"), 20),
        (said("Fallo"), 14),
        (said("Pena"), 16),
    )
    return [
        Section(
            said("Imputaciones y fallos"),
            [grid("imputaciones", said("Imputaciones y fallos"), heads, rows, said("No hay imputaciones a su alcance."))],
        )
    ]


def _acts(matter: Proceedings) -> list[Section]:
    rows = []
    for line in reversed(court_event_pages.listed(matter.viewer, matter.key)):
        on, act, detail = event_line(line.view)
        rows.append((on, act, " · ".join(part for part in (", ".join(line.accused), detail) if part)))
    blocks: list[Block] = [Timeline(rows)] if rows else [Paragraphs([said("No hay audiencias ni resoluciones registradas.")])]
    return [Section(said("Audiencias y resoluciones"), blocks)]


def _judgments(matter: Proceedings) -> list[Section]:
    found = []
    for file in reversed(judgment_reading.listed(matter.viewer, matter.key)):
        blocks: list[Block] = [fields_block(file.view, names_of("judgment", "sentencia")), _rulings(file)]
        if file.penalties:
            blocks.append(_penalties(file))
        if file.reparations:
            blocks.append(_reparations(file))
        found.append(Section(said("Sentencia (dejada sin efecto)") if file.reversed else said("Sentencia"), blocks))
    return found or [Section(said("Sentencias"), [Paragraphs([said("No hay sentencias a su alcance.")])])]


def _rulings(file: JudgmentFile) -> Block:
    offences = codelist("offence")
    heads = ((said("Imputado"), 12), (said("Delito"), 34), (said("Fallo"), 16), (said("Delito de la condena"), 30))
    rows = [
        [
            line.accused,
            offences[line.offence].label_es if line.offence in offences else line.offence,
            *cells(line.view, "verdict", "convicted_offence"),
        ]
        for line in file.rulings
    ]
    return grid("fallos", said("Fallos"), heads, rows, "")


def _penalties(file: JudgmentFile) -> Block:
    heads = ((said("Imputado"), 12), (said("Pena"), 34), (said("Privación de libertad"), 22), (said("Multa (días)"), 12))
    rows = [[line.accused, *cells(line.view, "sentence_types", "imprisonment", "fine_days")] for line in file.penalties]
    return grid("penas", said("Penas"), heads, rows, "")


def _reparations(file: JudgmentFile) -> Block:
    heads = (
        (said("Agraviadas"), 16),
        (said("Obligados"), 16),
        (said("Monto fijado"), 18),
        (said("Pagado"), 18),
        (said("Estado"), 18),
    )
    rows = [
        [", ".join(line.victims), ", ".join(line.debtors), *cells(line.view, "amount_ordered", "amount_paid", "status")]
        for line in file.reparations
    ]
    return grid("reparaciones", said("Reparación civil"), heads, rows, "")


def _remedies(matter: Proceedings) -> list[Section]:
    rows = [
        cells(file.view, "kind", "number", "filed_by", "filed_on", "outcome", "decided_on")
        for file in reversed(remedies.listed(matter.viewer, matter.key))
    ]
    heads = (
        (said("Recurso"), 18),
        (said("Número"), 16),
        (said("Lo interpone"), 20),
        (said("Fecha"), 12),
        (said("Resultado"), 22),
        (said("Resuelto"), 12),
    )
    return [Section(said("Recursos"), [grid("recursos", said("Recursos"), heads, rows, said("Ningún recurso registrado."))])]


def _incidents(matter: Proceedings) -> list[Section]:
    rows = [
        cells(view, "docket_number", "court_case_kind", "court_name", "state")
        for view in court_cases.incidents(matter.viewer, matter.key)
    ]
    heads = ((said("Cuaderno"), 28), (said("Clase"), 20), (said("Juzgado o sala"), 30), (said("Estado"), 16))
    return [Section(said("Cuadernos"), [grid("cuadernos", said("Cuadernos"), heads, rows, said("No hay cuadernos."))])]


def _documents(matter: Proceedings) -> list[Section]:
    """What the court case itself holds; the documents of a charge are printed with the charge."""
    folder = document_folders.find(matter.viewer, matter.key)
    rows = [
        [*cells(one.view, "kind", "title", "dated", "pages"), str(one.view.sha256 or "")[:16]]
        for one in reversed(attachments.in_force(folder))
    ]
    heads = ((said("Tipo"), 20), (said("Título"), 36), (said("Fecha"), 12), (said("Folios"), 8), (said("Huella (inicio)"), 18))
    return [
        Section(said("Documentos"), [grid("documentos", said("Documentos"), heads, rows, said("No hay documentos registrados."))])
    ]


COURT_SECTIONS: Mapping[str, tuple[str, Callable[[Proceedings], list[Section]]]] = {
    "expediente": (said("Datos del expediente"), _case),
    "denuncias": (said("Denuncias vinculadas"), _charges),
    "imputaciones": (said("Imputaciones y fallos"), _counts),
    "audiencias": (said("Audiencias y resoluciones"), _acts),
    "sentencias": (said("Sentencias"), _judgments),
    "recursos": (said("Recursos"), _remedies),
    "cuadernos": (said("Cuadernos"), _incidents),
    "documentos": (said("Documentos"), _documents),
}
"""Name of a section -> its label, and what prints it, in the order of the file."""
