import re
from datetime import date

import pytest
from sqlalchemy import select, update

from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.rules.entries import Entry
from sistra.services import course, events, measures
from sistra.services.unit import unit_of_work
from tests.factories.files import a_file, on
from tests.factories.rows import made


@pytest.fixture
def file(app, world):
    with app.app_context():
        return a_file(world.viewer("fiscal.mdd"))


@pytest.fixture
def fiscal(sign_in, file):
    return sign_in("fiscal.mdd")


@pytest.fixture
def at(file):
    return lambda path: f"/denuncias/{file.number}/{path}"


def recorded(app, world, file, code, **values):
    with app.app_context(), unit_of_work():
        entry = Entry("event", {"occurred_on": on(date(2026, 2, 2))} | values)
        return events.record(world.viewer("fiscal.mdd"), file.number, code, entry)


def detained(app, world, file):
    with app.app_context(), unit_of_work():
        return measures.add(world.viewer("fiscal.mdd"), file.number, Entry("measure", {
            "kind": "COE", "accused": file.accused[0], "coercive_measure": "PRI-PRE", "state": "VIG",
            "starts_on": date(2026, 1, 15), "term_months": 9}))


def one(app, query):
    with app.app_context():
        return db.session.scalars(query).one()


def names_of(page):
    main = page[page.index("<main"):page.index("</main>")]
    return set(re.findall(r'name="([a-z_]+)"', main)) - {"csrf_token", "version", "once", "act"}


# --- every page is there for who may see it, and does not exist for the rest --------------------------------------

PAGES = (
    "imputaciones",
    "imputaciones/nueva",
    "imputaciones/{count}",
    "imputaciones/{count}/editar",
    "imputaciones/{count}/recalificar",
    "actuaciones",
    "actuaciones/nueva",
    "actuaciones/nueva/FOR-DIS",
    "actuaciones/{event}",
    "actuaciones/{event}/notificacion",
    "actuaciones/{event}/corregir",
    "actuaciones/{event}/dejar-sin-efecto",
    "plazos",
    "plazos/{deadline}",
    "medidas",
    "medidas/nueva",
    "medidas/{measure}",
    "medidas/{measure}/editar",
    "medidas/{measure}/prolongar",
    "medidas/{measure}/terminar",
)


@pytest.fixture
def addresses(app, world, file, at):
    event = recorded(app, world, file, "FOR-DIS")
    request = recorded(app, world, file, "OFI-SOL", term_days=10)
    deadline = one(app, select(Deadline.id).where(Deadline.opened_by_id == request))
    keys = {"count": file.counts[0], "event": event, "deadline": deadline, "measure": detained(app, world, file)}
    return [at(page.format(**keys)) for page in PAGES]


def test_every_page_opens_for_the_prosecutor(addresses, fiscal):
    assert {path: fiscal.get(path).status_code for path in addresses} == dict.fromkeys(addresses, 200)


def test_no_page_exists_for_another_office(addresses, sign_in):
    other = sign_in("fiscal.lim")
    assert {other.get(path).status_code for path in addresses} == {404}


def test_a_supervisor_reads_and_does_not_write(addresses, sign_in):
    coordinator = sign_in("coordinadora")
    answers = {path.split("/", 3)[3]: coordinator.get(path).status_code for path in addresses}
    reading = {path for path, status in answers.items() if status == 200}
    assert len(reading) == 7
    assert not any(
        word in path for path in reading for word in ("nueva", "editar", "recalificar", "terminar", "prolongar")
    )


def test_no_page_names_a_person(addresses, fiscal):
    for path in addresses:
        assert "Nombre de prueba" not in fiscal.get(path).text


# --- counts -----------------------------------------------------------------------------------------------------------

def test_a_count_is_added_from_its_form(app, file, fiscal, at):
    answer = fiscal.post(
        at("imputaciones/nueva"),
        data={
            "accused": str(file.accused[1]),
            "victims": [str(file.victims[0])],
            "victims-offered": "1",
            "offence": "PE-129C",
            "participation": "COA",
            "once": "a",
        },
    )
    assert answer.status_code == 302
    page = fiscal.get(answer.location).text
    assert "I-2: Explotación sexual" in page and "A-1" in page and "Coautor" in page


def test_the_same_form_sent_twice_adds_one_count(app, file, fiscal, at):
    data = {"accused": str(file.accused[1]), "offence": "PE-129C", "once": "b"}
    first, second = (fiscal.post(at("imputaciones/nueva"), data=data) for _ in range(2))
    assert first.location == second.location
    with app.app_context():
        assert len(db.session.scalars(select(Count).where(Count.charge_id == file.charge_id)).all()) == 4


