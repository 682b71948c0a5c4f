"""`search rebuild`: whether the search of summaries holds what the charges and their access rows say."""

from __future__ import annotations

import click

from sistra.access.viewer import Viewer
from sistra.cli.acting import rebuilding
from sistra.services import text_index
from sistra.services.unit import end_reading, unit_of_work

_SHOWN = 20


@click.group("search")
def search_group() -> None:
    """El índice con el que se busca en los resúmenes."""


def _correct(viewer: Viewer) -> None:
    corrected = 0
    for keys in text_index.chunks():
        with unit_of_work():
            corrected += text_index.rebuild(viewer, keys)
    with unit_of_work():
        text_index.finish(viewer, corrected)
    click.echo(f"Índice de búsqueda corregido en {corrected} denuncias.")


def _compare() -> None:
    compared, wrong = 0, []
    for keys in text_index.chunks():
        compared += len(keys)
        wrong += text_index.differences(keys)
    orphans = text_index.orphans()
    end_reading()
    for one in wrong[:_SHOWN]:
        click.echo(f"{one.number}: {', '.join(one.columns)}")
    if wrong or orphans:
        raise click.ClickException(f"El índice de búsqueda no corresponde en {len(wrong) + len(orphans)} denuncias.")
    with unit_of_work(keep=False):
        sound = text_index.sound()
    if not sound:
        raise click.ClickException("El índice de búsqueda está dañado: rehágalo con --as USUARIO.")
    click.echo(f"El índice de búsqueda corresponde a las {compared} denuncias.")


search_group.add_command(rebuilding(
    "Compara (y corrige) el índice de búsqueda con los resúmenes de las denuncias y con quién puede leerlos.",
    _compare, _correct))
