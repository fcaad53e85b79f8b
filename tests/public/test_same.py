"""Is it one of these? At most one page more, public facts only, and who joins sees nobody else's words."""

from __future__ import annotations

import re

from gewu.cases import queries, services
from support.district import POINT, Walk, acting, district_id
from support.visitors import NewVisitor, Stored, Visitor, jpeg

OWN = "路边道路不洁，一大片油污，老人滑倒了"
SAME_PAGE = re.compile(r"/report/[0-9a-f]{32}/same$")


def at_point(one: Visitor, words: str = OWN, east: float = 0.0) -> Visitor:
    """The first two questions, at the point of the walk, or so many degrees east of it."""
    return one.what(words, photos=[("a.jpg", jpeg(POINT[0] + east, POINT[1]))]).where()


def joining(one: Visitor, **who: str) -> tuple[str, str]:
    at_point(one)
    assert SAME_PAGE.search(one.path), one.path
    record = re.search(r'name="join" value="([0-9a-f]{32})"', one.page.text)
    assert record is not None
    one.post(one.path, {"join": record[1]})
    assert one.path.endswith("/who")
    one.who(**who)
    return one.result


def test_without_a_near_case_there_is_no_page_more(visitor: NewVisitor, db: object) -> None:
    assert at_point(visitor()).path.endswith("/who")
    Walk().intake()
    assert visitor().what("树枝挡住了路牌").where(address="王牌路").path.endswith("/who")


def test_what_is_unlike_is_asked_about_at_the_very_spot_only(visitor: NewVisitor, stored: Stored) -> None:
    walk = Walk().intake()
    assert at_point(visitor(), "树枝挡住了路牌", east=0.0003).path.endswith("/who")
    one = at_point(visitor(), "树枝挡住了路牌")
    assert SAME_PAGE.search(one.path)
    assert "同一地点有人反映了其他问题" in one.text
    like, here = one.page.text.split("同一地点有人反映了其他问题")
    assert 'name="join"' not in like
    one.post(one.path, {"join": re.findall(r'name="join" value="([0-9a-f]{32})"', here)[0]})
    one.who()
    assert one.result[0] == walk.number
    assert stored.cases == 1
    # Alike comes first, and what is over is no reason to ask.
    Walk().answered()
    assert "同一地点有人反映了其他问题" not in at_point(visitor()).text
    walk.move(acting("shift_leader"), "void", texts={"reason": "测试"}, version=walk.version + 1)
    assert at_point(visitor(), "树枝挡住了路牌").path.endswith("/who")


