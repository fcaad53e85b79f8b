"""M20, devices of smart estates and the video platform: registered, their state reported, an alarm becomes a case.
Played over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.conftest import Api
from gewu.cases.queries import get_case
from gewu.imports import alarms
from gewu.ledger.rebuild import rebuild_all
from gewu.registry import devicekinds, devices, versions
from gewu.registry.devicekinds import kind_of, kinds
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import DeviceKindFile
from support.district import acting, district_id

COMMUNITY, OTHER = "500101021006", "500101017001"
HEADER = ",".join(devices.HEADER)
CAMERA, GATE, DOOR = "CAM-0001", "GATE-0001", "DOOR-0001"
FILE = f"""{HEADER}
{CAMERA},camera,{COMMUNITY},public-security-bureau,望江路 3 栋东侧,2020-10-01,,online,1,assumption
CAM-0002,camera,{COMMUNITY},public-security-bureau,望江路 5 栋,2020-10-01,,offline,1,assumption
CAM-0003,camera,{OTHER},,太白路口,2020-10-01,2021-01-31,online,1,assumption
{GATE},plate_gate,{COMMUNITY},,小区南门,2020-10-01,,,1,assumption
{DOOR},face_access,{OTHER},,2 栋 1 单元,2020-10-01,,fault,1,assumption
"""


@pytest.fixture(autouse=True)
def register(db: object, owner_connection: psycopg.Connection) -> Iterator[None]:
    owner_connection.execute("DELETE FROM registry_device")
    assert devices.take_in(district_id(), FILE, datetime.now(UTC)) == devices.Loaded(5, 0, 0)
    yield
    owner_connection.execute("TRUNCATE imports_alarm")
    owner_connection.execute("DELETE FROM registry_device")


def alarm(device: str = CAMERA, number: str = "A-1", **more: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"device": device, "number": number, "kind": "消防通道占用", "at": at, "words": "车辆停放", **more}


def test_counts_by_kind_and_state_open_their_lists(api: Api) -> None:
    office = api.as_("comprehensive_office")
    found = office.get("/devices/figures").json()
    assert (found["devices"], found["online"]) == (4, 1)  # one is gone since 2021
    kinds = {one["kind"]["code"]: one for one in found["kinds"]}
    assert (kinds["camera"]["devices"], kinds["camera"]["online"], kinds["camera"]["offline"]) == (2, 1, 1)
    assert (kinds["plate_gate"]["unreported"], kinds["face_access"]["fault"]) == (1, 1)
    for kind, counted in kinds.items():
        for state, name in (("online", "online"), ("offline", "offline"), ("fault", "fault"), ("none", "unreported")):
            listed = office.get("/devices", params={"kind": kind, "state": state}).json()["items"]
            assert len(listed) == counted[name], (kind, state)
    then = office.get("/devices/figures", params={"day": "2021-01-31"}).json()
    assert then["devices"] == 5
    one = office.get(f"/devices/{CAMERA}").json()
    assert (one["kind"]["code"], one["spot"], one["state"]["code"], one["synthetic"]) == (
        "camera", "望江路 3 栋东侧", "online", True,
    )  # fmt: skip
    assert not {"picture", "face", "feature", "plate", "lon", "lat"} & set(one)


def test_what_devices_report_is_counted(api: Api) -> None:
    desk = api.as_("intake_officer")
    body = {"states": [{"device": GATE, "state": "online"}, {"device": CAMERA, "state": "offline"},
                       {"device": "CAM-9999", "state": "online"}]}  # fmt: skip
    answer = desk.post("/devices/states", json=body)
    assert answer.json() == {"taken": 2, "unknown": ["CAM-9999"]}
    kinds = {one["kind"]["code"]: one for one in desk.get("/devices/figures").json()["kinds"]}
    assert (kinds["plate_gate"]["online"], kinds["camera"]["online"], kinds["camera"]["offline"]) == (1, 0, 2)
    assert desk.get(f"/devices/{GATE}").json()["state_at"]
    refused = api.as_("unit_clerk", unit="urban-management-bureau").post("/devices/states", json=body)
    assert refused.status_code == 403


def test_an_alarm_becomes_a_case_that_names_the_device(api: Api) -> None:
    desk = api.as_("intake_officer")
    made = desk.post("/devices/alarms", json=alarm(category="matter:09009"))
    assert made.status_code == 201, made.text
    case = desk.get(made.headers["Location"].removeprefix("/api/v1")).json()
    assert (case["number"], case["stage"]["code"], case["source"]) == (made.json()["case"], "reported", "api")
    assert case["place"]["code"] == COMMUNITY
    assert CAMERA in case["texts"]["description"]
    assert "消防通道占用" in case["texts"]["description"]
    again = desk.post("/devices/alarms", json=alarm(category="matter:09009"))
    assert (again.status_code, again.json()["outcome"], again.json()["case"]) == (200, "known", case["number"])
    second = desk.post("/devices/alarms", json=alarm(number="A-2"))
    assert (second.status_code, second.json()["outcome"], second.json()["case"]) == (200, "joined", case["number"])
    other = desk.post("/devices/alarms", json=alarm(GATE, "A-1"))
    assert other.json()["outcome"] == "created"
    listed = desk.get("/devices/alarms").json()
    assert (listed["alarms"], listed["cases"]) == (3, 2)
    assert {(row["device"], row["number"], row["case"]) for row in listed["items"]} == {
        (CAMERA, "A-1", case["number"]), (CAMERA, "A-2", case["number"]), (GATE, "A-1", other.json()["case"]),
    }  # fmt: skip
    cases = desk.get("/devices/alarms", params={"joined": "false", "kind": "camera"}).json()
    assert (cases["alarms"], [row["number"] for row in cases["items"]]) == (1, ["A-1"])
    assert rebuild_all(district_id()).ok


def test_after_the_window_or_the_end_of_the_case_another_case_is_made(api: Api) -> None:
    directory = get_directory(district_id())
    desk = api.as_("intake_officer")
    who = acting("intake_officer")
    now = int(time.time() * 1_000_000)
    first = alarms.ring(directory, who, _rung("B-1", now), now)
    window = int(kind_of(directory, "camera").window.total_seconds() * 1_000_000)
    near = now + window
    assert alarms.ring(directory, who, _rung("B-2", near), near).record_id == first.record_id
    far = near + window + 1_000_000
    late = alarms.ring(directory, who, _rung("B-3", far), far)
    assert (late.outcome, late.record_id == first.record_id) == ("created", False)
    version = desk.get(f"/cases/{late.record_id}").headers["ETag"]
    declined = desk.post(
        f"/cases/{late.record_id}/moves/register", json={"form": {"category": "matter:09009"}},
        headers={"If-Match": version},
    )  # fmt: skip
    assert declined.status_code == 200, declined.text
    shift = api.as_("shift_leader")
    done = shift.post(
        f"/cases/{late.record_id}/moves/void", json={"reason": "误报"}, headers={"If-Match": declined.headers["ETag"]}
    )
    assert done.status_code == 200, done.text
    soon = far + 60_000_000
    assert alarms.ring(directory, who, _rung("B-4", soon), soon).outcome == "created"


@pytest.fixture
def own_kinds() -> Iterator[Callable[[str], Directory]]:
    """Give the district rows of ``device_kinds.csv`` of its own; returns its directory with them."""

    def given(rows: str) -> Directory:
        header = ",".join(devicekinds.HEADER)
        DeviceKindFile.objects.create(pack="wanzhou", body=f"{header}\n{rows}\n", loaded_at=datetime.now(UTC))
        versions.bump()
        return get_directory(district_id())

    yield given
    DeviceKindFile.objects.filter(pack="wanzhou").delete()
    versions.bump()


def test_kinds_are_those_of_the_packs_and_a_district_may_replace_one(own_kinds: Callable[[str], Directory]) -> None:
    assert [(k.kind, k.window, k.category) for k in kinds(get_directory(district_id())).values()] == [
        (kind, timedelta(hours=2), "")
        for kind in ("camera", "plate_gate", "face_access", "alarm_button", "sensor", "other")
    ]
    directory = own_kinds("camera,Eye,电子眼,matter:09009,1,test")
    who, now = acting("intake_officer"), int(time.time() * 1_000_000)
    first = alarms.ring(directory, who, _rung("D-1", now), now)
    late = now + 61_000_000
    second = alarms.ring(directory, who, _rung("D-2", late), late)
    assert second.outcome == "created", "the district's own window is a minute"
    case = get_case(district_id(), who, first.record_id)
    assert (case.row.category, case.row.excerpt[:3]) == ("matter:09009", "电子眼")
    other = alarms.Rung(CAMERA, "D-3", "入侵", datetime.fromtimestamp(late / 1_000_000, UTC), category="matter:01037")
    much = late + 120_000_000
    third = alarms.ring(directory, who, other, much)
    assert get_case(district_id(), who, third.record_id).row.category == "matter:01037", "what is said goes first"


def test_the_words_of_an_alarm_are_in_the_language_of_the_district() -> None:
    here = get_directory(district_id())
    device = devices.get(district_id(), CAMERA)
    assert device is not None
    rung = alarms.Rung(CAMERA, "A-1", "intrusion", datetime.now(UTC), "gate 3")
    assert alarms.said(here, device, rung) == "视频监控（CAM-0001，望江路 3 栋东侧）报警：intrusion。gate 3"
    abroad = replace(here, district=replace(here.district, language="en"))
    assert alarms.said(abroad, device, rung) == "Camera (CAM-0001, 望江路 3 栋东侧) rang: intrusion. gate 3"
    device.kind, device.spot = "kite", ""
    assert alarms.said(abroad, device, rung).startswith("kite (CAM-0001, Tianzilu Community, Zhoujiaba Street) rang"), (
        "no pack knows this kind"
    )


def test_alarms_of_one_device_at_the_same_moment_make_one_case(api: Api) -> None:
    desk = api.as_("intake_officer")

    def send(n: int) -> httpx.Response:
        return desk.post("/devices/alarms", json=alarm(number=f"C-{n % 6}"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(12)))  # six alarms, each sent twice
    assert {a.status_code for a in answers} <= {200, 201}, [a.text for a in answers]
    assert len({a.json()["case"] for a in answers}) == 1
    outcomes = sorted(a.json()["outcome"] for a in answers)
    assert (outcomes.count("created"), outcomes.count("joined"), outcomes.count("known")) == (1, 5, 6)
    listed = desk.get("/devices/alarms").json()
    assert (listed["alarms"], listed["cases"]) == (6, 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"device": "CAM-9999"}, 404),
        ({"device": "CAM-0003"}, 422),  # out of use
        ({"number": ""}, 422),
        ({"kind": ""}, 422),
        ({"category": "matter:99999"}, 422),
        ({"at": "2099-01-01T00:00:00+08:00"}, 422),
        ({"at": "yesterday"}, 422),
        ({"face": "0a1b"}, 422),
        ({"words": "\x00"}, 422),
    ],
)
def test_what_is_no_alarm(api: Api, change: dict[str, Any], status: int) -> None:
    desk = api.as_("intake_officer")
    answer = desk.post("/devices/alarms", json={**alarm(), **change})
    assert answer.status_code == status, answer.text
    assert desk.get("/devices/alarms").json()["alarms"] == 0


def test_only_an_intake_post_sends_alarms_and_a_street_sees_its_own_devices(api: Api) -> None:
    clerk = api.as_("unit_clerk", unit="office-taibai")
    assert clerk.post("/devices/alarms", json=alarm()).status_code == 403
    assert {one["code"] for one in clerk.get("/devices").json()["items"]} == {DOOR}
    assert clerk.get(f"/devices/{CAMERA}").status_code == 404
    with api.client() as nobody:
        assert nobody.get("/devices").status_code == 401
    police = api.as_("unit_clerk", unit="public-security-bureau")
    assert CAMERA in {one["code"] for one in police.get("/devices").json()["items"]}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"CAM-1,drone,{COMMUNITY},,,,,,0,x", "kind is one of"),
        ("CAM-1,camera,999999,,,,,,0,x", "is no place"),
        (f"CAM-1,camera,{COMMUNITY},nobody,,,,,0,x", "is no unit"),
        (f"CAM-1,camera,{COMMUNITY},,,2020-13-01,,,0,x", "since is no date"),
        (f"CAM-1,camera,{COMMUNITY},,,2021-01-02,2021-01-01,,0,x", "until lies before since"),
        (f"CAM-1,camera,{COMMUNITY},,,,,asleep,0,x", "state is one of"),
        (f"CAM 1,camera,{COMMUNITY},,,,,,0,x", "is not made of"),
        (f"CAM-1,camera,{COMMUNITY},,,,,,0", "9 columns"),
        (f"CAM-1,camera,{COMMUNITY},,,,,,0,x\nCAM-1,camera,{COMMUNITY},,,,,,0,x", "stands twice"),
    ],
)
def test_a_file_with_a_fault_is_not_taken(line: str, why: str) -> None:
    found = devices.take_in(district_id(), f"{HEADER}\n{line}\nCAM-2,camera,{COMMUNITY},,,,,,0,x\n", datetime.now(UTC))
    assert isinstance(found, list)
    assert why in str(found[0])
    assert devices.get(district_id(), "CAM-2") is None


def test_further_columns_are_refused() -> None:
    found = devices.take_in(district_id(), f"{HEADER},face_template\n", datetime.now(UTC))
    assert isinstance(found, list)
    assert "the header is" in str(found[0])


def test_a_file_read_again_keeps_what_was_reported() -> None:
    devices.report_states(district_id(), {GATE: "online"}, datetime.now(UTC))
    assert devices.take_in(district_id(), FILE, datetime.now(UTC)) == devices.Loaded(0, 0, 5)
    moved = FILE.replace("小区南门", "小区北门")
    assert devices.take_in(district_id(), moved, datetime.now(UTC)) == devices.Loaded(0, 1, 4)
    row = devices.get(district_id(), GATE)
    assert row is not None
    assert (row.state, row.spot) == ("online", "小区北门")


def test_ten_thousand_devices_load_and_count_fast() -> None:
    lines = [f"V-{n:05d},camera,{COMMUNITY},,点位 {n},2019-01-01,,{'online' if n % 10 else 'offline'},1,x"
             for n in range(9_970)]  # fmt: skip
    began = time.monotonic()
    assert devices.take_in(district_id(), "\n".join([HEADER, *lines]), datetime.now(UTC)) == devices.Loaded(9_970, 0, 0)
    loaded = time.monotonic() - began
    counts = devices.counts(district_id(), devices.Wanted(date(2019, 12, 31), kind="camera"))
    assert (counts[0].devices, counts[0].online) == (9_970, 8_973)
    assert loaded < 20  # a second or two on an idle machine
    rows, after = devices.page(district_id(), devices.Wanted(date(2019, 12, 31), words="点位 9969"))
    assert ([row.code for row in rows], after) == (["V-09969"], "")


def test_the_command_takes_a_file_in_or_tells_its_faults(database_session: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(FILE.replace("CAM-", "CLI-"), encoding="utf-8")
    bad.write_text(FILE.replace("plate_gate", "dragon"), encoding="utf-8")

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gewu", "devices", *args, "--json"], check=False, capture_output=True, text=True
        )

    taken = run(str(good))
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout.splitlines()[-1])["created"] == 3
    refused = run(str(bad))
    assert refused.returncode == 1
    assert "kind is one of" in refused.stdout


def _rung(number: str, at_us: int) -> alarms.Rung:
    return alarms.Rung(CAMERA, number, "入侵", datetime.fromtimestamp(at_us / 1_000_000, UTC) - timedelta(seconds=5))
