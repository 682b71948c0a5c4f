"""Documents of a charge: described, kept encrypted as they came, read again with an entry on the trail first.

A file is evidence: its bytes are never changed, so what they carry of their own (author, place of a photograph) stays in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import select

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import AttachmentView
from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown, codelist
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry, required
from sistra.rules.file_kinds import FileKind, kind_of
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charge_access, file_store, parts, records

HIDDEN = ("SEL", "COL")
"""Confidentiality of documents that exist only for the case team."""

LEVELS = ("RES", "SEL", "INT", "PUB")
"""Confidentiality that the form offers; effective collaboration is sealed through its charge."""

_OFFERED = (
    "kind",
    "title",
    "dated",
    "number",
    "issuer",
    "source_reference",
    "victims",
    "accused",
    "contains_identity",
    "confidentiality",
    "pages",
)
_SEALED_KINDS = frozenset({"EUN"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived: the name it bore (for its ending only, it is not kept), its bytes, and their number."""

    name: str
    stream: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a page shows it. `guarded`: opened to the case team only, with a reason. `may_read`: by this viewer.

    `versions` are the documents that this one replaces, newest first; `replaced_by` is the key of the one that replaces it.
    """

    view: AttachmentView
    victims: tuple[str, ...]
    accused: tuple[str, ...]
    guarded: bool
    may_read: bool
    author: str
    versions: tuple[AttachmentView, ...]
    replaced_by: int | None

    @property
    def has_file(self) -> bool:
        return self.view.sha256 is not None


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to leave: its plain bytes in pieces, a name made of number and key, its media type and length."""

    pieces: Iterator[bytes]
    name: str
    media_type: str
    size: int


def form_fields() -> list[Field]:
    """What the form of a document asks."""
    fields = record("attachment").fields
    return [fields[name] for name in _OFFERED]


def choices(viewer: Viewer, number: str) -> Mapping[str, list[tuple[object, str]]]:
    """What the form offers where the code list or the charge decides. Raises NotVisible."""
    charge, _stands = scope.charge(viewer, number)
    return {
        "confidentiality": [(code, codelist("confidentiality")[code].label(viewer.language)) for code in LEVELS],
        "victims": [(row.id, row.code) for row in parts.of_charge(charge.id, Victim)],
        "accused": [(row.id, row.code) for row in parts.of_charge(charge.id, Accused)],
    }


# -- reading ---------------------------------------------------------------------------------------------------------------


def listed(viewer: Viewer, number: str) -> list[Document]:
    """The documents of a charge, newest first, each in its last version. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "attachment.read", stands)
    audit.note(viewer, "attachments.listed", audit.subject_of(charge))
    return [one for one in reversed(_documents(viewer, charge, stands)) if one.replaced_by is None]


def show(viewer: Viewer, number: str, key: int) -> Document:
    """One document. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "attachment.read", stands)
    found = next((one for one in _documents(viewer, charge, stands) if one.view.id == key), None)
    if found is None:
        raise NotVisible
    return found


def _documents(viewer: Viewer, charge: Charge, stands: Standing) -> list[Document]:
    rows = [
        row
        for row in db.session.scalars(select(Attachment).where(Attachment.charge_id == charge.id).order_by(Attachment.id))
        if _known(row, stands)
    ]
    views = lens.see_all(rows, lens.clearance(stands), team=stands.on_team) if rows else []
    by_key = {view.id: view for view in views}
    follow = {row.replaces_id: row.id for row in rows if row.replaces_id is not None}
    names = accounts.user_names([row.created_by_id for row in rows])
    return [
        Document(
            view,
            tuple(one.code for one in row.victims),
            tuple(one.code for one in row.accused),
            guarded(row),
            may(viewer, _capability(row), stands),
            names.get(row.created_by_id or 0, ""),
            tuple(_former(row, rows, by_key)),
            follow.get(row.id),
        )
        for row, view in zip(rows, views, strict=True)
    ]


def _former(row: Attachment, rows: Sequence[Attachment], views: Mapping[int, AttachmentView]) -> Iterator[AttachmentView]:
    before = {one.id: one.replaces_id for one in rows}
    key = row.replaces_id
    while key is not None and key in views:
        yield views[key]
        key = before[key]


def _known(row: Attachment, stands: Standing) -> bool:
    return stands.on_team or row.confidentiality not in HIDDEN


def guarded(row: Attachment) -> bool:
    """Whether a document is opened as an identity is: it names people, may name them, or is sealed."""
    return row.contains_identity is not False or row.confidentiality in HIDDEN


def _capability(row: Attachment) -> str:
    return "identity.reveal_minor" if guarded(row) else "attachment.read"


