"""M37, the committee and its task forces: the office sets a task, a department that is paired with the task force
owns it, milestones and progress are recorded, the office checks; completion is a figure per period. Over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.conftest import Api
from gewu.ledger import ticker
from gewu.ledger.rebuild import rebuild_all
from support.district import CODE, district_id
from support.meetings import deliver, in_days
from support.occasion_play import when

TYPE = "committee_task"
OWNER = "housing-construction-commission"
FORM: dict[str, Any] = {
    "name": "背街小巷更新", "sort": "renewal", "task_force": "task-force-renewal", "unit": OWNER, "place": CODE,
    "demand": "完成 10 条背街小巷更新", "starts_at": when(-1), "ends_at": when(24 * 60),
}  # fmt: skip


class Task:
    """A task over HTTP."""

    def __init__(self, api: Api, **form: Any) -> None:
        self.office = api.as_("comprehensive_office")
        self.owner = api.as_("unit_clerk", unit=OWNER)
        made = self.office.post(f"/occasions/types/{TYPE}", json={"form": {**FORM, **form}})
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]

    def get(self) -> dict[str, Any]:
        found: dict[str, Any] = self.office.get(f"/occasions/{self.id}").json()
        return found

    def send(self, who: httpx.Client, move: str, reason: str = "", **form: Any) -> httpx.Response:
        body: dict[str, Any] = {"form": form, **({"reason": reason} if reason else {})}
        head = {"If-Match": f'"{self.get()["version"]}"'}
        return who.post(f"/occasions/{self.id}/moves/{move}", json=body, headers=head)

    def move(self, who: httpx.Client, name: str, reason: str = "", **form: Any) -> None:
        answer = self.send(who, name, reason, **form)
        assert answer.status_code == 200, (name, answer.text)

    def reported(self) -> Task:
        self.move(self.owner, "take_on")
        self.move(self.owner, "report_complete", result="十条小巷全部完成")
        return self


def _figure(api: Api) -> dict[str, Any]:
    asked = {"type": TYPE, "period": f"{datetime.now(UTC) + timedelta(hours=8):%Y}"}
    found: dict[str, Any] = api.as_("comprehensive_office").get("/occasions/completion", params=asked).json()
    return found


def test_from_setting_a_task_to_the_offices_check(api: Api) -> None:
    task = Task(api)
    deliver()
    assert "task" in {n["message"]["code"] for n in task.owner.get("/notices").json()["items"]}
    task.move(task.office, "set_milestone", milestone="完成设计", due_on=in_days(20))
    task.move(task.owner, "take_on")
    assert task.send(task.office, "set_milestone", milestone="开工", due_on=in_days(30)).status_code == 409
    task.move(task.owner, "report_progress", progress=30, note="完成三条")
    assert task.send(task.owner, "report_complete", result="x").status_code == 409  # a milestone is open
    task.move(task.owner, "milestone_reached", seen="设计已批复")
    task.move(task.owner, "report_complete", result="十条小巷全部完成")
    assert task.send(task.owner, "close", seen="x").status_code == 403  # who owns it does not check it
    task.move(task.office, "send_back", reason="第七条未完工", due_on=in_days(10))
    assert task.send(task.owner, "report_complete", result="x").status_code == 409
    task.move(task.owner, "report_progress", progress=100, note="已补做")
    task.move(task.owner, "report_complete", result="全部完成")
    task.move(task.office, "close", seen="现场核验通过")
    assert (task.get()["stage"]["code"], task.get()["ended"]) == ("done", True)
    assert rebuild_all(district_id()).ok


def test_completion_is_a_figure_and_opens_its_records(api: Api) -> None:
    done, back, dropped = Task(api), Task(api), Task(api)
    done.reported().move(done.office, "close", seen="核验通过")
    dropped.move(dropped.office, "cancel", reason="任务合并")
    found = _figure(api)
    assert {k: found[k] for k in ("tasks", "done", "in_time", "open", "late", "dropped")} == {
        "tasks": 2, "done": 1, "in_time": 1, "open": 1, "late": 0, "dropped": 1,
    }  # fmt: skip
    listed = done.office.get("/occasions", params={"type": TYPE, "stage": "done"}).json()["items"]
    assert [row["id"] for row in listed] == [done.id]
    back.reported().move(back.office, "close", seen="核验通过")
    assert _figure(api)["done"] == 2


def test_a_task_beyond_its_deadline_is_told(api: Api) -> None:
    task = Task(api, ends_at=when(30))
    task.move(task.owner, "take_on")
    ticker.tick(district_id(), int((datetime.now(UTC) + timedelta(days=8)).timestamp() * 1_000_000))
    deliver()
    told = {n["message"]["code"] for n in task.office.get("/notices").json()["items"]}
    assert told & {"due", "overdue"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"unit": "health-commission"}, 409),
        ({"task_force": "urban-management-bureau"}, 409),
        ({"unit": "none"}, 422),
        ({"sort": "war"}, 422),
        ({"name": ""}, 422),
        ({"ends_at": when(-5)}, 409),
        ({"ends_at": "2090-01-01T00:00:00+08:00"}, 409),
        ({"place": "999"}, 422),
    ],
)
def test_what_cannot_be_set(api: Api, change: dict[str, Any], status: int) -> None:
    answer = api.as_("comprehensive_office").post(f"/occasions/types/{TYPE}", json={"form": {**FORM, **change}})
    assert answer.status_code == status, answer.text


def test_only_the_office_sets_tasks(api: Api) -> None:
    answer = api.as_("unit_clerk", unit=OWNER).post(f"/occasions/types/{TYPE}", json={"form": FORM})
    assert answer.status_code == 403
