"""Offences as choices of a form: each told apart by its article and, where repealed, by its last year in force."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from sistra.codebook.offences import Offence, offences
from sistra.web.pages import language


def by_weight(some: Iterable[Offence] | None = None) -> list[tuple[str, str]]:
    """Those given (None: all) as (code, label): trafficking first, in force before repealed."""
    rows = offences().values() if some is None else some
    return [_choice(one) for one in sorted(rows, key=lambda one: (not one.core, one.valid_to is not None))]


def by_date(at_facts: Iterable[Offence], others: Iterable[Offence]) -> list[tuple[str, str]]:
    """Those in force at the facts, then the others, which are said to be out of force then; in both the repealed last."""
    return [_choice(one) for one in _repealed_last(at_facts)] + [
        (code, label if one.valid_to else _("%(offence)s – no vigente a la fecha de los hechos", offence=label))
        for one in _repealed_last(others) for code, label in [_choice(one)]]


def _repealed_last(some: Iterable[Offence]) -> list[Offence]:
    return sorted(some, key=lambda one: one.valid_to is not None)


def _choice(one: Offence) -> tuple[str, str]:
    article = _(" (art. %(article)s)", article=one.article) if one.article else ""
    until = _(", vigente hasta %(year)s", year=one.valid_to.year) if one.valid_to else ""
    return one.code, f"{one.label(language())}{article}{until}"
