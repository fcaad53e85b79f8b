"""Two clearly synthetic operations of agencies: one under way with 190 people, one closed with a co-signed report.

In the closed one a body stands as not reported. Which bodies take part is sample data; where the district does not have
them all, there are none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.occasions import services
from gewu.occasions.kinds import AGENCY
from gewu.occasions.services import Filled

if TYPE_CHECKING:
    from gewu.occasions.demo import Play

TYPE = "joint_duty"
_HOUR = 3600
_DAY = 24 * _HOUR
_LAW = "《城市市容和环境卫生管理条例》（示例）"
_BODIES = (
    ("urban-management-bureau", "core", 80),
    ("traffic-police", "core", 60),
    ("transport-bureau", "core", 30),
    ("fire-rescue-detachment", "invited", 12),
    ("tobacco-bureau", "invited", 8),
)
_RESULTS = (
    ("urban-management-bureau", "road_occupying_business", 14),
    ("urban-management-bureau", "ads_removed", 9),
    ("urban-management-bureau", "two_three_wheel_bays", 26),
    ("urban-management-bureau", "paving_bricks", 48),
    ("traffic-police", "traffic_violations", 37),
    ("traffic-police", "tricycle_permits", 55),
    ("traffic-police", "safety_training", 120),
    ("transport-bureau", "illegal_operation_vehicles", 3),
    ("fire-rescue-detachment", "persuasions", 6),
)


def run(play: Play) -> int:
    """Both operations. Returns how many; 0 where the district has no playbook of them or none of the bodies."""
    bodies = [one for one in _BODIES if one[0] in play.directory.unit_facts]
    if play.directory.playbook(TYPE) is None or len(bodies) < len(_BODIES):
        return 0
    play.made += 2
    _Operation(play, days=-34, lasts=4, scale=0.4).closed()
    _Operation(play, days=-12, lasts=90, scale=1).under_way()
    return 2


class _Operation:
    def __init__(self, play: Play, *, days: int, lasts: int, scale: float) -> None:
        self.play, self.scale = play, scale
        self.lead = _BODIES[0][0]
        self.clerk = play.who("unit_clerk", self.lead)
        self.office = play.who("comprehensive_office")
        self.starts = play.morning(days)
        self.ends = self.starts + lasts * _DAY
        at = self.starts - 6 * _DAY
        args: dict[str, Arg] = {
            "unit": self.lead, "place": play.directory.district.code, "starts_at": self.starts, "ends_at": self.ends,
        }  # fmt: skip
        texts = {
            "where": "核心商圈及周边道路（示例）",
            "purpose": "【示例】整治占道经营和车辆乱停放，疏导并举",
            "basis": "城区交通秩序综合整治工作方案（示例）",
            "leader": "区政府分管领导（示例）",
        }
        made = services.schedule(play.district_id, self.clerk, TYPE, Filled(args, texts), at_us=at * 1_000_000)
        self.record = made.outcome.record_id
        self._mustered(at)

    def _mustered(self, at: int) -> None:
        plan = {"teams": "【示例】四个混编组，每组城管、交警、运管各派人员", "route": "早晚高峰沿主干道，夜间商圈"}
        self._do(self.clerk, "set_teams", at, texts=plan)
        first = datetime.fromtimestamp(self.starts, self.play.zone).date().isoformat()
        for unit, standing, _heads in _BODIES:
            form: dict[str, Arg] = {"unit": unit, "standing": standing, "from_on": first}
            self._do(self.clerk, "invite", at + _HOUR, args=form)
        for unit, _standing, heads in _BODIES:
            part = _part(self.play.district_id, self.record, "invitation", unit)
            self._do(self._speaker(unit), "accept", at + 2 * _HOUR, target=part)
            count: dict[str, Arg] = {"level": "agency", "unit": unit, "heads": max(1, round(heads * self.scale))}
            self._do(self.clerk, "attend", self.starts - _HOUR, args=count)
        self._do(self.clerk, "muster", self.starts - _HOUR, texts={"where": "体育场（示例）"})
        self._do(self.clerk, "begin_duty", self.starts)

    def under_way(self) -> None:
        """Results and patrols of the days so far."""
        self._days(min(self.play.now, self.ends))

    def closed(self) -> None:
        """Reported by all but one, one of them late; signed by those that reported."""
        self._days(self.ends)
        self._do(self.clerk, "end_duty", self.ends, texts={"summary": "【示例】按方案完成"})
        *reporting, late, missing = [unit for unit, _standing, _heads in _BODIES]
        for unit, days in (*((unit, 1) for unit in reporting), (late, 9)):
            part = _part(self.play.district_id, self.record, AGENCY, unit)
            words = {"words": "【示例】已按分工完成，成果见登记明细。"}
            self._do(self._speaker(unit), "report", self.ends + days * _DAY, target=part, texts=words)
        reason = {"reason": f"【示例】{self.play.directory.units[missing].name('zh')}两次催报未果"}
        self._do(self.clerk, "close_reporting", self.ends + 10 * _DAY, texts=reason)
        for unit in (*reporting, late):
            part = _part(self.play.district_id, self.record, "signature", unit)
            signed = {"signed_by": "分管负责人（示例）", "opinion": "同意"}
            self._do(self._speaker(unit), "sign", self.ends + 11 * _DAY, target=part, texts=signed)
        self._do(self.clerk, "close", self.ends + 12 * _DAY)

    def _days(self, until: int) -> None:
        """Every third day each body records what it brought; patrols and support between them."""
        n, at = 0, self.starts + 9 * _HOUR
        while at < until:
            on = datetime.fromtimestamp(at, self.play.zone).date().isoformat()
            for unit, item, quantity in _RESULTS:
                line: dict[str, Arg] = {"unit": unit, "item": item, "quantity": max(1, quantity - n % 4), "on": on}
                self._do(self._speaker(unit), "record_result", at, args=line, texts={"basis": _LAW})
            helper, helped = _BODIES[2 - n % 2][0], _BODIES[n % 2][0]
            patrol = {
                "hours": "18:00-21:00",
                "where": "王牌路至西山（示例）",
                "what": "【示例】劝离占道摊点，疏导三轮车",
            }
            self._do(self._speaker(helped), "log_patrol", at, args={"on": on, "unit": helped}, texts=patrol)
            if helper != helped:
                swap: dict[str, Arg] = {"on": on, "unit": helper, "helped": helped, "swapped": True}
                self._do(self._speaker(helper), "support", at, args=swap, texts={"words": "【示例】协助劝导与疏导"})
            n, at = n + 1, int((datetime.fromtimestamp(at, self.play.zone) + timedelta(days=3)).timestamp())

    def _speaker(self, unit: str) -> Acting:
        if not self.play.directory.unit_facts[unit].accounts:
            return self.office
        return self.play.who("unit_clerk", unit)

    def _do(self, by: Acting, move: str, at: int, **given: Any) -> None:
        self.play.move(self.record, by, move, at, **given)


def _part(district_id: int, record: UUID, slot: str, unit: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT no FROM ledger_assignment WHERE district_id = %s AND record_id = %s AND slot = %s AND unit = %s"
            " AND live ORDER BY no DESC LIMIT 1",
            [district_id, record, slot, unit],
        )
        return int(cursor.fetchone()[0])
