"""Clearly synthetic teams, projects and devices: two volunteer teams, an estate under works, one that is finished.

The quantities are sample data. Where the district does not have the bodies that take part, there are none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.occasions import services
from gewu.occasions.services import Filled
from gewu.registry import devices

if TYPE_CHECKING:
    from gewu.occasions.demo import Play

TEAM, PROJECT = "volunteer_team", "estate_project"
BUILDER, WATCHER = "housing-construction-commission", "public-security-bureau"
_DAY = 86_400
_ITEMS = (("cameras_fitted", 12), ("access_controls", 6), ("parking_regulated", 40), ("hardened_road", 650))
_KINDS = ("camera", "camera", "camera", "plate_gate", "face_access")


def run(play: Play, unit: str) -> int:
    """Everything in the territory of one street office. Returns how many records; 0 without playbooks or builder."""
    books = [play.directory.playbook(name) for name in (TEAM, PROJECT)]
    if None in books or BUILDER not in play.directory.unit_facts:
        return 0
    place = play.community(play.directory.units[unit].place)
    office, clerk = play.who("comprehensive_office"), play.who("unit_clerk", unit)
    helpers = _team(play, clerk, unit, place, "邻里守望志愿服务队（示例）", "neighbours", (6, 3, 4))
    _team(play, clerk, unit, place, "治安巡逻志愿服务队（示例）", "patrol", (2, 4, 0))
    builder = play.who("unit_clerk", BUILDER)
    under_way = _Project(play, clerk, unit, place, "示例小区一期改造（示例）", -70)
    under_way.to_works(25)
    under_way.built(builder, 0.5, -3)
    finished = _Project(play, clerk, unit, place, "示例廉租房小区提档（示例）", -200)
    finished.to_works(-120)
    finished.built(builder, 1, -125)
    finished.ended(builder, office, helpers)
    play.made += 4
    _devices(play, place)
    return 4


def _team(play: Play, who: Acting, unit: str, place: str, name: str, sort: str, heads: tuple[int, int, int]) -> UUID:
    at = play.morning(-90)
    form: dict[str, Arg] = {"sort": sort, "unit": unit, "place": place, "starts_at": at}
    made = services.schedule(play.district_id, who, TEAM, Filled(form, {"name": name}), at_us=at * 1_000_000)
    record = made.outcome.record_id

    def move(move: str, days: int, args: dict[str, Any], texts: dict[str, str] | None = None, **more: Any) -> None:
        play.move(record, who, move, play.morning(days), args=args, texts=texts or {}, version=None, **more)

    for level, count in zip(("elder_party_member", "building_head", "skilled_owner"), heads, strict=True):
        if count:
            move("attend", -89, {"level": level, "heads": count})
    move("collect", -60, {}, {"words": "【示例】入户提醒用电用气安全"})
    for days, deeds, times in ((-55, 2, 9), (-20, 3, 12), (-2, 1, 5)):
        for item, quantity in (("good_deeds", deeds), ("volunteer_times", times)):
            on = datetime.fromtimestamp(play.morning(days), play.zone).date().isoformat()
            move("record_result", days, {"unit": unit, "item": item, "quantity": quantity, "on": on})
    if sort == "neighbours":
        move("settle_answered", -18, {"unit": unit}, {"answer": "【示例】已走访三个楼栋"}, matter=1)
    return record


class _Project:
    def __init__(self, play: Play, who: Acting, unit: str, place: str, name: str, days: int) -> None:
        self.play, self.who, self.days = play, who, days
        at = play.morning(days)
        form: dict[str, Arg] = {
            "sort": "estate", "unit": unit, "place": place, "starts_at": at, "no_manager": True, "no_fund": True,
        }  # fmt: skip
        made = services.schedule(play.district_id, who, PROJECT, Filled(form, {"name": name}), at_us=at * 1_000_000)
        self.record = made.outcome.record_id

    def move(self, by: Acting, name: str, days: int, additive: bool = False, **given: Any) -> None:
        if additive:
            given["version"] = None
        self.play.move(self.record, by, name, self.play.morning(days), **given)

    def day(self, days: int) -> str:
        return datetime.fromtimestamp(self.play.morning(days), self.play.zone).date().isoformat()

    def to_works(self, until: int) -> None:
        """From the diagnosis to the first day of the works, within four weeks."""
        first = self.days
        self.move(self.who, "diagnose", first + 3, texts={"findings": "【示例】监控缺失，道路破损，车位无序"})
        for item, quantity in _ITEMS:
            args = {"item": item, "quantity": quantity}
            self.move(self.who, "plan_item", first + 5, additive=True, args=args)
        self.move(self.who, "submit_list", first + 6)
        args = {"asked": 186, "agree": 121, "against": 14, "on": self.day(first + 14)}
        self.move(self.who, "consult", first + 15, args=args, texts={"way": "入户征求（示例）"})
        self.move(self.who, "carry", first + 16)
        for source, measure, amount in (
            ("residents", "yuan", 18_600), ("district", "yuan", 420_000), ("residents", "person-day", 64),
        ):  # fmt: skip
            args = {"source": source, "measure": measure, "amount": amount, "on": self.day(first + 20)}
            self.move(self.who, "fund", first + 20, additive=True, args=args)
        args = {"builder": BUILDER, "due_on": self.day(until)}
        self.move(self.who, "begin_works", first + 22, args=args)

    def built(self, by: Acting, share: float, days: int) -> None:
        """So much of everything that was planned."""
        for item, quantity in _ITEMS:
            args = {"unit": BUILDER, "item": item, "quantity": int(quantity * share), "on": self.day(days)}
            self.move(by, "record_result", days, additive=True, args=args)

    def ended(self, by: Acting, office: Acting, team: UUID) -> None:
        """Sent back once, accepted by the office, handed to the residents with a team."""
        self.move(by, "report_works", -124)
        args: dict[str, Any] = {"defects": 1, "due_on": self.day(-115)}
        self.move(office, "send_back", -122, args=args, texts={"reason": "【示例】车位线不清"})
        self.move(by, "mend_defects", -119, additive=True, texts={"note": "【示例】已重新划线"})
        self.move(by, "report_works", -119)
        self.move(office, "accept_works_for_office", -117, texts={"finding": "【示例】符合清单"})
        self.move(self.who, "hand_over", -60, args={"record": str(team)}, texts={"body": "小区自治小组（示例）"})
        self.move(self.who, "close", -55)


def _devices(play: Play, place: str) -> None:
    since = datetime.fromtimestamp(play.now, play.zone).date() - timedelta(days=110)
    unit = WATCHER if WATCHER in play.directory.unit_facts else ""
    rows = [
        devices.Row(
            f"demo-{n + 1:03d}", _KINDS[n % len(_KINDS)], place, unit, f"示例点位 {n + 1}", since, None,
            (devices.ONLINE, devices.ONLINE, devices.ONLINE, devices.OFFLINE)[n % 4], True, "synthetic; assumption",
        )
        for n in range(20)
    ]  # fmt: skip
    devices.store(play.district_id, rows, datetime.fromtimestamp(play.now, UTC))
