"""The pages of court cases: what they show to whom, what a refused form keeps, what two posts of one form do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sistra.codebook.event_types import plain
from sistra.db import db
from sistra.models.court_cases import CourtCase
from sistra.models.judgments import Judgment, Penalty, Reparation
from sistra.rules.entries import Entry
from sistra.services import court_case_links, court_cases
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.cases import a_case, a_judgment, a_remedy, a_sealed_file, act
from tests.factories.files import File, a_file
from tests.factories.world import World
from tests.web.checking import registered


@dataclass(frozen=True)
class Shown:
    """A court case with a conviction and an appeal against it, and a sealed charge linked beside."""

    case: int
    file: File
    hidden: File
    judgment: int
    remedy: int


@pytest.fixture
def shown(app: Flask, world: World) -> Shown:
    with app.app_context():
        colleague = world.viewer("fiscal2.mdd")
        file, hidden = a_file(colleague), a_sealed_file(colleague)
        case = a_case(colleague, file)
        with unit_of_work():
            court_case_links.link(colleague, case, number=hidden.number, reason="CNX")
        act(colleague, case, "AUD-REA", hearing_type="JUI")
        judgment = a_judgment(colleague, case, {file.counts[0]: "COND", hidden.counts[0]: "ABS"}, years={file.accused[0]: 12})
        return Shown(case, file, hidden, judgment, a_remedy(colleague, case))


def _pages(shown: Shown) -> list[str]:
    base = f"/expedientes/{shown.case}"
    return [
        "/expedientes/",
        base,
        *(
            f"{base}/{end}"
            for end in (
                "denuncias",
                "actuaciones",
                "sentencias",
                "recursos",
                "cuadernos",
                "historial",
                f"sentencias/{shown.judgment}",
                f"recursos/{shown.remedy}",
            )
        ),
    ]


def _texts(page: str) -> dict[str, str]:
    """Names and values of the text boxes of a page."""
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input[^>]* name="([^"]+)" type="text"[^>]* value="([^"]*)"', page)
    }


def _token(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def test_every_page_opens_for_who_sees_the_case(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    assert {path: client.get(path).status_code for path in _pages(shown)} == dict.fromkeys(_pages(shown), 200)


@pytest.mark.parametrize("user", ["fiscal.lim", "agencia"])
def test_no_page_exists_for_who_does_not(shown: Shown, sign_in: Callable[[str], Visitor], user: str) -> None:
    client = sign_in(user)
    assert {client.get(path).status_code for path in _pages(shown)[1:]} == {404}


def test_a_sealed_charge_beside_the_own_one_leaves_no_trace_on_any_page(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    for path in [
        *_pages(shown),
        f"/expedientes/{shown.case}/sentencias/nueva",
        f"/expedientes/{shown.case}/actuaciones/nueva/REO-CON",
    ]:
        answer = client.get(path)
        assert (
            answer.status_code == 200
            and shown.hidden.number not in answer.text
            and shown.hidden.number[-5:] + "/" not in answer.text
        ), path


def test_a_supervisor_reads_and_is_offered_nothing_to_enter(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("coordinadora")
    page = client.get(f"/expedientes/{shown.case}").text
    assert "Registrar sentencia" not in page and "Registrar recurso" not in page and "Registrar audiencia" not in page
    assert client.get(f"/expedientes/{shown.case}/recursos/nuevo").status_code == 403


def test_a_refused_opening_keeps_what_was_typed(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    answer = client.post(
        f"/denuncias/{shown.file.number}/expedientes/nuevo",
        data={
            "docket_number": "00231-2026",
            "opened_on": "31/2/2026",
            "court_name": "Juzgado «Mixto»",
            "court_case_kind-offered": "1",
        },
    )
    assert answer.status_code == 422 and "govuk-error-summary" in answer.text
    kept = _texts(answer.text)
    assert (kept["docket_number"], kept["opened_on"], kept["court_name"]) == ("00231-2026", "31/2/2026", "Juzgado «Mixto»")


def test_opening_twice_with_one_form_makes_one_case(shown: Shown, app: Flask, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    address = f"/denuncias/{shown.file.number}/expedientes/nuevo"
    data = {"once": _token(client.get(address).text), "court_case_kind": "PRI", "docket_number": "77"}
    first, second = (client.post(address, data=data) for _ in range(2))
    assert first.location == second.location and first.status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count(CourtCase.id)).where(CourtCase.docket_number == "77")) == 1


def test_a_refused_judgment_keeps_every_row_and_lands_problems_on_their_fields(
    shown: Shown, app: Flask, sign_in: Callable[[str], Visitor]
) -> None:
    client = sign_in("fiscal2.mdd")
    first, second, accused = shown.file.counts[0], shown.file.counts[1], shown.file.accused[0]
    data: dict[str, Any] = {
        "decision_kind": "SEN",
        "decided_on": "2/3/2026",
        f"r{first}-verdict": "COND",
        f"r{second}-verdict": "REC",
        f"p{accused}-sentence_types": ["PPL-EFE", "MUL"],
        f"p{accused}-imprisonment-years": "6",
        f"p{accused}-imprisonment-months": "2",
        f"p{accused}-imprisonment-days": "",
        f"p{accused}-below_minimum_reason-offered": "1",
        "d0-amount_ordered": "cinco mil",
    }
    answer = client.post(f"/expedientes/{shown.case}/sentencias/nueva", data=data)
    assert answer.status_code == 422
    assert '<a href="#d0-amount_ordered">' in answer.text
    kept = _texts(answer.text)
    assert (kept[f"p{accused}-imprisonment-years"], kept["d0-amount_ordered"]) == ("6", "cinco mil")
    assert re.search(rf'name="r{second}-verdict" type="radio" value="REC" checked', answer.text)
    again = client.post(f"/expedientes/{shown.case}/sentencias/nueva", data=data | {"d0-amount_ordered": "5000"})
    assert again.status_code == 422
    assert {f"#r{second}-convicted_offence", f"#p{accused}-below_minimum_reason"} <= set(
        re.findall(r'<a href="(#[^"]+)">', again.text)
    )
    with app.app_context():
        assert db.session.scalar(select(func.count(Judgment.id))) == 1


def test_a_judgment_is_entered_as_a_grid(shown: Shown, app: Flask, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    count, accused = shown.file.counts[2], shown.file.accused[1]
    answer = registered(
        client,
        f"/expedientes/{shown.case}/sentencias/nueva",
        {
            "decision_kind": "SEN",
            "decided_on": "2/3/2026",
            f"r{count}-verdict": "COND",
            f"p{accused}-sentence_types": ["PPL-EFE", "RC"],
            f"p{accused}-imprisonment-years": "12",
            f"p{accused}-imprisonment-months": "6",
            f"p{accused}-imprisonment-days": "",
            "d0-amount_ordered": "S/ 5,000",
            "d0-debtors": [str(accused)],
        },
    )
    assert answer.status_code == 302, answer.text
    page = client.get(answer.location).text
    assert "12 años, 6 meses" in page and "S/ 5,000.00" in page
    with app.app_context():
        penalty = db.session.scalars(select(Penalty).where(Penalty.accused_id == accused)).one()
        assert penalty.sentence_types == ("PPL-EFE", "RC")
        assert db.session.scalars(select(Reparation)).one().amount_ordered == 5000


def test_the_decision_of_a_remedy_is_entered_from_the_remedy(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    address = f"/expedientes/{shown.case}/sentencias/nueva?recurso={shown.remedy}"
    assert f'href="{address}"' in client.get(f"/expedientes/{shown.case}/recursos/{shown.remedy}").text
    answer = registered(
        client,
        address,
        {
            "decision_kind": "SVI",
            "instance": "2",
            "decided_on": "20/3/2026",
            f"r{shown.file.counts[0]}-remedy_outcome": "REV-ABS",
        },
    )
    assert answer.status_code == 302, answer.text
    page = client.get(f"/expedientes/{shown.case}").text
    assert "Con absolución" in page and "Revocada: absuelve (20/03/2026)" in page


def test_two_people_who_change_a_case_meet(shown: Shown, app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    with app.app_context():
        version = db.session.get_one(CourtCase, shown.case).version
        with unit_of_work():
            court_cases.amend(
                world.viewer("asistente.mdd"), shown.case, Entry("court_case", {"court_name": "Segundo Juzgado"}, version)
            )
    answer = client.post(f"/expedientes/{shown.case}/editar", data={"version": str(version), "court_name": "Primer Juzgado"})
    assert answer.status_code == 409 and "Segundo Juzgado" in answer.text and "Primer Juzgado" in answer.text


def test_a_type_that_has_its_own_form_leads_there(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    page = client.get(f"/expedientes/{shown.case}/actuaciones/nueva?q=casación interpuesta").text
    assert f"/expedientes/{shown.case}/recursos/nuevo?clase=CAS" in page
    assert client.get(f"/expedientes/{shown.case}/actuaciones/nueva/CAS-INT").status_code == 404


def test_the_types_of_acts_stand_as_a_dictionary_has_them_and_only_those_foreseen_are_frequent(
        shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    page = sign_in("fiscal2.mdd").get(f"/expedientes/{shown.case}/actuaciones/nueva").text
    before, rest = page.split("<main")[1].split("<details", 1)
    assert 'id="frecuentes"' in before and "no prevista en esta etapa" not in before and "no prevista en esta etapa" in rest
    for part in rest.split("<details"):
        labels = [html.unescape(one) for one in re.findall(r'<li><a href="[^"]+">([^<]+)</a>', part)]
        assert len(labels) > 10 and labels == sorted(labels, key=plain)


def test_the_list_shows_court_remedies_and_charges_in_sight(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    page = sign_in("fiscal.mdd").get("/expedientes/?clase=PRI").text
    assert shown.file.number in page and "1 en trámite" in page and "1 expediente" in page


def test_a_link_is_made_and_ended_on_its_page(shown: Shown, app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    with app.app_context():
        other = a_file(world.viewer("fiscal.mdd"))
    client = sign_in("fiscal.mdd")
    base = f"/expedientes/{shown.case}/denuncias"
    assert client.post(base, data={"number": other.number.lower(), "link": "ACM"}).status_code == 302
    page = client.get(base).text
    ends = re.findall(rf'href="({base}/\d+/desvincular)"', page)
    assert other.number in page and len(ends) == 2
    assert client.post(ends[1], data={"reason": ""}).status_code == 422
    assert client.post(ends[1], data={"reason": "Se vinculó por error"}).status_code == 302
    assert "Desvinculada el" in client.get(base).text


def test_an_act_is_left_without_effect_with_a_reason(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    address = re.search(
        rf'href="(/expedientes/{shown.case}/actuaciones/\d+)">Audiencia realizada',
        client.get(f"/expedientes/{shown.case}/actuaciones").text,
    )
    assert address
    assert client.post(f"{address[1]}/dejar-sin-efecto", data={"reason": ""}).status_code == 422
    assert client.post(f"{address[1]}/dejar-sin-efecto", data={"reason": "No se realizó"}).status_code == 302
    assert "Sin efecto" in client.get(address[1]).text


def test_before_any_decision_the_form_of_a_remedy_leads_to_it(
    shown: Shown, app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        case = a_case(world.viewer("fiscal2.mdd"), a_file(world.viewer("fiscal2.mdd")), docket_number="88")
    client = sign_in("fiscal2.mdd")
    first = client.get(f"/expedientes/{case}/recursos/nuevo").text
    assert "Primero registre la decisión impugnada" in first and f"/expedientes/{case}/sentencias/nueva" in first
    assert 'name="filed_on"' not in first
    apart = client.get(f"/expedientes/{case}/recursos/nuevo?auto=1").text
    assert 'value="APE"' in apart and 'value="CAS"' not in apart
    refused = client.post(f"/expedientes/{case}/recursos/nuevo", data={"kind": "APE", "filed_by": "IMP"})
    assert refused.status_code == 422 and 'href="#filed_on"' in refused.text


def test_a_missing_penalty_is_entered_from_the_judgment(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client, base = sign_in("fiscal2.mdd"), f"/expedientes/{shown.case}/sentencias"
    made = registered(
        client, f"{base}/nueva", {"decision_kind": "SEN", "decided_on": "2/3/2026", f"r{shown.file.counts[2]}-verdict": "COND"}
    ).location
    assert f'href="{made}/penas/nueva"' in client.get(made).text
    form = client.get(f"{made}/penas/nueva").text
    answers = {
        "accused": str(shown.file.accused[1]),
        "sentence_types": ["PPL-EFE"],
        "imprisonment-years": "14",
        "imprisonment-months": "",
        "imprisonment-days": "",
        "once": _token(form),
    }
    assert client.post(f"{made}/penas/nueva", data=answers).location == made
    page = client.get(made).text
    assert "14 años" in page and "/penas/nueva" not in page


def test_the_penalty_stands_open_where_a_conviction_was_refused(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal2.mdd")
    address, count = f"/expedientes/{shown.case}/sentencias/nueva", shown.file.counts[0]
    opened = r'<details class="govuk-details" open><summary[^>]*><span[^>]*>Pena de'
    assert not re.search(opened, client.get(address).text)
    refused = client.post(address, data={"decision_kind": "SEN", f"r{count}-verdict": "COND"})
    assert refused.status_code == 422 and len(re.findall(opened, refused.text)) == 1


def test_a_judgment_without_rulings_is_told_so_at_the_first_ruling(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    answer = sign_in("fiscal2.mdd").post(
        f"/expedientes/{shown.case}/sentencias/nueva", data={"decision_kind": "SEN", "decided_on": "2/3/2026"}
    )
    assert f'<a href="#r{shown.file.counts[0]}-verdict">Indique el fallo de al menos una imputación' in answer.text


def test_a_preparatory_court_is_not_taken_for_the_one_that_judged(
    shown: Shown, app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        who = world.viewer("fiscal2.mdd")
        named = {"court_name": "Juzgado Uno"}
        cases = [a_case(who, a_file(who), docket_number=code, court_instance=code, **named) for code in ("JIP", "JPC")]
    client = sign_in("fiscal2.mdd")
    names = [_texts(client.get(f"/expedientes/{case}/sentencias/nueva").text)["court_name"] for case in cases]
    assert names == ["", "Juzgado Uno"]


def test_a_judgment_whose_rulings_differ_is_named_mixed(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    base = f"/expedientes/{shown.case}"
    told, one_sided = sign_in("fiscal2.mdd"), sign_in("fiscal.mdd")
    for path in (f"{base}/sentencias/{shown.judgment}", f"{base}/sentencias", f"{base}/actuaciones"):
        page = told.get(path).text
        assert "(mixta)" in page and "Sentencia condenatoria" not in page
        assert "(mixta)" not in one_sided.get(path).text


def test_a_remedy_says_against_which_rulings_it_goes(shown: Shown, sign_in: Callable[[str], Visitor]) -> None:
    row = sign_in("fiscal.mdd").get(f"/expedientes/{shown.case}/recursos").text
    assert re.search(r"fallo de (\d+/)?I-1: Trata", row)


def test_the_page_of_an_act_reserves_what_it_names_out_of_sight(
    shown: Shown, app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        colleague = world.viewer("fiscal2.mdd")
        docket = a_case(colleague, shown.hidden, docket_number="09999-2026")
        event = act(colleague, shown.case, "ACM-EXP", target_court_case=docket)
    path = f"/expedientes/{shown.case}/actuaciones/{event}"
    assert "09999-2026" in sign_in("fiscal2.mdd").get(path).text
    page = sign_in("fiscal.mdd").get(path).text
    assert "09999-2026" not in page and "Reservado" in page
