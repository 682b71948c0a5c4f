"""The reports counted a second time: plain Python over the records, written from the counting rules and `report_catalog.csv`.

Nothing here reads a fact, nor anything of `rules.reports`: where the two ways differ, one of them is wrong. Cells are told by
the codes of table, row and column; the last row and the last column are TOTAL, and share and rank stand under `%` and `#`.
"""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.codebook.event_types import reversal_types
from sistra.codebook.offences import offences
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge, RouteLeg
from sistra.models.counts import Count, Retypification
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.models.people import Accused, Exploitation, Recruitment, Victim
from sistra.rules.acts import DECIDED_BY_FORM

Cells = dict[tuple[str, str, str], int | None]
Month = tuple[int, int | None] | None
"""Year and month; the month None where only the year is known; None where not even that."""

NONE, TOTAL, SHARE, RANK = "NSP", "TOTAL", "%", "#"
GROUPS = ("DIP", "IPF", "INT", "JUI", "SEN", "EJE")


@dataclass(frozen=True)
class Asked:
    """What is asked: the days of whole months, and what the filters let through."""

    first: date
    last: date
    district: str = ""
    border: str = ""

    def holds(self, when: Month) -> bool:
        if when is None:
            return False
        year, month = when
        return all(self.first <= date(year, one, 1) <= self.last for one in ([month] if month else range(1, 13)))

    def doubtful(self, when: Month) -> bool:
        """Whether nobody knows if a fact of that month belongs here."""
        if when is None:
            return True
        year, month = when
        return not month and not self.holds(when) and any(self.holds((year, one)) for one in range(1, 13))

    def before(self) -> Asked:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        year, month = divmod(self.first.year * 12 + self.first.month - 1 - months, 12)
        ended, of = divmod(self.first.year * 12 + self.first.month - 2, 12)
        return Asked(date(year, month + 1, 1), date(ended, of + 1, monthrange(ended, of + 1)[1]), self.district, self.border)


@dataclass(frozen=True)
class Thing:
    """One record that a report counts. `key` is its order of entry, `whom` the person it is about, `by` its categories."""

    key: int
    charge: Any
    when: Month
    by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    whom: Any = None
    judgment: int = 0
    core: bool | None = None
    verdict: str = ""
    identified: bool = True
    legal: bool = False
    trafficking: bool = True
    pending: bool = False
    declared: bool = False
    amounts: Mapping[str, Decimal | None] = field(default_factory=dict)

    def in_(self, dimension: str) -> list[str]:
        return list(dict.fromkeys(one for one in self.by.get(dimension, ()) if one and one != NONE)) or [NONE]


@dataclass(frozen=True)
class Recount:
    """Every figure of a report. `asides` stand in their order."""

    cells: Cells
    total: int
    before: int
    undated: int
    asides: tuple[int, ...]


# -- what the records say ------------------------------------------------------------------------------------------------


def month_of(when: Any) -> Month:
    """The month of a partial date, its year alone where it may be of several months of it."""
    if isinstance(when, date):
        return when.year, when.month
    if when is None or not when.earliest or not when.latest or when.earliest.year != when.latest.year:
        return None
    return when.earliest.year, when.earliest.month if when.earliest.month == when.latest.month else None


def _core(offence: str | None) -> bool | None:
    return offences()[offence].core if offence in offences() else None


def _top(name: str, codes: Iterable[str] | None) -> list[str]:
    terms = codelist(name)
    found = []
    for code in codes or ():
        while code in terms and terms[code].parent in terms:
            code = terms[code].parent
        found.append(code)
    return found


def _form(codes: Iterable[str] | None) -> list[str]:
    """The form under which somebody is counted: MIX where there are two."""
    heads = {one for one in _top("exploitation_purpose", codes) if one != NONE}
    return ["MIX"] if len(heads) > 1 else list(heads)


_BANDS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "age_observatory": {"00-12": (0, 12), "13-17": (13, 17), "18-24": (18, 24), "25-34": (25, 34), "35-44": (35, 44),
                        "45-59": (45, 59), "60+": (60, 130)},
    "age_legal": {"L-U14": (0, 13), "L-14-17": (14, 17), "L-18": (18, 130)},
    "age_inei": {"I-U18": (0, 17), "I-18-29": (18, 29), "I-30-59": (30, 59), "I-60": (60, 130)},
    "age_unodc": {"U-NIN": (0, 17), "U-ADU": (18, 130)}}
