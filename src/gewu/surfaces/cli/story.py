"""`gewu story`: the newspaper test. History as synthetic records, and the printed figures computed from them."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gewu.home import database
from gewu.surfaces.cli.environment import packs_folder, with_database
from gewu.surfaces.cli.load import load_one
from gewu.surfaces.cli.migrate import run_migrations
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.stories.files import Story
    from gewu.stories.play import Result, Told


@click.command()
@click.argument("name")
@click.option("--figures", "only_figures", is_flag=True, help="Only compute the figures; write nothing.")
@click.option("--leave-out", "share", default=0.0, type=click.FloatRange(0, 1), help="Leave out this share at random.")
@click.option("--seed", default=1, show_default=True, help="Which records a share leaves out.")
@command
def story(out: Output, *, name: str, only_figures: bool, share: float, seed: int) -> None:
    """Write a story (wanzhou-2019, wanzhou-2020, wanzhou-2024) and compare its figures with what was printed.

    Every record is synthetic and says so. What is there already is not written again. Exit code 1 when a figure does
    not hold, 2 when there is no such story.
    """
    from gewu.stories.files import find_stories

    known = find_stories(packs_folder())
    if name not in known:
        raise click.UsageError(f"there is no story {name!r}; there are {', '.join(known)}")
    with_database(out, migrated=False)
    run_migrations(out)
    results = run(out, name, known, only_figures=only_figures, share=share, seed=seed)
    _table(out, results)
    out.result([one.as_dict() for one in results if one.counted is not None])
    out.finish(Exit.OK if all(one.holds for one in results) else Exit.PROBLEMS)


def run(
    out: Output, name: str, known: dict[str, Path], *, only_figures: bool = False, share: float = 0.0, seed: int = 1
) -> list[Result]:
    """Load what the story needs, write what is missing of it, and compute its figures. Migrations have been run."""
    from gewu.stories import play
    from gewu.stories.files import BadStory, read_story

    try:
        told = read_story(known[name])
        _load_packs(out, told)
        if not only_figures:
            with out.progress(f"telling {name}") as progress:
                done = play.tell(name, known, share=share, seed=seed, progress=progress)
            if done.written:
                database.analyze()
            _say(out, name, done)
        return play.compute(told)
    except BadStory as error:
        for problem in error.problems:
            click.echo(f"gewu: {problem}", err=True)
        out.finish(Exit.USAGE)
    except play.StoryFailed as error:
        out.result({"error": str(error)}, str(error))
        out.finish(Exit.PROBLEMS)


def _load_packs(out: Output, told: Story) -> None:
    """Load the packs of a story unless its district is there; what somebody loaded is theirs."""
    from gewu.registry.models import District

    if District.objects.filter(code=told.district).exists():
        return
    for pack in told.packs:
        report, text = load_one(out, packs_folder() / pack)
        out.note(text)
        if not report["ok"]:
            out.result(report)
            out.finish(Exit.PROBLEMS)


def _say(out: Output, name: str, done: Told) -> None:
    if not done.written:
        out.say(f"The story {name} is there already; nothing was written")
        return
    left = f", {done.left_out} left out" if done.left_out else ""
    out.say(
        f"{name}: {done.records} synthetic records, {done.events} events, {done.photos} photos in"
        f" {done.seconds:.1f} s{left}"
    )
    if done.already:
        out.say(f"there already: {', '.join(done.already)}")


def _table(out: Output, results: list[Result]) -> None:
    """The figures as a table, then those that are not counted with the reason."""
    rows = [("id", "figure", "printed", "computed", "records", "period", "")]
    for one in results:
        if one.counted is None:
            continue
        figure, data = one.figure, one.as_dict()
        must = "" if figure.must == "exact" else f"{figure.must} "
        rows.append(
            (
                figure.id, figure.name.en, f"{must}{data['expected']} {figure.unit}", str(data["computed"]),
                str(data["records"]), one.period, "" if one.holds else "DOES NOT HOLD",
            )
        )  # fmt: skip
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        out.say(
            "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
        if not number:
            out.say("  ".join("-" * width for width in widths[:-1]))
    others = [one for one in results if one.figure.not_counted is not None]
    if others:
        out.say("\nNot counted here:")
    for one in others:
        why = one.figure.not_counted
        out.say(f"  {one.figure.id}  {one.figure.name.en}: {why.en if why else ''}")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
