"""What every command shares: who acts, refusals as sentences, files that are written whole or not at all."""

from __future__ import annotations

import getpass
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.rules.problems import Rejected
from sistra.services import installation, signin
from sistra.services.backup import Unusable
from sistra.services.unit import Busy, end_reading

Command = TypeVar("Command", bound=Callable[..., Any])

as_user = click.option("--as", "username", required=True, metavar="USUARIO", help="Usuario en cuyo nombre se actúa.")
out_file = click.option(
    "--out",
    "out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Archivo que se crea; no se sobrescribe ninguno.",
)


def now() -> datetime:
    return datetime.now(UTC)


def system_user() -> str:
    """The operating-system user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def acting(username: str) -> Viewer:
    """The viewer that a command acts as."""
    try:
        return signin.command_viewer(username, at=now(), system_user=system_user())
    except LookupError:
        raise click.ClickException(f"No hay un usuario activo «{username}».") from None
    finally:
        end_reading()


def rebuilding(words: str, compare: Callable[[], None], correct: Callable[[Viewer], None]) -> click.Command:
    """The command `rebuild` of what is derived from the records; `words` are its help.

    `compare` says what differs, and raises ClickException where anything does; `correct` puts it right and says how much.
    """

    @click.command("rebuild", help=words)
    @click.option("--check", is_flag=True, help="Solo compara; termina con 1 si hay diferencias.")
    @click.option("--as", "username", metavar="USUARIO", help="Quien administra; hace falta para corregir.")
    @in_sentences
    def rebuild(check: bool, username: str | None) -> None:
        if check:
            compare()
        elif username is None:
            raise click.UsageError("Para corregir indique --as USUARIO; para solo comparar, --check.")
        else:
            correct(acting(username))

    return rebuild


def in_sentences(command: Command) -> Command:
    """Turns refusals into a sentence and a code other than 0; runs in the application's context, once it is installed."""
    return _guarded(command, tables=True)


def before_tables(command: Command) -> Command:
    """As `in_sentences`, for a command that needs the keys and no tables yet."""
    return _guarded(command, tables=False)


def _guarded(command: Command, *, tables: bool) -> Command:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            installation.check(tables=tables)
            return command(*args, **kwargs)
        except Exception as refused:
            if (sentence := _sentence(refused)) is None:
                raise
            raise click.ClickException(sentence) from None

    return with_appcontext(run)  # type: ignore[return-value]


def _sentence(refused: Exception) -> str | None:
    """What is said of a refusal, or None for what is no refusal."""
    match refused:
        case installation.NotInstalled() | Unusable():
            return str(refused)
        case NotVisible():
            return "No existe, o ese usuario no puede verlo."
        case Forbidden():
            return "El rol de ese usuario no permite hacer esto."
        case Rejected():
            return "; ".join(str(problem) for problem in refused.problems)
        case Busy():
            return "La base de datos está ocupada: intente otra vez en unos segundos."
        case FileExistsError():
            return f"Ya existe {_name(refused)}: no se sobrescribe. Elija otro nombre."
        case OSError():
            return f"No se pudo leer o escribir {_name(refused)}: {refused.strerror}."
    return None


def _name(error: OSError) -> str:
    return str(error.filename or (error.args[0] if error.args else "el archivo"))


def free(path: Path) -> Path:
    """The path, where no file stands yet. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(17, "existe", str(path))
    return path


def write(path: Path, content: bytes) -> None:
    """Writes a file that its owner alone reads: whole, or not at all. Raises FileExistsError, OSError."""
    handle, passing = tempfile.mkstemp(prefix=".sistra-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(passing, path)
    finally:
        os.unlink(passing)
