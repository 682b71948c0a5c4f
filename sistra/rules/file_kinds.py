"""Which files a case may hold, told by their bytes and not by their name alone."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from sistra.rules.problems import Problem, Rejected, said

LARGEST: Final = 20 * 1024 * 1024
_MOST_ENTRIES: Final = 3000
_LARGEST_UNPACKED: Final = 200 * 1024 * 1024
_STEP: Final = 256 * 1024
_MACROS = ("vbaproject.bin", "vbadata.xml")
_RUN_BY_BROWSERS = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?xml")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its media type and whether its bytes are of it."""

    suffix: str
    media_type: str
    is_one: Callable[[BinaryIO], bool]


def kind_of(file_name: str, stream: BinaryIO, size: int) -> FileKind:
    """The kind of a file of `size` bytes, whose name and bytes must agree. Leaves `stream` at its start.

    Raises Rejected, with the problem on the field `file`; the message never repeats the name.
    """
    suffix = PurePosixPath(file_name.replace("\\", "/")).suffix.lower()
    if suffix not in KINDS:
        raise _refused(said("Elija un archivo pdf, jpeg, png, docx, xlsx o txt"))
    if not size:
        raise _refused(said("El archivo está vacío"))
    if size > LARGEST:
        raise _refused(said("El archivo supera los 20 MB: divídalo o reduzca la calidad del escaneo"))
    kind = KINDS[suffix]
    try:
        if not kind.is_one(stream):
            raise _refused(said("El contenido del archivo no es del formato que indica su nombre"))
    finally:
        stream.seek(0)
    return kind


def _refused(message: str) -> Rejected:
    return Rejected(Problem("file", message))


def _starts(*signatures: bytes) -> Callable[[BinaryIO], bool]:
    def is_one(stream: BinaryIO) -> bool:
        stream.seek(0)
        return stream.read(16).startswith(signatures)

    return is_one


def _is_text(stream: BinaryIO) -> bool:
    """UTF-8 or the old Windows code page, without control signs; not a page that a browser would run."""
    stream.seek(0)
    content = stream.read()
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(_RUN_BY_BROWSERS):
        return False
    return not any(sign < 32 and sign not in (9, 10, 12, 13) for sign in content) and not content.startswith(
        (b"%PDF", b"MZ", b"PK")
    )


def _office(main_part: str) -> Callable[[BinaryIO], bool]:
    """An office document: a zip that holds its main part, no macros, and unpacks to a size a computer bears."""

    def is_one(stream: BinaryIO) -> bool:
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive:
                names = [entry.filename.lower() for entry in archive.infolist()]
                if "[content_types].xml" not in names or main_part not in names:
                    return False
                _bearable(archive)
                if any(PurePosixPath(name).name in _MACROS for name in names):
                    raise _refused(said("El documento contiene macros: guárdelo sin ellas y vuelva a subirlo"))
                return True
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
            return False

    return is_one


def _bearable(archive: zipfile.ZipFile) -> None:
    """Unpacks every entry, to nowhere, up to what is allowed: declared sizes may lie. Raises Rejected, BadZipFile."""
    too_large = said("El documento ocupa demasiado al abrirse: divídalo en varios")
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED:
        raise _refused(too_large)
    unpacked = 0
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in PurePosixPath(entry.filename).parts:
            raise zipfile.BadZipFile
        with archive.open(entry) as part:
            while piece := part.read(_STEP):
                unpacked += len(piece)
                if unpacked > _LARGEST_UNPACKED:
                    raise _refused(too_large)


_PDF = FileKind("pdf", "application/pdf", _starts(b"%PDF-"))
_JPEG = FileKind("jpg", "image/jpeg", _starts(b"\xff\xd8\xff"))
KINDS: Mapping[str, FileKind] = {
    ".pdf": _PDF,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": FileKind("png", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ".docx": FileKind(
        "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", _office("word/document.xml")
    ),
    ".xlsx": FileKind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _office("xl/workbook.xml")),
    ".txt": FileKind("txt", "text/plain; charset=utf-8", _is_text),
}
"""Ending of a name -> kind."""
