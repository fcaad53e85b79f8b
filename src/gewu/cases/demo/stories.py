"""What may become of a case: the ordinary way through all stages, and the detours that district life has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from random import Random

from gewu.cases.demo import texts as t
from gewu.cases.demo.play import MINUTE, Play

Story = Callable[[Play], None]
SOURCES = {"phone": 40, "chat": 14, "counter": 8, "api": 10, "web": 28}


def arrive(play: Play) -> None:
    """The case comes in, from outside or from a collector, and is registered."""
    if play.rng.random() < play.subject.found:
        play.find().register()
        return
    source = play.rng.choices(list(SOURCES), list(SOURCES.values()))[0]
    if source == "web":
        play.web().register()
    else:
        play.call(source)


def filed(play: Play) -> None:
    arrive(play)
    if play.steps[0].acting.actor.roles == {"collector"}:
        play.file_found()
    else:
        play.verified().file()


def handle(play: Play, percent: int | None = None, late_minutes: int = 0) -> None:
    """From dispatched to handled, at a share of the limit or some working minutes after it."""
    rng = play.rng
    share = percent if percent is not None else int(rng.triangular(12, 96, 55))
    end = play.used(share)
    if late_minutes:
        end = play.used(100)
    if play.by_letter:
        play.until(end).at_desk(late_minutes, late_minutes + 30)
        play.move(play.dispatcher(), "reply_by_letter", result=rng.choice(t.LETTER_REPLIES))
        return
    begun, span = play.now, max(end - play.now, 4 * MINUTE)
    play.now = begun + span // 8
    play.move(play.clerk(), "claim")
    inside(play, begun, span)
    play.until(begun + span)
    if late_minutes:
        play.work(play.lead, late_minutes)
    play.move(play.clerk(), "report_handled", photos=("after",), result=rng.choice(play.subject.results))


def inside(play: Play, begun: int, span: int) -> None:
    """Work handed on inside the unit, in half of the cases."""
    workers = play.cast.workers(play.lead)
    if not workers or play.rng.random() < 0.5:
        return
    worker = play.rng.choice(workers)
    play.until(begun + span // 5).move(
        play.clerk(), "assign_inside", {"worker": worker.person}, note=play.rng.choice(t.INSTRUCTIONS)
    )
    if play.rng.random() < 0.5:
        play.until(begun + span * 2 // 5).move(worker.acting, "arrive")
    photos = ("before", "after") if play.rng.random() < 0.5 else ("after",)
    play.until(begun + span * 7 // 10)
    play.move(worker.acting, "work_done", photos=photos, note=play.rng.choice(play.subject.results))


def check(play: Play, passed: bool = True) -> None:
    play.at_desk(2, 11).move(play.dispatcher(), "send_check")
    play.later(6, 27)
    if passed:
        play.move(play.collector(), "check_pass", photos=("after",), note=play.rng.choice(t.NOTES_PASS))
    else:
        play.move(play.collector(), "check_fail", photos=("scene",), note=play.rng.choice(t.NOTES_FAIL))


def finish(play: Play) -> None:
    """Checked, closed, answered, and sometimes called back."""
    check(play)
    play.at_desk(2, 11).move(play.shift(), "close", {"closing_condition": True})
    answer(play)


def answer(play: Play) -> None:
    if not play.has_reporter:
        return
    rng = play.rng
    play.at_desk(20, 240).move(play.intake(), "answer", reply=rng.choice(t.REPLIES))
    if rng.random() < 0.55:
        solved = rng.choices(("solved", "partly", "unsolved", "no_answer"), (78, 9, 6, 7))[0]
        args: dict[str, str] = {"solved": solved}
        note = ""
        if solved != "no_answer":
            weights = {"solved": (72, 24, 4), "partly": (10, 55, 35), "unsolved": (0, 15, 85)}[solved]
            args["satisfied"] = rng.choices(("satisfied", "fair", "unsatisfied"), weights)[0]
            note = rng.choice(t.PRAISE if args["satisfied"] == "satisfied" else t.COMPLAINTS)
        play.at_desk(60, 2000).move(play.intake(), "follow_up", dict(args), note=note if rng.random() < 0.6 else "")


# ---- stories


def ordinary(play: Play) -> None:
    filed(play)
    play.dispatch()
    if play.rng.random() < 0.06:
        play.later(5, 40).move(play.intake(), "remind", note=play.rng.choice(t.REMINDERS))
    handle(play)
    finish(play)


def late(play: Play) -> None:
    """Handled after the limit; the ladder rings meanwhile."""
    filed(play)
    play.dispatch()
    handle(play, late_minutes=int(play.rng.triangular(20, 1900, 120)))
    finish(play)
    unit = play.directory.unit(play.lead)
    if play.rng.random() < 0.3 and unit is not None and unit.accounts:
        play.work(play.lead, play.rng.randint(30, 400))
        play.move(play.clerk(), "appeal_overdue", reason=play.rng.choice(t.REASONS_APPEAL))
        play.at_desk(20, 150)
        if play.rng.random() < 0.6:
            play.move(play.dispatcher(), "support_appeal", reason=play.rng.choice(t.REASONS_APPEAL_OK))
            play.at_desk(20, 150).move(play.shift(), "grant_appeal", reason=play.rng.choice(t.REASONS_APPEAL_OK))
        else:
            play.move(play.dispatcher(), "reject_appeal", reason=play.rng.choice(t.REASONS_APPEAL_NO))


def fixed(play: Play) -> None:
    args = {"category": play.subject.category, "standard": play.standard.key}
    said = {"description": play.description(), "address": play.address()}
    play.move(play.collector(), "fix_on_spot", dict(args), ("before", "after"), **said)


def absent(play: Play) -> None:
    """Not there when the collector came: not filed."""
    arrive(play)
    play.at_desk(2, 10).move(play.intake(), "send_verify")
    play.later(10, 28).move(play.collector(), "report_absent", note=play.rng.choice(t.NOTES_ABSENT))
    play.at_desk(2, 12).move(play.shift(), "decline", reason=play.rng.choice(t.REASONS_DECLINE))


def unable(play: Play) -> None:
    """The first collector could not verify, the second could."""
    play.call("phone")
    play.at_desk(2, 10).move(play.intake(), "send_verify")
    play.later(10, 25).move(play.collector(), "unable_to_verify", reason=play.rng.choice(t.REASONS_UNABLE))
    play.verified().file().dispatch()
    handle(play)
    finish(play)


def void(play: Play) -> None:
    play.web()
    play.at_desk(2, 12).move(play.intake(), "void", reason=play.rng.choice(t.REASONS_VOID))


def returned(play: Play) -> None:
    """The unit says it is not its own; another gets it."""
    filed(play)
    wrong, right = _two_units(play)
    play.dispatch(wrong)
    play.later(8, 50).move(play.clerk(), "return_case", reason=play.rng.choice(t.REASONS_RETURN))
    play.dispatch(right)
    handle(play)
    finish(play)


def objected(play: Play) -> None:
    """The unit objects; the shift leader decides either way."""
    filed(play)
    first, second = _two_units(play)
    play.dispatch(first)
    play.later(5, 30).move(play.clerk(), "object", reason=play.rng.choice(t.REASONS_OBJECT))
    play.at_desk(10, 45)
    if play.rng.random() < 0.4:
        play.move(play.shift(), "uphold_objection", reason=play.rng.choice(t.REASONS_UPHELD))
        play.dispatch(second)
    else:
        play.move(play.shift(), "reject_objection", reason=play.rng.choice(t.REASONS_OVERRULED))
    handle(play)
    finish(play)


def _two_units(play: Play) -> tuple[str, str]:
    """A unit that may be asked by mistake, and the likeliest one."""
    able = play.able()
    return able[1], able[0]


def extended(play: Play) -> None:
    """More time is asked for before the limit passes; one approval for hours, two for days."""
    filed(play)
    play.dispatch(_with_clerk(play))
    play.until(play.used(10)).move(play.clerk(), "claim")
    play.until(play.used(55)).move(play.clerk(), "request_extension", reason=play.rng.choice(t.REASONS_EXTEND))
    play.later(5, 15)
    if play.rng.random() < 0.2:
        play.move(play.dispatcher(), "reject_extension", reason=play.rng.choice(t.REASONS_REJECTED))
    else:
        play.move(play.dispatcher(), "approve_extension")
        if "hour" not in play.limit.unit.value:
            play.later(5, 20).move(play.shift(), "approve_extension")
    play.until(play.used(play.rng.choice((85, 130, 170))))
    play.move(play.clerk(), "report_handled", photos=("after",), result=play.rng.choice(play.subject.results))
    finish(play)


def suspended(play: Play) -> None:
    """Suspended for some days; it resumes by itself."""
    filed(play)
    play.dispatch(_with_clerk(play))
    play.until(play.used(10)).move(play.clerk(), "claim")
    day = play.day_after(play.rng.choice((3, 5, 8, 12, 40, 90)))
    args = {"until": day.isoformat()}
    play.until(play.used(30))
    play.move(play.clerk(), "request_suspension", dict(args), reason=play.rng.choice(t.REASONS_SUSPEND))
    play.later(5, 20).move(play.shift(), "approve_suspension", dict(args))
    resumed = int(datetime.combine(day, time(23, 59, 59), play.zone).timestamp())
    play.until(resumed + MINUTE).work(play.lead, play.rng.randint(10, 60))
    play.move(play.clerk(), "report_handled", photos=("after",), result=play.rng.choice(play.subject.results))
    finish(play)


def _with_clerk(play: Play) -> str:
    unit = play.responsible()
    return unit if play.cast.clerks(unit) else _two_units(play)[1]


def reworked(play: Play) -> None:
    """The check fails; the unit has to come again."""
    filed(play)
    play.dispatch(_with_clerk(play))
    handle(play, percent=play.rng.randint(20, 60))
    check(play, passed=False)
    play.at_desk(2, 11).move(play.shift(), "rework", reason=play.rng.choice(t.REASONS_REWORK))
    play.work(play.lead, play.rng.randint(15, 50))
    play.move(play.clerk(), "record_result", photos=("after",), note=play.rng.choice(play.subject.results))
    play.later(2, 8)
    play.move(play.clerk(), "report_handled", photos=("after",), result=play.rng.choice(play.subject.results))
    finish(play)


def assisted(play: Play) -> None:
    """A second unit assists; the lead waits for it."""
    filed(play)
    helper, lead = _two_units(play)
    play.dispatch(lead, (helper,))
    play.until(play.used(10)).move(play.clerk(), "claim")
    play.until(play.used(35))
    who = play.one(play.cast.clerks(helper), f"clerk {helper}")
    play.move(who, "assist_done", note=play.rng.choice(play.subject.results))
    play.until(play.used(play.rng.randint(40, 95)))
    play.move(play.clerk(), "report_handled", photos=("after",), result=play.rng.choice(play.subject.results))
    finish(play)


def forced(play: Play) -> None:
    """Nobody could be made to solve it: closed by force, and flagged."""
    filed(play)
    play.dispatch(_with_clerk(play))
    play.until(play.used(15)).move(play.clerk(), "claim")
    play.until(play.used(100)).work(play.lead, play.rng.randint(200, 900))
    play.at_desk(5, 60).move(play.shift(), "force_close", reason=play.rng.choice(t.REASONS_FORCED))
    answer(play)


MIX: Sequence[tuple[Story, int]] = (
    (ordinary, 530),
    (late, 95),
    (fixed, 110),
    (absent, 45),
    (void, 25),
    (unable, 12),
    (returned, 32),
    (objected, 20),
    (extended, 30),
    (suspended, 18),
    (reworked, 36),
    (assisted, 28),
    (forced, 9),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that wait right now: a story cut after a move, so many minutes ago, so many in a thousand.

    ``continuous``: only with a limit that runs day and night, where moving the story in time moves its deadline along.
    """

    story: Story
    after: str
    share: int
    minutes: tuple[int, int] = (1, 13)
    continuous: bool = False


