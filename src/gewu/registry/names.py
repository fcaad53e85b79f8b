"""Names of codes in the two languages: moves, stages, roles, units, places, clocks, and what the engine itself calls.

A code without a name is shown as it is, so that nothing is ever left blank.
"""

from __future__ import annotations

from collections.abc import Mapping

from gewu.core.migrate import MIGRATE
from gewu.core.playbook.model import NEW, FormField, Playbook, Words
from gewu.core.records import REPORTER, SYSTEM
from gewu.core.succession import SUCCEED
from gewu.core.telling import speech
from gewu.registry.directory import Directory

chinese, limit_text, listed = speech.chinese, speech.limit_text, speech.listed

_NAMES: Mapping[str, Words] = {
    # photo roles
    "any": Words("any photo", "任意照片"),
    "before": Words("before handling", "处置前"),
    "after": Words("after handling", "处置后"),
    "scene": Words("at the scene", "现场"),
    "other": Words("other", "其他"),
    # who acts beside the roles of a district
    REPORTER: Words("the reporter", "反映人"),
    SYSTEM: Words("the system", "系统"),
    # notices of the house itself
    "many_reveals": Words(
        "One person was shown more than 30 reporters within an hour: see the log of reveals",
        "一小时内同一人查看反映人信息超过 30 次，请核查查看记录",
    ),
    # what a form calls beside its fields
    "reason": Words("Reason", "理由"),
    "photos": Words("Photos", "照片"),
    "target": Words("Which assignment", "所办任务"),
    # parts in a case
    "lead": Words("lead", "主办"),
    "assist": Words("assist", "协办"),
    "sole": Words("sole", "独办"),
    "open": Words("waiting", "待接收"),
    "taken": Words("in hand", "办理中"),
    "ended": Words("ended", "已结束"),
    # clocks
    "running": Words("running", "计时中"),
    "paused": Words("paused", "已暂停"),
    "stopped": Words("stopped", "已停止"),
    # flags and tags
    "on_boundary": Words("on a boundary", "位于边界"),
    "no_position": Words("without a position", "无坐标"),
    "position_unreadable": Words("unreadable position", "坐标无法识别"),
    "outside_territory": Words("outside the territory", "位于辖区外"),
    "closed_before_open": Words("printed as closed before it was opened", "原数据结案早于立案"),
    "no_unit": Words("no department named", "原数据未列部门"),
    "place_disputed": Words("place and position disagree", "地点与坐标不一致"),
    "shortened": Words("text shortened", "文字已截短"),
    "fixed_on_spot": Words("fixed on the spot", "即查即改"),
    "forced": Words("closed by force", "强制结案"),
    "danger": Words("danger to life", "危及安全"),
    "extension_first_approval": Words("extension approved once", "延期已一审"),
    # what the house itself tells the office
    "destination_down": Words("Another system does not answer", "对接系统无应答"),
    "destination_gone": Words("Another system wants no more messages", "对接系统已停止接收消息"),
    "delivery_failed": Words("A message could not be delivered", "有消息未能送达"),
    # a unit that another follows
    "succeed_unit": Words("Handed over to the unit that follows", "机构改革，移交承接单位"),
    "handed_over": Words("Open work of a unit that ended came to yours", "撤并单位的在办事项已转入本单位"),
    # a record that goes on under another version of its playbook
    MIGRATE: Words("Carried over to a new version of the playbook", "转入新版流程"),
    # cases of other platforms
    "imported": Words("Cases of another platform were imported", "已导入外部平台案件"),
    "outside_warn": Words("80 % of the other platform's time is used", "外部平台时限已过 80%"),
    "outside_due": Words("The other platform's deadline has passed", "已超外部平台时限"),
    # what members of a programme owe
    "obligation_plan": Words("No session is planned for this month yet", "本月尚未安排现场办公"),
    "obligation_hold": Words(
        "The month ends soon without a session held or planned", "月底临近，本月仍未开展也未安排现场办公"
    ),
    "obligation_missed": Words("The month ended without the session that was owed", "当月应开展的现场办公未开展"),
}

