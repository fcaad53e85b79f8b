"""`gewu restore`: a backup into an empty home, with every check there is."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.output import Exit, Output, command, steps

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("backup", type=click.Path(exists=True, path_type=Path))
@click.option("--erasures", multiple=True, type=_FILE, help="A later journal of erasures, to forget what it names.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 32), help="Connections that restore.")
@click.option("--force", is_flag=True, hidden=True)
@command
def restore(out: Output, *, backup: Path, erasures: tuple[Path, ...], jobs: int, force: bool) -> None:
    """Restore BACKUP (a folder, a .tar, or the newest in a folder of backups) into an empty GEWU_HOME.

    The key file has to be there first. Afterwards every chain and seal is verified and compared with the backup, and
    what was erased after the backup was made is erased again. Exit code 1 when anything differs.
    """
    if force:
        raise click.UsageError("Nothing is ever overwritten. Set GEWU_HOME to a new folder and restore into that.")
    from gewu.keeping.backup import restore_backup

    with steps(out) as step:
        done = restore_backup(backup.absolute(), step=step, migrate=lambda: _migrate(out), journals=erasures, jobs=jobs)
    for fault in done.faults:
        out.say(fault)
    for note in done.notes:
        out.say(f"note: {note}")
    if done.erased_unknown:
        out.say(f"note: {done.erased_unknown} erased records are younger than the backup and are not in it")
    out.result(
        {
            "ok": done.ok,
            "home": str(done.home),
            "backup": str(done.backup),
            "snapshot": done.manifest.snapshot,
            "records": done.records,
            "events": done.events,
            "seals": done.seals,
            "photos": done.manifest.photos,
            "erased_again": done.erased,
            "migrations": done.migrations,
            "faults": done.faults,
            "notes": done.notes,
        },
        f"{done.records} records, {done.events} events, {done.seals} seals and {done.manifest.photos} photos restored "
        f"into {done.home}, as of {done.manifest.snapshot}; {done.erased} erased again: "
        + (
            "nothing is missing and nothing was altered"
            if done.ok
            else f"{len(done.faults)} faults; this home will not be used. Restore another backup into a new GEWU_HOME"
        ),
    )
    out.finish(Exit.OK if done.ok else Exit.PROBLEMS)


def _migrate(out: Output) -> list[str]:
    from gewu.surfaces.cli.environment import setup_django
    from gewu.surfaces.cli.migrate import run_migrations

    setup_django()
    return run_migrations(out)
