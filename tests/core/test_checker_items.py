"""Items: parts that nobody has, ended one by one by the command that names them. None may be left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from gewu.core.calendar import Calendar, Season
from gewu.core.decide import decide
from gewu.core.evolve import evolve
from gewu.core.playbook import PlaybookError, check_playbook, load_playbook
from gewu.core.playbook.model import Playbook
from gewu.core.records import Actor, Command, Facts, Refusal, State, UnitFact

BOOKS = Path(__file__).resolve().parents[2] / "packs" / "standard" / "playbooks"
TEXT = (BOOKS / "building_workday.yaml").read_text(encoding="utf-8")
ALL_DAY = Calendar("UTC", (Season.parse("01-01", "12-31", "all", ("00:00-24:00",)),))
NOW = 1_795_052_400


def book(*changes: tuple[str, str]) -> Playbook:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return load_playbook(text, "building_workday.yaml")


def found(*changes: tuple[str, str]) -> str:
    return "\n".join(str(problem) for problem in check_playbook(book(*changes)))


def test_the_building_workday_is_sound() -> None:
    assert found() == ""


def test_a_table_that_could_be_left_with_a_matter_on_it_is_refused() -> None:
    unguarded = ("    guard: *table_clear\n    effects:\n      - stop: settle", "    effects:\n      - stop: settle")
    assert "with open case, convene, matter is a dead end" in found(unguarded)


def test_an_item_that_nothing_can_end_is_refused() -> None:
    kept = [
        (f"      - release: {{slot: matter, whose: mine, outcome: {how}}}\n", "")
        for how in ("withdrawn", "case", "joined", "answered")
    ]
    assert "the part matter" in found(*kept) or "dead end" in found(*kept)


def test_an_item_belongs_to_nobody() -> None:
    with pytest.raises(PlaybookError, match="holds items"):
        book(("      - assign: {slot: matter}", "      - assign: {slot: matter, role: unit_clerk}"))
    with pytest.raises(PlaybookError, match="names a role or a person"):
        book(('zh: "待交办问题"}, items: true}', 'zh: "待交办问题"}}'))


def _said(state: State | None, move: str, target: int | None = None, **args: object) -> State | Refusal:
    actor = Actor("p", "street", frozenset({"unit_clerk"}))
    units = {"street": UnitFact("street", "/street/"), "bureau": UnitFact("bureau", "/bureau/")}
    facts = Facts(NOW, actor, lambda _unit: ALL_DAY, units=units, place="500101001001")
    texts = {"leader": "x"} if move == "schedule" else {"words": "x"} if move == "collect" else {"reason": "x"}
    command = Command("c", move, args, texts, version=state.seq if state else None, target=target)
    answer = decide(book(), state, command, facts)
    return answer if isinstance(answer, Refusal) else evolve(state, answer)


def test_each_item_ends_once_and_the_others_stay() -> None:
    when = {"starts_at": NOW + 3600, "ends_at": NOW + 7200}
    state = _said(None, "schedule", led_by="street", unit="street", place="500101001001", **when)
    for _ in range(2):
        assert isinstance(state, State)
        state = _said(state, "collect")
    assert isinstance(state, State)
    first, second = [part.no for part in state.assignments if part.slot == "matter"]
    assert isinstance(_said(state, "withdraw_matter"), Refusal)  # which of the two?
    state = _said(state, "withdraw_matter", first)
    assert isinstance(state, State)
    assert [part.no for part in state.assignments if part.slot == "matter" and part.live] == [second]
    refused = _said(state, "withdraw_matter", first)
    assert isinstance(refused, Refusal)
    assert refused.fields == {"target": "not_found"}
