"""Instructions, letters and handovers: what is recorded, what the clocks do, who may not."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from gewu.ledger import attachments, ticker
from gewu.ledger.attachments import BadAttachment
from gewu.ledger.erasure import erase
from gewu.ledger.errors import NotFound, Refused
from gewu.ledger.rebuild import rebuild_all
from gewu.office import services
from gewu.office.kinds import NotForPost
from gewu.office.queries import (
    Filter,
    find_entry,
    get_entry,
    get_handover,
    get_instruction,
    get_letter,
    list_entries,
    open_matters,
)
from gewu.office.services import Filled
from office.conftest import DAY, HOUR, PDF, Trail, body, scan, unit
from support.district import START_US, Walk, acting, district_id, photo

MINUTE = 60_000_000


# ---- instructions


def test_an_instruction_and_what_became_of_it(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.instruction().later(HOUR).move(office, "arrange", texts={"how": "城管局牵头，街道配合"})
    trail.later(DAY).move(
        office, "report_back", args={"reported_on": "2026-11-20"}, texts={"report": "已清理三处"}, photos=[scan(office)]
    )
    trail.later(HOUR).move(
        office,
        "further_words",
        args={"said_on": "2026-11-20", "due_on": "2026-12-20"},
        texts={"words": "建立长效机制后再报"},
    )
    assert trail.stage == "in_hand"
    trail.later(DAY).move(office, "report_back", args={"reported_on": "2026-11-21"}, texts={"report": "已建立"})
    trail.later(DAY).move(office, "finish", texts={"closing_words": "同意办结"})
    view = get_instruction(district_id(), office, trail.record_id)
    assert (view.entry.row.own_number, view.entry.row.own_day) == ("万府批〔2026〕88号", date(2026, 11, 18))
    assert view.leader == "区政府分管领导"
    assert [w.text for w in view.arranged] == ["城管局牵头，街道配合"]
    assert [(w.text, w.day) for w in view.reports] == [
        ("已清理三处", date(2026, 11, 20)),
        ("已建立", date(2026, 11, 21)),
    ]
    assert [w.text for w in view.further] == ["建立长效机制后再报"]
    assert view.finished is not None
    assert view.finished.text == "同意办结"
    assert [p.mime for p in view.entry.photos] == ["application/pdf", "application/pdf"]
    assert rebuild_all(district_id()).ok


def test_an_instruction_comes_with_its_scan_and_a_day_that_has_been(db: object) -> None:
    office = acting("comprehensive_office")
    args = {"own_number": "1", "own_day": "2026-11-18", "variant": "phone", "due_on": "2026-12-01"}
    texts = {"leader": "分管领导", "words": "请速办"}
    with pytest.raises(Refused) as refused:
        services.record_instruction(district_id(), office, Filled(args, texts), at_us=START_US)
    assert refused.value.refusal.code == "needs_photos"
    late = Filled({**args, "own_day": "2026-11-20"}, texts, (scan(office),))
    with pytest.raises(Refused) as refused:
        services.record_instruction(district_id(), office, late, at_us=START_US)
    assert refused.value.refusal.fields == {"own_day": "too_far"}


def test_an_order_from_an_instruction_ties_both(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.instruction()
    order = Trail(at_us=trail.at_us + HOUR).order(instruction=str(trail.record_id))
    view = get_instruction(district_id(), office, trail.record_id)
    assert view.entry.row.stage == "in_hand"
    assert [link.number for link in view.orders] == [order.number]
    assert [link.number for link in get_entry(district_id(), office, order.record_id).links] == [trail.number]
    assert rebuild_all(district_id()).ok


def test_an_instruction_that_nobody_arranges_is_told_of(trail: Trail, app_connection: psycopg.Connection) -> None:
    trail.instruction()
    assert ticker.tick(district_id(), START_US + DAY + HOUR) >= 1
    told = app_connection.execute(
        "SELECT payload->>'clock', payload->>'message' FROM ledger_outgoing WHERE record_id = %s AND topic = 'notice'"
        " AND destination = 'role:comprehensive_office'",
        [trail.record_id],
    ).fetchall()
    assert ("arrange:1", "due") in told


# ---- letters


def test_a_letter_is_sent_and_its_reply_recorded_by_hand(trail: Trail) -> None:
    who = acting("dispatcher")
    walk = Walk().intake()
    trail.letter(case=str(walk.record_id)).later(HOUR)
    trail.move(who, "revise", texts={"subject": "关于移走报刊亭的函", "words": "请于三日内移走。"})
    trail.move(who, "send", args={"sent_on": "2026-11-19", "due_on": "2026-11-27", "variant": "courier"})
    trail.later(DAY).move(who, "remind", texts={"note": "电话联系其办公室"}, version=None)
    given = {"own_day": "2026-11-25", "own_number": "邮函〔2026〕7号"}
    trail.later(5 * DAY).move(who, "record_reply", args=given, texts={"reply": "已移走"}, photos=[scan(who)])
    trail.move(who, "close", texts={"note": "现场属实"})
    view = get_letter(district_id(), who, trail.record_id)
    assert (view.body, view.subject, view.words) == (body(), "关于移走报刊亭的函", "请于三日内移走。")
    assert view.reply is not None
    assert (view.reply.text, view.reply.day) == ("已移走", date(2026, 11, 25))
    assert view.entry.row.own_number == "邮函〔2026〕7号"
    assert view.entry.row.sent_on == date(2026, 11, 19)
    assert [c.number for c in view.entry.cases] == [walk.number]
    assert view.entry.row.ended
    assert view.entry.row.reminders == 1
    assert rebuild_all(district_id()).ok


def test_a_letter_without_a_reply_is_told_of(trail: Trail, app_connection: psycopg.Connection) -> None:
    trail.sent()
    for day in range(1, 16):
        ticker.tick(district_id(), START_US + day * DAY)
    told = app_connection.execute(
        "SELECT destination, payload->>'message' FROM ledger_outgoing WHERE record_id = %s ORDER BY seq, id",
        [trail.record_id],
    ).fetchall()
    assert told[0] == ("role:dispatcher", "warn")
    assert ("role:dispatcher", "due") in told
    assert told.count(("role:dispatcher", "due")) == 1
    assert told[-1] == ("role:comprehensive_office", "overdue")


def test_a_unit_with_accounts_gets_no_letter(db: object) -> None:
    with pytest.raises(Refused) as refused:
        Trail().letter(to=unit())
    assert refused.value.refusal.fields == {"unit": "has_account"}


def test_somebody_of_an_area_sees_the_letters_they_wrote(db: object) -> None:
    own = acting("dispatcher", unit="etdz-city-management")
    made = services.draft_letter(
        district_id(), own, Filled({"unit": body()}, {"subject": "函", "words": "内容"}), at_us=START_US
    )
    assert get_letter(district_id(), own, made.outcome.record_id).subject == "函"
    assert [r.number for r in list_entries(district_id(), acting("dispatcher"), Filter("letter")).rows] == [made.number]


# ---- handovers


def test_a_handover_freezes_what_is_open(trail: Trail) -> None:
    walks = [Walk().intake(), Walk().filed()]
    order = Trail().order()
    trail.later(HOUR)
    before = open_matters(district_id(), acting("shift_leader"), trail.at_us // 1_000_000)
    trail.handover()
    walks[0].later(90).move(acting("intake_officer"), "send_verify")
    out, incoming = acting("shift_leader"), acting("shift_leader", number=1)
    trail.later(10 * MINUTE).move(out, "hand_over", texts={"remark": "无异常"})
    trail.later(5 * MINUTE).move(incoming, "take_over", args={"read": True}, texts={"remark": "已核对"})
    view = get_handover(district_id(), incoming, trail.record_id)
    assert view.matters == before
    assert view.matters.stages["registered"] == (1, 1, 0)  # its arranging was due a quarter of an hour after intake
    assert {m.number for m in view.matters.cases} == {w.number for w in walks}
    assert [m.number for m in view.matters.registers] == [order.number]
    assert (view.entry.row.matters, view.entry.row.late) == (2, before.late)
    assert view.outgoing is not None
    assert view.incoming is not None
    assert view.outgoing.by != view.incoming.by
    assert (view.outgoing.remark, view.incoming.remark) == ("无异常", "已核对")
    assert rebuild_all(district_id()).ok


def test_two_persons_sign_a_handover(trail: Trail) -> None:
    out, incoming = acting("shift_leader"), acting("shift_leader", number=1)
    trail.handover()
    with pytest.raises(Refused):
        trail.move(incoming, "hand_over")
    trail.move(out, "hand_over")
    with pytest.raises(Refused) as refused:
        trail.move(out, "take_over", args={"read": True})
    assert "Somebody else" in refused.value.refusal.detail["why"]["en"]
    with pytest.raises(Refused) as refused:
        trail.move(incoming, "take_over")
    assert refused.value.refusal.fields == {"read": "required"}
    trail.move(incoming, "refuse", texts={"reason": "未列明雨水井盖缺失一事"})
    trail.later(5 * MINUTE).move(out, "relist").move(out, "hand_over", texts={"remark": "已补充"})
    trail.move(incoming, "take_over", args={"read": True})
    view = get_handover(district_id(), out, trail.record_id)
    assert view.matters.at == trail.at_us // 1_000_000
    assert view.entry.row.returns == 1


def test_nobody_changes_a_handover_that_was_taken_over(trail: Trail) -> None:
    out, incoming = acting("shift_leader"), acting("shift_leader", number=1)
    trail.handover().move(out, "hand_over").move(incoming, "take_over", args={"read": True})
    for name in ("relist", "hand_over", "take_over", "refuse", "void", "add_note"):
        with pytest.raises(Refused) as refused:
            trail.move(out, name, texts={"reason": "更正", "note": "更正"}, version=trail.outcomes[-1].seq)
        assert refused.value.refusal.code == "wrong_stage", name


def test_a_handover_that_nobody_signs_is_told_of(trail: Trail, app_connection: psycopg.Connection) -> None:
    trail.handover()
    ticker.tick(district_id(), START_US + 2 * HOUR)
    ticker.tick(district_id(), START_US + 3 * HOUR)
    told = app_connection.execute(
        "SELECT destination FROM ledger_outgoing WHERE record_id = %s ORDER BY seq, id", [trail.record_id]
    ).fetchall()
    assert ("role:comprehensive_office",) in told


# ---- common


def test_numbers_are_searched_by_a_part(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.instruction()
    assert find_entry(district_id(), trail.number) == trail.record_id
    for part in ("府批〔2026〕88", "批〔2026〕1号"):
        found = list_entries(district_id(), office, Filter("instruction", number=part))
        assert [r.record_id for r in found.rows] == [trail.record_id]
    assert list_entries(district_id(), office, Filter("instruction", number="%")).rows == []


def test_pages_follow_one_another(db: object) -> None:
    made = [Trail(at_us=START_US + n).order().number for n in range(5)]
    office, got, after = acting("comprehensive_office"), [], None
    while True:
        page = list_entries(district_id(), office, Filter("follow_up_order"), after=after, limit=2)
        got += [row.number for row in page.rows]
        after = page.after
        if after is None:
            break
    assert got == made[::-1]


def test_a_case_is_no_entry(db: object) -> None:
    walk = Walk().intake()
    with pytest.raises(NotFound):
        get_entry(district_id(), acting("comprehensive_office"), walk.record_id)
    with pytest.raises(NotFound):
        services.act(district_id(), acting("shift_leader"), walk.record_id, "add_note", texts={"note": "x"})


def test_scans_are_sniffed(db: object) -> None:
    who = acting("comprehensive_office")
    with pytest.raises(BadAttachment) as cut:
        attachments.stage(district_id(), PDF[:-8], who.actor.person, documents=True)
    assert cut.value.code == "damaged"
    with pytest.raises(BadAttachment) as other:
        attachments.stage(district_id(), b"MZ\x90\x00" * 20, who.actor.person, documents=True)
    assert other.value.code == "not_a_scan"
    with pytest.raises(BadAttachment) as plain:
        attachments.stage(district_id(), PDF, who.actor.person)
    assert plain.value.code == "not_a_photo"
    assert attachments.stage(district_id(), PDF, who.actor.person, documents=True).mime == "application/pdf"
    assert photo(who).id


def test_a_register_is_for_those_who_work_with_it(trail: Trail) -> None:
    trail.instruction()
    clerk, assessor = acting("unit_clerk", unit=unit()), acting("assessor")
    assert get_entry(district_id(), assessor, trail.record_id).row.number == trail.number
    for stranger in (acting("intake_officer"), acting("dispatcher")):
        with pytest.raises(NotForPost):
            get_entry(district_id(), stranger, trail.record_id)
        assert list_entries(district_id(), stranger, Filter("instruction")).rows == []
    with pytest.raises(NotFound):
        get_entry(district_id(), clerk, trail.record_id)


def test_erasing_an_entry_leaves_what_happened_when(trail: Trail) -> None:
    office = acting("comprehensive_office")
    trail.instruction().move(office, "arrange", texts={"how": "由城管局办理"})
    erase(district_id(), trail.record_id, office)
    view = get_instruction(district_id(), office, trail.record_id)
    assert view.entry.erased
    assert (view.leader, view.words, [w.text for w in view.arranged]) == ("", "", [""])
    assert view.entry.row.own_number == "万府批〔2026〕88号"
    row = list_entries(district_id(), office, Filter("instruction")).rows[0]
    assert (row.excerpt, row.erased) == ("", True)
    report = rebuild_all(district_id())
    assert report.ok, report.differences
