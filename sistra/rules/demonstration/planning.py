"""The whole plan: users, and charges dealt over districts and years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from sistra.codebook.event_types import event_types
from sistra.codebook.terms import Unknown, codelist
from sistra.rules.demonstration import courts, inquiries, names, people
from sistra.rules.demonstration.chance import Chance, Weighted, by_share, weights
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.facts import District, Facts, districts, draw, narrative, offence, summary
from sistra.rules.demonstration.meetings import met
from sistra.rules.demonstration.shapes import ASSISTANT, PROSECUTOR, OtherCharge, Plan, PlannedCharge, Ref, Staff, Step
from sistra.rules.demonstration.sharing import shared, stays
from sistra.rules.demonstration.stories import Story, deck, gone, recent
from sistra.rules.entries import LIMA
from sistra.rules.partial_dates import PartialDate
from sistra.rules.stages import CLOSED

_OLDEST = 1830
"""No charge is older, in days, but those under the code of 1940."""

_RARE_PURPOSES = ("ORG", "MAR", "ARM", "NNA", "CRI", "SEX-POR")


@dataclass(frozen=True, slots=True)
class _Card:
    """A charge dealt: its story, district and part of chance; its office's people."""

    place: int
    turn: int
    story: Story
    district: District
    chance: Chance
    responsible: str
    assistant: str
    colleague: str
    singles: Sequence[str]
    court_singles: Sequence[str]
    elsewhere: str
    sealed: bool


# -- users ------------------------------------------------------------------------------------------------------------

_SIGN_IN = (
    ("auditor", "AUDITOR", "COO", "Auditoría interna"),
    ("analista", "ANALISTA", "OBS", "Analista del observatorio"),
    ("coordinacion", "COORD", "COO", "Coordinación nacional"),
    ("presidencia.mdd", "PRESID", "FPP-MDD", "Presidencia de la junta de fiscales"),
    ("fiscal.mdd", "FISCAL", "FPE-MDD", "Fiscal provincial"),
    ("asistente.mdd", "ASISTENTE", "FPE-MDD", "Asistente en función fiscal"),
    ("fiscal.lima", "FISCAL", "FPE-LIM", "Fiscal provincial"),
    ("mimp", "AGENCIA", "AGE-MIMP", "Enlace de trata de personas"),
    ("pnp", "AGENCIA", "COM-PNP", "Enlace de trata de personas"),
    ("victimas", "VICTIMAS", "UVT-MDD", "Profesional de UDAVIT"),
)
ADMINISTRATOR = "admin"


def _staff(chance: Chance, used: Sequence[District]) -> Iterator[Staff]:
    """The users who sign in, then the colleagues of each office who are only named in its files."""
    mixed = weights("cas:6;que:3;aym:1")
    for username, role, office, title in _SIGN_IN:
        yield _person(chance, mixed, username, role, office, title, signs_in=True)
    for one in used:
        for username, role, title in _colleagues(one):
            yield _person(chance, one.surnames, username, role, one.office, title, signs_in=False)


def _colleagues(one: District) -> list[tuple[str, str, str]]:
    name = {"MDD": "mdd", "LIM": "lima"}.get(one.code, one.code.lower())
    found = [(f"adjunto.{name}", "FISCAL", "Fiscal adjunto provincial")]
    if name not in ("mdd", "lima"):
        found.insert(0, (f"fiscal.{name}", "FISCAL", "Fiscal provincial"))
    if one.code != "MDD":
        found.append((f"asistente.{name}", "ASISTENTE", "Asistente en función fiscal"))
    return found


def _person(chance: Chance, origins: Weighted, username: str, role: str, office: str, title: str, *, signs_in: bool) -> Staff:
    own = chance.of(username)
    return Staff(username, names.full_name(own, own.one("MH"), origins), role, office, title, signs_in)


# -- dealing ----------------------------------------------------------------------------------------------------------


def plan(charges: int, seed: int, today: date) -> Plan:
    """A plan of so many charges. Every instant in it is before `today`; the same arguments give the same plan."""
    chance = Chance(seed)
    cards = _dealt(chance, deck(charges, chance.of("deck")))
    used = [one for one in districts().values() if any(card.district is one for card in cards)] or [districts()["MDD"]]
    told = sorted((_told(card, today) for card in cards), key=lambda one: (one.opened_at, one.opening["summary"]))
    numbered = _numbered(chance.of("carpetas"), told)
    opens = min((one.opened_at for one in numbered), default=datetime.combine(today, time(), LIMA)) - timedelta(days=40)
    aimed = tuple(_with_targets(chance.of("targets"), numbered))
    return Plan(
        opens.astimezone(UTC),
        tuple(_staff(chance.of("staff"), used)),
        tuple(met(chance.of("meetings"), tuple(shared(chance.of("sharing"), aimed, today)), today)),
    )


