"""A resident reports a problem through the real server, without scripts: what, where, who."""

from __future__ import annotations

import html
from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely
from django.test import Client, override_settings
from shapely.geometry import shape

from gewu.cases import followcodes, queries, services
from gewu.core.records import Photo
from gewu.ledger import attachments
from gewu.ledger.errors import Refused
from gewu.registry.models import Place
from gewu.surfaces.public.site import MAX_BODY
from gewu.surfaces.throttle import budgets
from support.district import CODE, POINT, acting, directory, district_id
from support.visitors import WORDS, NewVisitor, Stored, Visitor, jpeg


def case_of(number: str) -> queries.CaseView:
    record_id = queries.find_by_number(district_id(), number)
    assert record_id is not None
    return queries.get_case(district_id(), acting("intake_officer"), record_id, private=True)


def test_a_photo_that_knows_where_leads_to_a_case_at_that_place(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor().what(photos=[("IMG_1.jpg", jpeg(*POINT))])
    assert one.path.endswith("/where")
    assert "这是照片的拍摄位置" in one.text
    one.where(address="王牌路 12 号门口").who("yes", name="王某", phone="13800000000")
    number, code = one.result
    assert len(number) == 19
    assert len(code) == followcodes.CODE_LENGTH
    assert "15 分钟内" in one.text.replace("\u2009", " ")
    case = case_of(number)
    assert case.row.stage == "reported"
    assert case.row.source == "web"
    assert case.has_reporter
    assert (case.row.lon_e6, case.row.lat_e6) == tuple(round(v * 1_000_000) for v in POINT)
    assert len(case.row.place) == 15
    assert [p.role for p in case.photos] == ["scene"]
    assert case.texts == {
        "description": WORDS,
        "address": "王牌路 12 号门口",
        "reporter_name": "王某",
        "reporter_phone": "13800000000",
    }
    assert stored.has("差点踩空") == []  # neither the ledger nor the session holds it readable


def test_without_an_answer_nobody_waits_for_one(visitor: NewVisitor) -> None:
    number, _ = visitor().reported(wants="no")
    case = case_of(number)
    assert not case.has_reporter
    assert case.row.place == CODE
    assert "no_position" in case.row.flags


def test_a_double_click_and_a_reload_make_one_case(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor().what().where(address="王牌路")
    path, data = one.path, {**one.hidden(one.path), "wants": "yes", "action": "send"}
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: one.http.post(path, data=data), range(4)))
    one.page = pages[0]
    number = one.result
    for page in pages:
        one.page = page
        assert one.result == number
    one.page = one.http.post(path, data=data)
    assert one.result == number
    assert stored.cases == 1


def test_the_first_page_sent_twice_begins_one_report(visitor: NewVisitor) -> None:
    one = visitor()
    one.go("/report")
    hidden = one.hidden("/report")
    first = one.http.post("/report", data={**hidden, "description": WORDS})
    second = one.http.post("/report", data={**hidden, "description": WORDS})
    assert first.url == second.url


def test_back_keeps_everything(visitor: NewVisitor) -> None:
    one = visitor().what().where(address="王牌路 12 号")
    one.post(one.path, {"action": "back", "name": "王某", "wants": ""})
    assert one.path.endswith("/where")
    assert "王牌路 12 号" in one.page.text
    one.post(one.path, {"action": "back", "address": "王牌路 14 号"})
    assert one.path.endswith("/what")
    assert WORDS in one.page.text
    one.what(WORDS + "！").where(address="王牌路 14 号")
    assert 'value="王某"' in one.page.text


def test_outside_the_district_is_refused_with_the_distance_and_the_words_stay(
    visitor: NewVisitor, stored: Stored
) -> None:
    one = visitor().what().where("coordinates", lat="30.8", lon="110.4", address="县界以外")
    assert one.page.status_code == 422
    assert "万州区以外" in one.text
    assert "公里" in one.text
    assert "县界以外" in one.page.text
    assert 'value="110.4"' in one.page.text
    english = visitor("en").what().where("coordinates", lat="30.8", lon="110.4")
    assert "km outside Wanzhou District" in english.text
    assert stored.cases == 0


