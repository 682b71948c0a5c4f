"""The deck from which the courses of a demonstration are dealt: which stories there are, and how many of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sistra.rules.demonstration import old_code, prosecuted, unprosecuted
from sistra.rules.demonstration.chance import Chance, by_share
from sistra.rules.demonstration.course import Course

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


_LIVE, _TRIED = {"live": True}, {"prosecuted": True, "tried": True}
_GOING = {**_LIVE, **_TRIED}

STORIES: Mapping[str, Story] = MappingProxyType(
    {
        one.name: one
        for one in (
            Story("al-calificar", 140, unprosecuted.at_once, works=False),
            Story("archivo", 356, unprosecuted.archived),
            Story("archivo-confirmado", 30, unprosecuted.archive_confirmed),
            Story("archivo-cerrado", 22, unprosecuted.archive_closed),
            Story("archivo-corregido", 14, unprosecuted.archive_corrected),
            Story("oportunidad", 6, unprosecuted.opportunity),
            Story("sobreseimiento", 17, prosecuted.dismissed, **_TRIED),
            Story("retiro", 6, prosecuted.withdrawn, **_TRIED),
            Story("nueva", 14, unprosecuted.new, live=True, works=False),
            Story("en-calificacion", 14, unprosecuted.assessed, live=True, works=False),
            Story("en-diligencias", 72, unprosecuted.in_hand, live=True),
            Story("en-diligencias-ampliadas", 13, unprosecuted.in_hand_extended, live=True),
            Story("reserva", 9, unprosecuted.reserved),
            Story("reserva-levantada", 5, unprosecuted.reserve_lifted, live=True),
            Story("continua", 5, unprosecuted.continued, live=True),
            Story("reapertura", 5, unprosecuted.reopened, live=True),
            Story("otro-responsable", 8, unprosecuted.handed_over, live=True),
            Story("derivada", 12, unprosecuted.referred, works=False),
            Story("devuelta", 5, unprosecuted.sent_back, live=True),
            Story("al-exterior", 5, unprosecuted.sent_abroad, works=False),
            Story("a-familia", 5, unprosecuted.accused_minor),
            Story("acumulada", 9, unprosecuted.joined, works=False),
            Story("desacumulada", 5, unprosecuted.separated, live=True),
            Story("formalizada", 30, prosecuted.prosecuted, **_GOING),
            Story("prorrogada", 6, prosecuted.prosecution_extended, **_GOING),
            Story("concluida", 5, prosecuted.concluded, **_GOING),
            Story("acusada", 13, prosecuted.at_hearing, **_GOING),
            Story("mixta", 5, prosecuted.mixed, **_GOING),
            Story("directa", 5, prosecuted.direct, live=True, prosecuted=True),
            Story("inmediata", 6, prosecuted.immediate, live=True, prosecuted=True),
            Story("en-juicio", 16, prosecuted.in_trial, **_GOING),
            Story("dos-expedientes", 5, prosecuted.two_dockets, **_GOING),
            Story("condena", 8, prosecuted.convicted, **_GOING),
            Story("absolucion", 6, prosecuted.acquitted, **_TRIED),
            Story("apelada", 5, prosecuted.appealing, **_GOING),
            Story("en-casacion", 4, prosecuted.in_cassation, **_GOING),
            Story("confirmada", 6, prosecuted.chain("COND", "CNF", "INF", ends="FIR-EJE"), **_TRIED),
            Story("pena-modificada", 6, prosecuted.chain("COND", "PEN", "INA", ends="FIR-EJE"), **_TRIED),
            Story("nuevo-juicio", 6, prosecuted.chain("ABS", "NUL", ends="trial"), **_GOING),
            Story("condena-del-absuelto", 5, prosecuted.chain("ABS", "REV-CON", "FUN-SIN"), **_TRIED),
            Story("absuelta-en-vista", 5, prosecuted.chain("COND", "REV-ABS"), **_TRIED),
            Story("casada", 5, prosecuted.chain("COND", "CNF", "FUN"), **_TRIED),
            Story("recalificada-en-vista", 5, prosecuted.chain("COND", "REC", "FUN-REE", remand_to="80-APE"), **_GOING),
            Story("nuevo-juicio-casado", 5, prosecuted.chain("REC", "CNF", "FUN-REE", ends="trial"), **_GOING),
            Story("apelacion-inadmisible", 6, prosecuted.chain("COND", "INA", ends="FIR-CON"), **_TRIED),
            Story("revocada", 5, prosecuted.chain("COND", "REV"), **_TRIED),
            Story("conformidad", 6, prosecuted.conformed, **_TRIED),
            Story("reserva-de-fallo", 5, prosecuted.fallow, **_TRIED),
            Story("terminacion", 6, prosecuted.by_agreement, **_TRIED),
            Story("cumplida", 5, prosecuted.served, **_TRIED),
            Story("colaboracion", 9, prosecuted.cooperating, **_TRIED),
            Story("prescrita", 5, prosecuted.extinguished("EXT-PRE"), **_TRIED),
            Story("fallecido", 5, prosecuted.extinguished("EXT-MUE"), **_TRIED),
            Story("cosa-juzgada", 5, prosecuted.extinguished("EXT-OTR"), **_TRIED),
            Story("antigua-condena", 5, old_code.judged_twice("COND", "NHN", ends="FIR-EJE"), prosecuted=True, old=True),
            Story("antigua-reforma", 5, old_code.judged_twice("COND", "HN-ABS"), prosecuted=True, old=True),
            Story("antigua-nula", 5, old_code.judged_twice("ABS", "HN-JUI"), prosecuted=True, old=True),
            Story("antigua-denegada", 5, old_code.refused, prosecuted=True, old=True),
            Story("antigua-sin-juicio", 5, old_code.no_trial, prosecuted=True, old=True),
        )
    }
)

ARCHIVED = frozenset(
    {
        "al-calificar",
        "archivo",
        "archivo-confirmado",
        "archivo-cerrado",
        "archivo-corregido",
        "oportunidad",
        "sobreseimiento",
        "retiro",
        "antigua-denegada",
        "antigua-sin-juicio",
    }
)
"""Stories that end in an archive or a dismissal."""


def deck(number: int, chance: Chance) -> list[Story]:
    """So many stories in their shares, shuffled. Archived ones are six in ten however few there are."""
    archived = round(number * 0.6)
    cards = []
    for those, count in ((True, archived), (False, number - archived)):
        cards += by_share({name: one.share for name, one in STORIES.items() if (name in ARCHIVED) is those}, count)
    return chance.shuffled([STORIES[name] for name in cards])


def recent(chance: Chance, story: Story) -> int:
    """How many days ago the last act of a live story was: most weeks, some so long that its time limits have run out."""
    if story.name in ("nueva", "en-calificacion"):
        return chance.number(1, 12)
    return chance.number(1, 40) if chance.yes(0.75) else chance.number(41, 150)


def gone(chance: Chance, length: int) -> int:
    """How many days ago a story that is over had its last act: anywhere in five years of reception."""
    return chance.number(5, max(20, 1780 - length))
