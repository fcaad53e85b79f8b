"""What a process remembers for strangers: for how long, how much, and made once however many ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gewu.surfaces.public import remembered
from gewu.surfaces.public.remembered import Remembered


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [0.0]
    monkeypatch.setattr(remembered, "now", lambda: at[0])
    return at


def test_an_answer_is_made_again_when_its_time_is_over(clock: list[float]) -> None:
    memory: Remembered[float] = Remembered(seconds=60)
    assert [memory.get("a", lambda: clock[0]) for clock[0] in (0.0, 59.9, 60.0, 119.9, 120.0)] == [0, 0, 60, 60, 120]


def test_keys_are_apart_and_the_first_go_when_there_are_many(clock: list[float]) -> None:
    memory: Remembered[str] = Remembered(most=2)
    for key in "abc":
        assert memory.get(key, lambda key=key: key) == key
    assert memory.get("b", lambda: "new") == "b"
    assert memory.get("a", lambda: "new") == "new"


def test_what_failed_is_not_kept(clock: list[float]) -> None:
    memory: Remembered[int] = Remembered()
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: 1 // 0)
    assert memory.get("a", lambda: 2) == 2


def test_forgotten_is_forgotten(clock: list[float]) -> None:
    memory: Remembered[int] = Remembered()
    memory.get("a", lambda: 1)
    remembered.forget()
    assert memory.get("a", lambda: 2) == 2


def test_a_crowd_costs_as_much_as_one() -> None:
    memory: Remembered[int] = Remembered()
    made: list[int] = []
    crowd = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return len(made)

    def ask(_n: int) -> int:
        crowd.wait(10)
        return memory.get("a", make)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}
    assert made == [1]
