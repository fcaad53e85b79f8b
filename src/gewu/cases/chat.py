"""Text that was copied out of a chat group, taken apart: who said it and when, telephone, place, what is wrong.

Pure, and meant to propose only: what it finds is shown to a person who confirms it. Nothing is guessed that does not
stand in the text. Every pattern is linear in the length of a line, and lines and text are bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

LONGEST, LONGEST_LINE, MOST_LINES = 20_000, 2_000, 400
"""Letters, letters of a line and lines that are read; the rest is left out."""
MOST_FOUND = 3
"""Telephones, names and places that are proposed."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What was found. ``words`` is the text without heads, marks of photos and personal numbers; ``said_at`` is
    local time without a zone, of the first message; ``pictures`` counts marks such as ``[图片]``."""

    words: str = ""
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    said_at: datetime | None = None
    pictures: int = 0
    messages: int = 0
    identity_numbers: int = 0
    """How many numbers of identity cards were left out of the words."""
    shortened: bool = False

    @property
    def looks_copied(self) -> bool:
        """Whether it is worth proposing anything: it has a head, a mark or a label, or a telephone in it."""
        return bool(self.messages or self.pictures or self.phones or self.names)


_HAN = "\u3400-\u9fff"
_DAY = (
    r"(?:(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})日?"
    r"|(?P<month2>\d{1,2})\s?[-/月]\s?(?P<day2>\d{1,2})日?|(?P<rel>今天|昨天|前天|yesterday|today)"
    r"|(?:星期|周)(?P<week>[一二三四五六日天]))"
)
_HALF = r"(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|[ap]\.?m\.?)"
_TIME = rf"(?:{_HALF}\s?)?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?:\s?(?P<half2>[ap]\.?m\.?))?"
_WHEN = rf"(?:{_DAY}[\s,]*(?:(?:星期|周)[一二三四五六日天][\s,]*)?)?{_TIME}"
_WHO = r"(?P<who>[^\s:\[\]()<>,;][^:\[\]<>\n]{0,28}?)"
_NUMBERED = r"(?:\s?[(<][\w.@-]{4,40}[)>])?"
_HEADS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^\s*\[{_WHEN}\]\s*{_WHO}{_NUMBERED}\s*:\s*(?P<rest>.*)$",  # [2026/11/22, 14:02:11] Zhang: text
        rf"^\s*{_WHEN}\s+-\s+{_WHO}{_NUMBERED}\s*:\s*(?P<rest>.*)$",  # 22/11/2026, 14:02 - Zhang: text
        rf"^\s*{_WHEN}\s+{_WHO}{_NUMBERED}\s*:?\s*$",  # 2026-11-22 14:02:11 张三
        rf"^\s*{_WHO}{_NUMBERED}\s*:?\s+{_WHEN}\s*:?\s*$",  # 张三 14:02
    )
)
_INLINE = re.compile(
    rf"^\s*(?P<who>[^\s:\[\]()<>,;。]{{1,16}}){_NUMBERED}\s+{_WHEN}\s*:?\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_SPEAKER = re.compile(r"^\s*(?P<who>[^\s:,;。!?\[\]()<>]{1,16}):\s*(?P<rest>.*)$")
_ALONE = re.compile(rf"^[\s—–\-=_]*{_WHEN}[\s—–\-=_]*$", re.IGNORECASE)
_PICTURE = re.compile(r"\[\s*(?:图片|照片|视频|photo|image|picture|video)\s*\]|<媒体文件已省略>|<media omitted>", re.I)
_MARK = re.compile(
    r"\[\s*(?:语音|表情|动画表情|位置|文件|链接|聊天记录|小程序|引用|sticker|voice|file|link)\s*\]|@所有人|@all\b", re.I
)
_LABELS = {
    "place": ("地点", "位置", "地址", "所在位置", "事发地点", "具体位置", "具体地点", "address", "place", "where"),
    "phone": (
        "电话", "手机", "手机号", "联系电话", "联系方式", "联系人电话", "反映人电话", "tel", "phone", "telephone",
        "mobile", "call",
    ),
    "name": ("姓名", "联系人", "反映人", "来电人", "投诉人", "举报人", "name", "contact"),
    "when": ("时间", "发生时间", "发现时间", "time", "when"),
    "words": (
        "内容", "反映", "问题", "情况", "事由", "诉求", "反映内容", "问题描述", "事件描述", "描述", "problem", "what",
    ),
}  # fmt: skip
_KIND = {label: kind for kind, labels in _LABELS.items() for label in labels}
_WORDS = "|".join(sorted(_KIND, key=len, reverse=True))
_LABEL = re.compile(
    rf"(?:[【\[](?P<boxed>{_WORDS})[】\]]\s?[:：]?|(?:^|(?<=[\s,;。，；、|]))(?P<plain>{_WORDS})\s?[:：])\s*",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\d.])(?:\+?86[- ]?)?(?P<n>1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?[2-8]\d{6,7}"
    r"|\(0\d{2,3}\)\s?[2-8]\d{6,7})(?![\d]|\.\d)"
)
_DANGLING = re.compile(
    r"(?:,|，|。|;|；|\s)*(?:我的|本人的?)?(?:联系)?(?:电话|手机|手机号|联系方式|tel|phone|telephone|mobile)(?:号码?|是|为)?[:：]?\s*$",
    re.I,
)
"""What introduced a number that was taken out of the words."""
_IDENTITY = re.compile(
    r"(?:身份证(?:号码?)?[:：]?\s*)?(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_TITLED = re.compile(rf"(?:^|(?<=[\s,;。、:]))(?P<name>[{_HAN}](?:先生|女士|师傅|阿姨|大爷|老师|总))")
_CALLED = re.compile(rf"(?:我叫|我是|本人姓名|本人)(?P<name>[{_HAN}]{{2,4}}?)(?=[\s,;。、:]|$|电话|手机)")
_ENGLISH = re.compile(r"(?i:my name is|this is|i am|contact)\s+(?P<name>[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)?)")
_ENDS = (
    "大道|路口|公路|大街|社区|小区|花园|广场|公园|市场|学校|小学|中学|幼儿园|医院|车站|码头|大桥|隧道|步行街|商场|超市|"
    "工业园|安置房|家属院|路|街|巷|村|苑|桥"
)
_PLACE = re.compile(
    rf"(?P<place>[{_HAN}]{{1,10}}?(?:{_ENDS})(?:[A-Za-z]?\d{{1,4}}(?:号|栋|幢|单元|楼|组|-\d{{1,4}})*)?"
    rf"(?:[{_HAN}]{{0,6}}?(?:附近|旁边|旁|门口|对面|路口|后面|前面|楼下|入口|出口))?)"
)
_LEAD = re.compile(
    r"^(?:你好|您好|请问|请|麻烦|领导|我们|我|咱们|这里|这边|就是|这个|那个|在|位于|位置|住|到|从|往|去|的|是|有|看到|发现|"
    r"反映|今天|昨天|早上|晚上|下午|上午|靠近|靠|和|与|跟|把|被|对|占了|占用|整条|整个|一条|每天|还有|又)+"
)
_NOT_NAME = re.compile(
    "居民|业主|住户|群众|家长|市民|路过|附近|小区|社区|一名|一个|这里|隔壁|楼上|楼下|网格|物业|来反|想反"
)
_NOT_PLACE = frozenset(
    {"马路", "道路", "公路", "走路", "修路", "让路", "挡路", "一路", "路口", "上街", "大街", "全村", "大路", "小路"}
)
_SPACE = re.compile(r"[ \t\u3000]+")
_EMPTY_PAIRS = re.compile(r"\(\s*\)|\[\s*\]|【\s*】|,\s*(?=[,。;])|^[\s,;。、:|]+|[\s,;、:|]+$")
_FULL = str.maketrans({chr(c): chr(c - 0xFEE0) for c in range(0xFF10, 0xFF5B)} | {"：": ":", "（": "(", "）": ")"})
_COMMAS = str.maketrans(
    {"，": ",", "；": ";", "！": "!", "？": "?", "［": "[", "］": "]", "　": " ", "＋": "+", "－": "-"}
)
_WEEK = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}


@dataclass(slots=True)
class _Found:
    """What is being gathered."""

    phones: dict[str, None]
    names: dict[str, None]
    places: dict[str, None]
    senders: dict[str, None]
    at: datetime | None = None


def read(text: str, today: date) -> Chat:
    """Take a text apart. ``today`` is the local day on which it was pasted: heads often have no day, or no year."""
    shortened = len(text) > LONGEST
    lines = _lines(text[:LONGEST])
    if len(lines) > MOST_LINES:
        lines, shortened = lines[:MOST_LINES], True
    found = _Found({}, {}, {}, {})
    pictures = identities = messages = 0
    said: list[str] = []
    shortened = shortened or any(len(line) > LONGEST_LINE for line in lines)
    for raw in lines:
        line, n = _PICTURE.subn(" ", raw[:LONGEST_LINE])
        pictures += n
        line = _MARK.sub(" ", line)
        folded = _fold(line)
        alone = _ALONE.match(folded)
        if alone and folded.strip():
            found.at = found.at or _instant(alone, today)
            continue
        head = _head(folded)
        if head is not None:
            messages += 1
            _note(found.senders, head["who"].strip())
            found.at = found.at or _instant(head, today)
            rest = head.groupdict().get("rest") or ""
            if not rest:
                continue
            line = line[len(line) - len(rest) :] if folded.endswith(rest) and len(line) == len(folded) else rest
        line, n = _IDENTITY.subn(" ", _digits(line))
        identities += n
        kept = _tidy(_labelled(line, found, today))
        if kept:
            said.append(kept)
    words = "\n".join(kept for line in _look("\n".join(said), found).split("\n") if (kept := _tidy(line)))
    if not found.names and len(found.senders) == 1:
        found.names = found.senders
    return Chat(
        words, tuple(found.phones)[:MOST_FOUND], tuple(found.names)[:MOST_FOUND], tuple(found.places)[:MOST_FOUND],
        found.at, pictures, messages, identities, shortened,
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    """Lines without what cannot be seen (direction marks, zero-width spaces), empty ones left out."""
    seen = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return [line for line in seen.replace("\u2028", "\n").split("\n") if line.strip()]


def _digits(line: str) -> str:
    """Full-width digits and letters as half-width; punctuation of Chinese stays."""
    return line.translate(
        {k: v for k, v in _FULL.items() if k >= 0xFF10 and chr(k) not in "：；＜＝＞？＠［＼］＾＿｀"}
    )


def _fold(line: str) -> str:
    """A line for matching: full width as half, one letter for one letter, so that places in it stay."""
    return line.translate(_FULL).translate(_COMMAS)


def _head(line: str) -> re.Match[str] | None:
    """The head of a message, if the line is one or begins with one."""
    if not any(c.isdigit() for c in line[:80]):
        found = _SPEAKER.match(line)
        if found and found["who"].lower() not in _KIND and not found["rest"]:
            return found
        return None
    if len(line) <= 90:
        for pattern in _HEADS:
            found = pattern.match(line)
            if found and not _is_labelled(found["who"]):
                return found
    for pattern in (*_HEADS[:2], _INLINE):
        found = pattern.match(line)
        if found and not _is_labelled(found["who"]):
            return found
    return None


def _is_labelled(who: str) -> bool:
    """Whether what stands where a name would is a label (``时间 14:02``) or a sentence."""
    return who.strip("【】[] ").lower() in _KIND or any(c in "。!?,;" for c in who) or len(who) > 28


def _instant(found: re.Match[str], today: date) -> datetime | None:
    """The instant that a head names; a day in the future is of last year, and without a day it is today."""
    given = found.groupdict()
    if given.get("hour") is None:
        return None
    hour, minute = int(given["hour"]), int(given["minute"])
    half = (given.get("half") or given.get("half2") or "").lower()
    if half[:1] == "p" or half in ("下午", "傍晚", "晚上") or (half == "中午" and hour < 10):
        hour += 12 if hour < 12 else 0
    elif half[:1] == "a" or half == "凌晨":
        hour = 0 if hour == 12 else hour
    try:
        return datetime.combine(_day(given, today), time(hour, minute))
    except ValueError:
        return None


def _day(given: dict[str, str | None], today: date) -> date:
    year, month, day = given.get("year"), given.get("month"), given.get("day")
    if year and month and day:
        return date(int(year), int(month), int(day))
    if given.get("month2") and given.get("day2"):
        found = date(today.year, int(given["month2"] or 0), int(given["day2"] or 0))
        return found if found <= today else found.replace(year=today.year - 1)
    back = {"昨天": 1, "yesterday": 1, "前天": 2}.get((given.get("rel") or "").lower(), 0)
    if given.get("week"):
        back = (today.weekday() - _WEEK[given["week"] or "一"]) % 7
    return today - timedelta(days=back)


# ---- inside a message


def _labelled(line: str, found: _Found, today: date) -> str:
    """Take what labels name out of a line; what is left are words."""
    marks = list(_LABEL.finditer(line))
    if not marks:
        return line
    kept = [line[: marks[0].start()]]
    for mark, value in _values(line, marks):
        kind = _KIND[(mark["boxed"] or mark["plain"]).lower()]
        if kind == "words":
            kept.append(value)
        elif kind == "place":
            _note(found.places, _tidy(_MARK.sub("", value))[:80])
        elif kind == "name":
            rest = _PHONE.sub("", _fold(value))
            _phones(value, found)
            _note(found.names, _tidy(rest)[:20])
        elif kind == "phone":
            if not _phones(value, found):
                kept.append(mark[0] + value)
        else:
            when = _ALONE.match(_fold(value).strip(" ,;。"))
            if when:
                found.at = found.at or _instant(when, today)
            else:
                kept.append(mark[0] + value)
    return " ".join(part.strip() for part in kept if part.strip())


def _values(line: str, marks: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], str]]:
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        yield mark, line[mark.end() : after.start() if after else len(line)].strip()


def _phones(text: str, found: _Found) -> bool:
    """Note the telephone numbers of a text; whether there were any."""
    numbers = [re.sub(r"\D", "", match["n"]) for match in _PHONE.finditer(_fold(text))]
    for number in numbers:
        _note(found.phones, number)
    return bool(numbers)


def _look(words: str, found: _Found) -> str:
    """Note telephones, names and places in the words that have no label; the words without the personal ones."""
    folded = _fold(words)
    gone: list[tuple[int, int]] = []
    for match in _PHONE.finditer(folded):
        _note(found.phones, re.sub(r"\D", "", match["n"]))
        before = folded.rfind("\n", 0, match.start()) + 1
        dangling = _DANGLING.search(folded, max(before, match.start() - 24), match.start())
        gone.append((dangling.start() if dangling else match.start(), match.end()))
    for pattern in (_CALLED, _ENGLISH, _TITLED):
        for match in pattern.finditer(folded):
            if _NOT_NAME.search(match["name"]):
                continue
            _note(found.names, match["name"])
            if pattern is not _TITLED:
                gone.append(match.span())
    if not found.places:
        for match in _PLACE.finditer(folded):
            place = _LEAD.sub("", match["place"])
            if len(place) >= 3 and place not in _NOT_PLACE:
                _note(found.places, place[:80])
    for start, end in sorted(gone, reverse=True):
        words = words[:start] + words[end:]
    return words


def _note(held: dict[str, None], value: str) -> None:
    if value and value not in held:
        held[value] = None


def _tidy(line: str) -> str:
    """One space for several, and no punctuation that lost what it stood for."""
    line = _SPACE.sub(" ", line).strip()
    for _ in range(3):
        shorter = _EMPTY_PAIRS.sub("", line).strip()
        shorter = re.sub(r"^[，；、：|]+|[，；、：|]+$", "", shorter).strip()
        if shorter == line:
            break
        line = shorter
    return line