_OUTCOMES: Mapping[str, Words] = {
    "exists": Words("it exists", "属实"),
    "absent": Words("it is not there", "不存在"),
    "unable": Words("could not be done", "无法完成"),
    "revoked": Words("recalled", "已撤回"),
    "returned": Words("returned", "已退回"),
    "lifted": Words("handed up to the district centre", "上报区治理中心"),
    "objection_upheld": Words("objection upheld", "异议成立"),
    "rejected": Words("rejected", "不同意"),
    "approved": Words("approved", "同意"),
    "approved_first": Words("approved, first of two", "一审同意"),
    "done": Words("done", "已完成"),
    "released": Words("released", "已解除"),
    "forced": Words("ended by force", "强制结束"),
    "voided": Words("void", "作废"),
    "merged": Words("merged", "已并案"),
    "pass": Words("passed", "通过"),
    "fail": Words("not passed", "不通过"),
    "supported": Words("supported", "初审通过"),
    "granted": Words("granted", "成立"),
    "no_reply": Words("no reply came", "未回函"),
    "case": Words("became a case", "交办为案件"),
    "joined": Words("joined to an open case", "并入在办案件"),
    "answered": Words("answered at the table", "当场答复"),
    "withdrawn": Words("withdrawn", "已撤回"),
    "accepted": Words("takes part", "同意参加"),
    "declined": Words("declined", "不参加"),
    "unanswered": Words("did not answer", "未答复"),
    "reported": Words("reported", "已报送"),
    "missing": Words("not reported", "未报送"),
    "signed": Words("signed", "已会签"),
    "refused": Words("does not sign", "不予会签"),
    "unsigned": Words("not signed", "未会签"),
    "ended": Words("has ended", "已办结"),
    "adopted": Words("carried", "表决通过"),
    "deferred": Words("put off to another session", "留待下次议事"),
    "not_done": Words("not carried out", "未能执行"),
    "cancelled": Words("cancelled", "已取消"),
}

_EXPIRED: Mapping[str, Words] = {
    "warned": Words("80 % of the limit is used: {clock}", "时限已过 80%：{clock}"),
    "due": Words("The limit has passed: {clock}", "已超时：{clock}"),
    "overdue": Words("Still overdue: {clock}", "仍然超时：{clock}"),
}


def distance_text(metres: float, language: str) -> str:
    """``850 m`` or ``12.3 km``; ``850 米`` or ``12.3 公里``."""
    if metres < 1:
        return "不足 1 米" if chinese(language) else "less than 1 m"
    if metres < 1000:
        return f"{metres:.0f} 米" if chinese(language) else f"{metres:.0f} m"
    return f"{metres / 1000:,.1f} 公里" if chinese(language) else f"{metres / 1000:,.1f} km"


def name(code: str, language: str) -> str:
    """Photo roles, modes and statuses of assignments, statuses of clocks, flags and tags."""
    words = _NAMES.get(code)
    return words[language] if words else code


def outcome_name(code: str, language: str) -> str:
    """How an assignment ended. What was handed on inside it ended with it: ``parent_done``."""
    words = _OUTCOMES.get(code.removeprefix("parent_"))
    return words[language] if words else code


def move_name(playbook: Playbook | None, code: str, language: str) -> str:
    """The title of a move."""
    found = playbook.moves.get(code) if playbook else None
    return found.title[language] if found else code


def event_name(playbook: Playbook | None, kind: str, args: Mapping[str, object], language: str) -> str:
    """The title of a timeline entry: the move's, or what a clock did (``args`` are the event's)."""
    if kind in (SUCCEED, MIGRATE):
        return name(kind, language)
    if kind != "expire":
        return move_name(playbook, kind, language)
    phase = str(args.get("phase", "due"))
    words = _EXPIRED.get(phase, _EXPIRED["overdue"])
    return words[language].format(clock=clock_name(playbook, str(args.get("clock", "")), language))


def stage_name(playbook: Playbook | None, code: str, language: str) -> str:
    """The title of a stage."""
    if code == NEW:
        return "尚未上报" if chinese(language) else "not reported yet"
    found = playbook.stages.get(code) if playbook else None
    return found.title[language] if found else code


def slot_name(playbook: Playbook | None, code: str, language: str) -> str:
    """The title of a kind of part."""
    found = playbook.slots.get(code) if playbook else None
    return found.title[language] if found else code


def clock_name(playbook: Playbook | None, code: str, language: str) -> str:
    """The title of a clock, by its name or by the id of a running one (``handle:3``)."""
    found = playbook.clocks.get(code.partition(":")[0]) if playbook else None
    return found.title[language] if found else code


def tier_name(playbook: Playbook | None, code: str, language: str) -> str:
    """The title of a tier."""
    found = playbook.tiers.get(code) if playbook else None
    return found.title[language] if found else code


