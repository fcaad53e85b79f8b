"""Playbooks that would strand a record or leave somebody waiting: refused with file, line and reason in plain words."""

from __future__ import annotations

import pytest

from core.smallbook import FILE, SMALL, check, line_of, load, spoiled
from gewu.core.playbook import Problem, check_playbook
from gewu.core.playbook.check import check_playbook as check_bounded

STOP_AND_GIVE = "      - stop: wait\n      - assign: {slot: task, role: worker, clocks: [task]}\n"
SHOWN = "      - release: {slot: task, whose: mine, outcome: done}\n      - start: show\n"
ACCEPTED = "    to: done\n    by: [{role: chief}]\n    effects:\n      - stop: show\n"


def the_problem(found: list[Problem], reason: str) -> Problem:
    """The problem whose reason holds these words."""
    alike = [p for p in found if reason in p.reason]
    assert len(alike) == 1, found
    assert alike[0].file == FILE
    return alike[0]


def test_a_sound_playbook_passes() -> None:
    assert check(SMALL, {"clerk", "worker", "chief", "office"}) == []


def test_a_role_that_nobody_holds() -> None:
    problem = the_problem(check(SMALL, {"clerk", "worker", "chief"}), "role 'office' is needed here")
    assert problem.line == line_of(SMALL, "      office: {role: office")


def test_a_stage_that_no_move_leads_to() -> None:
    text = spoiled(("  done: {", '  lost: {title: {en: "Lost", zh: "迷"}}\n  done: {'))
    problem = the_problem(check(text), "stage lost cannot be reached")
    assert problem.line == line_of(text, "  lost:")


def test_a_stage_that_conditions_keep_shut() -> None:
    text = spoiled(
        (ACCEPTED, ACCEPTED.replace("    effects:", "    guard: {field: code, op: eq, value: none}\n    effects:"))
    )
    text = spoiled(("      - set: {code: $code}", "      - set: {code: fixed}"), text=text)
    found = check(text)
    assert the_problem(found, "stage done cannot be reached").line == line_of(text, "  done:")
    assert the_problem(found, "move accept can never be made").line == line_of(text, "  accept:")


def test_a_stage_without_a_way_out() -> None:
    park = """\
  park:
    title: {en: "Park", zh: "搁置"}
    from: waiting
    to: parked
    by: [{role: clerk}]
"""
    text = spoiled(("  done: {", '  parked: {title: {en: "Parked", zh: "搁置"}}\n  done: {')) + park
    problem = the_problem(check(text), "stage parked has no way out")
    assert problem.line == line_of(text, "  parked:")


def test_a_way_out_that_hangs_on_the_resident_is_none() -> None:
    """A resident may act, but nobody may count on it."""
    text = spoiled((ACCEPTED, ACCEPTED.replace("{role: chief}", "{relation: reporter}")))
    found = check(text)
    assert the_problem(found, "stage shown is a dead end").line == line_of(text, "  shown:")
    assert the_problem(found, "stage waiting is a dead end").line == line_of(text, "  waiting:")


def test_a_way_out_that_hangs_on_being_late_is_none() -> None:
    text = spoiled((ACCEPTED, ACCEPTED.replace("    effects:", "    guard: {clock: show, is: overdue}\n    effects:")))
    assert the_problem(check(text), "stage shown is a dead end").line == line_of(text, "  shown:")


def test_a_way_out_that_hangs_on_one_named_person_is_none() -> None:
    form = "    form:\n      who: {type: person, title: {en: Who, zh: 谁}}\n"
    give = (
        text_of_move("give")
        .replace("    effects:", form + "    effects:")
        .replace("role: worker,", "role: worker, person: $who,")
    )
    text = spoiled((text_of_move("give"), give))
    problem = the_problem(check(text), "unless the very person who has it acts, and people leave")
    assert problem.line == line_of(text, "  working:")
    recall = """\
  recall:
    title: {en: "Recall", zh: "收回"}
    from: working
    to: waiting
    by: [{role: clerk}]
    effects:
      - release: {slot: task, whose: all, outcome: recalled}
      - start: wait
"""
    assert check(text + recall) == []


