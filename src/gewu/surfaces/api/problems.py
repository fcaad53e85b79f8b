"""Errors as RFC 9457 problem details, in the language of the request. Never a stack trace, never another shape.

``PROBLEMS`` is the list of all codes; ``GET /api/v1/problems`` shows it. ``type`` is the address of the code there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from gewu.core.playbook.model import Words

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/v1/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, title, and a sentence where the rooms below give none."""

    status: int
    title: Words
    detail: Words | None = None


_SEND = Words("Correct what is named and send again.", "请更正所列内容后重新提交。")

PROBLEMS: Mapping[str, Kind] = {
    "bad_json": Kind(
        400,
        Words("The body is not valid JSON", "请求正文不是有效的 JSON"),
        Words("Send a UTF-8 JSON object: no NaN or Infinity, no repeated names, whole numbers within 2^53, 16 levels.",
              "请发送 UTF-8 编码的 JSON 对象，不含 NaN、Infinity 和重复的名称，整数不超过 2^53，嵌套不超过 16 层。"),
    ),
    "bad_request": Kind(
        400,
        Words("The request cannot be read", "无法读取请求"),
        Words("Check the address, the headers and the form of the body.", "请检查地址、请求头和正文格式。"),
    ),
    "bad_header": Kind(
        400,
        Words("A header is not valid", "请求头无效"),
        Words('If-Match is a version in quotes, like "7". Idempotency-Key is a UUID.',
              "If-Match 为带引号的版本号，如 \"7\"；Idempotency-Key 为 UUID。"),
    ),
    "unauthenticated": Kind(
        401,
        Words("Nobody is logged in", "未登录"),
        Words("Log in, or send a valid token as “Authorization: Bearer …”. Tokens expire and can be revoked.",
              "请登录，或以“Authorization: Bearer …”发送有效令牌。令牌会过期，也可能已被撤销。"),
    ),
    "bad_login": Kind(
        401,
        Words("Login and password do not match", "账号或密码不正确"),
        Words("Check both and try again. Nobody is told which of the two was wrong.", "请核对账号和密码后重试。"),
    ),
    "second_factor": Kind(
        401,
        Words("A code is asked for", "须输入动态验证码"),
        Words("Send the six digits of the app, or a recovery code, as “code”. Each holds once.",
              "请以“code”发送动态验证码（六位数字）或恢复码，每个只能使用一次。"),
    ),
    "second_factor_missing": Kind(
        403,
        Words("A second factor is required for this post", "此岗位须启用两步验证"),
        Words("Switch it on at the desk (/desk/second-factor), then log in with a code.",
              "请先在工作台（/desk/second-factor）启用两步验证，再以验证码登录。"),
    ),
    "first_password": Kind(
        403,
        Words("The first password was not changed yet", "初始密码尚未修改"),
        Words("Log in at the desk (/desk/login) and choose another one.",
              "请在工作台（/desk/login）登录并设置新密码。"),
    ),
    "no_post": Kind(
        403,
        Words("This person holds no such post today", "当前没有此岗位"),
        Words("Choose one of the posts that GET /api/v1/me lists; without any, ask the administrator.",
              "请从 GET /api/v1/me 所列岗位中选择；若无岗位，请联系管理员。"),
    ),
    "other_person": Kind(
        403,
        Words("This device belongs to somebody else", "此设备属于他人"),
        Words("What waits on a device is sent by whoever made it; log in as that person.",
              "设备上待发送的内容须由其本人发送，请以该人员身份登录。"),
    ),
    "csrf": Kind(
        403,
        Words("The CSRF token is missing or wrong", "缺少 CSRF 令牌或令牌不正确"),
        Words("Send the value of the cookie gewu_csrf as header X-CSRFToken, or use a token instead of a session.",
              "请将 Cookie gewu_csrf 的值放入请求头 X-CSRFToken，或改用令牌。"),
    ),
    "not_allowed": Kind(403, Words("Your post may not do this", "您的岗位无权办理")),
    "out_of_scope": Kind(403, Words("Outside the territory of your post", "超出岗位管辖范围")),
    "not_found": Kind(404, Words("Not found", "未找到")),
    "no_address": Kind(
        404,
        Words("There is nothing at this address", "该地址不存在"),
        Words("GET /api/v1/openapi.json lists all addresses.", "全部地址见 GET /api/v1/openapi.json。"),
    ),
    "unknown_move": Kind(404, Words("The playbook has no such move", "流程中没有此操作")),
    "method": Kind(
        405,
        Words("This address does not take this method", "该地址不支持此方法"),
        Words("The header Allow names the methods that it takes.", "可用方法见响应头 Allow。"),
    ),
    "stale": Kind(409, Words("It moved on meanwhile", "已有新进展")),
    "wrong_stage": Kind(409, Words("Not at this stage", "当前环节不能办理")),
    "part_ended": Kind(409, Words("Your part of this has ended already", "您办理的部分已经结束")),
    "blocked": Kind(409, Words("Closed by a return", "因退回暂不能办理")),
    "guard": Kind(409, Words("A condition is not met", "办理条件未满足")),
    "not_due": Kind(409, Words("The limit has not come", "时限未到")),
    "busy": Kind(409, Words("Somebody else holds it", "正被他人办理")),
    "command_reused": Kind(409, Words("The idempotency key was used for something else", "幂等键已用于其他操作")),
    "held": Kind(409, Words("The case is held", "案件已设保留")),
    "shown_once": Kind(409, Words("Shown before", "已显示过")),
    "too_many_reveals": Kind(429, Words("Too many reveals", "查看次数过多")),
    "erased": Kind(409, Words("The words were erased", "文字已删除")),
    "ledger": Kind(409, Words("The ledger did not take this", "未能入账")),
    "no_length": Kind(
        411,
        Words("The length of the body is not told", "未说明正文长度"),
        Words("Send Content-Length instead of a chunked body.", "请发送 Content-Length，不要使用分块传输。"),
    ),
    "too_large": Kind(
        413,
        Words("Too large", "内容过大"),
        Words("A JSON body has at most 256 kB, a photo at most 15 MB.", "JSON 正文不超过 256 kB，照片不超过 15 MB。"),
    ),
    "media_type": Kind(
        415,
        Words("This content type is not taken here", "不支持的内容类型"),
        Words("Send application/json; photos as multipart/form-data to /api/v1/attachments.",
              "请发送 application/json；照片以 multipart/form-data 发送至 /api/v1/attachments。"),
    ),
    "not_a_photo": Kind(415, Words("Not a photo", "不是照片")),
    "not_a_scan": Kind(415, Words("Not a scan", "不是扫描件")),
    "invalid": Kind(422, Words("Something in the request is not right", "提交内容有误"), _SEND),
    "needs_reason": Kind(422, Words("A reason is required", "须填写理由")),
    "needs_photos": Kind(422, Words("Photos are missing", "缺少照片")),
    "outside_district": Kind(422, Words("Outside the district", "不在本区范围内")),
    "bad_position": Kind(422, Words("Not a position", "坐标无效")),
    "unknown_place": Kind(422, Words("Not a place of this district", "不是本区的地点")),
    "bad_cursor": Kind(422, Words("The page mark is not valid", "翻页标记无效")),
    "no_unit": Kind(422, Words("No unit is responsible", "没有责任单位")),
    "merge_self": Kind(422, Words("A case cannot be merged into itself", "案件不能并入自身")),
    "empty": Kind(422, Words("The file is empty", "文件为空")),
    "damaged": Kind(422, Words("The photo is damaged", "照片已损坏")),
    "too_many_pixels": Kind(422, Words("The photo has too many pixels", "照片像素过多")),
    "version_required": Kind(
        428,
        Words("This move needs the version you saw", "此操作须带版本号"),
        Words('Send If-Match with the ETag that you saw, like "7", so that nobody’s work is overwritten unseen.',
              "请将所见的 ETag（如 \"7\"）放入 If-Match，以免覆盖他人的办理。"),
    ),
    "throttled": Kind(
        429,
        Words("Too many attempts", "尝试次数过多"),
        Words("Wait {seconds} s, then try again.", "请等待 {seconds} 秒后再试。"),
    ),
    "database_away": Kind(
        503,
        Words("The database is not available", "数据库暂不可用"),
        Words("Nothing was saved by this request. Please try again in some seconds.", "本次请求未保存，请稍后重试。"),
    ),
    "server": Kind(
        500,
        Words("Something went wrong on the server", "服务器出错"),
        Words("The fault was logged. Please try again; if it happens again, tell the people who run this system.",
              "故障已记录。请重试；若再次出现，请告知系统管理人员。"),
    ),
}  # fmt: skip


