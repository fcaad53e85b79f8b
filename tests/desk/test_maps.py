"""Maps: polygons that stay small, a base map that is checked, and tiles that come through one guarded door."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st
from shapely.geometry import Point, shape

from desk.conftest import Sit
from gewu.cases.queries.maps import MapCell
from gewu.home.layout import Home
from gewu.registry import basemaps, versions
from gewu.registry.models import BaseMapFile
from gewu.surfaces.desk.views import maps
from gewu.surfaces.maps import tiles
from gewu.surfaces.maps.hexes import hexagons
from support.district import CODE, POINT, Walk, directory
from support.tiles import MapService, map_service

GAOSUNTANG = "500101001"
HERE = (12, 3281, 1677)
"""A tile (z, x, y) in the middle of Wanzhou."""


def anybody(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language)


def features(answer: Any) -> list[dict[str, Any]]:
    body = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    found: list[dict[str, Any]] = json.loads(body)["features"]
    return found


# ---- polygons


def test_strangers_get_polygons_down_to_communities_and_they_are_small(db: object) -> None:
    client = anybody("zh-hans")
    about = client.get(f"/maps/{CODE}/map.json").json()
    west, south, east, north = about["bounds"]
    assert west < POINT[0] < east
    assert south < POINT[1] < north
    assert about["tiles"] is None
    assert about["shapes"]["grids"] == ""
    assert "示意" in about["notes"][0], "what is generated is said"
    for name, kinds, most in (("outline", {"district", "street"}, 40_000), ("communities", {"community"}, 80_000)):
        answer = client.get(about["shapes"][name], headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert len(answer.content) < most
        found = features(answer)
        assert {one["properties"]["k"] for one in found} == kinds
        assert all(shape(one["geometry"]).is_valid for one in found)
        again = client.get(about["shapes"][name], headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert not again.content
    streets = {p.code for p in directory().places.values() if p.kind == "street" and p.active}
    assert {f["properties"]["c"] for f in features(client.get(f"/maps/{CODE}/shapes/outline"))} == {*streets, CODE}
    assert client.get(f"/maps/{CODE}/shapes/grids").status_code == 404
    assert client.get(f"/maps/{CODE}/shapes/grids/{GAOSUNTANG}").status_code == 404
    assert client.get("/maps/110105/map.json").status_code == 404, "a district that is not served"


def test_grids_come_street_by_street_to_those_at_a_post(sit: Sit) -> None:
    seat = sit("dispatcher")
    about = seat.get(f"/desk/maps/{CODE}/map.json", lang="en").json()
    answer = seat.client.get(
        about["shapes"]["grids"].replace("{street}", GAOSUNTANG), headers={"Accept-Encoding": "gzip"}
    )
    found = features(answer)
    grids = [p.code for p in directory().places.values() if p.code.startswith(GAOSUNTANG) and p.kind == "grid"]
    assert sorted(one["properties"]["c"] for one in found) == sorted(grids)
    assert all(one["properties"]["g"] == 1 for one in found), "synthetic grids say so"
    assert len(answer.content) < 40_000
    assert seat.get(f"/desk/maps/{CODE}/shapes/grids/500101999").status_code == 404
    assert seat.get("/desk/maps/110105/map.json").status_code == 404
    assert anybody().get(f"/desk/maps/{CODE}/map.json").headers["Location"].startswith("/desk/login")


def test_the_map_of_a_case_shows_it_and_the_open_ones_near(sit: Sit) -> None:
    first, second = Walk().intake(), Walk().intake()
    seat = sit("dispatcher")
    page = seat.get(f"/desk/cases/{first.number}").content.decode()
    assert f'data-points="/desk/cases/{first.number}/around"' in page
    assert 'data-island="map"' in page
    assert f'data-district="/desk/maps/{CODE}/map.json?lang=en"' in page
    assert '<div class="map-fallback"><picture>' in page, "the drawing of the server stays for those without WebGL"
    found = {
        f["properties"]["title"].split()[0]: f["properties"]
        for f in seat.get(f"/desk/cases/{first.number}/around").json()["features"]
    }
    assert found[first.number]["state"] == "own"
    assert found[second.number]["href"] == f"/desk/cases/{second.number}"
    assert found[second.number]["state"] == "late"
    assert set(found[second.number]) == {"title", "line", "href", "state"}, "no words of anybody"


# ---- the base map

AT = "https://a.example/{z}/{x}"
ROWS = 'attribution: {en: "District GIS", zh: "区地理信息平台"}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: none\n", ""),
        ("source: tianditu\nattribution: {en: Tianditu, zh: 天地图}\n", ""),
        ("source: tianditu\n", "attribution"),
        (f"source: xyz\n{ROWS}coordinates: cgcs2000\n", "needs a template"),
        (f'source: wmts\n{ROWS}template: "{AT}/{{y}}"\n', "say which coordinates"),
        (f'source: xyz\n{ROWS}coordinates: gcj02\ntemplate: "{AT}/{{y}}"\n', "cannot be shifted"),
        (f'source: xyz\n{ROWS}coordinates: wgs84\ntemplate: "https://{{z}}.example/{{x}}/{{y}}"\n', "names one host"),
        (f'source: xyz\n{ROWS}coordinates: wgs84\ntemplate: "{AT}"\n', "{y}"),
        (f'source: xyz\n{ROWS}coordinates: wgs84\ntemplate: "{AT}/{{y}}?tk=8f2c"\n', "GEWU_MAP_KEY"),
        ("source: xyz\nnonsense: 1\n", "unknown field"),
        ("source: none\nzooms: {from: 9, to: 3}\n", "from the smaller"),
    ],
)  # fmt: skip
def test_a_base_map_is_checked_with_its_pack(text: str, said: str) -> None:
    problems = basemaps.base_map_files().check({basemaps.FILE: text}, [])
    assert said in " ".join(problem.reason for problem in problems)
    assert bool(problems) is bool(said)


@pytest.fixture
def service() -> Iterator[MapService]:
    with map_service() as found:
        yield found


Given = Callable[..., None]


@pytest.fixture
def given(db: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Given]:
    """Give the district a base map; its tiles are kept in a folder of the test."""
    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    monkeypatch.setattr(tiles, "_gates", {})

    def give(template: str, more: str = "", allow: str = "http://127.0.0.1", key: str = "secret-1") -> None:
        monkeypatch.setenv("GEWU_EGRESS_ALLOW", allow)
        monkeypatch.setenv("GEWU_MAP_KEY_500101", key)
        body = f'source: xyz\n{ROWS}coordinates: wgs84\ntemplate: "{template}"\n{more}'
        assert not basemaps.base_map_files().check({basemaps.FILE: body}, [])
        BaseMapFile.objects.update_or_create(pack="wanzhou", defaults={"body": body, "loaded_at": datetime.now(UTC)})
        versions.bump()

    yield give
    BaseMapFile.objects.filter(pack="wanzhou").delete()
    versions.bump()


def test_tiles_come_through_gewu_with_the_key_and_are_kept(given: Given, service: MapService) -> None:
    given(service.template, 'approval: "审图号：GS（2024）0001号"\n')
    client = anybody()
    about = client.get(f"/maps/{CODE}/map.json").json()
    assert "District GIS" in about["notes"]
    assert "审图号：GS（2024）0001号" in about["notes"]
    assert "secret" not in json.dumps(about)
    assert "127.0.0.1" not in json.dumps(about)
    address = about["tiles"]["layers"][0].replace("{z}/{x}/{y}", "/".join(map(str, HERE)))
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert service.asked == [f"/{'/'.join(map(str, HERE))}.png?token=secret-1"]
    assert client.get(address).content == answer.content
    assert len(service.asked) == 1, "kept"
    z, x, y = HERE
    for beside in ((z, x + 400, y), (z, x, -1 + 2**z), (19, x * 128, y * 128), (0, 1, 0)):
        assert client.get(f"/maps/{CODE}/tiles/0/{'/'.join(map(str, beside))}").status_code == 404
    assert client.get(f"/maps/{CODE}/tiles/1/{'/'.join(map(str, HERE))}").status_code == 404
    assert len(service.asked) == 1, "no proxy for the rest of the world"


def test_without_a_key_the_polygons_are_the_map(given: Given, service: MapService) -> None:
    given(service.template, key="")
    assert anybody().get(f"/maps/{CODE}/map.json").json()["tiles"] is None


@pytest.mark.parametrize("allow", ["", "tiles.example.org", "https://127.0.0.1"])
def test_a_host_that_is_not_allowed_is_not_asked(given: Given, service: MapService, allow: str) -> None:
    given(service.template, allow=allow)
    answer = anybody().get(f"/maps/{CODE}/tiles/0/{'/'.join(map(str, HERE))}")
    assert answer.status_code == 404
    assert not answer.content
    assert service.asked == []


@pytest.mark.parametrize("wrong", [(500, b""), (200, b"<html>log in first</html>"), (302, b"")])
def test_a_service_that_fails_gets_a_pause_and_what_it_says_is_shown_to_nobody(
    given: Given, service: MapService, wrong: tuple[int, bytes]
) -> None:
    given(service.template)
    service.answer = wrong
    z, x, y = HERE
    for step in range(tiles.FAILURES + 3):
        answer = anybody().get(f"/maps/{CODE}/tiles/0/{z}/{x + step % 3}/{y + step // 3}")
        assert answer.status_code == 404
        assert not answer.content
        assert answer.headers["X-Map-Retry"]
    assert len(service.asked) == tiles.FAILURES


def test_kept_tiles_have_a_room_and_the_oldest_go(given: Given, service: MapService) -> None:
    given(service.template)
    z, x, y = HERE
    for step in range(3):
        assert anybody().get(f"/maps/{CODE}/tiles/0/{z}/{x + step}/{y}").status_code == 200
    kept = [path for path in tiles.folder().rglob("*") if path.is_file()]
    assert len(kept) == 3
    assert tiles.sweep(room=kept[0].stat().st_size * 2) == 1
    assert sum(path.is_file() for path in tiles.folder().rglob("*")) == 2


# ---- a queue on the map


def test_a_queue_on_the_map_has_its_filters_and_leads_to_each_case(sit: Sit) -> None:
    walks = [Walk().intake() for _ in range(3)]
    seat = sit("dispatcher")
    street = walks[0].place[:9]
    listed = seat.get("/desk/", queue="open", place=street).content.decode()
    assert f'href="/desk/map?place={street}&amp;queue=open"' in listed
    page = seat.get("/desk/map", queue="open", place=street).content.decode()
    assert f'data-points="/desk/map/points?queue=open&amp;place={street}"' in page
    assert f'href="/desk/?queue=open&amp;place={street}"' in page
    assert f'data-place="{street}"' in page, "the street that is asked for is filled"
    found = seat.get("/desk/map/points", queue="open").json()
    assert found["total"] == 3
    assert {f["properties"]["href"] for f in found["features"]} == {f"/desk/cases/{w.number}" for w in walks}
    assert seat.get("/desk/map/points", queue="done").json()["total"] == 0
    lon, lat = POINT
    here, beside = f"{lon - 0.1},{lat - 0.1},{lon + 0.1},{lat + 0.1}", f"{lon + 0.1},{lat},{lon + 0.2},{lat + 1}"
    for bbox, n in ((here, 3), (beside, 0)):
        assert seat.get("/desk/map/points", queue="open", bbox=bbox).json()["total"] == n
    for nonsense in ("1,2,3", "a,b,c,d", "nan,0,1,1", "9,9,1,1", "-inf,0,inf,1"):
        assert seat.get("/desk/map/points", queue="open", bbox=nonsense).json()["total"] == 3
    assert len(seat.tenant_statements("/desk/map/points?queue=open")) <= 2
    assert sit("unit_clerk", away=walks[0].place).get("/desk/map/points", queue="open").json()["total"] == 0


def test_very_near_cases_show_their_photos_to_those_who_may_see_them(sit: Sit) -> None:
    walk = Walk().filed()
    seat = sit("dispatcher")
    far = seat.get("/desk/map/points", queue="open", zoom="15").json()["features"]
    assert [f["properties"]["href"] for f in far if "photo" not in f["properties"]] == [f"/desk/cases/{walk.number}"]
    (found,) = seat.get("/desk/map/points", queue="open", zoom="17.5").json()["features"]
    assert seat.get(found["properties"]["photo"]).headers["Content-Type"].startswith("image/")


def test_many_cases_are_hexagons_that_count_every_one(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "SINGLE", 2)
    for _ in range(5):
        Walk().intake()
    seat = sit("dispatcher")
    lon, lat = POINT
    found = seat.get("/desk/map/points", queue="open", bbox=f"{lon - 0.2},{lat - 0.2},{lon + 0.2},{lat + 0.2}").json()
    assert found["total"] == sum(f["properties"]["n"] for f in found["features"]) == 5
    (cell,) = found["features"]
    assert shape(cell["geometry"]).buffer(0.001).contains(Point(POINT)), "they lie where their number stands"
    assert len(seat.tenant_statements("/desk/map/points?queue=open")) <= 3


@given_by_hypothesis(st.lists(st.tuples(st.integers(107_900, 108_900), st.integers(30_400, 31_000)), max_size=60))
def test_hexagons_lose_nobody_and_each_holds_its_own(places: list[tuple[int, int]]) -> None:
    cells = [MapCell(lon * 1000, lat * 1000, 1) for lon, lat in places]
    found = hexagons(cells, 30.7, 0.05)
    assert sum(f["properties"]["n"] for f in found) == len(cells)
    shapes = [(shape(f["geometry"]).buffer(1e-5), f["properties"]["n"]) for f in found]
    for polygon, n in shapes:
        assert polygon.is_valid
        assert sum(polygon.covers(Point(lon / 1000, lat / 1000)) for lon, lat in places) >= n
