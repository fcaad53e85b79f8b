"""`gewu xes`: the event log of a district as XES, for process mining."""

from __future__ import annotations

import gzip
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Output, command

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--district", default="", help="Code of the district; needed only where there are several.")
@click.option("--from", "since", type=_DAY, help="Cases reported on this day or later.")
@click.option("--to", "until", type=_DAY, help="Cases reported on this day or before.")
@click.option("--titles", type=click.Choice(["en", "zh"]), help="Call moves by their titles instead of their codes.")
@click.option("--without-clocks", is_flag=True, help="Leave out what clocks did (warnings, deadlines, ladders).")
@command
def xes(
    out: Output,
    *,
    file: Path,
    district: str,
    since: datetime | None,
    until: datetime | None,
    titles: str | None,
    without_clocks: bool,
) -> None:
    """Write the log of a district's cases to FILE in XES (IEEE 1849-2016), packed if its name ends in .gz.

    A case is a trace. No free words, no telephone numbers, no names of persons are written.
    """
    with_database(out)
    from gewu.cases.xes import Asked, write_xes
    from gewu.registry.models import District

    districts = District.objects.order_by("id")
    found = list(districts.filter(code=district) if district else districts)
    if len(found) != 1:
        codes = ", ".join(one.code for one in districts)
        raise click.UsageError(f"choose the district with --district; there are: {codes or 'none'}")
    zone = ZoneInfo(found[0].timezone)
    asked = Asked(
        _midnight(since.date(), zone) if since else None,
        _midnight(until.date() + timedelta(days=1), zone) if until else None,
        titles or "",
        not without_clocks,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    packed = file.suffix == ".gz"
    with file.open("wb") as raw:
        if packed:
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as zipped, _text(zipped) as stream:
                written = write_xes(stream, found[0].id, asked)
        else:
            with _text(raw) as stream:
                written = write_xes(stream, found[0].id, asked)
    data = {"file": str(file), "traces": written.traces, "events": written.events}
    out.result(data, f"{file}: {written.traces} traces, {written.events} events")


def _text(raw: IO[bytes] | gzip.GzipFile) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding="utf-8", newline="\n", write_through=False)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