def test_who_did_the_work_may_not_be_the_only_one_to_finish_it() -> None:
    other = ACCEPTED.replace("    effects:", "    guard: {not: {did: show}}\n    effects:")
    assert check(spoiled((ACCEPTED, other))) == [], "somebody else of that role is to be had"
    text = spoiled((ACCEPTED, ACCEPTED.replace("    effects:", "    guard: {did: begin}\n    effects:")))
    assert the_problem(check(text), "stage shown is a dead end").line == line_of(text, "  shown:")
    own = spoiled(("    by: [{role: chief}]\n    guard", "    by: [{role: clerk}]\n    guard"), text=text)
    assert check(own) == [], "who began it can end it"


def text_of_move(name: str, text: str = SMALL) -> str:
    """A move as it stands in the file."""
    begin = text.index(f"\n  {name}:\n", text.index("\nmoves:")) + 1
    end = begin
    for line in text[begin:].splitlines(keepends=True)[1:]:
        if not line.startswith("    "):
            break
        end += len(line)
    return text[begin : end + len(f"  {name}:\n")]


def test_a_dead_end_names_the_way_there() -> None:
    text = spoiled(
        ("    by: [{role: chief}]\n    effects:\n      - stop: show\n", "    by: [{role: chief}]\n    guard: {tag: good}\n    effects:\n      - stop: show\n"),
        ("    mode: additive\n", "    mode: additive\n    effects:\n      - tag: good\n"),
        ("    redo: [work]\n", "    redo: [show]\n"),
        (SHOWN, SHOWN + "      - untag: good\n"),
    )  # fmt: skip
    found = check(text)
    problem = the_problem(found, "move accept can never be made")
    assert problem.line == line_of(text, "  accept:")
    stranded = spoiled(
        ("    redo: [work]\n", "    redo: [accept]\n"), (text_of_move("accept"), text_of_move("accept") + SHUT)
    )
    problem = the_problem(check(stranded), "stage working with open task is a dead end")
    assert problem.line == line_of(stranded, "  working:")
    assert problem.reason.endswith("(after begin > give > show > again)")


SHUT = """\
  archive:
    title: {en: "Archive", zh: "归档"}
    from: done
    mode: additive
    by: [{role: clerk}]
"""


def test_a_clock_nobody_answers() -> None:
    text = spoiled(("limit: {value: 1, unit: work_day}, ladder: alarm", "limit: {value: 1, unit: work_day}"))
    problem = the_problem(check(text), "clock task: nobody answers when it runs out")
    assert problem.line == line_of(text, '  task: {title: {en: "Task", zh: "任务"}, limit')


def test_a_ladder_that_ends_with_the_late_holder() -> None:
    text = spoiled(("office: {role: office,", "office: {role: holder,"))
    problem = the_problem(check(text), "alerts only the holder who is late already")
    assert problem.line == line_of(text, "      office:")


def test_a_ladder_that_loops() -> None:
    text = spoiled(("after: {value: 4, unit: urgent_hour}}", "after: {value: 4, unit: urgent_hour}, next: chief}"))
    problem = the_problem(check(text), "ladder alarm loops: chief > office > chief")
    assert problem.line == line_of(text, "      office:")


def test_tiers_that_loop() -> None:
    text = spoiled(('  high: {title: {en: "High", zh: "高"}}', '  high: {title: {en: "High", zh: "高"}, next: low}'))
    problem = the_problem(check(text), "the tiers loop: low > high > low")
    assert problem.line == line_of(text, "  high:")


def test_a_clock_that_is_never_started() -> None:
    text = spoiled(("      - start: wait\n", ""), ("      - stop: wait\n", ""))
    problem = the_problem(check(text), "clock wait is never started")
    assert problem.line == line_of(text, "  wait:")


def test_a_wait_that_no_clock_watches() -> None:
    text = spoiled(
        (SHOWN, SHOWN.replace("      - start: show\n", "")), (ACCEPTED, ACCEPTED.replace("stop: show", "start: show"))
    )
    found = check(text)
    problem = the_problem(found, "stage shown: no clock runs, so it could wait for ever")
    assert problem.line == line_of(text, "  shown:")
    assert "(after begin > give > show)" in problem.reason


def test_a_clock_left_behind_at_the_end() -> None:
    text = spoiled((ACCEPTED, ACCEPTED.replace("    effects:\n      - stop: show\n", "")))
    problem = the_problem(check(text), "clock show is left running in the end stage done")
    assert problem.line == line_of(text, "  accept:")