class ProblemError(Exception):
    """Ends a request with a problem. ``errors`` are (field, code, message); ``more`` are further members."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[tuple[str, str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.more = more


class ProblemResponse(HttpResponse):
    """An answer that has the one shape already."""


def language_of(request: HttpRequest) -> str:
    """``en`` or ``zh-hans``: what the request asks for, as the pages decide it."""
    return str(getattr(request, "LANGUAGE_CODE", "") or translation.get_language_from_request(request))


def problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """The answer for a problem."""
    language = language_of(request)
    kind = PROBLEMS.get(error.code, PROBLEMS["ledger"])
    title = kind.title[language]
    detail = error.detail or (kind.detail[language].format(**{"seconds": "", **error.more}) if kind.detail else title)
    body: dict[str, Any] = {
        "type": f"{ROOT}problems/{error.code}",
        "title": title,
        "status": kind.status,
        "detail": detail,
        "code": error.code,
        "instance": request.path,
        **error.more,
    }
    if error.errors:
        body["errors"] = [{"field": f, "code": c, "message": m} for f, c, m in error.errors]
    response = ProblemResponse(json.dumps(body, ensure_ascii=False), status=kind.status, content_type=MEDIA_TYPE)
    for name, value in error.headers.items():
        response.headers[name] = value
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="gewu"'
    return response
