"""Stations, kiosks and counters of the Wanzhou pack: all synthetic, to show what a district may enter.

Articles on Shapingba (2024) and Leshan (2021) tell of stations with published services, staff and hours and of kiosks
with a dozen services; none names a station of Wanzhou. The words are our own; the numbers are given to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shapely.geometry import Point
from wanzhou_offices import GUESS, PHONE, Row, Street

STATION_COLUMNS = (
    "code", "kind", "place", "name_zh", "name_en", "address_zh", "address_en", "lon", "lat", "hours_zh", "hours_en",
    "services_zh", "services_en", "work_phone", "access_zh", "access_en", "valid_from", "valid_to", "synthetic",
    "source",
)  # fmt: skip
KIOSKS = ("500101001002", "500101017001", "500101022001")
SOURCE = f"{GUESS}: synthetic; after what the articles tell of stations elsewhere"
_COUNTER = (
    "周一至周五 08:30–12:00、14:00–17:30",
    "Mon to Fri, 08:30 to 12:00 and 14:00 to 17:30",
    "当面反映问题、查询进度；办事指南；占道和广告许可咨询",
    "Report a problem or ask how it stands; guides to procedures; advice on permits for stalls and signs",
)
_STATION = (
    "每天 08:00–20:00",
    "Daily, 08:00 to 20:00",
    "饮水、休息、充电、微波炉；工具借用；当面反映问题",
    "Water, a seat, charging, a microwave; tools to borrow; report a problem",
)
_KIOSK = (
    "每天 09:00–18:00",
    "Daily, 09:00 to 18:00",
    "问路指引、政策宣传、饮水、应急电话、急救包；问题登记后转交承办",
    "Directions, leaflets, water, an emergency telephone, first aid; problems are written down and handed on",
)
_STEPS = "门口无台阶，轮椅可进；可提供大字版材料", "No step at the door, wheelchairs get in; large print on request"


def stations(streets: Sequence[Street], places: Sequence[Row], middles: Mapping[str, Point]) -> Iterator[Row]:
    """A counter and a rest station in each urban street, and three kiosks; positions are inside generated outlines."""
    names = {row[0]: (row[3], row[4]) for row in places if row[1] == "community"}
    numbers = iter(range(8001, 10_000))
    for street in (one for one in streets if one.urban):
        inside = sorted(code for code in names if code.startswith(street.code))
        for kind, code, (zh, en), said in (
            ("counter", inside[0], ("便民服务窗口", "service counter"), _COUNTER),
            ("station", inside[len(inside) // 2], ("城管驿站", "rest station"), _STATION),
        ):
            title = f"{street.name_zh}{zh}（示例）", f"{street.name_en} {en} (sample)"
            yield _row(f"{kind}-{street.slug}", kind, code, title, names[code], middles, said, next(numbers))
    for code in KIOSKS:
        title = f"{names[code][0]}便民服务亭（示例）", f"{names[code][1]} kiosk (sample)"
        yield _row(f"kiosk-{code}", "kiosk", code, title, names[code], middles, _KIOSK, next(numbers))


def _row(
    code: str,
    kind: str,
    place: str,
    title: tuple[str, str],
    near: tuple[str, str],
    middles: Mapping[str, Point],
    said: tuple[str, str, str, str],
    number: int,
) -> Row:
    middle = middles[place]
    address = f"{near[0]}辖区内", f"in {near[1]}"
    at = f"{middle.x:.4f}", f"{middle.y:.4f}"
    phone = PHONE.format(number)
    return (code, kind, place, *title, *address, *at, *said, phone, *_STEPS, "", "", "1", SOURCE)