def test_a_part_dropped_at_the_end() -> None:
    text = spoiled(("whose: mine, outcome: done", "whose: lead, outcome: done"))
    found = check(text)
    problem = the_problem(found, "the part task is dropped: it is still open in the end stage done")
    assert problem.line == line_of(text, "  accept:")
    assert the_problem(found, "has a running clock in stage shown").line == line_of(
        text, '  task: {title: {en: "Task", zh: "任务"}}'
    )


def test_a_part_that_its_holder_can_never_act_on() -> None:
    text = spoiled(
        (
            "[{role: worker, relation: holder, slot: task}]\n    effects",
            "[{role: chief, relation: holder, slot: task}]\n    effects",
        )
    )
    problem = the_problem(check(text), "nobody is ever given the part task by which chief could make it")
    assert problem.line == line_of(text, "[{role: chief, relation: holder")


def test_a_body_without_accounts_whose_reply_nobody_records() -> None:
    text = spoiled(
        ("    by: [{role: clerk}]\n    effects:\n" + STOP_AND_GIVE, "    by: [{role: clerk}]\n    form:\n      unit: {type: unit, title: {en: U, zh: 单}, required: true}\n    effects:\n" + STOP_AND_GIVE.replace("role: worker", "unit: $unit, role: worker")),
    )  # fmt: skip
    found = check(text)
    problem = the_problem(found, "held by a body without accounts in stage working is dropped")
    assert problem.line == line_of(text, '  task: {title: {en: "Task", zh: "任务"}}')


def test_returned_work_pushed_forward_at_once() -> None:
    text = spoiled(("    undoes: [show]\n    redo: [work]\n", "    undoes: [accept]\n    redo: [work]\n"))
    problem = the_problem(check(text), "after again the receiver can push the work forward at once by show")
    assert problem.line == line_of(text, "  again:")


TIMED = """\
  expire:
    title: {en: "Expired", zh: "到期"}
    from: waiting
    to: done
    by: [{relation: system}]
    effects:
      - stop: wait
"""


def test_a_clock_whose_move_is_gone_with_its_stage() -> None:
    with_move = (
        "limit: {value: 1, unit: urgent_hour}, ladder: alarm}\n  task",
        "limit: {value: 1, unit: urgent_hour}, move: expire}\n  task",
    )
    text = spoiled(with_move) + TIMED
    assert check(text) == []
    text = spoiled(with_move, ("      - stop: wait\n", "")) + TIMED
    problem = the_problem(check(text), "clock wait may run out in stage working, where expire cannot be made")
    assert problem.line == line_of(text, "  wait:")


def test_a_move_of_the_system_that_no_clock_makes() -> None:
    text = SMALL + TIMED
    problem = the_problem(check(text), "move expire can never be made: only the system may make it")
    assert problem.line == line_of(text, "  expire:")


def test_what_only_a_count_opens_is_followed() -> None:
    """A way out that opens after two returns is found, although counters are at first left to chance."""
    counted = spoiled(
        ("    needs: {reason: true}\n    effects:\n", "    needs: {reason: true}\n    guard: {counter: turns, op: lt, value: 2}\n    effects:\n      - count: turns\n"),
        (ACCEPTED, ACCEPTED.replace("    effects:", "    guard: {counter: turns, op: ge, value: 2}\n    effects:")),
    )  # fmt: skip
    assert check(counted) == []
    never = spoiled(("op: lt, value: 2}", "op: lt, value: 1}"), text=counted)
    assert the_problem(check(never), "stage done cannot be reached").line == line_of(never, "  done:")


def test_an_unproved_playbook_is_refused() -> None:
    found = check_bounded(load(SMALL), most=2)
    assert the_problem(found, "nothing is proved").line == 1


@pytest.mark.parametrize("name", ["case"])
def test_the_playbooks_that_ship_are_sound(name: str) -> None:
    from pathlib import Path

    from gewu.core.playbook import load_playbook

    path = Path(__file__).parents[2] / "packs" / "standard" / "playbooks" / f"{name}.yaml"
    assert check_playbook(load_playbook(path.read_text(encoding="utf-8"), path.name)) == []