def test_a_count_without_accused_says_so_at_the_field(fiscal, at):
    answer = fiscal.post(at("imputaciones/nueva"), data={"accused": "", "offence": "", "once": "c"})
    assert answer.status_code == 422
    assert answer.text.count("Responda «Imputada/o»") == 2


def test_an_offence_out_of_force_is_offered_as_such(fiscal, at):
    page = fiscal.get(at("imputaciones/nueva")).text
    labels = [text.strip() for text in re.findall(r"<option[^>]*>([^<]+)</option>", page[page.index('name="offence"'):])]
    assert "Trata de personas (art. 153), vigente hasta 2014" in labels
    assert labels.index("Trata de personas (art. 129-A)") < labels.index("Trata de personas (art. 153), vigente hasta 2014")
    offence = labels[:next(place for place, text in enumerate(labels) if text.endswith("vigente hasta 2007")) + 1]
    assert len(offence) == len(set(offence))


def test_what_the_records_bear_out_is_told_and_not_ticked(fiscal, at):
    page = fiscal.get(at("imputaciones/nueva")).text
    assert "podrían concurrir: " in page and "pluralidad" in page.casefold()
    ticked = re.findall(r'<input[^>]* name="(aggravating|victims|degree)"[^>]* checked', page)
    assert ticked == [] and 'name="aggravating"' in page


def test_retypifying_shows_in_the_history(app, file, fiscal, at):
    answer = fiscal.post(at(f"imputaciones/{file.counts[0]}/recalificar"), data={
        "offence": "PE-129C", "occurred_on": "2/2/2026", "reason": "La pericia lo muestra", "once": "d"})
    assert answer.status_code == 302
    assert "La pericia lo muestra" in fiscal.get(answer.location).text
    assert "Recalificada" in fiscal.get(at("imputaciones")).text


# --- events -----------------------------------------------------------------------------------------------------------

def test_the_type_is_found_without_script(fiscal, at):
    page = fiscal.get(at("actuaciones/nueva?q=formaliz")).text
    assert at("actuaciones/nueva/FOR-DIS") in page and at("actuaciones/nueva/DEC-TES") not in page


def test_a_type_out_of_its_stage_is_marked_and_not_among_the_frequent(fiscal, at):
    page = fiscal.get(at("actuaciones/nueva")).text
    frequent = page[page.index('id="frecuentes"'):page.index("<details", page.index('id="frecuentes"'))]
    assert at("actuaciones/nueva/DIP-INI") in frequent and "no prevista" not in frequent
    assert at("actuaciones/nueva/DIP-ARC") not in frequent and at("actuaciones/nueva/DIP-ARC") in page
    assert "(no prevista en esta etapa)" in page


