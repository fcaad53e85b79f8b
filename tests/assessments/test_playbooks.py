"""The playbooks of rounds and honours are sound, and would not be with a line left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gewu.assessments.kinds import HONOUR, PLAYBOOKS, SHOWCASE, tracks
from gewu.core.playbook import PlaybookError, check_playbook, load_playbook

FOLDER = Path(__file__).parents[2] / "packs" / "standard" / "playbooks"


def text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_each_is_sound(name: str) -> None:
    playbook = load_playbook(text(name), name)
    assert (playbook.kind, check_playbook(playbook)) == ("round", [])


def test_tracks_come_from_the_playbook() -> None:
    assert tracks(load_playbook(text(SHOWCASE), SHOWCASE)) == ("service", "scenery")


@pytest.mark.parametrize(
    ("name", "left_out", "reason"),
    [
        (
            SHOWCASE,
            '      - release: {slot: "*", whose: all, outcome: done}\n',
            "still open in the end stage published",
        ),
        (SHOWCASE, "      - start: count\n", "never started"),
        (HONOUR, "      - start: award\n", "never started"),
        (HONOUR, '      - release: {slot: "*", whose: all, outcome: fail}\n', "still open in the end stage rejected"),
    ],
)
def test_what_is_left_out_is_missed(name: str, left_out: str, reason: str) -> None:
    whole = text(name)
    assert left_out in whole
    try:
        found = check_playbook(load_playbook(whole.replace(left_out, ""), name))
    except PlaybookError as error:
        found = error.problems
    assert any(reason in p.reason for p in found), [p.reason for p in found]
