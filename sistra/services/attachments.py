"""Documents of a charge or a court case: described, kept encrypted as they came, read again with an entry on the trail first.

A file is evidence: its bytes are never changed, so what they carry of their own (author, place of a photograph) stays in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, or_, select

from sistra.access import lens
from sistra.access.may import may, require
from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import AttachmentView
from sistra.codebook.terms import codelist
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.events import Event
from sistra.models.judgments import Judgment
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.sharing import SUMMARY
from sistra.services import accounts, audit, document_folders, file_store, parts, records
from sistra.services.document_entries import LEVELS, OFFERED, checked, replaced
from sistra.services.document_entries import Upload as Upload
from sistra.services.document_entries import form_fields as form_fields
from sistra.services.document_folders import Folder, Place, about

_SEALED_KINDS = frozenset({"EUN"})


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a page shows it. `guarded`: opened to the case team only, with a reason. `may_read`: by this viewer.

    `victims` and `accused` are the codes of those in sight. `versions` are the documents that this one replaces, newest
    first; `replaced_by` is the key of the one that replaces it.
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


def choices(viewer: Viewer, place: Place) -> Mapping[str, list[tuple[object, str]]]:
    """What the form offers where the code list or the folder decides. Raises NotVisible, Forbidden."""
    folder = document_folders.find(viewer, place)
    return {
        "confidentiality": [(code, codelist("confidentiality")[code].label(viewer.language)) for code in LEVELS],
        **{name: [(row.id, folder.code(row)) for row in rows] for name, rows in folder.people.items()},
    }


# -- reading ---------------------------------------------------------------------------------------------------------------


def listed(viewer: Viewer, place: Place) -> list[Document]:
    """The documents of a folder, newest first, each in its last version. Raises NotVisible, Forbidden."""
    folder = document_folders.find(viewer, place)
    audit.note(viewer, "attachments.listed", folder.subject)
    return in_force(folder)


def in_force(folder: Folder) -> list[Document]:
    """The same, for a reading that makes its own entry on the trail."""
    return [one for one in reversed(_documents(folder)) if one.replaced_by is None]


def show(viewer: Viewer, place: Place, key: int) -> Document:
    """One document. Raises NotVisible, Forbidden."""
    found = next((one for one in _documents(document_folders.find(viewer, place)) if one.view.id == key), None)
    if found is None:
        raise NotVisible
    return found


def _documents(folder: Folder) -> list[Document]:
    rows = folder.documents
    views = [_narrowed(folder, row, view) for row, view in zip(rows, _views(folder, rows), strict=True)]
    by_key = {view.id: view for view in views}
    follow = {row.replaces_id: row.id for row in rows if row.replaces_id is not None}
    names = accounts.user_names([row.created_by_id for row in rows])
    return [
        Document(
            view,
            _codes(folder, row, "victims"),
            _codes(folder, row, "accused"),
            guarded(row),
            may(folder.viewer, _capability(row), folder.standing_to(about(row))),
            names.get(row.created_by_id or 0, ""),
            tuple(_former(row, rows, by_key)),
            follow.get(row.id),
        )
        for row, view in zip(rows, views, strict=True)
    ]


def _views(folder: Folder, rows: Sequence[Attachment]) -> list[AttachmentView]:
    return lens.see_all(list(rows), lens.clearance(folder.standing), team=folder.standing.on_team) if rows else []


def _shown(folder: Folder, row: Attachment, name: str) -> list[Any]:
    """The people of a document who are in sight."""
    offered = {one.id for one in folder.people[name]}
    return [one for one in getattr(row, name) if one.id in offered]


def _codes(folder: Folder, row: Attachment, name: str) -> tuple[str, ...]:
    return tuple(folder.code(one) for one in _shown(folder, row, name))


def _narrowed(folder: Folder, row: Attachment, view: AttachmentView) -> AttachmentView:
    """The view without the keys of people out of sight."""
    return replace(view, **{name: tuple(one.id for one in _shown(folder, row, name)) for name in folder.people})  # type: ignore[arg-type]


def _former(row: Attachment, rows: Sequence[Attachment], views: Mapping[int, AttachmentView]) -> Iterator[AttachmentView]:
    before = {one.id: one.replaces_id for one in rows}
    key = row.replaces_id
    while key is not None and key in views:
        yield views[key]
        key = before[key]


def guarded(row: Attachment) -> bool:
    """Whether a document is opened as an identity is: it names people, may name them, or is sealed."""
    return row.contains_identity is not False or row.confidentiality in TEAM_ONLY


def _capability(row: Attachment) -> str:
    return "identity.reveal_minor" if guarded(row) else "attachment.read"


def open_file(viewer: Viewer, place: Place, key: int, *, reason_code: str = "", reason_text: str = "") -> Opened:
    """The file of a document, with its entry on the trail: written before the bytes leave. A guarded one asks a reason.

    Raises NotVisible (also where there is no file), Forbidden, Rejected, Damaged.
    """
    folder = document_folders.find(viewer, place)
    row = _row(folder, key)
    require(viewer, _capability(row), folder.standing_to(about(row)))
    if folder.standing.profile("DOC") == SUMMARY:
        raise Forbidden("attachment.read")
    if not row.storage_key:
        raise NotVisible
    reason = _reason(reason_code, reason_text) if guarded(row) else None
    pieces = file_store.read(folder.owner, row.storage_key)
    audit.note(
        viewer,
        "attachment.read",
        audit.subject_of(row),
        reason=reason,
        detail={"sha256": row.sha256, "guarded": guarded(row)} | ({"reason_code": reason_code} if reason else {}),
    )
    return Opened(pieces, row.file_name or str(row.id), row.media_type or "application/octet-stream", row.size_bytes or 0)


def _row(folder: Folder, key: int) -> Attachment:
    row = next((one for one in folder.documents if one.id == key), None)
    if row is None:
        raise NotVisible
    return row


def _reason(code: str, text: str) -> str:
    text = " ".join(text.split())[:500]
    if code not in codelist("reveal_reason"):
        raise Rejected(Problem("reason_code", said("Elija el motivo")))
    if code == "OTH" and not text:
        raise Rejected(Problem("reason_text", said("Explique el motivo")))
    return f"{code}: {text}" if text else code


def may_write(viewer: Viewer, place: Place) -> bool:
    """Whether the pages offer to add and withdraw documents. Raises NotVisible, and Forbidden where they may not be read."""
    try:
        document_folders.to_write(viewer, place)
    except Forbidden:
        document_folders.find(viewer, place)
        return False
    return True


# -- adding ----------------------------------------------------------------------------------------------------------------


def add(viewer: Viewer, place: Place, entry: Entry, upload: Upload | None, *, replaces: int | None = None) -> int:
    """Adds a document, with its file or with where it can be found, and gives its key. Run inside a unit of work.

    `replaces` is the document of which this is a newer version; the older one stays.
    Raises NotVisible, Forbidden, Rejected (nothing is stored then).
    """
    folder = document_folders.to_write(viewer, place)
    former = _row(folder, replaces) if replaces is not None else None
    values = {name: value for name, value in entry.values.items() if name in OFFERED}
    values["confidentiality"] = values.get("confidentiality") or ("SEL" if values.get("kind") in _SEALED_KINDS else "RES")
    links: dict[str, Sequence[Base]] = dict(folder.people)
    kind = checked(folder, values, links, upload, former)
    if former is not None:
        _keep_unseen(folder, former, values, links)
    row = folder.new_document()
    if former is not None:
        row.replaces_id = former.id
    if upload is not None and kind is not None:
        row.storage_key, row.sha256, row.size_bytes = file_store.store(folder.owner, upload.stream)
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
        row.file_name = f"{folder.name}-documento-{row.id}.{kind.suffix}"
    folder.changed()
    return row.id


def _keep_unseen(folder: Folder, former: Attachment, values: dict[str, Any], links: dict[str, Sequence[Base]]) -> None:
    """A newer version goes on being about the people out of its author's sight."""
    for name in folder.people:
        unseen = [one for one in getattr(former, name) if one not in _shown(folder, former, name)]
        if unseen:
            values[name] = (*(values.get(name) or ()), *(one.id for one in unseen))
            links[name] = [*links[name], *unseen]


# -- taking back -----------------------------------------------------------------------------------------------------------


def withdraw(viewer: Viewer, place: Place, key: int, *, reason: str) -> None:
    """Takes back a document that was added by mistake; the version that it replaced stands again.

    It disappears from the folder; row, encrypted file and trail stay. Run inside a unit of work.
    Raises NotVisible, Forbidden, Rejected (no reason; a newer version or an act stands on it).
    """
    folder = document_folders.to_write(viewer, place)
    row = _row(folder, key)
    if replaced(row):
        raise Rejected(Problem("", said("Ese documento tiene una versión más nueva: retire primero la última")))
    named = select(or_(exists().where(Event.attachment_id == row.id), exists().where(Judgment.attachment_id == row.id)))
    if db.session.scalar(named):
        raise Rejected(Problem("", said("Una actuación o una sentencia nombra este documento: no se puede retirar")))
    parts.take_back(viewer, row, "attachment.withdrawn", reason, row.kind)
    folder.changed()


def report_damage(viewer: Viewer, place: Place, key: int) -> None:
    """Leaves on the trail that a stored file was found missing or changed. Raises NotVisible, Forbidden."""
    audit.note(viewer, "attachment.damaged", audit.subject_of(_row(document_folders.find(viewer, place), key)))
