"""Pages that need records of their own: who goes where, after what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from enforcement.conftest import REFORMS
from gewu.cases.queries import get_case
from gewu.connections.models import Channel, Webhook
from gewu.enforcement.acts import read_act
from gewu.enforcement.reform import apply
from gewu.imports import alarms
from gewu.keeping import releases
from gewu.ledger.door import SYSTEM, now_us
from gewu.registry import devices
from gewu.registry.models import District, Reform
from imports import sheets
from support.district import CODE, START_US, Walk, acting, directory, district_id, post
from support.occasions import Session
from support.showcase import STREETS, Showcase

HOUR_US = 3_600_000_000
CAMERA = "CAM-0001"
DEVICES = f"""{",".join(devices.HEADER)}
{CAMERA},camera,500101021006,public-security-bureau,望江路 3 栋东侧,2020-10-01,,online,1,assumption
GATE-0001,plate_gate,500101021006,,小区南门,2020-10-01,,,1,assumption
"""


@dataclass(frozen=True)
class Visit:
    """Who goes where. ``link`` is looked for on the page at ``path`` and followed; what ``press`` selects is pressed on
    the page, and the page that it leads to is looked at as well.
    """

    who: str
    path: str
    link: str = ""
    press: str = ""


def _split() -> Visit:
    return Visit("shift_leader", f"/desk/cases/{Walk(at_us=now_us()).filed().number}/split")


def _standing() -> Visit:
    Walk(at_us=now_us()).filed()
    return Visit("comprehensive_office", "/cockpit/", r"/cockpit/records\?[^\"]+what=standing[^\"]*")


def _figure() -> Visit:
    Walk(at_us=now_us() - 6 * HOUR_US).closed()
    return Visit("comprehensive_office", "/desk/figures", r"/desk/figures/records\?[^\"]+")


def _matter() -> Visit:
    return Visit("street", f"/desk/workdays/{Session(at_us=START_US).scheduled().opened().record_id}/matters/1/case")


def _vote() -> Visit:
    return Visit("street", f"/desk/rounds/{Showcase(streets=STREETS[:5]).voting().record_id}/vote")


def _recount() -> Visit:
    held = Showcase(streets=STREETS[:5], period="2026Q3").voting().all_vote().counted()
    return Visit("comprehensive_office", f"/desk/rounds/{held.record_id}/recount")


def _webhook() -> Visit:
    made = Webhook.objects.create(district=District.objects.get(code=CODE), name="对接系统", url="https://example.org/")
    return Visit("administrator", f"/desk/connections/webhooks/{made.id}")


def _channel() -> Visit:
    made = Channel.objects.create(district=District.objects.get(code=CODE), kind="mail", name="邮件", secrets=b"")
    return Visit("administrator", f"/desk/connections/channels/{made.id}")


# ---- photos for everybody


def _closed() -> tuple[Walk, UUID]:
    walk = Walk(at_us=now_us() - 6 * HOUR_US).closed()
    return walk, get_case(district_id(), SYSTEM, walk.record_id).photos[-1].id


def _to_cover() -> Visit:
    walk, photo = _closed()
    return Visit("shift_leader", f"/desk/releases/{walk.number}/{photo}", press="button[value=look]")


def _released() -> Walk:
    walk, photo = _closed()
    code = post("shift_leader", covering=CODE).code
    releases.release(district_id(), acting("shift_leader"), code, walk.record_id, photo, "after", (3, 4))
    return walk


# ---- a sheet of another platform


def _looked_through() -> Visit:
    rows = [sheets.row(1), sheets.row(2, 问题分类="夜市"), sheets.row(3, 受理时间="前天")]
    return Visit("intake_officer", f"/desk/imports/{sheets.looked(sheets.book(rows)).id}")


def _taken_in() -> Visit:
    return Visit("intake_officer", f"/desk/imports/{sheets.imported(sheets.book([sheets.row(4), sheets.row(6)])).id}")


def _on_its_way() -> Visit:
    return Visit("intake_officer", f"/desk/imports/{sheets.send(sheets.book([sheets.row(8)]))}")


# ---- what is in the registry: the tests that make it take it back


def _device() -> Visit:
    devices.take_in(district_id(), DEVICES, datetime.now(UTC))
    alarms.ring(directory(), acting("intake_officer"), alarms.Rung(CAMERA, "A-1", "消防通道占用", datetime.now(UTC)))
    return Visit("comprehensive_office", f"/desk/district/devices/one/{CAMERA}")


def _reform(act: str) -> Visit:
    apply(district_id(), read_act(REFORMS / f"{act}.yaml"), by="test")
    return Visit("comprehensive_office", f"/desk/district/acts/{Reform.objects.latest('pk').pk}")


VISITS: dict[str, Callable[[], Visit]] = {
    "cockpit/records": _standing,
    "desk/cases/<number>/split": _split,
    "desk/connections/channels/<channel>": _channel,
    "desk/connections/webhooks/<webhook>": _webhook,
    "desk/district/bodies/<code>": lambda: Visit("assessor", "/desk/district/bodies/urban-management-bureau"),
    "desk/district/buildings/<code>": lambda: Visit("assessor", "/desk/district/buildings/500101001007B0001"),
    "desk/district/items/<code>": lambda: Visit("assessor", "/desk/district/items/E001"),
    "desk/figures/records": _figure,
    "desk/imports/<run_id>": _looked_through,
    "desk/imports/<run_id> when it is done": _taken_in,
    "desk/imports/<run_id> on its way": _on_its_way,
    "desk/releases/<number>/<photo_id>": _to_cover,
    "desk/releases/<number> with a copy that is public": lambda: Visit(
        "shift_leader", f"/desk/releases/{_released().number}"
    ),
    "desk/rounds/<record_id>/recount": _recount,
    "desk/rounds/<record_id>/vote": _vote,
    "desk/workdays/<record_id>/matters/<no>/case": _matter,
}
"""The address as it stands among the patterns, with what is different about it where it is visited more than once."""
IN_REGISTRY: dict[str, Callable[[], Visit]] = {
    "desk/district/acts/<act_id>": lambda: _reform("2024-1-affairs-centre"),
    "desk/district/acts/<act_id> with teams": lambda: _reform("2024-2-enforcement"),
    "desk/district/acts with both": lambda: Visit("comprehensive_office", "/desk/district/acts"),
    "desk/district/bodies/<code> that ended": lambda: Visit(
        "comprehensive_office", "/desk/district/bodies/sanitation-centre"
    ),
    "desk/district/devices/one/<code>": _device,
    "desk/district/devices/list with devices": lambda: Visit("comprehensive_office", "/desk/district/devices/list"),
    "desk/district/devices/alarms with alarms": lambda: Visit(
        "comprehensive_office", "/desk/district/devices/alarms?made=1"
    ),
}
