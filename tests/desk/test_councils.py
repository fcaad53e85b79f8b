"""Councils and the five strands at the desk: voting beside each matter, minutes, figures that open their records."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from zipfile import ZipFile

import pytest

from desk.conftest import Sit, forms, text
from gewu.ledger.door import now_us
from gewu.ledger.expiring import expire_due
from gewu.occasions import services
from gewu.occasions.kinds import REGISTER
from gewu.occasions.services import Filled
from support.district import district_id
from support.occasion_play import ZONE
from support.occasions import BUREAU, COMMUNITY, DAY, HOUR, OFFICE, Session, clerk


def today(more: int = 0) -> str:
    return (datetime.now(ZONE).date() + timedelta(days=more)).isoformat()


def council(*words: str) -> Session:
    """A council that is in session now."""
    session = Session(at_us=now_us() - 6 * DAY)
    starts = (now_us() - HOUR) // 1_000_000
    args = {"unit": OFFICE, "place": COMMUNITY, "starts_at": starts, "ends_at": starts + 7200}
    texts = {"leader": "社区党委书记", "where": "社区议事厅"}
    made = services.schedule(district_id(), clerk(), "residents_council", Filled(args, texts), at_us=session.at_us)
    session.record_id, session.number = made.outcome.record_id, made.number
    for one in words:
        given = {"args": {"topic": "services", "source": "residents"}, "texts": {"words": one}, "version": None}
        session.move("collect", **given)
    day = (datetime.now(ZONE) - timedelta(days=6)).date().isoformat()
    session.move("announce", args={"posted_on": day, "way": "board"})
    expire_due(district_id(), [session.record_id], now_us())
    session.at_us = now_us()
    session.move("open_session", args={"present": 40, "stakeholders": 24})
    return session.attend("stakeholder", 24)


def vote(yes: int, no: int, **more: str) -> dict[str, str]:
    return {
        "motion": "加装三盏路灯", "present": "40", "stakeholders": "24", "votes_for": str(yes),
        "votes_against": str(no), "votes_abstained": "1", "executor": "community", "until": today(30), **more,
    }  # fmt: skip


def test_a_vote_stands_beside_each_matter(sit: Sit) -> None:
    session = council("加装路灯", "停车收费")
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    address = f"/desk/workdays/{session.record_id}"
    page = seat.get(address)
    fields = [found for action, found in forms(page).items() if action.endswith("resolve_matter?matter=1")]
    assert len(fields) == 1
    assert (fields[0]["present"], fields[0]["stakeholders"]) == (["40"], ["24"])  # as they were counted last
    refused = seat.send(f"{address}/resolve_matter?matter=1", **vote(30, 5, stakeholders="19"))
    assert refused.status_code == 409
    assert "at least half" in text(refused)
    assert seat.send(f"{address}/resolve_matter?matter=1", **vote(30, 5)).status_code == 302
    assert seat.send(f"{address}/resolve_matter?matter=2", **vote(15, 15)).status_code == 302
    shown = text(seat.get(address))
    for said in ("not carried", "for 30", "of these stakeholders 24", "not reported yet", today(30)):
        assert said in shown, said
    again = seat.send(f"{address}/resolve_matter?matter=1", **vote(30, 5))
    assert again.status_code == 409
    done = {"done_on": today(), "result": "三盏路灯已亮"}
    assert seat.send(f"{address}/report_done?matter=1", **done).status_code == 302
    assert "三盏路灯已亮" in text(seat.get(address))
    bureau = sit("unit_clerk", unit=BUREAU, language="en").get(address)
    assert not any("resolve_matter" in action for action in forms(bureau))


def test_an_executor_finds_the_form_beside_the_resolution(sit: Sit) -> None:
    session = council("修整花坛", "更换门禁")
    args = {
        "present": 40, "stakeholders": 24, "votes_for": 30, "votes_against": 1, "votes_abstained": 0,
        "executor": "unit", "unit": BUREAU, "until": today(20),
    }  # fmt: skip
    for matter in (1, 2):
        session.move("resolve_matter", matter=matter, args=args, texts={"motion": "同意"}, version=None)
    seat = sit("unit_clerk", unit=BUREAU, language="zh-hans")
    page = seat.get(f"/desk/workdays/{session.record_id}")
    mine = [action for action in forms(page) if "report_done" in action]
    assert [action.rsplit("?", 1)[1] for action in mine] == ["matter=1", "matter=2"]
    street = sit("unit_clerk", unit=OFFICE, language="zh-hans").get(f"/desk/workdays/{session.record_id}")
    assert not any("report_done" in action for action in forms(street))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_minutes_have_every_vote_and_lines_to_sign(sit: Sit, language: str) -> None:
    session = council("加装路灯", "停车收费")
    args = {
        "present": 40, "stakeholders": 24, "votes_for": 31, "votes_against": 6, "votes_abstained": 3,
        "executor": "community", "until": today(20),
    }  # fmt: skip
    session.move("resolve_matter", matter=1, args=args, texts={"motion": "同意加装路灯"}, version=None)
    session.move("defer_matter", matter=2, texts={"reason": "再议"}, version=None)
    seat = sit("unit_clerk", unit=OFFICE, language=language)
    paper = seat.get(f"/desk/workdays/{session.record_id}/papers/council-minutes?format=docx")
    assert paper.status_code == 200
    with ZipFile(io.BytesIO(paper.content)) as found:
        body = found.read("word/document.xml").decode()
    signed = ("For the stakeholders", "Chair") if language == "en" else ("利益相关方代表", "主持人")
    for said in ("同意加装路灯", "31", "40 / 24", *signed):
        assert said in body, said
    pdf = seat.get(f"/desk/workdays/{session.record_id}/papers/council-minutes?format=pdf")
    assert pdf.content.startswith(b"%PDF")


def test_figures_of_a_council_open_their_matters(sit: Sit) -> None:
    session = council("加装路灯", "停车收费", "更换门禁")
    args = {
        "present": 40, "stakeholders": 24, "votes_for": 31, "votes_against": 6, "votes_abstained": 3,
        "executor": "residents", "until": today(20),
    }  # fmt: skip
    for matter in (1, 2):
        session.move("resolve_matter", matter=matter, args=args, texts={"motion": "同意"}, version=None)
    session.move("report_done", matter=1, args={"done_on": today()}, texts={"result": "完成"}, version=None)
    seat = sit("comprehensive_office", language="en")
    period = session.view().row.period
    month = text(seat.get(f"/desk/workdays?type=residents_council&period={period}"))
    assert "Matters deliberated" in month
    assert re.search(r"50(\.0)?\s?%", month)  # one of two resolutions was carried out
    for state, words in (("deliberated", 2), ("executed", 1), ("executing", 1), ("open", 1)):
        listed = seat.get(f"/desk/workdays/matters?type=residents_council&period={period}&state={state}")
        assert listed.content.decode().count("#matter-") == words, state


def _register(kind: str, reached: int) -> None:
    starts = now_us() // 1_000_000 - 7200
    args = {"activity": kind, "unit": OFFICE, "place": COMMUNITY, "starts_at": starts, "reached": reached}
    filled = Filled(args, {"subject": "民法典进社区"})
    services.schedule(district_id(), clerk(), "activity", filled, move=REGISTER)


@pytest.mark.parametrize(("language", "law"), [("en", "Law talk in the community"), ("zh-hans", "社区法治讲座")])
def test_the_ledger_of_the_five_strands(sit: Sit, language: str, law: str) -> None:
    for kind, reached in (("law_talk", 30), ("law_talk", 12), ("virtue_campaign", 200)):
        _register(kind, reached)
    session = council("加装路灯")
    session.move("defer_matter", matter=1, texts={"reason": "再议"}, version=None)
    seat = sit("comprehensive_office", language=language)
    page = seat.get("/desk/strands")
    assert page.status_code == 200
    shown = text(page)
    for said in (law, "42", "3,454" if "3,454" in shown else "3454"):
        assert said in shown, said
    listed = seat.get(f"/desk/workdays/sessions?type=activity&period={today()[:4]}&state=all&held=1&activity=law_talk")
    assert listed.content.decode().count("民法典进社区") == 2
    saved = seat.get("/desk/strands?form=csv").content.decode("utf-8-sig").splitlines()
    assert any(row.split(",")[1:4] == [law, "2", "42"] for row in saved), saved
    assert seat.get("/desk/strands?form=xlsx").status_code == 200
    assert seat.get("/desk/strands?year=x").status_code == 422
    assert sit("worker", unit=BUREAU, language=language).get("/desk/strands").status_code in (302, 403)


def test_a_clerk_enters_what_was_held(sit: Sit) -> None:
    seat = sit("unit_clerk", unit=OFFICE, language="zh-hans")
    page = seat.get("/desk/workdays/new?type=activity&held")
    assert page.status_code == 200
    earlier = datetime.now(ZONE) - timedelta(hours=2)
    given = {
        "command_id": forms(page)[""]["command_id"][0], "activity": "model_family", "subject": "最美家庭",
        "unit": forms(page)[""]["unit"][0], "place": COMMUNITY, "starts_at": f"{earlier:%Y-%m-%dT%H:%M}",
        "reached": "12",
    }  # fmt: skip
    answer = seat.send("/desk/workdays/new?type=activity&held", **given)
    assert answer.status_code == 302, text(answer)
    shown = text(seat.get(answer["Location"]))
    for said in ("最美家庭", "德治", "已归档"):
        assert said in shown, said
    later = datetime.now(ZONE) + timedelta(hours=5)
    given |= {"command_id": "", "starts_at": f"{later:%Y-%m-%dT%H:%M}"}
    refused = seat.send("/desk/workdays/new?type=activity&held", **given)
    assert refused.status_code == 422
    assert "尚未开展" in text(refused)