_ENTERED = {code: ends for bands in _BANDS.values() for code, ends in bands.items()} | {"L-U18": (0, 17)}


def _ages(person: Any) -> dict[str, list[str]]:
    """The band in each scheme: the one that holds every age that the person may have had."""
    may = [person.age_at_facts] if person.age_at_facts is not None else (
        list(range(_ENTERED[person.age_group][0], _ENTERED[person.age_group][1] + 1)) if person.age_group in _ENTERED else [])
    found = {scheme: [code for code, (low, high) in bands.items() if may and all(low <= age <= high for age in may)]
             for scheme, bands in _BANDS.items()}
    if len(may) > 1 and person.age_group == "L-U18":
        found["age_legal"] = ["L-U18"]
    return found


def _about(person: Any) -> dict[str, list[str]]:
    held = [code for code in person.citizenships or () if code != NONE]
    return _ages(person) | {"sex": [person.sex], "citizenship": held,
                            "nationality": ["NAC"] if "PE" in held else ["EXT"] if held else []}


class Records:
    """All records, as they stand."""

    def __init__(self) -> None:
        self.offices = {one.id: one for one in db.session.scalars(select(Office))}
        self.charges = {one.id: one for one in db.session.scalars(select(Charge))}
        self.accused = {one.id: one for one in db.session.scalars(select(Accused))}
        self.victims = [one for one in db.session.scalars(select(Victim)) if one.withdrawn_at is None]
        self.exploitations = [one for one in db.session.scalars(select(Exploitation)) if one.withdrawn_at is None]
        self.recruitments = [one for one in db.session.scalars(select(Recruitment)) if one.withdrawn_at is None]
        self.legs = list(db.session.scalars(select(RouteLeg).order_by(RouteLeg.sequence)))
        self.counts = {one.id: one for one in db.session.scalars(select(Count))}
        self.events = {one.id: one for one in db.session.scalars(select(Event))}
        self.judgments = {one.id: one for one in db.session.scalars(select(Judgment))}
        self.undone = {one.judgment_id for one in self.events.values()
                       if one.reversed_by_id and one.event_type in DECIDED_BY_FORM}
        self.penalties = {(one.judgment_id, one.accused_id): one
                          for one in db.session.scalars(select(Penalty).order_by(Penalty.id))}
        self.linked = self._first_charges()

    def _first_charges(self) -> dict[int, int]:
        """Court case -> the charge under which what belongs to the whole case is counted, once: the first linked to it.

        Of its charges those go before that are still linked, and of these the ones that count.
        """
        found: dict[int, int] = {}
        links = db.session.scalars(select(ChargeCourtCase).order_by(ChargeCourtCase.id)).all()
        moved = [one for one in links if self.charges[one.charge_id].status in ("ACU", "DER")]
        current = [one for one in links if one.unlinked_on is None]
        staying = [one for one in links if one not in moved]
        for link in (*(one for one in current if one not in moved), *current, *staying, *links):
            found.setdefault(link.court_case_id, link.charge_id)
        return found

    # -- complaints

    def complaints(self) -> list[Thing]:
        return [Thing(one.id, one, month_of(one.received_on), self._of_charge(one), core=_core(one.reported_offence))
                for one in self.charges.values()]

    def _of_charge(self, charge: Charge) -> dict[str, list[str]]:
        outcome = {"TRA": "TRA", "RES": "TRA", "ARC": "ARC", "SEN": "SEN", "EJE": "SEN", "CER": "CER"}.get(charge.status, "")
        stage = self._reached(charge) if charge.stage == "99-CER" else _group(charge.stage)
        return self._where(charge) | {"stage": [stage], "outcome": [outcome]}

    def _reached(self, charge: Charge) -> str:
        """The last stage to which a closed charge is known to have come: only convictions are enforced."""
        been = {"DIP"}
        for one in self.counts.values():
            if one.charge_id == charge.id:
                steps = {"IPF": one.prosecuted_on, "INT": one.accusation_on, "SEN": one.first_instance_on,
                         "EJE": one.final_on if one.state in ("CON", "REC") else None}
                been |= {group for group, when in steps.items() if when is not None}
        return max(been, key=GROUPS.index)

    def _where(self, charge: Any) -> dict[str, list[str]]:
        when = month_of(charge.received_on)
        return {"district": [charge.fiscal_district], "year": [str(when[0])] if when else [],
                "month": [f"{when[1]:02}"] if when and when[1] else []}

    # -- persons

    def presumed_victims(self, *, declared: bool) -> list[Thing]:
        """Each victim of each charge; with `declared` those too that the charge declares and nobody entered yet."""
        found = [Thing(one.id, charge, month_of(charge.received_on), self._of_victim(one, charge),
                       one.person_id or f"own {one.id}", core=_core(charge.reported_offence))
                 for one in self.victims for charge in [self.charges[one.charge_id]]]
        for charge in self.charges.values() if declared else ():
            entered = len([one for one in self.victims if one.charge_id == charge.id])
            found += [Thing(0, charge, month_of(charge.received_on), self._where(charge), declared=True,
                            core=_core(charge.reported_offence)) for _ in range((charge.victims_declared or 0) - entered)]
        return found

    def _of_victim(self, victim: Victim, charge: Charge) -> dict[str, list[str]]:
        purposes = [one.purpose for one in self.exploitations if one.victim_id == victim.id] or [victim.main_purpose or ""]
        recruitments = [one for one in self.recruitments if one.victim_id == victim.id]
        legs = [one for one in self.legs if one.charge_id == charge.id
                and (not one.victims or victim.id in {named.id for named in one.victims})]
        origin = next((one for one in legs if one.point == "ORI"), None)
        destination = next((one for one in reversed(legs) if one.point == "DES"), None)
        countries = {one.country for one in legs} - {None, NONE}
        return self._where(charge) | _about(victim) | {
            "form": _form(purposes), "any_form": _top("exploitation_purpose", purposes),
            "recruitment": _top("recruitment_method", [code for one in recruitments for code in one.methods or ()]),
            "crossing": [] if not countries else ["TRN"] if countries - {"PE"} else ["INT"],
            "transit": [one.place[:2] for one in legs if one.point == "TRA" and one.place and one.place != NONE],
            "origin": _place(origin), "destination": _place(destination), "origin_country": [(origin and origin.country) or ""]}

    def accused_persons(self) -> list[Thing]:
        return [Thing(one.id, charge, month_of(charge.received_on), self._where(charge) | self._of_accused(one),
                      one.person_id or f"own {one.id}", core=_core(charge.reported_offence), identified=one.identified,
                      legal=one.kind == "JUR")
                for one in self.accused.values() if one.withdrawn_at is None for charge in [self.charges[one.charge_id]]]

    def _of_accused(self, accused: Accused) -> dict[str, list[str]]:
        return _about(accused) | {"role": _top("perpetrator_role", accused.roles)}

    # -- what was decided

    def rulings(self) -> list[Thing]:
        """Of first instance, of judgments that no correction left without effect."""
        found = []
        for one in db.session.scalars(select(Ruling)):
            judgment, count = self.judgments[one.judgment_id], self.counts[one.count_id]
            accused, charge = self.accused[count.accused_id], self.charges[count.charge_id]
            offence = one.convicted_offence if one.convicted_offence in offences() else count.offence
            by = self._where(charge) | self._of_accused(accused) | self._of_penalty(judgment, accused) | {
                "offence": [offence], "form": _form(count.purposes), "verdict": [one.verdict]}
            if judgment.instance == "1" and judgment.id not in self.undone:
                found.append(Thing(
                    one.id, charge, month_of(judgment.decided_on), by, accused.person_id or f"own {accused.id}", judgment.id,
                    _core(offence), one.verdict, legal=accused.kind == "JUR",
                    trafficking=any(_core(held) for held in (offence, count.offence, count.first_offence))))
        return found

    def _of_penalty(self, judgment: Judgment, accused: Accused) -> dict[str, list[str]]:
        penalty = self.penalties.get((judgment.id, accused.id))
        types = [code for code in (penalty and penalty.sentence_types) or () if code != NONE]
        jailed = {"PPL-EFE", "PPL-SUS", "CAD"} & set(types)
        term = penalty.imprisonment if penalty else None
        years = None if term is None else (term.years * 12 + term.months + Decimal(term.days) / 30) / 12
        length = ["CAD"] if "CAD" in types else [_length(years)] if years is not None else ["N/C"] if types and not jailed else []
        return {"sentence": _top("sentence_type", types), "length": length, "served": [
            "EFE" if jailed - {"PPL-SUS"} else "SUS" if jailed else "OTR"] if types else []}

    def reparations(self, viewer: Viewer) -> list[Thing]:
        """Ordered at first instance; of trafficking where the judgment convicts a human being of it.

        Convictions in sealed charges say nothing to who sees rows.
        """
        hidden = () if viewer.roles & {"ANALISTA", "AGENCIA", "VICTIMAS"} else ("SEL", "COL")
        convicting = {one.judgment for one in self.rulings() if one.verdict in ("COND", "REC") and one.core
                      and not one.legal and one.charge.status not in ("DER", "ACU") and one.charge.confidentiality not in hidden}
        return [Thing(one.id, self.charges[self.linked[one.court_case_id]], month_of(self.judgments[one.judgment_id].decided_on),
                      {"payment": [one.status or ""]}, amounts={"ordered": one.amount_ordered, "paid": one.amount_paid},
                      trafficking=one.judgment_id in convicting)
                for one in db.session.scalars(select(Reparation))
                if self.judgments[one.judgment_id].instance == "1" and one.court_case_id in self.linked
                and one.judgment_id not in self.undone]

    def retypifications(self) -> list[Thing]:
        """Those whose act stands and that were not refused: what a correction undid was no change, nor is the correction."""
        return [Thing(one.id, self.charges[one.charge_id], month_of(one.retypified_on), {
            "from": [one.from_offence], "to": [one.to_offence], "decided_by": [one.decided_by],
            "stage": [_group(one.stage)] if one.stage else []}, pending=one.approval == "PEN",
            trafficking=bool(_core(one.from_offence) or _core(one.to_offence)))
            for one in db.session.scalars(select(Retypification)) for act in [self.events[one.event_id]]
            if act.reversed_by_id is None and act.event_type not in reversal_types() and one.approval != "DEN"]


