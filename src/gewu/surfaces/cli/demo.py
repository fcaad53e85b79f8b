"""`gewu demo`: a district to try, from nothing to a served month of cases in one command."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gewu.home import database
from gewu.surfaces.cli.environment import packs_folder, with_database
from gewu.surfaces.cli.load import load_one
from gewu.surfaces.cli.migrate import run_migrations
from gewu.surfaces.cli.output import Exit, Output, command
from gewu.surfaces.cli.serve import run_server

if TYPE_CHECKING:
    from gewu.cases.demo import Login

_PACKS = ("standard", "wanzhou")
_STORY = "wanzhou-2019"


@click.command()
@click.option("--cases", "count", default=2000, show_default=True, type=click.IntRange(0), help="Synthetic cases.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same month.")
@click.option("--story/--no-story", "with_story", default=True, help="Also the year 2019 as it was printed (default).")
@click.option("--serve", "and_serve", is_flag=True, help="Serve it afterwards, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@command
def demo(out: Output, *, count: int, seed: int, with_story: bool, and_serve: bool, host: str, port: int) -> None:
    """Set up Wanzhou with a month of clearly synthetic cases; what is there already stays as it is."""
    folder = packs_folder()
    with_database(out, migrated=False)
    run_migrations(out)
    for name in _PACKS:
        _load(out, folder / name)
    _reforms(folder)
    from gewu.cases import demo as room
    from gewu.registry.marks import mark_synthetic
    from gewu.registry.models import District

    if count:
        mark_synthetic(District.objects.get(code=room.DISTRICT).pk)

    with out.progress("synthetic cases") as progress:
        try:
            made = room.run(count=count, seed=seed, progress=progress)
        except room.DemoFailed as error:
            out.result({"error": str(error)}, str(error))
            out.finish(Exit.PROBLEMS)
    if made.already:
        out.say(f"{made.already} synthetic cases are there already; they were left as they are")
    else:
        out.say(f"{made.cases} synthetic cases, {made.events} events, {made.photos} photos in {made.seconds:.1f} s")
    if made.cases:
        database.analyze()
    entries = _registers() if count else 0
    if entries:
        out.say(f"{entries} synthetic entries in the registers of the office")
    rounds = _rounds() if count else 0
    if rounds:
        out.say(f"{rounds} synthetic rounds of the double showcase, the last one at voting")
    sessions = _sessions() if count else 0
    if sessions:
        out.say(f"{sessions} synthetic occasions: building workdays, joint duty, meetings, councils, teams, estates")
    released = _releases() if count else 0
    if released:
        out.say(f"{released} generated pictures of closed cases released for the public page")
    if count and with_story:
        _story(out)
    for failed in made.failed:
        out.note(f"left out: {failed}")
    _print_logins(out, made.logins, f"http://{host}:{port}")
    out.result(made.as_dict())
    if and_serve:
        run_server(out, host=host, port=port, workers=2, threads=4)


def _reforms(folder: Path) -> None:
    """Carry out the acts that come with the pack."""
    from gewu.cases.demo import DISTRICT
    from gewu.enforcement import demo as enforcement
    from gewu.registry.models import District

    enforcement.run(District.objects.get(code=DISTRICT).pk, folder / _PACKS[-1])


def _registers() -> int:
    """Fill the registers of the office too; how many entries were made."""
    from gewu.cases.demo import DISTRICT
    from gewu.office import demo as office
    from gewu.registry.models import District

    return office.run(District.objects.get(code=DISTRICT).pk, int(time.time()))


def _rounds() -> int:
    """Play rounds of the double showcase; how many were made."""
    from gewu.assessments import demo as assessments
    from gewu.cases.demo import DISTRICT
    from gewu.registry.models import District

    return assessments.run(District.objects.get(code=DISTRICT).pk, int(time.time()))


def _sessions() -> int:
    """Play building workdays of this month and the last; how many were made."""
    from gewu.cases.demo import DISTRICT
    from gewu.occasions import demo as occasions
    from gewu.registry.models import District

    return occasions.run(District.objects.get(code=DISTRICT).pk, int(time.time()))


def _releases() -> int:
    """Release pictures of closed cases for the public; how many."""
    from gewu.cases.demo import DISTRICT
    from gewu.keeping import demo as keeping
    from gewu.registry.models import District

    return keeping.run(District.objects.get(code=DISTRICT).pk)


def _story(out: Output) -> None:
    """Tell the story of the year in which the district's three innovations began."""
    from gewu.stories.files import find_stories
    from gewu.surfaces.cli.story import run

    results = run(out, _STORY, find_stories(packs_folder()))
    counted = [one for one in results if one.counted is not None]
    out.say(f"{sum(one.holds for one in counted)} of {len(counted)} printed figures come out (gewu story {_STORY})")


def _load(out: Output, pack: Path) -> None:
    report, text = load_one(out, pack)
    out.note(text)
    if not report["ok"]:
        out.result(report)
        out.finish(Exit.PROBLEMS)


def _print_logins(out: Output, logins: Sequence[Login], address: str) -> None:
    """Print who can log in as a table; the password was generated for this home and lies in its instance.json."""
    if not logins:
        return
    chinese = any(os.environ.get(name, "").startswith("zh") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    rows = [("账号", "密码", "岗位", "可以做什么") if chinese else ("login", "password", "post", "to try")]
    for one in logins:
        name, can = (one.name_zh, one.can_zh) if chinese else (one.name_en, one.can_en)
        rows.append((one.login, one.password, name, can))
    widths = [max(_width(row[column]) for row in rows) for column in range(3)]
    out.say(f"\nLog in at {address}/desk/ as one of:\n")
    for number, row in enumerate(rows):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)]
        out.say("  " + "  ".join([*cells, row[3]]))
        if number == 0:
            out.say("  " + "  ".join("-" * width for width in (*widths, 6)))
    out.say("")


def _width(text: str) -> int:
    """Columns that a text takes on a terminal: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