def test_public_facts_and_nothing_else_are_shown(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake()
    one = at_point(visitor())
    assert SAME_PAGE.search(one.path)
    assert "道路不洁" in one.text
    assert "已受理" in one.text
    assert "同一地点" in one.text
    for private in ("行人易滑倒", "王某", "13800000000", walk.number, walk.follow_code):
        assert private not in one.page.text
    english = at_point(visitor("en"), "Dirty road, oil everywhere")
    assert "Is it one of these?" in english.text
    assert "Dirty road" in english.text


def test_no_mine_is_new_makes_a_case_of_its_own(visitor: NewVisitor, stored: Stored) -> None:
    walk = Walk().intake()
    one = at_point(visitor())
    one.post(one.path, {"action": "new"})
    assert one.path.endswith("/who")
    one.who()
    assert one.result[0] != walk.number
    assert stored.cases == 2


def test_yes_joins_and_counts(visitor: NewVisitor, stored: Stored) -> None:
    walk = Walk().intake()
    number, code = joining(one := visitor(), name="李某", phone="13911112222")
    assert number == walk.number
    assert code != walk.follow_code
    assert "已加入反映" in one.text
    assert stored.cases == 1
    view = queries.get_case(district_id(), acting("intake_officer"), walk.record_id, private=True)
    entry = view.timeline[-1]
    assert (entry.kind, entry.args) == ("join", {"source": "web", "has_reporter": True})
    assert entry.texts == {"description": OWN, "reporter_name": "李某", "reporter_phone": "13911112222"}
    assert len(entry.photos) == 1
    assert view.state.counters["repeats"] == 1
    assert stored.has("老人滑倒了") == []


def test_who_joined_sees_their_own_words_and_the_answer_only(visitor: NewVisitor, db: object) -> None:
    walk = Walk().closed()
    # It was joined while it was worked on; closing came after.
    other = services.join(
        district_id(), services.reporter("someone"), walk.record_id, source="web",
        texts={"description": "第三个人的话", "reporter_name": "赵某"}, has_reporter=True,
    )  # fmt: skip
    number, code = joining(visitor(), name="李某")
    for who, own, foreign in (
        (code, OWN, ("行人易滑倒", "第三个人的话")),
        (other.follow_code, "第三个人的话", ("行人易滑倒", OWN)),
        (walk.follow_code, "行人易滑倒", (OWN, "第三个人的话")),
    ):
        one = visitor()
        one.go("/follow")
        one.post("/follow", {"number": number, "code": who})
        assert own in one.text
        for words in (*foreign, "王某", "赵某", "李某", "13800000000"):
            assert words not in one.page.text
        one.post(f"/follow/{number}/note", {"note": f"添一句：{own[:4]}"})
        assert f"添一句：{own[:4]}" in one.text
    record = queries.find_by_number(district_id(), number)
    assert record is not None
    version = queries.get_case(district_id(), acting("shift_leader"), record).row.version
    services.act(
        district_id(), acting("intake_officer"), record, "answer", texts={"reply": "已清洗路面"}, version=version
    )
    for who, notes in ((code, 1), (other.follow_code, 1), (walk.follow_code, 1)):
        one = visitor()
        one.go("/follow")
        one.post("/follow", {"number": number, "code": who})
        assert "已清洗路面" in one.text
        assert one.text.count("添一句：") == notes
        # The first reporter waits for the answer, and is the one who is asked what they think of it.
        assert ("您的评价" in one.text) is (who == walk.follow_code)


def test_photos_of_others_stay_closed(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake()
    one = visitor()
    number, _ = joining(one)
    one.go(f"/follow/{number}")
    [own] = re.findall(r'<img src="([^"]+)"', one.page.text)
    assert one.http.get(own).status_code == 200
    first = visitor()
    first.go("/follow")
    first.post("/follow", {"number": number, "code": walk.follow_code})
    assert "<img" not in first.page.text
    assert first.go(own).status_code == 404


def test_who_joins_a_case_nobody_waited_for_is_asked_instead(visitor: NewVisitor, db: object) -> None:
    walk = Walk().intake(reporter_name="", reporter_phone="")
    number, code = joining(visitor())
    walk.move(acting("shift_leader"), "decline", texts={"reason": "不属于受理范围"}, version=walk.version + 1)
    one = visitor()
    one.go("/follow")
    one.post("/follow", {"number": number, "code": code})
    assert "不属于受理范围" in one.text


def test_closed_meanwhile_the_words_are_kept_for_a_report_of_their_own(visitor: NewVisitor, stored: Stored) -> None:
    walk = Walk().intake()
    one = at_point(visitor())
    record = re.search(r'name="join" value="([0-9a-f]{32})"', one.page.text)
    assert record is not None
    one.post(one.path, {"join": record[1]})
    walk.move(acting("shift_leader"), "void", texts={"reason": "测试"})
    one.who()
    assert "请再次提交" in one.text
    assert OWN in one.text
    one.who()
    assert one.result[0] != walk.number
    assert stored.cases == 2


def test_only_what_was_offered_can_be_joined(visitor: NewVisitor, stored: Stored) -> None:
    walk = Walk().intake()
    far = services.register_intake(
        district_id(), acting("intake_officer"),
        services.Intake({"source": "phone", "category": "matter:06012"}, {"description": "别处"},
                        services.Where(place="500101")),
    )  # fmt: skip
    one = at_point(visitor())
    one.post(one.path, {"join": far.outcome.record_id.hex})
    assert one.path.endswith("/who")
    one.who()
    assert one.result[0] not in (walk.number, far.number)
    assert stored.cases == 3


def test_only_closed_ones_near_by_ask_nothing(visitor: NewVisitor, db: object) -> None:
    Walk().answered()
    assert at_point(visitor()).path.endswith("/who")