def _group(stage: str) -> str:
    return codelist("procedural_stage")[stage].extra["stage_group"]


def _place(leg: Any) -> list[str]:
    """A department of Peru, or abroad."""
    if leg is None:
        return []
    if leg.country not in (None, NONE, "PE"):
        return ["EXT"]
    return [leg.place[:2]] if leg.place and leg.place != NONE else []


def _length(years: Decimal) -> str:
    steps = {"<8": 8, "8-12": 12, "12-15": 15, "15-20": 20, "20-25": 25}
    return next((name for name, under in steps.items() if years < under), "25+")


# -- who is told of what -------------------------------------------------------------------------------------------------


def told_of(viewer: Viewer, records: Records) -> Callable[[Any], bool]:
    """Whose charges the figures of a viewer are about, role by role."""
    def tells(charge: Any) -> bool:
        if viewer.roles & {"ANALISTA", "AGENCIA", "VICTIMAS"}:
            return True
        if charge.confidentiality in ("SEL", "COL"):
            return False
        if "COORD" in viewer.roles:
            return records.offices[charge.office_id].specialised
        if "PRESID" in viewer.roles:
            return charge.fiscal_district == viewer.fiscal_district
        return charge.office_id == viewer.office_id
    return tells


# -- counting ------------------------------------------------------------------------------------------------------------


