"""Text copied out of chats, taken apart: many forms of heads, labels and numbers, and what is none of them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gewu.cases.chat import LONGEST, MOST_FOUND, read

TODAY = date(2026, 11, 22)
"""A Sunday."""


def at(month: int, day: int, hour: int, minute: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - what a head says has no zone


@pytest.mark.parametrize(
    ("head", "when", "who"),
    [
        ("张三 14:02", at(11, 22, 14, 2), "张三"),
        ("张三: 14:02", at(11, 22, 14, 2), "张三"),
        ("张三 2026/11/21 14:02:33", at(11, 21, 14, 2), "张三"),
        ("2026-11-21 08:15:02 王姐(wangjie88)", at(11, 21, 8, 15), "王姐"),
        ("王姐(123456789) 8:15:02", at(11, 22, 8, 15), "王姐"),
        ("张三 2026年11月20日 下午 2:05", at(11, 20, 14, 5), "张三"),
        ("张三 昨天 14:02", at(11, 21, 14, 2), "张三"),
        ("张三 前天 晚上9:05", at(11, 20, 21, 5), "张三"),
        ("张三 星期五 14:02", at(11, 20, 14, 2), "张三"),
        ("张三 12-30 14:02", at(12, 30, 14, 2, 2025), "张三"),
        ("张三　１４：０２", at(11, 22, 14, 2), "张三"),
        ("Zhang Wei 2:05 PM", at(11, 22, 14, 5), "Zhang Wei"),
        ("Zhang Wei Yesterday 12:05 am", at(11, 21, 0, 5), "Zhang Wei"),
    ],
)
def test_the_head_of_a_message_tells_who_and_when(head: str, when: datetime, who: str) -> None:
    found = read(f"{head}\n路灯不亮了", TODAY)
    assert (found.said_at, found.words, found.names, found.messages) == (when, "路灯不亮了", (who,), 1)


@pytest.mark.parametrize(
    "line",
    [
        "[2026/11/22, 14:02:11] Zhang Wei: the lamp is out",
        "2026/11/22, 14:02 - Zhang Wei: the lamp is out",
        "Zhang 14:02 the lamp is out",
    ],
)
def test_a_message_may_stand_on_the_line_of_its_head(line: str) -> None:
    found = read(line, TODAY)
    assert (found.said_at, found.words) == (at(11, 22, 14, 2), "the lamp is out")


def test_the_whole_block_of_a_group_is_taken_apart() -> None:
    found = read(
        "[图片]\n张三 14:02\n高笋塘广场旁边路灯不亮了\n[图片]\n"
        "地点：高笋塘社区３组１２号\n电话 １３８ １２３４-５６７８\n[表情]@所有人",
        TODAY,
    )
    assert found.words == "高笋塘广场旁边路灯不亮了"
    assert found.phones == ("13812345678",)
    assert found.places == ("高笋塘社区3组12号",)
    assert (found.pictures, found.said_at, found.names) == (2, at(11, 22, 14, 2), ("张三",))


def test_labels_on_one_line_and_in_boxes() -> None:
    one = read("时间：11月20日 18:30，地点：太白路中段，联系人：王先生 023-58123456，内容：烧烤摊油烟太大", TODAY)
    assert (one.words, one.phones, one.names, one.places) == (
        "烧烤摊油烟太大", ("02358123456",), ("王先生",), ("太白路中段",),
    )  # fmt: skip
    assert one.said_at == at(11, 20, 18, 30)
    boxed = read("【地址】牌楼街道新城路口【电话】+86 138 1234 5678【问题】车辆违停", TODAY)
    assert (boxed.words, boxed.phones, boxed.places) == ("车辆违停", ("13812345678",), ("牌楼街道新城路口",))


def test_who_reports_does_not_stay_in_the_words_that_handlers_read() -> None:
    found = read(
        "你好，北山大道88号门口有一堆垃圾，麻烦处理。我叫李四，电话：13812345678，身份证500101199001011234", TODAY
    )
    assert found.names == ("李四",)
    assert found.identity_numbers == 1
    for personal in ("李四", "13812345678", "500101199001011234", "电话", "身份证"):
        assert personal not in found.words
    assert "北山大道88号门口有一堆垃圾，麻烦处理" in found.words
    assert found.places == ("北山大道88号门口",)


def test_several_people_are_not_taken_for_the_reporter() -> None:
    found = read("张三 14:02\n路灯不亮\n李四 14:03\n我这边也是 13812345678\n张三 14:05\n还有 13911112222", TODAY)
    assert found.names == ()
    assert found.messages == 3
    assert found.phones == ("13812345678", "13911112222")
    assert found.said_at == at(11, 22, 14, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n ",
        "你好",
        "打不通12345",
        "订单1234567890123456789",
        "0.13812345678",
        "井盖25cm，深1.5m",
        "比例 3:2 不对",
    ],
)
def test_what_has_nothing_of_a_chat_is_left_as_it_is(text: str) -> None:
    found = read(text, TODAY)
    assert not found.looks_copied
    assert found.phones == ()
    assert found.words == text.strip()


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "路" * 30_000, "张三 " * 9000, "1" * 30_000, "(" * 30_000, "[图片]" * 7000, "我在" * 9000 + "路",
     "\n".join(["张 14:02"] * 5000), "14:02 " * 5000, "在北京路 " * 6000, "：" * 30_000, "\u202e\u200b\x00" * 9000],
)  # fmt: skip
def test_very_long_ones_are_read_to_a_bound(text: str) -> None:
    found = read(text, TODAY)
    assert len(found.words) <= LONGEST
    assert len(found.phones) <= MOST_FOUND
    assert len(found.places) <= MOST_FOUND
    assert "\x00" not in found.words
    assert "\u202e" not in found.words


@given(
    st.text(
        alphabet=st.sampled_from("张三路号电话地点：:，,[]()【】1３8 \n14:02年月日-/@图片我叫ab\u3000"), max_size=200
    )
)
def test_anything_gives_proposals_and_no_error(text: str) -> None:
    found = read(text, TODAY)
    assert all(number.isascii() and number.isdigit() and 10 <= len(number) <= 12 for number in found.phones)
    assert all(number not in found.words for number in found.phones)
