"""`gewu check`: check a pack without loading it."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.environment import setup_django
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def check(out: Output, *, pack: Path) -> None:
    """Check a pack without loading it: each problem with file, line and reason; exit code 1 when there is one."""
    setup_django()
    from gewu.registry.packs import check_pack

    problems = check_pack(pack)
    for problem in problems:
        out.say(str(problem))
    out.result(
        {"pack": str(pack), "ok": not problems, "problems": [str(problem) for problem in problems]},
        f"{pack}: {len(problems)} problems" if problems else f"{pack}: sound",
    )
    out.finish(Exit.PROBLEMS if problems else Exit.OK)
