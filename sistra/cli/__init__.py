"""DOOR: the command line. Commands act as a user, say what they did in sentences, and never reveal an identity.

The entry on the trail names that user and the operating-system user; a command that fails ends with a code other than 0.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Hangs the commands on `flask --app wsgi`."""
    from sistra.cli import (
        access,
        backups,
        demo,
        exporting,
        facts,
        files,
        installing,
        pruning,
        reporting,
        searching,
        trail,
        worker,
    )

    for command in (
        installing.init,
        exporting.export,
        exporting.show,
        reporting.report,
        trail.audit_group,
        backups.backup_group,
        access.access_group,
        facts.facts_group,
        files.files_group,
        searching.search_group,
        pruning.prune,
        demo.demo,
        worker.worker,
    ):
        app.cli.add_command(command)
