"""The reports, as data: what each counts and by what. Codes, titles and who asks for them are those of `report_catalog.csv`.

Counting rules: design of the domain, printed with every table. A report more is an entry here; what it counts by stands in
`dimensions`, what it counts in facts.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sistra.codebook.terms import Term, codelist
from sistra.rules.coarsening import NO, YES
from sistra.rules.problems import said

RECORDS, PERSONS, JUDGMENTS = "records", "persons", "judgments"
"""What is counted: rows of the unit; each person once a year, by their first fact of it; judgments."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which facts are counted. `base` holds column -> the values that it may have, `period` the column that dates the fact.

    `once` is RECORDS, PERSONS or JUDGMENTS. `declared` adds the victims that charges declare beyond those entered. `act` names
    the column of the act that a fact comes from: what was left without effect, and what left it so, is not counted.
    """

    unit: str
    period: str
    base: Mapping[str, tuple[str, ...]]
    once: str = RECORDS
    declared: bool = False
    act: str = ""

    @property
    def what(self) -> str:
        """The word under which its figures are rounded: the same records counted alike always give the same figure."""
        return f"{self.unit}:{self.once}"

    def where(self, **more: tuple[str, ...]) -> Source:
        """The same, of fewer facts."""
        return replace(self, base=MappingProxyType({**self.base, **more}))


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of figures of its own. `amount` names the column that is summed, in soles, instead of counting."""

    name: str
    label: str
    source: Source
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """One table: rows by a dimension, columns by another, or by measures, or the figure alone with its share and rank.

    `source` stands in where the table counts something else than its report. `drawn` asks for the chart of it.
    """

    name: str
    title: str
    rows: str
    columns: str = ""
    measures: tuple[Measure, ...] = ()
    source: Source | None = None
    ranked: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """`counted` names the unit in words; `definition` and `exclusions` are printed with it, `asides` told beside it."""

    code: str
    counted: str
    source: Source
    specs: tuple[Spec, ...]
    definition: tuple[str, ...]
    exclusions: tuple[str, ...] = ()
    asides: tuple[Measure, ...] = field(default=())

    @property
    def term(self) -> Term:
        """Its row of the catalog."""
        return codelist("report_catalog")[self.code]


