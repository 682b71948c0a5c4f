"""Files on their way out: always as an attachment, under a name of numbers and dates, never of people."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

from sistra.services.unit import end_reading, expect_writing


def read_only() -> None:
    """Lets a posted request read at length without holding the database's write lock; its act is a unit of its own after."""
    end_reading()
    expect_writing(False)


def sent(content: bytes | Iterable[bytes], name: str, media_type: str, size: int | None = None) -> Response:
    """The answer that carries a file. `size` is needed where the content comes in pieces."""
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{quote(name, safe=" ._-")}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if size is not None:
        response.headers["Content-Length"] = str(size)
    return response
