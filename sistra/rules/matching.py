"""Names and documents as they are compared: folded, cut into tokens, and reduced to how Peruvians pronounce them.

The results feed keyed blind indexes, so they propose candidates to a person; they never decide that two people are one.
"""
from __future__ import annotations

import re
import unicodedata

PARTICLES = frozenset({"de", "del", "la", "las", "los", "el", "y", "da", "do", "das", "dos", "di"})
"""Links between surnames, which one document writes and the next omits.

San and Santa are not among them: they are part of the surname (San Martín is not Martín).
"""

_DNI_DIGITS = 8

# Applied in this order. Capitals are sounds already settled, spelt again in letters by the last rules.
_SOUNDS = tuple((re.compile(pattern), sound) for pattern, sound in (
    ("ch", "C"),
    ("sh", "s"), ("ph", "f"),
    ("^x(?!io)(?=[aeiu])", "j"), ("x|[ck]s", "s"),      # Ximena, Xavier = Jimena, Javier; Roxana = Rosana
    ("(?:hu|gu|w)(?=[ao])|(?:hu|w)(?=[ei])", "w"),      # Huamán, Guamán, Waman; Huillca, Willca
    ("gu(?=[ei])", "G"),                                # the u is silent: Guerra, Aguirre
    ("h", ""),
    ("g(?=[ei])", "j"),
    ("ll(?=[aeiouy])", "y"),
    ("qu(?=[ei])", "k"), ("cc", "k"), ("c(?=[ei])|z", "s"), ("[cq]", "k"),
    ("v", "b"), ("n(?=[bp])", "m"),
    (r"([^aeiou])\1+", r"\1"),
    ("y(?![aeiou])", "i"),
    ("^s(?=[^aeiouwy])", "es"),                         # Stefany = Estefany
    ("C", "ch"), ("G", "gu"),
))


def fold(name: str) -> str:
    """Lower-case letters without accents (ñ becomes n), words apart by one space.

    An apostrophe joins (D'Angelo is dangelo); every other sign parts. Scripts without case keep their letters.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    bare = (mark for mark in plain if not unicodedata.category(mark).startswith("M") and mark not in "'\u2019\u02bc`")
    return " ".join("".join(mark if mark.isalpha() else " " for mark in bare).split())


def name_tokens(*names: str) -> frozenset[str]:
    """The folded words of the names, without particles and initials.

    A name made only of particles keeps them (De la O), and a single ideogram counts as a word.
    """
    return frozenset(token for name in names for token in _tokens(name))


def _tokens(name: str) -> list[str]:
    words = [word for word in fold(name).split() if len(word) > 1 or not word.isascii()]
    return [word for word in words if word not in PARTICLES] or words


def phonetic_key(token: str) -> str:
    """How a token sounds in Peru: equal for HUAMAN and WAMAN, QUISPE and KISPE, ZEVALLOS and SEBAYOS.

    Vowels stay, j and s stay apart (Rojas is not Rosas). A token in another script is returned folded.
    """
    key = folded = fold(token).replace(" ", "")
    if not folded.isascii():
        return folded
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key or folded


def document_key(kind: str, number: str) -> str:
    """The letters and digits of a document number, in capitals; "" when it has none.

    `kind` is a code of `id_document_type` or "": a DNI regains the leading zeros that spreadsheets drop.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).upper())
    key = "".join(mark for mark in plain if mark.isalnum())
    return key.zfill(_DNI_DIGITS) if kind == "DNI" and key.isdigit() else key
