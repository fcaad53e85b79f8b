"""`gewu rebuild`: rebuild every record from its events and compare."""

from __future__ import annotations

import dataclasses

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


def fill_all(out: Output) -> int:
    """Give older records the rows of newer tables, in every district. Returns how many records got some."""
    from gewu.ledger.fill import fill
    from gewu.registry.models import District

    filled = 0
    with out.progress("filling") as progress:
        for district_id in District.objects.order_by("id").values_list("id", flat=True):
            filled += fill(district_id, progress)
    return filled


@click.command()
@click.option("--fill", "fills", is_flag=True, help="First write the rows that older records lack.")
@command
def rebuild(out: Output, *, fills: bool) -> None:
    """Rebuild every record from its events and compare it with the rows there are.

    Exit code 1 when a row differs.
    """
    with_database(out)
    from gewu.ledger.rebuild import rebuild_all

    if fills:
        fill_all(out)

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
