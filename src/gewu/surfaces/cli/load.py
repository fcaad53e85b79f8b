"""`gewu load`: load packs into the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.registry.packs import LoadReport


@click.command()
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def load(out: Output, *, pack: Path) -> None:
    """Load a pack into the registry, whole or not at all; each bad row is named, with exit code 1."""
    with_database(out)
    report, text = load_one(out, pack)
    if report["ok"]:
        report["left_behind"] = _left_behind(out)
    out.result(report, text)
    out.finish(Exit.OK if report["ok"] else Exit.PROBLEMS)


def load_one(out: Output, pack: Path) -> tuple[dict[str, Any], str]:
    """Load one pack; return the result as data and as a line for people. The database must be ready."""
    from gewu.registry.packs import PackError, load_pack

    try:
        with out.progress(f"loading {pack.name}") as progress:
            report = load_pack(pack, progress=progress)
    except PackError as error:
        problems = [str(problem) for problem in error.problems]
        for problem in problems:
            out.say(problem)
        data = {"pack": str(pack), "ok": False, "problems": problems}
        return data, f"{pack}: {len(problems)} problems, nothing was loaded"
    for each in (*report.required, report):
        for note in each.notes:
            out.say(f"note: {each.pack}: {note}")
    data = {"ok": True, **_counts(report), "required": [_counts(each) for each in report.required]}
    return data, "\n".join(_line(each) for each in (*report.required, report))


def _left_behind(out: Output) -> list[dict[str, Any]]:
    """Tell of open records that a new version leaves under the old one, and what can be done."""
    from gewu.ledger.newversion import left_behind
    from gewu.registry.directory import get_directory
    from gewu.registry.models import District

    found = []
    for district_id in District.objects.order_by("id").values_list("id", flat=True):
        directory = get_directory(district_id)
        for name, records in sorted(left_behind(directory).items()):
            current = directory.playbook(name)
            version = current.version if current is not None else 0
            code = directory.district.code
            found.append({"district": code, "playbook": name, "in_force": version, "records": records})
            out.say(
                f"note: {code}: {records} open records of {name} go on under earlier versions. "
                f"See what a change would do: gewu playbook migrate {name} --to {version} --reason ..."
            )
    return found


def _counts(report: LoadReport) -> dict[str, Any]:
    names = ("pack", "version", "created", "updated", "retired", "unchanged", "notes")
    return {name: getattr(report, name) for name in names}


def _line(report: LoadReport) -> str:
    return (
        f"{report.pack} {report.version}: {report.created} created, {report.updated} updated, "
        f"{report.retired} retired, {report.unchanged} unchanged"
    )
