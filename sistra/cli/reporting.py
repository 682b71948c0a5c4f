"""`report`: a report of the statistics as a file, with the figures that its user may be told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sistra.cli.acting import acting, as_user, free, in_sentences, out_file, write
from sistra.codebook.terms import codelist
from sistra.formats.media import MEDIA_TYPES
from sistra.formats.table import printed
from sistra.rules.entries import LIMA
from sistra.rules.reports.definitions import REPORTS
from sistra.rules.reports.periods import Period
from sistra.services import report_files, reports
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work

_DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


@click.command("report")
@click.argument("code", type=click.Choice(list(REPORTS)))
@as_user
@click.option("--from", "since", type=_DAY, required=True, metavar="FECHA", help="Desde ese día; se amplía al mes completo.")
@click.option("--to", "until", type=_DAY, required=True, metavar="FECHA", help="Hasta ese día; se amplía al mes completo.")
@click.option("--format", "of_format", type=click.Choice(list(MEDIA_TYPES)), required=True)
@out_file
@click.option("--district", default="", metavar="CÓDIGO", help="Solo ese distrito fiscal.")
@click.option("--border", default="", metavar="PAÍS", help="Solo la región que limita con ese país.")
@click.option("--audience", type=click.Choice([reports.INTERNAL, reports.AGENCIES]), help="Para quién: exactas o redondeadas.")
@click.option("--at", "at", metavar="INSTANTE", help="Los datos tal como estaban entonces (2026-11-21T15:00, hora de Lima).")
@in_sentences
def report(
    code: str, username: str, since: datetime, until: datetime, of_format: str, out: Path, district: str, border: str,
    audience: str | None, at: str | None
) -> None:
    """Escribe un reporte de estadísticas con las cifras que ese usuario puede ver."""
    viewer, path = acting(username), free(out)
    allowed = reports.audiences(viewer)
    if audience is not None and audience not in allowed:
        raise click.BadParameter(f"a ese usuario se le dan cifras para: {', '.join(allowed)}.", param_hint="--audience")
    period = Period.months_of(since.date(), until.date())
    told = reports.tell(viewer, Ask(code, period, district, border, audience or allowed[0], _instant(at)))
    made = report_files.make(viewer, told, of_format)
    with unit_of_work():
        report_files.note(viewer, told, of_format)
    write(path, made.content)
    _say(told, since, until)


def _instant(text: str | None) -> datetime | None:
    """An instant of the command line; without an offset it is of Lima."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=LIMA)).astimezone(UTC)
        found.astimezone(LIMA)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"«{text}» no es un instante; por ejemplo, 2026-11-21T15:00.", param_hint="--at") from None
    return found


def _say(told: Told, since: datetime, until: datetime) -> None:
    period = told.ask.period
    if (period.first, period.last) != (since.date(), until.date()):
        click.echo(f"El periodo se amplió a meses completos: del {period.first:%d/%m/%Y} al {period.last:%d/%m/%Y}.")
    rows = len(list(reports.tidy(told.tables).rows))
    told_as = "redondeadas" if told.rounded else "exactas"
    place = f", {codelist('fiscal_district')[told.ask.district].label_es}" if told.ask.district else ""
    title = f"{told.report.code}: {told.report.term.label_es}{place}"
    click.echo(f"{title}. {report_files.reach_words(told)}. Datos al {printed(told.at)}.")
    click.echo(f"datos: {rows} filas, cifras {told_as}, SHA-256 {told.digest}")
