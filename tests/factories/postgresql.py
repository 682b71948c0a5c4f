"""A PostgreSQL cluster of the tests' own: in a temporary folder, reached by a socket in it, gone at the end."""
from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

_SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=60", "timezone=UTC")
_numbers = itertools.count(1)


class Missing(RuntimeError):
    """The machine has no PostgreSQL programs, or nobody but root to run them."""


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    raise Missing("no PostgreSQL programs (initdb, pg_ctl) on this machine")


def _owner() -> pwd.struct_passwd | None:
    """The unprivileged user that runs the server when the tests run as root: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known and shutil.which("runuser"):
            return known[name]
    raise Missing("no unprivileged user to run PostgreSQL as")


class Cluster:
    """One server. Databases are made and dropped by name; `url` is what the application connects to."""

    def __init__(self) -> None:
        self._bin, self._user = _programs(), _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="sistra-pg-"))
        self._data, self._log = self.folder / "data", self.folder / "log"
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)

    def start(self) -> None:
        self._run(
            "initdb", "-D", str(self._data), "-U", "sistra", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        settings = " ".join(f"-c {one}" for one in (*_SETTINGS, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-o", settings, "-w", "-t", "60", "start")

    def stop(self) -> None:
        try:
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self._bin / program), *arguments)
        if self._user:
            command = ("runuser", "-u", self._user.pw_name, "--", *command)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        said = self.folder / f"{program}.out"
        with said.open("w") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder, env=environment
            )
        if done.returncode:
            raise RuntimeError(
                f"{program} failed:\n{said.read_text()}{self._log.read_text() if self._log.exists() else ''}"
            )

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://sistra@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database, a copy of `template` (to which nobody may be connected)."""
        name = f"sistra_{next(_numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="sistra", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)
