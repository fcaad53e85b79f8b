"""`gewu check`: check packs without loading them."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.environment import setup_django
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@click.argument(
    "packs", metavar="PACK...", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@command
def check(out: Output, *, packs: tuple[Path, ...]) -> None:
    """Check packs without loading them: each problem with file, line and reason; exit code 1 when there is one.

    Remarks say what a playbook goes on without because nobody in the district holds a role; they refuse nothing.
    """
    setup_django()
    from gewu.registry.packs import examine_pack

    told: list[dict[str, object]] = []
    lines: list[str] = []
    for pack in packs:
        found = examine_pack(pack)
        problems, remarks = ([str(one) for one in some] for some in (found.sorted(), found.remarks))
        for problem in problems:
            out.say(problem)
        for remark in remarks:
            out.say(f"remark: {remark}")
        told.append({"pack": str(pack), "ok": not problems, "problems": problems, "remarks": remarks})
        lines.append(f"{pack}: {len(problems)} problems" if problems else f"{pack}: sound")
    sound = all(one["ok"] for one in told)
    out.result(told[0] if len(told) == 1 else {"ok": sound, "packs": told}, "\n".join(lines))
    out.finish(Exit.OK if sound else Exit.PROBLEMS)
