"""Filing: what is taken, what is refused by its name, what is kept where, and once only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gewu.cases import followcodes, queries
from gewu.cases.queries import CaseView
from gewu.ledger.door import now_us
from gewu.surfaces.open311 import filing
from open311.conftest import WORDS, Open311, key, mapped
from open311.schemas import ERRORS, FILED, fits
from support.district import CODE, POINT, acting, district_id, picture
from support.visitors import Stored


def case_of(number: str) -> CaseView:
    record_id = queries.find_by_number(district_id(), number)
    assert record_id is not None
    return queries.get_case(district_id(), acting("intake_officer"), record_id, private=True)


@pytest.fixture
def stored(app_connection: Any) -> Stored:
    return Stored(app_connection)


def test_a_request_with_everything(open311: Open311, stored: Stored) -> None:
    answer = open311.post(
        jurisdiction_id=CODE,
        service_code="component-01001",
        address_string="王牌路 12 号门口",
        email="wang@example.org",
        device_id="tt222111",
        account_id="123456",
        first_name="小明",
        last_name="王",
        phone="(138) 0000.0000",
        media_url="https://example.org/a.jpg?x=1&y=2",
        **{"attribute[owner]": "water"},
    )
    assert answer.status_code == 200
    fits(answer.json(), FILED)
    assert answer.json()[0]["account_id"] == "123456"
    assert "Access-Control-Allow-Origin" not in answer.headers
    case = case_of(answer.json()[0]["service_request_id"])
    assert (case.row.stage, case.row.source, case.row.category) == ("reported", "api", "component:01001")
    assert case.owner == "water"
    assert case.has_reporter
    assert case.texts == {
        "description": f"{WORDS}\nmedia_url: https://example.org/a.jpg?x=1&y=2",
        "address": "王牌路 12 号门口",
        "reporter_name": "王小明 wang@example.org",
        "reporter_phone": "138 0000 0000",
    }
    assert (case.row.lon_e6, case.row.lat_e6) == tuple(round(v * 1_000_000) for v in POINT)
    for secret in ("wang@example.org", "tt222111", "123456789", "example.org/a.jpg", "王小明"):
        assert stored.has(secret) == []


def test_the_notice_opens_the_report_to_its_sender(open311: Open311) -> None:
    answer = open311.post(headers={"Accept-Language": "en"})
    made = answer.json()[0]
    found = queries.find_by_number(district_id(), made["service_request_id"])
    assert found is not None
    assert followcodes.follow_code(district_id(), found) in made["service_notice"]
    assert "/follow " in made["service_notice"]


@pytest.mark.parametrize(
    ("where", "place", "flag"),
    [
        ({"lat": None, "long": None, "address_string": "王牌路 12 号"}, CODE, "no_position"),
        ({"lat": None, "long": None, "address_id": "500101001"}, "500101001", "no_position"),
        ({"lat": "", "long": "", "address_string": "王牌路", "address_id": "500101001001"}, "500101001001", ""),
    ],
)
def test_without_a_position_words_or_a_code_say_where(
    open311: Open311, where: dict[str, Any], place: str, flag: str
) -> None:
    case = case_of(open311.file(**where))
    assert case.row.place == place
    assert case.row.lon_e6 is None
    assert flag in (*case.row.flags, "")


def test_xml_answers_and_multipart_asks(open311: Open311) -> None:
    photo = ("a.jpg", picture(), "image/jpeg")
    answer = open311.post("requests.xml", files={"media": photo}, description=f"{WORDS} <b>&amp;</b> 🚧")
    assert answer.status_code == 200, answer.text
    tag, value = mapped(answer.content)
    assert tag == "service_requests"
    case = case_of(value[0]["service_request_id"])
    assert case.texts is not None
    assert case.texts["description"] == f"{WORDS} <b>&amp;</b> 🚧"
    assert [p.role for p in case.photos] == ["scene"]


def test_no_words_are_the_name_of_the_service(open311: Open311) -> None:
    case = case_of(open311.file(description=None, service_code="component-01001"))
    assert case.texts == {"description": "供水井盖"}


@pytest.mark.parametrize(
    ("form", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "matter-99999"}, 404, "service_code"),
        ({"service_code": "other", "description": " "}, 400, "description"),
        ({"lat": None}, 400, "lat"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "NaN"}, 400, "lat"),
        ({"lat": "1e3"}, 400, "lat"),
        ({"lat": "48.2", "long": "16.37"}, 400, "lat"),
        ({"lat": None, "long": None, "address_id": "999999"}, 400, "address_id"),
        ({"description": "字" * 2001}, 400, "description"),
        ({"description": "a\x00b"}, 400, "description"),
        ({"description": "a\u202eb"}, 400, "description"),
        ({"phone": "call me"}, 400, "phone"),
        ({"address_string": "字" * 301}, 400, "address_string"),
        ({"first_name": "字" * 61}, 400, "first_name"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": "http://["}, 400, "media_url"),
        ({"media_url": "https://example.org/" + "a" * 500}, 400, "media_url"),
        ({"service_code": "component-01001", "attribute[owner]": "nobody"}, 400, "attribute[owner]"),
        ({"service_code": "component-01001", "attribute[owner][]": ["water", "gas"]}, 400, "attribute[owner]"),
        ({"jurisdiction_id": "city.gov"}, 404, "jurisdiction_id"),
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "xyz"}, 403, "api_key"),
        ({"api_key": "gewu_aaaaaaaaaaaa_" + "b" * 43}, 403, "api_key"),
    ],
)
def test_what_is_wrong_is_named(
    open311: Open311, stored: Stored, form: dict[str, Any], status: int, named: str
) -> None:
    for extension in ("json", "xml"):
        answer = open311.post(f"requests.{extension}", headers={"Accept-Language": "en"}, **form)
        assert answer.status_code == status, answer.text
        found = answer.json() if extension == "json" else mapped(answer.content)[1]
        assert {int(error["code"]) for error in found} == {status}
        assert any(named in error["description"] for error in found), found
        if extension == "json":
            fits(found, ERRORS)
    assert stored.cases == 0


def test_what_has_no_room_is_told_and_the_rest_is_kept(open311: Open311) -> None:
    form = {"attribute[colour]": "red", "attribute[owner]": "water", "email": "a" * 50 + "@example.org"}
    answer = open311.post(headers={"Accept-Language": "en"}, first_name="Test", last_name="Person", **form)
    notice = answer.json()[0]["service_notice"]
    assert "attribute[colour], attribute[owner], email." in notice
    case = case_of(answer.json()[0]["service_request_id"])
    assert (case.texts or {})["reporter_name"] == "Test Person"
    assert case.owner == ""


def test_every_fault_is_told_at_once(open311: Open311) -> None:
    found = open311.post(service_code=None, lat=None, media_url="x").json()
    assert len(found) == 3


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"service_code": "matter-06012"}', "application/json", 400),
        (b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><request>&e;</request>", "text/xml", 400),
        (b"service_code=matter-06012&description=%ff%fe&lat=30.8&long=108.4", "application/x-www-form-urlencoded", 400),
        (b"description=%B0%A1", "application/x-www-form-urlencoded; charset=gb2312", 400),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", 403),
        (b"nonsense", "multipart/form-data", 400),
        (b"&".join(b"a%d=1" % n for n in range(1100)), "application/x-www-form-urlencoded", 413),
        (b"description=" + b"a" * 6_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_other_bodies_are_refused(open311: Open311, stored: Stored, body: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind, "Authorization": f"Bearer {open311.api_key}"}
    if status == 403:
        del headers["Authorization"]
    answer = open311.http.post("requests.json", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    fits(answer.json(), ERRORS)
    assert stored.cases == 0


def test_a_photo_that_is_none_is_refused(open311: Open311, stored: Stored) -> None:
    answer = open311.post(files={"media": ("a.jpg", b"#!/bin/sh", "image/jpeg")})
    assert answer.status_code == 400
    assert "media" in answer.json()[0]["description"]
    assert stored.cases == 0


def test_a_key_of_a_post_that_takes_no_reports_does_not_file(open311: Open311, stored: Stored) -> None:
    answer = open311.post(api_key=key("dispatcher"))
    assert answer.status_code == 403
    assert "api_key" in answer.json()[0]["description"]
    assert stored.cases == 0


def test_a_cookie_files_nothing_and_none_is_set(open311: Open311) -> None:
    answer = open311.http.post("requests.json", data={"service_code": "other"}, headers={"Cookie": "gewu_session=x"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in open311.post().headers


def test_keys_are_not_guessed_for_long(open311: Open311) -> None:
    codes = [open311.post(api_key=f"gewu_{n:012x}_{'a' * 43}").status_code for n in range(31)]
    assert codes == [403] * 30 + [429]


# ---- once


def test_the_same_idempotency_key_files_once(open311: Open311, stored: Stored) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (open311.post(headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert open311.post(headers={"Idempotency-Key": "another"}).json() != first.json()
    assert open311.post(headers=headers, api_key=key()).json() != first.json()  # another application's key of that name
    assert stored.cases == 3


@pytest.mark.parametrize("sender", [{"device_id": "phone-1"}, {"email": "a@example.org"}, {"phone": "13800000000"}])
def test_a_device_that_sends_again_files_once(open311: Open311, stored: Stored, sender: dict[str, str]) -> None:
    first = open311.file(**sender)
    assert open311.file(**sender) == first
    assert open311.file(**sender, description="另一个问题") != first
    assert open311.file(**sender, lat=30.8076) != first
    assert open311.file(**{name: value.replace("1", "2") + "2" for name, value in sender.items()}) != first
    assert stored.cases == 4


def test_many_at_once_with_one_key_are_one(open311: Open311, stored: Stored) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: open311.post(headers=headers), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()[0]["service_request_id"] for answer in answers}) == 1
    assert stored.cases == 1


def test_a_retry_is_known_across_the_turn_of_a_slot_and_not_for_ever(
    db: object, monkeypatch: pytest.MonkeyPatch, owner_connection: Any
) -> None:
    owner_connection.execute("TRUNCATE throttle_budget")
    start = now_us() // 1_000_000 // filing.RETRY_S * filing.RETRY_S * 1_000_000
    form = {"api_key": key(), "service_code": "other", "description": WORDS, "address_string": "x", "device_id": "d"}

    def at(seconds: float) -> str:
        monkeypatch.setattr(filing, "now_us", lambda: start + int(seconds * 1_000_000))
        answer = Client(headers={"Host": "127.0.0.1"}).post("/open311/v2/requests.json", form)
        assert answer.status_code == 200, answer.content
        return str(answer.json()[0]["service_request_id"])

    first = at(filing.RETRY_S - 1)
    assert at(filing.RETRY_S + 1) == first
    assert at(2 * filing.RETRY_S + 1) != first


def test_strangers_with_the_same_words_are_two(open311: Open311, stored: Stored) -> None:
    assert open311.file() != open311.file()
    assert stored.cases == 2
