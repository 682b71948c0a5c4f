"""`export` and `show`: what a user sees, as a file. Identities stay masked: no option reveals them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import click

from sistra.cli.acting import acting, as_user, free, in_sentences, out_file, write
from sistra.codebook.terms import codelist
from sistra.formats.pdf import write_dossier
from sistra.rules import facets
from sistra.rules.reports import cells
from sistra.services import charge_list, exports
from sistra.services.charge_list import CELL, OFFICE, RESPONSIBLE
from sistra.services.unit import unit_of_work

_FILTERS = (*facets.CHARGES, "mias", RESPONSIBLE, OFFICE, CELL)
_reason = click.option(
    "--reason",
    "reason_code",
    type=click.Choice(sorted(codelist("export_reason"))),
    default="OTH",
    show_default=True,
    help="Motivo (código de la lista «export_reason»).",
)
_reason_text = click.option(
    "--reason-text", default="Orden de la línea de comandos", show_default=True, help="Explicación del motivo."
)


@click.command("export")
@click.argument("unit", type=click.Choice([*exports.UNITS, "all"]))
@as_user
@click.option("--format", "of_format", type=click.Choice(["xlsx", "csv", "pdf"]), required=True)
@out_file
@click.option("--filter", "filters", multiple=True, metavar="CAMPO=VALOR", help=f"Filtro de la lista: {', '.join(_FILTERS)}.")
@_reason
@_reason_text
@in_sentences
def export(
    unit: str, username: str, of_format: str, out: Path, filters: tuple[str, ...], reason_code: str, reason_text: str
) -> None:
    """Exporta lo que un usuario ve en la lista de denuncias: una unidad, o todas («all») en un libro."""
    viewer, path = acting(username), free(out)
    units = tuple(exports.UNITS) if unit == "all" else (unit,)
    ask = exports.Ask(charge_list.asked(_filters(filters)), units, of_format, reason_code, reason_text)
    exported = exports.make(viewer, ask)
    with unit_of_work():
        exports.note(viewer, ask, exported)
    write(path, exported.content)
    for name, rows in exported.written.rows.items():
        click.echo(f"{name}: {rows} filas, SHA-256 {exported.written.digests[name]}")
    if exported.selection.outlines:
        click.echo(f"{exported.selection.outlines} denuncias selladas no se incluyen.")


def _filters(texts: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or name not in _FILTERS:
            raise click.BadParameter(f"«{text}» no es un filtro. Se aceptan: {', '.join(f'{one}=...' for one in _FILTERS)}.")
        if not _has(name, value):
            raise click.BadParameter(f"«{value}» no es un valor de «{name}».")
        found.setdefault(name, []).append(value)
    return found


def _has(name: str, value: str) -> bool:
    """Whether a filter has that value."""
    if name == CELL:
        return cells.of(value) is not None
    return facets.is_key(value) if name in (RESPONSIBLE, OFFICE) else name == "mias" or facets.CHARGES[name].has(value)


@click.command("show")
@click.argument("number")
@as_user
@click.option("--format", "of_format", type=click.Choice(["json", "pdf"]), required=True)
@out_file
@_reason
@_reason_text
@in_sentences
def show(number: str, username: str, of_format: str, out: Path, reason_code: str, reason_text: str) -> None:
    """Escribe una denuncia completa como JSON o PDF, con las identidades reservadas."""
    viewer, path = acting(username), free(out)
    with unit_of_work():
        if of_format == "json":
            content = exports.charge_json(viewer, number, reason_code=reason_code, reason_text=reason_text).encode()
        else:
            stream = BytesIO()
            write_dossier(
                stream,
                exports.of_charge(
                    viewer, number, list(exports.CHARGE_SECTIONS), reason_code=reason_code, reason_text=reason_text
                ),
            )
            content = stream.getvalue()
    write(path, content)
    click.echo(f"Se escribió {path}.")
