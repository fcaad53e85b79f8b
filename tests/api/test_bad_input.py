"""Bad input: a clear error in the one shape, nothing stored, nothing leaked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.conftest import CATEGORY, DESCRIPTION, LAT, LON, Api, Steps, intake, photo
from support.district import picture, post

Rows = Callable[[], dict[str, int]]
GOOD: dict[str, Any] = {
    "form": {"description": DESCRIPTION, "source": "phone", "category": CATEGORY},
    "position": {"lon": LON, "lat": LAT},
}
INTAKES = "/cases/intakes"


def changed(**more: Any) -> dict[str, Any]:
    """A good intake with other members."""
    return {**GOOD, **more}


def form(**more: Any) -> dict[str, Any]:
    """A good intake with other form fields."""
    return {**GOOD, "form": {**GOOD["form"], **more}}


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check the shape of an error and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["code"] == code, found
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["type"] == f"/api/v1/problems/{code}"
    assert "Traceback" not in answer.text
    return found


NAN = '{"form": {"description": "x", "source": "phone"}, "position": {"lon": NaN, "lat": 1}}'


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe{}",
        NAN.encode(),
        NAN.replace("NaN", "Infinity").encode(),
        NAN.replace("NaN", "1" + "0" * 5000).encode(),
        NAN.replace("NaN", "9007199254740993").encode(),
        b'{"form": {}, "form": {}}',
        b'{"form": {"description": ' + b"[" * 200 + b"]" * 200 + b"}}",
        b"[" * 100_000,
    ],
    ids=["cut", "empty", "list", "null", "text", "not utf-8", "NaN", "Infinity", "5000 digits", "beyond 2^53",
         "repeated name", "deep", "very deep"],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(api: Api, rows: Rows, body: bytes) -> None:
    before = rows()
    answer = api.as_("intake_officer").post(INTAKES, content=body, headers={"Content-Type": "application/json"})
    if body:
        problem_of(answer, 400, "bad_json")
    else:
        problem_of(answer, 422, "invalid")
    assert rows() == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (changed(colour="red"), "colour", "unknown"),
        (form(colour="red"), "form.colour", "unknown"),
        (form(category="matter:99999"), "form.category", "not_found"),
        (form(category=6012), "form.category", "type"),
        (form(category=["matter:06012"]), "form.category", "type"),
        (form(category={"a": 1}), "form.category", "type"),
        (form(category="x" * 81), "form.category", "too_long"),
        (form(source="telepathy"), "form.source", "choice"),
        (form(source=None), "form.source", "required"),
        (form(urgent="yes"), "form.urgent", "type"),
        (form(urgent=1.5), "form.urgent", "type"),
        (form(description=""), "form.description", "required"),
        (form(description=5), "form.description", "type"),
        (form(description="x" * 2001), "form.description", "too_long"),
        (form(description="bell\x07"), "form.description", "control"),
        (form(description="nul\x00"), "form.description", "control"),
        (form(description="\u202eevil"), "form.description", "control"),
        (form(description="\ud800"), "form.description", "control"),
        (form(reporter_phone="call me"), "form.reporter_phone", "phone"),
        (changed(outside_number="a\x00b"), "outside_number", "control"),
        (changed(outside_number="a\nb"), "outside_number", "control"),
        (changed(outside_number="x" * 81), "outside_number", "too_long"),
        (changed(place="999999"), "place", "choice"),
        (changed(place="999999", position=None), "place", "unknown_place"),
        (changed(place="500101\x00"), "place", "control"),
        (changed(position={"lon": "108", "lat": LAT, "x": 1}), "position.x", "unknown"),
        (changed(position={"lon": LON}), "position.lat", "required"),
        (changed(position={"lon": True, "lat": [1]}), "position.lat", "type"),
        (changed(position={"lon": LON, "lat": LAT, "datum": "mars"}), "position.datum", "choice"),
        (changed(photos=[{"id": "not-a-uuid"}]), "photos.0.id", "type"),
        (changed(photos=[{"id": str(uuid4()), "role": "selfie"}]), "photos.0.role", "choice"),
        (changed(photos=[{"id": str(uuid4())}] * 21), "photos", "too_long"),
        (changed(photos=[{"id": str(uuid4())}]), "photos", "not_found"),
        (changed(form=[]), "form", "type"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_code_and_sentence(
    api: Api, rows: Rows, body: dict[str, Any], field: str, code: str
) -> None:
    before = rows()
    # Written with escapes, because not every text in these bodies has an encoding.
    answer = api.as_("intake_officer").post(
        INTAKES, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    found = problem_of(answer, 422, answer.json()["code"])
    assert (field, code) in {(e["field"], e["code"]) for e in found["errors"]}, found
    assert all(e["message"] and e["message"] != e["code"] for e in found["errors"])
    assert rows() == before


@pytest.mark.parametrize(("lon", "lat"), [(122.5, 30.0), (0.0, 0.0), (30.8075, 108.4087), (500.0, 30.0), (LON, 90.5)])
def test_a_point_at_sea_is_refused_with_its_distance(api: Api, rows: Rows, lon: float, lat: float) -> None:
    before = rows()
    answer = api.as_("intake_officer").post(INTAKES, json=changed(position={"lon": lon, "lat": lat}))
    found = problem_of(answer, 422, answer.json()["code"])
    assert found["code"] in ("outside_district", "bad_position")
    if (lon, lat) == (122.5, 30.0):
        assert found["code"] == "outside_district"
        assert 1_200_000 < found["distance_m"] < 1_500_000
        assert "km outside Wanzhou" in found["detail"]
    assert rows() == before


def test_files_that_are_no_photos_are_refused(api: Api, rows: Rows) -> None:
    client, before = api.as_("collector"), rows()

    def send(data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg", **more: str) -> httpx.Response:
        return client.post("/attachments", files={"photo": (name, data, kind)}, data=more)

    problem_of(send(picture() + b"\0" * (30 * 1024 * 1024)), 413, "too_large")
    problem_of(send(picture() + b"\0" * (15 * 1024 * 1024)), 413, "too_large")
    problem_of(send(b"<html><script>alert(1)</script></html>"), 415, "not_a_photo")
    problem_of(send(b"GIF89a" + b"\0" * 40), 415, "not_a_photo")
    problem_of(send(b""), 422, "empty")
    problem_of(send(picture(640, 480)[:-200]), 422, "damaged")
    problem_of(send(picture(), role="selfie"), 422, "invalid")
    problem_of(client.post("/attachments", json={}), 422, "invalid")
    problem_of(client.post("/attachments", content=b"x" * 100, headers={"Content-Type": "multipart/form-data"}), 400,
               "bad_request")  # fmt: skip
    problem_of(
        client.post(INTAKES, files={"photo": ("a.jpg", picture(), "image/jpeg")}, data={"form": "{}"}),
        415,
        "media_type",
    )
    assert rows() == before


def test_dates_beyond_belief_are_refused(api: Api) -> None:
    steps = Steps(api, intake(api)).filed().handling()
    unit = steps.seen(api.as_("dispatcher"))["lead_unit"]["code"]
    clerk = api.as_("unit_clerk", unit=unit)
    for until, code in (("1900-01-01", "past"), ("2026-13-01", "date"), ("9999-12-31", "too_far"), (5, "type")):
        answer = clerk.post(
            f"/cases/{steps.id}/moves/request_suspension",
            json={"form": {"until": until}, "reason": "等待材料"},
            headers={"If-Match": f'"{steps.version}"'},
        )
        found = problem_of(answer, 422, "invalid")
        assert [(e["field"], e["code"]) for e in found["errors"]] == [("form.until", code)]
    assert steps.seen(clerk)["version"] == steps.version


def test_moves_say_what_is_missing_or_wrong(api: Api) -> None:
    steps = Steps(api, intake(api))
    officer, path = api.as_("intake_officer"), f"/cases/{steps.id}/moves/"
    problem_of(officer.post(path + "send_verify", json={}), 428, "version_required")
    for tag in ("seven", '"0"', "*", '"1", "2"', "9" * 30):
        problem_of(officer.post(path + "send_verify", json={}, headers={"If-Match": tag}), 400, "bad_header")
    stale = problem_of(officer.post(path + "send_verify", json={}, headers={"If-Match": '"9"'}), 409, "stale")
    assert stale["version"] == 1
    now = {"If-Match": '"1"'}
    bad_key = officer.post(path + "send_verify", json={}, headers={**now, "Idempotency-Key": "again"})
    problem_of(bad_key, 422, "invalid")
    problem_of(officer.post(path + "fly", json={}, headers=now), 404, "unknown_move")
    problem_of(officer.post(path + "auto_resume", json={}, headers=now), 404, "unknown_move")
    problem_of(officer.post(path + "expire", json={}, headers=now), 404, "unknown_move")
    problem_of(officer.post(path + "report", json={"form": {}}, headers=now), 409, "wrong_stage")
    problem_of(officer.post(path + "void", json={}, headers=now), 422, "needs_reason")
    problem_of(officer.post(path + "file_unverified", json={}, headers=now), 403, "not_allowed")
    problem_of(officer.post(path + "add_note", json={}), 422, "invalid")
    problem_of(officer.post(path + "send_verify", json={"form": {"collector": "1; DROP"}}, headers=now), 422, "invalid")
    problem_of(officer.post(path + "send_verify", json={"target": 2**40}, headers=now), 422, "invalid")
    problem_of(officer.post(f"/cases/{uuid4()}/moves/add_note", json={"form": {"note": "x"}}), 404, "not_found")
    assert steps.seen(officer)["version"] == 1


def test_a_part_for_somebody_who_could_never_do_it_is_refused(api: Api) -> None:
    steps = Steps(api, intake(api))
    officer, path = api.as_("intake_officer"), f"/cases/{steps.id}/moves/send_verify"
    named = {"form": {"collector": str(post("dispatcher").person)}}
    found = problem_of(officer.post(path, json=named, headers={"If-Match": '"1"'}), 422, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [("form.collector", "not_of_role")]
    assert steps.seen(officer)["version"] == 1


def test_a_photo_of_somebody_else_cannot_be_used(api: Api) -> None:
    steps = Steps(api, intake(api))
    theirs = photo(api.as_("collector"))
    answer = api.as_("intake_officer").post(
        f"/cases/{steps.id}/moves/add_note", json={"form": {"note": "x"}, "photos": [theirs]}
    )
    found = problem_of(answer, 422, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [("photos", "not_found")]


def test_addresses_and_methods_that_do_not_exist_are_told_in_the_same_shape(api: Api) -> None:
    client = api.as_("intake_officer")
    problem_of(client.get("/nothing/here"), 404, "no_address")
    problem_of(client.get("/cases/12"), 404, "no_address")
    problem_of(client.get("/"), 404, "no_address")
    problem_of(client.get("/cases", headers={"Host": "evil.example"}), 400, "bad_request")
    answer = client.put("/cases")
    problem_of(answer, 405, "method")
    assert "GET" in answer.headers["Allow"]
    problem_of(client.post(INTAKES, content=b"x" * (300 * 1024), headers={"Content-Type": "application/json"}), 413,
               "too_large")  # fmt: skip
    problem_of(client.post(INTAKES, content=b"a=b", headers={"Content-Type": "text/plain"}), 415, "media_type")
    for size in (10, 400):
        chunked = client.post(INTAKES, content=iter([b"x" * 1024] * size), headers={"Content-Type": "application/json"})
        problem_of(chunked, 411, "no_length")
    for query in ("limit=0", "limit=201", "limit=x", "after=x", "order=up", "colour=red", "place=%00", "stage=%00",
                  "after=2026-01-01~x", "ended=maybe", "category=%ED%A0%80"):  # fmt: skip
        assert client.get(f"/cases?{query}").status_code in (200, 422), query
    problem_of(client.get("/cases?colour=red"), 422, "invalid")
    problem_of(client.get("/cases?place=%00"), 422, "invalid")
    problem_of(client.get("/cases?after=x"), 422, "bad_cursor")
    problem_of(client.get("/cases/by-number/%00"), 404, "not_found")
    problem_of(client.get("/places/locate?lon=nan&lat=1"), 422, "invalid")
    problem_of(client.get("/places/locate?lon=122.5&lat=30"), 422, "outside_district")


def test_errors_speak_the_language_of_the_request(api: Api) -> None:
    client = api.as_("intake_officer")
    for language, title, sentence in (
        ("en", "Something in the request is not right", "please fill this in"),
        ("zh-CN,zh;q=0.9", "提交内容有误", "必填"),
    ):
        answer = client.post(INTAKES, json=form(description=" "), headers={"Accept-Language": language})
        assert answer.json()["title"] == title
        assert answer.json()["errors"][0]["message"] == sentence