@dataclass
class Counting:
    """One asking. `things` and the like give what counts; tables are counted cell by cell."""

    records: Records
    viewer: Viewer
    asked: Asked
    cells: Cells = field(default_factory=dict)

    def among(self, found: Iterable[Thing], asked: Asked | None = None, *, counted: bool = True,
              undated: bool = False) -> list[Thing]:
        """Those within reach, filters and period; `counted` leaves out what was referred or joined, or else asks for it alone."""
        ask, tells = asked or self.asked, told_of(self.viewer, self.records)
        borders = {term.extra["department"] for term in codelist("border_region").values() if term.parent == ask.border}
        return [one for one in found if tells(one.charge) and (one.charge.status not in ("DER", "ACU")) is counted
                and (not ask.district or one.charge.fiscal_district == ask.district)
                and (not ask.border or one.charge.notice_place[:2] in borders)
                and (ask.doubtful(one.when) if undated else ask.holds(one.when))]

    def table(self, name: str, found: Sequence[Thing], rows: str, listed: Iterable[str], columns: str = "",
              heads: Iterable[str] = (), *, ranked: bool = False) -> None:
        placed = [(one.in_(rows), one.in_(columns)) for one in found]
        down = list(dict.fromkeys((*listed, *(code for codes, _ in placed for code in codes), NONE)))
        wide = list(dict.fromkeys((*heads, *(code for _, codes in placed for code in codes), NONE))) if columns else []
        for row in (*down, TOTAL):
            across = [codes for codes_down, codes in placed if row == TOTAL or row in codes_down]
            self.cells[name, row, TOTAL] = len(across)
            for column in wide:
                self.cells[name, row, column] = len([codes for codes in across if column in codes])
        if ranked:
            self._rank(name, down, len(found))

    def _rank(self, name: str, down: Sequence[str], whole: int) -> None:
        sizes = {row: self.cells[name, row, TOTAL] or 0 for row in down}
        for row, size in sizes.items():
            exact = Decimal(size * 1000) / whole if whole else None
            self.cells[name, row, SHARE] = None if exact is None else int(exact.quantize(Decimal(1), ROUND_HALF_UP))
            above = [one for other, one in sizes.items() if other != NONE and one > size]
            self.cells[name, row, RANK] = len(above) + 1 if size and row != NONE else None

    def measures(self, name: str, rows: str, listed: Iterable[str], columns: Mapping[str, tuple[Sequence[Thing], str]]) -> None:
        """Columns that are figures of their own: of what, and which amount is added up, "" for how many."""
        met = [code for found, _ in columns.values() for one in found for code in one.in_(rows)]
        for row in (*dict.fromkeys((*listed, *met, NONE)), TOTAL):
            for column, (found, amount) in columns.items():
                these = [one for one in found if row == TOTAL or row in one.in_(rows)]
                sums = sum((one.amounts[amount] or Decimal(0) for one in these), Decimal(0)) if amount else Decimal(len(these))
                self.cells[name, row, column] = int(sums.quantize(Decimal(1), ROUND_HALF_UP))


