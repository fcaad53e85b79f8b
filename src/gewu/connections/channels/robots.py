"""Group robots of WeCom and DingTalk, by their documented webhooks.

Both take JSON by POST and answer 200 with ``errcode`` and ``errmsg``; only ``errcode`` 0 means that the message was
taken. Both take 20 messages a minute for each robot.

WeCom: ``https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=...``, text up to 2,048 bytes;
https://developer.work.weixin.qq.com/document/path/91770
DingTalk: ``https://oapi.dingtalk.com/robot/send?access_token=...``, with the security setting "sign" also ``timestamp``
in milliseconds and ``sign``, the Base64 of HMAC-SHA256 over ``timestamp + newline + secret`` under the secret;
https://open.dingtalk.com/document/robots/custom-robot-access
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from gewu.connections import egress
from gewu.connections.allow import Refused, check, take_apart
from gewu.connections.answers import judged
from gewu.connections.channels.base import Kind, Letter, Setting, Way, cut
from gewu.core.playbook.model import Words
from gewu.ledger.outbox import Answer, DeliveryError

PACE = 3.0
"""Seconds between two messages to one robot: 20 a minute."""

WECOM_BYTES = 2048
DINGTALK_BYTES = 4096
TOO_OFTEN = {"wecom": (45009, 60.0), "dingtalk": (130101, 600.0)}
"""The code for too many messages, and how long the robot rests then. DingTalk shuts it off for ten minutes."""


def wecom(way: Way, letter: Letter) -> Answer:
    """Tell the group of a WeCom robot."""
    url = f"{way.settings['url']}?{urlencode({'key': way.secrets['key']})}"
    return _post("wecom", way, url, {"msgtype": "text", "text": {"content": cut(_words(letter), WECOM_BYTES)}})


def dingtalk(way: Way, letter: Letter) -> Answer:
    """Tell the group of a DingTalk robot."""
    query = {"access_token": way.secrets["access_token"]}
    secret = way.secrets.get("secret", "")
    if secret:
        stamp = str(letter.at * 1000)
        query |= {"timestamp": stamp, "sign": dingtalk_sign(stamp, secret)}
    body = {"msgtype": "text", "text": {"content": cut(_words(letter), DINGTALK_BYTES)}}
    return _post("dingtalk", way, f"{way.settings['url']}?{urlencode(query)}", body)


def dingtalk_sign(stamp: str, secret: str) -> str:
    """The signature of a DingTalk robot, before it is quoted for the address."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)).decode()


def _words(letter: Letter) -> str:
    return f"{letter.text}\n{letter.link}".strip()


def _post(kind: str, way: Way, url: str, body: dict[str, Any]) -> Answer:
    data = json.dumps(body, ensure_ascii=False).encode()
    try:
        reply = egress.request("POST", url, rules=way.rules, headers={"Content-Type": "application/json"}, body=data)
    except (Refused, egress.Failed) as error:
        raise DeliveryError(str(error)) from error
    judged(reply)
    try:
        said = json.loads(reply.body)
        code, why = int(said["errcode"]), str(said.get("errmsg", ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DeliveryError("the robot's answer is not in its documented form", code=reply.status) from error
    if code == 0:
        return Answer(reply.status, PACE)
    often, rest = TOO_OFTEN[kind]
    raise DeliveryError(
        f"the robot refused: {code} {why[:200]}", code=code, retry_after=rest if code == often else None
    )


def _check(way: Way) -> dict[str, tuple[str, str]]:
    try:
        check(take_apart(str(way.settings.get("url", ""))), way.rules)
    except Refused as error:
        return {"url": (error.code, error.detail)}
    return {}


def _url(default: str) -> Setting:
    return Setting(
        "url",
        Words("Address of the interface", "接口地址"),
        Words("Change it only for a private deployment.", "仅私有化部署时修改。"),
        default,
    )


WECOM = Kind(
    "wecom",
    Words("WeCom group robot", "企业微信群机器人"),
    Words("One group hears everything that the route names.", "路由所列提醒全部发到一个群。"),
    "",
    (
        _url("https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        Setting(
            "key",
            Words("Key of the robot", "机器人 key"),
            Words("The part after “key=” in the robot's address.", "机器人地址中“key=”之后的部分。"),
            secret=True,
        ),
    ),
    wecom,
    _check,
)
DINGTALK = Kind(
    "dingtalk",
    Words("DingTalk group robot", "钉钉群机器人"),
    Words("One group hears everything that the route names.", "路由所列提醒全部发到一个群。"),
    "",
    (
        _url("https://oapi.dingtalk.com/robot/send"),
        Setting(
            "access_token",
            Words("Access token", "access_token"),
            Words("The part after “access_token=” in the robot's address.", "机器人地址中“access_token=”之后的部分。"),
            secret=True,
        ),
        Setting(
            "secret",
            Words("Secret for signing", "加签密钥"),
            Words("Begins with SEC; empty when the robot is not set to “sign”.", "以 SEC 开头；未启用“加签”时留空。"),
            secret=True,
            required=False,
        ),
    ),
    dingtalk,
    _check,
)
