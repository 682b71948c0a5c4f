"""`files check`: whether every document has its file, and every file its document."""

from __future__ import annotations

import click

from sistra.cli.acting import in_sentences, now, system_user
from sistra.services import oversight
from sistra.services.unit import end_reading, unit_of_work


@click.group("files")
def files_group() -> None:
    """El almacén de documentos."""


@files_group.command("check")
@click.option("--remove", is_flag=True, help="Elimina los archivos sueltos que dejó un corte de energía.")
@in_sentences
def check(remove: bool) -> None:
    """Compara documentos y archivos; termina con 1 si falta alguno."""
    at = now()
    found = oversight.stored_files(at)
    end_reading()
    if found.orphans and remove:
        with unit_of_work():
            oversight.remove_orphans(found, at=at, system_user=system_user())
    click.echo(f"{found.named} documentos con archivo; {len(found.orphans)} archivos sueltos{' eliminados' if remove else ''}.")
    if found.lost:
        raise click.ClickException(f"Faltan los archivos de {len(found.lost)} documentos: recupérelos de un respaldo.")
