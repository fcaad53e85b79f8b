"""Playbooks drawn: legible whatever the playbook, the same bytes each time, in light and dark, for ears too."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from core.smallbook import SMALL, load, spoiled
from core.standardbooks import FOLDER, NAMES, book
from gewu.core.playbook import Playbook
from gewu.core.playbook.explore import Explorer
from gewu.core.playbook.shadow import Part
from gewu.core.telling.drawing import draw
from gewu.core.telling.measure import width, wrap
from gewu.core.telling.picture import Picture, lay_out
from gewu.core.telling.speech import Speaker
from gewu.core.telling.ways import clocks_in, reading_order, ways

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("en", "zh-CN")
EVERY = [(name, language) for name in NAMES for language in LANGUAGES]


def picture(playbook: Playbook, language: str) -> Picture:
    return lay_out(Speaker(playbook, language), dict.fromkeys(playbook.stages, "1000+ open"))


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_label_lies_on_another_or_outside(name: str, language: str) -> None:
    drawn = picture(book(name), language)
    boxes = [(label.text, label.box) for label in drawn.labels]
    for i, (text, (left, top, right, bottom)) in enumerate(boxes):
        assert left >= 0, text
        assert top >= 0, text
        assert right <= drawn.w, text
        assert bottom <= drawn.h, text
        for other, (a, b, c, d) in boxes[i + 1 :]:
            assert not (left < c and a < right and top < d and b < bottom), f"{text!r} lies on {other!r}"


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_line_runs_through_a_title_or_a_foreign_box(name: str, language: str) -> None:
    drawn = picture(book(name), language)
    for line in drawn.lines:
        for (x0, y0), (x1, y1) in pairwise(line.points):
            left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            for label in drawn.labels:
                a, b, c, d = label.box
                assert not (left < c and a < right and top < d and b < bottom), f"a line runs through {label.text!r}"
            for box in drawn.boxes:
                inside = left < box.x + box.w - 1 and box.x + 1 < right and top < box.y + box.h and box.y < bottom
                assert not (box.stage and inside), f"a line runs through {box.title}"


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_stage_and_every_move_is_there(name: str, language: str) -> None:
    playbook = book(name)
    drawn = picture(playbook, language)
    assert {box.stage for box in drawn.boxes} == {"", *playbook.stages}
    assert {box.stage for box in drawn.boxes if box.end} == {s.name for s in playbook.stages.values() if s.end}
    words = "".join(label.text for label in drawn.labels).replace(" ", "")
    for move in playbook.moves.values():
        assert move.title[language].replace(" ", "") in words, move.name
    for names in clocks_in(playbook).values():
        for clock in names:
            assert playbook.clocks[clock].title[language].replace(" ", "") in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_svg_that_a_screen_reader_can_tell(language: str) -> None:
    playbook = book("case")
    svg = draw(playbook, language, links={"handling": "#at-handling"}, counts={"handling": "<7>"})
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "group"
    assert ElementTree.fromstring(draw(playbook, language)).get("role") == "img", "without links it is one thing"
    ids = root.get("aria-labelledby", "").split()
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert [title.get("id"), desc.get("id")] == ids
    assert playbook.title[language] in (title.text or "")
    for way in ways(playbook):
        assert way.move.title[language] in (desc.text or "")
    assert "prefers-color-scheme:dark" in svg
    assert "<7>" not in svg
    named = {a.get("href"): a.get("aria-label") for a in root.iter(f"{SVG}a")}
    assert set(named) == {"#at-handling"}
    assert playbook.stages["handling"].title[language] in (named["#at-handling"] or "")
    assert {e.get("data-stage") for e in root.iter(f"{SVG}g")} == set(playbook.stages)


def test_within_a_page_it_takes_the_ink_of_the_page() -> None:
    svg = draw(book("case"), "en", inline=True)
    assert "<style" not in svg
    colours = {e.get(key) for e in ElementTree.fromstring(svg).iter() for key in ("fill", "stroke")} - {None}
    assert colours == {"none", "currentColor"}


def test_what_goes_back_is_told_apart_without_colour() -> None:
    drawn = picture(load(SMALL), "en")
    back = [line for line in drawn.lines if line.back]
    assert back
    assert len(back) < len(drawn.lines)
    svg = draw(load(SMALL), "en")
    assert svg.count("stroke-dasharray") == len(back)
    assert "<polyline" in svg
    forward = draw(load(spoiled(("    direction: backward\n    undoes: [show]\n    redo: [work]\n", ""))), "en")
    assert "stroke-dasharray" not in forward


def test_the_bytes_do_not_depend_on_the_process() -> None:
    script = (
        "import sys; from pathlib import Path; from gewu.core.playbook import load_playbook;"
        "from gewu.core.telling.drawing import draw;"
        "p = Path(sys.argv[1]); sys.stdout.write(draw(load_playbook(p.read_text(encoding='utf-8'), p.name), 'en'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script, str(FOLDER / "case.yaml")],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONIOENCODING": "utf-8"},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert found == {draw(book("case"), "en").encode()}


def test_work_flows_down_the_page() -> None:
    order = reading_order(book("case"))
    main = ["reported", "registered", "verifying", "verified", "filed", "dispatched", "handling", "handled", "checking"]
    assert [s for s in order if s in main] == main
    assert order.index("suspended") == order.index("handling") + 1
    assert {"declined", "voided", "merged", "answered"} == set(order[-4:])


@pytest.mark.parametrize("name", [n for n in NAMES if n != "case"])
def test_clocks_named_on_stages_are_those_that_run_there(name: str) -> None:
    """Nothing that the checker's walk meets is left out; what is named too many is little."""
    playbook = book(name)
    explorer = Explorer(playbook, frozenset())
    met: dict[str, set[str]] = {stage: set() for stage in playbook.stages}
    for node in explorer.run(2500).nodes:
        if node.shadow is not None:
            here = [*node.shadow.clocks, *(c for part in _parts(node.shadow.parts) for c in part.clocks)]
            met[node.shadow.stage] |= {clock for clock, status in here if status != "paused"}
    named = clocks_in(playbook)
    for stage, clocks in met.items():
        assert clocks <= set(named[stage]), stage
    if explorer.walk.complete:
        assert sum(len(set(named[s]) - met[s]) for s in met) <= 4


def _parts(parts: tuple[Part, ...]) -> list[Part]:
    return [p for part in parts for p in (part, *_parts(part.inside))]


def test_lines_are_broken_where_they_may_be() -> None:
    assert wrap("one two three", 10, width("one two", 10)) == ["one two", "three"]
    assert wrap("一二三，四", 10, 30) == ["一二", "三，四"]
    assert all(width(line, 10) <= 40 for line in wrap("incomprehensibilities", 10, 40))
    assert "".join(wrap("incomprehensibilities", 10, 40)) == "incomprehensibilities"
