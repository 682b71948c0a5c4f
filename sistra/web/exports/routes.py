"""My downloads: how each stands, its file once it is ready, and giving it up.

A page that waits stands still, with a link that looks again. Who asks for it has it look by itself every few seconds, without
any script (a page that does so unasked takes the place from under who reads it slowly: WCAG 2.2.1); looking by itself, it does
not keep a session alive whose user has left, and a link stops it.
"""
from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.rules.problems import said
from sistra.services import export_runs
from sistra.services.export_runs import Run
from sistra.services.unit import unit_of_work
from sistra.web.downloads import sent
from sistra.web.guards import can, viewer

bp = Blueprint("exports", __name__)

SECONDS: Final = 5
"""Between two looks at a run that is not finished."""
_STATES = {
    "queued": (said("En espera"), "grey"),
    "running": (said("En preparación"), "blue"),
    "done": (said("Lista para descargar"), "green"),
    "failed": (said("Falló"), "red"),
    "cancelled": (said("Cancelada"), "grey"),
    "refused": (said("Denegada"), "amber"),
    "expired": (said("Vencida"), "grey"),
}
_HEADINGS = {
    "queued": said("Descarga en espera"),
    "running": said("Preparando la descarga"),
    "done": said("La descarga está lista"),
    "failed": said("La descarga no se pudo preparar"),
    "cancelled": said("Descarga cancelada"),
    "refused": said("La descarga no se entrega"),
    "expired": said("La descarga venció"),
}
_AGAIN = {"charges": "files.export_charges", "facts": "reports.microdata"}
"""Kind -> the page on which it is asked."""


@bp.get("/descargas")
@can("session.own")
def index() -> str:
    runs = [_line(run) for run in export_runs.own(viewer())]
    return render_template("exports/index.html", heading=_("Mis descargas"), runs=runs)


@bp.get("/descargas/<run_id>")
@can("session.own")
def show(run_id: str) -> str:
    run = export_runs.status(viewer(), run_id)
    by_itself = request.args.get("refresco") == "auto"
    g.unattended = by_itself
    return render_template(
        "exports/show.html",
        heading=_(_HEADINGS[run.state]),
        back=(_("Mis descargas"), url_for("exports.index")),
        run=_line(run),
        seconds=SECONDS if run.unfinished and by_itself else None,
    )


@bp.post("/descargas/<run_id>")
@can("session.own")
def cancel(run_id: str) -> Any:
    before = export_runs.status(viewer(), run_id)
    with unit_of_work():
        done = export_runs.cancel(viewer(), run_id)
    if done:
        flash(_("Se canceló la descarga.") if before.unfinished else _("Se eliminó el archivo."), "success")
    return redirect(url_for("exports.index"), 303)


@bp.post("/descargas/<run_id>/archivo")
@can("session.own", step_up=True)
def download(run_id: str) -> Any:
    with unit_of_work():
        found = export_runs.fetch(viewer(), run_id)
    if found is None:
        return redirect(url_for("exports.show", run_id=run_id), 303)
    return sent(found.pieces, found.name, found.media_type, found.size)


def _line(run: Run) -> dict[str, Any]:
    state, colour = _STATES[run.state]
    return {
        "slug": run.slug, "code": run.state, "label": _(run.label), "state": _(state), "colour": colour,
        "unfinished": run.unfinished, "percent": run.percent, "created": run.created_at, "expires": run.expires_at,
        "name": run.file_name or "", "size": _size(run.size_bytes), "told": _(run.told) if run.told else "",
        "rows": _rows(run), "downloads": run.downloads,
        "again": _again(run),
    }  # fmt: skip


def _again(run: Run) -> str:
    texts: dict[str, Any] = dict(run.again)
    return url_for(_AGAIN[run.kind], **texts)


def _rows(run: Run) -> str:
    if run.state == "running":
        total = max(run.rows_total, run.rows_done)
        return str(_("%(done)s de %(total)s filas", done=f"{run.rows_done:,}", total=f"{total:,}"))
    return str(ngettext("%(count)s fila", "%(count)s filas", run.rows_total, count=f"{run.rows_total:,}"))


def _size(octets: int | None) -> str:
    if octets is None:
        return ""
    return f"{octets / 1024 / 1024:.1f} MB" if octets >= 1024 * 1024 else f"{max(1, round(octets / 1024))} KB"
