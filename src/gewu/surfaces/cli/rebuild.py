"""`gewu rebuild`: rebuild every record from its events and compare."""

from __future__ import annotations

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
    for problem in report.problems:
        out.say(str(problem))
    out.result(report.as_dict(), str(report))
    out.finish(Exit.OK if report.ok else Exit.PROBLEMS)
