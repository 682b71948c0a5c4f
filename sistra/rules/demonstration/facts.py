"""What happened in an invented charge: where, to whom, by whom, for what; and how the file words it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from sistra.codebook.places import place
from sistra.codebook.terms import codelist, read_rows
from sistra.rules.demonstration.chance import Chance, Weighted, has_phrase, phrase, weights
from sistra.rules.partial_dates import PartialDate

NEW_LAW = date(2021, 3, 31)
"""Since this day trafficking is article 129-A of the Penal Code, before it was 153 (`offence.csv`)."""

_PREMISES: Mapping[str, str] = MappingProxyType(
    {
        "SEX-BAR": "BAR:6;NIG:3;RES:1",
        "SEX-PRO": "PRO:4;HOT:3;BAR:3;VIV:1;MAS:1",
        "SEX-TUR": "HOT:5;VIA:2",
        "SEX-REM": "WEB:1",
        "SEX-POR": "VIV:2;WEB:2",
        "SEX": "OTH:1;BAR:1",
        "SEX-PRI": "VIV:1",
        "LAB-MIN": "CAM:1",
        "LAB-LOG": "TAL:1",
        "LAB-AGR": "CHA:1",
        "LAB-FIS": "EMB:1",
        "LAB-MAN": "FAB:1",
        "LAB-COM": "RES:1",
        "LAB-DOM": "VIV:1",
        "LAB-CHI": "VIA:1",
        "LAB-CON": "OBR:1",
        "BEG": "VIA:1",
    }
)
_ACTIVITIES = MappingProxyType(
    {
        "SEX": "I",
        "LAB-MIN": "B",
        "LAB-LOG": "A",
        "LAB-AGR": "A",
        "LAB-FIS": "A",
        "LAB-MAN": "C",
        "LAB-COM": "G",
        "LAB-DOM": "T",
        "LAB-CON": "F",
    }
)
_SOURCES = (
    "PNP:34;OPE:12;PAR:8;FAM:9;TER:4;DES:6;OFI:4;L18:6;L100:2;CEM:4;UPE:3;SUN:2;MIG:1.5;EDU:1;SAL:1;ONG:1;MED:1;DER:3;NSP:0.7"
)
_METHODS = "OFE-FAL:30;RED-SOC:16;OFE-COB:8;CON-AMI:10;CON-FAM:7;RED-AVI:5;ENA:4;PAD:4;DEU:4;RAP:0.7;NSP:9"
_COUNTS = "1:60;2:19;3:10;4:6;5:3;6:2"
_WORDS = ("cero", "una", "dos", "tres", "cuatro", "cinco", "seis")


@dataclass(frozen=True, slots=True)
class District:
    """A fiscal district as the demonstration draws it. `office` is the code of the office where its charges are."""

    code: str
    weight: float
    office: str
    court_code: str
    places: Sequence[str]
    origins: Sequence[str]
    purposes: Weighted
    surnames: Weighted


@dataclass(frozen=True, slots=True)
class Sketch:
    """A victim or accused before the file describes them. `age` None: not known; `kind` NAT or JUR."""

    sex: str
    age: int | None
    identified: bool
    kind: str = "NAT"


@dataclass(frozen=True, slots=True)
class Facts:
    district: District
    place: str
    origin: str
    purpose: str
    premises: str
    source: str
    method: str
    victims: Sequence[Sketch]
    accused: Sequence[Sketch]
    words: Mapping[str, str]
    form: int
    starts: PartialDate
    ends: PartialDate | None

    @property
    def minors(self) -> int:
        return sum(one.age is not None and one.age < 18 for one in self.victims)

    @property
    def sexual(self) -> bool:
        return self.purpose.startswith("SEX")

    @property
    def activity(self) -> str | None:
        return activity_of(self.purpose)

    @property
    def old_law(self) -> bool:
        """Whether the facts were over before trafficking moved to article 129-A."""
        return bool(self.starts.earliest and self.starts.earliest < NEW_LAW)

    def text(self, chance: Chance, kind: str, about: str = "*") -> str:
        """A phrase about these facts."""
        return phrase(chance, kind, about, self.words, self.form)


@cache
def districts() -> Mapping[str, District]:
    """The districts by code, those with most charges first."""
    found = [
        District(
            row["district"],
            float(row["weight"]),
            f"{row['office_kind']}-{row['district']}",
            row["court_code"],
            tuple(row["places"].split(";")),
            tuple(row["origins"].split(";")),
            weights(row["purposes"]),
            weights(row["surnames"]),
        )
        for row in read_rows("demo", "districts")
    ]
    return MappingProxyType({one.code: one for one in found})


def draw(chance: Chance, district: District, received: date, *, accused_known: bool, rare_purpose: str | None = None) -> Facts:
    """The facts of a charge received on that day. `accused_known`: its course needs somebody to be prosecuted."""
    purpose = rare_purpose or chance.by_weight(district.purposes)
    victims = _victims(chance, purpose)
    source = chance.by_weight(weights(_SOURCES))
    scene, origin = chance.one(district.places), chance.one(district.origins)
    premises = premises_for(chance, purpose)
    method = "ENA" if purpose == "SEX-POR" else chance.by_weight(weights(_METHODS))
    starts, ends = _period(chance, received)
    words = _words(chance, purpose, scene, origin, premises, victims)
    people, form = _accused(chance, purpose, accused_known), _form_of(victims)
    return Facts(district, scene, origin, purpose, premises, source, method, victims, people, words, form, starts, ends)


def told(
    chance: Chance,
    district: District,
    purpose: str,
    scene: str,
    origin: str,
    premises: str,
    source: str,
    method: str,
    victims: Sequence[Sketch],
    accused: Sequence[Sketch],
    starts: PartialDate,
    ends: PartialDate | None,
) -> Facts:
    """Facts that are given but for the words in which the file tells them."""
    words, form = _words(chance, purpose, scene, origin, premises, victims), _form_of(victims)
    return Facts(district, scene, origin, purpose, premises, source, method, victims, accused, words, form, starts, ends)


def activity_of(purpose: str) -> str | None:
    """The economic activity of such exploitation, where it has one."""
    return _ACTIVITIES.get(purpose) or _ACTIVITIES.get(purpose.partition("-")[0])


def premises_for(chance: Chance, purpose: str) -> str:
    """Where such exploitation takes place (`place_of_exploitation`)."""
    return chance.by_weight(weights(_PREMISES.get(purpose, "OTH:2;VIV:1")))


def _words(chance: Chance, purpose: str, scene: str, origin: str, premises: str, victims: Sequence[Sketch]) -> Mapping[str, str]:
    words = {
        "lugar": _where(scene),
        "origen": _where(origin),
        "local": phrase(chance, "local", premises),
        "oferta": phrase(chance, "oferta", purpose),
        "victimas": _people(victims),
    }
    words["victimas_c"] = words["victimas"][0].upper() + words["victimas"][1:]
    return words


def _form_of(victims: Sequence[Sketch]) -> int:
    women = bool(victims) and all(one.sex == "M" for one in victims)
    return (2 if len(victims) > 1 else 0) + (0 if women or len(victims) > 1 else 1)


def _where(code: str) -> str:
    one = place(code)
    return f"{one.district} ({one.department})" if one.district != one.department else f"la ciudad de {one.district}"


def men_among(purpose: str) -> float:
    """The share of men and boys among the victims of such exploitation."""
    if purpose.startswith("SEX"):
        return 0.04
    return 0.5 if purpose in ("LAB-MIN", "LAB-LOG", "LAB-FIS", "LAB-CON", "ARM", "CRI") else 0.25


def _victims(chance: Chance, purpose: str) -> tuple[Sketch, ...]:
    men = men_among(purpose)
    young = {"LAB-CHI": 1.0, "BEG": 0.9, "NNA": 1.0, "LAB-DOM": 0.75, "MAR": 0.9, "SEX-POR": 0.9, "LAB-MIN": 0.4, "ORG": 0.0}.get(
        purpose, 0.47
    )
    return tuple(
        Sketch("H" if chance.yes(men) else "M", _age(chance, purpose, young), chance.yes(0.9))
        for _ in range(int(chance.by_weight(weights(_COUNTS))))
    )


def _age(chance: Chance, purpose: str, young: float) -> int | None:
    if chance.yes(0.04):
        return None
    if chance.yes(young):
        child = purpose in ("LAB-CHI", "BEG", "NNA", "LAB-DOM") and chance.yes(0.55)
        return (
            chance.number(0 if purpose == "NNA" else 8, 13)
            if child
            else chance.one((13, 14, 14, 15, 15, 15, 16, 16, 16, 17, 17, 17))
        )
    return chance.one((18, 18, 19, 19, 20, 21, 22, 22, 23, 24, 25, 26, 28, 29, 31, 33, 36, 41, 47))


def _accused(chance: Chance, purpose: str, known: bool) -> tuple[Sketch, ...]:
    number = int(chance.by_weight(weights("1:58;2:27;3:11;4:4")))
    found = []
    for place_ in range(number):
        identified = known and place_ == 0 or chance.yes(0.72)
        women = 0.45 if purpose.startswith("SEX") else 0.3
        legal = identified and place_ > 0 and chance.yes(0.05)
        found.append(
            Sketch(
                "M" if chance.yes(women) else "H",
                chance.number(21, 62) if identified and chance.yes(0.85) else None,
                identified,
                "JUR" if legal else "NAT",
            )
        )
    return tuple(found)


def _people(victims: Sequence[Sketch]) -> str:
    """The victims as a summary names them: una adolescente de 16 años; tres mujeres, una de ellas menor de edad."""
    if len(victims) == 1:
        return _person(victims[0])
    women = [one for one in victims if one.sex == "M"]
    minors = sum(one.age is not None and one.age < 18 for one in victims)
    many = _WORDS[len(victims)]
    if len(women) == len(victims):
        if minors == len(victims):
            return f"{many} adolescentes" if all((one.age or 0) > 12 for one in victims) else f"{many} menores de edad"
        return f"{many} mujeres" + (f", {_WORDS[minors]} de ellas menor{'es' * (minors > 1)} de edad" if minors else "")
    if minors == len(victims):
        return f"{many} menores de edad"
    return f"{many} personas" + (f", {_WORDS[minors]} de ellas menor{'es' * (minors > 1)} de edad" if minors else "")


def _person(one: Sketch) -> str:
    woman = one.sex == "M"
    if one.age is None:
        return f"{'una mujer' if woman else 'un hombre'} de edad por establecer"
    if one.age < 2:
        return f"{'una niña' if woman else 'un niño'} de meses"
    who = ("niña", "niño") if one.age < 12 else ("adolescente", "adolescente") if one.age < 18 else ("mujer", "hombre")
    return f"{f'una {who[0]}' if woman else f'un {who[1]}'} de {one.age} años"


def _period(chance: Chance, received: date) -> tuple[PartialDate, PartialDate | None]:
    """When the facts began, and ended where they did: as exactly as a file knows it."""
    first = received - timedelta(days=chance.number(20, 420))
    last = received - timedelta(days=chance.number(0, 18))
    starts = {
        "day": PartialDate.of_day(first),
        "month": PartialDate.of_month(first.year, first.month),
        "year": PartialDate.of_year(first.year),
        "range": PartialDate.of_range(first.replace(day=1), first + timedelta(days=45)),
        "nsp": PartialDate.not_known(),
    }
    if starts["range"].latest and starts["range"].latest > last:
        starts["range"] = PartialDate.of_month(first.year, first.month)
    known = chance.by_weight(weights("day:42;month:34;year:9;range:6;nsp:9"))
    ending = chance.by_weight(weights("day:60;month:14;none:20;nsp:6"))
    ends = {
        "day": PartialDate.of_day(last),
        "nsp": PartialDate.not_known(),
        "none": None,
        "month": PartialDate.of_month(last.year, last.month)
        if (last.year, last.month) < (received.year, received.month)
        else PartialDate.of_day(last),
    }
    return starts[known], ends[ending]


def summary(chance: Chance, facts: Facts) -> str:
    """The summary of a charge, as a prosecutor writes it: no names."""
    told = [
        facts.text(chance, "noticia", facts.source),
        facts.text(chance, "captacion", facts.method),
        facts.text(chance, "explotacion", facts.purpose),
    ]
    if chance.yes(0.55):
        told.append(facts.text(chance, "control"))
    if chance.yes(0.5):
        told.append(facts.text(chance, "salida"))
    return " ".join(told)


def narrative(chance: Chance, facts: Facts) -> str:
    """The full account: several paragraphs."""
    drawn = list(dict.fromkeys(facts.text(chance, "relato") for _ in range(chance.number(2, 4))))
    first = " ".join([facts.text(chance, "captacion", facts.method), facts.text(chance, "explotacion", facts.purpose)])
    second = " ".join(dict.fromkeys(facts.text(chance, "control") for _ in range(2)))
    return "\n\n".join([first, second, " ".join(drawn)])


def reason(chance: Chance, event_type: str) -> str:
    """Why an act was done, in a sentence."""
    return phrase(chance, "motivo", event_type if has_phrase("motivo", event_type) else "*")


def offence(chance: Chance, facts: Facts) -> str:
    """The offence as which the charge is reported, in the text in force at the facts."""
    known = codelist("offence")
    drawn = chance.by_weight(weights("core:80;exploitation:13;smuggling:2;procuring:5"))
    if facts.old_law:
        core = "PE-153A-2007" if facts.minors else "PE-153-2014"
        exploitation = "PE-153B-2017" if facts.sexual else "PE-168B-2017"
    else:
        core = (
            "PE-129B-2"
            if any(one.age is not None and one.age < 14 for one in facts.victims)
            else "PE-129B-1"
            if facts.minors
            else "PE-129A"
        )
        exploitation = ("PE-129H" if facts.minors else "PE-129C") if facts.sexual else "PE-129O"
    related = "PE-179" if facts.sexual and not facts.minors else core
    code = {"core": core, "exploitation": exploitation, "smuggling": "PE-303A", "procuring": related}[drawn]
    assert code in known
    return code