def _dealt(chance: Chance, stories: Sequence[Story]) -> list[_Card]:
    places = _places(chance.of("districts"), len(stories))
    singles, court = _round(inquiries.SINGLES, chance.of("singles")), _round(courts.SINGLES, chance.of("court"))
    cards, turns = [], Counter[str]()
    for place, (story, district) in enumerate(zip(stories, places, strict=True)):
        own = chance.of("charge", place)
        fiscal, adjunct = _prosecutors(district)
        first = fiscal if own.yes(0.75) else adjunct
        others = [one.office for one in districts().values() if one is not district]
        cards.append(
            _Card(
                place,
                turns[story.name],
                story,
                districts()["LIM"] if story.old else district,
                own,
                "fiscal.lima" if story.old else first,
                f"asistente.{_short(districts()['LIM'] if story.old else district)}",
                "adjunto.lima" if story.old else adjunct if first == fiscal else fiscal,
                [next(singles) for _ in range(own.number(0, 2))] if story.works else (),
                [next(court) for _ in range(own.number(1, 3))] if story.tried else (),
                own.one(others),
                sealed=story.works and not story.old and own.yes(0.035),
            )
        )
        turns[story.name] += 1
    return cards


def _short(district: District) -> str:
    return {"LIM": "lima"}.get(district.code, district.code.lower())


def _prosecutors(district: District) -> tuple[str, str]:
    return f"fiscal.{_short(district)}", f"adjunto.{_short(district)}"


def _places(chance: Chance, number: int) -> list[District]:
    """Districts in their shares, shuffled."""
    known = districts()
    return chance.shuffled([known[code] for code in by_share({code: one.weight for code, one in known.items()}, number)])


def _round(codes: Sequence[str], chance: Chance) -> Iterator[str]:
    while True:
        yield from chance.shuffled(codes)


# -- one charge -------------------------------------------------------------------------------------------------------


def _told(card: _Card, today: date) -> PlannedCharge:
    """The charge of a card. It is told twice with the same chance: first to learn how long it takes, then on its days."""
    length = _course(card, today - timedelta(days=1000), today).day
    ago = card.chance.of("ago")
    after = recent(ago, card.story) if card.story.live else gone(ago, length)
    if card.story.old:
        after = max(after, ago.number(2150, 2500) - length)
    origin = today - timedelta(days=min(length + after, 2600 if card.story.old else max(_OLDEST, length + 5)))
    return _planned(card, _course(card, origin, today))


