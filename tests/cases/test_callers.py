"""Who calls again: found by the number in any writing, within sight, and not once it is erased."""

from __future__ import annotations

import pytest

from gewu.cases import services
from gewu.cases.callers import cases_of_caller, digits_of
from gewu.ledger.erasure import erase
from support.district import Walk, acting, district_id

NUMBER = "13812340001"


def call(number: str = NUMBER, role: str = "intake_officer") -> list[tuple[str, str, bool]]:
    found = cases_of_caller(district_id(), acting(role), number)
    return [(one.row.number, one.name, one.joined) for one in found]


def test_a_caller_is_known_by_the_number_however_it_is_written(db: object) -> None:
    walk = Walk().intake(reporter_phone=NUMBER, reporter_name="王大明")
    for written in (NUMBER, "138 1234 0001", "+86 138-1234-0001", "１３８１２３４０００１"):
        assert call(written) == [(walk.number, "王**", False)], written
    assert call("13812340002") == []


def test_who_joined_is_known_too_with_the_name_they_gave(db: object) -> None:
    walk = Walk().intake(reporter_phone="13812340009", reporter_name="王大明")
    texts = {"reporter_phone": NUMBER, "reporter_name": "李四"}
    services.join(district_id(), acting("intake_officer"), walk.record_id, source="phone", texts=texts)
    assert call() == [(walk.number, "李*", True)]


def test_open_ones_come_first_with_what_can_be_done(db: object) -> None:
    new = Walk().intake(reporter_phone=NUMBER)
    handling = Walk().intake(reporter_phone=NUMBER)
    handling.later(5).move(acting("intake_officer"), "send_verify")
    void = Walk().intake(reporter_phone=NUMBER)
    void.move(acting("intake_officer"), "void", texts={"reason": "测试"})
    found = cases_of_caller(district_id(), acting("intake_officer"), NUMBER)
    assert [(c.row.number, c.ended, c.urgable, c.joinable) for c in found] == [
        (handling.number, False, True, True), (new.number, False, False, True), (void.number, True, False, False),
    ]  # fmt: skip


def test_only_whose_work_it_is_and_nothing_once_it_is_erased(db: object) -> None:
    walk = Walk().intake(reporter_phone=NUMBER)
    assert call(role="dispatcher") == []
    assert call(role="shift_leader") != []
    erase(district_id(), walk.record_id, acting("intake_officer"))
    assert call() == []


@pytest.mark.parametrize("number", ["", "12345", "abcdefghijk", "1381234000x", "１２３", "138" * 50 + "x", "²³¹³⁴⁵⁶⁷x"])
def test_what_is_no_number_finds_nobody(db: object, number: str) -> None:
    assert call(number) == []
    assert digits_of("x") == ""
