"""A document as it is entered, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import select

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import required
from sistra.rules.file_kinds import FileKind, kind_of
from sistra.rules.problems import Problem, Rejected, said
from sistra.services.document_folders import Folder

LEVELS = ("RES", "SEL", "INT", "PUB")
"""Confidentiality that the form offers; effective collaboration is sealed through its charge."""

OFFERED = (
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
"""The fields that a person enters."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived: the name it bore (for its ending only, it is not kept), its bytes, and their number."""

    name: str
    stream: BinaryIO
    size: int


def form_fields() -> list[Field]:
    """What the form of a document asks."""
    fields = record("attachment").fields
    return [fields[name] for name in OFFERED]


def checked(
    folder: Folder,
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
    problems += _level_problems(folder, values)
    if former is not None and replaced(former):
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


def _level_problems(folder: Folder, values: Mapping[str, Any]) -> list[Problem]:
    """Who adds a sealed document must be one of those who will see it."""
    if values["confidentiality"] not in LEVELS:
        return [Problem("confidentiality", said("Elija una opción de la lista"))]
    named = [one for name, rows in folder.people.items() for one in rows if one.id in (values.get(name) or ())]
    if values["confidentiality"] in TEAM_ONLY and not folder.standing_to(named).on_team:
        return [Problem("confidentiality", said("Solo quien integra el equipo del caso agrega documentos sellados"))]
    return []


def replaced(row: Attachment) -> bool:
    """Whether a newer version stands in its place."""
    newer = select(Attachment.id).where(Attachment.replaces_id == row.id, Attachment.withdrawn_at.is_(None))
    return db.session.scalar(newer.limit(1)) is not None