def message_text(playbook: Playbook | None, code: str, language: str) -> str:
    """The words of a notice: the playbook's, or those of the house itself."""
    found = playbook.messages.get(code) if playbook else None
    return found[language] if found else name(code, language)


def field_name(playbook: Playbook | None, move: str, field: str, language: str) -> str:
    """The title of a form field: of this move's form, else of any form or field of the playbook that has the name."""
    if playbook is not None:
        found = playbook.moves.get(move)
        own = next((f for f in found.form if f.name == field), None) if found else None
        own = own or playbook.fields.get(field)
        own = own or next((f for m in playbook.moves.values() for f in m.form if f.name == field), None)
        if own is not None:
            return own.title[language]
    return name(field, language)


def choice_name(field: FormField, value: str, language: str) -> str:
    """The title of a choice of a field."""
    if value in field.choices and field.choice_titles:
        return field.choice_titles[field.choices.index(value)][language]
    return value


def role_name(directory: Directory | None, code: str, language: str) -> str:
    """The name of a role; also of the reporter and the system."""
    found = directory.roles.get(code) if directory else None
    return found.name(language) if found else name(code, language)


def unit_name(directory: Directory, code: str, language: str) -> str:
    """The name of a unit, also of one that ended."""
    found = directory.units.get(code)
    return found.name(language) if found else code


def category_name(directory: Directory, key: str, language: str) -> str:
    """The name of a category by its key (``matter:06012``), also of a retired one."""
    found = directory.categories.get(key)
    return found.name(language) if found else key


def place_name(directory: Directory, code: str, language: str) -> str:
    """The names from street to the place itself: ``Gaosuntang Street, ...``; the district's name for the district."""
    district = directory.district
    parts: list[str] = []
    found = directory.places.get(code)
    while found is not None and found.code != district.code:
        here = found.name(language)
        if not parts or here not in parts[-1]:  # a grid that has no name of its own is called after its community
            parts.append(here)
        found = directory.places.get(found.parent)
    if not parts:
        return district.name(language) if code == district.code else code
    return " ".join(reversed(parts)) if chinese(language) else ", ".join(parts)


def person_name(directory: Directory, person: str, language: str) -> str:
    """Who acted: the post's holder as the directory names them, a vacant post's program, the reporter, the system."""
    if person.isascii() and person.isdigit():
        found = directory.people.get(int(person))
        return found.name(language) if found else person
    kind, _, code = person.partition(":")
    if kind == "post" and (post := directory.posts.get(code)) is not None:
        return post.name(language)
    return name(kind, language)  # a reporter's visit is nobody's business


def at_post_name(directory: Directory, person: str, unit: str, language: str) -> str:
    """A person by the post they hold at this unit (posts are named by function), the reporter, or the system."""
    found = directory.people.get(int(person)) if person.isascii() and person.isdigit() else None
    posts = [directory.posts[code] for code in found.posts if code in directory.posts] if found else []
    here = [post for post in posts if post.unit == unit] or posts
    return here[0].name(language) if here else person_name(directory, person, language)


def holder_name(directory: Directory, part: tuple[str, str, str], language: str) -> str:
    """Who has a part (unit, role, person): the person, else the unit, else the role."""
    unit, role, person = part
    if person:
        return at_post_name(directory, person, unit, language)
    return unit_name(directory, unit, language) if unit else role_name(directory, role, language)


def area_name(directory: Directory, code: str, language: str) -> str:
    """The name of a named area, also of one that ended."""
    found = directory.areas.get(code)
    return found.name(language) if found else code


def owner_name(directory: Directory, code: str, language: str) -> str:
    """Who owns a facility."""
    found = directory.owners.get(code)
    return found.name(language) if found else code


def names_for(directory: Directory | None, language: str) -> speech.Names:
    """What the core asks for when it tells or draws a playbook: names that only the district or the house knows."""

    def named(kind: str, code: str) -> str:
        if kind == "role":
            return role_name(directory, code, language)
        if kind == "unit":
            return unit_name(directory, code, language) if directory else ""
        if kind == "person":
            return person_name(directory, code, language) if directory else ""
        if kind == "post":  # person@unit
            person, _, unit = code.partition("@")
            return at_post_name(directory, person, unit, language) if directory else ""
        if kind == "standard":
            found = directory.standards.get(code) if directory else None
            return f"{found.code} {found.filing[language]}" if found else ""
        words = _OUTCOMES.get(code.removeprefix("parent_")) or _NAMES.get(code)
        return words[language] if words else ""

    return named
