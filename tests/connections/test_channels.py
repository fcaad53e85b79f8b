"""Notification channels against fakes of their documented interfaces."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller

from connections.conftest import Clock, statuses
from connections.receivers import Receiver, dead_port
from connections.telling import Inbox, at, channel, mail_channel, rounds, route, us
from gewu.connections import digest, routes
from gewu.connections import models as m
from gewu.connections.channels import mail
from gewu.ledger.outbox import administration
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import Walk, district_id, post
from support.servers import Session

Make = Callable[..., Receiver]
OK = b'{"errcode": 0, "errmsg": "ok"}'


def test_a_mail_address_that_is_refused_does_not_hold_up_others(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    mails.refuse.add("gone@district.example")
    found = mail_channel(port)
    bad = route(found, post("dispatcher", covering="500101"), address="gone@district.example")
    good = route(found, post("shift_leader", covering="500101"), address="good@district.example")
    routes.try_out(bad)
    routes.try_out(good)
    courier.round(district_id())
    assert [to for to, _, _ in mails.mails] == [["good@district.example"]]
    listed, _ = administration.list_messages(district_id())
    assert sorted((one.status, one.code) for one in listed) == [("sent", 250), ("waiting", 550)]
    assert mails.mails[0][1]["Message-ID"].startswith(f"<{next(o.id for o in listed if o.status == 'sent')}@")


def test_a_mail_server_that_is_down_loses_nothing(
    courier: Courier, clock: Clock, app_connection: psycopg.Connection
) -> None:
    found = mail_channel(dead_port())
    routes.try_out(route(found, post("dispatcher", covering="500101"), address="d@district.example"))
    assert courier.round(district_id()) == 0
    assert statuses(app_connection, f"channel:{found.id}") == ["waiting"]
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=int(found.settings["port"]))
    controller.start()
    try:
        clock.later(minutes=30)
        assert courier.round(district_id()) == 1
    finally:
        controller.stop()
    assert len(handler.mails) == 1


def test_the_mail_server_of_the_installation(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails, port = inbox
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "")
    monkeypatch.setenv(mail.VARIABLE, f"smtp+plain://127.0.0.1:{port}/?from=gewu@district.example")
    found = channel("mail", security="starttls")
    routes.try_out(route(found, post("dispatcher", covering="500101"), address="d@district.example", language="zh"))
    assert courier.round(district_id()) == 1
    assert "测试" in mails.mails[0][2]
    assert mails.mails[0][1]["From"] == "gewu@district.example"


def test_wecom(courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection) -> None:
    fake = receiver(200, body=OK)
    found = channel("wecom", url=f"http://127.0.0.1:{fake.port}/cgi-bin/webhook/send", key="693a91f6-7xxx")
    made = route(found, post("dispatcher", covering="500101"), language="zh")
    walk = Walk(at_us=us(at(10))).filed()
    clock.now = at(10, 40)
    rounds(courier, clock)
    assert parse_qs(urlsplit(fake.got[0].path).query) == {"key": ["693a91f6-7xxx"]}
    body = json.loads(fake.got[0].body)
    assert body["msgtype"] == "text"
    assert walk.number in body["text"]["content"]
    assert "有已立案案件待派遣" in body["text"]["content"]
    for _ in range(3):
        routes.try_out(made, clock.now)
    assert courier.round(district_id()) == 0, "20 messages a minute: the next one waits three seconds"
    clock.later(seconds=4)
    assert courier.round(district_id()) == 1


def test_a_robot_that_refuses_with_status_200_has_not_taken_it(
    courier: Courier, clock: Clock, receiver: Make, app_connection: psycopg.Connection
) -> None:
    fake = receiver(200, body=b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
    found = channel("wecom", url=f"http://127.0.0.1:{fake.port}/send", key="k")
    routes.try_out(route(found, post("dispatcher", covering="500101")), clock.now)
    assert courier.round(district_id()) == 0
    (waiting,), _ = administration.list_messages(district_id())
    assert (waiting.status, waiting.code) == ("waiting", 45009)
    clock.later(seconds=55)
    fake.body = b"<html>not json</html>"
    assert courier.round(district_id()) == 0
    assert len(fake.got) == 1
    clock.later(seconds=10)
    assert courier.round(district_id()) == 0
    clock.later(minutes=5)
    fake.body = OK
    assert courier.round(district_id()) == 1
    assert len(fake.got) == 3


def test_dingtalk_signs_as_documented(courier: Courier, clock: Clock, receiver: Make) -> None:
    fake = receiver(200, body=OK)
    found = channel("dingtalk", url=f"http://127.0.0.1:{fake.port}/robot/send", access_token="tok", secret="SECabc")
    routes.try_out(route(found, post("dispatcher", covering="500101"), language="zh"), clock.now)
    assert courier.round(district_id()) == 1
    query = {k: v[0] for k, v in parse_qs(urlsplit(fake.got[0].path).query).items()}
    text = f"{query['timestamp']}\nSECabc"
    mine = base64.b64encode(hmac.new(b"SECabc", text.encode(), hashlib.sha256).digest()).decode()
    assert query["sign"] == mine
    assert query["access_token"] == "tok"
    assert abs(int(query["timestamp"]) / 1000 - datetime.now(UTC).timestamp()) < 3600
    assert json.loads(fake.got[0].body)["msgtype"] == "text"


@pytest.mark.parametrize("form", ["json", "form"])
def test_sms_gateway_as_data(courier: Courier, clock: Clock, receiver: Make, form: str) -> None:
    fake = receiver(200, body=b'{"result": {"code": "00", "msg": "ok"}}')
    found = channel(
        "sms", url=f"http://127.0.0.1:{fake.port}/send", format=form, authorization="Bearer t",
        body='{"mobile": "{phone}", "content": "{text}", "sn": "{id}"}', ok_field="result.code", ok_value="00",
    )  # fmt: skip
    route(found, post("dispatcher", covering="500101"), address="138 0000 0001", language="zh", digest_minutes=1)
    walks = [Walk(at_us=us(at(10))).filed() for _ in range(3)]
    clock.now = at(11)
    rounds(courier, clock)
    got = fake.got[0]
    body = json.loads(got.body) if form == "json" else {k: v[0] for k, v in parse_qs(got.body.decode()).items()}
    assert body["mobile"] == "13800000001"
    assert body["content"].startswith("3 条提醒")
    assert any(walk.number in body["content"] for walk in walks)
    assert (got.headers["authorization"], got.headers["idempotency-key"]) == ("Bearer t", body["sn"])


def test_a_gateway_that_says_no_with_status_200(courier: Courier, clock: Clock, receiver: Make) -> None:
    fake = receiver(200, body=b'{"code": 7}')
    url = f"http://127.0.0.1:{fake.port}/send"
    found = channel(
        "sms", url=url, format="json", body='{"p": "{phone}", "t": "{text}"}', ok_field="code", ok_value="0"
    )
    routes.try_out(route(found, post("dispatcher", covering="500101"), address="13800000001"), clock.now)
    assert courier.round(district_id()) == 0
    (waiting,), _ = administration.list_messages(district_id())
    assert "code is 7" in waiting.error


def test_values_never_change_the_form_of_a_request(courier: Courier) -> None:
    from gewu.connections.channels.base import Letter
    from gewu.connections.channels.sms import filled, template

    evil = '","to":"all{phone}'
    letter = Letter("id", "138", "s", "t", evil, 1, "n", "", "zh", 0)
    assert filled(template('{"p": "{phone}", "deep": [{"t": "{text}"}], "n": 1}'), letter) == {
        "p": "138", "deep": [{"t": evil}], "n": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given", "field", "code"),
    [
        ("wecom", {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "key": "k"}, "url", "not_allowed"),
        ("wecom", {"url": "http://127.0.0.1/x"}, "key", "required"),
        ("dingtalk", {"url": "https://169.254.169.254/", "access_token": "t"}, "url", "inside"),
        ("sms", {"url": "http://127.0.0.1/", "format": "json", "body": "{"}, "body", "template"),
        ("sms", {"url": "http://127.0.0.1/", "format": "json", "body": '{"t": "{text}"}'}, "body", "template"),
        ("sms", {"url": "http://127.0.0.1/", "format": "json", "body": '{"{phone}": "{who}"}'}, "body", "template"),
        ("mail", {"security": "none"}, "host", "required"),
        ("mail", {"host": "127.0.0.1", "security": "none", "port": "x", "sender": "a@b.example"}, "port", "number"),
        ("mail", {"host": "10.0.0.1", "security": "none", "sender": "a@b.example"}, "host", "inside"),
        ("mail", {"host": "127.0.0.1", "security": "none"}, "sender", "required"),
    ],
)
def test_a_channel_that_cannot_work_is_not_saved(
    house: Session, kind: str, given: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(routes.Unfit) as unfit:
        routes.save_channel(district_id(), kind, "x", given)
    assert unfit.value.faults[field][0] == code
    assert not m.Channel.objects.exists()


def test_secrets_and_addresses_are_sealed(house: Session, app_connection: psycopg.Connection) -> None:
    found = channel("dingtalk", url="http://127.0.0.1/x", access_token="token-in-clear", secret="SECclear")
    sms = channel("sms", url="http://127.0.0.1/x", format="json", body='{"p": "{phone}"}')
    made = route(sms, post("dispatcher", covering="500101"), address="13800000001")
    stored = repr([app_connection.execute(f"SELECT * FROM connections_{t}").fetchall() for t in ("channel", "route")])
    for word in ("token-in-clear", "SECclear", "13800000001"):
        assert word not in stored
    assert routes.address_of(made) == "13800000001"
    changed = routes.save_channel(district_id(), "dingtalk", "new name", {"url": "http://127.0.0.1/y"}, found)
    registry.recheck()
    from gewu.connections import snapshot

    way = digest.way_of(changed.id, snapshot.current(district_id()), district_id())
    assert (way.secrets["access_token"], way.settings["url"]) == ("token-in-clear", "http://127.0.0.1/y")
