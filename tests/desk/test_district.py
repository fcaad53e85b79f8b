"""The district's own tables at the desk: every page opens in both languages, answers for a day, and is a file too."""

from __future__ import annotations

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from desk.conftest import Sit, sit
from enforcement.conftest import AFFAIRS, REFORMS, wanzhou
from gewu.enforcement.acts import read_act
from gewu.enforcement.reform import apply
from gewu.registry.models import Building
from gewu.surfaces.desk.views.district.shared import share
from support.district import Walk, district_id

__all__ = ["sit", "wanzhou"]

HAN = re.compile(r"[\u4e00-\u9fff]")
PAGES = (
    "/desk/district/buildings",
    "/desk/district/buildings?place=500101018",
    "/desk/district/buildings?place=500101001007",
    "/desk/district/buildings/500101001007B0001",
    "/desk/district/party-chain",
    "/desk/district/party-chain?place=500101018",
    "/desk/district/task-forces",
    "/desk/district/task-forces?day=2020-01-01",
    "/desk/district/items",
    "/desk/district/items?day=2024-11-26&field=planning_resources&q=21",
    "/desk/district/items/E001",
    "/desk/district/bodies",
    "/desk/district/bodies?state=ended",
    f"/desk/district/bodies/{AFFAIRS}",
    "/desk/district/acts",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens(sit: Sit, wanzhou: int, language: str) -> None:
    seat = sit("comprehensive_office", language=language)
    for path in PAGES:
        answer = seat.client.get(path)
        assert answer.status_code == 200, path
        main = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2].partition("</main>")[0])
        if language == "en" and "items/E001" not in path and "/items" not in path:
            assert not HAN.search(main), path  # basis in law stays in the language of the law
        if language != "en":
            assert HAN.search(main), path


def test_the_profile_of_pailou_is_read_off_its_page(sit: Sit, wanzhou: int) -> None:
    body = sit("comprehensive_office").get("/desk/district/buildings", place="500101018").content.decode()
    for figure in ("951", "701", "73.7 %"):
        assert figure in body.replace("\u2009", " ").replace("\u202f", " ")
    assert "synthetic" in body


def test_pages_of_buildings_lead_on(sit: Sit, wanzhou: int) -> None:
    seat = sit("comprehensive_office")
    first = seat.get("/desk/district/buildings", place="500101018001").content.decode()
    found = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', first)
    assert found is not None
    second = seat.client.get("/desk/district/buildings" + found[1].replace("&amp;", "&")).content.decode()
    codes = [set(re.findall(r"buildings/(500101018001B\d{4})", page)) for page in (first, second)]
    assert len(codes[0]) == 50
    assert not codes[0] & codes[1]


def test_words_find_a_building(sit: Sit, wanzhou: int) -> None:
    seat = sit("comprehensive_office")
    body = seat.get("/desk/district/buildings", q="Wangjianglu 12").content.decode()
    assert set(re.findall(r"500101001007B\d{4}", body)) == {"500101001007B0012"}
    assert "No building is found" in seat.get("/desk/district/buildings", q="nothing-like-it").content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_is_saved_whole_and_as_shown(sit: Sit, wanzhou: int, form: str) -> None:
    answer = sit("comprehensive_office").get("/desk/district/buildings", place="500101018", q="Pailou", form=form)
    assert answer["Content-Disposition"].endswith(f'.{form}"')
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 1 + 126
    assert rows[1][1] == "500101018001B0001"


def test_what_a_spreadsheet_would_compute_is_text(sit: Sit, wanzhou: int) -> None:
    row = Building.objects.get(district_id=district_id(), code="500101001007B0001")
    Building.objects.filter(pk=row.pk).update(name_en='=HYPERLINK("x")')
    try:
        answer = sit("comprehensive_office").get("/desk/district/buildings", place="500101001007", form="csv")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[1][0] == '\'=HYPERLINK("x")'
    finally:
        row.save()


def test_items_are_shown_for_the_day_that_is_asked(sit: Sit, wanzhou: int) -> None:
    apply(wanzhou, read_act(REFORMS / "2024-2-enforcement.yaml"), by="test")
    seat = sit("comprehensive_office")
    before = seat.get("/desk/district/items/D001", day="2024-11-26").content.decode()
    after = seat.get("/desk/district/items/D001", day="2024-11-27").content.decode()
    holder = re.compile(r"<dt>Holder on[^<]*</dt><dd><a [^>]*>([^<]*)</a>")
    assert holder.search(before)[1] == "Defence Mobilisation Office"
    assert holder.search(after)[1] == "Urban Management Enforcement Detachment"


def test_where_a_body_went_is_found_from_its_own_page(sit: Sit, wanzhou: int) -> None:
    apply(wanzhou, read_act(REFORMS / "2024-1-affairs-centre.yaml"), by="test")
    seat = sit("comprehensive_office")
    body = seat.get("/desk/district/bodies/sanitation-centre").content.decode()
    assert "does not stand" in body
    assert "Urban Management Affairs Centre" in body
    act = re.search(r"/desk/district/acts/(\d+)", body)
    assert act is not None
    assert "Former Landscaping Centre" in seat.get(act[0]).content.decode()


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("en", "Handed over to the unit that follows", "Former Environmental Sanitation Centre"),
        ("zh-hans", "机构改革，移交承接单位", "原万州区环境卫生管理中心"),
    ],
)
def test_a_case_tells_from_whom_it_was_handed_over(
    sit: Sit, wanzhou: int, language: str, title: str, line: str
) -> None:
    walk = Walk().dispatched("sanitation-centre")
    apply(wanzhou, read_act(REFORMS / "2024-1-affairs-centre.yaml"), by="test")
    body = sit("comprehensive_office", language=language).get(f"/desk/cases/{walk.number}").content.decode()
    at = body.index(title)
    assert line in body[at : at + 1500]


def test_a_day_that_is_none_is_said_and_today_shown(sit: Sit, wanzhou: int) -> None:
    answer = sit("comprehensive_office").get("/desk/district/items", day="tomorrow")
    assert answer.status_code == 422
    assert "for example 2024-11-27" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["buildings/500101001007B9999", "items/NO-SUCH", "bodies/no-such", "acts/999999", "buildings?place=1"]
)
def test_what_there_is_not_is_said_so(sit: Sit, wanzhou: int, path: str) -> None:
    assert sit("comprehensive_office").client.get(f"/desk/district/{path}").status_code == 404


def test_shares_are_rounded_once_in_whole_numbers() -> None:
    assert [share(1, 8), share(701, 951), share(0, 3), share(3, 3), share(1, 0)] == [
        "12.5 %", "73.7 %", "0.0 %", "100.0 %", "",
    ]  # fmt: skip
    assert share(1, 2000) == "0.1 %", "half a tenth goes up"
