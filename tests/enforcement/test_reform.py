"""A reform of bodies: previewed, carried out whole or not at all, and taken back by a counter-act."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from enforcement.conftest import AFFAIRS, CENTRES, REFORMS, Write
from gewu.cases.queries import get_case
from gewu.core.evolve import replay
from gewu.enforcement.acts import ActError, read_act
from gewu.enforcement.plan import make_plan, team_counts, teams
from gewu.enforcement.reform import NotPossible, apply
from gewu.enforcement.settle import settle
from gewu.ledger.models import Event
from gewu.ledger.rebuild import rebuild_all
from gewu.registry.directory import refresh
from gewu.registry.models import Reform, ResponsibilityRule, Succession, Unit
from gewu.registry.snapshot import build
from support.district import CATEGORY, Walk, acting, directory, district_id

BEFORE, AFTER = date(2024, 11, 26), date(2024, 11, 27)
MERGE = "  merge:\n    - {units: [sanitation-centre], into: municipal-affairs-centre}\n"


def centres_act() -> Any:
    return read_act(REFORMS / "2024-1-affairs-centre.yaml")


def state_of(walk: Walk) -> Any:
    rows = Event.objects.filter(district_id=district_id(), record_id=walk.record_id).order_by("seq")
    from gewu.core.records import Event as CoreEvent

    found = replay(
        CoreEvent(row.kind, row.seq, int(row.at.timestamp()), row.actor, row.unit, row.payload) for row in rows
    )
    assert found is not None
    return found


def test_a_preview_changes_nothing_and_names_what_would_go_where(wanzhou: int) -> None:
    walk = Walk().dispatched("sanitation-centre")
    plan = make_plan(wanzhou, centres_act())
    assert plan.problems == []
    assert [(s.code, s.into, s.last_day) for s in plan.units] == [(code, AFFAIRS, BEFORE) for code in CENTRES]
    assert [(p.record_id, p.old, p.new) for p in plan.handed] == [(walk.record_id, "sanitation-centre", AFFAIRS)]
    assert (plan.records, plan.clocks) == (1, 1)
    assert not Reform.objects.exists()
    assert not Succession.objects.exists()
    assert state_of(walk).assignments[-1].unit == "sanitation-centre"


def test_open_parts_go_over_whole_with_their_number_and_their_deadline(wanzhou: int) -> None:
    walk = Walk().dispatched("sanitation-centre")
    before = state_of(walk)
    plan = apply(wanzhou, centres_act(), by="test")
    assert [(p.old, p.new) for p in plan.handed] == [("sanitation-centre", AFFAIRS)]
    after = state_of(walk)
    old, new = before.assignments[-1], after.assignments[-1]
    assert (new.unit, new.path) == (AFFAIRS, directory().units[AFFAIRS].path)
    assert (new.no, new.status, new.opened_at) == (old.no, old.status, old.opened_at)
    was = {c.id: c for c in before.clocks if c.assignment == old.no}
    now = {c.id: c for c in after.clocks if c.assignment == old.no}
    assert {k: (c.due_at, c.started_at, c.status) for k, c in now.items()} == {
        k: (c.due_at, c.started_at, c.status) for k, c in was.items()
    }
    assert {c.holder for c in now.values()} == {AFFAIRS}


def test_the_successor_works_on_and_the_ended_unit_has_no_part(wanzhou: int) -> None:
    walk = Walk().dispatched("sanitation-centre")
    apply(wanzhou, centres_act(), by="test")
    refresh()
    assert not directory().units["sanitation-centre"].active
    assert "sanitation-centre" not in directory().unit_facts
    clerk = acting("unit_clerk", unit=AFFAIRS)
    assert get_case(wanzhou, clerk, walk.record_id).row.number == walk.number
    version = state_of(walk).seq
    walk.later(10).move(clerk, "claim", version=version)
    assert walk.stage == "handling"
    events = list(Event.objects.filter(district_id=wanzhou, record_id=walk.record_id).order_by("seq"))
    handed = next(e for e in events if e.kind == "succeed_unit")
    assert handed.actor == "system"
    no = state_of(walk).assignments[-1].no
    assert handed.payload["args"] == {"act": "Wanzhou-2024-1", "parts": [f"{no}:sanitation-centre:{AFFAIRS}"]}


def test_rebuilding_from_events_gives_the_same_rows(wanzhou: int) -> None:
    Walk().dispatched("sanitation-centre")
    Walk().dispatched("landscaping-centre")
    apply(wanzhou, centres_act(), by="test")
    assert rebuild_all(wanzhou).differences == []


def test_rules_are_redirected_by_date_and_not_rewritten(wanzhou: int) -> None:
    rule = ResponsibilityRule.objects.filter(
        district_id=wanzhou, unit__code="sanitation-section", category=CATEGORY.partition(":")[2]
    ).first()
    assert rule is not None
    rule.unit = Unit.objects.get(district_id=wanzhou, code="sanitation-centre")
    rule.save()
    plan = apply(wanzhou, centres_act(), by="test")
    assert [(old, new) for _key, old, new in plan.rules] == [("sanitation-centre", AFFAIRS)]
    place = "500101001001001"
    found = {day: build(wanzhou, day).responsible(CATEGORY, place) for day in (BEFORE, AFTER)}
    assert {day: f.unit.code if f else "" for day, f in found.items()} == {BEFORE: "sanitation-centre", AFTER: AFFAIRS}
    rule.refresh_from_db()
    assert rule.unit.code == "sanitation-centre", "the rule stands as it was written"


def test_an_act_is_carried_out_once(wanzhou: int) -> None:
    Walk().dispatched("sanitation-centre")
    apply(wanzhou, centres_act(), by="test")
    events = Event.objects.filter(district_id=wanzhou).count()
    again = apply(wanzhou, centres_act(), by="test")
    assert again.done is not None
    assert Reform.objects.count() == 1
    assert Event.objects.filter(district_id=wanzhou).count() == events


def test_an_act_never_changes_under_its_number(wanzhou: int, write: Write) -> None:
    apply(wanzhou, write(MERGE), by="test")
    with pytest.raises(NotPossible, match="never changes"):
        apply(wanzhou, write(MERGE + "  source: other\n"), by="test")


def test_a_counter_act_brings_the_unit_back_with_what_it_had_open(wanzhou: int, write: Write) -> None:
    had, own = Walk().dispatched("sanitation-centre"), Walk().dispatched(AFFAIRS)
    apply(wanzhou, write(MERGE, "T-1", "2026-11-01"), by="test")
    counter = write("  counter_of: T-1\n", "T-2", "2026-11-20")
    preview = make_plan(wanzhou, counter)
    assert [(p.record_id, p.old, p.new) for p in preview.handed] == [(had.record_id, AFFAIRS, "sanitation-centre")]
    apply(wanzhou, counter, by="test")
    assert state_of(had).assignments[-1].unit == "sanitation-centre"
    assert state_of(own).assignments[-1].unit == AFFAIRS, "what was its own stays"
    standing = {
        day: build(wanzhou, day).units["sanitation-centre"].active
        for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 19), date(2026, 11, 20))
    }
    assert list(standing.values()) == [True, False, False, True]
    with pytest.raises(NotPossible, match="taken back by act T-2 already"):
        apply(wanzhou, write("  counter_of: T-1\n", "T-3", "2026-11-21"), by="test")


def test_an_act_ahead_of_its_day_waits_with_the_open_work(wanzhou: int, write: Write) -> None:
    walk = Walk().dispatched("sanitation-centre")
    plan = apply(wanzhou, write(MERGE, "T-9", "2099-01-01"), by="test")
    assert plan.problems == []
    assert state_of(walk).assignments[-1].unit == "sanitation-centre"
    assert settle(wanzhou) == []
    Succession.objects.update(valid_from=date(2026, 1, 1))
    assert [(h.old, h.new) for h in settle(wanzhou)] == [("sanitation-centre", AFFAIRS)]
    assert Reform.objects.get(number="T-9").moved == [
        [str(walk.record_id), state_of(walk).assignments[-1].no, "sanitation-centre", AFFAIRS]
    ]


def test_work_given_to_a_unit_that_had_just_ended_follows_at_the_next_look(wanzhou: int, write: Write) -> None:
    apply(wanzhou, write(MERGE), by="test")
    held = Succession.objects.get()
    Succession.objects.all().delete()
    refresh()
    late = Walk().dispatched("sanitation-centre")
    held.pk = None
    held.save()
    assert len(settle(wanzhou)) == 1
    assert state_of(late).assignments[-1].unit == AFFAIRS


def test_posts_and_their_people_go_where_the_work_went(wanzhou: int, write: Write) -> None:
    from gewu.registry.people import posts_today

    clerk = next(p for p in directory().posts_of_unit("landscaping-crew") if p.person)
    body = "  merge:\n    - {units: [landscaping-crew], into: sanitation-crew-north}\n"
    plan = apply(wanzhou, write(body), by="test")
    assert clerk.code in {post for post, _old, _new in plan.posts}
    refresh()
    assert directory().posts[clerk.code].unit == "sanitation-crew-north"
    from gewu.registry.models import Person

    acts = posts_today(Person.objects.get(pk=clerk.person))
    path = directory().units["sanitation-crew-north"].path
    assert [(a.unit_code, a.unit_path) for a in acts] == [("sanitation-crew-north", path)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("  merge:\n    - {units: [no-such-unit], into: municipal-affairs-centre}\n", "there is no unit no-such-unit"),
        ("  merge:\n    - {units: [sanitation-centre], into: no-such-unit}\n", "there is no unit no-such-unit"),
        ("  merge:\n    - {units: [sanitation-centre], into: sanitation-centre}\n", "does not stand on"),
        ("  merge:\n    - {units: [municipal-affairs-centre], into: sanitation-centre}\n", "goes on: say what becomes"),
        ("  merge:\n    - {units: [planning-resources-detachment], into: sanitation-centre}\n", "did not stand on"),
        (
            "  merge:\n    - {units: [sanitation-centre, sanitation-centre], into: municipal-affairs-centre}\n",
            "is merged twice",
        ),
        ("  items:\n    - {codes: [E001], from: sanitation-centre, to: fire-rescue-detachment}\n", "is held by"),
        (
            "  items:\n    - {codes: [X999], from: enforcement-detachment, to: traffic-police}\n",
            "there is no item X999",
        ),
        (
            "  items:\n    - {field: urban_management, count: 3, from: enforcement-detachment, to: traffic-police}\n",
            "3 items of field urban_management are said to move, but there are 49",
        ),
        ("  counter_of: T-0\n", "there is no act T-0"),
    ],
)
def test_what_cannot_be_is_refused_whole(wanzhou: int, write: Write, body: str, reason: str) -> None:
    with pytest.raises(NotPossible, match=reason):
        apply(wanzhou, write(body), by="test")
    assert not Reform.objects.exists()
    assert not Succession.objects.exists()


def test_a_unit_ends_once(wanzhou: int, write: Write) -> None:
    apply(wanzhou, write(MERGE, "T-1"), by="test")
    with pytest.raises(NotPossible, match="ends already by act T-1"):
        apply(wanzhou, write(MERGE, "T-2", "2026-11-10"), by="test")


def test_one_bad_step_leaves_the_good_ones_undone(wanzhou: int, write: Write) -> None:
    walk = Walk().dispatched("sanitation-centre")
    body = MERGE + "  items:\n    - {codes: [X999], from: enforcement-detachment, to: traffic-police}\n"
    with pytest.raises(NotPossible):
        apply(wanzhou, write(body), by="test")
    assert directory().units["sanitation-centre"].active
    assert state_of(walk).assignments[-1].unit == "sanitation-centre"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("reform:\n  number: 7\n  date: 2026-11-01\n  title: {en: A, zh: 甲}\n", "quote it"),
        ('reform:\n  number: "7"\n  date: "2026-13-01"\n  title: {en: A, zh: 甲}\n', "is not a date"),
        ('reform:\n  number: "7"\n  date: "2026-11-01"\n  title: {en: A, zh: 甲}\n', "merges units, moves items"),
        ('reform:\n  number: "7"\n  date: "2026-11-01"\n  titel: {en: A, zh: 甲}\n', "unknown field 'titel'"),
        (
            'reform:\n  number: "7"\n  date: "2026-11-01"\n  title: {en: A, zh: 甲}\n  counter_of: "7"\n',
            "cannot take itself back",
        ),
        ("reform: [\n", "not valid YAML"),
        ("", "is empty"),
    ],
)
def test_a_bad_file_is_refused_with_its_lines(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "act.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ActError) as caught:
        read_act(file)
    assert reason in str(caught.value)
    assert all(problem.line >= 1 for problem in caught.value.problems)


def test_an_act_may_be_a_sheet(wanzhou: int, tmp_path: Path) -> None:
    file = tmp_path / "act.csv"
    head = "number,date,title_zh,title_en,step,from,to,codes\n"
    rows = [f"S-1,2026-11-01,合并,Merged,merge,{code},{AFFAIRS},\n" for code in CENTRES[:2]]
    rows.append("S-1,2026-11-01,合并,Merged,items,enforcement-detachment,traffic-police,E001 E002\n")
    file.write_text(head + "".join(rows), encoding="utf-8")
    plan = apply(wanzhou, read_act(file), by="test")
    assert [s.code for s in plan.units] == list(CENTRES[:2])
    assert [(s.old, s.new, s.codes) for s in plan.items] == [
        ("enforcement-detachment", "traffic-police", ("E001", "E002"))
    ]


def test_teams_are_counted_from_their_rows_and_marked_as_an_inference() -> None:
    listed = teams(read_act(REFORMS / "2024-2-enforcement.yaml"))
    assert team_counts(listed) == (13, 7)
    assert listed["basis"] == "inference"
    assert "assumption" in listed["note"]
    assert f"{100 * (13 - 7) / 13:.2f}" == "46.15"
