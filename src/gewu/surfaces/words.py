"""What refusals, faults and codes are called, in the product's two languages. The API and the pages share these words.

Words that a playbook or a pack brings (moves, stages, fields, units, categories) come from there; what stands here
belongs to the engine. A code without words is shown as it is, so that nothing is ever left blank. ``language`` is
``en``, ``zh-hans`` or anything that begins with one of the two; everything else is English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gewu.cases.queries import BadCursor
from gewu.cases.services import UnknownPlace
from gewu.core.forms import TEXT_LIMIT
from gewu.core.playbook.model import FormField, Playbook, Words
from gewu.core.records import Refusal
from gewu.ledger import errors
from gewu.ledger.attachments import MAX_BYTES, MAX_PIXELS, BadAttachment
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.names import (
    category_name,
    chinese,
    choice_name,
    clock_name,
    distance_text,
    event_name,
    field_name,
    limit_text,
    listed,
    message_text,
    move_name,
    name,
    outcome_name,
    person_name,
    place_name,
    role_name,
    slot_name,
    stage_name,
    tier_name,
    unit_name,
)

__all__ = [
    "FieldFault",
    "bound_text",
    "category_name",
    "chinese",
    "choice_name",
    "clock_name",
    "distance_text",
    "error_code",
    "error_text",
    "error_words",
    "event_name",
    "fault_text",
    "field_faults",
    "field_name",
    "limit_text",
    "listed",
    "message_text",
    "move_name",
    "name",
    "outcome_name",
    "person_name",
    "place_name",
    "refusal_text",
    "role_name",
    "slot_name",
    "stage_name",
    "tier_name",
    "unit_name",
]

_REFUSALS: Mapping[str, Words] = {
    "unknown_move": Words(
        "The playbook of this {thing} has no move “{move}”. Choose one of the moves that the {thing} offers.",
        "本{thing}的流程中没有“{move}”这一操作，请从{thing}给出的操作中选择。",
    ),
    "stale": Words(
        "The {thing} moved on: it is at version {version} now. Reload and look again.",
        "{thing}已有新进展（现为第 {version} 版），请刷新后再办理。",
    ),
    "wrong_stage": Words(
        "The {thing} is at “{stage}”; this can be done only at: {sources}. Reload and look again.",
        "{thing}目前处于“{stage}”环节，此操作只能在以下环节办理：{sources}。请刷新后查看。",
    ),
    "out_of_scope": Words(
        "The place lies outside the territory of your post. Ask a colleague whose post covers it.",
        "该地点不在您岗位的管辖范围内，请由管辖该处的岗位办理。",
    ),
    "not_allowed": Words(
        "This is done by: {roles}. Your post is not one of them, or the {thing} is not assigned to it.",
        "此操作由{roles}办理；您的岗位不在其中，或{thing}未分派给您。",
    ),
    "part_ended": Words(
        "Your part of this has ended already: a colleague was faster, or it was taken back. "
        "Reload and see what became of it.",
        "您办理的部分已经结束：同事已先行办理，或已被收回。请刷新后查看。",
    ),
    "blocked": Words(
        "“{by}” closed this step. First one of these has to be done: {until}.",
        "因“{by}”，此步骤暂不能办理，须先完成以下之一：{until}。",
    ),
    "guard": Words(
        "A condition for this is not met yet. The {thing}'s page shows what is still open.",
        "办理条件尚未满足，请在{thing}页查看尚未完成的事项。",
    ),
    "guard_why": Words("This cannot be done now: {why}.", "暂不能办理：{why}。"),
    "invalid": Words("Please correct: {faults}.", "请更正：{faults}。"),
    "needs_reason": Words(
        "A reason is required; it is kept in the file. Please write one.", "请填写理由，理由将存档。"
    ),
    "needs_photos": Words(
        "Photos are missing: {missing}. Please add them and send again.", "缺少照片：{missing}。请补充后重新提交。"
    ),
    "not_due": Words("The limit has not come yet; nothing is to be done.", "时限未到，无需处理。"),
}

_FAULTS: Mapping[str, Words] = {
    "unknown": Words("this form has no such field; leave it out", "表单中没有此项，请删去"),
    "other_content": Words(
        "the bytes are not those of this hash; send the photo again", "内容与校验值不符，请重新发送照片"
    ),
    "required": Words("please fill this in", "必填"),
    "type": Words("this kind of value does not fit here", "填写的内容类型不对"),
    "choice": Words("please choose one of the values offered", "请从所给选项中选择"),
    "control": Words(
        "contains invisible control characters; please type it again as plain text",
        "含有不可见的控制字符，请以纯文本重新输入",
    ),
    "too_long": Words("at most {maximum} characters", "最多 {maximum} 个字"),
    "too_small": Words("at least {minimum}", "不得小于 {minimum}"),
    "too_large": Words("at most {maximum}", "不得大于 {maximum}"),
    "phone": Words(
        "not a telephone number: digits, spaces and hyphens, at least 5 digits",
        "不是有效的电话号码，请填写至少 5 位数字",
    ),
    "date": Words("not a believable date; write it like 2026-11-30", "日期无效，请按 2026-11-30 的格式填写"),
    "past": Words("this day is over; choose today or later", "日期已过，请选择今天或以后"),
    "too_far": Words("at most {days} days from today", "最多距今天 {days} 天"),
    "too_far_plain": Words("this date lies too far in the future", "日期太远"),
    "not_ticked": Words("this has to be confirmed by ticking it", "请勾选确认"),
    "not_found": Words(
        "does not exist or is not yours to use; choose one from the list", "不存在或不可用，请从列表中选择"
    ),
    "not_of_category": Words(
        "belongs to another category; choose a standard of the category chosen", "不属于所选类别，请选择该类别的标准"
    ),
    "has_account": Words(
        "this unit works in Gewu: dispatch the case to it, or issue a follow-up order",
        "该单位已开通账号，请直接派单或下发督办单",
    ),
    "period": Words("write a quarter like 2026Q4", "请按 2026Q4 的格式填写季度"),
    "period_taken": Words(
        "there is a round of this quarter already; open it, or call it off first",
        "该季度已有一轮，请打开该轮或先予取消",
    ),
    "no_account": Words(
        "one of these units has no accounts and could not vote; leave it out",
        "其中有未开通账号的单位，不能投票，请去掉",
    ),
    "on_both_sides": Words("a unit cannot be on both sides; choose it once", "同一单位不能同时在两边，请只选一处"),
    "before_step": Words("this day lies before that of the step before it", "该日期早于上一环节的日期"),
    "not_yours": Words("this is another unit's; choose one of your own", "不属于本单位，请选择本单位的"),
    "not_solved": Words("this case is not solved yet; choose a closed one", "该案件尚未办结，请选择已办结的案件"),
    "own_unit": Words("your own unit is not judged by you; leave it out", "不能评价本单位，请留空"),
    "place_number": Words("a place is a whole number from 1 to 999", "名次为 1 到 999 的整数"),
    "mark_number": Words("a mark is a whole number from 1 to 5", "评分为 1 到 5 的整数"),
    "too_often": Words("given anew too often; the last one stands", "更改次数过多，以最后一次为准"),
    "not_of_unit": Words(
        "works in another unit; choose that unit, or somebody else", "不在该单位任职，请改选所在单位或另选人员"
    ),
    "not_of_role": Words("has no post that does this work; choose somebody else", "没有承担该工作的岗位，请另选人员"),
    "already_has_it": Words("this unit has a part in the case already", "该单位已参与本案件"),
}

_ERRORS: Mapping[str, Words] = {
    "not_found": Words(
        "There is no such case, or it lies outside your territory. Check the number and the post you act for.",
        "没有此案件，或不在您的管辖范围内。请核对编号和当前岗位。",
    ),
    "busy": Words(
        "Somebody else is changing this case at this moment. Nothing was saved; please try again.",
        "他人正在办理此案件，本次未保存，请稍后重试。",
    ),
    "command_reused": Words(
        "This form was sent before for something else. Reload the page and fill it in once more.",
        "此表单编号已用于其他操作，请刷新页面后重新填写。",
    ),
    "held": Words(
        "This case is held and may not be erased for now. Lift the hold first (gewu retention release).",
        "此案件已设保留，暂不得删除；请先解除保留（gewu retention release）。",
    ),
    "shown_once": Words(
        "Name and number were shown for this request before. Ask again, so that it is written down again.",
        "本次申请已显示过姓名和电话。请重新申请，系统将另行记录。",
    ),
    "too_many_reveals": Words(
        "You were shown as many reporters as one person may be within an hour. Wait, or ask your shift leader.",
        "您一小时内查看反映人信息已达上限。请稍后再试，或联系值班长。",
    ),
    "erased": Words(
        "The words of this case were erased by request; it takes no new ones.",
        "此案件的文字已依申请删除，不能再添加文字。",
    ),
    "ledger": Words(
        "The ledger did not take this. Nothing was saved; please reload and try again.",
        "未能入账，本次未保存，请刷新后重试。",
    ),
    "outside_district": Words(
        "The point lies {distance} outside {district}. Put it inside the district, or choose the place by name.",
        "该点位在{district}以外，距边界{distance}。请在区内选点，或直接选择地点。",
    ),
    "swapped": Words("Longitude and latitude seem to be swapped.", "经度和纬度似乎颠倒了。"),
    "bad_position": Words(
        "These are not coordinates: longitude is -180 to 180, latitude -90 to 90, datum wgs84, gcj02 or bd09.",
        "坐标无效：经度 -180 至 180，纬度 -90 至 90，坐标系为 wgs84、gcj02 或 bd09。",
    ),
    "unknown_place": Words(
        "This place code is not one of {district}. Choose the place from the list.",
        "该地点编码不属于{district}，请从列表中选择。",
    ),
    "bad_cursor": Words(
        "The mark of the next page is not valid. Start again from the first page.", "翻页标记无效，请从第一页重新开始。"
    ),
    "no_unit": Words(
        "No unit is responsible for this category at this place. Choose the lead unit by hand.",
        "此类别在该地点没有责任单位，请手工选择主办单位。",
    ),
    "merge_self": Words(
        "A case cannot be merged into itself. Choose the other case.", "案件不能并入自身，请选择另一案件。"
    ),
    "empty": Words("The file is empty. Please choose the photo again.", "文件为空，请重新选择照片。"),
    "too_large": Words(
        "The photo is larger than {megabytes} MB. Please send a smaller one.", "照片超过 {megabytes} MB，请压缩后上传。"
    ),
    "not_a_photo": Words(
        "The file is not a JPEG, PNG or WebP photo, whatever its name says. Please choose a photo.",
        "文件不是 JPEG、PNG 或 WebP 照片（与文件名无关），请选择照片。",
    ),
    "not_a_scan": Words(
        "The file is neither a photo (JPEG, PNG, WebP) nor a PDF, whatever its name says. Please choose another.",
        "文件既不是照片（JPEG、PNG、WebP）也不是 PDF（与文件名无关），请重新选择。",
    ),
    "too_many_pixels": Words(
        "The photo has more than {pixels} million pixels. Please send a smaller one.",
        "照片超过 {pixels} 百万像素，请缩小后上传。",
    ),
    "damaged": Words(
        "The photo is damaged or cut off. Please take or send it again.", "照片已损坏或不完整，请重新拍摄或上传。"
    ),
}


_BOUNDS = {"megabytes": MAX_BYTES // (1024 * 1024), "pixels": MAX_PIXELS // 1_000_000}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong form field: its name, the stable code, and what a person reads: the field's title and the sentence."""

    field: str
    code: str
    title: str
    message: str


