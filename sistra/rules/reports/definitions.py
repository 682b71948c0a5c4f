"""The reports, as data: what each counts and by what. Codes, titles and who asks for them are those of `report_catalog.csv`.

Counting rules: design of the domain, printed with every table. A report more is an entry here; what it counts by stands in
`dimensions`, what it counts in facts.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sistra.codebook.offences import offences
from sistra.codebook.terms import Term, codelist
from sistra.rules.coarsening import NO, YES
from sistra.rules.problems import said

RECORDS, PERSONS, JUDGMENTS = "records", "persons", "judgments"
"""What is counted: rows of the unit; each person once a year, by their first fact of it; judgments."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which facts are counted. `base` holds column -> the values that it may have, `period` the column that dates the fact.

    `once` is RECORDS, PERSONS or JUDGMENTS. `declared` adds the victims that charges declare beyond those entered. `act` names
    the column of the act that a fact comes from: what was left without effect, and what left it so, is not counted; `judged`
    the column of the judgment, of which one whose act was left without effect is not counted.

    `without` holds column -> the values that leave a fact out; a blank does not. `about` holds columns of which one at least
    must have one of its values, `of` the facts whose judgment must be that of the fact; `elsewhere` counts instead what these
    two leave out.
    """

    unit: str
    period: str
    base: Mapping[str, tuple[str, ...]]
    once: str = RECORDS
    declared: bool = False
    act: str = ""
    judged: str = ""
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: Source | None = None
    elsewhere: bool = False

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


_ONLY_ONCE = said("No se cuentan las denuncias acumuladas: cuenta la que las recibe. Tampoco las derivadas: una denuncia vuelve "
                  "a contar cuando el despacho de destino la acepta, y deja de contar la que se remite fuera de SISTRA.")
_CORE_ONLY = said("Solo denuncias cuyo delito denunciado es la trata misma; la explotación por sí sola y el tráfico ilícito de "
                  "migrantes son series aparte.")
_BY_RECEPTION = said("Se fechan por el mes de recepción, nunca por la fecha de los hechos; se incluyen registros incompletos.")
_VICTIM_CASES = said("Cada agraviada cuenta una vez por denuncia; las declaradas y aún no registradas cuentan sin dato.")
_DISTINCT = said("«Personas distintas» une, dentro de cada año, las que el registro reconoce como la misma; quien aparece en dos "
                 "años cuenta en los dos.")
_ENTERED_ALONE = said("Las declaradas y aún no registradas no entran en «Personas distintas».")
_AT_FACTS = said("La edad es la que tenía al momento de los hechos.")
_NO_DATA = said("«Sin dato» suma lo que no se sabe y lo que aún no se respondió; el total lo incluye siempre.")
_IDENTIFIED = said("Solo personas naturales identificadas; no se cuenta a «los que resulten responsables» ni a personas "
                   "jurídicas.")
_NATURAL = said("Solo personas naturales: las personas jurídicas no se cuentan.")
_FIRST_INSTANCE = said("Condena: primera instancia y delito de trata. Un recurso cambia la situación, no el año de la condena.")
_BY_DECISION = said("Se fechan por el mes en que se decidió.")
_STANDING = said("No se cuentan las sentencias cuya actuación quedó sin efecto por una corrección.")
_OF_TRAFFICKING = said("Solo fallos sobre imputaciones de trata: lo eran al formularse, lo son al decidirse o se condena por ese "
                       "delito. Lo que se decide sobre otros delitos se dice aparte.")
_FIRST_PLACE = said("Una sentencia o una persona con fallos en varios distritos cuenta una vez, en el del primer fallo; con un "
                    "filtro de distrito se mira solo ese distrito, de modo que los distritos consultados uno por uno pueden "
                    "sumar más que el total del país.")
_ONCE_A_YEAR = said("Cada persona cuenta una vez por año, con los datos de su primera condena de ese año.")
_ASIDE_RETYPIFIED = said("Las condenas por un delito distinto en imputaciones de trata se dicen aparte, no en los cuadros; las "
                         "de imputaciones que nunca fueron de trata no se cuentan.")
_MIXED = said("Con dos o más finalidades cuenta una vez, como «Formas mixtas»; en el cuadro de cada finalidad, una vez en "
              "cada una.")
_ABOVE = said("Una misma persona puede estar en varias filas: la suma de filas puede superar el total.")

CHARGES: Final = Source("charge", "received_on", _base(reported_core=(YES,), counted=(YES,)))
VICTIMS: Final = Source("victim", "received_on", _base(reported_core=(YES,), counted=(YES,)), declared=True)
_ENTITIES = {"kind": ("JUR",)}
ACCUSED: Final = Source("accused", "received_on", _base(reported_core=(YES,), counted=(YES,), identified=(YES,)),
                        without=_base(**_ENTITIES))
_CORE: Final = tuple(code for code, one in offences().items() if one.core)
_RULINGS: Final = Source("ruling", "decided_on", _base(counted=(YES,), instance=("1",)), judged="judgment_id",
                         about=_base(core=(YES,), offence=_CORE, first_offence=_CORE))
_OF_PERSONS: Final = replace(_RULINGS, once=PERSONS, without=_base(**_ENTITIES))
_SENTENCED: Final = _OF_PERSONS.where(verdict=("COND", "REC"))
CONVICTED: Final = _SENTENCED.where(core=(YES,))
_RETYPIFIED: Final = Source("retypification", "retypified_on", _base(counted=(YES,)), act="event_id",
                            without=_base(approval=("DEN",)), about=_base(from_core=(YES,), to_core=(YES,)))
_REPARATIONS: Final = Source("reparation", "decided_on", _base(counted=(YES,), instance=("1",)),
                             judged="judgment_id", of=CONVICTED)

_OF_CHARGES = (
    Measure("referred", said("Derivadas, no contadas"), CHARGES.where(counted=(NO,), status=("DER",))),
    Measure("joined", said("Acumuladas, no contadas"), CHARGES.where(counted=(NO,), status=("ACU",))),
    Measure("duplicates", said("Con posible duplicado, contadas"), CHARGES.where(duplicate_of=(YES,))),
)
_OF_VICTIMS = (Measure("entered", said("Registradas una por una"), replace(VICTIMS, declared=False)),
               Measure("distinct", said("Personas distintas"), replace(VICTIMS, declared=False, once=PERSONS)))
_OF_ACCUSED = (Measure("distinct", said("Personas distintas"), replace(ACCUSED, once=PERSONS)),
               Measure("unidentified", said("Por identificar, no contadas"), ACCUSED.where(identified=(NO,))),
               Measure("entities", said("Personas jurídicas, no contadas"), replace(ACCUSED, without={}).where(**_ENTITIES)))
_ELSEWHERE: Final = _SENTENCED.where(core=(NO,))
_OF_CONVICTED = (Measure("elsewhere", said("Condenadas por delito distinto de la trata, no contadas"), _ELSEWHERE),)

_JUDGMENTS: Final = replace(_RULINGS, once=JUDGMENTS)
_ABOUT_OTHERS = (Measure("others", said("Sentencias que deciden sobre otros delitos, no contadas por ellos"),
                         replace(_JUDGMENTS, elsewhere=True)),)
_OF_PENALTIES = (*_OF_CONVICTED, Measure("others", said("Reparaciones de sentencias sin condena por trata, no contadas"),
                                         replace(_REPARATIONS, elsewhere=True)))
_OF_RETYPIFIED = (Measure("pending", said("En espera de aprobación, contadas"), _RETYPIFIED.where(approval=("PEN",))),
                  Measure("others", said("Entre delitos distintos de la trata, no contadas"),
                          replace(_RETYPIFIED, elsewhere=True)))
_OF_JUDGMENTS = (
    Measure("judgments", said("Sentencias"), _JUDGMENTS),
    Measure("convicted", said("Personas condenadas por trata"), CONVICTED),
    Measure("elsewhere", said("Condenadas por delitos que no son trata"), _ELSEWHERE),
    Measure("acquitted", said("Personas absueltas"), _OF_PERSONS.where(verdict=("ABS",))),
)
_OF_REPARATIONS = (
    Measure("reparations", said("Reparaciones"), _REPARATIONS),
    Measure("ordered", said("Monto ordenado (S/)"), _REPARATIONS, "amount_ordered"),
    Measure("paid", said("Monto pagado (S/)"), _REPARATIONS, "amount_paid"),
)

_COMPLAINTS = (_CORE_ONLY, _BY_RECEPTION, _NO_DATA)
_VICTIM_WORDS = (_CORE_ONLY, _BY_RECEPTION, _VICTIM_CASES, _DISTINCT, _ENTERED_ALONE, _NO_DATA)
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
            Spec("by_transit", said("Presuntas víctimas por departamento de tránsito"), "transit", ranked=True),
            Spec("by_origin_country", said("Presuntas víctimas por país de origen"), "origin_country", ranked=True)),
           (*_VICTIM_WORDS, said("Origen y destino son los de la ruta registrada, por departamento o como extranjero."),
            said("Del tránsito se cuentan los departamentos del Perú; quien no pasó por ninguno que conste está en «Sin dato»."),
            said("Trata transnacional: algún punto de la ruta registrada está fuera del Perú.")),
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
           (_FIRST_INSTANCE, _BY_DECISION, _ONCE_A_YEAR, _NATURAL, _FIRST_PLACE, _NO_DATA, _ABOVE),
           (_ASIDE_RETYPIFIED, _STANDING, _ONLY_ONCE), _OF_CONVICTED),
    Report("R13", said("sentencias"), _JUDGMENTS,
           (Spec("by_district", said("Sentencias de primera instancia y personas, por distrito fiscal"), "fiscal_district",
                 measures=_OF_JUDGMENTS, drawn=True),
            Spec("by_verdict", said("Fallos de primera instancia por sentido"), "verdict", source=_RULINGS, ranked=True)),
           (_OF_TRAFFICKING,
           said("Una sentencia puede decidir sobre varias personas: sentencias y personas son cifras distintas."),
            _ONCE_A_YEAR, said("Quien fue absuelto de una imputación y condenado por otra está en ambas columnas."), _NATURAL,
            _FIRST_PLACE, _BY_DECISION, _NO_DATA),
           (said("Una sentencia que decide sobre trata y también sobre otro delito se cuenta, y está además en la cifra aparte."),
            _STANDING, _ONLY_ONCE), _ABOUT_OTHERS),
    Report("R14", said("personas condenadas"), CONVICTED,
           (Spec("by_term", said("Personas condenadas por duración de la pena"), "prison_term", "served", drawn=True),
            Spec("by_sentence", said("Personas condenadas por clase de pena"), "sentence_type", ranked=True),
            Spec("reparations", said("Reparaciones civiles ordenadas, en soles"), "reparation_status", source=_REPARATIONS,
                 measures=_OF_REPARATIONS)),
           (_FIRST_INSTANCE, _BY_DECISION, _ONCE_A_YEAR, _NATURAL,
            said("Las reparaciones son las de sentencias de primera instancia que condenan a alguien por trata; cada una cuenta "
                 "una vez, en el distrito de la primera denuncia vinculada al expediente que se cuenta."),
            said("Los montos son los que constan; una reparación sin monto conocido cuenta sin sumar."), _NO_DATA, _ABOVE),
           (_ASIDE_RETYPIFIED, _STANDING, _ONLY_ONCE), _OF_PENALTIES),
    Report("R21", said("recalificaciones"), _RETYPIFIED,
           (Spec("by_offence", said("Recalificaciones por delito anterior y delito nuevo"), "from_offence", "to_offence"),
            Spec("by_stage", said("Recalificaciones por etapa y por quién decide"), "stage_group", "decided_by", drawn=True)),
           (said("Cuenta cada cambio del delito imputado que va de la trata a otro delito, de otro delito a la trata o entre "
                 "textos de la trata, con su fecha; la historia completa está en cada imputación."),
            said("Un cambio que dispone la fiscalía rige desde que se registra: se cuenta aunque espere aprobación, y se dice "
                 "aparte cuántos la esperan. No se cuenta el denegado."),
            _NO_DATA),
           (said("No se cuenta el cambio que una corrección dejó sin efecto, ni esa corrección."), _ONLY_ONCE), _OF_RETYPIFIED),
)

REPORTS: Final[Mapping[str, Report]] = MappingProxyType({one.code: one for one in _REPORTS})
"""Every report by code."""
