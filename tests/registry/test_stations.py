"""``stations.csv``: what is refused, and what residents read of it."""

from __future__ import annotations

import pytest
from django.test import Client

from gewu.registry.packs.problems import Problems
from gewu.registry.stations import read, stations
from support.district import directory

HEADER = (
    "code,kind,place,name_zh,name_en,hours_zh,hours_en,services_zh,services_en,source,lon,lat,work_phone,access_zh,"
    "access_en,address_zh,address_en,valid_from,valid_to,synthetic\n"
)
GOOD = "k1,kiosk,500101001002,亭,Kiosk,每天,daily,饮水,water,s,108.4,30.8,023-0000 8001,无台阶,no step,,,,,1\n"
BAD = (
    ("k1,kiosk,", "k1,palace,", "kind"),
    ("108.4,30.8", "108.4,", "stand together"),
    ("108.4,30.8", "nan,30.8", "degrees"),
    ("023-0000 8001", "13800000000", "mobile"),
    ("每天,daily", "每天,", "hours_en"),
    ("无台阶,no step", "无台阶,", "both languages"),
    (",1\n", ",1\n" + GOOD.strip() + "\n", "stands twice"),
)


def faults(text: str) -> list[str]:
    problems = Problems()
    read(text, problems)
    return [str(one) for one in problems.sorted()]


def test_a_good_row_is_read() -> None:
    problems = Problems()
    (one,) = read(HEADER + GOOD, problems)
    assert not problems
    assert (one.said("name", "zh-hans"), one.said("services", "en"), one.lon, one.synthetic) == (
        "亭",
        "water",
        108.4,
        True,
    )


@pytest.mark.parametrize(("good", "bad", "said"), BAD)
def test_a_bad_row_is_named_with_its_line(good: str, bad: str, said: str) -> None:
    found = faults(HEADER + GOOD.replace(good, bad))
    assert found
    assert any(said in one and "stations.csv" in one for one in found), found


def test_residents_read_them_as_a_list_and_on_a_drawing(db: object) -> None:
    every = stations(directory())
    assert {one.kind for one in every} == {"station", "kiosk", "counter"}
    assert all(one.synthetic for one in every), "none is public: the pack says so"
    page = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="zh-CN", HTTP_ACCEPT="text/html")
    body = page.get("/stations").content.decode()
    assert body.count('class="board-says"') == len(every)
    assert "演示数据" in body
    street = every[0].place[:9]
    inside = [one for one in every if one.place.startswith(street)]
    assert page.get(f"/stations?street={street}").content.decode().count('class="board-says"') == len(inside)
    kiosks = [one for one in every if one.kind == "kiosk"]
    drawn = page.get("/stations/map-640.svg?kind=kiosk")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert drawn.content.decode().count('class="n"') == len(kiosks)
    assert page.get("/stations?street=junk").status_code == 404
    assert page.get("/stations?kind=junk").status_code == 200
