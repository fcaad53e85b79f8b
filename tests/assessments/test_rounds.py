"""A round of the double showcase: its steps, who may not, what the clocks do, what is kept and what is told."""

from __future__ import annotations

import psycopg
import pytest

from gewu.assessments import ballots, counting, services
from gewu.assessments.queries.rounds import get_round, history, list_rounds, published, turnout
from gewu.assessments.services import Filled
from gewu.ledger import ticker
from gewu.ledger.errors import CommandReused, NotFound, Refused
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from support.district import acting, district_id, photo
from support.showcase import DAY, DEPARTMENTS, Showcase, clerk, office, place_of, streets


def refused(error: pytest.ExceptionInfo[Refused]) -> object:
    refusal = error.value.refusal
    return refusal.fields or refusal.detail.get("why", {}).get("en") or refusal.code


def test_a_round_from_the_announcement_to_the_publication(showcase: Showcase) -> None:
    showcase.announced()
    bureau = clerk(showcase.departments[0])
    args = {
        "item": "advert_clearing",
        "quantity": 12,
        "measure": "place",
        "street": showcase.streets[0],
        "day": showcase.day(0),
    }
    showcase.move(bureau, "record_service", args=args, texts={"note": "双亮点位周边广告清理"})
    showcase.nominated().toured().opened().all_vote().counted().published()
    view = get_round(district_id(), clerk(showcase.streets[0]), showcase.record_id)
    assert view.row.stage == "published"
    assert (view.row.entries, view.row.ballots, view.row.ratings) == (10, 16, 5)
    result = view.row.result
    assert result is not None
    assert (result["method"], result["quorum"]) == ("borda-1", 50)
    first = result["tracks"]["service"]["places"][0]
    assert (first["entry"], first["rank"]) == (showcase.of_track("service")[0], 1)
    # Its own street is recused: of 8 units 7 could rank it, and all put it first.
    assert (first["n"], first["score"], first["exact"]) == (7, 10000, "1/1")
    assert [d["unit"] for d in result["departments"]["places"]] == list(showcase.departments)
    assert [d["score"] for d in result["departments"]["places"]] == [450, 400, 350]
    service = view.services[0]
    assert (service.unit, service.quantity, service.measure, service.note) == (
        showcase.departments[0], 12, "place", "双亮点位周边广告清理",
    )  # fmt: skip
    assert all(not a.live for a in view.state.assignments)
    assert counting.recompute(district_id(), showcase.record_id).same
    assert rebuild_all(district_id()).ok
    assert verify_all(district_id()).ok


def test_one_round_a_quarter_unless_the_other_was_called_off(showcase: Showcase) -> None:
    showcase.announced()
    with pytest.raises(Refused) as error:
        Showcase().announced()
    assert refused(error) == {"period": "period_taken"}
    showcase.move(office(), "void", texts={"reason": "方案调整"})
    again = Showcase().announced()
    assert [r.stage for r in list_rounds(district_id(), office()).rows] == ["nominating", "voided"]
    assert again.record_id != showcase.record_id
    assert rebuild_all(district_id()).ok


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"period": "2026Q5"}, {"period": "period"}),
        ({"period": "第四季度"}, {"period": "period"}),
        ({"quorum": 0}, {"quorum": "too_small"}),
        ({"quorum": 101}, {"quorum": "too_large"}),
        ({"streets": ()}, {"streets": "required"}),
        ({"streets": ("nobody",)}, {"streets": "not_found"}),
        ({"streets": ("urban-upgrade-leading-group",)}, {"streets": "no_account"}),
        ({"departments": ("office-taibai",), "streets": ("office-taibai",)}, {"departments": "on_both_sides"}),
    ],
)
def test_an_announcement_with_a_mistake(showcase: Showcase, change: dict[str, object], faults: dict[str, str]) -> None:
    with pytest.raises(Refused) as error:
        showcase.announced(**change)
    assert refused(error) == faults


def test_days_come_one_after_the_other(showcase: Showcase) -> None:
    with pytest.raises(Refused) as error:
        showcase.announced(build_by=showcase.day(5))
    assert refused(error) == {"build_by": "before_step"}


def test_only_the_office_announces_and_only_who_takes_part_sees_it(showcase: Showcase) -> None:
    with pytest.raises(Refused):
        services.announce(district_id(), clerk(streets()[0]), Filled(showcase.plan()))
    showcase.announced()
    outside = clerk(streets(11)[10])
    assert list_rounds(district_id(), outside).rows == []
    with pytest.raises(NotFound):
        get_round(district_id(), outside, showcase.record_id)
    assert len(list_rounds(district_id(), clerk(showcase.departments[2])).rows) == 1


