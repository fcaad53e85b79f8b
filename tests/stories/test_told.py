"""The newspaper test: the printed figures are computed from individual synthetic records, and follow them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from gewu.core.records import Arg
from gewu.ledger.door import SYSTEM
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from gewu.occasions import services
from gewu.occasions.obligations import obligations
from gewu.occasions.queries import Filter, ResultFilter, list_occasions, list_results
from gewu.stories.files import BadStory, find_stories, read_story
from gewu.stories.lives import Cast
from stories.conftest import figures, story
from support.district import directory, district_id
from support.servers import PACKS, Session

STORIES = find_stories(PACKS[0].parent)
DAY = 86_400


def one(connection: psycopg.Connection, query: LiteralString, *values: object) -> int:
    row = connection.execute(query, values).fetchone()
    return int(row[0]) if row else 0


def test_2019_is_told_counted_and_moves_with_its_records(db: Session, owner_connection: psycopg.Connection) -> None:
    told = figures("wanzhou-2019")
    own = read_story(STORIES["wanzhou-2019"])
    assert {figure.id for figure in own.figures if figure.statistic} == set(told)
    assert all(figure.holds(told[figure.id]["computed"]) for figure in own.figures if figure.statistic)
    assert told["F015"] == {
        "id": "F015", "expected": 3750, "computed": 3750, "records": 3750, "period": "2019-06-19/2019-12-31",
    }  # fmt: skip
    assert told["F029"]["records"] > 24, "181 m of steps are some dozens of repairs"

    # Every record is marked, no message was sent, nothing is left for the ticker, and the ledger is sound.
    records = one(owner_connection, "SELECT count(*) FROM ledger_record")
    marked = "SELECT count(*) FROM ledger_event WHERE seq = 1 AND actor LIKE 'story:wanzhou-2019:%%'"
    assert one(owner_connection, marked) == records > 800
    strangers = "SELECT count(*) FROM ledger_event WHERE actor NOT LIKE 'story:%%' AND actor <> 'system'"
    assert one(owner_connection, strangers) == 0
    assert one(owner_connection, "SELECT count(*) FROM ledger_outgoing") == 0
    assert one(owner_connection, "SELECT count(*) FROM ledger_record WHERE NOT ended") == 0
    assert one(owner_connection, "SELECT count(*) FROM ledger_clock WHERE status = 'running'") == 0
    assert verify_all(district_id()).ok

    # The number opens its records: the pages of the list have as many lines.
    wanted = ResultFilter(type="joint_duty", item="road_occupying_business")
    lines, after = 0, None
    while True:
        page = list_results(district_id(), SYSTEM, wanted, after=after, limit=1000)
        lines += len(page.rows)
        if (after := page.after) is None:
            break
    assert lines == 3750

    # A second run writes nothing.
    again = story("wanzhou-2019")
    assert again.exit_code == 0, again.output
    assert "is there already; nothing was written" in again.output
    assert "F039" in again.output.partition("Not counted here")[2]
    assert one(owner_connection, "SELECT count(*) FROM ledger_record") == records

    # Rows that are deleted are missed by the figures, and a run does not bring them back.
    gone = owner_connection.execute(
        "DELETE FROM occasions_result WHERE (record_id, seq) IN (SELECT record_id, seq FROM occasions_result"
        " WHERE item = 'steps' ORDER BY record_id, seq LIMIT 3) RETURNING quantity"
    ).fetchall()
    owner_connection.execute(
        "DELETE FROM occasions_outcome WHERE (record_id, seq) IN (SELECT x.record_id, x.seq FROM occasions_outcome x"
        " JOIN occasions_occasion o USING (district_id, record_id) WHERE o.led_by = 'leader'"
        " AND x.outcome = 'answered' LIMIT 5)"
    )
    owner_connection.execute(
        "DELETE FROM assessments_entry WHERE (record_id, seq) IN"
        " (SELECT record_id, seq FROM assessments_entry WHERE what = 'nominate' LIMIT 2)"
    )
    moved = figures("wanzhou-2019", code=1)
    assert moved["F029"]["computed"] == 181 - sum(quantity for (quantity,) in gone)
    assert moved["F029"]["records"] == told["F029"]["records"] - 3
    assert moved["F055"]["computed"] == 241 - 5
    assert moved["F005"]["computed"] == 66 - 2
    assert moved["F015"] == told["F015"]
    assert figures("wanzhou-2019", "--figures", code=1) == moved


def test_a_line_that_is_struck_is_missed_by_its_quantity(db: Session) -> None:
    """An operation of the same months beside those of the story: its lines count, until one is struck."""
    cast = Cast(directory(), read_story(STORIES["wanzhou-2019"]))
    bureau = cast.acting("unit_clerk", "urban-management-bureau")
    start = int(datetime(2019, 11, 4, 1, tzinfo=UTC).timestamp())
    args: dict[str, Arg] = {
        "unit": "urban-management-bureau", "place": "500101017", "starts_at": start, "ends_at": start + DAY,
    }  # fmt: skip
    texts = {"purpose": "示例", "basis": "示例"}
    at = (start - DAY) * 1_000_000
    record = services.schedule(district_id(), bureau, "joint_duty", services.Filled(args, texts), at_us=at)

    def move(name: str, args: dict[str, Arg] | None = None, texts: dict[str, str] | None = None) -> int:
        page = list_occasions(district_id(), SYSTEM, Filter("joint_duty"))
        done = services.act(
            district_id(), bureau, record.outcome.record_id, name, args=args, texts=texts or {},
            version=page.rows[0].version, at_us=start * 1_000_000,
        )  # fmt: skip
        return done.seq

    move("invite", {"unit": "urban-management-bureau", "standing": "core", "from_on": "2019-11-04"})
    move("accept")
    move("attend", {"level": "agency", "unit": "urban-management-bureau", "heads": 7})
    move("muster")
    move("begin_duty")
    for quantity in (5, 8):
        move("record_result", {"unit": "urban-management-bureau", "item": "steps", "quantity": quantity})
    before = figures("wanzhou-2019", "--figures", code=1)["F029"]
    assert (before["computed"], before["records"]) == (13, 2)
    move("strike_result", {"line": 1}, {"reason": "重复登记"})
    after = figures("wanzhou-2019", "--figures", code=1)["F029"]
    assert (after["computed"], after["records"]) == (8, 1)


def test_2020_and_2024_stand_beside_2019_and_build_on_it(fresh_db: Session) -> None:
    """All three in one home; the points are counted from the first round on, whoever told it."""
    told = figures("wanzhou-2020")
    own = read_story(STORIES["wanzhou-2020"])
    assert all(figure.holds(told[figure.id]["computed"]) for figure in own.figures if figure.statistic)
    assert [told[name]["computed"] for name in ("F088", "F089", "F090", "F091")] == [505, 200, 110, 11]
    # Years of which nothing is written down are not owed; the gap between a story and today is no neglect.
    owed = obligations(district_id(), "building_workday", ("2020-05", "2023-05"), datetime.now(UTC))
    assert {(one.period, one.status) for one in owed} == {("2020-05", "held"), ("2023-05", "not_owed")}
    reform = figures("wanzhou-2024")
    assert {name: reform[name]["computed"] for name in ("F095", "F096", "F097", "F098", "F099")} == {
        "F095": 295, "F096": 21, "F097": 255, "F098": 19, "F099": 46.15,
    }  # fmt: skip
    assert "nothing was written" in story("wanzhou-2020").output
    assert verify_all(district_id()).ok
    assert rebuild_all(district_id()).ok


def test_leaving_out_a_share_moves_the_figures_by_about_that_share(db: Session) -> None:
    share = 0.1
    found = figures("wanzhou-2019", "--leave-out", str(share), "--seed", "7", code=1)
    for name in ("F015", "F016", "F017", "F022", "F023", "F056"):
        expected = found[name]["expected"]
        assert 1 - 2 * share < found[name]["computed"] / expected < 1, name
    lost = found["F015"]["expected"] - found["F015"]["computed"]
    deviation = (3750 * share * (1 - share)) ** 0.5
    assert abs(lost - 3750 * share) < 5 * deviation
    assert found["F054"]["computed"] < 81
    assert found["F005"]["computed"] < 66


def test_there_is_no_such_story(db: Session) -> None:
    result = story("wanzhou-2099")
    assert result.exit_code == 2
    assert "there are wanzhou-2019, wanzhou-2020, wanzhou-2024" in result.output


@pytest.mark.parametrize("name", STORIES)
def test_the_page_of_documentation_says_of_every_figure_how_it_is_computed_or_why_not(name: str) -> None:
    page = (PACKS[0].parent.parent / "docs" / "stories.md").read_text(encoding="utf-8")
    section = page.partition(f"### {name}: ")[2].partition("\n### ")[0]
    own = read_story(STORIES[name])
    assert own.source in section
    rows = {row.split("|")[1].strip(): row for row in section.splitlines() if row.startswith("| F")}
    assert list(rows) == [
        figure.id for counted in (True, False) for figure in own.figures if bool(figure.statistic) == counted
    ]
    for figure in own.figures:
        told = rows[figure.id]
        assert figure.name.en in told
        assert f"{figure.expected:g} {figure.unit}" in told
        assert (f"| {figure.statistic}" if figure.not_counted is None else figure.not_counted.en) in told
        assert figure.not_counted is not None or f"{figure.period[0]} to {figure.period[1]}" in told


def test_every_printed_figure_of_wanzhou_stands_in_one_story() -> None:
    told = [figure.id for path in STORIES.values() for figure in read_story(path).figures]
    printed = [*range(1, 57), *range(70, 106)]
    assert sorted(told) == [f"F{number:03}" for number in printed]
    counted = sum(bool(figure.statistic) for path in STORIES.values() for figure in read_story(path).figures)
    page = (PACKS[0].parent.parent / "docs" / "stories.md").read_text(encoding="utf-8")
    assert f"Of the {len(told)} figures that the three articles print of Wanzhou {counted} are computed" in page


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("statistic: rounds a quarter", "statistic: rounds a week", "no statistic 'rounds a week'"),
        ("at: last+1d", "at: tomorrow", "is no moment"),
        ("each_month: 1", "each_month: 0", "how many there are"),
        ("expected: 66", "expected: 66, colour: red", "unknown field"),
    ],
)
def test_a_faulty_story_is_refused_by_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    text = STORIES["wanzhou-2019"].read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "faulty.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadStory) as caught:
        read_story(file)
    line = text[: text.index(old)].count("\n") + 1
    assert any(reason in problem.reason and abs(problem.line - line) < 12 for problem in caught.value.problems)
