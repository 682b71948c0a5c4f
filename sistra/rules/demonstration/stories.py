"""How charges go on, and how many of each kind there are: the deck from which the courses of a demonstration are dealt."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.facts import reason
from sistra.rules.demonstration.inquiries import work
from sistra.rules.demonstration.shapes import Colleague, OtherCharge, OtherOffice, Ref
from sistra.rules.demonstration.trials import (
    accusation,
    appealed,
    cassation,
    court,
    custody,
    decided,
    enforced,
    judged,
    nullity,
    opened,
    release,
    restrictions,
    singles,
    trial,
)
from sistra.rules.partial_dates import PartialDate

Tell = Callable[[Course], None]


@dataclass(frozen=True, slots=True)
class Story:
    """`share` of a thousand charges. `live`: its last act is recent. `prosecuted`: it needs an identified accused.

    `works`: it has an investigation that takes single acts; `tried`: a court case before trial that does. `old`: the 1940 code.
    """

    name: str
    share: float
    tell: Tell
    live: bool = False
    prosecuted: bool = False
    works: bool = True
    tried: bool = False
    old: bool = False


# -- beginnings -------------------------------------------------------------------------------------------------------


def _taken_up(c: Course) -> None:
    if c.facts.source == "OPE":
        c.act("OPE-RES")
    if c.chance.yes(0.6):
        c.go(0, 3).act("CAL-INI")


def _inquiries(c: Course, least: int = 2, most: int = 5, pace: int = 26) -> None:
    _taken_up(c)
    c.go(0, 4).act("DIP-INI", term_days=c.chance.one((60, 60, 60, 90, 120)))
    work(c, least, most, pace=pace)


def _extended(c: Course) -> None:
    c.go(3, 8).act("DIP-AMP", term_days=c.chance.one((60, 60, 90)))


def _retyped(c: Course) -> None:
    """The prosecutor finds another offence in a count."""
    if c.counts and c.chance.yes(0.5):
        c.act("TIP-FIS", counts=(Ref(c.counts[0]),), offence=_other_offence(c))


def _other_offence(c: Course) -> str:
    to = "PE-129C" if c.facts.sexual else "PE-129O"
    return to if to != c.offence else "PE-129A"


def _regime(c: Course, share: float = 0.12) -> None:
    if c.chance.yes(share):
        c.act(c.chance.one(("REG-COM", "REG-COM", "REG-ORG")), term_days=None)
        if c.chance.yes(0.3):
            c.go(10, 30).act("REG-ORD")


# -- archived ---------------------------------------------------------------------------------------------------------


def _at_once(c: Course) -> None:
    if c.chance.yes(0.7):
        c.go(0, 3).act("CAL-INI")
    c.go(3, 18).act("CAL-ARC")


def _archived(c: Course) -> None:
    _inquiries(c, 1, 5)
    if c.chance.yes(0.3):
        _extended(c)
        work(c, 1, 3)
    c.go(6, 40).act("DIP-ARC")
    if c.chance.yes(0.03):
        c.go(30, 90).act("RTA-PON", party="IMP")


def _archive_confirmed(c: Course) -> None:
    _archived(c)
    c.go(3, 6).act("ARC-ELE", party="AGR")
    c.go(15, 45).act("ARC-CNF")


def _archive_closed(c: Course) -> None:
    _archived(c)
    c.go(30, 60).act("CIE-CAS", closing_reason="ARC")
    if c.chance.yes(0.35):
        c.go(2, 8).act("REA-CIE")
        c.go(3, 9).act("CIE-CAS", closing_reason="ARC")


def _archive_corrected(c: Course) -> None:
    """An act entered on the wrong charge, left without effect."""
    _inquiries(c, 1, 3)
    wrong = c.act("OPE-SIN")
    c.step("reverse", {"reason": reason(c.chance, "COR-ACT")}, on=wrong)
    c.go(10, 40).act("DIP-ARC")


def _opportunity(c: Course) -> None:
    _inquiries(c, 1, 3)
    c.go(10, 30).act("POP-ACU", counts=tuple(map(Ref, c.counts)) or None)


# -- inquiries going on -----------------------------------------------------------------------------------------------


def _new(c: Course) -> None:
    c.go(0, 1)
    if c.chance.yes(0.3):
        c.act("NOT-IPO")


def _assessed(c: Course) -> None:
    c.go(1, 4).act("CAL-INI")


def _open(c: Course) -> None:
    _inquiries(c, 1, 5, pace=12)
    _retyped(c)
    if c.chance.yes(0.12):
        _regime(c, 1)


def _open_extended(c: Course) -> None:
    _inquiries(c, 2, 4)
    _extended(c)
    work(c, 1, 3)


def _reserved(c: Course) -> None:
    _inquiries(c, 1, 3)
    c.go(10, 40).act("DIP-RES")


def _reserve_lifted(c: Course) -> None:
    _reserved(c)
    c.go(60, 150).act("RES-LEV")
    work(c, 1, 2)


def _continued(c: Course) -> None:
    _archived(c)
    c.go(3, 6).act("ARC-ELE", party="AGR")
    c.go(15, 40).act("ARC-REV")
    work(c, 1, 2)


def _reopened(c: Course) -> None:
    _archived(c)
    c.go(60, 200).act("REA-CAS")
    work(c, 1, 3)


def _handed_over(c: Course) -> None:
    _inquiries(c, 1, 2)
    c.go(5, 15).act("REA-RES", responsible=Colleague())


def _referred(c: Course) -> None:
    _taken_up(c)
    c.go(4, 20).act("DER-DIS", target_office=OtherOffice(c.elsewhere))


def _sent_back(c: Course) -> None:
    _referred(c)
    c.go(10, 30).act("DER-REC")
    c.go(2, 6).act("DIP-INI", term_days=60)
    work(c, 1, 3)


def _sent_abroad(c: Course) -> None:
    _taken_up(c)
    c.go(10, 40).act("DER-EXT")


def _accused_minor(c: Course) -> None:
    _inquiries(c, 1, 2)
    c.go(4, 10).act("CAL-FAM", accused=tuple(map(Ref, c.accused)), target_office=OtherOffice(c.elsewhere))


def _joined(c: Course) -> None:
    _taken_up(c)
    c.go(5, 20).act("ACM-DIS", target_charge=OtherCharge(-1))


def _separated(c: Course) -> None:
    """Joined, then separated again."""
    _joined(c)
    c.go(15, 40).act("ACM-REV", target_charge=OtherCharge(-1))
    c.go(2, 5).act("DIP-INI", term_days=60)
    c.go(3, 9).act("SEP-DIS", counts=tuple(map(Ref, c.counts[-1:])) or None, target_charge=OtherCharge(-1))
    work(c, 1, 2)


# -- before the courts ------------------------------------------------------------------------------------------------


def _formalised(c: Course, *, least: int = 2, most: int = 4) -> str | None:
    """Up to the formalisation, the docket and custody; gives the label of a detention in force."""
    _inquiries(c, 1, 3)
    _without_the_unknown(c)
    c.go(5, 20).act("FOR-DIS", counts=c.charged(), exact=True)
    c.go(1, 3)
    opened(c)
    court(c, "FOR-COM")
    if c.chance.yes(0.25):
        _regime(c, 0.6)
    held = custody(c) if c.chance.yes(0.55) else None
    if held is None and c.chance.yes(0.3) and c.named():
        restrictions(c)
    singles(c)
    work(c, least, most, pace=20)
    if c.chance.yes(0.12):
        c.act("FOR-AMP", counts=c.charged())
    return held


def _without_the_unknown(c: Course) -> None:
    """Whoever could not be identified is archived before the others are prosecuted."""
    unknown = [one for one in c.counts if one not in c.court_counts]
    if unknown:
        c.go(2, 9).act("DIP-ARC", counts=tuple(map(Ref, unknown)))


def _prosecuted(c: Course) -> None:
    _formalised(c)


def _prosecution_extended(c: Course) -> None:
    _formalised(c)
    c.go(20, 40).act("IPF-PRO", term_days=60)
    work(c, 1, 2)


def _concluded(c: Course) -> None:
    _formalised(c)
    c.go(10, 30).act("IPF-CON")


def _dismissed(c: Course) -> None:
    _concluded(c)
    c.go(6, 14).act("SOB-REQ", counts=c.charged(), exact=True)
    c.go(5, 12)
    court(c, "SOB-TRA")
    if c.chance.yes(0.4):
        c.go(5, 10)
        court(c, "SOB-OPO", party="ACI")
        c.go(10, 20)
        court(c, "SOB-ELE")
    c.go(20, 40)
    court(c, "CAC-AUD", hearing_type="CSO")
    c.go(3, 10)
    court(c, "SOB-AUT", counts=c.charged(), exact=True)
    if c.chance.yes(0.5):
        c.go(6, 15)
        court(c, "FIR-ABS")


def _withdrawn(c: Course) -> None:
    _accused(c)
    trial(c)
    c.go(3, 9)
    court(c, "JUI-RET", counts=c.charged(), exact=True)


def _accused(c: Course) -> None:
    held = _formalised(c, least=1, most=3)
    c.go(10, 30).act("IPF-CON")
    accusation(c)
    release(c, held)


def _mixed(c: Course) -> None:
    _concluded(c)
    accusation(c, "MIX-REQ")


def _at_hearing(c: Course) -> None:
    _accused(c)
    c.go(3, 9)
    court(c, "AUD-PRG", hearing_type="CAC", scheduled_for=c.coming(2, 25))


def _direct(c: Course) -> None:
    _inquiries(c, 2, 4)
    _without_the_unknown(c)
    c.go(5, 15).act("ADI-REQ", counts=c.charged(), exact=True)
    opened(c)
    c.go(10, 20)
    court(c, "ACU-TRA")


def _immediate(c: Course) -> None:
    _inquiries(c, 1, 2, pace=4)
    _without_the_unknown(c)
    c.go(1, 3).act("PIN-REQ", accused=tuple(map(Ref, c.tried())), exact=True)
    opened(c)
    c.go(1, 2)
    if c.chance.yes(0.5):
        court(c, "PIN-FUN", accused=tuple(map(Ref, c.tried())))
    else:
        court(c, "PIN-DEN", accused=tuple(map(Ref, c.tried())), exact=True)
        work(c, 1, 2)


def _in_trial(c: Course) -> None:
    _accused(c)
    trial(c, live=True)


def _tried(c: Course, verdict: str, *, kind: str = "SEN", reserved: bool = False) -> None:
    _accused(c)
    trial(c)
    judged(c, verdict, kind=kind, reserved=reserved)
    if c.chance.yes(0.8):
        c.go(5, 8)
        court(c, "SEN-LEI", judgment=Ref("J-1"))


def _convicted(c: Course) -> None:
    _tried(c, "COND")


def _acquitted(c: Course) -> None:
    _tried(c, "ABS")
    if c.chance.yes(0.4):
        c.go(8, 20)
        court(c, "FIR-ABS", judgment=Ref("J-1"))


def _appealing(c: Course) -> None:
    _tried(c, "COND")
    appealed(c)


def _in_cassation(c: Course) -> None:
    _tried(c, "COND")
    decided(c, appealed(c), "SVI", "CNF", label="J-2")
    cassation(c)


def _chain(verdict: str, appeal: str, cassation_: str = "", *, ends: str = "", remand_to: str | None = None) -> Tell:
    """A judgment, what the appeal makes of it, what the cassation makes of that, and how it ends."""

    def tell(c: Course) -> None:
        _tried(c, verdict)
        decided(c, appealed(c, by=("MP",) if verdict == "ABS" else ("IMP",)), "SVI", appeal, label="J-2")
        last = "J-2"
        if cassation_:
            decided(c, cassation(c), "SCA", cassation_, label="J-3", verdict=_VERDICT_OF_CASSATION.get(cassation_), remand_to=remand_to)
            last = "J-3" if cassation_ not in ("INA", "INF") else "J-2"
        if ends == "trial":
            c.go(40, 90)
            court(c, "JUI-INS", exact=True, court_name="Juzgado Penal Colegiado", regress_reason="Nuevo juicio ordenado")
            c.go(7, 10)
            court(c, "JUI-SES", exact=True, scheduled_for=c.coming(2, 12))
        elif ends:
            enforced(c, ends, last)
    return tell


_VERDICT_OF_CASSATION = MappingProxyType({"FUN": "ABS", "FUN-SIN": "COND"})


def _conformed(c: Course) -> None:
    _accused(c)
    trial(c, sessions=(1, 1))
    judged(c, "COND", kind="SCO", suspended=True)
    enforced(c, "FIR-CON", "J-1", pays=3)


def _fallow(c: Course) -> None:
    """Conviction held back (reserva del fallo)."""
    _tried(c, "COND", reserved=True)


def _by_agreement(c: Course) -> None:
    _formalised(c, least=1, most=2)
    c.go(5, 20).act("TAN-SOL", accused=tuple(map(Ref, c.tried())), party="IMP")
    c.go(15, 30)
    if c.chance.yes(0.3):
        court(c, "TAN-DES", exact=True)
        c.go(20, 40)
        c.act("TAN-SOL", accused=tuple(map(Ref, c.tried())), party="IMP")
        c.go(10, 20)
    judged(c, "COND", kind="STA", suspended=True)
    enforced(c, "FIR-CON", "J-1", pays=3)


def _served(c: Course) -> None:
    _by_agreement(c)
    c.go(200, 300)
    court(c, "EJE-CUM", accused=tuple(map(Ref, c.tried())), exact=True)
    c.go(5, 20)
    court(c, "EJE-REH", accused=tuple(map(Ref, c.tried())))


def _cooperating(c: Course) -> None:
    _formalised(c, least=1, most=2)
    c.go(5, 15).act("COE-INI")
    c.go(30, 60)
    if c.chance.yes(0.4):
        c.act("COE-FIN")
        work(c, 1, 2)
    else:
        c.act("COE-ACU")
        c.go(20, 40)
        judged(c, "COND", kind="SCE", suspended=True)


def _extinguished(code: str) -> Tell:
    def tell(c: Course) -> None:
        _formalised(c, least=1, most=2)
        c.go(60, 200)
        about = {"accused": tuple(map(Ref, c.tried()))} if code == "EXT-MUE" else {"counts": c.charged()}
        court(c, code, exact=True, **about)
        if c.chance.yes(0.5):
            c.go(10, 20).act("CIE-CAS", closing_reason="EXT")
    return tell


def _two_dockets(c: Course) -> None:
    """An incident docket is joined to the main one; the court takes another offence."""
    _accused(c)
    c.step("incident", {"court_case_kind": "INC", "opened_on": PartialDate.of_day(c.date())}, on="X-1", label="X-2")
    c.go(5, 15)
    court(c, "ACM-EXP", target_court_case=Ref("X-2"))
    c.go(3, 9)
    c.step("retypify", {"count": Ref(c.court_counts[0]), "offence": _other_offence(c),
                        "reason": "Desvinculación anunciada en audiencia", "occurred_on": PartialDate.of_day(c.date()),
                        "court_case": Ref("X-1")})
    trial(c, live=True)


# -- the old code -----------------------------------------------------------------------------------------------------


def _instruction(c: Course) -> None:
    _taken_old(c)
    c.go(10, 30)
    court(c, "ANT-INS", counts=c.charged(), exact=True)
    if c.chance.yes(0.5) and c.named():
        court(c, "DET-ANT", accused=(Ref(c.named()[0]),))
    work(c, 1, 2, pace=20)
    c.go(60, 100)
    court(c, "ANT-AMP", term_days=60)
    c.go(30, 60)
    court(c, "ANT-DIC")


def _taken_old(c: Course) -> None:
    c.step("amend", {"procedure_code": "1940"})
    c.go(20, 60).act("ANT-FOR", counts=c.charged(), exact=True)
    c.go(2, 9)
    opened(c, old=True)


def _old(verdict: str, effect: str, *, ends: str = "") -> Tell:
    def tell(c: Course) -> None:
        _instruction(c)
        c.go(30, 60)
        court(c, "ANT-ACU", counts=c.charged(), exact=True)
        c.go(30, 60)
        court(c, "ANT-ENJ", counts=c.charged(), exact=True)
        c.go(30, 60)
        court(c, "JUI-INS", exact=True)
        c.go(6, 8)
        court(c, "JUI-SES", exact=True)
        judged(c, verdict)
        decided(c, nullity(c), "EJS", effect, label="J-2", verdict="ABS" if effect == "HN-ABS" else None)
        if ends:
            enforced(c, ends, "J-2")
    return tell


def _old_refused(c: Course) -> None:
    _taken_old(c)
    c.go(10, 30)
    court(c, "ANT-NHI", counts=c.charged(), exact=True)


def _old_no_trial(c: Course) -> None:
    _instruction(c)
    c.go(30, 60)
    court(c, "ANT-NHJ", counts=c.charged(), exact=True)


# -- the deck ---------------------------------------------------------------------------------------------------------

_LIVE, _TRIED = {"live": True}, {"prosecuted": True, "tried": True}
_GOING = {**_LIVE, **_TRIED}

STORIES: Mapping[str, Story] = MappingProxyType({one.name: one for one in (
    Story("al-calificar", 140, _at_once, works=False), Story("archivo", 356, _archived), Story("archivo-confirmado", 30, _archive_confirmed),
    Story("archivo-cerrado", 22, _archive_closed), Story("archivo-corregido", 14, _archive_corrected), Story("oportunidad", 6, _opportunity),
    Story("sobreseimiento", 17, _dismissed, **_TRIED), Story("retiro", 6, _withdrawn, **_TRIED),
    Story("nueva", 14, _new, live=True, works=False), Story("en-calificacion", 14, _assessed, live=True, works=False),
    Story("en-diligencias", 72, _open, live=True), Story("en-diligencias-ampliadas", 13, _open_extended, live=True),
    Story("reserva", 9, _reserved), Story("reserva-levantada", 5, _reserve_lifted, live=True), Story("continua", 5, _continued, live=True),
    Story("reapertura", 5, _reopened, live=True), Story("otro-responsable", 8, _handed_over, live=True), Story("derivada", 12, _referred, works=False),
    Story("devuelta", 5, _sent_back, live=True), Story("al-exterior", 5, _sent_abroad, works=False), Story("a-familia", 5, _accused_minor),
    Story("acumulada", 9, _joined, works=False), Story("desacumulada", 5, _separated, live=True),
    Story("formalizada", 30, _prosecuted, **_GOING), Story("prorrogada", 6, _prosecution_extended, **_GOING),
    Story("concluida", 5, _concluded, **_GOING), Story("acusada", 13, _at_hearing, **_GOING), Story("mixta", 5, _mixed, **_GOING),
    Story("directa", 5, _direct, live=True, prosecuted=True), Story("inmediata", 6, _immediate, live=True, prosecuted=True),
    Story("en-juicio", 16, _in_trial, **_GOING), Story("dos-expedientes", 5, _two_dockets, **_GOING),
    Story("condena", 8, _convicted, **_GOING), Story("absolucion", 6, _acquitted, **_TRIED), Story("apelada", 5, _appealing, **_GOING),
    Story("en-casacion", 4, _in_cassation, **_GOING),
    Story("confirmada", 6, _chain("COND", "CNF", "INF", ends="FIR-EJE"), **_TRIED), Story("pena-modificada", 6, _chain("COND", "PEN", "INA", ends="FIR-EJE"), **_TRIED),
    Story("nuevo-juicio", 6, _chain("ABS", "NUL", ends="trial"), **_GOING), Story("condena-del-absuelto", 5, _chain("ABS", "REV-CON", "FUN-SIN"), **_TRIED),
    Story("absuelta-en-vista", 5, _chain("COND", "REV-ABS"), **_TRIED), Story("casada", 5, _chain("COND", "CNF", "FUN"), **_TRIED),
    Story("recalificada-en-vista", 5, _chain("COND", "REC", "FUN-REE", remand_to="80-APE"), **_GOING),
    Story("nuevo-juicio-casado", 5, _chain("REC", "CNF", "FUN-REE", ends="trial"), **_GOING),
    Story("apelacion-inadmisible", 6, _chain("COND", "INA", ends="FIR-CON"), **_TRIED), Story("revocada", 5, _chain("COND", "REV"), **_TRIED),
    Story("conformidad", 6, _conformed, **_TRIED), Story("reserva-de-fallo", 5, _fallow, **_TRIED), Story("terminacion", 6, _by_agreement, **_TRIED),
    Story("cumplida", 5, _served, **_TRIED), Story("colaboracion", 9, _cooperating, **_TRIED),
    Story("prescrita", 5, _extinguished("EXT-PRE"), **_TRIED), Story("fallecido", 5, _extinguished("EXT-MUE"), **_TRIED),
    Story("cosa-juzgada", 5, _extinguished("EXT-OTR"), **_TRIED),
    Story("antigua-condena", 5, _old("COND", "NHN", ends="FIR-EJE"), prosecuted=True, old=True),
    Story("antigua-reforma", 5, _old("COND", "HN-ABS"), prosecuted=True, old=True),
    Story("antigua-nula", 5, _old("ABS", "HN-JUI"), prosecuted=True, old=True),
    Story("antigua-denegada", 5, _old_refused, prosecuted=True, old=True), Story("antigua-sin-juicio", 5, _old_no_trial, prosecuted=True, old=True),
)})

ARCHIVED = frozenset({"al-calificar", "archivo", "archivo-confirmado", "archivo-cerrado", "archivo-corregido", "oportunidad", "sobreseimiento",
                      "retiro", "antigua-denegada", "antigua-sin-juicio"})
"""Stories that end in an archive or a dismissal."""


def deck(number: int, chance: Chance) -> list[Story]:
    """So many stories in their shares, shuffled. Archived ones are six in ten however few there are."""
    total = sum(one.share for one in STORIES.values())
    exact = {name: one.share * number / total for name, one in STORIES.items()}
    dealt = {name: int(share) for name, share in exact.items()}
    rest = sorted(STORIES, key=lambda name: (dealt[name] - exact[name], name))
    archived = round(number * 0.6) - sum(dealt[name] for name in ARCHIVED)
    for among in (True, False):
        missing = archived if among else number - sum(dealt.values())
        for name in [name for name in rest if (name in ARCHIVED) is among][:max(0, missing)]:
            dealt[name] += 1
    while sum(dealt.values()) < number:
        dealt["archivo"] += 1
    cards = [STORIES[name] for name, times in dealt.items() for _ in range(times)]
    return chance.shuffled(cards)


def recent(chance: Chance, story: Story) -> int:
    """How many days ago the last act of a live story was: most weeks, some so long that its time limits have run out."""
    if story.name in ("nueva", "en-calificacion"):
        return chance.number(1, 12)
    return chance.number(1, 40) if chance.yes(0.75) else chance.number(41, 150)


def gone(chance: Chance, length: int) -> int:
    """How many days ago a story that is over had its last act: anywhere in five years of reception."""
    return chance.number(5, max(20, 1780 - length))
