"""The tables of open data: what their columns mean, and how each is put together. Nothing personal goes in.

Each has the same rows and columns in both formats and in both languages. Counts below ``FEW`` are withheld, and where
one alone would be withheld in a month and street, the next smallest is too, so that no subtraction gives it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from gewu.cases.queries.opened import counts
from gewu.evaluation import api
from gewu.evaluation.api import By, Live
from gewu.keeping import seals
from gewu.registry import boards
from gewu.registry.directory import Directory
from gewu.registry.stations import stations

FEW = 5
MONTHS = 13
SEALS = 400
Value = str | int | float | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it means, in both languages."""

    name: str
    en: str
    zh: str

    def said(self, language: str) -> str:
        """Its meaning in a language."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table: title and method in both languages, columns, and how its rows come about at an instant."""

    code: str
    title: Mapping[str, str]
    method: Mapping[str, str]
    columns: Sequence[Column]
    rows: Callable[[Directory, datetime], list[Row]]


def _named(directory: Directory, code: str) -> tuple[str, str]:
    place = directory.places.get(code)
    return (place.name_zh, place.name_en) if place else ("", "")


# ---- cases


def _cases(directory: Directory, now: datetime) -> list[Row]:
    zone = ZoneInfo(directory.district.timezone)
    here = now.astimezone(zone)
    first = api.months(directory.district.timezone, here.year, here.month, MONTHS)[0]
    since = datetime.fromtimestamp(first.start, zone)
    cells: dict[tuple[str, str, str, str], int] = defaultdict(int)
    titles: dict[str, tuple[str, str]] = {}
    for month, street, key, state, n in counts(directory.district.id, directory.district.timezone, since):
        category = directory.categories.get(key)
        major = f"{category.kind}:{category.major}" if category else ""
        titles[major] = (category.major_name_zh, category.major_name_en) if category else ("", "")
        cells[month, street, major, state] += n
    hidden = _withheld(cells)
    return [
        (
            month, street, *_named(directory, street), major, *titles[major], state,
            None if key in hidden else n, int(key in hidden),
        )
        for key, n in sorted(cells.items())
        for month, street, major, state in [key]
    ]  # fmt: skip


def _withheld(cells: Mapping[tuple[str, str, str, str], int]) -> set[tuple[str, str, str, str]]:
    """The cells whose count is not told: small ones, and of a group with a single small one the next smallest."""
    groups: dict[tuple[str, str], list[tuple[str, str, str, str]]] = defaultdict(list)
    for key in cells:
        groups[key[0], key[1]].append(key)
    hidden: set[tuple[str, str, str, str]] = set()
    for keys in groups.values():
        small = [key for key in keys if cells[key] < FEW]
        hidden.update(small)
        rest = sorted((key for key in keys if key not in hidden), key=lambda key: (cells[key], key))
        if len(small) == 1 and rest:
            hidden.add(rest[0])
    return hidden


# ---- indicators


def _indicators(directory: Directory, now: datetime) -> list[Row]:
    zone = ZoneInfo(directory.district.timezone)
    here = now.astimezone(zone)
    periods = api.months(directory.district.timezone, here.year, here.month, MONTHS)
    known = api.definitions(directory.district.id)
    shown = [one for one in known.indicators.values() if one.public]
    table = api.evaluate(Live(directory.district.id), shown, By.TOTAL, periods, as_of=int(now.timestamp()))
    found: list[Row] = []
    for period in periods:
        for one in shown:
            cell = table.cell(one.code, "", period.code)
            n = cell.adjusted_numerator if cell.counted else cell.adjusted_denominator
            withheld = 0 < n < FEW
            found.append(
                (
                    period.code, one.code, one.title["zh"], one.title["en"], one.unit,
                    None if withheld else _number(cell.adjusted), None if withheld else n, int(withheld),
                    known.version,
                )
            )  # fmt: skip
    return found


def _number(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 4)


# ---- what stands in the registry


def _categories(directory: Directory, _now: datetime) -> list[Row]:
    return [
        (one.key, one.major, one.major_name_zh, one.major_name_en, one.name_zh, one.name_en)
        for one in sorted(directory.categories.values(), key=lambda one: one.key)
        if one.active
    ]