@pytest.mark.parametrize(
    ("lat", "lon"), [("", "108.4"), ("abc", "def"), ("95", "108.4"), ("1e400", "108"), ("nan", "1")]
)
def test_what_is_no_position_is_said_beside_the_field(visitor: NewVisitor, lat: str, lon: str) -> None:
    one = visitor().what().where("coordinates", lat=lat, lon=lon)
    assert one.page.status_code == 422
    assert 'id="lat-error"' in one.page.text


def boundary() -> tuple[float, float, set[str]]:
    """A position on the edge between two grids of different communities, and the two grids."""
    centre = shapely.Point(POINT)
    grids = [
        (code, shape(geometry))
        for code, geometry in Place.objects.filter(district_id=district_id(), kind="grid").values_list(
            "code", "geometry"
        )
    ]
    grids = [(code, polygon) for code, polygon in grids if polygon.distance(centre) < 0.03]
    for index, (code, polygon) in enumerate(grids):
        for other, neighbour in grids[index + 1 :]:
            edge = shapely.intersection(polygon, neighbour)
            if code[:12] != other[:12] and edge.length > 0.002:
                at = shapely.line_merge(edge).interpolate(0.5, normalized=True)
                holding = {c for c, p in grids if p.distance(at) < 1e-5}
                if len(holding) == 2:
                    return at.x, at.y, holding
    raise AssertionError("no such edge near the middle of the town")


def test_at_a_boundary_both_sides_are_offered_and_the_choice_counts(visitor: NewVisitor) -> None:
    lon, lat, grids = boundary()
    one = visitor().what().where(lat=f"{lat:.6f}", lon=f"{lon:.6f}")
    assert one.path.endswith("/where")
    assert "该位置在边界上" in one.text
    for code in grids:
        assert directory().places[directory().places[code].parent].name_zh in one.text
        assert f'value="{code}"' in one.page.text
    side = max(grids)
    one.where(side=side).who()
    case = case_of(one.result[0])
    assert case.row.place == side
    assert set(case.candidates) == grids
    assert "on_boundary" in case.row.flags


def test_at_a_boundary_not_being_sure_is_an_answer(visitor: NewVisitor) -> None:
    lon, lat, grids = boundary()
    one = visitor().what().where(lat=f"{lat:.6f}", lon=f"{lon:.6f}").where().who()
    case = case_of(one.result[0])
    assert case.row.place in grids
    assert set(case.candidates) == grids


@pytest.mark.parametrize(
    "query",
    [
        "高笋塘社区",
        "gaosuntang community",
        "重庆市万州区高笋塘社区王牌路 1 号",
        "Gaosuntang, 12 Wangpai Road",
        "高笋塘",
        "高笋",
    ],
)
def test_a_community_is_found_by_its_name_or_by_an_address_with_it(visitor: NewVisitor, query: str) -> None:
    community = next(p for p in directory().places.values() if p.name_zh == "高笋塘社区" and p.kind == "community")
    one = visitor().what().where("find", query=query)
    assert f'value="{community.code}"' in one.page.text
    one.where(query=query, place=community.code).who()
    assert case_of(one.result[0]).row.place == community.code


def test_a_name_that_does_not_exist_is_said_and_nothing_is_chosen(visitor: NewVisitor) -> None:
    one = visitor().what().where("find", query="不存在的地方")
    assert "没有这样名称的社区或村" in one.text
    one.where(query="")
    assert one.page.status_code == 422
    assert 'id="address-error"' in one.page.text