def _base(**values: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(values)


_ONLY_ONCE = said("No se cuentan las denuncias derivadas ni las acumuladas: cuenta solo la que las recibe.")
_CORE_ONLY = said("Solo denuncias cuyo delito denunciado es la trata misma; la explotación por sí sola y el tráfico ilícito de "
                  "migrantes son series aparte.")
_BY_RECEPTION = said("Se fechan por el mes de recepción, nunca por la fecha de los hechos; se incluyen registros incompletos.")
_VICTIM_CASES = said("Cada agraviada cuenta una vez por denuncia; las declaradas y aún no registradas cuentan sin dato.")
_DISTINCT = said("«Personas distintas» une, dentro de cada año, las que el registro reconoce como la misma; quien aparece en dos "
                 "años cuenta en los dos.")
_AT_FACTS = said("La edad es la que tenía al momento de los hechos.")
_NO_DATA = said("«Sin dato» suma lo que no se sabe y lo que aún no se respondió; el total lo incluye siempre.")
_IDENTIFIED = said("Solo personas identificadas; no se cuenta a «los que resulten responsables».")
_FIRST_INSTANCE = said("Condena: primera instancia y delito de trata. Un recurso cambia la situación, no el año de la condena.")
_ONCE_A_YEAR = said("Cada persona cuenta una vez por año, con los datos de su primera condena de ese año.")
_ASIDE_RETYPIFIED = said("Las condenas recalificadas a un delito distinto de la trata se dicen aparte, no en los cuadros.")
_MIXED = said("Con dos o más finalidades cuenta una vez, como «Formas mixtas»; en el cuadro de cada finalidad, una vez en "
              "cada una.")
_ABOVE = said("Una misma persona puede estar en varias filas: la suma de filas supera el total.")

CHARGES: Final = Source("charge", "received_on", _base(reported_core=(YES,), counted=(YES,)))
VICTIMS: Final = Source("victim", "received_on", _base(reported_core=(YES,), counted=(YES,)), declared=True)
ACCUSED: Final = Source("accused", "received_on", _base(reported_core=(YES,), counted=(YES,), identified=(YES,)))
_RULINGS: Final = Source("ruling", "decided_on", _base(counted=(YES,), instance=("1",)))
_SENTENCED: Final = _RULINGS.where(verdict=("COND", "REC"))
CONVICTED: Final = replace(_SENTENCED.where(core=(YES,)), once=PERSONS)
_RETYPIFIED: Final = Source("retypification", "retypified_on", _base(counted=(YES,)), act="event_id")
_REPARATIONS: Final = Source("reparation", "decided_on", _base(counted=(YES,), instance=("1",)))

_OF_CHARGES = (
    Measure("moved", said("Derivadas o acumuladas, no contadas"), CHARGES.where(counted=(NO,))),
    Measure("duplicates", said("Con posible duplicado, contadas"), CHARGES.where(duplicate_of=(YES,))),
)
_OF_VICTIMS = (Measure("entered", said("Registradas una por una"), replace(VICTIMS, declared=False)),
               Measure("distinct", said("Personas distintas"), replace(VICTIMS, declared=False, once=PERSONS)))
_OF_ACCUSED = (Measure("distinct", said("Personas distintas"), replace(ACCUSED, once=PERSONS)),
               Measure("unidentified", said("Por identificar, no contadas"), ACCUSED.where(identified=(NO,))))
_OF_CONVICTED = (Measure("elsewhere", said("Condenadas por delito distinto de la trata, no contadas"),
                         replace(_SENTENCED.where(core=(NO,)), once=PERSONS)),)

_JUDGMENTS: Final = replace(_RULINGS, once=JUDGMENTS)
_OF_JUDGMENTS = (
    Measure("judgments", said("Sentencias"), _JUDGMENTS),
    Measure("convicted", said("Personas condenadas por trata"), CONVICTED),
    Measure("elsewhere", said("Condenadas por delito distinto"), replace(_SENTENCED.where(core=(NO,)), once=PERSONS)),
    Measure("acquitted", said("Personas absueltas"), replace(_RULINGS.where(verdict=("ABS",)), once=PERSONS)),
)
_OF_REPARATIONS = (
    Measure("reparations", said("Reparaciones"), _REPARATIONS),
    Measure("ordered", said("Monto ordenado (S/)"), _REPARATIONS, "amount_ordered"),
    Measure("paid", said("Monto pagado (S/)"), _REPARATIONS, "amount_paid"),
)

_COMPLAINTS = (_CORE_ONLY, _BY_RECEPTION, _NO_DATA)
_VICTIM_WORDS = (_CORE_ONLY, _BY_RECEPTION, _VICTIM_CASES, _DISTINCT, _NO_DATA)
_CHARGES_COUNTED, _VICTIMS_COUNTED = said("denuncias"), said("presuntas víctimas")

_REPORTS: Final = (
    Report("R01", _CHARGES_COUNTED, CHARGES,
           (Spec("by_month", said("Denuncias por año y mes de recepción"), "year", "month", drawn=True),),
           _COMPLAINTS, (_ONLY_ONCE,), _OF_CHARGES),
    Report("R02", _CHARGES_COUNTED, CHARGES,
           (Spec("by_district", said("Denuncias por distrito fiscal"), "fiscal_district", ranked=True, drawn=True),),
           _COMPLAINTS, (_ONLY_ONCE,), _OF_CHARGES),
    Report("R03", _CHARGES_COUNTED, CHARGES,
           (Spec("by_stage", said("Denuncias por etapa y estado del proceso"), "charge_stage", "outcome_group", drawn=True),
            Spec("by_outcome", said("Denuncias por estado del proceso"), "outcome_group", ranked=True)),
           (*_COMPLAINTS, said("Estado a la fecha de corte; de varias imputaciones vale la que sigue abierta."),
            said("La etapa de una denuncia concluida es la última a la que llegó.")),
           (_ONLY_ONCE,), _OF_CHARGES),
    Report("R04", _VICTIMS_COUNTED, VICTIMS,
           (Spec("by_age", said("Presuntas víctimas por edad y sexo"), "age_observatory", "sex", drawn=True),
            Spec("by_legal_age", said("Presuntas víctimas por edad (tramos del Código Penal) y sexo"), "age_legal", "sex"),
            Spec("by_inei_age", said("Presuntas víctimas por edad (tramos del INEI) y sexo"), "age_inei", "sex"),
            Spec("by_unodc_age", said("Presuntas víctimas por edad (tramos de la UNODC) y sexo"), "age_unodc", "sex"),
            Spec("by_district", said("Presuntas víctimas por distrito fiscal y sexo"), "fiscal_district", "sex")),
           (*_VICTIM_WORDS, _AT_FACTS), (_ONLY_ONCE,), _OF_VICTIMS),
    Report("R05", _VICTIMS_COUNTED, VICTIMS,
           (Spec("by_nationality", said("Presuntas víctimas por nacionalidad y sexo"), "nationality", "sex", drawn=True),
            Spec("by_nationality_age", said("Presuntas víctimas por edad y nacionalidad"), "age_observatory", "nationality"),
            Spec("by_country", said("Presuntas víctimas por país de nacionalidad"), "citizenship", ranked=True)),
           (*_VICTIM_WORDS, said("Quien tiene la nacionalidad peruana y otra cuenta como peruana.")), (_ONLY_ONCE,), _OF_VICTIMS),
    Report("R06", _VICTIMS_COUNTED, VICTIMS,
           (Spec("by_form", said("Presuntas víctimas por finalidad de explotación y sexo"), "form", "sex", drawn=True),
            Spec("by_form_age", said("Presuntas víctimas por finalidad de explotación y edad"), "form", "age_observatory"),
            Spec("by_any_form", said("Presuntas víctimas por cada finalidad que consta"), "any_form", "sex")),
           (*_VICTIM_WORDS, _MIXED, _ABOVE), (_ONLY_ONCE,), _OF_VICTIMS),
    Report("R07", _VICTIMS_COUNTED, VICTIMS,
           (Spec("by_method", said("Presuntas víctimas por modalidad de captación"), "recruitment", ranked=True, drawn=True),
            Spec("by_method_form", said("Modalidad de captación y finalidad de explotación"), "recruitment", "form")),
           (*_VICTIM_WORDS, _ABOVE), (_ONLY_ONCE,), _OF_VICTIMS),
    Report("R08", _VICTIMS_COUNTED, VICTIMS,
           (Spec("by_crossing", said("Presuntas víctimas por ámbito y sexo"), "crossing", "sex", drawn=True),
            Spec("by_way", said("Presuntas víctimas por origen y destino"), "origin", "destination"),
            Spec("by_origin_country", said("Presuntas víctimas por país de origen"), "origin_country", ranked=True)),
           (*_VICTIM_WORDS, said("Origen y destino son los de la ruta registrada, por departamento o como extranjero.")),
           (_ONLY_ONCE,), _OF_VICTIMS),
    Report("R09", said("personas imputadas"), ACCUSED,
           (Spec("by_age", said("Imputados por edad y sexo"), "age_observatory", "sex", drawn=True),
            Spec("by_nationality", said("Imputados por nacionalidad y sexo"), "nationality", "sex"),
            Spec("by_role", said("Imputados por función en los hechos"), "role", "sex")),
           (_CORE_ONLY, _BY_RECEPTION, _IDENTIFIED, _DISTINCT, _AT_FACTS, _NO_DATA, _ABOVE), (_ONLY_ONCE,), _OF_ACCUSED),
    Report("R12", said("personas condenadas"), CONVICTED,
           (Spec("by_age", said("Personas condenadas por edad y sexo"), "age_observatory", "sex", drawn=True),
            Spec("by_nationality", said("Personas condenadas por nacionalidad y sexo"), "nationality", "sex"),
            Spec("by_offence", said("Personas condenadas por delito de la condena"), "offence", ranked=True),
            Spec("by_form", said("Personas condenadas por finalidad de explotación"), "form", "sex"),
            Spec("by_sentence", said("Personas condenadas por clase de pena"), "sentence_type", "sex")),
           (_FIRST_INSTANCE, _ONCE_A_YEAR, _NO_DATA, _ABOVE), (_ASIDE_RETYPIFIED, _ONLY_ONCE), _OF_CONVICTED),
    Report("R13", said("sentencias"), _JUDGMENTS,
           (Spec("by_district", said("Sentencias de primera instancia y personas, por distrito fiscal"), "fiscal_district",
                 measures=_OF_JUDGMENTS, drawn=True),
            Spec("by_verdict", said("Fallos de primera instancia por sentido"), "verdict", source=_RULINGS, ranked=True)),
           (said("Una sentencia puede decidir sobre varias personas: sentencias y personas son cifras distintas."), _ONCE_A_YEAR,
            said("Sentencias y absoluciones se cuentan sea cual sea el delito; las condenas, por trata y por otro delito, "
                 "aparte."),
            said("Se fechan por el mes en que se decidió."), _NO_DATA), (_ONLY_ONCE,)),
    Report("R14", said("personas condenadas"), CONVICTED,
           (Spec("by_term", said("Personas condenadas por duración de la pena"), "prison_term", "served", drawn=True),
            Spec("by_sentence", said("Personas condenadas por clase de pena"), "sentence_type", ranked=True),
            Spec("reparations", said("Reparaciones civiles ordenadas, en soles"), "reparation_status", source=_REPARATIONS,
                 measures=_OF_REPARATIONS)),
           (_FIRST_INSTANCE, _ONCE_A_YEAR,
            said("Las reparaciones son las de toda sentencia de primera instancia, sea cual sea el delito."),
            said("Los montos son los que constan; una reparación sin monto conocido cuenta sin sumar."), _NO_DATA, _ABOVE),
           (_ASIDE_RETYPIFIED, _ONLY_ONCE), _OF_CONVICTED),
    Report("R21", said("recalificaciones"), _RETYPIFIED,
           (Spec("by_offence", said("Recalificaciones por delito anterior y delito nuevo"), "from_offence", "to_offence"),
            Spec("by_stage", said("Recalificaciones por etapa y por quién decide"), "stage_group", "decided_by", drawn=True)),
           (said("Cuenta cada cambio del delito imputado, con su fecha; la historia completa está en cada imputación."),
            said("No cuenta el cambio que una corrección dejó sin efecto, ni esa corrección; sí el que espera aprobación."),
            _NO_DATA),
           (_ONLY_ONCE,)),
)

REPORTS: Final[Mapping[str, Report]] = MappingProxyType({one.code: one for one in _REPORTS})
"""Every report by code."""