def once_a_year(found: Iterable[Thing]) -> list[Thing]:
    """Each person once a year, by the first fact of it; of equal months by the order of entry."""
    firsts: dict[Any, Thing] = {}
    for one in sorted(found, key=lambda one: (_order(one.when), one.key)):
        firsts.setdefault((one.when and one.when[0], one.whom), one)
    return list(firsts.values())


def once_each(found: Iterable[Thing]) -> list[Thing]:
    """Each judgment once."""
    firsts: dict[int, Thing] = {}
    for one in sorted(found, key=lambda one: (_order(one.when), one.key)):
        firsts.setdefault(one.judgment, one)
    return list(firsts.values())


def _order(when: Month) -> tuple[int, int]:
    """A date of which the month is not known stands before those of its year."""
    return (0, 0) if when is None else (when[0], when[1] or 0)


# -- the reports ---------------------------------------------------------------------------------------------------------


def _all(name: str, *, top: bool = False, but: str = "") -> list[str]:
    return [code for code, term in codelist(name).items() if code not in (NONE, but) and not (top and term.parent)]


_SEX, _NATIONAL = ("M", "H", "I"), ("NAC", "EXT")
_SCHEMES = {scheme: list(bands) for scheme, bands in _BANDS.items()}
_SCHEMES["age_legal"].append("L-U18")
_LENGTHS, _SERVED = ("<8", "8-12", "12-15", "15-20", "20-25", "25+", "CAD"), ("EFE", "SUS", "OTR")
_OUTCOMES = ("TRA", "ARC", "SEN", "CER")