def test_the_map_leads_to_a_position_without_scripts(visitor: NewVisitor) -> None:
    one = visitor().what()
    places = [CODE]
    for _ in range(3):
        image = one.http.get(one.path.replace("/where", "/map-640.svg"))
        assert image.headers["Content-Type"] == "image/svg+xml"
        assert "cx=" not in image.text
        height = int(image.text.split('height="')[1].split('"')[0])
        one.where("", **{"map640.x": "320", "map640.y": str(height // 2)})
        assert one.page.status_code == 200
        places.append(one.text)
    image = one.http.get(one.path.replace("/where", "/map-640.svg"))
    assert 'cx="320.0"' in image.text  # the chosen position stands in the middle
    one.where().who()
    case = case_of(one.result[0])
    assert case.row.lon_e6 is not None
    assert len(case.row.place) == 15


def test_a_press_of_the_enter_key_on_the_map_is_no_position(visitor: NewVisitor) -> None:
    one = visitor().what().where("", **{"map328.x": "0", "map328.y": "0"})
    assert one.page.status_code == 200
    assert one.path.endswith("/where")
    assert "cx=" not in one.http.get(one.path.replace("/where", "/map-328.svg")).text


def test_a_photo_from_elsewhere_does_not_say_where(visitor: NewVisitor) -> None:
    one = visitor().what(photos=[("a.jpg", jpeg(116.4, 39.9))])
    assert "照片自带的位置未采用" in one.text
    one.where(address="王牌路").who()
    assert case_of(one.result[0]).row.lon_e6 is None


@pytest.mark.parametrize(
    ("description", "photos", "said"),
    [
        ("", [], "必填"),
        ("   \n ", [], "必填"),
        ("字" * 2001, [], "最多 2000 个字"),
        ("有\x07响铃", [], "不可见的控制字符"),
        ("看\u202e反了", [], "不可见的控制字符"),
        (WORDS, [("page.jpg", b"<html><script>alert(1)</script></html>")], "不是 JPEG、PNG 或 WebP 照片"),
        (WORDS, [("big.jpg", b"\xff\xd8" + bytes(30 * 1024 * 1024))], "照片超过 15 MB"),
        (WORDS, [("empty.jpg", b"")], "文件为空"),
        (WORDS, [("cut.jpg", jpeg(size=(800, 600))[:2000])], "照片已损坏"),
    ],
)
def test_bad_input_is_said_beside_the_field_and_stores_nothing(
    visitor: NewVisitor, stored: Stored, description: str, photos: list[tuple[str, bytes]], said: str
) -> None:
    sessions = stored.count("django_session")
    one = visitor().what(description, photos)
    assert one.page.status_code == 422
    assert said in one.text.replace("\u2009", " ")
    assert ('id="description-error"' in one.page.text) == (not photos)
    if photos:
        assert html.escape(WORDS) in one.page.text
    assert (stored.cases, stored.photos, stored.count("django_session")) == (0, 0, sessions)


def test_a_bad_photo_does_not_lose_a_good_one(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor().what(photos=[("a.jpg", jpeg()), ("b.jpg", b"no photo")])
    assert one.page.status_code == 422
    assert "已收到的照片" in one.text
    assert stored.photos == 1
    one.post(one.path if "/report/" in one.path else _action(one), {"description": WORDS})
    one.where(address="王牌路").who()
    assert len(case_of(one.result[0]).photos) == 1


def _action(one: Visitor) -> str:
    return one.page.text.split('action="/report/')[1].split('"')[0].join(("/report/", ""))


def test_a_photo_can_be_taken_back(visitor: NewVisitor) -> None:
    one = visitor().what(photos=[("a.jpg", jpeg()), ("b.jpg", jpeg())])
    one.post(one.path, {"action": "back"})
    first = one.page.text.split('name="remove" value="')[1].split('"')[0]
    one.post(one.path, {"description": WORDS, "remove": first})
    assert first not in one.page.text
    one.what().where(address="王牌路").who()
    assert len(case_of(one.result[0]).photos) == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [({"wants": ""}, "wants"), ({"wants": "maybe"}, "wants"), ({"phone": "not a number"}, "phone"),
     ({"name": "名" * 61}, "name"), ({"name": "a\x00b"}, "name")],
)  # fmt: skip
def test_faults_of_the_last_page_keep_what_was_typed(
    visitor: NewVisitor, stored: Stored, data: dict[str, str], field: str
) -> None:
    one = visitor().what().where(address="王牌路").who(**{"name": "王某", **data})
    assert one.page.status_code == 422
    assert f'id="{field}-error"' in one.page.text
    assert WORDS in one.page.text
    assert stored.cases == 0


def test_a_program_that_fills_every_field_is_turned_away(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor().what(website="http://spam.example")
    assert one.page.status_code == 422
    assert "必须留空" in one.text
    two = visitor().what().where(address="王牌路").who(website="x")
    assert two.page.status_code == 422
    assert stored.cases == 0


def test_drafts_and_photos_belong_to_their_visitor(visitor: NewVisitor) -> None:
    mine = visitor().what(photos=[("a.jpg", jpeg())])
    mine.post(mine.path, {"action": "back"})
    address = mine.page.text.split('<img src="')[1].split('"')[0]
    assert mine.http.get(address).headers["Content-Type"] == "image/jpeg"
    photo_id = address.rsplit("/", 1)[1]
    other = visitor()
    assert other.go(mine.path).status_code == 404
    assert other.go(address).status_code == 404
    other.what()
    assert other.http.get(other.path.replace("/where", f"/photo/{photo_id}")).status_code == 404


def test_a_photo_of_another_visit_is_not_bound(visitor: NewVisitor, db: object, stored: Stored) -> None:
    staged = attachments.stage(district_id(), jpeg(), services.reporter("one visit").actor.person, "scene")
    intake = services.Intake({"source": "web"}, {"description": WORDS}, photos=(Photo(str(staged.id), "scene"),))
    for session in ("another visit", ""):
        with pytest.raises(Refused) as refused:
            services.report(district_id(), services.reporter(session), intake)
        assert refused.value.refusal.fields == {"photos": "not_found"}
    assert stored.cases == 0
    services.report(district_id(), services.reporter("one visit"), intake)
    assert stored.cases == 1


def test_too_many_reports_from_one_address_are_asked_to_wait(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor()
    for _ in range(budgets.SEND.attempts):
        one.page = one.http.get("/report")
        one.reported()
    one.go("/report")
    one.what().where(address="王牌路").who()
    assert one.page.status_code == 429
    assert int(one.page.headers["Retry-After"]) > 0
    assert "请求过多" in one.text
    assert stored.cases == budgets.SEND.attempts
    assert visitor().reported()[0]  # another address is not held up


def test_a_body_beyond_all_photos_is_refused_before_it_is_read(db: object) -> None:
    answer = Client(headers={"Host": "127.0.0.1"}).post(
        "/report", {"description": WORDS}, CONTENT_LENGTH=str(MAX_BODY + 1)
    )
    assert answer.status_code == 413


def test_more_than_any_form_holds_is_refused_with_a_page(visitor: NewVisitor, stored: Stored) -> None:
    for description, count in (("字" * 2_000_000, 0), (WORDS, 25)):
        one = visitor().what(description, [(f"{n}.jpg", b"x") for n in range(count)])
        assert one.page.status_code == 413
        assert "本次没有保存任何内容" in one.text
    assert (stored.cases, stored.photos) == (0, 0)


def test_a_forged_form_is_refused(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor()
    before = stored.count("django_session")
    assert one.http.post("/report", data={"description": WORDS}).status_code == 403
    assert stored.count("django_session") == before


def test_without_a_district_the_pages_say_so(db: object) -> None:
    with override_settings(PUBLIC_DISTRICT="999999"):
        for path in ("/", "/report", "/follow", "/about"):
            answer = Client(headers={"Host": "127.0.0.1"}).get(path)
            assert answer.status_code == 503
            assert b"GEWU_PUBLIC_DISTRICT" in answer.content
    with override_settings(PUBLIC_DISTRICT=CODE):
        assert Client(headers={"Host": "127.0.0.1"}).get("/").status_code == 200


def test_another_language_keeps_what_was_typed_and_the_photos(visitor: NewVisitor) -> None:
    one = visitor("en")
    one.go("/report")
    assert 'form="kept" name="switch" value="zh-hans"' in one.page.text
    one.post("/report", {"description": WORDS, "switch": "zh-hans"}, files={"photos": ("a.jpg", jpeg(), "image/jpeg")})
    assert one.path.endswith("/what")
    assert 'lang="zh-Hans"' in one.page.text
    assert WORDS in one.page.text
    assert one.page.text.count("/photo/") == 1
    one.what(WORDS)
    one.post(one.path, {"address": "王牌路 12 号旁", "switch": "en"})
    assert one.path.endswith("/where")
    assert 'lang="en"' in one.page.text
    one.where(address="王牌路 12 号旁")
    one.post(one.path, {"name": "李某", "phone": "", "wants": "no", "switch": "zh-hans"})
    assert one.path.endswith("/who")
    assert 'value="李某"' in one.page.text
    # Nothing is sent by switching, and an unknown language is no switch.
    one.post(one.path, {"name": "李某", "wants": "", "switch": "xx"})
    assert one.page.status_code == 422
