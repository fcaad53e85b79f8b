"""`gewu retention`: how long what is kept, what would go and what went, and which records are held."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command, steps

if TYPE_CHECKING:
    from gewu.keeping.retention import Adopted, Done

_REASONS = ("litigation", "appeal", "inspection", "other")
_DISTRICT = click.option("--district", default="", help="Code of the district, where there are several.")


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@_DISTRICT
@command
def retention(out: Output, *, dry_run: bool, district: str) -> None:
    """Erase and remove now what the schedule says; the ticker does the same once a day.

    Until a district has adopted a schedule, no words and no photos of records are erased: they are only counted.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    with_database(out)
    from gewu.keeping import retention as room

    passes = []
    with steps(out) as step:
        for district_id, code in _districts(out, district):
            done = room.run(district_id, dry_run=dry_run, progress=step(f"records of {code} that are due", None))
            passes.append((code, done))
    for code, done in passes:
        for one in done:
            out.say(_line(code, one, dry_run))
    out.result(
        {
            "dry_run": dry_run,
            "passes": [
                {"district": code, "rule": one.rule, "found": one.found, "done": one.done, "held": one.held,
                 "waits_for_a_schedule": one.waits}
                for code, done in passes
                for one in done
            ],
        }
    )  # fmt: skip


def _line(code: str, one: Done, dry_run: bool) -> str:
    if one.waits:
        tail = f"{one.found} are due, nothing was erased: the district has adopted no schedule (gewu retention adopt)"
    elif dry_run:
        tail = f"{one.found - one.held} would go" + (f", {one.held} are held" if one.held else "")
    else:
        tail = f"{one.done} went" + (f", {one.held} are held" if one.held else "")
    return f"{code} {one.title['en']}: {tail}"


@retention.command("schedule")
@_DISTRICT
@command
def schedule(out: Output, *, district: str) -> None:
    """Show the schedule that holds in each district, and the latest passes."""
    with_database(out)
    from gewu.keeping import retention as room

    found = [(code, room.of_district(each), room.last_passes(each, 12)) for each, code in _districts(out, district)]
    for code, adopted, passes in found:
        _show(out, code, adopted, passes)
    out.result(
        {
            "schedules": [
                {"district": code, "version": adopted.version, "set_at": adopted.set_at,
                 **adopted.schedule.model_dump()}
                for code, adopted, _ in found
            ]
        }
    )  # fmt: skip


def _show(out: Output, code: str, adopted: Adopted, passes: list[tuple[datetime, str, int, int, int]]) -> None:
    if adopted.set_at is None:
        out.say(f"{code}: the schedule that comes with Gewu, an assumption; it erases no record until it is adopted")
    else:
        out.say(f"{code}: version {adopted.version}, adopted {adopted.set_at:%Y-%m-%d %H:%M} UTC")
    for rule in adopted.schedule.records.values():
        out.say(f"  {rule.title['en']} ({', '.join(rule.stages)}): {rule.after_days} days after the last event")
    for house in adopted.schedule.house.values():
        out.say(f"  {house.title['en']}: {house.after_days} days")
    for at, name, due, done, held in passes:
        out.say(f"  {at:%Y-%m-%d %H:%M} {name}: {due} due, {done} went, {held} held")


@retention.command("adopt")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_DISTRICT
@click.option("--yes", is_flag=True, help="Do not ask again.")
@command
def adopt(out: Output, *, file: Path | None, district: str, yes: bool) -> None:
    """Let the schedule in FILE (YAML; without one, the schedule that comes with Gewu) hold in the district.

    From then on records that are due are erased, which cannot be undone.
    """
    with_database(out)
    from gewu.keeping import retention as room

    try:
        wanted = room.read(file) if file else room.default()
    except room.BadSchedule as error:
        for problem in error.problems:
            out.say(problem)
        out.result({"ok": False, "problems": error.problems})
        out.finish(Exit.PROBLEMS)
    chosen = _one_district(out, district)
    if not yes:
        due = sum(one.found for one in room.run(chosen[0], dry_run=True))
        click.confirm(f"Erase for good, from now on, what this schedule says ({due} things are due now)?", abort=True)
    adopted = room.adopt(chosen[0], wanted, "command line")
    out.result({"ok": True, "district": chosen[1], "version": adopted.version}, f"version {adopted.version} holds")


@retention.command("hold")
@click.argument("number")
@click.option("--reason", required=True, type=click.Choice(_REASONS))
@click.option("--words", default="", help="What the hold is for; needed with the reason other.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Its last day; without one it stays until released.")
@command
def hold(out: Output, *, number: str, reason: str, words: str, until: datetime | None) -> None:
    """Keep the case NUMBER from being erased, by schedule and by request."""
    with_database(out)
    from gewu.keeping import holds
    from gewu.ledger.door import SYSTEM
    from gewu.ledger.errors import Erased

    district_id, record_id = _case(out, number)
    last: date | None = until.date() if until else None
    try:
        holds.put(district_id, record_id, SYSTEM, reason, words, last)
    except (ValueError, Erased) as error:
        out.result({"ok": False, "error": str(error)}, str(error))
        out.finish(Exit.PROBLEMS)
    text = f"{number} is held" + (f" until {last}" if last else "")
    out.result({"ok": True, "number": number, "until": last}, text)


@retention.command("release")
@click.argument("number")
@command
def release(out: Output, *, number: str) -> None:
    """Lift every hold of the case NUMBER."""
    with_database(out)
    from gewu.keeping import holds
    from gewu.ledger.door import SYSTEM

    lifted = holds.lift(*_case(out, number), SYSTEM)
    out.result({"lifted": lifted}, f"{lifted} holds lifted" if lifted else f"{number} has no hold")
    out.finish(Exit.OK if lifted else Exit.PROBLEMS)


@retention.command("holds")
@_DISTRICT
@command
def list_holds(out: Output, *, district: str) -> None:
    """List the holds that count today."""
    with_database(out)
    from gewu.keeping import holds

    found = [(code, one) for each, code in _districts(out, district) for one in holds.list_holds(each)]
    for code, one in found:
        last = f" until {one.until}" if one.until else ""
        out.say(f"{code} {one.number}: {one.reason}{last}, since {one.set_at:%Y-%m-%d}" + _said(one.words))
    out.result({"holds": [{"district": code, "number": one.number, "reason": one.reason} for code, one in found]})


def _said(words: str | None) -> str:
    return f" ({words})" if words else ""


def _districts(out: Output, code: str) -> list[tuple[int, str]]:
    from gewu.registry.models import District

    found = [(d.id, d.code) for d in District.objects.order_by("id") if not code or d.code == code]
    if not found:
        text = f"there is no district {code}" if code else "there is no district yet. Run: gewu load PACK"
        out.result({"error": text}, text)
        out.finish(Exit.PROBLEMS)
    return found


def _one_district(out: Output, code: str) -> tuple[int, str]:
    found = _districts(out, code)
    if len(found) > 1:
        text = f"there are several districts, choose one with --district: {', '.join(code for _, code in found)}"
        out.result({"error": text}, text)
        out.finish(Exit.PROBLEMS)
    return found[0]


def _case(out: Output, number: str) -> tuple[int, UUID]:
    from gewu.cases.queries import find_by_number

    found = [(district, find_by_number(district, number)) for district, _ in _districts(out, "")]
    for district_id, record_id in found:
        if record_id is not None:
            return district_id, record_id
    out.result({"error": f"there is no case {number}"}, f"there is no case {number}")
    return out.finish(Exit.PROBLEMS)
