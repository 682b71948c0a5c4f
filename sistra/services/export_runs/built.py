"""What a maker hands over, and how it tells of its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[int], None]
"""Told the number of rows written so far; raises where the file is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished file.

    `rows` and `digests` are by sheet. `seen` (JSON) is what `still_allowed` needs to know of how the viewer stood; it is
    kept encrypted. `told` is what the trail tells of the file: counts, digests, keys, never content.
    """

    content: bytes
    name: str
    media_type: str
    rows: Mapping[str, int]
    digests: Mapping[str, str]
    seen: Any = None
    told: Mapping[str, Any] = field(default_factory=dict)
