"""``gewu check``: a sound pack passes, each broken one is refused with file, line and reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gewu.registry.packs import check_pack
from support.packs import PLAYBOOK, ROOT, small_pack


def check(pack: Path) -> tuple[int, list[str]]:
    """What the command prints, without the seconds that starting it takes."""
    problems = [str(problem) for problem in check_pack(pack)]
    return (1 if problems else 0), problems


def command(pack: Path) -> tuple[int, list[str]]:
    """Exit code and problems of the command."""
    run = subprocess.run(
        [sys.executable, "-m", "gewu", "check", str(pack), "--json"], capture_output=True, text=True, check=False
    )
    answer = json.loads(run.stdout.splitlines()[-1]) if run.stdout.strip() else {}
    assert run.returncode in (0, 1), run.stderr
    return run.returncode, answer["problems"]


Break = Callable[[str], str]


def _swap(old: str, new: str) -> Break:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


PLAYBOOK_FAULTS: dict[str, tuple[Break, str, tuple[str, ...]]] = {
    "a stage nobody reaches": (
        _swap('  done: {', '  lost: {title: {en: "Lost", zh: "失联"}}\n  done: {'), "lost", ("lost",)
    ),
    "a state with no way out": (_swap("    from: handling\n", "    from: waiting\n"), "handling", ("handling",)),
    "a clock nobody answers": (
        _swap("limit: {value: 1, unit: work_day}, ladder: duty}", "limit: {value: 1, unit: work_day}}"),
        "  handle: {title: {en: \"Handle\"",
        ("handle",),
    ),
    "a role nobody holds": (_swap("by: [{role: dispatcher}]", "by: [{role: mayor}]"), "mayor", ("mayor",)),
    "a looping ladder": (
        _swap("office: {role: comprehensive_office, after: {value: 4, unit: urgent_hour}}",
              "office: {role: comprehensive_office, after: {value: 4, unit: urgent_hour}, next: leader}"),
        "", ("duty",),
    ),
    "an unknown field": (_swap("    to: waiting\n", "    to: waiting\n    colour: red\n"), "colour", ("colour",)),
    "a bare code": (_swap("version: 1\n", "version: 1\nmessages: {x: {en: 06010, zh: \"六\"}}\n"), "06010", ("06010",)),
    "a syntax error": (_swap("effects: [{place: located}, {start: dispatch}]", "effects: [{place: located}, {start"),
                       "", ()),
    "a dropped assignment": (
        _swap("    effects: [{release: {slot: handle, whose: mine, outcome: done}}]\n", ""), "", ("handle",)
    ),
    "an unknown stage": (_swap("    to: done\n", "    to: gone\n"), "to: gone", ("gone",)),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLAYBOOK_FAULTS)
def test_a_broken_playbook_is_refused(tmp_path: Path, fault: str) -> None:
    change, marker, words = PLAYBOOK_FAULTS[fault]
    pack = small_pack(tmp_path)
    text = change(PLAYBOOK)
    file = pack / "playbooks" / "small.yaml"
    file.write_text(text, encoding="utf-8")
    code, problems = check(pack)
    assert code == 1
    mine = [p for p in problems if "small.yaml:" in p]
    assert mine, problems
    for word in words:
        assert any(word in p for p in mine), mine
    if marker:
        lines = {n for n, line in enumerate(text.splitlines(), 1) if marker in line}
        assert {int(p.split("small.yaml:")[1].split(":")[0]) for p in mine} & lines, mine


def test_a_sound_pack_passes_and_a_broken_one_ends_the_command_with_1(tmp_path: Path) -> None:
    pack = small_pack(tmp_path)
    file = pack / "playbooks" / "small.yaml"
    file.write_text(PLAYBOOK, encoding="utf-8")
    assert command(pack) == (0, [])
    file.write_text(PLAYBOOK.replace("to: waiting", "to: gone"), encoding="utf-8")
    code, problems = command(pack)
    assert code == 1
    assert any("playbooks/small.yaml:" in p and "gone" in p for p in problems)


def test_a_category_without_a_unit_is_refused(tmp_path: Path) -> None:
    pack = small_pack(tmp_path)
    (pack / "responsibility.csv").write_text(
        "kind,category,place,owner,unit,queue,source\n*,0,*,*,squad,0,test\n", encoding="utf-8"
    )
    code, problems = check(pack)
    assert code == 1
    assert any("responsibility.csv" in p and ("10001" in p or "90001" in p or "10" in p) for p in problems), problems


def test_two_equal_rules_are_refused_naming_both(tmp_path: Path) -> None:
    pack = small_pack(tmp_path)
    with (pack / "responsibility.csv").open("a", encoding="utf-8") as file:
        file.write("matter,06,*,*,office,0,test\nmatter,06,*,*,squad,0,test\n")
    code, problems = check(pack)
    assert code == 1
    assert any("responsibility.csv:5" in p and "4" in p for p in problems), problems


@pytest.mark.parametrize(
    ("file", "row", "word"),
    [
        ("units.csv", "ghost,nowhere,squad,鬼,Ghost,999901,,1,,,test", "nowhere"),
        ("posts.csv", "p9,ghost,dispatcher,p9,岗,Post,999901,,,test", "ghost"),
        ("places.csv", "12345,street,999901,短,Short,,,,0,test", "12345"),
        ("responsibility.csv", "matter,06999,*,*,squad,0,test", "06999"),
        ("posts.csv", "p9,squad,unit_clerk,p9,岗,Post,999901,2026-13-01,,test", "2026-13-01"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_reason(tmp_path: Path, file: str, row: str, word: str) -> None:
    pack = small_pack(tmp_path)
    path = pack / file
    with path.open("a", encoding="utf-8") as out:
        out.write(row + "\n")
    line = len(path.read_text(encoding="utf-8").splitlines())
    code, problems = check(pack)
    assert code == 1
    assert any(f"{file}:{line}:" in p and word in p for p in problems), problems


PROGRAMMES = "programme,member,least,counts,valid_from,valid_to,source"
KINDS = "kind,title_en,title_zh,category,window_minutes,source"


@pytest.mark.parametrize(
    ("file", "header", "row", "word"),
    [
        ("programmes.csv", PROGRAMMES, "building_workday,ghost,1,street,,,test", "member 'ghost' is not a unit"),
        ("programmes.csv", PROGRAMMES, "building_workday,squad,0,street,,,test", "least is a number"),
        ("device_kinds.csv", KINDS, "drone,Drone,无人机,matter:99999,60,test", "category 'matter:99999' is not in"),
        ("device_kinds.csv", KINDS, "drone,Drone,无人机,,-1,test", "window_minutes is a whole number"),
        ("device_kinds.csv", KINDS, "drone,Drone,无人机,,10081,test", "window_minutes is a whole number"),
        ("device_kinds.csv", KINDS, "Drone,Drone,无人机,,60,test", "kind is a code"),
        ("device_kinds.csv", KINDS, "drone,Drone,,,60,test", "a title is required in both languages"),
        ("device_kinds.csv", KINDS, "drone,Drone,无人机,,60", "5 columns instead of 6"),
    ],
)
def test_a_bad_row_of_a_kept_file_is_named_too(tmp_path: Path, file: str, header: str, row: str, word: str) -> None:
    pack = small_pack(tmp_path)
    good = {
        "programmes.csv": "building_workday,office,1,any,,,test",
        "device_kinds.csv": "camera,C,摄像机,matter:09009,5,t",
    }
    (pack / file).write_text(f"{header}\n{good[file]}\n", encoding="utf-8")
    assert check(pack) == (0, [])
    (pack / file).write_text(f"{header}\n{good[file]}\n{row}\n", encoding="utf-8")
    code, problems = check(pack)
    assert code == 1
    assert [p for p in problems if f"{file}:3:" in p and word in p] == problems


def test_the_packs_that_ship_are_sound() -> None:
    for name in ("standard", "wanzhou"):
        assert check(ROOT / "packs" / name) == (0, [])
