"""Joint meetings and tasks of the committee at the desk: numbers by level, the table with its forms, the minutes."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zipfile import ZipFile

from desk.conftest import Sit, forms, text
from gewu.cases.queries import get_case
from gewu.core.records import Arg
from gewu.occasions import services
from gewu.occasions.services import Filled
from support.district import acting, district_id
from support.meetings import COMMITTEE, LEVELS, TYPE, at_level, in_days
from support.occasions import BUREAU, OFFICE, clerk

NOW = int(datetime.now(UTC).timestamp())


def _called(level: str = "street") -> str:
    args: dict[str, Arg] = {**LEVELS[level], "led_by": level, "starts_at": NOW - 600, "ends_at": NOW + 6000}
    words = {"leader": str(args.pop("leader")), "where": "三楼会议室"}
    who = acting("comprehensive_office") if level == "district" else clerk(OFFICE)
    made = services.schedule(district_id(), who, TYPE, Filled(args, words))
    return str(made.outcome.record_id)


def test_a_meeting_is_called_held_and_minuted_at_the_desk(db: object, sit: Sit) -> None:
    desk = sit("unit_clerk", unit=OFFICE)
    assert "Call a joint meeting" in text(desk.get("/desk/workdays", type=TYPE))
    assert desk.get("/desk/workdays/new", type=TYPE).status_code == 200
    case = at_level("small")
    path = f"/desk/workdays/{_called()}"
    page = text(desk.get(path))
    assert "Put a case on the table" in page

    def send(move: str, matter: int = 0, **form: str) -> None:
        seen = re.search(r'name="version" value="(\d+)"', desk.get(path).content.decode())
        where = f"{path}/{move}" + (f"?matter={matter}" if matter else "")
        answer = desk.send(where, command_id=str(uuid4()), version=seen.group(1) if seen else "", **form)
        assert answer.status_code == 302, (move, text(answer))

    send("table_case", case=case.number, words="需街道明确责任")
    send("collect", words="公厕选址", source="department")
    send("open_session")
    send("attend", level="department", unit=BUREAU, heads="2")
    answer = desk.get(path)
    shown = text(answer)
    for words in ("Set owner and due date", "Lift by one level", "Refer to the level above", "Not taken"):
        assert words in shown
    ways = [action for action in forms(answer) if "decide_task" in action]
    assert ways
    assert "case" not in forms(answer)[ways[0]]  # the item says which
    wrong = desk.send(f"{path}/decide_task?matter=1", command_id=str(uuid4()), unit=BUREAU, answer="五日内清理")
    assert wrong.status_code == 422
    assert "五日内清理" in wrong.content.decode()
    send("decide_task", 1, unit=BUREAU, due_on=in_days(5), answer="五日内清理")
    send("refer_up", 2, reason="须区级出资")
    shown = text(desk.get(path))
    assert "owner and due date set" in shown
    assert "waits for a meeting of the level above" in shown
    assert case.number in shown
    minutes = desk.get(f"{path}/papers/minutes", format="docx")
    assert minutes.status_code == 200
    inside = ZipFile(io.BytesIO(minutes.content)).read("word/document.xml").decode()
    for words in ("五日内清理", "公厕选址", in_days(5)[:4]):
        assert words in inside
    assert desk.get(f"{path}/papers/minutes", format="pdf", language="zh-hans").content.startswith(b"%PDF")
    # The case says where it was decided, on its page and where it says why.
    number = next(iter(re.findall(r"万三级联席会议〔\d+〕\d+号", desk.get(path).content.decode())))
    office = sit("comprehensive_office")
    assert number in text(office.get(f"/desk/cases/{case.number}"))
    assert number in text(office.get(f"/desk/cases/{case.number}/why"))
    assert (
        get_case(district_id(), acting("comprehensive_office"), case.record_id).timeline[-1].kind == "note_from_table"
    )


def test_numbers_by_level_open_their_lists_in_both_languages(db: object, sit: Sit) -> None:
    _called("community")
    desk = sit("comprehensive_office")
    page = desk.get("/desk/workdays", type=TYPE)
    assert "Waiting for a meeting" in text(page)
    for url in set(re.findall(r'href="(/desk/workdays/matters\?[^"]*type=joint_meeting[^"]*)"', page.content.decode())):
        assert desk.get(url.replace("&amp;", "&")).status_code == 200, url
    chinese = text(sit("comprehensive_office", language="zh-CN").get("/desk/workdays", type=TYPE))
    for words in ("社区", "街道", "区级", "待上会"):
        assert words in chinese


def test_tasks_of_the_committee_in_numbers_and_on_a_page(db: object, sit: Sit) -> None:
    desk = sit("comprehensive_office")
    begins = datetime.now().astimezone() - timedelta(hours=1)
    made = desk.send(
        "/desk/workdays/new?type=committee_task", command_id=str(uuid4()), name="背街小巷更新", sort="renewal",
        task_force="task-force-renewal", unit="housing-construction-commission", place="500101", demand="完成更新",
        starts_at=begins.strftime("%Y-%m-%dT%H:%M"), ends_at=(begins + timedelta(days=60)).strftime("%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    assert made.status_code == 302, text(made)
    shown = text(desk.get(made["Location"]))
    assert "背街小巷更新" in shown
    assert "Set a milestone" in shown
    numbers = desk.get("/desk/workdays", type="committee_task")
    page = text(desk.get(numbers["Location"]) if numbers.status_code == 302 else numbers)
    assert "Task completion" in page
    assert COMMITTEE
