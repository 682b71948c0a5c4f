"""`backup create` and `backup restore`."""

from __future__ import annotations

from pathlib import Path

import click

from sistra.cli.acting import before_tables, free, in_sentences, now, system_user
from sistra.services import backup
from sistra.services.unit import unit_of_work


@click.group("backup")
def backup_group() -> None:
    """Respaldos: la base y los documentos, sin las claves."""


@backup_group.command("create")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_sentences
def create(file: Path) -> None:
    """Crea un respaldo en FILE mientras el sistema sigue funcionando. El llavero no va dentro: guárdelo aparte."""
    at = now()
    made = backup.create(free(file), at=at)
    with unit_of_work():
        backup.note_made(made, at=at, system_user=system_user())
    click.echo(f"Respaldo creado: {made.path} ({made.size} bytes, {made.files} documentos). SHA-256 {made.digest}")


@backup_group.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Restaura aunque ya haya datos; lo actual se conserva aparte.")
@before_tables
def restore(file: Path, force: bool) -> None:
    """Restaura un respaldo y verifica la bitácora. Detenga antes el servidor."""
    at = now()
    restored = backup.restore(file, at=at, force=force)
    for path in restored.kept:
        click.echo(f"Lo anterior se conserva en {path}.")
    if not restored.keys_fit:
        raise click.ClickException("Se restauró, pero este llavero no abre los datos: ponga el que estaba en uso al respaldar.")
    if not restored.verdict.intact:
        raise click.ClickException(
            f"Se restauró, pero la bitácora NO está íntegra desde la entrada {restored.verdict.first_bad}."
        )
    with unit_of_work():
        backup.note_restored(restored, at=at, system_user=system_user())
    click.echo(
        f"Restaurado el respaldo de {restored.manifest.made_at}: {len(restored.manifest.entries) - 1} documentos; "
        f"bitácora íntegra, {restored.verdict.count} entradas."
    )
