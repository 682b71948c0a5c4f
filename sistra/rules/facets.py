"""The filters of the two lists, declared once: pages, exports and the command line read the same choices."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sistra.codebook.terms import codelist
from sistra.rules.problems import said


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter. Its choices are the codes of a list, or `words` (code -> sentence), or else years of four digits.

    `open`: it stands unfolded on the page. `every`: choices without a case are offered too. `frequent_first`: the choices
    come by how many cases they have instead of by the order of the list. `said_here`: choices of the list that are called
    otherwise here.
    """

    label: str
    list_name: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    open: bool = False
    every: bool = False
    frequent_first: bool = False
    said_here: Mapping[str, str] = field(default_factory=dict)

    def has(self, code: str) -> bool:
        """Whether the filter has that choice."""
        if not self.list_name and not self.words:
            return code.isascii() and code.isdigit() and len(code) == 4
        return code in (self.words or codelist(self.list_name))

    def text(self, code: str, language: str) -> str:
        """A choice in words: those of `words` and `said_here` in Spanish, for the door to translate."""
        if self.list_name and code not in self.said_here:
            return codelist(self.list_name)[code].label(language)
        return self.said_here.get(code) or self.words.get(code, code)

    def offered(self, counts: Mapping[str, int], chosen: Sequence[str]) -> list[str]:
        """The choices that a page offers, in order; `counts` says how many cases each would leave."""
        if not self.list_name and not self.words:
            return sorted({*counts, *chosen}, reverse=True)
        codes = [code for code in (self.words or codelist(self.list_name)) if self.every or counts.get(code) or code in chosen]
        return sorted(codes, key=lambda code: -counts.get(code, 0)) if self.frequent_first else codes


CHARGES: Mapping[str, Facet] = {
    "etapa": Facet(said("Etapa"), "stage_group", open=True, every=True, said_here={"EJE": said("Ejecución o concluida")}),
    "estado": Facet(said("Estado"), "charge_status"),
    "df": Facet(said("Distrito fiscal"), "fiscal_district", open=True, frequent_first=True),
    "finalidad": Facet(said("Finalidad de explotación"), "exploitation_purpose", frequent_first=True),
    "anio": Facet(said("Año")),
    "plazo": Facet(said("Plazo"), open=True, words={
        "vencido": said("Vencido"), "15": said("Vence en 15 días"), "60": said("Vence en 60 días"),
        "sin": said("Sin plazo abierto")}),
    "calidad": Facet(said("Calidad del registro"), words={
        "incompleto": said("Registro incompleto"), "finalidad": said("Finalidad sin determinar hace más de 90 días")}),
}
"""The filters of the list of charges by their name in addresses."""

UNDETERMINED_DAYS = 90
"""After how many days from its reception a charge should know the purpose of exploitation."""
OPEN = ("TRA", "RES", "SEN", "EJE")
"""States (`charge_status`) in which a charge is still somebody's work."""

COURT_CASES: Mapping[str, Facet] = {
    "clase": Facet(said("Clase"), "court_case_kind", open=True),
    "organo": Facet(said("Órgano"), "court_instance", open=True),
    "etapa": Facet(said("Etapa"), "stage_group", open=True, every=True),
    "estado": Facet(said("Estado"), "court_case_state"),
    "df": Facet(said("Distrito fiscal"), "fiscal_district"),
}
"""The filters of the list of court cases by their name in addresses."""

SERVICES: Mapping[str, Facet] = {
    "situacion": Facet(said("Situación"), open=True, words={
        "abierta": said("Por atender o en curso"), "vencida": said("Con fin previsto vencido"),
        "sin": said("Sin ninguna atención")}),
    "estado": Facet(said("Estado"), "service_status", open=True),
    "atencion": Facet(said("Atención"), "victim_service", open=True, frequent_first=True),
}
"""The filters of the list of services for victims by their name in addresses."""


def is_key(text: str) -> bool:
    """Whether the text of an address can be the key of a person or of an office."""
    return text.isascii() and text.isdigit() and 0 < len(text) <= 15


def chosen(facets: Mapping[str, Facet], texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Filter -> choices that texts of an address or of a command say, each once; what no filter has is left out."""
    found = {name: tuple(code for code in dict.fromkeys(texts.get(name, ())) if facet.has(code))
             for name, facet in facets.items()}
    return {name: codes for name, codes in found.items() if codes}
