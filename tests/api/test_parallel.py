"""Many hands on one case: one wins each exclusive round, additive ones are all kept, and no server error ever."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx

from api.conftest import Api, Steps, intake

HANDS = 8
ROUNDS = 10


def _together(clients: list[httpx.Client], path: str, bodies: list[dict[str, object]], headers: dict[str, str]):
    def send(n: int) -> httpx.Response:
        return clients[n].post(path, json=bodies[n], headers={**headers, "Idempotency-Key": str(uuid4())})

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(send, range(HANDS)))


def test_of_eight_exclusive_edits_at_once_one_wins_each_round(api: Api) -> None:
    steps = Steps(api, intake(api))
    authorization = api.as_("intake_officer").headers["Authorization"]
    clients = [api.client(Authorization=authorization) for _ in range(HANDS)]
    version = 1
    try:
        for number in range(ROUNDS):
            # Sending for verification and recalling it, in turn: both are exclusive.
            move = "send_verify" if number % 2 == 0 else "recall_verify"
            body: dict[str, object] = {} if number % 2 == 0 else {"reason": "再核对一次"}
            answers = _together(
                clients, f"/cases/{steps.id}/moves/{move}", [body] * HANDS, {"If-Match": f'"{version}"'}
            )
            assert Counter(a.status_code for a in answers) == {200: 1, 409: HANDS - 1}, [a.text for a in answers]
            version += 1
            for lost in (a for a in answers if a.status_code == 409):
                problem = lost.json()
                assert lost.headers["Content-Type"].startswith("application/problem+json")
                assert (problem["code"], problem["version"]) == ("stale", version)
                assert lost.headers["ETag"] == f'"{version}"'
    finally:
        for client in clients:
            client.close()
    seen = steps.seen(api.as_("intake_officer"))
    assert seen["version"] == version == ROUNDS + 1
    assert [e["seq"] for e in seen["timeline"]] == list(range(1, version + 1))


def test_of_eight_additive_ones_at_once_all_are_kept(api: Api) -> None:
    steps = Steps(api, intake(api))
    authorization = api.as_("intake_officer").headers["Authorization"]
    clients = [api.client(Authorization=authorization) for _ in range(HANDS)]
    bodies: list[dict[str, object]] = [{"form": {"note": f"说明 {n}"}} for n in range(HANDS)]
    try:
        answers = _together(clients, f"/cases/{steps.id}/moves/add_note", bodies, {})
    finally:
        for client in clients:
            client.close()
    assert [a.status_code for a in answers] == [200] * HANDS, [a.text for a in answers]
    assert sorted(a.json()["version"] for a in answers) == list(range(2, HANDS + 2))
    notes = [e["texts"]["note"] for e in steps.seen(api.as_("intake_officer"))["timeline"] if e["kind"] == "add_note"]
    assert sorted(notes) == [f"说明 {n}" for n in range(HANDS)]
