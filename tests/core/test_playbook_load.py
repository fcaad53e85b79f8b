"""What a playbook file may not hold: each fault is refused with file, line and reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.smallbook import FILE, SMALL, line_of, load, load_problems, spoiled
from gewu.core.playbook import PlaybookError, Problem, load_playbook
from gewu.core.playbook.spec import json_schema

ROOT = Path(__file__).parents[2]


def the_problem(text: str, reason: str) -> Problem:
    """The one problem whose reason holds these words."""
    found = [p for p in load_problems(text) if reason in p.reason]
    assert len(found) == 1, load_problems(text)
    assert found[0].file == FILE
    return found[0]


def test_the_small_playbook_loads() -> None:
    playbook = load(SMALL)
    assert playbook.moves["give"].line == line_of(SMALL, "  give:")
    assert playbook.roles() == {
        "clerk": line_of(SMALL, "    by: [{role: clerk}]"),
        "worker": line_of(SMALL, "      - assign: {slot: task, role: worker"),
        "chief": line_of(SMALL, "    by: [{role: chief}]"),
        "office": line_of(SMALL, "      office: {role: office"),
    }


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ("    from: waiting\n", "    form_: waiting\n    from: waiting\n", "    form_:", "unknown field 'form_'"),
        ("      - set: {code: $code}", "      - set: {code: 06010}", "      - set: {code: 06010}", "bare code 06010"),
        ("      - set: {code: $code}", "      - set: {code: 500101}", "{code: 500101}", "bare code 500101"),
        ("  shown: {title", "  waiting: {title", "  waiting: {title: {en: \"Shown\"", "'waiting' stands twice"),
        ("    by: [{role: clerk}]\n    form", "    by: [{role: clerk}\n    form", "    form:", "not valid YAML"),
        ("end: true", "end: yes", "end: yes", "yes would be read as a truth value"),
        ("value: 4", "value: 4.5", "value: 4.5", "neither a whole number nor quoted text"),
        ("    needs: {reason: true}\n", "", "  again:", "goes back, so it needs a reason"),
        ("    undoes: [show]\n    redo: [work]\n", "", "  again:", "say which forward move it undoes"),
        ("    to: shown\n", "    to: nowhere\n", "    to: nowhere", "stage 'nowhere' is not declared"),
        ("[{role: worker, relation: holder, slot: task}]\n    effects", "[{relation: any}]\n    effects", "[{relation", "needs a role"),
        ("clocks: [task]}\n      - notify", "clocks: [clok]}\n      - notify", "[clok]", "clock 'clok' is not declared"),
        ("next: office}", "next: roof}", "next: roof}", "rung 'roof' is not declared"),
        ("    redo: [work]", "    redo: [worked]", "  again:", "move 'worked' is not declared"),
        ("    from: working\n    mode: additive", "    from: working\n    to: shown\n    mode: additive", "    mode: additive", "cannot be additive"),
        ("- set: {code: $code}", "- set: {code: $kode}", "- set: {code: $kode}", "the form has no field 'kode'"),
        ("- set: {code: $code}", "- {set: {code: $code}, stop: wait}", "- {set", "an effect is exactly one thing"),
        ("message: task}", "message: tusk}", "message: tusk}", "message 'tusk' is not declared"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old: str, new: str, at: str, reason: str) -> None:
    text = spoiled((old, new))
    problem = the_problem(text, reason)
    assert problem.line == line_of(text, at)


def test_all_faults_are_told_at_once() -> None:
    text = spoiled(("    to: shown\n", "    to: nowhere\n"), ("next: office}", "next: roof}"))
    assert {p.line for p in load_problems(text)} == {line_of(text, "    to: nowhere"), line_of(text, "next: roof}")}


def test_words_of_several_conditions_go_for_each_that_has_none() -> None:
    guard = """    guard:
      all:
        - {counter: seen, op: lt, value: 3}
        - any:
            - {tag: kept, why: {en: "Not kept", zh: "未保留"}}
            - not: {tag: gone}
      why: {en: "Not now", zh: "暂不可"}
    by: [{role: chief}]
"""
    found = load(SMALL.replace("    by: [{role: chief}]\n", guard, 1))
    (move,) = [m for m in found.moves.values() if m.guard is not None and "Not now" in repr(m.guard)]
    assert repr(move.guard).count("Not now") == 2
    assert repr(move.guard).count("Not kept") == 1


def test_an_empty_file_and_a_list_are_refused() -> None:
    assert [p.line for p in load_problems("")] == [1]
    assert [p.line for p in load_problems("- a\n- b\n")] == [1]


def test_extends_merges_by_name_and_null_removes() -> None:
    child = "extends: small\nplaybook: child\nversion: 2\nmoves:\n  work: null\n  again: null\n"
    playbook = load_playbook(child, "child.yaml", {"small": SMALL}.__getitem__)
    assert playbook.name == "child"
    assert sorted(playbook.moves) == ["accept", "begin", "give", "show"]
    assert playbook.stages["done"].end


@pytest.mark.parametrize(
    ("first", "file", "reason"),
    [("extends: gone\n", "child.yaml", "not to be found"), ("extends: child\n", "child", "extends itself")],
)
def test_extends_of_nothing_and_of_itself(first: str, file: str, reason: str) -> None:
    child = first + "playbook: child\nversion: 1\n"
    with pytest.raises(PlaybookError) as error:
        load_playbook(child, "child.yaml", {"child": child}.__getitem__)
    assert [(p.file, p.line) for p in error.value.problems] == [(file, 1)]
    assert reason in error.value.problems[0].reason


def test_the_schema_for_editors_is_in_step() -> None:
    file = ROOT / "packs" / "playbook.schema.json"
    expected = json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
    if "GEWU_WRITE_SCHEMA" in os.environ:
        file.write_text(expected, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == expected, "run this test once with GEWU_WRITE_SCHEMA=1 to write it"