def _units(directory: Directory, _now: datetime) -> list[Row]:
    return [
        (one.name_zh, one.name_en, one.kind, *_named(directory, one.place), one.work_phone)
        for one in sorted(directory.units.values(), key=lambda one: one.path)
        if one.active
    ]


def _boards(directory: Directory, _now: datetime) -> list[Row]:
    """Posts by community, without the names that some boards show: a file cannot be withdrawn, a page can."""
    found: list[Row] = []
    for street in boards.streets(directory):
        for community in boards.communities(directory, street.code):
            board = boards.board(directory, community.code)
            for entry in board.entries if board else ():
                unit = (entry.unit.name_zh, entry.unit.name_en) if entry.unit else ("", "")
                post = (entry.post.name_zh, entry.post.name_en) if entry.post else ("", "")
                found.append(
                    (
                        community.code, community.name_zh, community.name_en, entry.duty.level, *unit, *post,
                        entry.duty.duty_zh, entry.duty.duty_en, entry.duty.promise_zh, entry.duty.promise_en,
                        entry.phone, int(entry.vacant),
                    )
                )  # fmt: skip
    return found


def _stations(directory: Directory, _now: datetime) -> list[Row]:
    return [
        (
            one.kind, one.name_zh, one.name_en, one.place, one.lon, one.lat, one.hours_zh, one.hours_en,
            one.services_zh, one.services_en, one.work_phone, one.access_zh, one.access_en, int(one.synthetic),
        )
        for one in stations(directory)
    ]  # fmt: skip


def _seals(directory: Directory, _now: datetime) -> list[Row]:
    return [
        (one.no, one.at.isoformat(), one.heads, one.root.hex(), one.previous.hex(), one.hash.hex())
        for one in seals.list_seals(directory.district.id, None, SEALS)
    ]