Part = Callable[[Asked, bool], list[Thing]]
"""What a report counts in a period, or what it would count if its month were known."""


def recount(code: str, viewer: Viewer, asked: Asked, records: Records | None = None) -> Recount:
    """A report of what the records say now, or said when they were read."""
    counting = Counting(records or Records(), viewer, asked)
    main, asides = _REPORTS[code](counting)
    return Recount(counting.cells, len(main(asked, False)), len(main(asked.before(), False)), len(main(asked, True)),
                   tuple(len(one) for one in asides))


def _part(counting: Counting, found: Iterable[Thing], once: Callable[[Iterable[Thing]], list[Thing]] = list) -> Part:
    held = list(found)
    return lambda asked, undated: once(counting.among(held, asked, undated=undated))


def _of_complaints(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    core = [one for one in counting.records.complaints() if one.core]
    repeated = [one for one in core if one.charge.duplicate_of_id is not None]
    moved = counting.among(core, counted=False)
    return _part(counting, core), [[one for one in moved if one.charge.status == "DER"],
                                   [one for one in moved if one.charge.status == "ACU"], counting.among(repeated)]


def _by_month(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    main, asides = _of_complaints(counting)
    asked = counting.asked
    years, months = range(asked.first.year, asked.last.year + 1), range(1, 13)
    counting.table("by_month", main(asked, False), "year", map(str, years), "month", [f"{one:02}" for one in months])
    for month in months:
        outside = [year for year in years if not asked.holds((year, month))]
        blank = [*map(str, outside), "NSP", *(["TOTAL"] if len(outside) == len(years) else [])]
        for row in blank:  # no month outside the period, and none of a date of which not even the year is known
            counting.cells["by_month", row, f"{month:02}"] = None
    return main, asides


def _by_district(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    main, asides = _of_complaints(counting)
    counting.table("by_district", main(counting.asked, False), "district", _all("fiscal_district"), ranked=True)
    return main, asides


def _by_stage(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    main, asides = _of_complaints(counting)
    found = main(counting.asked, False)
    counting.table("by_stage", found, "stage", GROUPS, "outcome", _OUTCOMES)
    counting.table("by_outcome", found, "outcome", _OUTCOMES, ranked=True)
    return main, asides


def _of_victims(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    every = [one for one in counting.records.presumed_victims(declared=True) if one.core]
    entered = [one for one in every if not one.declared]
    return _part(counting, every), [counting.among(entered), once_a_year(counting.among(entered))]


def _victims(*tables: tuple[str, str, Sequence[str], str, Sequence[str]]) -> Callable[[Counting], tuple[Part, list[list[Thing]]]]:
    """Of victims: name, rows, codes that always stand there, columns, codes of these. A table without columns is ranked."""
    def told(counting: Counting) -> tuple[Part, list[list[Thing]]]:
        main, asides = _of_victims(counting)
        found = main(counting.asked, False)
        for name, rows, listed, columns, heads in tables:
            counting.table(name, found, rows, listed, columns, heads, ranked=not columns)
        return main, asides
    return told


def _of_accused(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    core = [one for one in counting.records.accused_persons() if one.core]
    main = _part(counting, [one for one in core if one.identified and not one.legal])
    found = main(counting.asked, False)
    counting.table("by_age", found, "age_observatory", _SCHEMES["age_observatory"], "sex", _SEX)
    counting.table("by_nationality", found, "nationality", _NATIONAL, "sex", _SEX)
    counting.table("by_role", found, "role", _all("perpetrator_role", top=True), "sex", _SEX)
    return main, [once_a_year(found), counting.among([one for one in core if not one.identified and not one.legal]),
                  counting.among([one for one in core if one.identified and one.legal])]


def _of_convicted(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    guilty = [one for one in counting.records.rulings() if one.verdict in ("COND", "REC") and one.trafficking and not one.legal]
    main = _part(counting, [one for one in guilty if one.core], once_a_year)
    return main, [once_a_year(counting.among([one for one in guilty if one.core is False]))]


def _convicted(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    main, asides = _of_convicted(counting)
    found = main(counting.asked, False)
    counting.table("by_age", found, "age_observatory", _SCHEMES["age_observatory"], "sex", _SEX)
    counting.table("by_nationality", found, "nationality", _NATIONAL, "sex", _SEX)
    counting.table("by_offence", found, "offence", (), ranked=True)
    counting.table("by_form", found, "form", (), "sex", _SEX)
    counting.table("by_sentence", found, "sentence", _all("sentence_type", top=True), "sex", _SEX)
    return main, asides


def _judged(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    every = counting.records.rulings()
    rulings, others = [one for one in every if one.trafficking], [one for one in every if not one.trafficking]
    convicted, (elsewhere,) = _of_convicted(counting)
    main, found = _part(counting, rulings, once_each), counting.among(rulings)
    counting.measures("by_district", "district", _all("fiscal_district"), {
        "judgments": (once_each(found), ""), "convicted": (convicted(counting.asked, False), ""), "elsewhere": (elsewhere, ""),
        "acquitted": (once_a_year([one for one in found if one.verdict == "ABS" and not one.legal]), "")})
    counting.table("by_verdict", found, "verdict", _all("verdict", but="MIX"), ranked=True)
    return main, [once_each(counting.among(others))]


def _sentenced(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    main, asides = _of_convicted(counting)
    every = counting.among(counting.records.reparations(counting.viewer))
    found, owed = main(counting.asked, False), [one for one in every if one.trafficking]
    counting.table("by_term", found, "length", _LENGTHS, "served", _SERVED)
    counting.table("by_sentence", found, "sentence", _all("sentence_type", top=True), ranked=True)
    counting.measures("reparations", "payment", _all("reparation_status"), {
        "reparations": (owed, ""), "ordered": (owed, "ordered"), "paid": (owed, "paid")})
    return main, [*asides, [one for one in every if not one.trafficking]]


def _retypified(counting: Counting) -> tuple[Part, list[list[Thing]]]:
    every = counting.records.retypifications()
    changes = [one for one in every if one.trafficking]
    main = _part(counting, changes)
    found = main(counting.asked, False)
    counting.table("by_offence", found, "from", (), "to")
    counting.table("by_stage", found, "stage", GROUPS, "decided_by", _all("retypification_by"))
    return main, [counting.among([one for one in changes if one.pending]),
                  counting.among([one for one in every if not one.trafficking])]


_OBSERVATORY = _SCHEMES["age_observatory"]
_REPORTS: dict[str, Callable[[Counting], tuple[Part, list[list[Thing]]]]] = {
    "R01": _by_month, "R02": _by_district, "R03": _by_stage,
    "R04": _victims(("by_age", "age_observatory", _OBSERVATORY, "sex", _SEX),
                    ("by_legal_age", "age_legal", _SCHEMES["age_legal"], "sex", _SEX),
                    ("by_inei_age", "age_inei", _SCHEMES["age_inei"], "sex", _SEX),
                    ("by_unodc_age", "age_unodc", _SCHEMES["age_unodc"], "sex", _SEX),
                    ("by_district", "district", _all("fiscal_district"), "sex", _SEX)),
    "R05": _victims(("by_nationality", "nationality", _NATIONAL, "sex", _SEX),
                    ("by_nationality_age", "age_observatory", _OBSERVATORY, "nationality", _NATIONAL),
                    ("by_country", "citizenship", (), "", ())),
    "R06": _victims(("by_form", "form", (), "sex", _SEX), ("by_form_age", "form", (), "age_observatory", _OBSERVATORY),
                    ("by_any_form", "any_form", _all("exploitation_purpose", top=True, but="MIX"), "sex", _SEX)),
    "R07": _victims(("by_method", "recruitment", _all("recruitment_method", top=True), "", ()),
                    ("by_method_form", "recruitment", _all("recruitment_method", top=True), "form", ())),
    "R08": _victims(("by_crossing", "crossing", ("INT", "TRN"), "sex", _SEX),
                    ("by_way", "origin", (), "destination", ()),
                    ("by_transit", "transit", (), "", ()),
                    ("by_origin_country", "origin_country", (), "", ())),
    "R09": _of_accused, "R12": _convicted, "R13": _judged, "R14": _sentenced, "R21": _retypified}
