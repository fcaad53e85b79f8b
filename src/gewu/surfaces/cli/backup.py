"""`gewu backup`: a backup of database and photos while the service runs."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Output, command, steps


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Afterwards keep only so many of the newest backups of a folder.")
@click.option("--full", is_flag=True, help="Copy every photo anew instead of sharing those of the backup before.")
@command
def backup(out: Output, *, target: Path, keep: int | None, full: bool) -> None:
    """Back up database and photos into a new folder below TARGET, or into the file TARGET if it ends in .tar.

    Everything may go on meanwhile. The key file is not in it: keep a copy of it elsewhere.
    """
    if keep is not None and target.suffix == ".tar":
        raise click.BadParameter("a single file has no others to keep; name a folder", param_hint="--keep")
    with_database(out, migrated=False)
    from gewu.keeping.backup import make_backup

    with steps(out) as step:
        made = make_backup(target.absolute(), step=step, keep=keep, full=full)
    found = made.manifest
    text = (
        f"{made.path}\n{found.counts.get('ledger_record', 0)} records, {found.counts.get('ledger_event', 0)} events, "
        f"{found.photos} photos ({made.linked} shared with the backup before)"
    )
    if found.gone:
        text += f"\n{len(found.gone)} photos were erased or missing and are not in it"
    if made.removed:
        text += f"\nremoved: {', '.join(made.removed)}"
    text += f"\nneeds the master keys {', '.join(found.keys)}; SHA-256 of its manifest: {made.sha256}"
    out.result(
        {
            "path": str(made.path),
            "snapshot": found.snapshot,
            "counts": found.counts,
            "photos": found.photos,
            "linked": made.linked,
            "gone": found.gone,
            "keys": sorted(found.keys),
            "removed": list(made.removed),
            "manifest_sha256": made.sha256,
        },
        text,
    )
