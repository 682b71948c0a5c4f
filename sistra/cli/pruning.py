"""`prune`: what has served its time goes; meant to be run every night."""

from __future__ import annotations

import click

from sistra.cli.acting import in_sentences, now, system_user
from sistra.services import pruning
from sistra.services.unit import end_reading, unit_of_work

_WORDS = {
    "attempts": "intentos de ingreso contados",
    "sessions": "sesiones terminadas",
    "links": "enlaces usados o vencidos",
    "searches": "búsquedas de personas vencidas",
    "forms": "formularios sin enviar vencidos",
    "tokens": "marcas de formularios ya enviados",
    "exports": "archivos de descargas vencidos",
}


@click.command("prune")
@click.option("--check", is_flag=True, help="Solo cuenta lo que se eliminaría.")
@in_sentences
def prune(check: bool) -> None:
    """Elimina sesiones, enlaces, búsquedas, formularios sin enviar, marcas de envío, intentos y descargas que ya vencieron.

    Los borradores no vencen: no los toca.
    """
    if check:
        counts = pruning.expired(now())
        end_reading()
    else:
        with unit_of_work():
            counts = pruning.prune(at=now(), system_user=system_user())
    for name, words in _WORDS.items():
        click.echo(f"{counts[name]} {words}")
    click.echo("No se eliminó nada (--check)." if check else "Eliminado.")
