"""Who sees what: territories, the reporter's name, photos, other districts."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
from PIL import Image

from api.conftest import CATEGORY, Api, Steps, intake, photo
from api.test_bad_input import problem_of
from gewu.registry.models import District, Post, Unit
from gewu.registry.people import issue_token


def test_a_forged_or_missing_token_opens_nothing(api: Api) -> None:
    case = intake(api)
    good = api.as_("intake_officer").headers["Authorization"].removeprefix("Bearer ")
    forged = (
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "gewu_000000000000_x",
        "x",
        "gewu_é_x",
        "gewu__x",
        "a b",
    )
    for text in forged:
        with api.client() as client:
            header = {"Authorization": b"Bearer " + text.encode()}
            answer = client.get(f"/cases/{case['id']}", headers=header)
            found = problem_of(answer, 401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert case["number"] not in str(found)
            problem_of(client.post("/cases/intakes", json={}, headers=header), 401, "unauthenticated")
    with api.client() as client:
        problem_of(client.get("/cases"), 401, "unauthenticated")
        problem_of(client.post("/cases/intakes", json={}), 401, "unauthenticated")


@pytest.fixture
def foreign_token(db: object, owner_connection: psycopg.Connection):
    """A token of a post with the same role in another district."""
    home = District.objects.get(code="500101")
    other = District.objects.create(
        code="990101", pack="test", name_en="Elsewhere", name_zh="别处", timezone=home.timezone,
        work_day_mode=home.work_day_mode, default_calendar=home.default_calendar, language="en",
    )  # fmt: skip
    mine = Post.objects.select_related("role").filter(district=home, role__code="intake_officer").first()
    assert mine is not None
    unit = Unit.objects.create(
        district=other, code="X", path="/X/", kind="office", name_en="X", name_zh="X", pack="test"
    )
    post = Post.objects.create(
        district=other, code="X-1", unit=unit, role=mine.role, name_en="X 1", name_zh="X 1", pack="test",
        scope_prefixes=["990101", "500101"],
    )  # fmt: skip
    yield issue_token(post, "foreign", datetime.now(UTC) + timedelta(hours=1))
    for table in ("registry_apitoken", "registry_post", "registry_unit"):
        owner_connection.execute(f"DELETE FROM {table} WHERE district_id = %s", [other.pk])
    owner_connection.execute("DELETE FROM registry_district WHERE id = %s", [other.pk])


def test_a_token_of_another_district_sees_only_its_own(api: Api, foreign_token: str, rows: object) -> None:
    steps = Steps(api, intake(api))
    picture = photo(api.as_("intake_officer"))
    with api.client(Authorization=f"Bearer {foreign_token}") as client:
        assert client.get("/me").json()["district"]["code"] == "990101"
        assert client.get("/cases").json()["items"] == []
        for answer in (
            client.get(f"/cases/{steps.id}"),
            client.get(f"/cases/by-number/{steps.case['number']}"),
            client.get(f"/attachments/{picture['id']}"),
            client.post(f"/cases/{steps.id}/moves/add_note", json={"form": {"note": "x"}}),
            client.post(f"/cases/{steps.id}/moves/void", json={"reason": "x"}, headers={"If-Match": '"1"'}),
            client.post(f"/cases/{steps.id}/merge", json={"form": {"target": str(uuid4())}, "reason": "x"}),
        ):
            found = problem_of(answer, 404, "not_found")
            assert "油污" not in str(found)
        problem_of(client.post(f"/cases/{steps.id}/erase", json={"number": steps.case["number"]}), 403, "not_allowed")
    assert steps.seen(api.as_("intake_officer"))["version"] == 1


def test_a_post_sees_its_territory_and_its_own_work_only(api: Api) -> None:
    steps = Steps(api, intake(api))
    near = api.as_("collector", covering=steps.place)
    assert near.get(f"/cases/{steps.id}").status_code == 200
    everywhere = near.get("/posts", params={"role": "collector"}).json()["items"]
    elsewhere = next(p for p in everywhere if not steps.place.startswith(tuple(p["scope"])) and p["person"])
    far = api.of(elsewhere["code"])
    problem_of(far.get(f"/cases/{steps.id}"), 404, "not_found")
    problem_of(far.post(f"/cases/{steps.id}/moves/add_note", json={"form": {"note": "x"}}), 404, "not_found")
    assert far.get("/cases").json()["items"] == []
    assert [c["id"] for c in near.get("/cases").json()["items"]] == [steps.id]


def test_the_reporter_is_masked_to_everybody_and_hidden_from_the_handlers(api: Api) -> None:
    steps = Steps(api, intake(api)).filed().handling()
    desk = steps.seen(api.as_("intake_officer"))
    dispatcher = steps.seen(api.as_("dispatcher"))
    for seen in (desk, steps.seen(api.as_("shift_leader")), dispatcher):
        assert seen["reporter"] == {"wants_answer": True, "name": "王*", "phone": "138****0000", "shown": "masked"}
    clerk = steps.seen(api.as_("unit_clerk", unit=desk["lead_unit"]["code"]))
    assert clerk["reporter"] == {"wants_answer": True, "name": "", "phone": "", "shown": "hidden"}
    for seen in (desk, dispatcher, clerk):
        assert "13800000000" not in str(seen)
        assert "王某" not in str(seen)
    assert "王" not in str(clerk["timeline"]) + str(clerk["texts"])


def _with_place() -> bytes:
    image = Image.new("RGB", (2000, 1500), (10, 200, 90))
    exif = image.getexif()
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 48.0, 27.0), 3: "E", 4: (108.0, 24.0, 31.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_photos_are_given_out_without_the_cameras_data_and_the_original_not_to_handlers(api: Api) -> None:
    data = _with_place()
    officer = api.as_("intake_officer")
    sent = officer.post("/attachments", files={"photo": ("a.jpg", data, "image/jpeg")}, data={"role": "scene"})
    assert sent.status_code == 201, sent.text
    assert (sent.json()["width"], sent.json()["height"]) == (2000, 1500)
    assert round(sent.json()["lon"], 3) == 108.409
    path = f"/attachments/{sent.json()['id']}"
    problem_of(api.as_("dispatcher").get(path), 404, "not_found")  # not bound to a case yet
    steps = Steps(api, intake(api, photos=[{"id": sent.json()["id"], "role": "scene"}])).filed().handling()
    clerk = api.as_("unit_clerk", unit=steps.seen(officer)["lead_unit"]["code"])

    def size(client: httpx.Client, name: str) -> tuple[int, int]:
        answer = client.get(path, params={"size": name})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("private")
        image = Image.open(io.BytesIO(answer.content))
        assert not image.getexif()
        assert b"Secret Camera" not in answer.content
        return image.size

    assert max(size(clerk, "thumb")) == 320
    assert max(size(clerk, "page")) == 1600
    assert officer.get(path, params={"size": "original"}).content == data
    problem_of(clerk.get(path, params={"size": "original"}), 404, "not_found")
    problem_of(clerk.get(path, params={"size": "huge"}), 422, "invalid")


def test_erasing_is_for_administrators_and_leaves_the_story(api: Api) -> None:
    steps = Steps(api, intake(api))
    number = steps.case["number"]
    problem_of(api.as_("intake_officer").post(f"/cases/{steps.id}/erase", json={"number": number}), 403, "not_allowed")
    administrator = api.as_("administrator")
    wrong = administrator.post(f"/cases/{steps.id}/erase", json={"number": "1"})
    problem_of(wrong, 422, "invalid")
    done = administrator.post(f"/cases/{steps.id}/erase", json={"number": number})
    assert done.status_code == 200, done.text
    again = administrator.post(f"/cases/{steps.id}/erase", json={"number": number})
    assert again.json() == done.json()
    seen = steps.seen(api.as_("intake_officer"))
    assert seen["erased"]
    assert seen["texts"] is None
    assert seen["timeline"][0]["texts"] is None
    assert seen["category"]["code"] == CATEGORY
    refused = api.as_("intake_officer").post(f"/cases/{steps.id}/moves/add_note", json={"form": {"note": "x"}})
    problem_of(refused, 409, "erased")
