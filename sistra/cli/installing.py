"""First use: `init` makes what is missing and leaves what stands."""

from __future__ import annotations

import os
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import with_appcontext

from sistra.cli.acting import now, system_user
from sistra.rules.problems import Rejected
from sistra.rules.sealing import KeyRing
from sistra.services import installation, setup
from sistra.services.unit import unit_of_work


@click.command("init")
@click.option("--admin", metavar="USUARIO", help="Crea a la primera persona que administra y muestra su enlace.")
@click.option("--email", metavar="CORREO", help="Correo de quien administra.")
@click.option("--name", "full_name", metavar="NOMBRE", help="Nombre de quien administra; por omisión, el usuario.")
@with_appcontext
def init(admin: str | None, email: str | None, full_name: str | None) -> None:
    """Prepara SISTRA: carpetas, llavero, tablas, entidades y despachos, y quien administra."""
    if admin and not email:
        raise click.UsageError("Con --admin indique también --email.")
    prepare()
    with unit_of_work():
        seeded = setup.seed_offices(at=now(), door="cli", system_user=system_user())
    click.echo(f"Entidades agregadas: {len(seeded.agencies)}. Despachos agregados: {len(seeded.offices)}.")
    if admin:
        _administrator(admin, email or "", full_name or admin)


def prepare() -> None:
    """Makes folders, key ring and tables where they are missing. Raises ClickException."""
    try:
        _folders()
        _keys()
        _tables()
        installation.check()
    except installation.NotInstalled as refused:
        raise click.ClickException(str(refused)) from None
    except OSError as refused:
        raise click.ClickException(f"No se pudo preparar {refused.filename}: {refused.strerror}.") from None


def _folders() -> None:
    for folder in (Path(current_app.config["INSTANCE"]), Path(current_app.config["FILES"])):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def _keys() -> None:
    path = Path(current_app.config["KEYRING"])
    if path.exists():
        click.echo(f"Llavero: {path} (ya existía).")
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        KeyRing.create(path)
        click.echo(
            f"Llavero creado en {path}. Guarde una copia fuera de este equipo y aparte de los respaldos: "
            "sin él, nada de lo cifrado se puede leer."
        )
    try:
        ring = KeyRing.load(path)
    except PermissionError as refused:
        raise click.ClickException(f"Otros usuarios pueden leer el llavero: chmod 600 {path}") from refused
    current_app.extensions["sistra.keyring"] = ring
    current_app.config["SECRET_KEY"] = current_app.config["SECRET_KEY"] or ring.token_hash("flask-secret-key")


def _tables() -> None:
    former = os.umask(0o077)
    try:
        command.upgrade(alembic_config(), "head")
    finally:
        os.umask(former)
    click.echo("Tablas al día.")


def alembic_config() -> Config:
    """What `flask db` would use for this application."""
    folder = Path(current_app.root_path).parent / "migrations"
    config: Config = current_app.extensions["migrate"].migrate.get_config(str(folder))
    return config


def _administrator(username: str, email: str, full_name: str) -> None:
    try:
        with unit_of_work():
            token = setup.first_administrator(username, full_name, email, at=now(), door="cli", system_user=system_user())
    except Rejected as refused:
        raise click.ClickException("; ".join(str(problem) for problem in refused.problems)) from None
    path = current_app.url_map.bind("").build("session.invitation", {"token": token})
    click.echo(f"Enlace para que «{username}» cree su contraseña (un solo uso, vence pronto):")
    click.echo(current_app.config["BASE_URL"].rstrip("/") + path)
