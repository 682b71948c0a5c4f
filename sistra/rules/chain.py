"""The hash chain of the trail: each entry's hash covers the entry and the hash before it."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GENESIS = "0" * 64
"""What stands as previous hash of the first entry."""


def canonical(entry: Mapping[str, object]) -> bytes:
    """One byte form for one entry: JSON with sorted keys, no spaces, UTF-8. Values are JSON values already."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(previous: str, entry: Mapping[str, object]) -> str:
    """The SHA-256 (64 hex digits) of the previous hash and the entry."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(entry)).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk over the chain found. `first_bad` is the number of the first entry that does not fit, if any."""

    count: int
    head: str
    first_bad: int | None = None

    @property
    def intact(self) -> bool:
        return self.first_bad is None


def walk(entries: Iterable[tuple[int, str, str, Mapping[str, object]]]) -> Verdict:
    """Checks (number, previous hash, hash, entry) rows in order of number: no gap, no change, no swap."""
    count, head = 0, GENESIS
    for number, previous, stored, entry in entries:
        if number != count + 1 or previous != head or link(head, entry) != stored:
            return Verdict(count, head, first_bad=count + 1)
        count, head = number, stored
    return Verdict(count, head)