def test_a_term_without_a_day_says_what_to_do(app, world, file, fiscal, at):
    recorded(app, world, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    recorded(app, world, file, "DIP-ARC", notified_on=date(2026, 2, 5), reason="No hay elementos")
    page = fiscal.get(at("plazos")).text
    assert "Por determinar (5 días hábiles). Fije la fecha." in page
    assert "Sin fecha" in page and "En plazo" not in page
    assert "Actuación que lo origina" in page and "(norma por confirmar)" in page


def test_a_closed_term_without_a_day_asks_for_none(app, world, file, fiscal, at):
    recorded(app, world, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    recorded(app, world, file, "DIP-ARC", notified_on=date(2026, 2, 5), reason="No hay elementos")
    with app.app_context(), unit_of_work():
        db.session.execute(update(Deadline).values(closed_on=date(2026, 2, 10), state="CUM"))
    page = fiscal.get(at("plazos")).text
    assert "Plazos cerrados" in page and "Fije la fecha" not in page and "Sin fecha" in page


def test_only_a_date_that_may_lie_ahead_does_not_speak_of_yesterday(fiscal, at):
    page = fiscal.get(at("medidas/nueva")).text
    hints = dict(re.findall(r'<label[^>]*for="([a-z_]+)".*?id="\1-hint">([^<]+)<', page, re.DOTALL))
    assert "ayer" not in hints["ends_on"] and "ayer" in hints["starts_on"]


def test_a_measure_past_its_end_is_overdue_on_its_page_and_among_the_deadlines(app, world, file, fiscal, at):
    with app.app_context(), unit_of_work():
        key = measures.add(world.viewer("fiscal.mdd"), file.number, Entry("measure", {
            "kind": "COE", "accused": file.accused[0], "coercive_measure": "PRI-PRE", "state": "VIG",
            "starts_on": date(2025, 1, 15), "term_months": 9}))
    page = fiscal.get(at("plazos")).text
    assert at(f"medidas/{key}") in page and "Medidas por vencer o vencidas" in page and "Vencida" in page
    assert "Vencida" in fiscal.get(at(f"medidas/{key}")).text


def test_a_document_out_of_sight_reads_as_reserved(app, world, file, sign_in, at):
    with app.app_context(), unit_of_work():
        sealed = made(Attachment, charge_id=file.charge_id, storage_key="x", kind="OTR", title="Plan del agente",
                      confidentiality="SEL").id
    key = recorded(app, world, file, "DIP-INI", attachment=sealed)
    page = sign_in("fiscal2.mdd").get(at(f"actuaciones/{key}")).text
    assert "Documento reservado" in page and "Plan del agente" not in page


def test_a_stage_that_was_passed_without_an_act_has_no_tick(app, world, file, fiscal, at):
    recorded(app, world, file, "FOR-DIS")
    with app.app_context(), unit_of_work():
        made(Event, charge_id=file.charge_id, number=90, event_type="ENJ-AUT", occurred_on=on(date(2026, 2, 3)))
        course.rederive(db.session.get_one(Charge, file.charge_id))
    assert "Sin registro" in fiscal.get(at("actuaciones")).text


def test_a_type_asks_only_what_it_needs_and_can_name(app, file, fiscal, at):
    page = at("actuaciones/nueva/DEC-IMP")
    assert names_of(fiscal.get(page).text) == {"occurred_on", "accused", "result"}
    with app.app_context(), unit_of_work():
        made(Attachment, charge_id=file.charge_id, storage_key="x", kind="OTR", title="Acta")
    assert names_of(fiscal.get(page).text) == {"occurred_on", "accused", "result", "attachment"}


def test_an_act_is_recorded_and_moves_the_charge(app, file, fiscal, at):
    answer = fiscal.post(at("actuaciones/nueva/FOR-DIS"), data={
        "occurred_on": "2/2/2026", "resolution_number": "3", "counts-offered": "1", "once": "e"})
    assert answer.status_code == 302
    assert one(app, select(Charge.stage).where(Charge.id == file.charge_id)) == "40-IPF"
    page = fiscal.get(answer.location).text
    assert "Formalización" in page and "02/02/2026" in page and "Registrar notificación" in page


def test_a_future_act_is_refused_at_its_field(fiscal, at):
    answer = fiscal.post(at("actuaciones/nueva/DIP-INI"), data={"occurred_on": "2/2/2199", "once": "f"})
    assert answer.status_code == 422 and 'href="#occurred_on"' in answer.text


def test_going_back_asks_the_reason_in_the_same_form(app, world, file, fiscal, at):
    recorded(app, world, file, "FOR-DIS")
    assert "regress_reason" in names_of(fiscal.get(at("actuaciones/nueva/DIP-INI")).text)
    answer = fiscal.post(at("actuaciones/nueva/DIP-INI"), data={"occurred_on": "3/2/2026", "once": "g"})
    assert answer.status_code == 422 and "explique el motivo" in answer.text


@pytest.mark.parametrize("code", ["COR-ACT", "SEL-PON", "NOT-REC", "XXX", "REA-RES"])
def test_what_has_a_page_of_its_own_is_not_entered_by_type(fiscal, at, code):
    assert fiscal.get(at(f"actuaciones/nueva/{code}")).status_code == 404


def test_a_notification_opens_its_term(app, world, file, fiscal, at):
    key = recorded(app, world, file, "FOR-DIS")
    answer = fiscal.post(at(f"actuaciones/{key}/notificacion"), data={"notified_on": "10/2/2026", "once": "n"})
    assert answer.status_code == 302
    assert "10/06/2026" in fiscal.get(at("plazos")).text


def test_an_act_is_left_without_effect_with_a_reason(app, world, file, fiscal, at):
    key = recorded(app, world, file, "FOR-DIS")
    assert fiscal.post(at(f"actuaciones/{key}/dejar-sin-efecto"), data={"reason": "", "once": "h"}).status_code == 422
    answer = fiscal.post(
        at(f"actuaciones/{key}/dejar-sin-efecto"), data={"reason": "Error de carpeta", "occurred_on": "", "once": "h"}
    )
    assert answer.status_code == 302
    assert one(app, select(Charge.stage).where(Charge.id == file.charge_id)) == "10-NOT"
    assert "Quedó sin efecto por" in fiscal.get(at(f"actuaciones/{key}")).text


def test_a_slip_is_put_right(app, world, file, fiscal, at):
    key = recorded(app, world, file, "CST-NOT", note="Se recibio")
    answer = fiscal.post(
        at(f"actuaciones/{key}/corregir"), data={"occurred_on": "2/2/2026", "note": "Se recibió", "version": "1"}
    )
    assert answer.status_code == 302
    assert "Se recibió" in fiscal.get(answer.location).text


def test_two_people_correcting_the_same_act_see_both_texts(app, world, file, fiscal, at):
    key = recorded(app, world, file, "CST-NOT", note="Uno")
    fiscal.post(at(f"actuaciones/{key}/corregir"), data={"note": "Dos", "version": "1"})
    answer = fiscal.post(at(f"actuaciones/{key}/corregir"), data={"note": "Tres", "version": "1"})
    assert answer.status_code == 409 and "Dos" in answer.text and "Tres" in answer.text


def test_a_sealed_act_does_not_exist_outside_the_team(app, world, file, sign_in, at):
    key = recorded(app, world, file, "AGE-ENC")
    outsider = sign_in("fiscal2.mdd")
    assert outsider.get(at(f"actuaciones/{key}")).status_code == 404
    assert "encubierto" not in outsider.get(at("actuaciones")).text


def test_saving_an_act_untouched_changes_nothing(app, world, file, fiscal, at):
    key = recorded(app, world, file, "DEC-TES", result="REA", note="Declaró la testigo clave 1")
    page = fiscal.get(at(f"actuaciones/{key}/corregir")).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)[1]
    fiscal.post(
        at(f"actuaciones/{key}/corregir"),
        data={"occurred_on": "02/02/2026", "result": "REA", "version": version, "note": "Declaró la testigo clave 1"},
    )
    assert one(app, select(Event.version).where(Event.id == key)) == 1


# --- deadlines --------------------------------------------------------------------------------------------------------

def test_a_due_date_is_fixed_by_hand_with_its_reason(app, world, file, fiscal, at):
    recorded(app, world, file, "DIP-INI")
    key, version = one(app, select(Deadline.id).where(Deadline.charge_id == file.charge_id)), "1"
    assert (
        fiscal.post(
            at(f"plazos/{key}"), data={"due_on": "30/5/2026", "set_by_hand_reason": "", "version": version}
        ).status_code
        == 422
    )
    answer = fiscal.post(
        at(f"plazos/{key}"), data={"due_on": "30/5/2026", "set_by_hand_reason": "Disposición 3", "version": version}
    )
    assert answer.status_code == 302
    page = fiscal.get(at("plazos")).text
    assert "30/05/2026" in page and "fijado a mano: Disposición 3" in page


# --- measures ---------------------------------------------------------------------------------------------------------

def test_a_measure_is_registered_and_ends_with_its_term(app, file, fiscal, at):
    answer = fiscal.post(
        at("medidas/nueva"),
        data={
            "kind": "COE",
            "accused": str(file.accused[0]),
            "coercive_measure": "PRI-PRE",
            "state": "VIG",
            "starts_on": "15/1/2026",
            "term_months": "9",
            "once": "i",
        },
    )
    assert answer.status_code == 302
    page = fiscal.get(answer.location).text
    assert "15/10/2026" in page and "I-1" in page


def test_a_measure_without_its_person_says_so(fiscal, at):
    answer = fiscal.post(
        at("medidas/nueva"), data={"kind": "PRO", "protection_measure": "OCU", "state": "VIG", "once": "j"}
    )
    assert answer.status_code == 422 and "Elija a la persona agraviada" in answer.text


def test_a_measure_is_extended_and_ended(app, world, file, fiscal, at):
    key = detained(app, world, file)
    longer = fiscal.post(
        at(f"medidas/{key}/prolongar"), data={"term_months": "9", "starts_on": "15/10/2026", "once": "k"}
    )
    assert longer.status_code == 302 and "15/07/2027" in fiscal.get(longer.location).text
    ended = fiscal.post(at(f"medidas/{key}/terminar"), data={"state": "CES", "ended_on": "1/3/2026", "version": "2"})
    assert ended.status_code == 302
    assert one(app, select(Measure.state).where(Measure.id == key)) == "CES"
