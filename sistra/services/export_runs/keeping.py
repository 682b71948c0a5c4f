"""The rows of exports: their states, what of them is encrypted, and how one ends."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from sistra.access import vault
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.exports import ExportRun
from sistra.rules.problems import said
from sistra.services import audit, file_store
from sistra.services.export_runs.makers import MAKERS, Maker

QUEUED, RUNNING, DONE, FAILED, CANCELLED, REFUSED, EXPIRED = (
    "queued", "running", "done", "failed", "cancelled", "refused", "expired",
)  # fmt: skip
UNFINISHED: Final = (QUEUED, RUNNING)

REASONS: Mapping[str, str] = {
    "capability": said("Su rol ya no permite esta exportación: el archivo no se entrega y se destruyó."),
    "changed": said(
        "Después de pedirla cambió lo que usted puede ver de alguna de las denuncias: se revocó o venció un acceso, se selló "
        "o pasó a otro despacho. El archivo no se entrega y se destruyó. Puede pedirla otra vez con lo que ve ahora."
    ),
    "account": said("La cuenta de quien la pidió está suspendida. No se preparó ningún archivo."),
    "restart": said("El servicio que prepara las descargas se detuvo dos veces mientras la hacía. Pídala otra vez."),
    "error": said("Ocurrió un error al preparar el archivo. Pídala otra vez; si se repite, avise a quien administra el sistema."),
    "damaged": said("El archivo guardado ya no está o no está íntegro, y no se entrega. Pídala otra vez."),
}
"""Code of why an export came to nothing -> what its owner is told."""


def maker_of(run: ExportRun) -> Maker:
    """Who makes an export of its kind."""
    return MAKERS[run.kind]


def sealed(owner_id: int, slug: str, what: str, content: Any) -> bytes:
    """JSON encrypted under the owner's key, bound to its run and column."""
    plain = zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
    return vault.seal_for(("user", owner_id), plain, _place(slug, what))


def opened(run: ExportRun, what: str) -> Any:
    """What `sealed` encrypted into the column `what` (`ask` or `seen`). Raises Unsealable."""
    return json.loads(zlib.decompress(vault.open_for(("user", run.owner_id), getattr(run, what), _place(run.slug, what))))


def _place(slug: str, what: str) -> str:
    return f"export_run.{what}:{slug}"


def ask_of(run: ExportRun) -> Any:
    """What was asked, as its maker takes it."""
    return maker_of(run).unpacked(opened(run, "ask"))


def own_run(viewer: Viewer, slug: str, *, to_write: bool = False) -> ExportRun:
    """The viewer's own export. Raises NotVisible, for those of others too."""
    query = select(ExportRun).where(ExportRun.slug == slug[:32], ExportRun.owner_id == viewer.user_id)
    run = db.session.scalar(query.with_for_update().execution_options(populate_existing=True) if to_write else query)
    if run is None:
        raise NotVisible
    return run


def shown_state(run: ExportRun, at: datetime) -> str:
    """Its state at an instant: a file past its time has expired, whether it was removed yet or not."""
    return EXPIRED if run.state == DONE and run.expires_at is not None and run.expires_at <= at else run.state


def end(run: ExportRun, state: str, at: datetime, reason: str | None = None) -> None:
    """Brings an export to an end without a file: what was stored of it goes when the transaction is kept."""
    if run.storage_key is not None:
        file_store.remove(run.storage_key)
    run.state, run.reason, run.finished_at = state, reason, run.finished_at or at
    run.storage_key, run.seen, run.worker = None, None, None
    db.session.flush()


def note(viewer: Viewer | None, action: str, run: ExportRun, *, at: datetime | None = None, reason: str | None = None,
         **detail: Any) -> None:
    """An entry of the trail about an export. Without a viewer the worker itself acts."""
    audit.note(viewer, action, audit.Subject("export_run", run.id), at=at, door="job", reason=reason,
               detail={"kind": run.kind, "owner": run.owner_id} | detail)
