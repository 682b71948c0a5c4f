"""Tables and provenance that the format tests share. All names and numbers are invented."""
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sistra.formats.dossier import Dossier, Fields, Grid, Paragraphs, Printed, Section, Timeline
from sistra.formats.table import Column, Provenance, Table

COLUMNS = (
    Column("denuncia", "Denuncia", "code"), Column("resumen", "Resumen", "text", definition="Sin nombres"),
    Column("recibida", "Recibida", "date"), Column("actualizado", "Actualizado", "datetime"),
    Column("agraviadas", "Agraviadas", "integer"), Column("indice", "Índice", "decimal"),
    Column("reparacion", "Reparación civil", "money"), Column("reservada", "Reservada", "boolean"),
)
MOMENT = datetime(2026, 3, 28, 0, 38, tzinfo=UTC)
ROW = ("0012", "Captación en línea: ¿oferta? ñandú", date(2026, 3, 27), MOMENT, 3, Decimal("1.50"), Decimal("1234.5"),
       True)
BLANK = ("0013", None, None, None, None, None, None, None)


@pytest.fixture
def charges() -> Table:
    return Table("denuncias", "Denuncias", COLUMNS, [ROW, BLANK])


@pytest.fixture
def provenance() -> Provenance:
    return Provenance("Denuncias de Madre de Dios", [("Etapa", "Investigación preparatoria")], MOMENT, {"denuncias": 2},
                      "usuaria1", "Informe mensual", {"denuncias": "denuncias"}, "/denuncias?etapa=IP", ["Nota única."])


@pytest.fixture
def dossier(charges: Table) -> Dossier:
    return Dossier("Denuncia por trata de personas", "SIS-MDD-2026-00128", "RESERVADO · Nivel: sin identidades",
                   "Distrito Fiscal de Madre de Dios", [
                       Section("Resumen", [Fields([("Fuente", "Línea 1818", "value"), ("Denunciante", "", "reserved"),
                                                   ("Finalidad", "", "blank"), ("Riesgo", "", "not_known"),
                                                   ("Convenio", "", "not_applicable")])]),
                       Section("Hechos", [Paragraphs(["¿Quién captó? «Ñandú» – ofreció trabajo · campaña"])]),
                       Section("Denuncias", [Grid(charges)]),
                       Section("Actuaciones", [Timeline([("27/03/2026", "Recepción", "Se abrió la carpeta.")])]),
                   ], Printed("usuaria1", "Fiscalía de prueba", MOMENT, "Audiencia", "ab" * 32, "Sin identidades"))
