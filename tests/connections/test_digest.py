"""What people are told outside: gathered for each of them, not at night, not twice, not what they have read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

import psycopg
from django.db import transaction
from django.test import override_settings

from connections.conftest import Clock, house_messages, statuses
from connections.receivers import Receiver
from connections.telling import Inbox, at, channel, mail_channel, rounds, route, us
from gewu.cases.queries import list_notices, mark_read, unread_notices
from gewu.connections import routes
from gewu.ledger import ticker
from gewu.ledger.door import new_id
from gewu.ledger.outbox.courier import Courier
from gewu.ledger.outbox.notices import write_notice
from gewu.ledger.outbox.readers import Written
from gewu.registry import directory as registry
from gewu.registry.administration import rosters
from gewu.registry.administration.changes import By
from gewu.registry.entries import PostInfo
from gewu.registry.models import District, Shift
from support.district import CATEGORY, START_US, Walk, acting, directory, district_id, photo, post
from support.servers import Session

Make = Callable[..., Receiver]
OK = b'{"errcode": 0, "errmsg": "ok"}'


def test_500_clocks_at_once_make_one_mail(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int], app_connection: psycopg.Connection
) -> None:
    mails, port = inbox
    leader = post("shift_leader", covering="500101")
    route(mail_channel(port), leader, address="leader@district.example", digest_minutes=15)
    walks = [Walk(at_us=us(at(10))).intake() for _ in range(60)]
    clock.now = at(10, 20)
    ticker.run_until(district_id(), us(clock.now) + 3_600_000_000)
    clock.now = at(11, 45)
    rounds(courier, clock)
    waiting = app_connection.execute("SELECT count(*) FROM ledger_telling WHERE told_at IS NULL").fetchone()
    rounds(courier, clock, minutes=16)
    notices = app_connection.execute(
        "SELECT count(*) FROM ledger_notice WHERE role = 'shift_leader' AND unit = ''"
    ).fetchone()
    assert notices is not None
    assert notices[0] >= 60, (notices, waiting)
    ((to, found, text),) = mails.mails
    assert to == ["leader@district.example"]
    assert str(notices[0]) in found["Subject"]
    assert sum(walk.number in text for walk in walks) == 5
    assert "and 55 more" in text
    assert "油污" not in text
    assert "王某" not in text
    told = app_connection.execute("SELECT count(*), count(DISTINCT message_id) FROM ledger_telling").fetchone()
    assert told == (notices[0], 1)
    for _ in range(3):
        rounds(courier, clock, hours=3)
    assert len(mails.mails) == 1


def test_nothing_at_night_but_what_is_urgent(courier: Courier, clock: Clock, inbox: tuple[Inbox, int]) -> None:
    mails, port = inbox
    officer = post("intake_officer", covering="500101")
    dispatcher = post("dispatcher", covering="500101")
    channel_row = mail_channel(port)
    route(channel_row, dispatcher, address="d@district.example", digest_minutes=1)
    route(channel_row, officer, address="o@district.example", digest_minutes=1, quiet_from=time(0), quiet_to=time(0))
    clock.now = at(22, 30)
    calm = Walk(at_us=us(at(22, 0))).filed()
    rounds(courier, clock)
    assert not [to for to, _, _ in mails.mails if to == ["d@district.example"]], "it is quiet"
    urgent = Walk(at_us=us(at(23, 0))).intake()
    urgent.later(1).move(acting("intake_officer"), "send_verify")
    who = urgent.collector()
    urgent.later(5).move(who, "confirm_exists", photos=[photo(who)])
    standard = directory().standards_for(CATEGORY)[0].key
    urgent.move(acting("shift_leader"), "file", args={"category": CATEGORY, "standard": standard, "urgent": True})
    clock.now = at(23, 10)
    rounds(courier, clock)
    rounds(courier, clock, minutes=1)
    (night,) = [text for to, _, text in mails.mails if to == ["d@district.example"]]
    assert urgent.number in night
    assert calm.number not in night
    clock.now = at(6, 55, 25)
    rounds(courier, clock)
    assert len([to for to, _, _ in mails.mails if to == ["d@district.example"]]) == 1
    clock.now = at(7, 1, 25)
    rounds(courier, clock)
    morning = [text for to, _, text in mails.mails if to == ["d@district.example"]]
    assert len(morning) == 2
    assert calm.number in morning[1]
    assert urgent.number not in morning[1]


def notices(n: int, now: datetime, **to: str) -> None:
    """So many notices of one instant, about no record."""
    with transaction.atomic():
        for _ in range(n):
            write_notice(
                Written(
                    district_id(), new_id(), None, to.get("role", ""), to.get("unit", ""), to.get("person", ""),
                    "destination_down", now,
                ),
                {},
            )  # fmt: skip


@override_settings(PUBLIC_URL="https://gewu.example")
def test_500_at_one_instant_make_one_message_for_each_person_with_counts_and_a_link(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    found = mail_channel(port)
    one, two = (post("dispatcher", covering="500101", number=n) for n in (0, 1))
    route(found, one, address="one@district.example", digest_minutes=15)
    route(found, two, address="two@district.example", digest_minutes=60, language="zh")
    clock.now = at(10)
    notices(480, clock.now, role="dispatcher")
    notices(20, clock.now, person=str(one.person))
    rounds(courier, clock, minutes=1)
    assert mails.mails == [], "the others that come with them are waited for"
    rounds(courier, clock, minutes=15)
    rounds(courier, clock, minutes=60)
    told = {to[0]: (mail["Subject"], text) for to, mail, text in mails.mails}
    assert len(mails.mails) == len(told) == 2
    assert told["one@district.example"][0].startswith("500 notices")
    assert told["two@district.example"][0].startswith("480 条提醒")
    for _, text in told.values():
        assert "https://gewu.example/desk/notices?unread=1" in text
        assert len(text) < 2000


def test_each_has_quiet_hours_of_their_own_and_they_may_hold_back_what_is_urgent_too(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    found = mail_channel(port)
    one, two = (post("shift_leader", covering="500101", number=n) for n in (0, 1))
    route(found, one, address="late@district.example", digest_minutes=1, quiet_from=time(23, 30))
    route(found, two, address="deep@district.example", digest_minutes=1, urgent_at_once=False)
    walk = Walk(at_us=us(at(22, 0))).intake()
    walk.move(acting("intake_officer"), "send_verify").later(5).move(
        who := walk.collector(), "confirm_exists", photos=[photo(who)]
    )
    clock.now = at(22, 10)
    rounds(courier, clock)
    rounds(courier, clock, minutes=2)
    assert [to for to, _, _ in mails.mails] == [["late@district.example"]], "whose night begins later is told"
    clock.now = at(6, 59, 25)
    rounds(courier, clock)
    assert len(mails.mails) == 1
    rounds(courier, clock, minutes=2)
    assert [to for to, _, _ in mails.mails][1:] == [["deep@district.example"]]
    assert walk.number in mails.mails[1][2]


@contextmanager
def roster(*shifts: tuple[PostInfo, datetime, datetime]) -> Iterator[None]:
    """Shifts of the units of these posts, taken out again afterwards."""
    district = District.objects.get(pk=district_id())
    wanted = [rosters.Wanted(one.unit, one.login, "", begin, end) for one, begin, end in shifts]
    rosters.put(district, wanted, By(None))
    registry.recheck()
    try:
        yield
    finally:
        for row in Shift.objects.filter(district=district, removed_at=None):
            rosters.remove(district, row.pk, By(None))
        registry.recheck()


def test_who_is_on_duty_is_told_and_the_bell_rings_for_all(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    found = mail_channel(port)
    early, late = (post("dispatcher", covering="500101", number=n) for n in (0, 1))
    never = {"quiet_from": time(0), "quiet_to": time(0)}
    route(found, early, address="early@district.example", digest_minutes=15, **never)
    route(found, late, address="late@district.example", digest_minutes=1, **never)
    # Rosters are held in memory from yesterday to the day after tomorrow.
    start = datetime.now(UTC).replace(microsecond=0)

    def told() -> list[tuple[str, str]]:
        gone = [(to[0].partition("@")[0], mail["Subject"]) for to, mail, _ in mails.mails]
        mails.mails.clear()
        return gone

    hour = timedelta(hours=1)
    with roster((early, start, start + 8 * hour), (late, start + 8 * hour, start + 16 * hour)):
        clock.now = start + hour
        notices(3, clock.now, role="dispatcher")
        rounds(courier, clock, minutes=2)
        assert told() == [], "the one who is off duty waits for the one on duty, however rarely that one is told"
        rounds(courier, clock, minutes=15)
        rounds(courier, clock, minutes=15)
        assert told() == [("early", "3 notices: Another system does not answer 3")]
        # It comes at the end of a shift, and is told to whoever took over.
        clock.now = start + 8 * hour - timedelta(minutes=5)
        notices(2, clock.now, role="dispatcher")
        rounds(courier, clock, minutes=6)
        rounds(courier, clock, hours=1)
        assert [who for who, _ in told()] == ["late"]
        # For a person by name nobody's duty counts.
        notices(1, clock.now, person=str(early.person))
        rounds(courier, clock, minutes=20)
        assert [who for who, _ in told()] == ["early"]
        # Nobody is on duty: everybody who holds the post.
        clock.now = start + 17 * hour
        notices(1, clock.now, role="dispatcher")
        rounds(courier, clock, minutes=20)
        assert sorted(who for who, _ in told()) == ["early", "late"]
    for number in (0, 1):
        assert unread_notices(district_id(), acting("dispatcher", number=number)) == 6 + (number == 0)


def test_where_nobody_on_duty_has_an_address_all_are_told(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    on, off = (post("dispatcher", covering="500101", number=n) for n in (0, 1))
    never = {"quiet_from": time(0), "quiet_to": time(0)}
    route(mail_channel(port), off, address="off@district.example", digest_minutes=1, **never)
    start = datetime.now(UTC).replace(microsecond=0)
    with roster((on, start, start + timedelta(hours=8))):  # who is on duty has no address
        clock.now = start + timedelta(hours=1)
        notices(1, clock.now, role="dispatcher")
        rounds(courier, clock, minutes=2)
    assert [to for to, _, _ in mails.mails] == [["off@district.example"]]


def test_a_notice_that_was_read_at_the_desk_is_not_told_again(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    found = mail_channel(port)
    one, two = (post("dispatcher", covering="500101", number=n) for n in (0, 1))
    route(found, one, address="one@district.example", digest_minutes=60)
    route(found, two, address="two@district.example", digest_minutes=60)
    first, second = Walk(at_us=us(at(10))).filed(), Walk(at_us=us(at(10))).filed()
    clock.now = at(10, 30)
    rounds(courier, clock)
    reading = acting("dispatcher")
    mine, _ = list_notices(district_id(), reading, unread=True)
    mark_read(district_id(), reading, [n.id for n in mine if n.record_id == first.record_id], clock.now)
    rounds(courier, clock, hours=2)
    told = {to[0]: (first.number in text, second.number in text) for to, _, text in mails.mails}
    assert told == {"one@district.example": (False, True), "two@district.example": (True, True)}


def test_only_what_the_post_sees_and_the_route_wants(courier: Courier, clock: Clock, inbox: tuple[Inbox, int]) -> None:
    mails, port = inbox
    walk = Walk(at_us=us(at(10))).intake()
    here = post("collector", covering=walk.place)
    away = next(p for p in directory().holders("collector") if p.prefixes and not walk.place.startswith(p.prefixes))
    found = mail_channel(port)
    route(found, here, address="here@district.example", digest_minutes=1)
    route(found, away, address="away@district.example", digest_minutes=1)
    route(found, post("dispatcher", covering="500101"), address="d@district.example", messages=["review"])
    walk.later(1).move(acting("intake_officer"), "send_verify")
    Walk(at_us=us(at(10))).filed()
    clock.now = at(12)
    rounds(courier, clock)
    assert [to for to, _, _ in mails.mails] == [["here@district.example"]]


def test_a_route_that_was_removed_gets_nothing_more(
    courier: Courier, clock: Clock, inbox: tuple[Inbox, int], app_connection: psycopg.Connection
) -> None:
    mails, port = inbox
    found = mail_channel(port)
    made = route(found, post("dispatcher", covering="500101"), address="d@district.example", digest_minutes=60)
    other = route(found, post("shift_leader", covering="500101"), address="s@district.example", digest_minutes=240)
    Walk(at_us=us(at(10))).filed()
    clock.now = at(10, 20)
    rounds(courier, clock)
    routes.try_out(made, clock.now)
    routes.remove_route(made)
    registry.recheck()
    rounds(courier, clock, hours=2)
    assert [to for to, _, _ in mails.mails if to != ["s@district.example"]] == []
    assert statuses(app_connection, f"channel:{found.id}")[0] == "dropped"
    assert other.active


def test_the_process_of_the_outbox_tells_people(house: Session, receiver: Make) -> None:
    fake = receiver(200, body=OK)
    found = channel("wecom", url=f"http://127.0.0.1:{fake.port}/send", key="k")
    never_quiet = {"quiet_from": time(0), "quiet_to": time(0)}
    route(found, post("dispatcher", covering="500101"), digest_minutes=1, **never_quiet)
    walks = [Walk(at_us=us(datetime.now(UTC) - timedelta(hours=2))).filed() for _ in range(3)]
    environment = {**os.environ, **house.environment(), "GEWU_LIFELINE": str(os.getpid())}
    process = subprocess.Popen([sys.executable, "-m", "gewu", "outbox"], env=environment, stdin=subprocess.DEVNULL)
    try:
        assert fake.arrived.acquire(timeout=90), "nothing was told"
    finally:
        process.terminate()
        process.wait(30)
    (got,) = fake.got
    assert sum(walk.number in got.body.decode() for walk in walks) == 3


def test_without_routes_notices_cost_nothing_more(house: Session, app_connection: psycopg.Connection) -> None:
    Walk(at_us=START_US).filed()
    house_messages(datetime.now(UTC) + timedelta(days=1))
    assert app_connection.execute("SELECT count(*) FROM ledger_telling").fetchone() == (0,)
