"""Three real proceedings as they are typed: what each form is given, field by field.

Facts of published decisions and of press about them; people are codes only. What a source does not say is NSP. A value is a
text, or several; a place is "code|text", a term "years-months-days". Parts are named by code, counts by their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Answers = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Ruled:
    """A row of the grid: answers about one count."""

    count: int
    answers: Answers


@dataclass(frozen=True)
class Decided:
    """A judgment. `remedy` is the place of the remedy that it decides; `penalty` is that of I-1."""

    judgment: Answers
    rulings: Sequence[Ruled]
    penalty: Answers = field(default_factory=dict)
    reparation: Answers = field(default_factory=dict)
    remedy: int | None = None


@dataclass(frozen=True)
class Filed:
    """A remedy against all rulings of the last judgment."""

    remedy: Answers


@dataclass(frozen=True)
class Noted:
    """An act in the court case by its type."""

    event_type: str
    answers: Answers


@dataclass(frozen=True)
class Proceeding:
    """One proceeding, in the order of entry. `came_to` is stage, status and state of each count at the end."""

    district: str
    charge: Answers
    facts: Answers
    procedure: Answers
    victim: Answers
    accused: Answers
    counts: Sequence[Answers]
    court_case: Answers
    course: Sequence[Decided | Filed | Noted]
    recruitments: Sequence[Answers] = ()
    exploitations: Sequence[Answers] = ()
    legs: Sequence[Answers] = ()
    source: str = ""
    came_to: tuple[str, str, tuple[str, ...]] = ("", "", ())


_UNKNOWN_NOTICE: Answers = {"received_on": "NSP", "notice_source": "NSP", "carpeta_number": "NSP", "immediate_risk": "NSP"}
_ONE_OF_EACH: Answers = {"victims_declared": "1", "minors_declared": "1", "accused_declared": "1"}

PUNO = Proceeding(
    district="PUN",
    charge={
        **_UNKNOWN_NOTICE,
        **_ONE_OF_EACH,
        "reported_offence": "PE-153A-2007",
        "notice_place": "21|Puno",
        "purpose_known": ("LAB", "SEX"),
        "summary": "Una menor de edad aceptó una oferta de trabajo y cada noche debía trabajar en un bar",
    },
    facts={
        "facts_from": "NSP",
        "facts_to": "NSP",
        "acts": ("CAP", "TRL", "TRP", "RET", "ACO"),
        "means": "NRQ",
        "exploitation_place_types": ("NIG", "BAR"),
        "exploitation_place": "21|Puno",
    },
    procedure={"procedure_code": "ncpp"},
    victim={"sex": "M", "age_at_facts": "NSP", "age_group": "L-U18"},
    accused={"identified": "1", "sex": "M", "age_at_facts": "NSP", "age_group": "L-18"},
    recruitments=({"methods": "OFE", "accepted_offer": "1"},),
    exploitations=tuple(
        {
            "purpose": purpose,
            "place_types": ("NIG", "BAR"),
            "country": "PE",
            "place": "21|Puno",
            "lodging_given": "1",
            "description": "La llevaba cada noche a un bar, donde debía trabajar",
        }
        for purpose in ("LAB", "SEX")
    ),
    counts=({"offence": "PE-153A-2007", "participation": "NSP"},),
    court_case={
        "docket_number": "NSP",
        "other_number": "Casación 1351-2019 Puno",
        "court_case_kind": "REC",
        "appeal_kind": "CAS",
        "procedure_code": "ncpp",
    },
    course=(
        Decided(
            {"decision_kind": "SEN", "instance": "1", "decided_on": "21/8/2018"},
            (Ruled(1, {"verdict": "COND"}),),
            penalty={"sentence_types": ("PPL-EFE", "RC"), "imprisonment": "12-0-0"},
            reparation={"amount_ordered": "5000", "status": "NSP"},
        ),
        Filed({"kind": "APE", "filed_by": "NSP", "filed_on": "NSP"}),
        Decided(
            {
                "decision_kind": "SVI",
                "instance": "2",
                "decided_on": "9/5/2019",
                "court_instance": "SPA",
                "court_name": "Sala Penal de Apelaciones de Puno",
            },
            (Ruled(1, {"verdict": "ABS", "remedy_outcome": "REV-ABS"}),),
            remedy=0,
        ),
        Filed(
            {
                "kind": "CAS",
                "number": "Casación 1351-2019 Puno",
                "filed_by": "MP",
                "filed_on": "NSP",
                "party_detail": "Primera Fiscalía Superior Penal de Puno",
            }
        ),
        Decided(
            {"decision_kind": "SCA", "instance": "S", "decided_on": "20/7/2021", "court_instance": "SPS-PER"},
            (Ruled(1, {"verdict": "NSP", "remedy_outcome": "FUN"}),),
            remedy=1,
        ),
    ),
    source="Texto publicado de la Casación 1351-2019 Puno; nota de prensa del 3 de octubre de 2021",
    came_to=("85-CAS", "SEN", ("ABS",)),
)

MANUANI = Proceeding(
    district="MDD",
    charge={
        **_UNKNOWN_NOTICE,
        **_ONE_OF_EACH,
        "reported_offence": "PE-153A-2007",
        "notice_place": "17|Madre de Dios",
        "summary": "Una adolescente fue llevada a un bar en un campamento minero, donde trabajó como dama de compañía",
    },
    facts={"facts_from": "NSP", "facts_to": "NSP", "acts": ("CAP", "TRL")},
    procedure={"procedure_code": "1940"},
    victim={"sex": "M", "age_at_facts": "14", "age_group": "L-14-17", "control_methods": "HOR"},
    accused={"identified": "1", "sex": "M", "roles": "DUE"},
    recruitments=({"contact_channel": "PRE", "country": "PE", "place": "1701|Tambopata"},),
    exploitations=(
        {
            "purpose": "SEX-BAR",
            "place_types": ("BAR", "CAM"),
            "country": "PE",
            "place": "17|Madre de Dios",
            "locality": "Manuani, Mazuko",
            "hours_per_day": "12",
            "days_per_week": "7",
            "description": "Bebía con los clientes más de 12 horas al día, toda la semana",
        },
        {
            "purpose": "SEX",
            "country": "PE",
            "place": "17|Madre de Dios",
            "locality": "Manuani, Mazuko",
            "description": "Una vez se le indicó que tuviera relaciones sexuales con los clientes",
        },
    ),
    legs=(
        {"point": "ORI", "country": "PE", "place": "1701|Tambopata"},
        {"point": "DES", "country": "PE", "place": "17|Madre de Dios", "locality": "Manuani, Mazuko"},
    ),
    counts=({"offence": "PE-153A-2007", "participation": "NSP"},),
    court_case={
        "docket_number": "NSP",
        "other_number": "R.N. 2349-2014 Madre de Dios",
        "court_case_kind": "REC",
        "appeal_kind": "RN",
        "procedure_code": "1940",
    },
    course=(
        Decided({"decision_kind": "SEN", "instance": "1", "decided_on": "NSP"}, (Ruled(1, {"verdict": "ABS"}),)),
        Filed({"kind": "RN", "number": "R.N. 2349-2014 Madre de Dios", "filed_by": "NSP", "filed_on": "NSP"}),
        Decided(
            {
                "decision_kind": "EJS",
                "instance": "S",
                "decided_on": "1/2016",
                "published_on": "2016",
                "court_instance": "SPS-PER",
            },
            (Ruled(1, {"remedy_outcome": "NHN"}),),
            remedy=0,
        ),
        Noted(
            "CST-NOT",
            {
                "occurred_on": "9/2016",
                "note": "Quejas contra los magistrados, presentadas y archivadas; no forman parte del proceso penal",
            },
        ),
    ),
    source="Texto publicado del R.N. 2349-2014 Madre de Dios; notas de prensa de 2016",
    came_to=("X-ANT-RN", "SEN", ("ABS",)),
)

DOS_IMPUTACIONES = Proceeding(
    district="MDD",
    charge={
        **_UNKNOWN_NOTICE,
        **_ONE_OF_EACH,
        "reported_offence": "PE-153-2007",
        "notice_place": "17|Madre de Dios",
        "summary": "Imputaciones de tentativa de violación y de trata en agravio de una menor de edad",
    },
    facts={"facts_from": "NSP", "facts_to": "NSP", "acts": ("CAP", "TRL", "ACO", "RET"), "means": "ENG"},
    procedure={"procedure_code": "1940"},
    victim={"sex": "M", "age_at_facts": "NSP", "age_group": "L-U18"},
    accused={"identified": "1", "sex": "H"},
    counts=(
        {"offence": "PE-173", "degree": "TEN"},
        {"offence": "PE-153-2007", "acts": ("CAP", "TRL", "ACO", "RET"), "means": "ENG", "purposes": "LAB"},
    ),
    court_case={
        "docket_number": "NSP",
        "other_number": "R.N. 1902-2011 Madre de Dios",
        "court_case_kind": "REC",
        "appeal_kind": "RN",
        "procedure_code": "1940",
    },
    course=(
        Decided(
            {"decision_kind": "SEN", "instance": "1", "decided_on": "19/4/2011"},
            (Ruled(1, {"verdict": "ABS"}), Ruled(2, {"verdict": "ABS"})),
        ),
        Filed({"kind": "RN", "number": "R.N. 1902-2011 Madre de Dios", "filed_by": "MP", "filed_on": "NSP"}),
        Decided(
            {"decision_kind": "EJS", "instance": "S", "decided_on": "28/10/2011", "court_instance": "SPS-TRA"},
            (
                Ruled(1, {"verdict": "ABS", "remedy_outcome": "NHN"}),
                Ruled(
                    2,
                    {
                        "verdict": "ABS",
                        "remedy_outcome": "NHN",
                        "acquittal_reason": "FIN",
                        "acquittal_note": "No hay prueba de la intención de someter a la agraviada a explotación laboral",
                    },
                ),
            ),
            remedy=0,
        ),
    ),
    source="Texto publicado del R.N. 1902-2011 Madre de Dios",
    came_to=("X-ANT-RN", "SEN", ("ABS", "ABS")),
)

PROCEEDINGS: Mapping[int, Proceeding] = {1: PUNO, 2: MANUANI, 3: DOS_IMPUTACIONES}
