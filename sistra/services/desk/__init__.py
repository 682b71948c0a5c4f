"""My desk (Mi mesa): what waits for a person, block by block. Each block is one question, so that one can fail alone."""

from __future__ import annotations

from collections.abc import Iterable

from sistra.access.viewer import Viewer
from sistra.services import audit


def note(viewer: Viewer, charges: Iterable[int]) -> None:
    """A reading of the charges (keys) that the desk has shown; of none, nothing is said."""
    if shown := sorted(set(charges)):
        audit.note(viewer, "desk.read", audit.Subject("charge"), detail={"charges": shown})