_CASE, _ENTRY = Words("case", "案件"), Words("entry", "登记事项")


def _thing(playbook: Playbook | None) -> Words:
    """What people call a record of this playbook."""
    return _CASE if playbook is None or playbook.kind == "case" else _ENTRY


def refusal_text(
    refusal: Refusal, playbook: Playbook | None, language: str, directory: Directory | None = None, move: str = ""
) -> str:
    """The sentence for a refusal. With a directory roles have their names, otherwise they show as codes; with the
    name of the move wrong fields have the titles and bounds of its form."""
    detail = refusal.detail
    words = _REFUSALS.get(refusal.code)
    if words is None:
        return refusal.code
    if refusal.code == "guard" and isinstance(why := detail.get("why"), Mapping):
        return _REFUSALS["guard_why"][language].format(why=why["zh" if chinese(language) else "en"])
    faults = field_faults(refusal, playbook, move, language)
    return words[language].format(
        thing=_thing(playbook)[language],
        move=move_name(playbook, str(detail.get("move", "")), language),
        version=detail.get("version", "?"),
        stage=stage_name(playbook, str(detail.get("stage", "")), language),
        sources=listed((stage_name(playbook, s, language) for s in detail.get("from", ())), language),
        roles=listed((role_name(directory, r, language) for r in detail.get("roles", ())), language),
        by=move_name(playbook, str(detail.get("by", "")), language),
        until=listed((move_name(playbook, name, language) for name in detail.get("until", ())), language),
        faults=("；" if chinese(language) else "; ").join(
            f"{f.title}（{f.message}）" if chinese(language) else f"{f.title} ({f.message})" for f in faults
        ),
        missing=listed((f"{name(role, language)} × {n}" for role, n in detail.items()), language),
    )


