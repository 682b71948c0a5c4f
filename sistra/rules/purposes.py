"""The purpose of exploitation under which a victim is counted (counting rule 5)."""
from __future__ import annotations

from collections.abc import Iterable

from sistra.codebook.terms import Unknown, codelist

MIXED = "MIX"


def purposes_top(codes: Iterable[str]) -> tuple[str, ...]:
    """The forms at the head of each code, once each, in list order. Not known, not applicable and MIX itself are no form."""
    purposes = codelist("exploitation_purpose")
    heads = {purposes.top(code) for code in codes if code in purposes} - {MIXED, Unknown.NOT_KNOWN}
    return tuple(code for code in purposes if code in heads)


def main_purpose(codes: Iterable[str]) -> str | None:
    """The one form, MIX when there are two or more, NSP when asked and not known, None when nothing was answered."""
    given = tuple(codes)
    heads = purposes_top(given)
    if len(heads) > 1 or MIXED in given:
        return MIXED
    if heads:
        return heads[0]
    return str(Unknown.NOT_KNOWN) if Unknown.NOT_KNOWN in given else None
