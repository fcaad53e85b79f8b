"""Two clearly synthetic whistles of a street: one confirmed and rated, one at which a unit is still to arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from gewu.core.records import Arg
from gewu.ledger.door import Acting
from gewu.occasions import services
from gewu.occasions.services import Filled

if TYPE_CHECKING:
    from gewu.occasions.demo import Play

TYPE = "whistle"
_HOUR = 3600
MOST = 2
"""Units that are called."""


def run(play: Play, unit: str) -> int:
    """Both whistles. Returns how many; 0 where the district has no playbook of them or nobody in the street to call."""
    called = _called(play, unit)
    if play.directory.playbook(TYPE) is None or not called:
        return 0
    clerk = play.who("unit_clerk", unit)
    done = _blown(play, unit, called[:1], "emergency", play.morning(-9), "【示例】雨后路面塌陷，需联合处置")
    squad = play.who("unit_clerk", called[0])
    _do(play, done, squad, "arrive", play.morning(-9) + _HOUR)
    said = {"result": "【示例】已围挡并回填，恢复通行"}
    _do(play, done, squad, "report_outcome", play.morning(-8), args={"needed": "needed"}, texts=said)
    rated: dict[str, Arg] = {"solved": "solved", "rating": 5}
    play.move(done, clerk, "confirm", play.morning(-8) + _HOUR, args=rated)
    begun = play.now - 2 * _HOUR
    still = _blown(play, unit, called, "hard", begun, "【示例】夜市油烟扰民，多次劝导无效")
    if len(called) > 1:
        _do(play, still, play.who("unit_clerk", called[1]), "arrive", begun + _HOUR)
    play.made += 2
    return 2


def _called(play: Play, unit: str) -> tuple[str, ...]:
    """Units of the same street whose clerk could come: not the office itself."""
    directory = play.directory
    street = directory.units[unit].place
    found = [
        one.code
        for one in directory.units.values()
        if one.active and one.accounts and one.code != unit and street and one.place == street
    ]
    found += [code for code in ("urban-management-bureau",) if code in directory.unit_facts and found]
    clerks = {p.unit for p in directory.holders("unit_clerk") if p.person is not None}
    return tuple(code for code in found if code in clerks)[:MOST]


def _blown(play: Play, unit: str, called: tuple[str, ...], cause: str, at: int, subject: str) -> UUID:
    place = play.community(play.directory.units[unit].place, "望江路")
    args: dict[str, Arg] = {"cause": cause, "unit": unit, "place": place, "starts_at": at, "units": called}
    filled = Filled(args, {"subject": subject, "where": "示例路口"})
    made = services.schedule(play.district_id, play.who("unit_clerk", unit), TYPE, filled, at_us=at * 1_000_000)
    return made.outcome.record_id


def _do(play: Play, record: UUID, by: Acting, move: str, at: int, **given: Any) -> None:
    services.act(play.district_id, by, record, move, at_us=at * 1_000_000, **given)
