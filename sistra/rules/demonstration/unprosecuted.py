"""Stories of charges that no court has before it: archived, referred, joined, under inquiry."""

from __future__ import annotations

from sistra.rules.demonstration.beginnings import extended, inquiries, regime, retyped, taken_up
from sistra.rules.demonstration.course import Course
from sistra.rules.demonstration.facts import reason
from sistra.rules.demonstration.inquiries import end_measures, work
from sistra.rules.demonstration.shapes import Colleague, OtherCharge, OtherOffice, Ref

# -- archived ---------------------------------------------------------------------------------------------------------


def at_once(c: Course) -> None:
    if c.chance.yes(0.7):
        c.go(0, 3).act("CAL-INI")
    c.go(3, 18).act("CAL-ARC")


def archived(c: Course) -> None:
    inquiries(c, 1, 4, pace=34)
    if c.chance.yes(0.25):
        extended(c)
        work(c, 1, 3)
    end_measures(c, "Concluye la investigación")
    c.go(10, 90).act("DIP-ARC")
    if c.chance.yes(0.03):
        c.go(30, 90).act("RTA-PON", party="IMP")


def archive_confirmed(c: Course) -> None:
    archived(c)
    c.go(3, 6).act("ARC-ELE", party="AGR")
    c.go(15, 45).act("ARC-CNF")


def archive_closed(c: Course) -> None:
    archived(c)
    c.go(30, 60).act("CIE-CAS", closing_reason="ARC")
    if c.turn % 4 == 0:
        c.go(2, 8).act("REA-CIE")
        c.go(3, 9).act("CIE-CAS", closing_reason="ARC")


def archive_corrected(c: Course) -> None:
    """An act entered on the wrong charge, left without effect."""
    inquiries(c, 1, 3)
    wrong = c.act("OPE-SIN")
    c.step("reverse", {"reason": reason(c.chance, "COR-ACT")}, on=wrong)
    end_measures(c, "Concluye la investigación")
    c.go(10, 40).act("DIP-ARC")


def opportunity(c: Course) -> None:
    inquiries(c, 1, 3)
    c.go(10, 30).act("POP-ACU", counts=tuple(map(Ref, c.counts)) or None)


# -- inquiries going on -----------------------------------------------------------------------------------------------


def new(c: Course) -> None:
    c.go(0, 1)
    if c.chance.yes(0.3):
        c.act("NOT-IPO")


def assessed(c: Course) -> None:
    c.go(1, 4).act("CAL-INI")


def in_hand(c: Course) -> None:
    inquiries(c, 1, 5, pace=12)
    retyped(c)
    if c.chance.yes(0.12):
        regime(c, 1)


def in_hand_extended(c: Course) -> None:
    inquiries(c, 2, 4)
    extended(c)
    work(c, 1, 3)


def reserved(c: Course) -> None:
    inquiries(c, 1, 3)
    c.go(10, 40).act("DIP-RES")


def reserve_lifted(c: Course) -> None:
    reserved(c)
    c.go(60, 150).act("RES-LEV")
    work(c, 1, 2)


def continued(c: Course) -> None:
    archived(c)
    c.go(3, 6).act("ARC-ELE", party="AGR")
    c.go(15, 40).act("ARC-REV")
    work(c, 1, 2)


def reopened(c: Course) -> None:
    archived(c)
    c.go(60, 200).act("REA-CAS")
    work(c, 1, 3)


def handed_over(c: Course) -> None:
    inquiries(c, 1, 2)
    c.go(5, 15).act("REA-RES", responsible=Colleague())


def referred(c: Course) -> None:
    taken_up(c)
    c.go(4, 20).act("DER-DIS", target_office=OtherOffice(c.elsewhere))


def sent_back(c: Course) -> None:
    referred(c)
    c.go(10, 30).act("DER-REC")
    c.go(2, 6).act("DIP-INI", term_days=60)
    work(c, 1, 3)


def sent_abroad(c: Course) -> None:
    taken_up(c)
    c.go(10, 40).act("DER-EXT")


def accused_minor(c: Course) -> None:
    inquiries(c, 1, 2)
    c.go(4, 10).act("CAL-FAM", accused=tuple(map(Ref, c.accused)), target_office=OtherOffice(c.elsewhere))


def joined(c: Course) -> None:
    taken_up(c)
    c.go(5, 20).act("ACM-DIS", target_charge=OtherCharge(-1))


def separated(c: Course) -> None:
    """Joined, then separated again."""
    joined(c)
    c.go(15, 40).act("ACM-REV", target_charge=OtherCharge(-1))
    c.go(2, 5).act("DIP-INI", term_days=60)
    c.go(3, 9).act("SEP-DIS", counts=tuple(map(Ref, c.counts[-1:])) or None, target_charge=OtherCharge(-1))
    work(c, 1, 2)
