"""`worker`: carries out what pages leave for the background, until it is stopped."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from flask import Flask, current_app
from huey.consumer import Consumer

from sistra.cli.acting import in_sentences, now
from sistra.services import export_runs, jobs

EVERY: Final = 20.0
"""Seconds between two signs of life. Well below `export_runs.LOST_AFTER`."""
LONGEST_WAIT: Final = 2.0
"""Seconds at most between two looks into an empty queue."""
_log = logging.getLogger("sistra")


@click.command("worker")
@in_sentences
def worker() -> None:
    """Prepara en segundo plano las descargas largas. Manténgalo en marcha junto al servidor."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        carrier = Carrier(app)
    except jobs.Unavailable as refused:
        raise click.ClickException(str(refused)) from None
    click.echo("Preparando descargas en segundo plano. (Ctrl+C lo detiene cuando termine la que está en curso)")
    carrier.run()
    click.echo("Detenido.")


class _Guest(Consumer):  # type: ignore[misc]
    """Huey's consumer in a process that has another business: its signals stay as they are."""

    def _set_signal_handlers(self) -> None:
        pass


class Carrier:
    """A consumer of the queue, and a thread that gives signs of life and puts lost runs back into line.

    Raises `jobs.Unavailable`.
    """

    def __init__(self, app: Flask, consumer: type[Consumer] = Consumer) -> None:
        self._app, self._stopped = app, threading.Event()
        self._name = f"{socket.gethostname()[:20]}-{secrets.token_hex(6)}"
        with app.app_context():
            self._line = jobs.line(now, worker=self._name, around=app.app_context)
        self._consumer = consumer(self._line.queue, workers=1, periodic=False, max_delay=LONGEST_WAIT)

    def run(self) -> None:
        """Works until the process is told to stop: SIGINT lets the run in hand come to its end, SIGTERM gives it back."""
        with self._alive():
            self._consumer.run()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Works as long as what is done inside lasts."""
        with self._alive():
            self._consumer.start()
            try:
                yield
            finally:
                self._consumer.stop()

    @contextmanager
    def _alive(self) -> Iterator[None]:
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            yield
        finally:
            self._stopped.set()
            beating.join(timeout=EVERY)
            with self._app.app_context():
                export_runs.abandon(self._name)

    def _beat(self) -> None:
        while True:
            try:
                with self._app.app_context():
                    export_runs.keep_alive(self._name, now())
                    export_runs.recover(now())
                    self._line.refill()
            except Exception as error:  # the database is away for a while: the next beat tries again
                _log.error("worker %s: %s", self._name, type(error).__name__)
            if self._stopped.wait(EVERY):
                return


@contextmanager
def working_beside(app: Flask) -> Iterator[None]:
    """A worker in the same process, for a demonstration. Raises `jobs.Unavailable`."""
    with Carrier(app, _Guest).beside():
        yield