def _course(card: _Card, origin: date, today: date) -> Course:
    facts = draw(
        card.chance.of("facts"),
        card.district,
        origin,
        accused_known=card.story.prosecuted or card.story.old,
        rare_purpose=_RARE_PURPOSES[card.place // 29 % len(_RARE_PURPOSES)] if card.place % 29 == 7 else None,
    )
    c = Course(card.chance.of("course"), facts, origin, today, assistant=not card.sealed)
    c.elsewhere, c.turn, c.live = card.elsewhere, card.turn, card.story.live
    c.singles, c.court_singles = list(card.singles), list(card.court_singles)
    c.offence = offence(card.chance.of("offence"), facts)
    opening = _opening(card, c)
    c.step("open", opening, by=ASSISTANT if c.chance.yes(0.4) else PROSECUTOR)
    _people(card, c)
    _counts(card, c)
    if card.sealed:
        c.act("SEL-PON")
    card.story.tell(c)
    if card.sealed and c.chance.yes(0.3):
        c.act("SEL-LEV")
    return c


def _opening(card: _Card, c: Course) -> dict[str, Any]:
    chance, facts = card.chance.of("opening"), c.facts
    received: Any = PartialDate.of_day(c.date())
    rough = chance.by_weight(weights("day:970;month:12;range:7;nsp:11"))
    if rough == "month" and (c.date().year, c.date().month) < (c.today.year, c.today.month):
        received = PartialDate.of_month(c.date().year, c.date().month)
    elif rough == "range":
        received = PartialDate.of_range(c.date() - timedelta(days=6), c.date())
    elif rough == "nsp":
        received = Unknown.NOT_KNOWN
    found: dict[str, Any] = {
        "received_on": received,
        "notice_source": facts.source,
        "reported_offence": c.offence,
        "notice_place": facts.place,
        "summary": summary(chance, facts),
        "victims_declared": len(facts.victims) + (chance.number(1, 4) if chance.yes(0.05) else 0),
        "minors_declared": facts.minors,
        "accused_declared": len([one for one in facts.accused if one.identified]) or Unknown.NOT_KNOWN,
        "immediate_risk": chance.by_weight(weights("INM:1;ALT:3;MED:5;BAJ:3;NIN:2;NSP:1")),
    }
    found["purpose_known"] = ("NSP",) if chance.yes(0.06) else (facts.purpose,)
    return found


_FLAGS: Mapping[str, Callable[[Facts], bool]] = {
    "MIN": lambda facts: facts.purpose == "LAB-MIN" or facts.premises == "CAM",
    "MEN": lambda facts: facts.minors > 0,
    "TEC": lambda facts: facts.method.startswith("RED"),
    "FRO": lambda facts: facts.district.code in ("TUM", "MDD", "LOR", "TAC"),
}


def _more(card: _Card, c: Course) -> dict[str, Any]:
    """What is entered of the charge after its opening."""
    chance, facts = card.chance.of("more"), c.facts
    minors_only = facts.minors == len(facts.victims)
    means = ("NRQ",) if minors_only and chance.yes(0.7) else chance.some(("VIO", "AME", "PRI", "ENG", "VUL"), 2)
    found: dict[str, Any] = {
        "facts_from": facts.starts if facts.starts.known else Unknown.NOT_KNOWN,
        "acts": chance.some(("CAP", "TRP", "TRL", "ACO", "REC", "RET"), 3),
        "means": means,
        "recruitment_methods": (facts.method,),
        "recruitment_place": facts.origin,
        "exploitation_place": facts.place,
        "exploitation_place_types": (facts.premises,),
        "narrative": narrative(chance, facts),
    }
    if facts.ends is not None:
        found["facts_to"] = facts.ends if facts.ends.known else Unknown.NOT_KNOWN
    if chance.yes(0.5):
        found["economic_activity"] = facts.activity or Unknown.NOT_APPLICABLE
    if chance.yes(0.4):
        found["organised_group"] = chance.yes(0.12)
    if facts.source in ("PNP", "OPE"):
        found["police_report_number"] = f"Informe n.° {chance.number(20, 480)}-{c.date().year}-DIRCTPTIM"
    if facts.source == "OPE":
        found |= {"operation_on": c.date(), "persons_rescued": len(facts.victims)}
    flags = tuple(code for code in codelist("strategic_flag") if code in _FLAGS and _FLAGS[code](facts) and chance.yes(0.6))
    return found | ({"strategic_flags": flags} if flags else {})


def _people(card: _Card, c: Course) -> None:
    facts = c.facts
    named = tuple(c.named())
    for code, sketch in zip(c.accused, facts.accused, strict=True):
        own = card.chance.of(code)
        answers = people.accused(own, facts, sketch)
        c.step("accused", answers, label=code, by=ASSISTANT)
        if who := people.identity(own, facts, sketch, answers):
            c.step("identity", who, on=code, by=ASSISTANT)
    more = _more(card, c)
    if card.story.works or card.chance.of("more?").yes(0.4):
        c.step("amend", more, by=ASSISTANT)
    for code, sketch in zip(c.victims, facts.victims, strict=True):
        own = card.chance.of(code)
        answers = people.victim(own, facts, sketch, identified_victim=card.story.tried and own.yes(0.5))
        c.step("victim", answers, label=code, by=ASSISTANT)
        if who := people.identity(own, facts, sketch, answers):
            c.step("identity", who, on=code, by=ASSISTANT)
        _lists(card, c, own, code, partial(people.recruitment, own, facts, sketch, named))
    if card.story.works and card.chance.of("route").yes(0.35):
        c.step("leg", {"point": "ORI", "country": "PE", "place": facts.origin, "transport_mode": "TER-BUS"}, by=ASSISTANT)
        c.step("leg", {"point": "DES", "country": "PE", "place": facts.place, "transport_mode": "TER-BUS"}, by=ASSISTANT)


def _lists(card: _Card, c: Course, own: Chance, code: str, recruited: Any) -> None:
    if not card.story.works:
        return
    if own.yes(0.45):
        c.step("row", recruited(), code="recruitment", on=code, by=ASSISTANT)
    if own.yes(0.45):
        c.step("row", people.exploitation(own, c.facts), code="exploitation", on=code, by=ASSISTANT)
    if c.named() and own.yes(0.2):
        c.step(
            "row",
            {"accused": Ref(c.named()[0]), "relation": own.one(("LAB", "LAB-ENG", "CON-RED", "DES"))},
            code="victim_accused_relation",
            on=code,
            by=ASSISTANT,
        )


def _counts(card: _Card, c: Course) -> None:
    """A count for each accused, but where nothing is charged yet; the first of those prosecuted stands before the court."""
    chance = card.chance.of("counts")
    if not (card.story.prosecuted or card.story.old or chance.yes(0.8 if card.story.works else 0.35)):
        return
    for place, (code, sketch) in enumerate(zip(c.accused, c.facts.accused, strict=True)):
        if sketch.kind == "JUR":
            continue
        label = f"C-{place + 1}"
        values: dict[str, Any] = {
            "accused": Ref(code),
            "offence": c.offence,
            "degree": "TEN" if chance.yes(0.06) else "CON",
            "main": place == 0,
            "victims": tuple(map(Ref, c.victims)),
            "description": c.facts.text(chance, "hecho"),
        }
        if sketch.identified:
            values["participation"] = chance.by_weight(weights("AUT:6;COA:4;CPR:1"))
        if place == 0 or sketch.identified:
            values["purposes"] = (c.facts.purpose,)
        c.step("count", values, label=label)
        c.counts.append(label)
        c.count_of[label] = code
        if sketch.identified:
            c.court_counts.append(label)


def _planned(card: _Card, c: Course) -> PlannedCharge:
    first, *rest = c.steps
    return PlannedCharge(
        card.story.name,
        card.district.office,
        card.responsible,
        card.assistant,
        card.colleague,
        first.by,
        first.at,
        c.date(0),
        first.values,
        tuple(rest),
    )


# -- over all charges -------------------------------------------------------------------------------------------------


def _numbered(chance: Chance, told: Sequence[PlannedCharge]) -> list[PlannedCharge]:
    """Carpetas counted up in each office and year; a few charges have none yet, or one of another shape."""
    last: Counter[tuple[str, int]] = Counter()
    found = []
    for one in told:
        key = (one.office, one.opened_at.year)
        last[key] += chance.number(1, 9)
        code = districts()[one.office[-3:]].court_code
        carpeta: Any = f"{code}01{chance.number(4500, 4503)}-{one.opened_at.year}-{last[key]}-0"
        drawn = chance.by_weight(weights("usual:93;short:3;blank:3;nsp:1"))
        carpeta = {"usual": carpeta, "short": f"{last[key]}-{one.opened_at.year}", "blank": None, "nsp": Unknown.NOT_KNOWN}[drawn]
        found.append(replace(one, opening={**one.opening, "carpeta_number": carpeta}) if carpeta is not None else one)
    return found


def _with_targets(chance: Chance, charges: Sequence[PlannedCharge]) -> Iterator[PlannedCharge]:
    """Names the charge that another is joined to: an earlier one of the office, neither sealed, moved nor closed."""
    for place, one in enumerate(charges):
        if not any(isinstance(step.values.get("target_charge"), OtherCharge) for step in one.steps):
            yield one
            continue
        offered = [other for other in range(place) if charges[other].office == one.office and stays(charges[other])
                   and not _ends(charges[other])]
        near = sorted(offered, key=lambda other: charges[other].opened_at, reverse=True)[:6]
        target = OtherCharge(chance.one(near)) if near else None
        yield replace(one, steps=tuple(_aimed(one.steps, target)))


def _ends(one: PlannedCharge) -> bool:
    """Whether something in the charge comes to its end, so that it may be closed."""
    return any(step.verb == "judgment" or (step.code in event_types() and event_types()[step.code].stage_to == CLOSED)
               for step in one.steps)


def _aimed(steps: Sequence[Step], target: OtherCharge | None) -> Iterator[Step]:
    for step in steps:
        if not isinstance(step.values.get("target_charge"), OtherCharge):
            yield step
        elif target is not None:
            yield replace(step, values={**step.values, "target_charge": target})
