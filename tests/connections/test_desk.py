"""The administrator's pages of connections, and how each person chooses to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from connections.conftest import Clock, hook, statuses
from connections.receivers import Receiver, dead_port, verified
from desk.conftest import Sit, forms, text
from gewu.connections import models as m
from gewu.connections import routes
from gewu.ledger.outbox import administration
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from support.district import Walk, district_id, post
from support.servers import Session

Make = Callable[..., Receiver]


def admin(sit: Sit, **options: Any) -> Any:
    """Somebody at the administrator's post, whose territory is nothing."""
    holder = post("administrator")
    from django.test import Client

    from desk.conftest import Seat
    from gewu.registry.models import Person
    from gewu.surfaces.desk.who import SESSION_POST

    client = Client(
        SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=options.get("language", "en"), HTTP_ACCEPT="text/html"
    )
    client.force_login(Person.objects.get(pk=holder.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = holder.code
    session.save()
    return Seat(client, holder.code, str(holder.person))


def test_a_webhook_from_the_form_to_a_verified_delivery(
    house: Session, courier: Courier, sit: Sit, receiver: Make
) -> None:
    found = receiver(200)
    seat = admin(sit)
    assert "No webhook yet" in text(seat.get("/desk/connections"))
    made = seat.send("/desk/connections/webhooks/new", name="City platform", url=found.url, stages=["filed"])
    secret = re.search(r"whsec_[\w-]+", made.content.decode())
    assert secret is not None
    assert made["Cache-Control"] == "no-store"
    row = m.Webhook.objects.get()
    address = f"/desk/connections/webhooks/{row.id}"
    assert secret[0] not in seat.get(address).content.decode(), "shown once"
    assert seat.send(f"{address}/ping")["Location"] == address
    registry.recheck()
    Walk().filed()
    assert courier.round(district_id()) == 2
    assert all(verified(one, secret[0]) for one in found.got)
    page = text(seat.get(address))
    assert "answers" in page
    assert "Test" in page
    assert "File" in page
    assert "200" in page


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_forbidden_address_is_refused_in_words(house: Session, sit: Sit, language: str) -> None:
    seat = admin(sit, language=language)
    answer = seat.send("/desk/connections/webhooks/new", name="x", url="https://169.254.169.254/latest")
    assert answer.status_code == 422
    said = "内部地址" if language == "zh-CN" else "is an inside address that is not explicitly allowed"
    assert said in text(answer)
    assert forms(answer)[""]["url"] == ["https://169.254.169.254/latest"], "what was typed is kept"
    assert not m.Webhook.objects.exists()


def test_change_rotate_and_switch(house: Session, sit: Sit, receiver: Make) -> None:
    found = receiver(200)
    row, _ = hook(found.url)
    seat = admin(sit)
    address = f"/desk/connections/webhooks/{row.id}"
    assert seat.send(f"{address}/change", name="Other", url=found.url, places="500101001")["Location"] == address
    assert seat.send(f"{address}/change", name="", url="http://10.0.0.1/").status_code == 422
    row.refresh_from_db()
    assert (row.name, row.places) == ("Other", ["500101001"])
    assert re.search(r"whsec_", seat.send(f"{address}/rotate").content.decode())
    assert "signs as well until" in text(seat.get(address))
    seat.send(f"{address}/off")
    row.refresh_from_db()
    assert not row.active
    assert "switched off" in text(seat.get("/desk/connections"))
    assert seat.send(f"{address}/nonsense").status_code == 404


def test_sending_again_from_the_log_and_by_time_window(
    house: Session, courier: Courier, clock: Clock, sit: Sit, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(200)
    row, _ = hook(found.url)
    Walk().intake()
    courier.round(district_id())
    seat = admin(sit)
    address = f"/desk/connections/webhooks/{row.id}"
    assert seat.send(f"{address}/again", message=found.keys[0])["Location"] == address
    assert statuses(app_connection, f"webhook:{row.id}") == ["waiting"]
    courier.round(district_id())
    assert found.keys == [found.keys[0]] * 2
    assert "Tick messages" in text(seat.client.post(f"{address}/again", {"since": "x", "until": ""}, follow=True))
    window = {"since": "2026-11-01T00:00", "until": "2026-12-31T00:00"}
    assert "1 message is sent again" in text(seat.client.post(f"{address}/again", window, follow=True))
    courier.round(district_id())
    assert found.keys == [found.keys[0]] * 3


def test_the_office_sees_what_was_not_taken_and_sends_it_again(
    house: Session, courier: Courier, clock: Clock, sit: Sit, receiver: Make, app_connection: psycopg.Connection
) -> None:
    found = receiver(*[422] * 12, 200)
    row, _ = hook(found.url)
    walk = Walk().intake()
    for _ in range(12):
        courier.round(district_id())
        clock.later(hours=7)
    assert statuses(app_connection, f"webhook:{row.id}") == ["failed"]
    office = sit("comprehensive_office")
    assert "A message could not be delivered" in text(office.get("/desk/notices"))
    listed = office.get("/desk/connections/messages")
    assert walk.number in text(listed)
    assert "The receiver answered 422." in text(listed)
    again = office.send("/desk/connections/again", message=found.keys[0], back="/desk/connections/messages?show=all")
    assert again["Location"] == "/desk/connections/messages?show=all"
    assert courier.round(district_id()) == 1
    assert office.send(f"/desk/connections/webhooks/{row.id}/rotate").status_code == 302
    assert m.Webhook.objects.get().old_secret is None, "only an administrator changes connections"


def test_pages_are_for_administrators_and_the_office(house: Session, sit: Sit) -> None:
    row, _ = hook(f"http://127.0.0.1:{dead_port()}/")
    for seat in (sit("dispatcher"), sit("assessor")):
        for path in ("", "/messages", "/webhooks/new", f"/webhooks/{row.id}", "/channels/new/mail"):
            assert seat.get(f"/desk/connections{path}").status_code == 403, path
    assert sit("comprehensive_office").get("/desk/connections/webhooks/new").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_channel_is_set_up_and_a_post_is_told(
    house: Session, courier: Courier, sit: Sit, receiver: Make, language: str
) -> None:
    fake = receiver(200, body=b'{"errcode": 0, "errmsg": "ok"}')
    seat = admin(sit, language=language)
    wrong = seat.send("/desk/connections/channels/new/wecom", name="Group", url="https://10.1.1.1/x", key="k")
    assert wrong.status_code == 422
    url = f"http://127.0.0.1:{fake.port}/cgi-bin/webhook/send"
    seat.send("/desk/connections/channels/new/wecom", name="Group", url=url, key="secret-key")
    row = m.Channel.objects.get()
    address = f"/desk/connections/channels/{row.id}"
    assert "secret-key" not in seat.get(address).content.decode()
    told = {"post": "dispatcher1", "digest_minutes": "15", "quiet_from": "22:00", "quiet_to": "07:00",
            "language": "zh"}  # fmt: skip
    assert seat.send(f"{address}/tell", **told)["Location"] == address
    assert seat.send(f"{address}/tell", **(told | {"post": "nobody"})).status_code == 422
    assert seat.send(f"{address}/tell", **(told | {"quiet_from": "25:00"})).status_code == 422
    route = m.Route.objects.get()
    assert seat.send(f"{address}/try", route=route.id).status_code == 302
    registry.recheck()
    assert courier.round(district_id()) == 1
    assert "测试" in fake.got[0].body.decode()
    kept = seat.send(f"{address}/change", name="Group 2", url=url, key="")
    assert kept.status_code == 302
    assert seat.send(f"{address}/forget", route=route.id).status_code == 302
    assert not m.Route.objects.exists()


def test_somebody_chooses_how_they_are_told(house: Session, courier: Courier, sit: Sit, receiver: Make) -> None:
    fake = receiver(200)
    seat = sit("dispatcher")
    assert "No channel is set up" in text(seat.get("/desk/notices/mine"))
    body = '{"to": "{phone}", "text": "{text}"}'
    given = {"url": f"http://127.0.0.1:{fake.port}/sms", "format": "json", "body": body}
    row = routes.save_channel(district_id(), "sms", "Text messages", given)
    routes.save_channel(district_id(), "wecom", "Robot", {"url": given["url"], "key": "k"})
    page = seat.get("/desk/notices/mine")
    assert "Text messages" in text(page)
    assert "Robot" not in text(page), "a group is no person's own"
    address = f"/desk/notices/mine/{row.id}"
    form = {k: v for k, v in forms(page)[f"{address}/save"].items() if v and k != "csrfmiddlewaretoken"}
    assert seat.client.post(f"{address}/save", form | {"address": "call me"}).status_code == 422
    assert seat.client.post(f"{address}/save", form | {"address": "138 1234 5678"}).status_code == 302
    shown = seat.get("/desk/notices/mine").content.decode()
    assert "138****5678" in shown
    assert "13812345678" not in shown
    assert seat.send(f"{address}/try").status_code == 302
    registry.recheck()
    courier.round(district_id())
    assert b"13812345678" in fake.got[0].body
    other = sit("shift_leader")
    assert other.send(f"{address}/try").status_code == 404, "nobody reaches another's route"
    assert seat.send(f"{address}/end").status_code == 302
    assert not m.Route.objects.exists()


def test_pages_carry_no_inline_scripts_or_styles(house: Session, sit: Sit, receiver: Make) -> None:
    row, _ = hook(receiver(200).url)
    seat = admin(sit)
    for path in ("", "/messages?show=all", "/webhooks/new", f"/webhooks/{row.id}", "/channels/new/sms"):
        answer = seat.get(f"/desk/connections{path}")
        html = answer.content.decode()
        assert answer.status_code == 200, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html), path


def test_a_day_of_log_is_paged(house: Session, sit: Sit, clock: Clock, receiver: Make) -> None:
    from gewu.connections import webhooks

    row, _ = hook(receiver(200).url)
    for _ in range(administration.PAGE + 1):
        webhooks.ping(row, datetime.now(UTC) - timedelta(minutes=1))
    seat = admin(sit)
    first = seat.get(f"/desk/connections/webhooks/{row.id}").content.decode()
    after = re.search(r"after=([0-9a-f-]{36})", first)
    assert after is not None
    second = seat.get(f"/desk/connections/webhooks/{row.id}", after=after[1]).content.decode()
    assert second.count('name="message"') == 1