def test_a_point_lies_in_ones_own_street_and_is_ones_own(showcase: Showcase) -> None:
    mine, other = showcase.announced().streets[:2]
    with pytest.raises(Refused) as error:
        showcase.nominate(mine, "service", place=place_of(other))
    assert refused(error) == {"place": "not_yours"}
    with pytest.raises(Refused) as error:
        showcase.move(
            clerk(mine), "nominate", args={"track": "service", "place": place_of(mine)}, texts={"title": "点位"}
        )
    assert refused(error) == "needs_photos"
    number = showcase.nominate(mine, "service")
    who = clerk(other)
    for name in ("report_built", "withdraw_entry"):
        with pytest.raises(Refused) as error:
            showcase.move(who, name, args={"entry": number}, texts={"reason": "无"} if name != "report_built" else {},
                          photos=[photo(who, "after")])  # fmt: skip
        assert refused(error) == {"entry": "not_yours"}
    with pytest.raises(Refused) as error:
        showcase.move(clerk(mine), "report_built", args={"entry": 999}, photos=[photo(clerk(mine), "after")])
    assert refused(error) == {"entry": "not_found"}
    with pytest.raises(Refused):  # a department nominates nothing
        showcase.nominate(showcase.departments[0], "service", place=place_of(mine))


def test_only_what_is_built_and_not_withdrawn_is_voted_on(showcase: Showcase) -> None:
    showcase.announced()
    built = [showcase.nominate(unit, "service") for unit in showcase.streets[:3]]
    unbuilt = showcase.nominate(showcase.streets[3], "service")
    for number in built:
        showcase.built(number)
    showcase.move(clerk(showcase.streets[0]), "withdraw_entry", args={"entry": built[0]}, texts={"reason": "工期延误"})
    showcase.toured().opened()
    found = ballots.ground(district_id(), showcase.record_id)
    assert [p.no for p in found.points] == built[1:]
    for number in (unbuilt, built[0]):
        with pytest.raises(Refused) as error:
            showcase.cast(showcase.departments[0], "service", {number: 1})
        assert refused(error) == {f"place_{number}": "not_found"}


def test_voting_opens_after_the_tour_and_with_something_to_choose_from(showcase: Showcase) -> None:
    showcase.announced()
    with pytest.raises(Refused) as error:
        showcase.move(office(), "open_building")
    assert refused(error) == "no street has nominated a point"
    showcase.built(showcase.nominate(showcase.streets[0], "service"))
    showcase.move(office(), "open_building").move(office(), "open_tour", args={"tour_on": showcase.day(3)})
    with pytest.raises(Refused) as error:
        showcase.opened()
    assert refused(error) == "fewer than two points are built"


# ---- clocks and reminders


def _told(connection: psycopg.Connection, showcase: Showcase, message: str) -> list[str]:
    rows = connection.execute(
        "SELECT destination FROM ledger_outgoing WHERE record_id = %s AND payload->>'message' = %s ORDER BY 1",
        [showcase.record_id, message],
    ).fetchall()
    return [row[0] for row in rows]


def test_the_office_reminds_those_whose_part_is_missing(showcase: Showcase, app_connection: psycopg.Connection) -> None:
    showcase.announced()
    for unit in showcase.streets[:3]:
        showcase.nominate(unit, "scenery")
    showcase.move(office(), "remind")
    assert len(_told(app_connection, showcase, "reminded")) == 2
    assert all(any(u in d for u in showcase.streets[3:]) for d in _told(app_connection, showcase, "reminded"))
    assert services.missing_units(district_id(), showcase.record_id, "nominating") == list(showcase.streets[3:])


def test_clocks_remind_and_close_the_voting_by_themselves(
    showcase: Showcase, app_connection: psycopg.Connection
) -> None:
    showcase.announced()
    ticker.tick(district_id(), showcase.at_us + 9 * DAY)
    assert len(_told(app_connection, showcase, "nominate")) == len(showcase.streets)
    ticker.tick(district_id(), showcase.at_us + 12 * DAY)
    assert "role:comprehensive_office" in _told(app_connection, showcase, "due")
    # Whatever happens, a round that nobody works on goes on telling the office.
    before = len(_told(app_connection, showcase, "overdue"))
    ticker.tick(district_id(), showcase.at_us + 30 * DAY)
    assert len(_told(app_connection, showcase, "overdue")) > before


def test_when_time_is_up_nobody_votes_and_the_office_counts(showcase: Showcase) -> None:
    showcase.voting().all_vote()
    ticker.tick(district_id(), showcase.at_us + 7 * DAY)
    with pytest.raises(Refused) as error:
        showcase.cast(showcase.departments[0], "service", {showcase.of_track("service")[0]: 1})
    assert refused(error) == "wrong_stage"
    version = services.stands(district_id(), office(), showcase.record_id).version
    showcase.move(office(), "count", version=version)
    assert get_round(district_id(), office(), showcase.record_id).row.ballots == 16
    assert rebuild_all(district_id()).ok


# ---- after the count


