"""`gewu verify`: verify the chains and seals of the ledger."""

from __future__ import annotations

import dataclasses

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
    for note in report.notes:
        out.say(f"note: {note}")
    for fault in report.faults:
        event = f" event {fault.seq}" if fault.seq else ""
        out.say(f"district {fault.district_id} record {fault.record_id}{event}: {fault.reason}")
    out.result(
        {"ok": report.ok, **dataclasses.asdict(report)},
        f"{report.events} events of {report.records} records and {report.seals} seals: "
        + ("nothing was altered" if report.ok else f"{len(report.faults)} faults"),
    )
    out.finish(Exit.OK if report.ok else Exit.PROBLEMS)
