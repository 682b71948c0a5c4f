"""`access rebuild`: whether the rows that let people in are those that offices, reserve, teams and accepted grants give."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sistra.access.viewer import Viewer
from sistra.cli.acting import now, rebuilding
from sistra.services import oversight
from sistra.services.unit import end_reading, unit_of_work


@click.group("access")
def access_group() -> None:
    """Las filas de acceso a las denuncias."""


def _compare() -> None:
    wrong = list(oversight.wrong_access(now()))
    end_reading()
    for one in wrong:
        click.echo(f"{one.number}: {'; '.join(_differences(one))}")
    if wrong:
        raise click.ClickException(f"{len(wrong)} denuncias con accesos que no corresponden.")
    click.echo("Los accesos corresponden a despachos, reserva, equipos y accesos compartidos aceptados.")


def _correct(viewer: Viewer) -> None:
    with unit_of_work():
        numbers = oversight.rebuild_access(viewer)
    click.echo(f"Accesos corregidos en {len(numbers)} denuncias.")


def _differences(wrong: oversight.WrongAccess) -> Iterator[str]:
    """Each row that is not as it should be: whom it lets in, by which grant, and what is wrong with it."""
    for principal, grant in sorted(wrong.held.keys() | wrong.due.keys()):
        held, due = wrong.held.get((principal, grant)), wrong.due.get((principal, grant))
        if held != due:
            whose = f"{principal} por el acceso compartido {grant}" if grant else principal
            yield f"{whose}: {'falta' if held is None else 'sobra' if due is None else 'abre lo que no corresponde'}"


access_group.add_command(rebuilding(
    "Compara (y corrige) quién puede ver cada denuncia con lo que dicen despacho, reserva, equipo y accesos compartidos.",
    _compare, _correct))
