"""`demo`: an instance of invented charges to look at, made and served on this machine alone."""

from __future__ import annotations

import json
import os
import socket
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from alembic import command
from flask import Flask, current_app
from flask.cli import with_appcontext
from werkzeug.serving import make_server
from werkzeug.utils import import_string

from sistra.cli.acting import free, now, system_user, write
from sistra.cli.installing import alembic_config, prepare
from sistra.cli.worker import working_beside
from sistra.codebook.terms import codelist
from sistra.rules.entries import LIMA
from sistra.services import demonstration
from sistra.services.demonstration import Built
from sistra.services.unit import end_reading

LOOPBACK = "127.0.0.1"
_KEPT = ("SQLALCHEMY_DATABASE_URI", "KEYRING", "FILES", "INSTANCE", "JOBS", "TESTING")
"""Settings that the serving application takes over from the one that ran the command."""


@click.command("demo")
@click.option("--charges", type=click.IntRange(0, 100_000), default=600, show_default=True, help="Cuántas denuncias.")
@click.option("--seed", type=int, default=1, show_default=True, help="La misma semilla y el mismo día dan las mismas filas.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Día desde el que se cuentan las fechas; por omisión, hoy.")
@click.option("--port", type=click.IntRange(0, 65535), default=5000, show_default=True, help="Puerto en este equipo.")
@click.option("--no-serve", is_flag=True, help="Solo la crea, no la muestra.")
@click.option("--second-factor", is_flag=True, help="Pide también el segundo factor al ingresar.")
@click.option("--credentials", type=click.Path(path_type=Path, dir_okay=False), help="Guarda usuarios y contraseñas (JSON).")
@click.option("--fresh", is_flag=True, help="Borra una demostración anterior y hace otra; nunca borra otros datos.")
@click.option("--keep", is_flag=True, help="Muestra la demostración que ya existe, tal como está.")
@with_appcontext
def demo(
    charges: int,
    seed: int,
    today: datetime | None,
    port: int,
    no_serve: bool,
    second_factor: bool,
    credentials: Path | None,
    fresh: bool,
    keep: bool,
) -> None:
    """Crea una demostración con datos ficticios y la muestra en este equipo."""
    former = os.umask(0o077)
    click.get_current_context().call_on_close(lambda: os.umask(former))
    if not no_serve:
        _port_free(port)
    if keep:
        _refuse_unless(demonstration.DEMONSTRATION)
    else:
        if credentials is not None and not fresh:
            _credentials_free(credentials)
        _make_room(fresh)
        built = _build(charges, seed, today.date() if today else now().astimezone(LIMA).date())
        _say_who(built, second_factor)
        if credentials is not None:
            _keep_credentials(credentials, built)
    if no_serve:
        click.echo("Para verla: flask --app wsgi demo --keep")
    else:
        _serve(port, second_factor)


def _port_free(port: int) -> None:
    """Told before the building, which takes its time."""
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        raise click.ClickException(f"El puerto {port} está ocupado: elija otro con --port.") from None


def _credentials_free(path: Path) -> None:
    try:
        free(path)
    except FileExistsError:
        raise click.ClickException(f"Ya existe {path}: no se sobrescribe. Elija otro nombre, o use --fresh.") from None


def _held() -> str:
    held = demonstration.holds()
    end_reading()
    return held


def _refuse_unless(wanted: str) -> None:
    held = _held()
    if held == wanted:
        return
    if held == demonstration.DEMONSTRATION:
        raise click.ClickException(
            "Aquí ya hay una demostración. Para verla: «demo --keep». Para borrarla y hacer otra: «demo --fresh»."
        )
    if held == demonstration.DATA:
        raise click.ClickException(
            "La base contiene datos que no son de una demostración y no se toca. Indique otra carpeta: "
            "SISTRA_INSTANCE=/otra/carpeta flask --app wsgi demo"
        )
    raise click.ClickException("Aquí no hay ninguna demostración todavía: ejecute «flask --app wsgi demo».")


def _make_room(fresh: bool) -> None:
    """Folders, keys and empty tables. A former demonstration goes only when asked; other data never."""
    if fresh and _held() == demonstration.DEMONSTRATION:
        command.downgrade(alembic_config(), "base")
        click.echo("Se borró la demostración anterior.")
    _refuse_unless(demonstration.EMPTY)
    prepare()


def _build(charges: int, seed: int, today: date) -> Built:
    with click.progressbar(length=charges, label="Denuncias ficticias") as bar:
        return demonstration.build(
            charges=charges, seed=seed, today=today, system_user=system_user(), progress=lambda done: bar.update(done - bar.pos)
        )


def _say_who(built: Built, second_factor: bool) -> None:
    roles = codelist("user_role")
    click.echo(f"Demostración lista: {len(built.numbers)} denuncias. Todos los nombres, casos y despachos son ficticios.\n")
    rows = [
        (one.username, roles[one.role].label_es, one.password, *([one.totp] if second_factor else []))
        for one in built.credentials
    ]
    rows.insert(0, ("Usuario", "Rol", "Contraseña", *(["Clave del segundo factor"] if second_factor else [])))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _keep_credentials(path: Path, built: Built) -> None:
    content = {one.username: {"password": one.password, "totp": one.totp} for one in built.credentials}
    path.unlink(missing_ok=True)
    write(path, json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n")
    click.echo(f"\nUsuarios y contraseñas guardados en {path}.")


def served(second_factor: bool, base_url: str) -> Flask:
    """The application that shows the demonstration: over plain HTTP, with its banner."""
    settings: dict[str, Any] = {name: current_app.config[name] for name in _KEPT}
    # By name: the doors do not import the house that imports them.
    made: Flask = import_string("sistra:create_app")(
        settings | {"DEMONSTRATION": True, "ASK_SECOND_FACTOR": second_factor, "SECURE_COOKIES": False, "BASE_URL": base_url}
    )
    return made


def _serve(port: int, second_factor: bool) -> None:
    app = served(second_factor, f"http://{LOOPBACK}:{port}")
    server = make_server(LOOPBACK, port, app, threaded=True)
    app.config["BASE_URL"] = f"http://{LOOPBACK}:{server.server_port}"
    click.echo(f"\nSISTRA, demostración con datos ficticios: {app.config['BASE_URL']}   (Ctrl+C la detiene)")
    try:
        with working_beside(app):
            server.serve_forever()
    finally:
        server.server_close()