def open_file(viewer: Viewer, number: str, key: int, *, reason_code: str = "", reason_text: str = "") -> Opened:
    """The file of a document, with its entry on the trail: written before the bytes leave. A guarded one asks a reason.

    Raises NotVisible (also where there is no file), Forbidden, Rejected, Damaged.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "attachment.read", stands)
    row = _row(charge, stands, key)
    require(viewer, _capability(row), stands)
    if not row.storage_key:
        raise NotVisible
    reason = _reason(reason_code, reason_text) if guarded(row) else None
    pieces = file_store.read(("charge", charge.id), row.storage_key)
    audit.note(
        viewer,
        "attachment.read",
        audit.subject_of(row),
        reason=reason,
        detail={"sha256": row.sha256, "guarded": guarded(row)} | ({"reason_code": reason_code} if reason else {}),
    )
    return Opened(pieces, row.file_name or str(row.id), row.media_type or "application/octet-stream", row.size_bytes or 0)


def _row(charge: Charge, stands: Standing, key: int) -> Attachment:
    row: Attachment | None = db.session.scalar(select(Attachment).where(Attachment.id == key, Attachment.charge_id == charge.id))
    if row is None or not _known(row, stands):
        raise NotVisible
    return row


def _reason(code: str, text: str) -> str:
    text = " ".join(text.split())[:500]
    if code not in codelist("reveal_reason"):
        raise Rejected(Problem("reason_code", said("Elija el motivo")))
    if code == "OTH" and not text:
        raise Rejected(Problem("reason_text", said("Explique el motivo")))
    return f"{code}: {text}" if text else code


# -- adding ----------------------------------------------------------------------------------------------------------------


def add(viewer: Viewer, number: str, entry: Entry, upload: Upload | None, *, replaces: int | None = None) -> int:
    """Adds a document, with its file or with where it can be found, and gives its key. Run inside a unit of work.

    `replaces` is the document of which this is a newer version; the older one stays.
    Raises NotVisible, Forbidden, Rejected (nothing is stored then).
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "attachment.add", stands)
    former = _row(charge, stands, replaces) if replaces is not None else None
    values = {name: value for name, value in entry.values.items() if name in _OFFERED}
    values["confidentiality"] = values.get("confidentiality") or ("SEL" if values.get("kind") in _SEALED_KINDS else "RES")
    links: dict[str, Sequence[Base]] = {
        name: parts.of_charge(charge.id, model) for name, model in (("victims", Victim), ("accused", Accused))
    }
    kind = _checked(viewer, stands, values, links, upload, former)
    row = Attachment(charge_id=charge.id, storage_key="")
    if former is not None:
        row.replaces_id = former.id
    if upload is not None and kind is not None:
        row.storage_key, row.sha256, row.size_bytes = file_store.store(("charge", charge.id), upload.stream)
        row.media_type = kind.media_type
    records.create(
        viewer,
        row,
        values,
        "attachment.added" if former is None else "attachment.replaced",
        links=links,
        detail={"sha256": row.sha256, "size": row.size_bytes} | ({"replaces": former.id} if former else {}),
    )
    if kind is not None:
        row.file_name = f"{charge.number}-documento-{row.id}.{kind.suffix}"
    charge.updated_at, charge.updated_by_id = viewer.at, viewer.user_id
    db.session.flush()
    charge_access.refresh(viewer, charge)
    return row.id


def _checked(
    viewer: Viewer,
    stands: Standing,
    values: Mapping[str, Any],
    links: Mapping[str, Sequence[Base]],
    upload: Upload | None,
    former: Attachment | None,
) -> FileKind | None:
    """The kind of the file, where there is one. Raises Rejected with every problem, that of the file among them."""
    fields = form_fields()
    problems = required(fields, {field.name: values.get(field.name) for field in fields})
    problems += [
        Problem(name, said("Elija una opción de la lista"))
        for name, rows in links.items()
        if not set(values.get(name) or ()) <= {row.id for row in rows}  # type: ignore[attr-defined]
    ]
    if values["confidentiality"] not in LEVELS:
        problems.append(Problem("confidentiality", said("Elija una opción de la lista")))
    elif values["confidentiality"] in HIDDEN and not stands.on_team:
        problems.append(Problem("confidentiality", said("Solo quien integra el equipo del caso agrega documentos sellados")))
    if former is not None and _replaced(former):
        problems.append(Problem("", said("Ese documento ya tiene una versión más nueva: reemplace la última")))
    kind = None
    if upload is not None:
        try:
            kind = kind_of(upload.name, upload.stream, upload.size)
        except Rejected as refused:
            problems += refused.problems
    elif not isinstance(values.get("source_reference"), str) or values["source_reference"] in tuple(Unknown):
        problems.append(Problem("file", said("Elija un archivo, o indique en «Fuente o enlace» dónde está el documento")))
    if problems:
        raise Rejected(problems)
    return kind


def _replaced(row: Attachment) -> bool:
    return db.session.scalar(select(Attachment.id).where(Attachment.replaces_id == row.id).limit(1)) is not None


def report_damage(viewer: Viewer, number: str, key: int) -> None:
    """Leaves on the trail that a stored file was found missing or changed. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    audit.note(viewer, "attachment.damaged", audit.subject_of(_row(charge, stands, key)))
