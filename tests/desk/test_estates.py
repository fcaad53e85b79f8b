"""Teams and projects at the desk: in numbers, the lists and lines behind them, one page each, and what does not go."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from desk.conftest import Sit, forms, text
from gewu.ledger.door import now_us
from gewu.occasions import services
from gewu.occasions.queries import get_occasion
from gewu.occasions.services import Filled
from support.district import acting, district_id
from support.estate_play import PROJECT, TEAM, day
from support.occasions import BUREAU, COMMUNITY, OFFICE, clerk


class Record:
    """A team or a project, played through the services."""

    def __init__(self, kind: str, name: str, sort: str) -> None:
        form = {"sort": sort, "unit": OFFICE, "place": COMMUNITY, "starts_at": now_us() // 1_000_000 - 3600}
        made = services.schedule(district_id(), clerk(), kind, Filled(form, {"name": name}))
        self.id: UUID = made.outcome.record_id
        self.number = made.number

    def move(self, name: str, who: Any = None, texts: dict[str, str] | None = None, **args: Any) -> None:
        by = who or clerk()
        version = get_occasion(district_id(), by, self.id).row.version
        services.act(district_id(), by, self.id, name, args=args, texts=texts or {}, version=version)


def at_work() -> Record:
    project = Record(PROJECT, "北山小区改造", "estate")
    project.move("diagnose", texts={"findings": "缺监控"})
    project.move("plan_item", item="cameras_fitted", quantity=60)
    project.move("submit_list")
    project.move("consult", asked=300, agree=160, against=40, on=day())
    project.move("carry")
    project.move("fund", source="residents", measure="yuan", amount=34_500)
    project.move("begin_works", builder=BUREAU, due_on=day(30))
    project.move("record_result", unit=BUREAU, item="cameras_fitted", quantity=17)
    return project


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_clerk_forms_a_team_enrols_and_records(sit: Sit, language: str) -> None:
    seat = sit("unit_clerk", unit=OFFICE, language=language)
    page = seat.get(f"/desk/workdays/new?type={TEAM}")
    fields = forms(page)[""]
    given = {
        "command_id": fields["command_id"][0], "name": "邻里守望队", "sort": "neighbours", "unit": fields["unit"][0],
        "place": COMMUNITY, "starts_at": "2026-03-01T09:00",
    }  # fmt: skip
    answer = seat.send(f"/desk/workdays/new?type={TEAM}", **given)
    assert answer.status_code == 302, text(answer)
    address = answer["Location"]
    for move, form in (
        ("attend", {"level": "elder_party_member", "heads": "12"}),
        ("collect", {"words": "帮独居老人取药"}),
        ("record_result", {"unit": OFFICE, "item": "good_deeds", "quantity": "7"}),
    ):
        fields = next(f for action, f in forms(seat.get(address)).items() if action.endswith(f"/{move}"))
        sent = {"command_id": fields["command_id"][0], **form}
        assert seat.send(f"{address}/{move}", **sent).status_code == 302, move
    shown = text(seat.get(address))
    assert "邻里守望队" in shown
    assert ("Elder Party members" if language == "en" else "老党员") in shown
    assert ("Practical deeds done" if language == "en" else "办实事好事") in shown
    assert "帮独居老人取药" in shown
    overview = text(seat.get(f"/desk/estates?type={TEAM}"))
    assert "12" in overview
    assert ("Service" if language == "en" else "服务") in overview


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Cameras fitted: 60 camera", "Cameras fitted: 1,061 camera", "Replaces line: 1",
                "Households asked: 300", "For: 160", "Against: 40", "Residents: 34,500 yuan")),
        ("zh-hans", ("安装视频监控：60 个", "安装视频监控：1,061 个", "更正第几行：1", "征求户数：300", "同意：160",
                     "不同意：40", "居民自筹：34,500 元")),
    ],
)  # fmt: skip
def test_what_happened_says_how_much_was_planned_answered_and_paid(
    sit: Sit, language: str, said: tuple[str, ...]
) -> None:
    project = Record(PROJECT, "北山小区改造", "estate")
    project.move("diagnose", texts={"findings": "缺监控"})
    project.move("plan_item", item="cameras_fitted", quantity=60)
    project.move("plan_item", item="cameras_fitted", quantity=1061, corrects=1)
    project.move("submit_list")
    project.move("consult", asked=300, agree=160, against=40, on=day())
    project.move("carry")
    project.move("fund", source="residents", measure="yuan", amount=34_500)
    page = sit("comprehensive_office", language=language).get(f"/desk/workdays/{project.id}")
    told = page.content.decode().partition('class="timeline"')[2].partition("</ol>")[0]
    lines = [unescape(line).replace("\u2009", " ") for line in re.findall("<li>([^<]*)</li>", told)]
    assert [one for one in said if one not in lines] == [], lines


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_project_shows_planned_done_and_what_the_residents_said(sit: Sit, language: str) -> None:
    project = at_work()
    seat = sit("comprehensive_office", language=language)
    page = seat.get(f"/desk/workdays/{project.id}")
    shown = text(page)
    for expected in ("北山小区改造", project.number, "60", "17", "300", "160", "40", "100", "34500"):
        assert expected in shown, expected
    assert 'width="533"' in page.content.decode()  # 160 of 300 in thousandths
    assert ("Did not answer" if language == "en" else "未答复") in shown


def test_every_number_opens_its_records(sit: Sit) -> None:
    project = at_work()
    Record(PROJECT, "南山小区改造", "low_rent")
    seat = sit("comprehensive_office")
    page = seat.get(f"/desk/estates?type={PROJECT}")
    assert page.status_code == 200
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/desk/[^"]+)"', page.content.decode())}
    lists = [link for link in links if "estate-l" in link or "/estates/l" in link or "/results?" in link]
    assert len(lists) >= 8
    for link in lists:
        assert seat.get(link).status_code == 200, link
    plan = text(seat.get(f"/desk/estates/lines?type={PROJECT}&what=plan&key=cameras_fitted"))
    assert "北山小区改造" in plan
    assert "60" in plan
    low = text(seat.get(f"/desk/estates/list?type={PROJECT}&sort=low_rent"))
    assert "南山小区改造" in low
    assert "北山小区改造" not in low
    works = text(seat.get(f"/desk/estates/list?type={PROJECT}&stage=works"))
    assert project.number in works
    assert seat.get(f"/desk/estates/list?type={PROJECT}&form=xlsx").content[:2] == b"PK"
    assert "北山小区改造".encode() in seat.get(f"/desk/estates/lines?type={PROJECT}&what=funds&form=csv").content


def test_a_filter_that_cannot_be_read_says_so(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    page = seat.get(f"/desk/estates?type={PROJECT}&period=lately")
    assert page.status_code == 422
    assert "2026-11" in text(page)
    assert seat.get(f"/desk/estates/lines?type={PROJECT}&after=x").status_code == 422
    assert seat.get("/desk/estates?type=none").status_code == 200


def test_teams_are_no_sessions(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    moved = seat.get(f"/desk/workdays?type={TEAM}")
    assert (moved.status_code, moved["Location"]) == (302, f"/desk/estates?type={TEAM}")
    assert "Volunteer team" not in text(seat.get("/desk/workdays"))
    empty = text(seat.get(f"/desk/estates?type={TEAM}"))
    assert "Nothing is registered here yet" in empty


def test_a_refused_move_comes_back_with_its_reason(sit: Sit) -> None:
    project = at_work()
    seat = sit("unit_clerk", unit=OFFICE)
    project.move("report_works")
    page = seat.get(f"/desk/workdays/{project.id}")
    assert "Whoever reported the works done does not accept them" in text(page)
    version = get_occasion(district_id(), clerk(), project.id).row.version
    answer = seat.send(
        f"/desk/workdays/{project.id}/accept_works", finding="合格", version=str(version),
        command_id="6f1b1f0e-8a55-4a5d-9a39-0d3a4b9f5a01",
    )  # fmt: skip
    assert answer.status_code in (409, 422)
    assert "Whoever reported the works done does not accept them" in text(answer)
    assert get_occasion(district_id(), acting("comprehensive_office"), project.id).row.stage == "accepting"


def test_pages_take_few_statements(sit: Sit) -> None:
    project = at_work()
    seat = sit("comprehensive_office")
    assert len(seat.tenant_statements(f"/desk/estates/list?type={PROJECT}")) <= 3
    assert len(seat.tenant_statements(f"/desk/estates/lines?type={PROJECT}&what=plan")) <= 3
    assert len(seat.tenant_statements(f"/desk/estates?type={PROJECT}")) <= 7
    assert len(seat.tenant_statements(f"/desk/workdays/{project.id}")) <= 16
