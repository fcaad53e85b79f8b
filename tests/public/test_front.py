"""The front page with its three doors, and what stands behind two of them for residents."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.conftest import Api
from gewu.ledger.door import now_us
from gewu.registry import versions
from gewu.registry.marks import mark_synthetic
from gewu.registry.models import District
from gewu.surfaces.public import remembered
from gewu.surfaces.public.home import territory
from support.district import directory, district_id
from support.duty import BUREAU, Duty
from support.occasions import DAY, HOUR, Session
from support.pages import Page
from support.servers import Session as Database


def visitor(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")


def words(response: Page) -> str:
    """The text of a page, without tags."""
    page = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u2009", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("14 streets, 38 towns and townships", "Gaosuntang Street", "Building workday", "Joint duty")),
        ("zh-CN", ("14 个街道，38 个镇乡", "高笋塘街道", "楼栋工作日", "双亮双比", "多勤联动")),
    ],
)
def test_the_front_page_has_three_doors_and_the_territory(db: object, language: str, said: tuple[str, ...]) -> None:
    response = visitor(language).get("/")
    text = words(response)
    for one in said:
        assert one in text, one
    doors = re.findall(r'class="way door" href="([^"]+)"', response.content.decode())
    assert doors == ["/workdays", "/showcase", "/joint-duty"]
    for door in doors:
        assert visitor(language).get(door).status_code == 200
    found = territory(directory())
    assert (len(found.streets), len(found.towns), found.places) == (14, 38, [])
    assert len({*found.streets, *found.towns}) == 52


def test_made_up_records_are_marked_on_every_page(fresh_db: Database) -> None:
    with transaction.atomic():  # another test of this worker may have told a story before
        District.objects.update(synthetic=False)
        versions.bump()
    assert "the records shown are synthetic" not in words(visitor().get("/"))
    assert mark_synthetic(district_id())
    assert not mark_synthetic(district_id()), "once is enough"
    for path in ("/", "/about", "/workdays", "/desk/login"):
        assert "Wanzhou District: the records shown are synthetic" in words(visitor().get(path)), path
    assert "万州区：所示记录为演示合成数据" in words(visitor("zh-CN").get("/"))
    assert District.objects.get(pk=district_id()).synthetic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of what the process remembers: a test moves it on by setting its only element."""
    at = [1000.0]
    monkeypatch.setattr(remembered, "now", lambda: at[0])
    return at


def test_the_front_page_counts_what_was_held(db: object) -> None:
    now = now_us()
    Session(at_us=now - 2 * DAY).scheduled().opened()
    assert "1 held, 1 matters" in words(visitor().get("/"))


@pytest.mark.parametrize(("page", "tables"), [("/", 4), ("/joint-duty", 1), ("/workdays", 3)])
def test_asked_again_within_a_minute_a_page_reads_no_figures(
    db: object, clock: list[float], page: str, tables: int
) -> None:
    def read(language: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert visitor(language).get(page).status_code == 200
        return len([one for one in seen if re.search("occasions_|assessments_", one["sql"])])

    assert read("en") == tables
    clock[0] += 59.9
    assert read("en") == 0
    assert read("zh-CN") == 0, "what is kept is in no language"
    clock[0] += 0.1
    assert read("zh-CN") == tables


def test_what_a_page_says_is_at_most_a_minute_old(db: object, clock: list[float]) -> None:
    assert "0 held, 0 matters" in words(visitor().get("/"))
    Session(at_us=now_us() - 2 * HOUR).scheduled().opened()
    clock[0] += 59
    assert "0 held, 0 matters" in words(visitor().get("/")), "and this costs no statement"
    clock[0] += 1
    assert "1 held, 1 matters" in words(visitor().get("/"))


def test_residents_see_announced_sessions_and_not_planned_or_cancelled_ones(db: object) -> None:
    now = now_us()
    month = f"{datetime.fromtimestamp((now + HOUR) // 1_000_000, ZoneInfo('Asia/Shanghai')):%Y-%m}"
    communities = [p.code for p in directory().places_in("500101001") if p.kind == "community"][:4]
    planned, announced, cancelled, held = (
        Session(at_us=now - 3 * DAY).scheduled(place=place, starts_in=3 * DAY + HOUR, where=f"坝子 {n}")
        for n, place in enumerate(communities)
    )
    announced.move("begin_collecting")
    cancelled.move("begin_collecting").move("cancel", texts={"reason": "暴雨"})
    held.move("begin_collecting").collect("路灯不亮，我叫张三").move("open_session")
    text = words(visitor("zh-CN").get(f"/workdays?month={month}"))
    assert "坝子 1" in text
    assert "坝子 0" not in text, "what is only planned was not told to anybody"
    assert "坝子 2" not in text
    assert "问题 1 件，已交办或答复 0 件" in text
    assert "张三" not in text, "what residents said stays inside"
    assert planned.stage == "scheduled"


@pytest.mark.parametrize("month", ["1999-01", "nonsense", "2026-13", "9999-12"])
def test_other_months_are_no_page(db: object, month: str) -> None:
    assert visitor().get("/workdays", {"month": month}).status_code == 404


def test_joint_duty_is_counted_by_item_with_its_measure_and_n(api: Api, clock: list[float]) -> None:
    assert "Nothing was reported yet" in words(visitor().get("/joint-duty"))
    duty = Duty(api).on_duty()
    for quantity in (3, 4):
        assert duty.result(BUREAU, "road_occupying_business", quantity).status_code == 200
    assert duty.result(BUREAU, "stacked_goods", 2).status_code == 200
    clock[0] += remembered.MINUTE
    text = words(visitor().get("/joint-duty"))
    assert "Road-occupying and over-threshold business regulated 7 case 2" in text
    assert "2 truckload 1" in text
    assert "Urban Management Bureau" not in text, "no agency is shown against another one"
    assert "规范占道经营、跨门经营 7 起 2" in words(visitor("zh-CN").get("/joint-duty"))
    assert visitor().get("/joint-duty", {"year": "1999"}).status_code == 404
    assert "3 results of 1 operations" in words(visitor().get("/"))
