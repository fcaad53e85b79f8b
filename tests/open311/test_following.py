"""Following: from filing to the end, lists by time, kind, status and place, and what is never told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gewu.cases import queries, services
from gewu.ledger.door import now_us
from gewu.ledger.erasure import erase
from open311.conftest import WORDS, Open311, mapped, texts
from open311.schemas import ERRORS, EXTENDED, REQUESTS, TOKEN, UPDATES, fits
from support.district import CATEGORY, POINT, Walk, acting, district_id

HOUR_US = 3_600_000_000
STREET = "500101023"


def recent() -> Walk:
    """A walk that began some hours ago, so that it lies in the usual window and in no future."""
    return Walk(at_us=now_us() - 6 * HOUR_US)


class Filed(Walk):
    """A walk of a case that came in by Open311."""

    def of(self, number: str) -> Filed:
        record_id = queries.find_by_number(district_id(), number)
        assert record_id is not None
        self.record_id, self.number = record_id, number
        self.place = queries.get_case(district_id(), acting("intake_officer"), record_id).row.place
        return self

    @property
    def version(self) -> int:
        return self.outcomes[-1].seq if self.outcomes else 1

    def intake(self, **texts: str) -> Walk:
        return self.move(acting("intake_officer"), "register", args={"category": CATEGORY})


def instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def numbers(found: Any) -> list[str]:
    return [one["service_request_id"] for one in found]


def test_a_request_is_filed_followed_and_closed(open311: Open311) -> None:
    number = open311.file(address_string="王牌路 12 号门口", email="a@example.org")
    assert open311.json(f"tokens/{number}") == [{"service_request_id": number, "token": number}]
    fits(open311.json(f"tokens/{number}"), TOKEN)
    found = open311.json(f"requests/{number}", lang="en")
    fits(found, REQUESTS)
    assert found[0]["status"] == "open"
    assert found[0]["status_notes"].startswith("Received. ")
    assert found[0]["service_code"] == "matter-06012"
    assert open311.json("servicerequestupdates", service_request_id=number) == []

    walk = Filed(at_us=now_us()).of(number).answered()
    found = open311.json(f"requests/{number}", lang="en")
    fits(found, REQUESTS)
    assert (found[0]["status"], found[0]["status_notes"]) == ("closed", "Done. It is closed and done.")
    assert found[0]["agency_responsible"]
    assert found[0]["expected_datetime"] is None
    told = open311.json("servicerequestupdates", service_request_id=number, lang="en")
    fits(told, UPDATES)
    assert [update["status"] for update in told] == ["open"] * (len(told) - 2) + ["closed"] * 2
    assert {update["service_request_id"] for update in told} == {number}
    assert len({update["update_id"] for update in told}) == len(told)
    assert told[0]["description"].startswith("Accepted. ")
    # The answer is for who has the code.
    assert "感谢反映" not in json.dumps([found, told], ensure_ascii=False)
    assert walk.number == number


def test_a_request_that_is_set_aside_says_so_to_who_follows_it(open311: Open311) -> None:
    number = open311.file()
    walk = Filed(at_us=now_us()).of(number)
    walk.later(1).move(acting("shift_leader"), "void", texts={"reason": "测试"})
    found = open311.json(f"requests/{number}", lang="zh")
    assert (found[0]["status"], found[0]["status_notes"]) == ("closed", "无效。该反映被判定为无效。")
    assert open311.json("requests") == []
    told = open311.json("servicerequestupdates", service_request_id=number)
    assert [update["status"] for update in told] == ["closed"]
    assert "测试" not in json.dumps(told, ensure_ascii=False)


def test_a_case_of_the_duty_desk_to_its_end(open311: Open311) -> None:
    walk = recent().dispatched()
    found = open311.json(f"requests/{walk.number}", lang="en")[0]
    assert found["status"] == "open"
    assert found["agency_responsible"]
    assert datetime.fromisoformat(found["expected_datetime"]) > datetime.fromisoformat(found["requested_datetime"])
    assert found["requested_datetime"].endswith("+08:00")

    other = recent().answered()
    found = open311.json(f"requests/{other.number}", lang="en", extensions="true")
    fits(found, EXTENDED)
    assert found[0]["status"] == "closed"
    assert found[0]["expected_datetime"] is None
    notes = [note["type"] for note in found[0]["notes"]]
    assert notes[0] == "registered"
    assert notes[-2:] == ["closed", "answered"]
    closed = next(note["datetime"] for note in found[0]["notes"] if note["type"] == "closed")
    assert found[0]["updated_datetime"] == closed
    told = open311.json("servicerequestupdates", service_request_id=other.number)
    assert [update["status"] for update in told][-2:] == ["closed", "closed"]
    assert {update["status"] for update in told[:-2]} == {"open"}


def test_nothing_personal_is_told(open311: Open311) -> None:
    walk = recent().intake(address="王牌路 12 号 3 单元").later(5)
    walk.move(acting("intake_officer"), "add_note", texts={"note": "内部备注：请先电话联系物业"})
    filed = open311.file(first_name="小明", last_name="王", phone="13900000000", email="a@example.org")
    secrets = ("王", "13800000000", "13900000000", "example.org", "内部备注", "3 单元", WORDS, "路面有大片油污")
    near = {"lat": POINT[1], "long": POINT[0], "radius": 50000}
    for params in ({}, {"extensions": "true"}, near):
        for path in ("requests", f"requests/{filed}", f"requests/{walk.number}", "servicerequestupdates"):
            for extension in ("json", "xml"):
                text = open311.get(f"{path}.{extension}", lang="zh", **params).text
                assert [secret for secret in secrets if secret in text.replace("王牌路街道", "")] == []
                assert str(POINT[0]) not in text
                assert str(POINT[1]) not in text


def test_the_position_is_that_of_the_street(open311: Open311) -> None:
    one = open311.json(f"requests/{open311.file()}", lang="en")[0]
    other = open311.json(f"requests/{open311.file(lat=POINT[1] + 0.0004)}", lang="en")[0]
    assert (one["address"], one["address_id"]) == ("Zhonggulou Street", STREET)
    assert (one["lat"], one["long"]) == (other["lat"], other["long"])
    assert abs(one["lat"] - POINT[1]) < 0.2
    nowhere = open311.json(f"requests/{open311.file(lat=None, long=None, address_string='某处')}")[0]
    assert (nowhere["address_id"], nowhere["lat"], nowhere["long"]) == ("500101", None, None)


def test_an_erased_case_still_says_where_it_stands(open311: Open311) -> None:
    walk = recent().answered()
    erase(district_id(), walk.record_id, acting("shift_leader"))
    fits(open311.json(f"requests/{walk.number}"), REQUESTS)


def test_a_request_without_a_kind_is_told_as_unsorted(open311: Open311) -> None:
    number = open311.file(service_code="other")
    found = open311.json(f"requests/{number}", lang="en")
    fits(found, REQUESTS)
    assert (found[0]["service_code"], found[0]["service_name"]) == ("other", "Something else")
    assert numbers(open311.json("requests", service_code="other")) == [number]


def test_a_merged_request_names_the_one_it_goes_on_as(open311: Open311) -> None:
    first, second = recent().intake(), recent().intake()
    leader = acting("shift_leader")
    services.merge(district_id(), leader, second.record_id, first.record_id, "同一问题", version=second.version)
    found = open311.json(f"requests/{second.number}", lang="en", extensions="true")
    assert found[0]["status"] == "closed"
    assert first.number in found[0]["status_notes"]
    assert found[0]["extended_attributes"]["merged_into"] == first.number


# ---- lists


@pytest.fixture
def month(open311: Open311) -> dict[str, Walk]:
    """Some requests of some ages and stages."""
    now = now_us()
    made = {
        "new": Walk(at_us=now - 2 * HOUR_US).intake(),
        "old": Walk(at_us=now - 40 * 24 * HOUR_US).answered(),
        "older": Walk(at_us=now - 100 * 24 * HOUR_US).intake(),
        "void": Walk(at_us=now - 3 * HOUR_US).intake().later(1),
    }
    made["void"].move(acting("shift_leader"), "void", texts={"reason": "测试"})
    return made


def test_lists_are_the_newest_first_and_of_ninety_days(open311: Open311, month: dict[str, Walk]) -> None:
    for params in ({}, {"status": ""}, {"start_date": "", "end_date": ""}, {"jurisdiction_id": "500101"}):
        assert numbers(open311.json("requests", **params)) == [month["new"].number, month["old"].number]
    found = open311.json("requests", extensions="true")
    fits(found, EXTENDED)
    tag, value = mapped(open311.get("requests.xml").content)
    assert tag == "service_requests"
    assert value == texts(open311.json("requests"))


def test_lists_by_status_kind_number_and_time(open311: Open311, month: dict[str, Walk]) -> None:
    new, old, older = month["new"].number, month["old"].number, month["older"].number
    assert numbers(open311.json("requests", status="open")) == [new]
    assert numbers(open311.json("requests", status="closed")) == [old]
    assert numbers(open311.json("requests", status="open,closed")) == [new, old]
    assert numbers(open311.json("requests", service_code="matter-06012,component-01001")) == [new, old]
    assert open311.json("requests", service_code="component-01001") == []
    # Numbers override everything else, find what is not listed, and leave out what does not exist.
    wanted = f"{older},{month['void'].number},123,abc"
    found = open311.json("requests", service_request_id=wanted, status="open", start_date="nonsense")
    assert set(numbers(found)) == {older, month["void"].number}
    assert open311.json("requests", service_request_id="abc") == []

    now = now_us()
    days = 24 * HOUR_US
    start, end = instant(now - 120 * days), instant(now - 60 * days)
    assert numbers(open311.json("requests", start_date=start, end_date=end)) == [older]
    assert numbers(open311.json("requests", start_date=start)) == [old, older]
    assert numbers(open311.json("requests", end_date=end)) == [older]
    at = month["new"].at_us
    assert numbers(open311.json("requests", start_date=instant(at), end_date=instant(at + 1_000_000))) == [new]
    # The same instant in another zone, with the plus escaped and not.
    zoned = datetime.fromtimestamp(at / 1_000_000, UTC).astimezone().isoformat(timespec="seconds")
    zoned = (datetime.fromisoformat(zoned).astimezone(UTC) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
    for text in (quote(zoned), zoned):
        assert numbers(open311.http.get(f"requests.json?start_date={text}").json()) == [new]


def test_lists_by_change(open311: Open311, month: dict[str, Walk]) -> None:
    now = now_us()
    assert numbers(open311.json("requests", updated_after=instant(now - 4 * HOUR_US))) == [month["new"].number]
    closed = open311.json(f"requests/{month['old'].number}")[0]["updated_datetime"]
    found = open311.json("requests", updated_after=closed, updated_before=instant(now - 24 * HOUR_US))
    assert numbers(found) == [month["old"].number]
    month["older"].move(acting("intake_officer"), "add_note", texts={"note": "x"}, at_us=now)
    found = open311.json("requests", updated_after=instant(now - HOUR_US), start_date=instant(now - 110 * 24 * HOUR_US))
    assert numbers(found) == [month["older"].number]


def test_lists_around_a_point(open311: Open311, month: dict[str, Walk]) -> None:
    shown = open311.json(f"requests/{month['new'].number}")[0]
    here = {"lat": shown["lat"], "long": shown["long"]}
    assert len(open311.json("requests", **here, radius=10)) == 2
    assert len(open311.json("requests", **here)) == 2
    assert open311.json("requests", lat=31.3, long=108.4, radius=100) == []


def test_pages(open311: Open311) -> None:
    filed = [open311.file() for _ in range(5)]
    seen: list[str] = []
    address = "requests.json?page_size=2&status=open"
    for expected in (2, 2, 1):
        answer = open311.http.get(address)
        assert len(answer.json()) == expected
        seen += numbers(answer.json())
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert not address
    assert seen == filed[::-1]
    assert open311.json("requests", page=9, page_size=2) == []


def test_changes_of_a_span(open311: Open311, month: dict[str, Walk]) -> None:
    told = open311.json("servicerequestupdates", lang="en")
    fits(told, UPDATES)
    assert numbers(told) == [month["void"].number]
    now = now_us()
    wide = {"start_date": instant(now - 80 * 24 * HOUR_US), "end_date": instant(now)}
    found = open311.json("servicerequestupdates", **wide)
    assert [update["updated_datetime"] for update in found] == sorted(update["updated_datetime"] for update in found)
    assert set(numbers(found)) == {month["old"].number, month["void"].number}
    tag, value = mapped(open311.get("servicerequestupdates.xml", **wide).content)
    assert tag == "service_request_updates"
    assert value == texts(found)
    assert open311.json("servicerequestupdates", service_request_id="abc") == []


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2026-11-22"}, "start_date"),
        ({"end_date": "2026-11-22T00:00:00"}, "end_date"),
        ({"end_date": "2026-13-22T00:00:00Z"}, "end_date"),
        ({"end_date": "0001-01-01T00:00:00+08:00"}, "end_date"),
        ({"end_date": "9999-12-31T23:59:59Z"}, "end_date"),
        ({"start_date": "2026-11-22T00:00:00Z", "end_date": "2026-11-21T00:00:00Z"}, "start_date"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, "90"),
        ({"updated_after": "x"}, "updated_after"),
        ({"updated_before": "2026-11-22T00:00:00+25:00"}, "updated_before"),
        ({"status": "pending"}, "status"),
        ({"page": "0"}, "page"),
        ({"page": "-1"}, "page"),
        ({"page": "99999", "page_size": "1000"}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"page_size": "١"}, "page_size"),
        ({"lat": "30.8"}, "long"),
        ({"radius": "100"}, "lat"),
        ({"lat": "30.8", "long": "108.4", "radius": "-1"}, "radius"),
        ({"lat": "30.8", "long": "inf"}, "long"),
        ({"service_request_id": ",".join(str(n) for n in range(1001))}, "service_request_id"),
    ],
)
def test_wrong_questions_are_refused_by_name(open311: Open311, params: dict[str, str], named: str) -> None:
    answer = open311.get("requests.json", lang="en", **params)
    assert answer.status_code == 400, answer.text
    fits(answer.json(), ERRORS)
    assert named in answer.json()[0]["description"]


@pytest.mark.parametrize("text", ["' OR 1=1 --", "matter-06012'; DROP TABLE cases_case", "%00", "\u202e", "🚧" * 500])
def test_questions_are_no_statements(open311: Open311, text: str) -> None:
    number = open311.file()
    assert open311.get("requests.json", service_code=text).status_code == 404
    assert open311.get("requests.json", status=text).status_code == 400
    assert open311.get("requests.json", start_date=text).status_code == 400
    assert open311.json("requests", service_request_id=text) == []
    assert open311.get(f"requests/{quote(text, safe='')}.json").status_code == 404
    assert numbers(open311.json("requests")) == [number]


def test_clients_that_write_the_format_as_a_folder(open311: Open311) -> None:
    number = open311.file()
    assert numbers(open311.get("requests/json").json()) == [number]
    assert mapped(open311.get("requests/xml").content)[1][0]["service_request_id"] == number


# ---- statements and several districts, in this process


@pytest.fixture
def inside(db: object) -> Iterator[Client]:
    """A client that needs no server, so that statements can be counted."""
    from gewu.surfaces.public import site

    site._known = (0.0, "", ())
    yield Client(headers={"Host": "127.0.0.1"})
    site._known = (0.0, "", ())


def test_a_thousand_requests_cost_as_many_statements_as_one(inside: Client) -> None:
    def asked(**params: str) -> tuple[int, int]:
        inside.get("/open311/v2/requests.json", params)  # what is kept for all is read once
        with CaptureQueriesContext(connection) as captured:
            answer = inside.get("/open311/v2/requests.json", params)
        assert answer.status_code == 200, answer.content
        return len(answer.json()), len(captured)

    Walk(at_us=now_us() - HOUR_US).intake()
    assert asked() == (1, asked()[1])
    for _ in range(30):
        services.report(
            district_id(),
            services.reporter(),
            services.Intake({"source": "api", "category": CATEGORY}, {"description": WORDS}, services.Where(*POINT)),
        )
    for params in ({}, {"status": "open", "service_code": "matter-06012"}):
        found, statements = asked(**params)
        assert found == 31
        assert statements <= 3
    found, statements = asked(extensions="true")
    assert found == 31
    assert statements <= 4


def test_with_several_districts_one_has_to_be_named(fresh_db: object) -> None:
    from gewu.registry.models import District
    from gewu.surfaces.public import site

    one = District.objects.get(id=district_id())
    other = District.objects.create(
        pack=one.pack, code="500102", name_en="Fuling", name_zh="涪陵区", timezone=one.timezone,
        work_day_mode=one.work_day_mode, default_calendar=one.default_calendar, language="zh",
    )  # fmt: skip
    assert other.id != one.id
    site._known = (0.0, "", ())
    client = Client(headers={"Host": "127.0.0.1"})
    try:
        assert client.get("/open311/v2/discovery.json").status_code == 200
        answer = client.get("/open311/v2/services.json?lang=en")
        assert answer.status_code == 400
        assert "500101, 500102" in answer.json()[0]["description"]
        assert client.get("/open311/v2/services.json?jurisdiction_id=500101").status_code == 200
        assert client.get("/open311/v2/services.json?jurisdiction_id=500103").status_code == 404
    finally:
        site._known = (0.0, "", ())
