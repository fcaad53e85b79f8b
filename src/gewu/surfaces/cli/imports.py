"""`gewu import`: import a sheet of another platform, in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.imports.mapping import Platform
    from gewu.imports.runs import Run
    from gewu.registry.models import Post

_SHOWN = 12


@click.command("import")
@click.argument("platform")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--district", default="", help="Code of the district; needed only where there are several.")
@click.option("--post", default="", help="Code of the post in whose name it is done; the first intake officer's else.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="THEIRS=OURS",
    help="What an unknown category means: a key such as matter:06012, or - for none. May be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Only look through it.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows that were left out here, with reasons (.xlsx or .csv).",
)
@click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="The language of the report."
)
@command
def import_(
    out: Output,
    *,
    platform: str,
    file: Path,
    district: str,
    post: str,
    categories: tuple[str, ...],
    dry_run: bool,
    report: Path | None,
    language: str,
) -> None:
    """Import the cases of a sheet (XLSX or CSV) of PLATFORM, by its mapping.

    Good rows become cases, known numbers are not imported twice, bad rows are told with row and reason; exit code 1
    when there were any. What is broken off goes on when `gewu serve` runs.
    """
    with_database(out)
    from gewu.imports import runs
    from gewu.imports.problems import BadFile

    chart = _platform(platform)
    officer = _post(district, post)
    choices = dict(_choice(one) for one in categories)
    try:
        run = _looked(out, chart, officer, file, choices, language)
        if run.status == runs.CHECKED and dry_run:
            runs.cancel(run)
        elif run.status == runs.CHECKED:
            run = _carried(out, run, choices, language)
        _tell(out, run, report, language, dry_run=dry_run)
    except BadFile as error:
        out.result({"ok": False, "problem": error.problem.code}, str(error))
        out.finish(Exit.PROBLEMS)


def _platform(code: str) -> Platform:
    from gewu.imports.mapping import BadMapping, mapping_files, platform

    try:
        found = platform(code)
    except BadMapping as error:
        raise click.UsageError(f"the mapping of {code} cannot be used:\n{error}") from error
    if found is None:
        known = ", ".join(mapping_files())
        raise click.UsageError(f"there is no mapping of a platform {code!r}; there are: {known}")
    return found


def _post(district: str, code: str) -> Post:
    from gewu.imports.worker import MAY_IMPORT
    from gewu.registry.models import District, Post

    districts = District.objects.order_by("id")
    found = list(districts.filter(code=district) if district else districts)
    if len(found) != 1:
        codes = ", ".join(one.code for one in districts)
        raise click.UsageError(f"choose the district with --district; there are: {codes or 'none'}")
    posts = Post.objects.filter(district=found[0], retired_on=None, role__code=MAY_IMPORT).order_by("code")
    if code:
        posts = posts.filter(code=code)
    post = posts.exclude(person=None).first() or posts.first()
    if post is None:
        raise click.UsageError(f"there is no {'such ' if code else ''}post with the role {MAY_IMPORT} in this district")
    return post


def _choice(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.rpartition("=")
    if not equals or not theirs or not ours:
        raise click.UsageError(f"--category {text!r}: write it like 噪音=matter:06028")
    return theirs, ours


def _looked(out: Output, chart: Platform, officer: Post, file: Path, choices: dict[str, str], language: str) -> Run:
    from gewu.imports import runs, worker

    person = str(officer.person_id) if officer.person_id is not None else f"post:{officer.code}"
    name = f"cli-{os.getpid()}"
    run_id = runs.upload(
        officer.district_id, chart, file.name, file.read_bytes(), person=person, post=officer.code,
        language=language, worker=name,
    )  # fmt: skip
    run = runs.get(officer.district_id, run_id)
    assert run is not None
    run.choices.update(choices)
    out.note(f"looking through {file.name}")
    worker.carry(run)
    found = runs.get(officer.district_id, run_id)
    assert found is not None
    return found


def _carried(out: Output, run: Run, choices: dict[str, str], language: str) -> Run:
    from gewu.imports import runs, worker

    runs.confirm(run, choices, language, worker=f"cli-{os.getpid()}")
    mine = runs.get(run.district_id, run.id)
    assert mine is not None
    with out.progress("importing", run.total) as progress:
        worker.carry(mine, progress.advance)
    found = runs.get(run.district_id, run.id)
    assert found is not None
    return found


def _tell(out: Output, run: Run, report: Path | None, language: str, *, dry_run: bool) -> None:
    from gewu.imports import left
    from gewu.imports.problems import problem_of, text
    from gewu.surfaces import words

    if run.problem is not None:
        out.result({"ok": False, "problem": run.problem.code}, text(run.problem, language))
        out.finish(Exit.PROBLEMS)
    found = left.faults(run)
    for note in run.preview.get("notes", []):
        out.note(text(problem_of(note), language))
    for one in found[:_SHOWN]:
        reasons = "; ".join(text(problem, language, words.fault_text) for problem in one.problems)
        out.say(f"row {one.row}: {reasons}")
    if len(found) > _SHOWN:
        out.say(f"... and {len(found) - _SHOWN} more rows{'' if report else ' (--report FILE writes them all)'}")
    if report is not None:
        _write(run, report, language)
    counts = _counts(run, dry_run=dry_run)
    data: dict[str, Any] = {
        "ok": not counts["bad"], "dry_run": dry_run, **counts, "unknown_categories": run.preview.get("unknown", {}),
        "report": str(report) if report else None,
    }  # fmt: skip
    done = "would be imported" if dry_run else "imported"
    line = f"{counts['created']} {done}, {counts['changed']} known and changed, {counts['known']} known, "
    out.result(data, f"{line}{counts['bad']} left out")
    out.finish(Exit.PROBLEMS if counts["bad"] else Exit.OK)


def _counts(run: Run, *, dry_run: bool) -> dict[str, int]:
    if dry_run:
        seen = run.preview
        return {"rows": seen["rows"], "created": seen["good"], "changed": 0, "known": seen["known"], "bad": seen["bad"]}
    return {
        "rows": run.total, "created": run.created, "changed": run.changed, "known": run.known, "bad": run.bad,
    }  # fmt: skip


def _write(run: Run, path: Path, language: str) -> None:
    from gewu.imports.tables import csv_bytes, fault_table, xlsx_bytes
    from gewu.surfaces import words

    header, rows = fault_table(run, language, words.fault_text)
    data = csv_bytes(header, rows) if path.suffix.lower() == ".csv" else xlsx_bytes("bad rows", header, rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)  # it holds what people reported
