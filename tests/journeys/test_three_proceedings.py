"""Three real proceedings typed into the forms in a browser: each stated fact finds its field, each unknown stays one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.services.signin import hash_password
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer, signed_in
from tests.factories.facts import Facts, stated
from tests.factories.proceedings import PROCEEDINGS, Decided, Filed, Noted, Proceeding
from tests.factories.rows import made
from tests.factories.world import PASSWORD
from tests.journeys.filling import edit, fill, fill_where_asked, follow, send

pytestmark = pytest.mark.browser


class Prosecutor:
    """A person at the browser who enters one proceeding."""

    def __init__(self, page: Any) -> None:
        self.page, self.number, self.case = page, "", ""

    @property
    def charge(self) -> str:
        return f"/denuncias/{self.number}"

    def form(self, address: str, answers: Any, button: str = "", **more: Any) -> dict[str, Any]:
        """Opens a form, answers it, sends it, and gives the answers that it does not ask."""
        self.page.goto(address)
        left = fill_where_asked(self.page, answers)
        send(self.page, button, **more)
        return left

    def enter(self, what: Proceeding) -> None:
        assert not self.form("/denuncias/nueva", what.charge, expect="/denuncias/SIS-")
        self.number = self.page.url.split("/denuncias/")[1].split("/")[0]
        edit(self.page, self.charge, ("hechos", "procedimiento"), {**what.facts, **what.procedure})
        self._people(what)
        for answers in what.legs:
            assert not self.form(f"{self.charge}/ruta/nuevo", answers)
        for answers in what.counts:
            self.page.goto(f"{self.charge}/imputaciones/nueva")
            fill(self.page, answers)
            self.page.get_by_label("A-1").check()
            send(self.page)
        assert not self.form(f"{self.charge}/expedientes/nuevo", what.court_case, expect="/expedientes/")
        self.case = "/expedientes/" + self.page.url.rsplit("/", 1)[1]
        for step in what.course:
            self._take(step)
        document = {"kind": "SEN", "title": "Decisión publicada", "source_reference": what.source, "contains_identity": "0"}
        assert not self.form(f"{self.charge}/documentos/nuevo", document)

    def _people(self, what: Proceeding) -> None:
        rest = self.form(f"{self.charge}/imputados/nuevo", what.accused, "Guardar y volver")
        edit(self.page, f"{self.charge}/imputados/I-1", ("identidad", "perfil", "rol"), rest)
        rest = self.form(f"{self.charge}/agraviadas/nueva", what.victim, "Guardar y volver")
        edit(self.page, f"{self.charge}/agraviadas/A-1", ("identidad", "perfil", "situacion", "otros_datos"), rest)
        for name, rows in (("captaciones", what.recruitments), ("explotaciones", what.exploitations)):
            for answers in rows:
                assert not self.form(f"{self.charge}/agraviadas/A-1/{name}/nueva", answers)

    def _take(self, step: Decided | Filed | Noted) -> None:
        if isinstance(step, Noted):
            assert not self.form(f"{self.case}/actuaciones/nueva/{step.event_type}", step.answers)
        elif isinstance(step, Filed):
            assert not self.form(f"{self.case}/recursos/nuevo", step.remedy)
        else:
            self._judge(step)

    def _judge(self, step: Decided) -> None:
        """A judgment of first instance from its own form; any other from the remedy that it decides."""
        if step.remedy is None:
            self.page.goto(f"{self.case}/sentencias/nueva")
        else:
            self.page.goto(f"{self.case}/recursos")
            follow(self.page.locator("main table a").first)
            follow(self.page.get_by_role("link", name="Registrar la decisión", exact=True))
        left = fill_where_asked(self.page, step.judgment)
        assert left == ({"instance": "1"} if step.remedy is None else {})
        rows = [
            name.split("-")[0]
            for name in self.page.eval_on_selector_all(
                '[name^="r"][name$="-verdict"]', "boxes => [...new Set(boxes.map(box => box.name))]"
            )
        ]
        for ruled in step.rulings:
            fill(self.page, ruled.answers, f"{rows[ruled.count - 1]}-")
        if step.penalty:
            part = self.page.eval_on_selector('[name^="p"][name$="-sentence_types"]', "box => box.name").split("-")[0]
            fill(self.page, step.penalty, f"{part}-")
        fill(self.page, step.reparation, "d0-")
        send(self.page, "Revisar antes de registrar")
        send(self.page, "Registrar", expect="/sentencias/")
        assert not self.page.url.endswith("/nueva")


def _user_of(server: LiveServer, district: str) -> str:
    """The name of a prosecutor of an office of that district."""
    if district == "MDD":
        return "fiscal.mdd"
    with server.app.app_context(), unit_of_work():
        office = made(
            Office,
            code=district,
            name=f"Despacho {district}",
            agency_id=server.world.agencies["mp"],
            office_kind="FPE",
            fiscal_district=district,
            specialised=True,
        )
        made(
            User,
            username=f"fiscal.{district.lower()}",
            full_name="Persona de prueba",
            email=f"{district}@example.test",
            office_id=office.id,
            roles=("FISCAL",),
            password_hash=hash_password(PASSWORD),
        )
    return f"fiscal.{district.lower()}"


def _check(server: LiveServer, person: Prosecutor, number: int) -> None:
    with server.app.app_context():
        charge = db.session.scalars(select(Charge).where(Charge.number == person.number)).one()
        facts = Facts(charge)
        assert [fact for fact in stated(number) if not facts.hold(fact)] == []
        states = tuple(db.session.scalars(select(Count.state).where(Count.charge_id == charge.id).order_by(Count.id)))
        assert (charge.stage, charge.status, states) == PROCEEDINGS[number].came_to


@pytest.mark.parametrize("number", PROCEEDINGS)
def test_a_real_proceeding_is_typed_into_the_forms_and_every_stated_fact_is_kept(
    live_server: LiveServer, page_of: Any, number: int
) -> None:
    person = Prosecutor(page_of(_user_of(live_server, PROCEEDINGS[number].district)))
    person.enter(PROCEEDINGS[number])
    _check(live_server, person, number)


def test_the_forms_of_a_proceeding_do_without_script(live_server: LiveServer, browser: Any) -> None:
    context = browser.new_context(base_url=live_server.url, locale="es-PE", java_script_enabled=False)
    name, token = signed_in(live_server.app, _user_of(live_server, PROCEEDINGS[3].district))
    context.add_cookies([{"name": name, "value": token, "url": live_server.url}])
    person = Prosecutor(context.new_page())
    person.enter(PROCEEDINGS[3])
    _check(live_server, person, 3)
    context.close()
