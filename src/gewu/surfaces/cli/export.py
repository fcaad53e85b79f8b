"""`gewu export`: the facts and events of evaluation as Parquet, for columnar engines and outside auditors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, Progress, command

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--parquet", "folder", required=True, metavar="DIR", type=_FOLDER, help="The folder to write.")
@click.option("--district", metavar="CODE", help="Only this district (default: all).")
@command
def export(out: Output, *, folder: Path, district: str | None) -> None:
    """Export facts, recurrence, appeals and events to Parquet, from one snapshot.

    An earlier export in the folder is replaced once the new one is whole; any other folder is left alone (exit code 2).
    """
    with_database(out)
    from gewu.evaluation import export as room
    from gewu.registry.models import District

    ids = []
    if district is not None:
        ids = list(District.objects.filter(code=district).values_list("id", flat=True))
        if not ids:
            _refuse(out, f"there is no district {district}")
    with _steps(out) as step:
        try:
            made = room.export(ids, folder, step=step)
        except (room.NotAnExport, room.NoDistrict) as error:
            _refuse(out, str(error))
    rows = ", ".join(f"{name} {count}" for name, count in made.rows.items())
    out.result(
        {"folder": str(made.folder), "as_of": made.as_of, "rows": made.rows, "bytes": made.bytes},
        f"{made.folder}: {rows} ({made.bytes // 1000} kB)",
    )


def _refuse(out: Output, reason: str) -> None:
    out.result({"error": reason})
    if not out.as_json:
        click.echo(f"gewu: {reason}", err=True)
    out.finish(Exit.USAGE)


@contextmanager
def _steps(out: Output) -> Iterator[Any]:
    """One line of progress for each file."""
    running: list[Progress] = []

    def step(label: str, total: int) -> Progress:
        while running:
            running.pop().close()
        running.append(out.progress(label, total))
        return running[-1]

    try:
        yield step
    finally:
        while running:
            running.pop().close()
