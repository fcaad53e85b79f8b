"""`gewu verify`: verify the chains and seals of the ledger."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@click.option(
    "--against",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A seal that was published, or a folder of them: whether the ledger still agrees with it.",
)
@click.argument("more", nargs=-1, type=click.Path(exists=True, path_type=Path))
@command
def verify(out: Output, *, against: tuple[Path, ...], more: tuple[Path, ...]) -> None:
    """Verify every event's hash, every record's chain and every seal; name what was altered.

    With --against FILE [FILE ...] published seals are compared with the ledger too: whoever rewrote the past together
    with all its seals cannot rewrite a file that somebody else kept. Exit code 1 when anything was altered.
    """
    if more and not against:
        raise click.UsageError("Files come after --against.")
    with_database(out)
    from gewu.keeping.seals import compare
    from gewu.ledger.verify import verify_all

    with out.progress("verifying") as progress:
        report = verify_all(progress=progress)
    for note in report.notes:
        out.say(f"note: {note}")
    for fault in report.faults:
        event = f" event {fault.seq}" if fault.seq else ""
        out.say(f"district {fault.district_id} record {fault.record_id}{event}: {fault.reason}")
    compared, misfits = compare((*against, *more))
    for misfit in misfits:
        out.say(str(misfit))
    ok = report.ok and not misfits and not (against and not compared)
    text = f"{report.events} events of {report.records} records and {report.seals} seals: " + (
        "nothing was altered" if report.ok else f"{len(report.faults)} faults"
    )
    if against:
        text += f"\n{compared} published seals: " + (
            "there is no seal in what was given" if not compared
            else "the ledger agrees with all" if not misfits
            else f"{len(misfits)} do not fit"
        )  # fmt: skip
    out.result(
        {
            "ok": ok,
            **dataclasses.asdict(report),
            "compared": compared,
            "misfits": [dataclasses.asdict(one) for one in misfits],
        },
        text,
    )
    out.finish(Exit.OK if ok else Exit.PROBLEMS)
