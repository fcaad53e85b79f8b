"""Devices at the desk: counts by kind, the lists they open, one device, its alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from desk.conftest import Sit, text
from gewu.imports import alarms
from gewu.registry import devices
from support.district import acting, directory, district_id

PLACE, CAMERA = "500101021006", "CAM-0001"
FILE = f"""{",".join(devices.HEADER)}
{CAMERA},camera,{PLACE},public-security-bureau,望江路 3 栋东侧,2020-10-01,,online,1,assumption
CAM-0002,camera,{PLACE},public-security-bureau,望江路 5 栋,2020-10-01,,offline,1,assumption
GATE-0001,plate_gate,{PLACE},,小区南门,2020-10-01,,,1,assumption
"""


@pytest.fixture(autouse=True)
def register(db: object, owner_connection: psycopg.Connection) -> Iterator[None]:
    owner_connection.execute("DELETE FROM registry_device")
    devices.take_in(district_id(), FILE, datetime.now(UTC))
    yield
    owner_connection.execute("TRUNCATE imports_alarm")
    owner_connection.execute("DELETE FROM registry_device")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages(sit: Sit, language: str) -> None:
    rung = alarms.Rung(CAMERA, "A-1", "消防通道占用", datetime.now(UTC))
    alarms.ring(directory(), acting("intake_officer"), rung)
    seat = sit("comprehensive_office", language=language)
    overview = seat.get("/desk/district/devices")
    assert overview.status_code == 200
    assert ("Plate gate" if language == "en" else "车牌识别门闸") in text(overview)
    listed = text(seat.get("/desk/district/devices/list?kind=camera&state=online"))
    assert CAMERA in listed
    assert "CAM-0002" not in listed
    assert seat.get("/desk/district/devices/list?state=online&form=xlsx").content[:2] == b"PK"
    assert CAMERA in text(seat.get(f"/desk/district/devices/one/{CAMERA}"))
    assert "消防通道占用" in text(seat.get("/desk/district/devices/alarms?made=1"))
    assert seat.get("/desk/district/devices/one/none").status_code == 404


def test_an_empty_register_says_how_it_is_filled(sit: Sit, owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("DELETE FROM registry_device")
    assert "gewu devices FILE" in text(sit("comprehensive_office").get("/desk/district/devices"))


def test_a_street_sees_its_own(sit: Sit) -> None:
    seat = sit("unit_clerk", unit="office-taibai")
    assert CAMERA not in text(seat.get("/desk/district/devices/list"))
    assert seat.get(f"/desk/district/devices/one/{CAMERA}").status_code == 404
