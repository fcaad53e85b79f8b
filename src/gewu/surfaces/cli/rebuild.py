"""`gewu rebuild`: rebuild every record from its events and compare."""

from __future__ import annotations

import dataclasses

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@command
def rebuild(out: Output) -> None:
    """Rebuild every record from its events and compare it with the rows there are.

    Exit code 1 when a row differs.
    """
    with_database(out)
    from gewu.ledger.rebuild import rebuild_all

    with out.progress("rebuilding") as progress:
        report = rebuild_all(progress=progress)
    for found in report.differences:
        out.say(f"district {found.district_id} record {found.record_id} {found.table}: {found.reason}")
    out.result(
        {"ok": report.ok, **dataclasses.asdict(report)},
        f"{report.records} records from {report.events} events, {report.erased} of them erased: "
        + ("the same rows" if report.ok else f"{len(report.differences)} differences"),
    )
    out.finish(Exit.OK if report.ok else Exit.PROBLEMS)
