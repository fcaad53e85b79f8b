"""Who may log in to a demonstration: one password for all, the posts worth trying, and what each can do."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from gewu.cases.demo.cast import RESERVE
from gewu.home import instance
from gewu.home.layout import Home
from gewu.registry import models as m
from gewu.registry.directory import Directory
from gewu.registry.entries import PostInfo
from gewu.registry.people import authenticate, set_passwords


@dataclass(frozen=True, slots=True)
class Login:
    """A login to show. ``can`` says in both languages what is to be tried with it."""

    login: str
    password: str
    role: str
    name_en: str
    name_zh: str
    can_en: str
    can_zh: str


STREET_CLERK = "street_clerk"
"""No role: the unit clerk of a street office."""

_CAN = {
    "intake_officer": ("register calls, send verifications, answer reporters", "登记来电、派发核实、答复反映人"),
    "shift_leader": ("file, decide objections and suspensions, close", "立案、审核异议与挂账、结案"),
    "dispatcher": ("dispatch to units, review extensions, arrange checks", "派遣、审核延期、派发核查"),
    "collector": ("verify and check on site, fix on the spot", "现场核实核查、即查即改"),
    "unit_clerk": ("claim, hand on inside the unit, report the result", "认领、内部派单、反馈结果"),
    STREET_CLERK: ("hold a building workday, settle what residents raise", "开展楼栋工作日、现场交办问题"),
    "worker": ("do the work handed on, with photos", "完成内部派单并拍照"),
    "community_clerk": (
        "call a residents' council, collect matters, guide small ones",
        "召集居民议事会、收集问题、引导小事自办",
    ),
    "building_head": ("bring the building's matters, see what came of them", "反映楼栋问题、查看办理结果"),
    "comprehensive_office": ("see what is late and was not moved by others", "查看逾期升级事项"),
    "area_contact_office": ("record leaders' instructions and follow them up", "登记领导批示并跟踪落实"),
    "assessor": ("read everything, change nothing", "只读查看全部"),
    "administrator": ("see the district's settings", "查看区县设置"),
}


def demo_logins(directory: Directory) -> list[Login]:
    """Set the demonstration password and give the logins to show: for clerks, workers and collectors the busiest.

    The password is made once for an installation and kept in its ``instance.json``, with the logins it opens, so that
    a login page can show them. It is hashed again only when it does not open the first login.
    """
    district = m.District.objects.get(pk=directory.district.id)
    chosen = [(role, post) for role in _CAN if (post := _post(directory, role)) is not None]
    home = Home.current()
    known = instance.update(home).demo_passwords
    password = next(iter(known.values()), "") or instance.new_password()
    if chosen and authenticate(chosen[0][1].login, password) is None:
        set_passwords(district, password)

    def remember(kept: instance.Instance) -> None:
        kept.demo_passwords = {post.login: password for _, post in chosen}

    instance.update(home, remember)
    return [Login(post.login, password, role, post.name_en, post.name_zh, *_CAN[role]) for role, post in chosen]


_SLOTS = {"collector": ("verify", "check"), "unit_clerk": ("handle",), "worker": ("work",)}


def _post(directory: Directory, role: str) -> PostInfo | None:
    """The post of a role with the most to do right now; where work is not counted, the first."""
    if role == STREET_CLERK:
        return _street_clerk(directory)
    posts = [post for post in directory.holders(role) if post.login and post.person is not None]
    posts = [post for post in posts if RESERVE not in post.code] or posts
    posts.sort(key=lambda post: (directory.district.code not in post.prefixes, post.code))
    waiting = _waiting(directory.district.id, _SLOTS[role]) if role in _SLOTS else []
    return max(posts, key=lambda post: sum(_is_theirs(post, unit, place) for unit, place in waiting), default=None)


def _street_clerk(directory: Directory) -> PostInfo | None:
    """The clerk of the first street by code: its building workday is in session in the demonstration."""
    posts = [
        post
        for post in directory.holders("unit_clerk")
        if post.login and post.person is not None and directory.units[post.unit].kind == "street_office"
    ]
    return min(posts, key=lambda post: (directory.units[post.unit].place, post.code), default=None)


def _is_theirs(post: PostInfo, unit: str, place: str) -> bool:
    """Whether a part without a unit lies in the post's territory, or a part of a unit is of the post's unit."""
    return unit == post.unit if unit else place.startswith(post.prefixes or ("-",))


def _waiting(district_id: int, slots: tuple[str, ...]) -> list[tuple[str, str]]:
    """(unit, place) of every part that waits in these slots."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.unit, r.place FROM ledger_assignment a JOIN ledger_record r"
            " ON r.district_id = a.district_id AND r.id = a.record_id"
            " WHERE a.district_id = %s AND a.live AND a.slot = ANY(%s)",
            [district_id, list(slots)],
        )
        return list(cursor.fetchall())
