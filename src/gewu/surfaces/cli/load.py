"""`gewu load`: load packs into the registry."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def load(out: Output, *, pack: Path) -> None:
    """Load a pack into the registry, whole or not at all; each bad row is named, with exit code 1."""
    with_database(out)
    out.finish(load_one(out, pack))


def load_one(out: Output, pack: Path) -> Exit:
    """Load one pack and tell the result. The database must be ready."""
    from gewu.registry.packs import PackError, load_pack

    try:
        with out.progress(f"loading {pack.name}") as progress:
            report = load_pack(pack, progress=progress)
    except PackError as error:
        for problem in error.problems:
            out.say(str(problem))
        problems = [str(problem) for problem in error.problems]
        out.result({"pack": str(pack), "ok": False, "problems": problems}, f"{pack}: {len(problems)} problems")
        return Exit.PROBLEMS
    out.result({"pack": str(pack), "ok": True, **report.as_dict()}, f"{pack}: {report}")
    return Exit.OK
