"""Joining a case instead of repeating it: all is kept, nobody sees the words of others, all get the answer."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from gewu.cases import followcodes, services
from gewu.cases.queries import get_case
from gewu.ledger.errors import NotFound, Refused
from gewu.ledger.rebuild import rebuild_all
from gewu.registry.directory import get_directory, refresh
from support.district import Walk, acting, directory, district_id, photo


def join(walk: Walk, **options: Any) -> services.Joined:
    given = {"source": "phone", "texts": {"description": "我也看到了"}, **options}
    return services.join(district_id(), given.pop("who", acting("intake_officer")), walk.record_id, **given)


def test_who_joins_is_counted_and_kept(db: object) -> None:
    walk = Walk().intake()
    first = join(walk, texts={"description": "油污还在", "reporter_name": "李某", "reporter_phone": "13911112222"})
    second = join(walk, who=services.reporter("visit"), source="web", texts={}, has_reporter=False)
    view = get_case(district_id(), acting("intake_officer"), walk.record_id, private=True)
    assert view.state.counters["repeats"] == 2
    assert view.state.stage == "registered"
    assert [e.kind for e in view.timeline] == ["register_intake", "join", "join"]
    assert (first.number, first.seq, second.seq) == (walk.number, 2, 3)
    assert view.timeline[1].texts == {
        "description": "油污还在", "reporter_name": "李某", "reporter_phone": "13911112222",
    }  # fmt: skip
    assert rebuild_all(district_id()).ok


def test_each_has_a_code_of_their_own(db: object) -> None:
    walk = Walk().intake()
    one, two = join(walk), join(walk)
    codes = [walk.follow_code, one.follow_code, two.follow_code]
    assert len(set(codes)) == 3
    assert [followcodes.follower(district_id(), walk.record_id, code) for code in codes] == [0, one.seq, two.seq]
    assert followcodes.follower(district_id(), walk.record_id, one.follow_code.lower() + " ") == one.seq
    assert followcodes.follower(district_id(), walk.record_id, "AAAAAAAA") is None
    assert not followcodes.check_follow_code(district_id(), walk.record_id, one.follow_code)
    other = Walk().intake()
    assert followcodes.follower(district_id(), other.record_id, one.follow_code) is None
    # A code of an event that is no joining opens nothing.
    stray = followcodes.follow_code(district_id(), walk.record_id, 9)
    assert followcodes.follower(district_id(), walk.record_id, stray) is None


def test_the_same_command_joins_once(db: object) -> None:
    walk = Walk().intake()
    command = str(uuid4())
    one, two = join(walk, command_id=command), join(walk, command_id=command)
    assert two.outcome.replayed
    assert (one.follow_code, one.seq) == (two.follow_code, two.seq)


def test_a_case_without_a_reporter_is_answered_once_somebody_joins(db: object) -> None:
    """Closing would have ended it at once; now somebody waits, and the answer is owed."""
    walk = Walk().checked()
    quiet = Walk().intake(reporter_name="", reporter_phone="")
    assert not get_case(district_id(), acting("shift_leader"), quiet.record_id).has_reporter
    join(quiet, texts={"reporter_phone": "13911112222"})
    assert get_case(district_id(), acting("shift_leader"), quiet.record_id).has_reporter
    join(walk)
    walk.move(acting("shift_leader"), "close", args={"closing_condition": True}, version=walk.version + 1)
    assert walk.stage == "closed"
    assert join(walk).seq == walk.version + 1


def test_who_has_it_is_told(db: object, owner_connection: psycopg.Connection) -> None:
    walk = Walk().handling()
    join(walk)
    told = owner_connection.execute(
        "SELECT destination FROM ledger_outgoing WHERE payload->>'message' = 'joined' ORDER BY 1"
    ).fetchall()
    assert told == [(f"unit:{walk.lead}/unit_clerk",)]


def test_what_is_over_cannot_be_joined(db: object) -> None:
    walk = Walk().answered()
    with pytest.raises(Refused) as refused:
        join(walk)
    assert refused.value.refusal.code == "wrong_stage"
    with pytest.raises(NotFound):
        services.join(district_id(), acting("intake_officer"), uuid4(), source="phone")


@pytest.mark.parametrize("role", ["dispatcher", "unit_clerk", "collector"])
def test_only_the_duty_desk_and_residents_join(db: object, role: str) -> None:
    walk = Walk().handling()
    who = walk.clerk() if role == "unit_clerk" else acting(role, covering="" if role == "dispatcher" else walk.place)
    with pytest.raises(Refused) as refused:
        join(walk, who=who)
    assert refused.value.refusal.code == "not_allowed"


@pytest.mark.parametrize("source", ["", "split", "nonsense"])
def test_a_source_has_to_be_one(db: object, source: str) -> None:
    with pytest.raises(Refused) as refused:
        join(Walk().intake(), source=source)
    assert set(refused.value.refusal.fields) == {"source"}


def test_photos_come_along(db: object) -> None:
    walk = Walk().intake()
    who = acting("intake_officer")
    joined = join(walk, who=who, photos=[photo(who)])
    view = get_case(district_id(), who, walk.record_id)
    assert [p.seq for p in view.photos] == [joined.seq]


def test_everybody_who_joins_at_once_is_kept(db: object) -> None:
    walk = Walk().intake()
    done: list[services.Joined | Exception] = []
    who = acting("intake_officer")
    gate = threading.Barrier(8)

    def one(n: int) -> None:
        try:
            gate.wait()
            done.append(join(walk, who=who, texts={"description": f"第 {n} 位"}))
        except Exception as error:
            done.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    joined = [d for d in done if isinstance(d, services.Joined)]
    assert len(joined) == 8, done
    assert sorted(j.seq for j in joined) == list(range(2, 10))
    assert len({j.follow_code for j in joined}) == 8
    view = get_case(district_id(), who, walk.record_id)
    assert {(e.texts or {}).get("description") for e in view.timeline[1:]} == {f"第 {n} 位" for n in range(8)}


def test_who_speaks_is_known_by_the_event_they_joined_with() -> None:
    assert services.joined_of(services.reporter("abc").actor.person) == 0
    assert services.joined_of(services.reporter().actor.person) == 0
    assert services.joined_of(services.reporter("abc", 7).actor.person) == 7
    assert services.joined_of(services.reporter("", 7).actor.person) == 7
    assert services.joined_of("139.5") == 0


# ---- two versions side by side


def as_version_one(text: str) -> str:
    """A playbook as it was before joining: without the move and without its message."""
    start, end = text.index("  join:\n"), text.index("  add_note:\n")
    text = text[:start] + text[end:]
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("  joined:")]
    return "".join(lines).replace("message: joined", "message: reminder").replace("\nversion: 5\n", "\nversion: 1\n", 1)


def test_a_case_of_version_one_keeps_its_playbook_and_goes_on(fresh_db: Any) -> None:
    from gewu.registry.models import Playbook

    stored = Playbook.objects.get(name="case", version=5)
    text = as_version_one(stored.text)
    Playbook.objects.filter(pk=stored.pk).update(retired_on="2026-01-01")
    old = Playbook.objects.create(**{
        **{f.attname: getattr(stored, f.attname) for f in Playbook._meta.fields if f.name != "id"},
        "version": 1, "text": text, "sha256": "old",
    })  # fmt: skip
    refresh()
    before = get_directory(district_id()).playbook("case")
    assert before is not None
    assert before.version == 1
    walk = Walk().intake()
    Playbook.objects.filter(pk=old.pk).update(retired_on="2026-01-02")
    Playbook.objects.filter(pk=stored.pk).update(retired_on=None)
    refresh()
    new = Walk().intake()
    current = directory().playbook("case")
    assert current is not None
    assert current.version == 5
    with pytest.raises(Refused) as refused:
        join(walk)
    assert refused.value.refusal.code == "unknown_move"
    assert join(new).seq == 2
    walk.later(5).move(acting("intake_officer"), "send_verify")
    assert walk.stage == "verifying"
    view = get_case(district_id(), acting("intake_officer"), walk.record_id)
    assert (view.row.playbook_version, view.state.stage) == (1, "verifying")
    assert rebuild_all(district_id()).ok
