"""A resident follows a report: by number what anybody may know, with the code one's own words and the answer."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from gewu.cases import queries, services
from gewu.ledger.erasure import erase
from gewu.surfaces.throttle import budgets
from support.district import POINT, Walk, acting, directory, district_id
from support.visitors import WORDS, NewVisitor, Stored, Visitor, jpeg

SECRET = "内部备注：请先电话联系物业"


def follow(one: Visitor, number: str, code: str = "") -> Visitor:
    one.go("/follow")
    one.post("/follow", {"number": number, "code": code})
    return one


def opened(one: Visitor, number: str) -> bool:
    return "您与值班席的往来" in one.text


def note_of(number: str) -> list[str]:
    record_id = queries.find_by_number(district_id(), number)
    assert record_id is not None
    view = queries.get_case(district_id(), acting("intake_officer"), record_id)
    return [(e.texts or {}).get("note", "") for e in view.timeline if e.kind == "add_note"]


def test_the_number_alone_shows_the_stage_and_nothing_personal(visitor: NewVisitor, db: object) -> None:
    walk = Walk().handling()
    walk.move(acting("dispatcher"), "add_note", texts={"note": SECRET})
    one = follow(visitor(), walk.number)
    assert one.path == f"/follow/{walk.number}"
    assert "处置中" in one.text
    assert "应于" in one.text
    assert "已派遣" in one.text
    for private in ("油污", "王某", "13800000000", SECRET, walk.follow_code):
        assert private not in one.page.text
    for person in directory().people.values():
        assert person.name_zh not in one.page.text
    assert not re.search(r"<img", one.page.text)
    english = follow(visitor("en"), walk.number)
    assert "Being solved" in english.text


def test_the_code_shows_the_words_and_the_answer_but_no_notes_of_the_staff(visitor: NewVisitor, db: object) -> None:
    walk = Walk().answered()
    walk.move(acting("dispatcher"), "add_note", texts={"note": SECRET})
    one = follow(visitor(), walk.number, walk.follow_code.lower())
    assert opened(one, walk.number)
    assert "路面有大片油污" in one.text
    assert "油污已清除，感谢反映。" in one.text
    assert SECRET not in one.page.text
    assert "13800000000" not in one.page.text
    assert walk.follow_code not in str(one.page.url)
    assert "已办结" in one.text


def test_numbers_and_codes_are_read_as_people_write_them(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake()
    spaced = f" {walk.number[:6]} {walk.number[6:14]}-{walk.number[14:]} "
    wide = walk.number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    code = f"{walk.follow_code[:4].lower()} {walk.follow_code[4:]}"
    for number in (spaced, wide):
        assert opened(follow(visitor(), number, code), walk.number)


def test_a_wrong_code_and_a_wrong_number_are_told_alike(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake()
    code = "AAAAAAAA" if walk.follow_code != "AAAAAAAA" else "BBBBBBBB"
    told = []
    for number, given in ((walk.number, code), ("5001012026010199999", walk.follow_code), ("nonsense", code)):
        one = follow(visitor(), number, given)
        assert one.page.status_code == 422
        assert one.path == "/follow"
        told.append(re.findall(r'class="error-summary".*?</div>', one.page.text, flags=re.S))
    assert told[0] == told[1] == told[2]
    assert told[0]


def test_guessing_is_slowed_down(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake()
    one = visitor()
    for n in range(budgets.WRONG.attempts):
        assert follow(one, walk.number, f"AAAAAA{n:02d}").page.status_code == 422
    assert follow(one, walk.number, walk.follow_code).page.status_code == 429
    assert not opened(one, walk.number)
    assert opened(follow(visitor(), walk.number, walk.follow_code), walk.number)


def test_a_reporter_adds_words_and_a_photo(visitor: NewVisitor, stored: Stored) -> None:
    one = visitor()
    number, code = one.what(photos=[("a.jpg", jpeg(*POINT))]).where().who().result
    two = follow(visitor(), number, code)
    page = two.page
    two.post(
        f"/follow/{number}/note", {"note": "昨晚又有人踩空。"}, [("photos", ("b.jpg", jpeg(*POINT), "image/jpeg"))]
    )
    assert two.path == f"/follow/{number}"
    assert "昨晚又有人踩空。" in two.text
    two.page = page  # the same form once more: reload, double click
    two.post(f"/follow/{number}/note", {"note": "昨晚又有人踩空。"})
    assert note_of(number) == ["昨晚又有人踩空。"]
    images = re.findall(r'<img src="([^"]+)"', two.page.text)
    assert len(images) == 2
    for address in images:
        answer = two.http.get(address)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert not Image.open(io.BytesIO(answer.content)).getexif()
        assert visitor().go(address).status_code == 404  # not for everybody
    assert stored.has("昨晚又有人踩空") == []


@pytest.mark.parametrize(
    ("data", "files", "said"),
    [
        ({"note": ""}, None, "必填"),
        ({"note": "x\x00y"}, None, "控制字符"),
        ({"note": "字" * 1001}, None, "最多 1000 个字"),
        ({"note": "见照片"}, [("photos", ("a.jpg", b"<html>", "image/jpeg"))], "不是 JPEG"),
        ({"note": "买药请访问", "website": "http://spam.example"}, None, "必须留空"),
    ],
)
def test_a_bad_note_is_said_and_not_stored(
    visitor: NewVisitor, stored: Stored, data: dict[str, str], files: object, said: str
) -> None:
    one = visitor()
    number, code = one.reported()
    follow(one, number, code)
    one.post(f"/follow/{number}/note", data, files)
    assert one.page.status_code == 422
    assert said in one.text.replace("\u2009", " ")
    assert note_of(number) == []


def test_only_who_gave_the_code_may_add(visitor: NewVisitor) -> None:
    number, _ = visitor().reported()
    stranger = follow(visitor(), number)
    token = stranger.hidden("/follow")["csrfmiddlewaretoken"]
    for verb, data in (("note", {"note": "不是我的"}), ("opinion", {"solved": "solved"})):
        answer = stranger.http.post(f"/follow/{number}/{verb}", data={"csrfmiddlewaretoken": token, **data})
        assert answer.url.path == "/follow"
    assert note_of(number) == []


def test_a_reporter_says_whether_it_is_solved(visitor: NewVisitor, db: object) -> None:
    walk = Walk().answered()
    one = follow(visitor(), walk.number, walk.follow_code)
    assert "未接通" not in one.text
    one.post(f"/follow/{walk.number}/opinion", {"solved": ""})
    assert one.page.status_code == 422
    assert 'id="o-solved-error"' in one.page.text
    one.post(f"/follow/{walk.number}/opinion", {"solved": "no_answer"})
    assert one.page.status_code == 422
    one.post(f"/follow/{walk.number}/opinion", {"solved": "partly", "satisfied": "fair", "o-note": "还有一处没清"})
    assert "部分解决" in one.text
    record = queries.get_case(district_id(), acting("intake_officer"), walk.record_id)
    assert (record.state.fields["solved"], record.state.fields["satisfied"]) == ("partly", "fair")
    assert "还有一处没清" in one.text


def test_another_language_keeps_what_was_typed_into_both_forms(visitor: NewVisitor, db: object) -> None:
    walk = Walk().answered()
    one = visitor()
    one.go("/follow")
    one.post("/follow", {"number": walk.number, "code": walk.follow_code, "switch": "en"})
    assert 'lang="en"' in one.page.text
    assert f'value="{walk.number}"' in one.page.text
    assert f'value="{walk.follow_code}"' in one.page.text
    one.post("/follow", {"number": walk.number, "code": walk.follow_code})
    assert "Is the problem solved?" in one.text
    page = f"/follow/{walk.number}"
    typed = {"solved": "partly", "o-note": "还有一处没清", "note": "昨晚又有人踩空。"}
    one.post(page, {**typed, "switch": "zh-hans"}, [("photos", ("b.jpg", jpeg(*POINT), "image/jpeg"))])
    assert one.path == page
    assert 'lang="zh-Hans"' in one.page.text
    assert 'value="partly" checked' in one.page.text
    assert ("还有一处没清" in one.text, "昨晚又有人踩空。" in one.text) == (True, True)
    assert "请重新选择照片" in one.text
    # Nothing is said by switching; sending one half leaves the other where it was typed.
    assert note_of(walk.number) == []
    one.post(f"{page}/opinion", typed)
    assert one.page.status_code == 200
    assert "部分解决" in one.text
    assert ">\n昨晚又有人踩空。</textarea>" in one.page.text
    one.post(f"{page}/note", {"note": "昨晚又有人踩空。"})
    assert note_of(walk.number) == ["昨晚又有人踩空。"]
    assert one.go(page).status_code == 200
    assert 'lang="zh-Hans"' in one.page.text


def test_before_it_is_closed_no_opinion_is_asked(visitor: NewVisitor, db: object) -> None:
    walk = Walk().handling()
    one = follow(visitor(), walk.number, walk.follow_code)
    assert "/opinion" not in one.page.text


def test_a_merged_report_leads_to_the_case_that_goes_on(visitor: NewVisitor, db: object) -> None:
    kept, gone = Walk().intake(), Walk().intake(description="同一处油污又有人反映")
    services.merge(
        district_id(), acting("intake_officer"), gone.record_id, kept.record_id, "同一问题", version=gone.version
    )
    one = follow(visitor(), gone.number)
    assert "已并案" in one.text
    assert f'href="/follow/{kept.number}"' in one.page.text
    assert "同一问题" not in one.text.replace("同一问题此前", "")  # the reason is the staff's own
    one.go(f"/follow/{kept.number}")
    assert one.page.status_code == 200
    own = follow(visitor(), gone.number, gone.follow_code)
    assert "同一处油污又有人反映" in own.text
    assert "/note" not in own.page.text


def test_an_erased_report_says_so(visitor: NewVisitor) -> None:
    one = visitor()
    number, code = one.what(photos=[("a.jpg", jpeg())]).where(address="王牌路").who().result
    record_id = queries.find_by_number(district_id(), number)
    assert record_id is not None
    erase(district_id(), record_id, acting("shift_leader"))
    for page in (follow(visitor(), number), follow(visitor(), number, code)):
        assert page.page.status_code == 200
        assert "已删除" in page.text
        assert WORDS not in page.text
        assert "<img" not in page.page.text
        assert "/note" not in page.page.text


def test_a_report_can_be_closed_on_a_shared_device(visitor: NewVisitor) -> None:
    one = visitor()
    number, code = one.reported()
    last = one.path
    one.go(f"/follow/{number}")
    assert opened(one, number)  # who made it need not type the code at once
    one.post(f"/follow/{number}/leave")
    one.go(f"/follow/{number}")
    assert not opened(one, number)
    one.go(last)
    assert one.page.status_code == 404
    assert code not in one.page.text


def test_a_declined_report_tells_its_reporter_why(visitor: NewVisitor) -> None:
    one = visitor()
    number, code = one.reported()
    record_id = queries.find_by_number(district_id(), number)
    assert record_id is not None
    officer, leader = acting("intake_officer"), acting("shift_leader")
    services.act(district_id(), officer, record_id, "register", args={"category": "matter:06012"}, version=1)
    services.act(
        district_id(), leader, record_id, "decline", texts={"reason": "该处属物业小区内部，已转告物业。"}, version=2
    )
    assert "该处属物业小区内部" not in follow(visitor(), number).text
    mine = follow(visitor(), number, code)
    assert "未立案" in mine.text
    assert "该处属物业小区内部，已转告物业。" in mine.text


def test_work_that_comes_back_is_told_as_such(visitor: NewVisitor, db: object) -> None:
    walk = Walk().handled()
    walk.later(5).move(acting("dispatcher"), "rework", texts={"reason": "油污仍在"})
    one = follow(visitor(), walk.number)
    assert "处置中（再次）" in one.text
    assert "油污仍在" not in one.text
