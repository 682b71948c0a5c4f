"""Backups: the database as it stands at one moment, the files that it knows, and never the keys."""

from sistra.services.backup.archive import Made, Manifest, create, note_made, verify
from sistra.services.backup.copies import Unusable
from sistra.services.backup.recovery import Restored, note_restored, restore

__all__ = ["Made", "Manifest", "Restored", "Unusable", "create", "note_made", "note_restored", "restore", "verify"]
