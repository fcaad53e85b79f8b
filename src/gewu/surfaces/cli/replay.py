"""`gewu replay`: play an outside export of cases through the door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from gewu.home.layout import Home
from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, Progress, command

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 10


@click.command()
@click.argument("export", metavar="CSV", type=_FILE)
@click.option("--mapping", required=True, type=_FILE, help="How the columns of the export become cases.")
@click.option("--territory", required=True, type=_FILE, help="The outlines of the places, GeoJSON.")
@click.option("--as-of", metavar="T", help="How far to play, ISO 8601 (default: the newest instant in the data).")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="How many processes share the work (default: by cores and rows)."
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to name rejected rows.")
@command
def replay(
    out: Output,
    *,
    export: Path,
    mapping: Path,
    territory: Path,
    as_of: str | None,
    processes: int | None,
    report: Path | None,
) -> None:
    """Play an outside export through intake, dispatch and closing, with its own times and deadlines.

    The last line of the output is always JSON. A file that was played before adds nothing. Exit code 1 when the
    ledger's chain does not hold or no case of the file is there, 2 when mapping, export or territory are of no use.
    """
    instant = _instant(as_of) if as_of else None
    with_database(out)
    from gewu.cases import replay as room
    from gewu.registry.packs import PackError

    with _steps(out) as step:
        try:
            result = room.run(
                export,
                mapping=mapping,
                territory=territory,
                as_of=instant,
                processes=processes or 0,
                progress=step,
            )
        except room.BadMapping as error:
            _refuse(out, mapping, [str(problem) for problem in error.problems])
        except room.BadExport as error:
            _refuse(out, export, [str(error)])
        except PackError as error:
            _refuse(out, mapping, [str(problem) for problem in error.problems])
    _say(out, result, report)
    # The figures are for programs in either mode; with `--json` nothing else stands on standard output.
    Output(as_json=True).result(result.as_dict())
    there = result.cases_filed + result.already
    out.finish(Exit.OK if result.chain_ok and there else Exit.PROBLEMS)


def _say(out: Output, result: Any, report: Path | None) -> None:
    from gewu.cases import replay as room

    if result.rejected:
        path = report or Home.current().path / "reports" / room.report_name(result.mapping)
        room.write_rejected(result.rejected, path)
        for one in result.rejected[:_SHOWN]:
            click.echo(f"line {one.line}: {one.reason}", err=True)
        if len(result.rejected) > _SHOWN:
            click.echo(f"and {len(result.rejected) - _SHOWN} more", err=True)
        click.echo(f"{len(result.rejected)} rows rejected, each named in {path}", err=True)
    if result.already:
        click.echo(f"{result.already} cases were there already and were left as they are", err=True)
    if result.later:
        click.echo(f"{result.later} rows were opened after the instant to play to, and left out", err=True)
    for fault in result.faults[:_SHOWN]:
        click.echo(fault, err=True)
    figures = result.as_dict()
    out.say(f"district {result.district}: {result.cases_in} rows, {result.cases_filed} cases filed")
    out.say(f"{result.events} events in {result.seconds:.1f} s, {figures['cases_per_s']} cases/s")
    out.say(f"closed with a target: {result.closed_on_time} in time, {result.closed_overdue} late")
    out.say(f"recorded place agrees with the position: {result.ward_agreement} of {result.ward_compared}")
    out.say("the chain of the district's events is whole" if result.chain_ok else "the chain is broken")


@contextmanager
def _steps(out: Output) -> Iterator[Any]:
    """Steps one after the other, each closed when the next begins."""
    running: list[Progress] = []

    def step(label: str, total: int | None) -> Progress:
        while running:
            running.pop().close()
        running.append(out.progress(label, total))
        return running[-1]

    try:
        yield step
    finally:
        while running:
            running.pop().close()


def _refuse(out: Output, path: Path, problems: list[str]) -> NoReturn:
    for problem in problems:
        click.echo(f"gewu: {problem}", err=True)
    if out.as_json:
        out.result({"error": f"{path} cannot be used", "problems": problems})
    out.finish(Exit.USAGE)


def _instant(text: str) -> datetime:
    """Return an instant; without an offset the mapping's time zone applies."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not an ISO 8601 instant, such as 2026-03-01T08:00:00+08:00") from error
