"""A small sound playbook as text, and how tests spoil it."""

from __future__ import annotations

from gewu.core.playbook import Playbook, PlaybookError, Problem, check_playbook, load_playbook

FILE = "playbooks/small.yaml"

SMALL = """\
playbook: small
version: 1
kind: case
title: {en: "Small", zh: "小"}
stages:
  waiting: {title: {en: "Waiting", zh: "待办"}}
  working: {title: {en: "Working", zh: "在办"}}
  shown: {title: {en: "Shown", zh: "待审"}}
  done: {title: {en: "Done", zh: "办结"}, end: true}
slots:
  task: {title: {en: "Task", zh: "任务"}}
tiers:
  low: {title: {en: "Low", zh: "低"}, next: high}
  high: {title: {en: "High", zh: "高"}}
fields:
  code: {type: code, title: {en: "Code", zh: "编码"}}
ladders:
  alarm:
    first: chief
    rungs:
      chief: {role: chief, after: {value: 1, unit: urgent_hour}, next: office}
      office: {role: office, after: {value: 4, unit: urgent_hour}}
clocks:
  wait: {title: {en: "Wait", zh: "等待"}, limit: {value: 1, unit: urgent_hour}, ladder: alarm}
  task: {title: {en: "Task", zh: "任务"}, limit: {value: 1, unit: work_day}, ladder: alarm}
  show: {title: {en: "Show", zh: "审核"}, limit: {value: 1, unit: urgent_hour}, ladder: alarm}
messages:
  task: {en: "A task waits", zh: "有任务"}
moves:
  begin:
    title: {en: "Begin", zh: "开始"}
    from: new
    to: waiting
    by: [{role: clerk}]
    form:
      code: {type: code, title: {en: "Code", zh: "编码"}}
    effects:
      - set: {code: $code}
      - start: wait
  give:
    title: {en: "Give out", zh: "派发"}
    from: waiting
    to: working
    by: [{role: clerk}]
    effects:
      - stop: wait
      - assign: {slot: task, role: worker, clocks: [task]}
      - notify: {to: ["holder:task"], message: task}
  show:
    title: {en: "Show", zh: "提交"}
    from: working
    to: shown
    by: [{role: worker, relation: holder, slot: task}]
    effects:
      - release: {slot: task, whose: mine, outcome: done}
      - start: show
  again:
    title: {en: "Once more", zh: "重做"}
    from: shown
    to: working
    direction: backward
    undoes: [show]
    redo: [work]
    by: [{role: chief}]
    needs: {reason: true}
    effects:
      - stop: show
      - assign: {slot: task, role: worker, clocks: [task]}
  work:
    title: {en: "Worked", zh: "作业"}
    from: working
    mode: additive
    by: [{role: worker, relation: holder, slot: task}]
  accept:
    title: {en: "Accept", zh: "通过"}
    from: shown
    to: done
    by: [{role: chief}]
    effects:
      - stop: show
"""


def spoiled(*changes: tuple[str, str], text: str = SMALL) -> str:
    """The text with each change made; a change that does not apply is a fault of the test."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def line_of(text: str, part: str) -> int:
    """The line on which a part of the text stands (for the first time)."""
    return text[: text.index(part)].count("\n") + 1


def load(text: str) -> Playbook:
    """Compiled from text."""
    return load_playbook(text, FILE)


def load_problems(text: str) -> list[Problem]:
    """What the loader finds wrong."""
    try:
        load(text)
    except PlaybookError as error:
        return error.problems
    return []


def check(text: str, roles: set[str] | None = None) -> list[Problem]:
    """What the checker finds wrong in a playbook that loads."""
    return check_playbook(load(text), roles_held=roles)
