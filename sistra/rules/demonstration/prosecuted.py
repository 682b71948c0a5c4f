"""Stories of charges before the courts, from the formalisation to the end of the sentence."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from sistra.rules.demonstration.beginnings import inquiries, other_offence, regime
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.courts import court, custody, opened, release, restrictions, singles
from sistra.rules.demonstration.inquiries import end_measures, work
from sistra.rules.demonstration.shapes import Ref
from sistra.rules.demonstration.trials import accusation, appealed, cassation, decided, enforced, judged, trial
from sistra.rules.partial_dates import PartialDate


def formalised(c: Course, *, least: int = 2, most: int = 4) -> str | None:
    """Up to the formalisation, the docket and custody; gives the label of a detention in force."""
    inquiries(c, 1, 3)
    without_the_unknown(c)
    c.go(5, 20).act("FOR-DIS", counts=c.charged(), exact=True)
    c.go(1, 3)
    opened(c)
    court(c, "FOR-COM")
    if c.chance.yes(0.25):
        regime(c, 0.6)
    held = custody(c) if c.chance.yes(0.55) else None
    if held is None and c.chance.yes(0.3) and c.named():
        restrictions(c)
    singles(c)
    work(c, least, most, pace=20)
    if c.chance.yes(0.12):
        c.act("FOR-AMP", counts=c.charged())
    return held


def without_the_unknown(c: Course) -> None:
    """Whoever could not be identified is archived before the others are prosecuted."""
    unknown = [one for one in c.counts if one not in c.court_counts]
    if unknown:
        c.go(2, 9).act("DIP-ARC", counts=tuple(map(Ref, unknown)))


def prosecuted(c: Course) -> None:
    formalised(c)


def prosecution_extended(c: Course) -> None:
    formalised(c)
    c.go(20, 40).act("IPF-PRO", term_days=60)
    work(c, 1, 2)


def concluded(c: Course) -> None:
    formalised(c)
    c.go(10, 30).act("IPF-CON")


def dismissed(c: Course) -> None:
    concluded(c)
    c.go(6, 14).act("SOB-REQ", counts=c.charged(), exact=True)
    c.go(5, 12)
    court(c, "SOB-TRA")
    if c.turn % 3 == 0:
        c.go(5, 10)
        court(c, "SOB-OPO", party="ACI")
        c.go(10, 20)
        court(c, "SOB-ELE")
    c.go(20, 40)
    court(c, "CAC-AUD", hearing_type="CSO")
    c.go(3, 10)
    end_measures(c, "Concluye el proceso")
    court(c, "SOB-AUT", counts=c.charged(), exact=True)
    if c.chance.yes(0.5):
        c.go(6, 15)
        court(c, "FIR-ABS")


def withdrawn(c: Course) -> None:
    accused(c)
    trial(c)
    c.go(3, 9)
    end_measures(c, "Concluye el proceso")
    court(c, "JUI-RET", counts=c.charged(), exact=True)


def accused(c: Course) -> None:
    held = formalised(c, least=1, most=3)
    c.go(10, 30).act("IPF-CON")
    accusation(c)
    release(c, held)


def mixed(c: Course) -> None:
    concluded(c)
    accusation(c, "MIX-REQ")


def at_hearing(c: Course) -> None:
    accused(c)
    c.go(3, 9)
    court(c, "AUD-PRG", hearing_type="CAC", scheduled_for=c.coming(2, 25))


def direct(c: Course) -> None:
    inquiries(c, 2, 4)
    without_the_unknown(c)
    c.go(5, 15).act("ADI-REQ", counts=c.charged(), exact=True)
    opened(c)
    c.go(10, 20)
    court(c, "ACU-TRA")


def immediate(c: Course) -> None:
    inquiries(c, 1, 2, pace=4)
    without_the_unknown(c)
    c.go(1, 3).act("PIN-REQ", accused=tuple(map(Ref, c.tried())), exact=True)
    opened(c)
    c.go(1, 2)
    if c.turn % 2:
        court(c, "PIN-FUN", accused=tuple(map(Ref, c.tried())))
    else:
        court(c, "PIN-DEN", accused=tuple(map(Ref, c.tried())), exact=True)
        work(c, 1, 2)


def in_trial(c: Course) -> None:
    accused(c)
    trial(c, live=True)


def tried(c: Course, verdict: str, *, kind: str = "SEN", reserved: bool = False) -> None:
    accused(c)
    trial(c)
    judged(c, verdict, kind=kind, reserved=reserved)
    if c.chance.yes(0.8):
        c.go(5, 8)
        court(c, "SEN-LEI", judgment=Ref("J-1"))


def convicted(c: Course) -> None:
    tried(c, "COND")


def acquitted(c: Course) -> None:
    tried(c, "ABS")
    if c.chance.yes(0.4):
        c.go(8, 20)
        court(c, "FIR-ABS", judgment=Ref("J-1"))


def appealing(c: Course) -> None:
    tried(c, "COND")
    appealed(c)


def in_cassation(c: Course) -> None:
    tried(c, "COND")
    decided(c, appealed(c), "SVI", "CNF", label="J-2")
    cassation(c)


def chain(
    verdict: str, appeal: str, cassation_: str = "", *, ends: str = "", remand_to: str | None = None
) -> Callable[[Course], None]:
    """A judgment, what the appeal makes of it, what the cassation makes of that, and how it ends."""

    def tell(c: Course) -> None:
        tried(c, verdict)
        decided(c, appealed(c, by=("MP",) if verdict == "ABS" else ("IMP",)), "SVI", appeal, label="J-2")
        last = "J-2"
        if cassation_:
            decided(
                c,
                cassation(c),
                "SCA",
                cassation_,
                label="J-3",
                verdict=_VERDICT_OF_CASSATION.get(cassation_),
                remand_to=remand_to,
            )
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


def conformed(c: Course) -> None:
    accused(c)
    trial(c, sessions=(1, 1))
    judged(c, "COND", kind="SCO", suspended=True)
    enforced(c, "FIR-CON", "J-1", pays=3)


def fallow(c: Course) -> None:
    """Conviction held back (reserva del fallo)."""
    tried(c, "COND", reserved=True)


def by_agreement(c: Course) -> None:
    formalised(c, least=1, most=2)
    c.go(5, 20).act("TAN-SOL", accused=tuple(map(Ref, c.tried())), party="IMP")
    c.go(15, 30)
    if c.turn % 3 == 0:
        court(c, "TAN-DES", exact=True)
        c.go(20, 40)
        c.act("TAN-SOL", accused=tuple(map(Ref, c.tried())), party="IMP")
        c.go(10, 20)
    judged(c, "COND", kind="STA", suspended=True)
    enforced(c, "FIR-CON", "J-1", pays=3)


def served(c: Course) -> None:
    by_agreement(c)
    c.go(200, 300)
    court(c, "EJE-CUM", accused=tuple(map(Ref, c.tried())), exact=True)
    c.go(5, 20)
    court(c, "EJE-REH", accused=tuple(map(Ref, c.tried())))


def cooperating(c: Course) -> None:
    formalised(c, least=1, most=2)
    c.go(5, 15).act("COE-INI")
    c.go(30, 60)
    if c.turn % 2:
        c.act("COE-FIN")
        work(c, 1, 2)
    else:
        c.act("COE-ACU")
        c.go(20, 40)
        judged(c, "COND", kind="SCE", suspended=True)


def extinguished(code: str) -> Callable[[Course], None]:
    def tell(c: Course) -> None:
        formalised(c, least=1, most=2)
        c.go(60, 200)
        about = {"accused": tuple(map(Ref, c.tried()))} if code == "EXT-MUE" else {"counts": c.charged()}
        end_measures(c, "Concluye el proceso")
        court(c, code, exact=True, **about)
        if c.chance.yes(0.5):
            c.go(10, 20).act("CIE-CAS", closing_reason="EXT")

    return tell


def two_dockets(c: Course) -> None:
    """An incident docket is joined to the main one; the court takes another offence."""
    accused(c)
    c.step("incident", {"court_case_kind": "INC", "opened_on": PartialDate.of_day(c.date())}, on="X-1", label="X-2")
    c.go(5, 15)
    court(c, "ACM-EXP", target_court_case=Ref("X-2"))
    c.go(3, 9)
    c.step(
        "retypify",
        {
            "count": Ref(c.court_counts[0]),
            "offence": other_offence(c),
            "reason": "Desvinculación anunciada en audiencia",
            "occurred_on": PartialDate.of_day(c.date()),
            "court_case": Ref("X-1"),
        },
    )
    trial(c, live=True)