def _columns(text: str) -> tuple[Column, ...]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return tuple(Column(*(part.strip() for part in line)) for line in lines)


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        "cases",
        {"en": "Reports by month, street and kind", "zh": "按月、镇街、类别的案件数"},
        {
            "en": "Reports of the last 13 months, by the month in which they"
            " came in. Counts below 5 are withheld, and a"
            " second one with them where one alone could be worked out.",
            "zh": "近十三个月的反映，按受理月份统计。小于 5 的数不公布；若仅有一格不公布，"
            "则同时隐去次小的一格，避免反推。",
        },
        _columns("""
month | month of the report, YYYY-MM | 反映月份，YYYY-MM
street | code of the street or town, nine digits | 镇街代码，九位
street_zh | its name in Chinese | 镇街名称（中文）
street_en | its name in English | 镇街名称（英文）
category | kind and major class; empty: not sorted yet | 种类与大类代码；空为尚未分类
category_zh | the class in Chinese | 大类名称（中文）
category_en | the class in English | 大类名称（英文）
state | open, solved, or ended otherwise | open 办理中、solved 已解决、ended 其他办结
n | how many; empty where withheld | 件数；不公布时为空
withheld | 1 where the count is not told | 1 表示不公布"""),
        _cases,
    ),
    Dataset(
        "indicators",
        {"en": "Figures of results", "zh": "办理结果指标"},
        {
            "en": "The indicators of the page “What became of it”, for the"
            " whole district by month, as they hold after"
            " appeals. Figures that rest on fewer than 5 cases are withheld.",
            "zh": "“办理结果”页面的指标，全区按月，以申诉后为准。依据不足 5 件的不公布。",
        },
        _columns("""
month | month, YYYY-MM | 月份，YYYY-MM
indicator | code of the indicator | 指标代码
title_zh | its name in Chinese | 指标名称（中文）
title_en | its name in English | 指标名称（英文）
unit | count, share (0 to 1) or mean (seconds) | count 件数、share 比例（0 至 1）、mean 平均（秒）
value | the figure; empty where nothing is to be judged or it is withheld | 数值；无可判定或不公布时为空
n | how many cases it rests on | 依据件数
withheld | 1 where the figure is not told | 1 表示不公布
definitions | version of the definitions | 指标定义版本"""),
        _indicators,
    ),
    Dataset(
        "categories",
        {"en": "Catalogue of categories", "zh": "事部件类别目录"},
        {
            "en": "The categories by which reports are sorted. Codes are a transcription of GB/T 47678.5.",
            "zh": "案件分类所用类别。代码据 GB/T 47678.5 转录。",
        },
        _columns("""
category | kind and code | 种类与代码
major | code of the major class | 大类代码
major_zh | the class in Chinese | 大类名称（中文）
major_en | the class in English | 大类名称（英文）
name_zh | the category in Chinese | 小类名称（中文）
name_en | the category in English | 小类名称（英文）"""),
        _categories,
    ),
    Dataset(
        "boards",
        {"en": "Notice boards of communities", "zh": "社区公示栏"},
        {
            "en": "Which posts answer for a community, with duty, promise and"
            " the line of the office. No names: those that"
            " were released stand on the boards themselves and can be withdrawn there.",
            "zh": "各社区由哪些岗位负责，及其职责、承诺和办公电话。不含姓名："
            "经同意公开的姓名只在公示栏页面展示，可随时撤回。",
        },
        _columns("""
community | code of the community, twelve digits | 社区代码，十二位
community_zh | its name in Chinese | 社区名称（中文）
community_en | its name in English | 社区名称（英文）
level | community, grid, street or district | 层级：社区、网格、镇街、区
unit_zh | the office in Chinese | 单位（中文）
unit_en | the office in English | 单位（英文）
post_zh | the post in Chinese | 岗位（中文）
post_en | the post in English | 岗位（英文）
duty_zh | what it has to do, in Chinese | 职责（中文）
duty_en | what it has to do, in English | 职责（英文）
promise_zh | what may be expected, in Chinese | 承诺（中文）
promise_en | what may be expected, in English | 承诺（英文）
phone | the line of the post or office | 办公电话
vacant | 1 while nobody holds the post | 1 表示岗位空缺"""),
        _boards,
    ),
    Dataset(
        "units",
        {"en": "Bodies", "zh": "单位名录"},
        {"en": "The bodies that take part, by their public names.", "zh": "参与办理的单位，公开名称。"},
        _columns("""
name_zh | name in Chinese | 名称（中文）
name_en | name in English | 名称（英文）
kind | kind of body | 单位类型
place_zh | territory in Chinese | 辖区（中文）
place_en | territory in English | 辖区（英文）
phone | the line of the office | 办公电话"""),
        _units,
    ),
    Dataset(
        "stations",
        {"en": "Stations and kiosks", "zh": "驿站与服务亭"},
        {"en": "As the page of stations shows them.", "zh": "与“驿站与服务亭”页面一致。"},
        _columns("""
kind | station, kiosk or counter | station 驿站、kiosk 服务亭、counter 服务窗口
name_zh | name in Chinese | 名称（中文）
name_en | name in English | 名称（英文）
place | code of the community or street | 社区或镇街代码
lon | longitude, degrees, WGS-84 | 经度，WGS-84
lat | latitude, degrees, WGS-84 | 纬度，WGS-84
hours_zh | opening hours in Chinese | 开放时间（中文）
hours_en | opening hours in English | 开放时间（英文）
services_zh | what for, in Chinese | 服务内容（中文）
services_en | what for, in English | 服务内容（英文）
phone | telephone | 电话
access_zh | getting in, in Chinese | 无障碍（中文）
access_en | getting in, in English | 无障碍（英文）
synthetic | 1: made up for a demonstration | 1 表示演示数据"""),
        _stations,
    ),
    Dataset(
        "seals",
        {"en": "Daily seals", "zh": "每日封印"},
        {
            "en": "The latest 400 seals. How one is checked stands on the page of seals.",
            "zh": "最近 400 个封印。核对方法见“每日封印”页面。",
        },
        _columns("""
no | number of the seal | 封印序号
at | instant, UTC | 时刻，UTC
records | how many records changed | 变动记录数
root | root over the hashes of their histories | 历程散列值之根
previous | hash of the seal before | 上一封印散列值
hash | the seal: SHA-256 | 封印值：SHA-256"""),
        _seals,
    ),
)
BY_CODE = {one.code: one for one in DATASETS}
