"""Names of people who do not exist: given names and surnames of `codebook/demo`, put together at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from sistra.codebook.terms import read_rows
from sistra.rules.demonstration.chance import Chance, Weighted


@cache
def _given() -> Mapping[str, Sequence[str]]:
    rows = read_rows("demo", "given_names")
    return MappingProxyType({sex: tuple(row["name"] for row in rows if row["sex"] == sex) for sex in ("M", "H")})


@cache
def _surnames() -> Mapping[str, Sequence[str]]:
    rows = read_rows("demo", "surnames")
    return MappingProxyType(
        {
            origin: tuple(row["name"] for row in rows if row["origin"] == origin)
            for origin in dict.fromkeys(row["origin"] for row in rows)
        }
    )


def surname(chance: Chance, origins: Weighted) -> str:
    return chance.one(_surnames()[chance.by_weight(origins)])


def given_names(chance: Chance, sex: str) -> str:
    """One or two given names; of a man where the sex is not M (mujer)."""
    names = _given()["M" if sex == "M" else "H"]
    first, second = chance.one(names), chance.one(names)
    return f"{first} {second}" if first != second and chance.yes(0.7) else first


def full_name(chance: Chance, sex: str, origins: Weighted) -> str:
    return f"{given_names(chance, sex)} {surname(chance, origins)} {surname(chance, origins)}"


def company(chance: Chance) -> str:
    """A legal name that sounds like a small business."""
    kind = chance.one(("Inversiones", "Negocios", "Servicios Generales", "Comercial", "Minera"))
    word = chance.one(("El Tunqui", "Sol del Sur", "La Chonta", "Río Bermejo", "Los Ficus", "Tres Cumbres", "Aguaje"))
    return f"{kind} {word} {chance.one(('E.I.R.L.', 'S.A.C.', 'S.R.L.'))}"


def document(chance: Chance, kind: str) -> str:
    """The number of a document of that kind (`id_document_type`), from ranges that no register has reached."""
    if kind == "RUC":
        return f"20999{chance.number(0, 999_999):06d}"
    return f"99{chance.number(0, 999_999):06d}" if kind == "DNI" else f"X{chance.number(100000, 999999)}"


def mobile(chance: Chance) -> str:
    """A mobile number of a block that is nobody's."""
    return f"+51900000{chance.number(0, 999):03d}"
