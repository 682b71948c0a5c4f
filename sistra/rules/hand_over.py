"""Hand-over of a charge: the states of a referral, which offices receive one, what an offer must say."""
from __future__ import annotations

from collections.abc import Mapping

from sistra.rules.confidentiality import COLLABORATION, SEALED
from sistra.rules.problems import Problem, said

PREPARED, OFFERED, ACCEPTED, DECLINED, WITHDRAWN = "PRE", "OFR", "ACE", "REC", "RET"
"""States of a referral (`referral_state`)."""
PENDING = (PREPARED, OFFERED)
PROSECUTION = ("FPE", "FPP", "FSE", "FSU")
"""Kinds of office (`office_kind`) that take charge of a charge."""
COPY_MONTHS = 12
"""How long the sending office keeps what the referral leaves it, unless the new office revokes it before."""


def check_referral(values: Mapping[str, object], *, from_office: int, confidentiality: str) -> list[Problem]:
    """What is wrong with a referral: where it goes, and what it leaves the sender of a sealed charge."""
    problems = []
    if values.get("to_office") == from_office:
        problems.append(Problem("to_office", said("Elija otro despacho: la denuncia ya está en este")))
    if confidentiality == COLLABORATION:
        problems.append(Problem("", said(
            "Una denuncia con colaboración eficaz no sale de su equipo: no se deriva ni se acumula")))
    if confidentiality == SEALED and values.get("keep_copy"):
        problems.append(Problem("keep_copy", said(
            "De una denuncia sellada quien deriva no conserva nada: deje en blanco esta respuesta")))
    return problems
