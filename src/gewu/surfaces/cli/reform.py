"""`gewu reform`: preview an act that merges units or moves items, and carry it out."""

from __future__ import annotations

import getpass
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.enforcement.plan import Plan

_SHOWN = 10


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--district", default="", help="Code of the district, where there are several.")
@click.option("--apply", "carry_out", is_flag=True, help="Carry it out; without this nothing changes.")
@command
def reform(out: Output, *, file: Path, district: str, carry_out: bool) -> None:
    """Preview an act (YAML or CSV): which units end, what goes where. With --apply, carry it out in one transaction."""
    with_database(out)
    from gewu.enforcement.acts import ActError, read_act
    from gewu.enforcement.plan import make_plan
    from gewu.enforcement.reform import NotPossible, apply
    from gewu.ledger.errors import LedgerError

    district_id = _district(out, district)
    try:
        act = read_act(file)
        if carry_out:
            plan = apply(district_id, act, by=f"gewu reform, {getpass.getuser()}")
            _again(district_id)
        else:
            plan = make_plan(district_id, act)
    except ActError as error:
        for problem in error.problems:
            out.say(str(problem))
        out.result(
            {"ok": False, "problems": [str(problem) for problem in error.problems]}, f"{file}: nothing was changed"
        )
        out.finish(Exit.PROBLEMS)
    except NotPossible as error:
        plan = error.plan
    except LedgerError as error:
        out.result({"ok": False, "problems": [str(error)]}, f"{error}; nothing was changed")
        out.finish(Exit.PROBLEMS)
    _say(out, plan, carry_out)
    out.result({"ok": not plan.problems, "carried_out": carry_out and not plan.problems, **plan.as_dict()})
    out.finish(Exit.PROBLEMS if plan.problems else Exit.OK)


def _again(district_id: int) -> None:
    """Once more when every process knows: one of them may have given work to a unit that had just ended."""
    from gewu.enforcement.settle import settle
    from gewu.registry.directory import CHECK_SECONDS

    time.sleep(CHECK_SECONDS)
    settle(district_id)


def _district(out: Output, code: str) -> int:
    from gewu.registry.models import District

    rows = dict(District.objects.values_list("code", "pk"))
    if code in rows:
        return int(rows[code])
    if not code and len(rows) == 1:
        return int(next(iter(rows.values())))
    reason = f"there is no district {code}" if code else "say which district with --district"
    out.result({"ok": False, "problems": [reason]}, f"{reason}: {', '.join(sorted(rows)) or 'none is loaded'}")
    out.finish(Exit.USAGE)
    raise AssertionError


def _say(out: Output, plan: Plan, carried_out: bool) -> None:
    act = plan.act
    out.say(f"Act {act.number} of {act.day}: {act.title_en} / {act.title_zh}")
    for problem in plan.problems:
        out.say(f"problem: {problem}")
    if plan.problems:
        out.say("nothing was changed")
        return
    if plan.done is not None:
        out.say(f"was carried out already, at {plan.done.applied_at:%Y-%m-%d %H:%M} UTC; nothing was changed")
        return
    for step in plan.units:
        if step.revived:
            out.say(f"unit {step.code} stands again from {act.day}; {step.into} followed it to {step.last_day}")
        else:
            out.say(f"unit {step.code} ends on {step.last_day}; {step.into} follows")
    for items in plan.items:
        out.say(f"{len(items.codes)} items go from {items.old} to {items.new}")
    for (old, new), count in sorted(Counter((p.old, p.new) for p in plan.handed).items()):
        out.say(f"{count} open parts go from {old} to {new}")
    out.say(f"{plan.records} open records, {plan.clocks} running clocks that go on as they are")
    for what, rows in (("responsibility rules", plan.rules), ("posts", plan.posts)):
        out.say(f"{len(rows)} {what} follow" + (":" if rows else ""))
        for key, old, new in rows[:_SHOWN]:
            out.say(f"  {key}: {old} > {new}")
        if len(rows) > _SHOWN:
            out.say(f"  and {len(rows) - _SHOWN} more")
    out.say("carried out" if carried_out else "this was a preview: add --apply to carry it out")
