"""What is wrong with an answer, in words for the person who gave it."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


def said(message: str) -> str:
    """Marks a sentence for the translators (Babel extracts it) and returns it unchanged."""
    return message


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one field. `message` is a Spanish sentence, the key of its translation, with `%(name)s` parameters.

    `field` is a field of the dictionary, or "" when the problem is with the whole.
    """

    field: str
    message: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Rejected(Exception):
    """An act refused for what was said. Nothing was written. Carries the problems, never the values."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(", ".join(f"{one.field}: {one.message}" for one in self.problems))
