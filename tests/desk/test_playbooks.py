"""How the district works, at the desk: playbooks drawn and told, and why a case is where it is."""

from __future__ import annotations

import re
from html import escape

import pytest

from desk.conftest import Sit, text
from support.district import Walk, directory


def test_all_playbooks_are_listed_with_what_is_open(sit: Sit) -> None:
    Walk().intake()
    Walk().dispatched()
    seat = sit("shift_leader")
    page = seat.get("/desk/playbooks")
    assert page.status_code == 200
    body = page.content.decode()
    for stored in directory().playbooks:
        if stored.active:
            assert f"/desk/playbooks/{stored.name}" in body
            assert escape(stored.title.en) in body
    row = re.search(r"<tr><th[^>]*><a href=\"/desk/playbooks/case\">.*?</tr>", body)
    assert row is not None
    assert row.group().endswith('<td class="num">2</td></tr>')


def test_a_playbook_is_drawn_and_told_with_live_counts(sit: Sit) -> None:
    Walk().dispatched()
    page = sit("dispatcher").get("/desk/playbooks/case")
    body = page.content.decode()
    assert body.count("<svg") >= 1
    assert "1 open" in body
    assert "<style" not in body[body.index("<svg xmlns") :]
    assert "Dispatcher may do this." in text(page)
    assert "Collector's round" in text(page)
    assert 'href="#at-handling"' in body
    assert 'id="at-handling"' in body


def test_both_languages_are_complete(sit: Sit) -> None:
    Walk().dispatched()
    for path in ("/desk/playbooks", "/desk/playbooks/case"):
        chinese = text(sit("shift_leader", language="zh-CN").get(path))
        assert "工作流程" in chinese
        assert "How we work" not in chinese
        assert "in the playbook" not in chinese
    told = text(sit("shift_leader", language="zh-CN").get("/desk/playbooks/case"))
    assert re.search(r"在办\s1\s件", told)
    assert "案件（第" in told
    assert "退回操作" in told


def test_the_drawing_alone_is_a_file_that_runs_nothing(sit: Sit) -> None:
    answer = sit("shift_leader").get("/desk/playbooks/case.svg")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer.content.startswith(b"<svg")


@pytest.mark.parametrize("path", ["nothing", "case?version=9999", "nothing.svg", "case.svg?version=9999"])
def test_what_is_not_there_is_said(sit: Sit, path: str) -> None:
    assert sit("shift_leader").get(f"/desk/playbooks/{path}").status_code == 404


def test_a_version_that_is_no_number_is_the_present_one(sit: Sit) -> None:
    assert sit("shift_leader").get("/desk/playbooks/case", version="1'or").status_code == 200


def test_why_a_case_is_where_it_is(sit: Sit) -> None:
    walk = Walk().dispatched()
    seat = sit("shift_leader")
    case = seat.get(f"/desk/cases/{walk.number}")
    assert f"/desk/cases/{walk.number}/why" in case.content.decode()
    page = seat.get(f"/desk/cases/{walk.number}/why")
    told = text(page)
    assert "It stands at “Dispatched” since" in told
    assert "did “Dispatch”." in told
    assert "move “Dispatch” (dispatch)" in told
    assert "fixed by the playbook" in told
    assert "by the standard" in told
    assert "“Claim”:" in told
    assert "If nobody does anything" in told
    assert "until somebody acts" in told


def test_why_in_chinese(sit: Sit) -> None:
    walk = Walk().handling()
    told = text(sit("shift_leader", language="zh-CN").get(f"/desk/cases/{walk.number}/why"))
    assert "为何在此环节" in told
    assert "由流程规定" in told or "按标准" in told
    assert "如无人办理" in told
    assert not re.search(r"\b(Who owes|stands at|by the standard)\b", told)


def test_a_case_out_of_sight_is_not_explained(sit: Sit) -> None:
    walk = Walk().intake()
    assert sit("collector", away=walk.place).get(f"/desk/cases/{walk.number}/why").status_code == 404
    assert sit("shift_leader").get("/desk/cases/20260101000000/why").status_code == 404


def test_an_ended_case_is_explained_too(sit: Sit) -> None:
    walk = Walk().answered()
    told = text(sit("shift_leader").get(f"/desk/cases/{walk.number}/why"))
    assert "It stands at “Done”" in told
    assert "No clock runs." in told


def test_the_pages_take_few_statements(sit: Sit) -> None:
    walk = Walk().dispatched()
    seat = sit("shift_leader")
    assert len(seat.tenant_statements("/desk/playbooks/case")) <= 3
    assert len(seat.tenant_statements(f"/desk/cases/{walk.number}/why")) <= 16
