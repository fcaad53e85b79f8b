"""What may stand on a notice board: telephones of offices only, names for one holder only, rows that are checked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gewu.registry import boards, duties
from gewu.registry.contacts import phone_fault, public_name, release_fault
from gewu.registry.directory import get_directory
from gewu.registry.models import District, Post
from gewu.registry.overrides import OverrideError, set_override
from gewu.registry.packs import check_pack, load_pack
from registry.conftest import DISTRICT, TODAY, PackFolder
from support.servers import Session

HEADER = "code,role,level,unit_kind,duty_zh,duty_en,promise_zh,promise_en,valid_from,source\n"
LINES = "code,number,name_zh,name_en,source\nhot,12345,热线,Hotline,own\n"
DUTY = "clerk,mini_clerk,street,squad,巡,Walks,到,Comes,2025-02-01,own\n"


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+86", "86", "0086", "0"]),
    st.lists(st.sampled_from([0, 3, 7]), max_size=3),
    st.sampled_from(" -"),
)
def test_no_mobile_number_is_a_work_telephone(digits: str, before: str, cuts: list[int], mark: str) -> None:
    text = digits
    for cut in sorted(set(cuts), reverse=True):
        text = text[:cut] + mark + text[cut:] if cut else text
    assert phone_fault(before + text)


@pytest.mark.parametrize("text", ["", "12345", "023-58000000", "023 5800 0000", "+86 23 58000000", "400-800-1234"])
def test_lines_of_offices_are(text: str) -> None:
    assert phone_fault(text) == ""


@pytest.mark.parametrize("text", ["1", "call me", "023-5800;drop", "１２３４５", "023\n58", "0" * 40, None, 12345])
def test_what_is_no_telephone(text: object) -> None:
    assert phone_fault(text)


def test_a_released_name_is_bound_to_its_holder() -> None:
    found = {"zh": "甲", "en": "A", "basis": "agreed", "holder": "one", "on": "2025-01-01"}
    told = public_name(found, "one")
    assert told is not None
    assert (told.name("zh-hans"), told.name("en"), told.basis) == ("甲", "A", "agreed")
    assert public_name(found, "two") is None
    assert public_name(found, "") is None
    assert public_name({}, "one") is None
    for change in ({"basis": "wish"}, {"zh": " "}, {"en": "x" * 61}, {"on": "soon"}, {"zh": "甲\n乙"}, {"phone": "1"}):
        assert release_fault({**found, **change}, "one"), change


def problems(pack: PackFolder) -> list[tuple[str, int, str]]:
    return [(p.file, p.line, p.reason) for p in check_pack(pack.path, today=TODAY)]


def test_files_of_boards_are_sound(pack: PackFolder) -> None:
    pack.write("duties.csv", HEADER + DUTY)
    pack.write("lines.csv", LINES)
    assert problems(pack) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,mayor,street,,巡,W,到,C,,own", "role 'mayor' is not defined"),
        ("x,mini_clerk,planet,,巡,W,到,C,,own", "level 'planet' is not one of"),
        ("x,mini_clerk,street,circus,巡,W,到,C,,own", "no unit is of the kind 'circus'"),
        ("clerk,mini_clerk,grid,,巡,W,到,C,,own", "code 'clerk' stands twice, first on line 2"),
        ("x,mini_clerk,street,,,W,到,C,,own", "duty_zh is empty"),
        ("x,mini_clerk,street,,巡,W,到,,,own", "promise_en is empty"),
        ("x,mini_clerk,street,,巡,W,到,C,2025-02-30,own", "is not a date"),
        ("x,mini_clerk,street,,巡,W,到,C,,", "source is empty"),
        ("x,mini_clerk,street,,巡,W,到", "has 7 fields"),
    ],
)
def test_a_bad_duty_is_named_by_file_and_row(pack: PackFolder, row: str, reason: str) -> None:
    pack.write("duties.csv", HEADER + DUTY + row + "\n")
    assert any((f, n) == ("duties.csv", 3) and reason in said for f, n, said in problems(pack)), problems(pack)


@pytest.mark.parametrize(
    ("row", "reason"),
    [("x,13800001234,甲,A,own", "mobile number"), ("x,ring,甲,A,own", "telephone number"), ("hot,1,甲,A,own", "twice")],
)
def test_a_bad_line_is_named_by_file_and_row(pack: PackFolder, row: str, reason: str) -> None:
    pack.write("lines.csv", LINES + row + "\n")
    assert any((f, n) == ("lines.csv", 3) and reason in said for f, n, said in problems(pack)), problems(pack)


POSTS = (
    "code,unit,role,login,name_zh,name_en,scope,valid_from,valid_to,source,successor,work_phone,"
    "released_zh,released_en,released_basis,released_on\n"
    "officer1,bureau,mini_officer,mini-officer1,专员 1,Officer 1,990101,,,own,,,,,,\n"
    "clerk1,squad,mini_clerk,mini-clerk1,文员 1,Clerk 1,990101001,,,own,,023-100,甲,A,agreed,2025-01-02\n"
)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("p,squad,mini_clerk,,甲,A,990101001,,,own,,,甲,A,agreed,", "nobody holds the post"),
        ("p,squad,mini_clerk,p,甲,A,990101001,,,own,,,甲,,agreed,", "both languages"),
        ("p,squad,mini_clerk,p,甲,A,990101001,,,own,,,甲,A,,", "basis is one of"),
        ("p,squad,mini_clerk,p,甲,A,990101001,,,own,,13912345678,,,,", "mobile number"),
        ("p,squad,mini_clerk,,甲,A,990101001,,2025-01-01,own,nobody,,,,,", "successor 'nobody' is not another post"),
        ("p,squad,mini_clerk,,甲,A,990101001,,,own,clerk1,,,,,", "needs valid_to"),
    ],
)
def test_a_bad_post_is_named_by_file_and_row(pack: PackFolder, row: str, reason: str) -> None:
    pack.write("posts.csv", POSTS + row + "\n")
    assert any((f, n) == ("posts.csv", 4) and reason in said for f, n, said in problems(pack)), problems(pack)


def test_a_load_brings_boards_and_a_correction_survives_it(pack: PackFolder, fresh_db: Session) -> None:
    pack.write("posts.csv", POSTS)
    pack.write("duties.csv", HEADER + DUTY)
    pack.write("lines.csv", LINES)
    load_pack(pack.path, today=TODAY)
    district = District.objects.get(code=DISTRICT)

    def entry() -> boards.Entry:
        board = boards.board(get_directory(district.pk), "990101001001")
        assert board is not None
        assert [line.number for line in board.lines] == ["12345"]
        return board.parts[0].entries[0]

    found = entry()
    assert found.name is not None
    assert (found.phone, found.name.zh, found.of_office, str(found.since)) == ("023-100", "甲", False, "2025-02-01")
    assert load_pack(pack.path, today=TODAY).changes == 0
    set_override("post", "clerk1", "work_phone", "023-200", reason="new line", district=district)
    set_override("post", "clerk1", "released", {}, reason="withdrawn", district=district)
    report = load_pack(pack.path, today=TODAY)
    assert report.changes == 0
    assert len(report.notes) == 2
    assert (entry().phone, entry().name) == ("023-200", None)
    for value in ("13912345678", "x"):
        with pytest.raises(OverrideError):
            set_override("post", "clerk1", "work_phone", value, reason="try", district=district)
    with pytest.raises(OverrideError):
        set_override("post", "clerk1", "released", {"zh": "乙"}, reason="try", district=district)
    # Somebody else comes to the post: what the one before had released is silent, also where it comes with the pack.
    set_override("post", "clerk1", "released", _release("mini-clerk1"), reason="agreed again", district=district)
    assert entry().name is not None
    set_override("post", "clerk1", "person", "mini-officer1", reason="moved", district=district)
    assert entry().name is None
    (pack.path / "duties.csv").unlink()
    (pack.path / "lines.csv").unlink()
    load_pack(pack.path, today=TODAY)
    assert duties.said(get_directory(district.pk)) == duties.Boards((), ())
    assert Post.objects.get(district=district, code="clerk1").work_phone == "023-200"


def _release(holder: str) -> dict[str, str]:
    return {"zh": "乙", "en": "B", "basis": "law", "holder": holder, "on": ""}
