"""Why a file leaves: a code of `export_reason.csv`, with an explanation where somebody gave one."""
from __future__ import annotations

from sistra.codebook.terms import codelist
from sistra.rules.problems import Problem, Rejected, said


def reason_of(code: str, text: str) -> str:
    """A reason as the trail and the file keep it. Raises Rejected."""
    text = " ".join(text.split())[:500]
    if code not in codelist("export_reason"):
        raise Rejected(Problem("reason_code", said("Elija el motivo")))
    if code == "OTH" and not text:
        raise Rejected(Problem("reason_text", said("Explique el motivo")))
    return f"{code}: {text}" if text else code


def reason_words(reason: str, language: str) -> str:
    """A kept reason in words."""
    code, _, text = reason.partition(": ")
    label = codelist("export_reason")[code].label(language)
    return f"{label}: {text}" if text else label
