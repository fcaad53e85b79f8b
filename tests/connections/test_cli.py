"""The commands by which the IT staff set up, look and send again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from connections.conftest import Clock
from connections.receivers import Receiver
from gewu.connections import models as m
from gewu.ledger.outbox.courier import Courier
from gewu.registry import directory as registry
from gewu.surfaces.cli import main
from support.district import Walk, district_id
from support.servers import Session


def gewu(*arguments: str) -> tuple[int, Any]:
    """Run a command in this process; returns its exit code and what it printed as JSON."""
    result = CliRunner().invoke(main, [*arguments, "--json"], env=dict(os.environ), catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def here(house: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Commands work on the database of this test."""
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "")
    registry.recheck()
    return house


def test_from_the_allow_list_to_a_replay(
    here: Session, courier: Courier, clock: Clock, receiver: Callable[..., Receiver]
) -> None:
    found = receiver(200)
    code, refused = gewu("webhook", "add", "City", found.url)
    assert (code, "inside address" in refused["error"]) == (1, True)
    assert gewu("egress", "allow", "http://0x7f.1")[0] == 1
    assert gewu("egress", "allow", "http://127.0.0.0/8", "--note", "test")[0] == 0
    assert [row["entry"] for row in gewu("egress", "list")[1]["allowed"]] == ["http://127.0.0.0/8"]
    code, made = gewu("webhook", "add", "City", found.url, "--stage", "registered")
    assert (code, made["secret"][:6]) == (0, "whsec_")
    registry.recheck()
    Walk().intake()
    assert gewu("webhook", "ping", made["id"])[0] == 0
    assert courier.round(district_id()) == 2
    (listed,) = gewu("webhook", "list")[1]["webhooks"]
    assert (listed["state"], listed["taken"], listed["waiting"]) == ("ok", 2, 0)
    code, messages = gewu("messages", "list", "--status", "all", "--to", f"webhook:{made['id']}")
    assert [row["status"] for row in messages["messages"]] == ["sent", "sent"]
    assert gewu("messages", "replay", messages["messages"][0]["id"])[1] == {"replayed": 1}
    window = ("--to", f"webhook:{made['id']}", "--since", "2026-01-01T00:00:00+08:00", "--until", "2027-01-01")
    assert gewu("messages", "replay", *window)[1] == {"replayed": 2}
    assert gewu("messages", "replay")[0] == 1
    assert gewu("webhook", "rotate", made["id"])[1]["secret"] != made["secret"]
    assert gewu("webhook", "off", made["id"])[0] == 0
    assert not m.Webhook.objects.get().active
    assert gewu("egress", "forbid", "http://127.0.0.0/8")[0] == 0
    assert gewu("egress", "forbid", "http://127.0.0.0/8")[0] == 1
    assert gewu("webhook", "ping", "nonsense")[0] == 1


def test_channels(here: Session) -> None:
    gewu("egress", "allow", "qyapi.weixin.qq.com")
    assert gewu("channel", "add", "wecom", "Group")[1]["error"].startswith("key")
    assert gewu("channel", "add", "pigeon", "Group")[0] == 1
    assert gewu("channel", "add", "wecom", "Group", "--set", "colour=red")[0] == 1
    assert gewu("channel", "add", "wecom", "Group", "--set", "key=k")[0] == 0
    (listed,) = gewu("channel", "list")[1]["channels"]
    assert (listed["kind"], listed["name"], listed["routes"], listed["state"]) == ("wecom", "Group", 0, "unused")
