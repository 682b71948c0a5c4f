"""A printed file before it is printed: sections of blocks. Texts are final: whoever builds it has masked them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sistra.formats.table import Table

State = Literal["value", "reserved", "blank", "not_known", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Label, text and state of each field. For a state other than "value" an empty text prints that state's words."""

    rows: Sequence[tuple[str, str, State]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table within a section. An empty one prints `empty`; `total` says that its last row sums up the others."""

    table: Table
    empty: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Narrative text; a line end stays a line end."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Date as text, title, detail of each happening, in the order to be printed."""

    rows: Sequence[tuple[str, str, str]]


Block = Fields | Grid | Paragraphs | Timeline


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part; its title is an entry of the outline."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Printed:
    """Who printed it, when (aware) and why, at which level of identities, and the digest of what is printed."""

    by: str
    office: str
    at: datetime
    reason: str
    digest: str
    level: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A printed file. `title` and `number` go into the metadata and name no person."""

    title: str
    number: str
    banner: str
    subtitle: str
    sections: Sequence[Section]
    printed: Printed
    signed: bool = True
