"""Playbooks and explanations for programs."""

from __future__ import annotations

from xml.etree import ElementTree

from api.conftest import Api
from desk.conftest import posts_away
from support.district import Walk


def test_a_playbook_is_told_in_the_language_of_the_request(api: Api) -> None:
    client = api.as_("dispatcher")
    told = client.get("/playbooks/case/sentences").json()
    assert told["playbook"] == "case"
    dispatched = next(c for c in told["chapters"] if c["code"] == "dispatched")
    assert dispatched["title"] == "Dispatched"
    assert any("may do this." in s for item in dispatched["items"] for s in item["sentences"])
    chinese = client.get("/playbooks/case/sentences", headers={"Accept-Language": "zh-CN"}).json()
    assert next(c for c in chinese["chapters"] if c["code"] == "dispatched")["title"] == "待认领"
    assert client.get("/playbooks/nothing/sentences").status_code == 404


def test_a_playbook_is_drawn(api: Api) -> None:
    answer = api.as_("dispatcher").get("/playbooks/case/drawing")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    root = ElementTree.fromstring(answer.text)
    assert root.get("role") == "img"
    assert api.as_("dispatcher").get("/playbooks/nothing/drawing").status_code == 404
    with api.client() as nobody:
        assert nobody.get("/playbooks/case/drawing").status_code == 401


def test_a_case_is_explained(api: Api) -> None:
    walk = Walk().dispatched()
    why = api.as_("shift_leader").get(f"/cases/{walk.record_id}/reasons").json()
    assert why["stage"] == {"code": "dispatched", "name": "Dispatched"}
    assert "did “Dispatch”" in why["here"][0]
    owed = {o["clock"].partition(":")[0]: o for o in why["owes"]}
    assert {"claim", "handle"} <= set(owed)
    assert owed["claim"]["due_at"].endswith("+08:00")
    assert owed["claim"]["late"]  # the walk takes place days ago
    assert "is late" in owed["claim"]["sentence"]
    assert "standard" in owed["handle"]["source"]
    moves = {n["move"]: n for n in why["next"]}
    assert moves["claim"]["open"]
    assert not moves["reject_objection"]["open"]
    assert [c["at"] for c in why["coming"]] == sorted(c["at"] for c in why["coming"])


def test_a_case_out_of_sight_is_not_explained(api: Api) -> None:
    walk = Walk().intake()
    outside = api.of(next(posts_away("collector", walk.place)).code)
    assert outside.get(f"/cases/{walk.record_id}/reasons").status_code == 404