def field_faults(refusal: Refusal, playbook: Playbook | None, move: str, language: str) -> list[FieldFault]:
    """Every wrong field of a refusal. With the move's name, titles and bounds are those of its form."""
    found = playbook.moves.get(move) if playbook else None
    fields = {f.name: f for f in found.form} if found else {}
    return [
        FieldFault(
            field, code, field_name(playbook, move, field, language), fault_text(code, language, fields.get(field))
        )
        for field, code in refusal.fields.items()
    ]


def fault_text(code: str, language: str, field: FormField | None = None) -> str:
    """What is wrong with a form field and what would be right; the field's own bounds are named when it is given."""
    if code == "too_far" and (field is None or field.max_days is None):
        code = "too_far_plain"
    words = _FAULTS.get(code)
    if words is None:
        return code
    maximum = field.maximum if field is not None and field.maximum is not None else TEXT_LIMIT
    minimum = field.minimum if field is not None and field.minimum is not None else 0
    return words[language].format(maximum=maximum, minimum=minimum, days=field.max_days if field else "")


def bound_text(code: str, bound: object, language: str) -> str:
    """``too_long``, ``too_small`` or ``too_large`` with the bound that was passed."""
    return _FAULTS[code][language].format(maximum=bound, minimum=bound, days="")


def error_code(error: Exception) -> str:
    """A stable code for whatever the rooms below raise at a command or a question."""
    if isinstance(error, (errors.LedgerError, BadAttachment)):
        return error.code
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (OutsideDistrict, "outside_district"),
        (BadPosition, "bad_position"),
        (UnknownPlace, "unknown_place"),
        (BadCursor, "bad_cursor"),
        (LookupError, "no_unit"),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), "ledger")


def error_text(
    error: Exception,
    language: str,
    playbook: Playbook | None = None,
    directory: Directory | None = None,
    move: str = "",
) -> str:
    """The sentence for whatever the rooms below raise at a command or a question; ``move`` is what was tried."""
    if isinstance(error, errors.Refused):
        return refusal_text(error.refusal, playbook, language, directory, move)
    if isinstance(error, errors.Conflict):
        return _REFUSALS["stale"][language].format(version=error.version, thing=_thing(playbook)[language])
    district = directory.district.name(language) if directory else ("本区" if chinese(language) else "the district")
    distance = distance_text(error.distance_m, language) if isinstance(error, OutsideDistrict) else ""
    text = _ERRORS.get(error_code(error), _ERRORS["ledger"])[language].format(
        distance=distance, district=district, **_BOUNDS
    )
    if isinstance(error, OutsideDistrict) and "swapped" in str(error):
        text += ("" if chinese(language) else " ") + _ERRORS["swapped"][language]
    return text


def error_words(code: str, language: str) -> str:
    """The sentence for an error code that needs no place or distance: ``no_unit``, ``merge_self``, ``too_large`` ..."""
    words = _ERRORS.get(code)
    return words[language].format(distance="", district="", **_BOUNDS) if words else code
