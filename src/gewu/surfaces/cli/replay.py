"""`gewu replay`: play an outside export of cases through the door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("export", metavar="CSV", type=_FILE)
@click.option("--mapping", required=True, type=_FILE, help="How the columns of the export become cases.")
@click.option("--territory", required=True, type=_FILE, help="The outlines of the places, GeoJSON.")
@click.option("--as-of", metavar="T", help="The instant at which the export was made, ISO 8601.")
@command
def replay(out: Output, *, export: Path, mapping: Path, territory: Path, as_of: str | None) -> None:
    """Play an outside export through intake, dispatch and closing, with its own times and deadlines.

    The last line of the output is always JSON. Exit code 1 when the ledger's chain does not hold.
    """
    instant = _instant(as_of) if as_of else None
    with_database(out)
    from gewu.cases import replay as room

    with out.progress("replaying") as progress:
        result = room.run(export, mapping=mapping, territory=territory, as_of=instant, progress=progress)
    # The figures are for programs in either mode; with `--json` nothing else stands on standard output.
    Output(as_json=True).result(result)
    out.finish(Exit.OK if result["chain_ok"] else Exit.PROBLEMS)


def _instant(text: str) -> datetime:
    """Return an instant; without an offset the mapping's time zone applies."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not an ISO 8601 instant, such as 2026-03-01T08:00:00+08:00") from error
