"""By what reports are broken down: the columns of facts that a dimension reads, and the categories that it makes of them."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from sistra.codebook.countries import countries
from sistra.codebook.terms import codelist
from sistra.rules.coarsening import NOT_APPLICABLE, NOT_KNOWN, YES
from sistra.rules.problems import said
from sistra.rules.reports.periods import Period
from sistra.rules.stages import CLOSED, group_of

NO_DATA: Final = "NSP"
"""The category of what is not known and of what nobody answered yet: every table has it, be it zero."""


@dataclass(frozen=True, slots=True)
class Category:
    """A row or column of a table. Labels in Spanish and English."""

    code: str
    label_es: str
    label_en: str

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es


UNANSWERED: Final = Category(NO_DATA, said("Sin dato"), "No data")
_NOT_APPLICABLE: Final = Category(NOT_APPLICABLE, said("No corresponde"), "Not applicable")

Fold = Callable[..., Iterable[str]]
"""Values of the columns -> codes of categories; none where there is no answer."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """`fold` takes the values of `columns`. `listed` gives the categories that stand in a table although nothing falls there.

    `several` says that one record may fall into more than one category: such a table adds up to more than its total.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    fold: Fold
    listed: Callable[[Period], Sequence[Category]]
    named: Callable[[str], Category]
    several: bool = False

    def codes(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The categories of a record, each once; NO_DATA alone where it says nothing."""
        return tuple(dict.fromkeys(self.fold(*values))) or (NO_DATA,)

    def categories(self, met: Iterable[str], period: Period) -> list[Category]:
        """What stands in the table, in order: what is listed, what was met besides, then always "no data"."""
        listed = [one for one in self.listed(period) if one.code != NO_DATA]
        known = {one.code for one in listed}
        rest = [self.named(code) for code in met if code not in known and code not in (NO_DATA, NOT_APPLICABLE)]
        aside = [_NOT_APPLICABLE] if NOT_APPLICABLE in met else []
        return [*listed, *sorted(set(rest), key=lambda one: one.label_es), *aside, UNANSWERED]


# -- how values fold -----------------------------------------------------------------------------------------------------


def _answered(code: Any) -> tuple[str, ...]:
    return () if code in (None, "", NOT_KNOWN) else (str(code),)


def _each(codes: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(code for code in codes or () if code != NOT_KNOWN)


def _term(name: str) -> Callable[[str], Category]:
    def named(code: str) -> Category:
        terms = codelist(name)
        return Category(code, terms[code].label_es, terms[code].label_en) if code in terms else Category(code, code, code)
    return named


def _all_of(name: str, *, top: bool = False, but: Iterable[str] = ()) -> Callable[[Period], Sequence[Category]]:
    left_out = {NO_DATA, *but}

    def listed(period: Period) -> Sequence[Category]:
        terms = codelist(name)
        return [_term(name)(code) for code, term in terms.items()
                if code not in left_out and not (top and term.parent in terms)]
    return listed


def _nothing(period: Period) -> Sequence[Category]:
    return ()


def _of_list(name: str, label: str, column: str, of: str, *, whole: bool = True, but: Iterable[str] = ()) -> Dimension:
    """A column that holds a code of a list; `whole` lists every code."""
    return Dimension(name, label, (column,), _answered, _all_of(of, but=but) if whole else _nothing, _term(of))


def _several(name: str, label: str, column: str, of: str) -> Dimension:
    """A column that holds several codes of a list, each counted under the head of its line."""
    def fold(codes: Sequence[str] | None) -> list[str]:
        terms = codelist(of)
        return [terms.top(code) if code in terms else code for code in _each(codes)]
    return Dimension(name, label, (column,), fold, _all_of(of, top=True, but=("MIX",)), _term(of), several=True)


def _band(name: str, label: str, column: str, codes: Sequence[str]) -> Dimension:
    """A scheme of `age_group`."""
    named = _term("age_group")
    return Dimension(name, label, (column,), _answered, lambda period: [named(code) for code in codes], named)


# -- months and years ----------------------------------------------------------------------------------------------------

_MONTHS = (("Ene", "Jan"), ("Feb", "Feb"), ("Mar", "Mar"), ("Abr", "Apr"), ("May", "May"), ("Jun", "Jun"), ("Jul", "Jul"),
           ("Ago", "Aug"), ("Set", "Sep"), ("Oct", "Oct"), ("Nov", "Nov"), ("Dic", "Dec"))


def _year(month: str | None) -> tuple[str, ...]:
    return (month[:4],) if month and month[:4].isdigit() else ()


def _month(month: str | None) -> tuple[str, ...]:
    return (month[5:],) if month and len(month) == 7 else ()


def _month_named(code: str) -> Category:
    return Category(code, *_MONTHS[int(code) - 1])


def _same(code: str) -> Category:
    return Category(code, code, code)


def year_of(column: str) -> Dimension:
    return Dimension("year", said("Año"), (column,), _year, lambda period: [_same(str(year)) for year in period.years], _same)


def month_of(column: str) -> Dimension:
    every = [_month_named(f"{number:02}") for number in range(1, 13)]
    return Dimension("month", said("Mes"), (column,), _month, lambda period: every, _month_named)


# -- places and nationality ----------------------------------------------------------------------------------------------


def _country_named(code: str) -> Category:
    return Category(code, countries("es").get(code, code), countries("en").get(code, code))


def _peruvian(codes: Sequence[str] | None) -> tuple[str, ...]:
    held = _each(codes)
    return ("NAC",) if HOME in held else ("EXT",) if held else ()


_NATIONALITY = (Category("NAC", said("Peruana"), "Peruvian"), Category("EXT", said("Extranjera"), "Foreign"))


def _place(country: str | None, department: str | None) -> tuple[str, ...]:
    """A department of Peru, or abroad: the country decides where both are told."""
    return ("EXT",) if _answered(country) and country != HOME else _answered(department)


HOME: Final = "PE"
_ABROAD = Category("EXT", said("Extranjero"), "Abroad")


def _department_named(code: str) -> Category:
    return _ABROAD if code == "EXT" else _term("ubigeo_department")(code)


def _way(name: str, label: str, country: str, department: str) -> Dimension:
    return Dimension(name, label, (country, department), _place, _nothing, _department_named)


def _crossed(answer: str | None) -> tuple[str, ...]:
    known = _answered(answer)
    return known and (("TRN",) if known == (YES,) else ("INT",))


_BORDER = (Category("INT", said("Trata interna"), "Domestic"), Category("TRN", said("Trata transnacional"), "Cross-border"))


# -- the course of a charge ----------------------------------------------------------------------------------------------


def _stage_group(stage: str | None) -> tuple[str, ...]:
    if not _answered(stage):
        return ()
    return ("EJE",) if stage == CLOSED else (group_of(str(stage)),)


def _stage_of_charge(stage: str | None, reached: str | None) -> tuple[str, ...]:
    return _answered(reached) if stage == CLOSED else _stage_group(stage)


_OUTCOMES = (Category("TRA", said("En trámite"), "In progress"), Category("ARC", said("Archivada"), "Archived"),
             Category("SEN", said("Con sentencia"), "With judgment"), Category("CER", said("Concluida"), "Closed"))
_OUTCOME_OF = {"TRA": "TRA", "RES": "TRA", "ARC": "ARC", "SEN": "SEN", "EJE": "SEN", "CER": "CER"}


def _outcome(status: str | None) -> tuple[str, ...]:
    return (_OUTCOME_OF[status],) if status in _OUTCOME_OF else _answered(status)


# -- penalties -----------------------------------------------------------------------------------------------------------

_TERMS = tuple(Category(code, label, english) for code, label, english in (
    ("<8", said("Menos de 8 años"), "Under 8 years"), ("8-12", said("De 8 a menos de 12"), "8 to under 12"),
    ("12-15", said("De 12 a menos de 15"), "12 to under 15"), ("15-20", said("De 15 a menos de 20"), "15 to under 20"),
    ("20-25", said("De 20 a menos de 25"), "20 to under 25"), ("25+", said("25 años a más"), "25 years and over")))
_LIFE = Category("CAD", said("Cadena perpetua"), "Life imprisonment")


def _term_of_prison(band: str | None, types: Sequence[str] | None) -> tuple[str, ...]:
    """Where it is known that no prison was imposed there is no term to know."""
    if "CAD" in (types or ()):
        return ("CAD",)
    return _answered(band) or ((NOT_APPLICABLE,) if _served(types) == ("OTR",) else ())


def _convicted_of(convicted: str | None, charged: str | None) -> tuple[str, ...]:
    """The offence of the ruling; that of the count where the ruling tells no other."""
    return _answered(charged if convicted == NOT_APPLICABLE else convicted) or _answered(charged)


_SERVED = (Category("EFE", said("Efectiva"), "Effective"), Category("SUS", said("Suspendida"), "Suspended"),
           Category("OTR", said("Sin pena privativa de libertad"), "No imprisonment"))


def _served(types: Sequence[str] | None) -> tuple[str, ...]:
    held = _each(types)
    if "PPL-EFE" in held or "CAD" in held:
        return ("EFE",)
    return ("SUS",) if "PPL-SUS" in held else ("OTR",) if held else ()


_OBSERVATORY = ("00-12", "13-17", "18-24", "25-34", "35-44", "45-59", "60+")
_LEGAL = ("L-U14", "L-14-17", "L-U18", "L-18")
_AGE = said("Edad al momento de los hechos")


@cache
def dimensions() -> Mapping[str, Dimension]:
    """Every dimension by name."""
    found = (
        year_of("received_on"), month_of("received_on"),
        _of_list("fiscal_district", said("Distrito fiscal"), "fiscal_district", "fiscal_district"),
        Dimension("stage_group", said("Etapa"), ("stage",), _stage_group, _all_of("stage_group"), _term("stage_group")),
        Dimension("charge_stage", said("Etapa"), ("stage", "reached"), _stage_of_charge, _all_of("stage_group"),
                  _term("stage_group")),
        Dimension("outcome_group", said("Estado del proceso"), ("status",), _outcome, lambda period: _OUTCOMES,
                  _term("charge_status")),
        _of_list("sex", said("Sexo"), "sex", "sex"),
        _band("age_observatory", _AGE, "age_observatory", _OBSERVATORY),
        _band("age_legal", _AGE, "age_legal", _LEGAL),
        _band("age_inei", said("Edad (tramos del INEI)"), "age_inei", ("I-U18", "I-18-29", "I-30-59", "I-60")),
        _band("age_unodc", said("Edad (tramos de la UNODC)"), "age_unodc", ("U-NIN", "U-ADU")),
        Dimension("nationality", said("Nacionalidad"), ("citizenships",), _peruvian, lambda period: _NATIONALITY, _same),
        Dimension("citizenship", said("País de nacionalidad"), ("citizenships",), _each, _nothing, _country_named, several=True),
        _of_list("form", said("Finalidad de explotación"), "form", "exploitation_purpose", whole=False),
        _several("any_form", said("Finalidad (todas las que constan)"), "purposes", "exploitation_purpose"),
        _several("recruitment", said("Modalidad de captación"), "recruitment_methods", "recruitment_method"),
        _way("origin", said("Origen"), "origin_country", "origin_department"),
        _way("destination", said("Destino"), "destination_country", "destination_department"),
        Dimension("transit", said("Tránsito"), ("transit_departments",), _each, _nothing, _department_named, several=True),
        Dimension("origin_country", said("País de origen"), ("origin_country",), _answered, _nothing, _country_named),
        Dimension("crossing", said("Ámbito"), ("cross_border",), _crossed, lambda period: _BORDER, _same),
        _several("role", said("Función en los hechos"), "roles", "perpetrator_role"),
        Dimension("offence", said("Delito de la condena"), ("convicted_offence", "offence"),
                  _convicted_of, _nothing, _term("offence")),
        _several("sentence_type", said("Penas y consecuencias"), "sentence_types", "sentence_type"),
        Dimension("served", said("Pena privativa de libertad"), ("sentence_types",), _served, lambda period: _SERVED, _same),
        Dimension("prison_term", said("Duración de la pena (años)"), ("imprisonment_band", "sentence_types"), _term_of_prison,
                  lambda period: (*_TERMS, _LIFE), _same),
        _of_list("verdict", said("Fallo"), "verdict", "verdict", but=("MIX",)),
        _of_list("from_offence", said("Delito anterior"), "from_offence", "offence", whole=False),
        _of_list("to_offence", said("Delito nuevo"), "to_offence", "offence", whole=False),
        _of_list("decided_by", said("Quién recalifica"), "decided_by", "retypification_by"),
        _of_list("reparation_status", said("Estado del pago"), "status", "reparation_status"),
    )
    return MappingProxyType({one.name: one for one in found})