def test_an_objection_is_decided_before_anything_is_published(showcase: Showcase) -> None:
    showcase.voting().all_vote().counted()
    unit = showcase.streets[1]
    showcase.move(
        clerk(unit), "object", args={"entry": showcase.of_track("service")[0]}, texts={"reason": "该点位不在本街道"}
    )
    ticker.tick(district_id(), showcase.at_us + 9 * DAY)
    late = showcase.at_us + 9 * DAY
    version = services.stands(district_id(), office(), showcase.record_id).version
    with pytest.raises(Refused) as error:
        showcase.move(office(), "publish", version=version, at_us=late)
    assert refused(error) == "an objection is not decided yet"
    with pytest.raises(Refused) as error:
        showcase.move(office(), "recount", version=version, at_us=late, texts={"reason": "重计"})
    assert refused(error) == "no objection was upheld"
    showcase.move(
        office(), "decide_objection", version=version, at_us=late, args={"outcome": "upheld"}, texts={"reason": "属实"}
    )
    gone = showcase.of_track("service")[0]
    showcase.move(office(), "recount", at_us=late, args={"leave_out": gone}, texts={"reason": "剔除后重计"})
    view = get_round(district_id(), office(), showcase.record_id)
    assert view.row.stage == "counted"
    assert view.row.result is not None
    places = view.row.result["tracks"]["service"]["places"]
    assert gone not in [p["entry"] for p in places]
    assert (places[0]["rank"], places[0]["entry"]) == (1, showcase.of_track("service")[1])
    assert counting.recompute(district_id(), showcase.record_id).same
    assert rebuild_all(district_id()).ok


def test_below_the_quorum_there_is_no_result(showcase: Showcase) -> None:
    showcase.voting()
    service, scenery = showcase.of_track("service"), showcase.of_track("scenery")
    for unit in (*showcase.departments, showcase.streets[0]):  # 4 of 8 is half, but fewer than five ballots
        showcase.cast(unit, "service", {service[-1]: 1})
    showcase.cast(showcase.departments[0], "scenery", {scenery[0]: 1})
    showcase.rate(showcase.streets[0], {showcase.departments[0]: (5, 5)})
    row = get_round(district_id(), office(), showcase.counted().record_id).row
    assert row.result is not None
    tracks = row.result["tracks"]
    assert (tracks["service"]["quorum_met"], tracks["service"]["told"]) == (True, False)
    assert (tracks["scenery"]["quorum_met"], tracks["scenery"]["units"]) == (False, 1)
    assert all(p["rank"] is None and p["score"] is None for t in tracks.values() for p in t["places"])
    assert all(d["rank"] is None and d["means"] == [None, None] for d in row.result["departments"]["places"])
    rated = next(d for d in row.result["departments"]["places"] if d["unit"] == showcase.departments[0])
    assert (rated["answered"], rated["unanswered"]) == ([1, 1], [4, 4])


def test_firsts_in_a_row_are_counted_from_the_rounds(db: object) -> None:
    for number, (period, first) in enumerate([("2026Q2", 0), ("2026Q3", 0), ("2026Q4", 1)]):
        one = Showcase(period=period).voting()
        for unit in one.streets:
            one.rate(unit, {d: ((5, 5) if i == first else (3, 3)) for i, d in enumerate(one.departments)})
        one.counted().published()
        found = history(published(district_id()))
        assert len(found[one.departments[0]]) == number + 1
    assert [(s.period, s.rank, s.firsts) for s in found[DEPARTMENTS[0]]] == [
        ("2026Q2", 1, 1), ("2026Q3", 1, 2), ("2026Q4", 2, 0),
    ]  # fmt: skip
    assert [s.firsts for s in found[DEPARTMENTS[1]]] == [0, 0, 1]


# ---- codes


def test_codes_are_shown_once_and_stored_as_hashes(showcase: Showcase, owner_connection: psycopg.Connection) -> None:
    showcase.announced().nominated().toured()
    command = "01912345-0000-7000-8000-000000000001"
    codes = services.issue_codes(district_id(), office(), showcase.record_id, 30, command_id=command)
    assert len(set(codes)) == 30
    with pytest.raises(CommandReused):
        services.issue_codes(district_id(), office(), showcase.record_id, 30, command_id=command)
    with pytest.raises(Refused):
        services.issue_codes(district_id(), clerk(showcase.streets[0]), showcase.record_id, 5)
    with pytest.raises(Refused):
        services.issue_codes(district_id(), office(), showcase.record_id, 1001)
    showcase.outcomes[-1] = showcase.outcomes[-1].__class__(showcase.record_id, showcase.version + 1, "", 0, None)
    showcase.opened()
    stored = owner_connection.execute("SELECT count(*) FROM assessments_code").fetchone()
    assert stored == (30,)
    for table in ("assessments_code", "ledger_event", "ledger_record", "ledger_outgoing"):
        dump = owner_connection.execute(f"SELECT string_agg(t::text, '') FROM {table} t").fetchone()
        assert dump is not None
        assert not any(code.replace("-", "") in dump[0].replace("-", "") for code in codes)
    record_id, voter = ballots.delegate(district_id(), codes[0].lower().replace("-", " "))
    assert record_id == showcase.record_id
    number = showcase.of_track("scenery")[2]
    ballots.cast(district_id(), record_id, voter, "scenery", {number: 1})
    for wrong in ("", "ABCD", "2222-2222-2222", codes[0][:-1], codes[0] + "A"):
        with pytest.raises(NotFound):
            ballots.delegate(district_id(), wrong)
    assert turnout(district_id(), showcase.record_id).delegates == {"scenery": 1}
    assert acting("assessor") is not None
    assert rebuild_all(district_id()).ok
