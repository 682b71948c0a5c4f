"""`facts rebuild`: whether the de-identified rows of statistics are those that the records give."""

from __future__ import annotations

from collections import Counter

import click

from sistra.access.viewer import Viewer
from sistra.cli.acting import rebuilding
from sistra.services import fact_rebuilding
from sistra.services.unit import end_reading, unit_of_work

_SHOWN = 20


@click.group("facts")
def facts_group() -> None:
    """Las filas sin identidad de las que salen las estadísticas."""


def _correct(viewer: Viewer) -> None:
    corrected = 0
    for unit, keys in fact_rebuilding.chunks():
        with unit_of_work():
            corrected += fact_rebuilding.rebuild(viewer, unit, keys)
    with unit_of_work():
        corrected = fact_rebuilding.finish(viewer, corrected)
    click.echo(f"Filas estadísticas corregidas: {corrected}.")


def _compare() -> None:
    wrong = list(fact_rebuilding.differences())
    held = fact_rebuilding.held()
    end_reading()
    for one in wrong[:_SHOWN]:
        click.echo(f"{one.unit} {one.key}: {', '.join(one.columns)}")
    if wrong:
        of_unit = ", ".join(f"{unit} {number}" for unit, number in Counter(one.unit for one in wrong).items())
        raise click.ClickException(f"{len(wrong)} filas estadísticas no corresponden a su registro ({of_unit}).")
    click.echo(f"Las {sum(held.values())} filas estadísticas corresponden a los registros.")


facts_group.add_command(
    rebuilding("Compara (y corrige) las filas estadísticas con los registros de los que salen.", _compare, _correct))