WAITING: Sequence[Waiting] = (
    Waiting(void, "report", 6),
    Waiting(unable, "register_intake", 5),
    Waiting(ordinary, "register", 3),
    Waiting(unable, "send_verify", 6, (2, 28)),
    Waiting(reworked, "confirm_exists", 6),
    Waiting(reworked, "file", 6),
    Waiting(returned, "dispatch", 6, (2, 90)),
    Waiting(reworked, "claim", 8, (2, 60)),
    Waiting(ordinary, "claim", 7, (400, 4000)),
    Waiting(extended, "request_extension", 2, (2, 40), continuous=True),
    Waiting(objected, "object", 2, (2, 60)),
    Waiting(suspended, "request_suspension", 2, (2, 60)),
    Waiting(suspended, "approve_suspension", 2, (60, 600)),
    Waiting(returned, "return_case", 2),
    Waiting(late, "report_handled", 4),
    Waiting(reworked, "report_handled", 3),
    Waiting(reworked, "send_check", 5, (2, 28)),
    Waiting(reworked, "check_fail", 2),
    Waiting(late, "check_pass", 4),
    Waiting(late, "close", 6, (5, 200)),
    Waiting(late, "appeal_overdue", 2, (5, 90), continuous=True),
)


def choose(rng: Random) -> Story:
    """A story, by its share."""
    stories, weights = zip(*MIX, strict=True)
    found: Story = rng.choices(stories, weights)[0]
    return found
