"""The queue: whose turn it is, filters, pages, and how few statements it takes."""

from __future__ import annotations

import re
import time

from desk.conftest import Sit, text
from gewu.cases import services
from support.district import CATEGORY, POINT, Walk, acting, district_id

NOW = time.time_ns() // 1000


def register(n: int, **texts: str) -> list[str]:
    """So many fresh cases; their numbers."""
    officer = acting("intake_officer")
    numbers = []
    for i in range(n):
        intake = services.Intake(
            {"source": "phone", "category": CATEGORY}, {"description": f"case {i}", **texts}, services.Where(*POINT)
        )
        numbers.append(services.register_intake(district_id(), officer, intake).number)
    return numbers


def test_a_list_takes_at_most_three_statements(sit: Sit) -> None:
    register(12)
    found = sit("intake_officer").tenant_statements("/desk/?queue=open")
    assert len(found) <= 3, found


def test_rows_say_what_where_and_who_has_it_until_when(sit: Sit) -> None:
    walk = Walk(at_us=NOW).dispatched()
    page = text(sit("dispatcher").get("/desk/", queue="dispatched"))
    assert walk.number in page
    assert "Dirty road" in page
    assert re.search(r"Affairs Centre, Sanitation Section has until", page)
    assert "left" in page
    chinese = text(sit("dispatcher", language="zh-CN").get("/desk/", queue="dispatched"))
    assert "道路不洁" in chinese
    assert re.search(r"事务中心环境卫生科，.*前办理", chinese)


def test_pages_go_on_by_keyset_without_gap_or_double(sit: Sit) -> None:
    numbers = register(53)
    seat = sit("intake_officer")
    first = seat.get("/desk/", queue="registered").content.decode()
    shown = re.findall(r'data-number="(\d+)"', first)
    assert len(shown) == 50
    following = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert following is not None
    second = seat.client.get("/desk/" + following[1].replace("&amp;", "&")).content.decode()
    assert sorted(shown + re.findall(r'data-number="(\d+)"', second)) == sorted(numbers)
    assert 'rel="next"' not in second


def test_filters_narrow_and_say_when_nothing_fits(sit: Sit) -> None:
    (number,) = register(1)
    seat = sit("intake_officer")
    assert number in text(seat.get("/desk/", queue="open", category="matter:06", place="钟鼓楼街道", source="phone"))
    nothing = text(seat.get("/desk/", queue="open", category="matter:09"))
    assert number not in nothing
    assert "No case fits these filters" in nothing
    assert number not in text(seat.get("/desk/", queue="open", late="1"))
    strange = seat.get("/desk/", queue="open", place="no such place")
    assert strange.status_code == 422
    assert "nothing has this name" in text(strange)


def test_a_number_leads_straight_to_its_case(sit: Sit) -> None:
    (number,) = register(1)
    seat = sit("intake_officer")
    assert seat.look_for(number)["Location"] == f"/desk/cases/{number}"
    assert "Nothing found for “123”" in text(seat.look_for("123"))


def test_overdue_is_said_in_a_word_and_a_shape(sit: Sit) -> None:
    walk = Walk(at_us=NOW - 7_200_000_000).intake()
    answer = sit("intake_officer").get("/desk/", queue="overdue")
    assert walk.number in text(answer)
    assert " over" in text(answer)
    assert re.search(r'clock clock-late[^>]*>(<svg class="shape").*?</svg>', answer.content.decode(), re.DOTALL)


def test_people_outside_begin_with_their_tasks(sit: Sit) -> None:
    walk = Walk(at_us=NOW).intake()
    walk.move(acting("intake_officer"), "send_verify")
    seat = sit("collector", covering=walk.place)
    assert seat.get("/desk/")["Location"] == "/desk/tasks"
    page = seat.get("/desk/tasks")
    assert walk.number in text(page)
    assert 'class="large' in page.content.decode()
    assert "No task waits" in text(sit("worker", unit="lighting-section").get("/desk/tasks"))


def test_a_wrong_mark_of_a_page_is_an_error_not_a_fault(sit: Sit) -> None:
    assert sit("intake_officer").get("/desk/", queue="open", after="nonsense").status_code == 422
