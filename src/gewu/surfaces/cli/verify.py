"""`gewu verify`: verify the chains and seals of the ledger."""

from __future__ import annotations

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@command
def verify(out: Output) -> None:
    """Verify every event's hash, every record's chain and every seal; name what was altered.

    Exit code 1 when anything was altered.
    """
    with_database(out)
    from gewu.ledger.verify import verify_all

    with out.progress("verifying") as progress:
        report = verify_all(progress=progress)
    for problem in report.problems:
        out.say(str(problem))
    out.result(report.as_dict(), str(report))
    out.finish(Exit.OK if report.ok else Exit.PROBLEMS)
