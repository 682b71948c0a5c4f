"""Uploads: larger than a form may be, and never on disk before they are encrypted."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from flask import Request, current_app, request
from werkzeug.datastructures import FileStorage

from sistra.services.attachments import Upload
from sistra.web.guards import cookie_name

_ROOM_FOR_THE_FORM = 1_000_000


class InMemoryRequest(Request):
    """A request whose uploads stay in memory; a temporary file would hold them readable."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def allow_upload() -> None:
    """Lets the form of a document carry its file.

    Who has no session, or does not say how much comes, is held to the size of any form.
    """
    if cookie_name() in request.cookies and request.content_length is not None:
        request.max_content_length = current_app.config["UPLOAD_LENGTH"] + _ROOM_FOR_THE_FORM


def upload_of(posted: FileStorage | None) -> Upload | None:
    """What was posted, or None where no file was chosen."""
    if posted is None or not posted.filename:
        return None
    stream: Any = posted.stream
    size = stream.seek(0, 2)
    stream.seek(0)
    return Upload(posted.filename, stream, size)
