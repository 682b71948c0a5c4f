"""Names of the files that leave: made of the numbers of records, safe on any disk, never of people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sistra.codebook.terms import Unknown

_LONGEST = 60


def stem(text: str) -> str:
    """A text as part of a file name: plain letters, digits and hyphens, 60 at most; "" where none is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain)[:_LONGEST].strip("-")


def of_court_case(numbers: Iterable[object], key: int) -> str:
    """The name of a court case: by the first of its numbers that is known, else by its key."""
    known = (stem(str(one)) for one in numbers if one is not None and one not in tuple(Unknown))
    return f"expediente-{next((one for one in known if one), f'registro-{key}')}"
