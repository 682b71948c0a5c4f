"""How wide a printed table's columns are, and which columns stand side by side. Lengths are points."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfbase.pdfmetrics import stringWidth

from sistra.formats.table import Column

_PADDING = 9
_CHARACTER = 4.6
_CHARACTERS = {"text": 26, "code": 15, "integer": 9, "decimal": 10, "money": 13, "date": 11, "datetime": 18,
               "boolean": 6}


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns printed side by side: their positions in the table and their widths."""

    positions: tuple[int, ...]
    widths: tuple[float, ...]


def panels(columns: Sequence[Column], width: float, font: str, size: float) -> list[Panel]:
    """The fewest panels that hold `columns` within `width`; from the second on, the first column is repeated."""
    least = [min(_least(column, font, size), width * 0.6 if number else width * 0.4)
             for number, column in enumerate(columns)]
    groups, used = [[0]], least[0]
    for position in range(1, len(columns)):
        if used + least[position] > width:
            groups.append([0])
            used = least[0]
        groups[-1].append(position)
        used += least[position]
    return [_spread(group, columns, least, width) for group in groups]


def narrowest(columns: Sequence[Column], font: str, size: float) -> float:
    """The width below which `columns` cannot stand side by side."""
    return sum(_least(column, font, size) for column in columns)


def _wanted(column: Column) -> float:
    return (column.width or _CHARACTERS[column.kind]) * _CHARACTER + _PADDING


def _least(column: Column, font: str, size: float) -> float:
    longest_word = max((stringWidth(word, font, size) for word in column.label.split()), default=0) + _PADDING
    wanted = _wanted(column)
    return max(longest_word, min(wanted, max(wanted / 2, 48)) if column.kind == "text" else wanted)


def _spread(group: Sequence[int], columns: Sequence[Column], least: Sequence[float], width: float) -> Panel:
    """Gives what is left over first to columns that want more, then to those that hold text."""
    widths = [least[position] for position in group]
    wishes = [max(0.0, _wanted(columns[position]) - least[position]) for position in group]
    left = width - sum(widths)
    share = min(1.0, left / sum(wishes)) if sum(wishes) else 0.0
    widths = [have + wish * share for have, wish in zip(widths, wishes, strict=True)]
    elastic = [at for at, position in enumerate(group) if columns[position].kind == "text"] or list(range(len(group)))
    for at in elastic:
        widths[at] += (width - sum(wishes) * share - sum(least[position] for position in group)) / len(elastic)
    return Panel(tuple(group), tuple(widths))
