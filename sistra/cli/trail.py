"""`audit`: whether the trail stands, its head to keep elsewhere, and who saw a charge."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from sistra.cli.acting import acting, as_user, in_sentences, now
from sistra.rules.entries import LIMA
from sistra.services import audit, oversight
from sistra.services.unit import end_reading, unit_of_work


@click.group("audit")
def audit_group() -> None:
    """La bitácora: verificarla, guardar su cabeza fuera, saber quién vio una denuncia."""


@audit_group.command("verify")
@click.option(
    "--head",
    "kept",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Cabeza guardada fuera (de «audit head»): descubre también si se cortó o reescribió todo.",
)
@in_sentences
def verify(kept: Path | None) -> None:
    """Recorre toda la cadena. Termina con 0 si está íntegra y con 1 si no."""
    verdict = audit.verify()
    if not verdict.intact:
        raise click.ClickException(
            f"La bitácora NO está íntegra: la entrada {verdict.first_bad} no corresponde "
            f"({verdict.count} entradas correctas antes)."
        )
    if kept is not None and not _agrees(kept):
        raise click.ClickException(
            "La bitácora NO coincide con la cabeza guardada: fue cortada o reescrita, o la cabeza no es de aquí."
        )
    end_reading()
    click.echo(f"La bitácora está íntegra: {verdict.count} entradas, cabeza {verdict.head}.")


def _agrees(kept: Path) -> bool:
    try:
        stated = json.loads(kept.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(stated, dict) and oversight.agrees(stated)


@audit_group.command("head")
@in_sentences
def head() -> None:
    """Muestra la cabeza de la bitácora, firmada: guárdela fuera de este equipo."""
    click.echo(json.dumps(oversight.signed_head(now()), indent=1))
    end_reading()


@audit_group.command("who")
@click.option("--charge", "number", required=True, metavar="NÚMERO", help="Número SISTRA de la denuncia.")
@click.option("--from", "since", required=True, metavar="AAAA-MM-DD", help="Primer día, en Lima.")
@click.option("--to", "until", required=True, metavar="AAAA-MM-DD", help="Último día, en Lima.")
@as_user
@in_sentences
def who(number: str, since: str, until: str, username: str) -> None:
    """Lista quién consultó, cambió o exportó una denuncia entre dos días. Actúa como quien audita."""
    first, last = _day(since, "--from"), _day(until, "--to")
    if last < first:
        raise click.BadParameter("--to no puede ser anterior a --from.")
    viewer = acting(username)
    with unit_of_work():
        found = oversight.who(viewer, number, _midnight(first), _midnight(last + timedelta(days=1)))
    for one in found:
        door = f"{one.door} ({one.system_user})" if one.system_user else one.door
        person = f"{one.full_name} ({one.username})" if one.username else "sin usuario"
        click.echo(
            "\t".join(
                (
                    f"{one.at.astimezone(LIMA):%Y-%m-%d %H:%M:%S}",
                    person,
                    one.office,
                    one.action,
                    door,
                    one.address or "",
                    one.reason or "",
                )
            )
        )
    click.echo(f"{len(found)} entradas de {len({one.username for one in found})} usuarios.")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{option}: «{text}» no es una fecha AAAA-MM-DD.") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LIMA).astimezone(UTC)
