"""Notices at the desk: who gets them, and that everybody reads for themselves."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.db import transaction

from desk.conftest import Seat, Sit, text
from gewu.ledger import outbox
from gewu.registry.directory import recheck
from gewu.registry.models import Post
from gewu.registry.versions import bump
from support.district import Walk, acting, district_id, post

EARLIER = time.time_ns() // 1000 - 3_600_000_000


def waiting(seat: Seat) -> int:
    """The number at the bell."""
    found = re.search(r'class="count">(\d+)<', seat.get("/desk/keys").content.decode())
    return int(found[1]) if found else 0


@contextmanager
def held_by(code: str, person: int | None) -> Iterator[None]:
    """A post changes hands; afterwards it has its holder again."""
    row = Post.objects.get(district_id=district_id(), code=code)

    def give(to: int | None) -> None:
        with transaction.atomic():
            Post.objects.filter(pk=row.pk).update(person_id=to)
            bump()
        recheck()

    give(person)
    try:
        yield
    finally:
        give(row.person_id)


def test_notices_reach_the_post_and_can_be_read(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).filed()
    outbox.deliver(district_id())
    seat = sit("dispatcher")
    page = seat.get("/desk/notices")
    assert "A filed case waits for dispatch" in text(page)
    assert walk.number in text(page)
    assert re.search(r'class="count">1<', seat.get("/desk/").content.decode())
    assert "A filed case waits" not in text(sit("shift_leader").get("/desk/notices"))
    chosen = re.search(r'name="notice" value="([^"]+)"', page.content.decode())
    assert chosen is not None
    assert seat.send("/desk/notices/read", notice=chosen[1])["Location"] == "/desk/notices"
    assert 'class="count"' not in seat.get("/desk/").content.decode()
    assert "No notices" in text(seat.get("/desk/notices", unread="1"))


def test_notices_of_cases_out_of_sight_are_not_told(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).intake()
    walk.move(acting("intake_officer"), "send_verify")
    outbox.deliver(district_id())
    assert walk.number in text(sit("collector", covering=walk.place).get("/desk/notices"))
    assert walk.number not in text(sit("collector", away=walk.place).get("/desk/notices"))


def test_everybody_at_a_desk_reads_for_themselves(sit: Sit, app_connection: psycopg.Connection) -> None:
    walks = [Walk(at_us=EARLIER).filed() for _ in range(2)]
    outbox.deliver(district_id())
    first, second = sit("dispatcher"), sit("dispatcher", number=1)
    assert (waiting(first), waiting(second)) == (2, 2)
    one = re.search(r'name="notice" value="([^"]+)"', first.get("/desk/notices").content.decode())
    assert one is not None
    first.send("/desk/notices/read", notice=one[1])
    assert (waiting(first), waiting(second)) == (1, 2)
    second.send("/desk/notices/read", all="1")
    assert (waiting(first), waiting(second)) == (1, 0)
    assert waiting(sit("shift_leader")) == 2  # what told them to file; the others' reading is none of theirs
    # Read or not, everybody finds them all; and nobody can read for somebody else.
    for seat in (first, second):
        assert all(walk.number in text(seat.get("/desk/notices")) for walk in walks)
    sit("intake_officer").send("/desk/notices/read", notice=one[1])
    read = app_connection.execute(
        "SELECT reader FROM ledger_reading WHERE notice_id = %s AND read_at IS NOT NULL", one.groups()
    )
    assert sorted(row[0] for row in read.fetchall()) == sorted([first.person, second.person])


def test_whoever_takes_a_post_finds_its_notices_but_none_waits_that_came_before(sit: Sit) -> None:
    taken, other = post("dispatcher", covering="500101"), post("intake_officer", covering="500101")
    before = Walk(at_us=EARLIER).filed()
    outbox.deliver(district_id())
    with held_by(taken.code, other.person):
        seat = sit("dispatcher")
        assert seat.person == str(other.person)
        assert before.number in text(seat.get("/desk/notices"))
        assert waiting(seat) == 0
        after = Walk(at_us=EARLIER).filed()
        outbox.deliver(district_id())
        assert waiting(seat) == 1
        assert after.number in text(seat.get("/desk/notices", unread="1"))
        assert before.number not in text(seat.get("/desk/notices", unread="1"))
    back = sit("dispatcher")
    assert waiting(back) == 1, "what came while somebody else held the post does not wait either"
    assert after.number in text(back.get("/desk/notices"))


def test_at_a_post_that_nobody_holds_notices_wait_for_its_program(db: object) -> None:
    from gewu.cases.queries import mark_read, unread_notices
    from gewu.cases.services import acting_of
    from gewu.registry.people import actor_for

    taken = post("dispatcher", covering="500101")
    with held_by(taken.code, None):
        Walk(at_us=EARLIER).filed()
        outbox.deliver(district_id())
        program = acting_of(actor_for(Post.objects.get(district_id=district_id(), code=taken.code)))
        assert program.actor.person == f"post:{taken.code}"
        assert unread_notices(district_id(), program) == 1
        assert unread_notices(district_id(), acting("dispatcher")) == 1, "the colleague's waits, too"
        assert mark_read(district_id(), program, [], datetime.now(UTC)) == 1
        assert unread_notices(district_id(), program) == 0
        assert unread_notices(district_id(), acting("dispatcher")) == 1


def test_the_bell_costs_one_statement_and_the_page_one_more(sit: Sit) -> None:
    Walk(at_us=EARLIER).filed()
    outbox.deliver(district_id())
    seat = sit("dispatcher")
    assert len(seat.tenant_statements("/desk/keys")) == 1
    assert len(seat.tenant_statements("/desk/notices")) == 2
