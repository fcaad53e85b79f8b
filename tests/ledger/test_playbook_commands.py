"""`gewu playbook` and `gewu explain`, as the district's IT staff use them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gewu.core.migrate import How
from gewu.ledger import newversion, rebuild, verify
from gewu.ledger.history import state_of
from support.district import Walk, directory, district_id
from support.servers import PACKS, Session
from support.versions import new_version, registry_restored

CLAIM = (
    'claim: {title: {en: "Claim", zh: "认领"}, limit: {value: 4, unit: work_hour}',
    'claim: {title: {en: "Claim", zh: "认领"}, limit: {value: 1, unit: urgent_day}',
)


def gewu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gewu", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, text=True, capture_output=True, check=False, timeout=300
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def books(db: Session) -> Iterator[Session]:
    """A database whose playbooks may get new versions."""
    with registry_restored():
        yield db


def test_a_pack_is_drawn_and_told_without_any_database(tmp_path: Path) -> None:
    nowhere = {"GEWU_DATABASE_URL": "", "GEWU_OWNER_DATABASE_URL": "", "GEWU_HOME": str(tmp_path / "home")}
    file = tmp_path / "case.svg"
    drawn = gewu("playbook", "draw", "case", "--pack", str(PACKS[0]), "-o", str(file), **nowhere)
    assert drawn.returncode == 0, drawn.stderr
    again = gewu("playbook", "draw", "case", "--pack", str(PACKS[0]), "--json", **nowhere)
    assert answer(again)["svg"] == file.read_text(encoding="utf-8")
    told = gewu("playbook", "tell", "case", "--pack", str(PACKS[0]), "--language", "zh-CN", **nowhere)
    assert told.returncode == 0, told.stderr
    assert "由派遣员办理" in told.stdout
    assert not (tmp_path / "home").exists()
    missing = gewu("playbook", "tell", "nothing", "--pack", str(PACKS[0]), **nowhere)
    assert missing.returncode == 1
    assert "has no playbook nothing" in missing.stdout


def test_a_loaded_playbook_is_told(db: Session) -> None:
    told = gewu("playbook", "tell", "case", "--json", **db.environment())
    assert told.returncode == 0, told.stderr
    current = directory().playbook("case")
    assert current is not None
    assert answer(told)["version"] == current.version
    other = gewu("playbook", "draw", "case", "--version", "9999", **db.environment())
    assert other.returncode == 1
    assert "no district has a playbook case of version 9999" in other.stdout


def test_a_case_is_explained_by_number_and_by_id(db: Session) -> None:
    walk = Walk().dispatched()
    by_number = gewu("explain", walk.number, **db.environment())
    assert by_number.returncode == 0, by_number.stderr
    assert "Where it stands:\n  It stands at “Dispatched” since" in by_number.stdout
    assert "If nobody does anything:" in by_number.stdout
    by_id = answer(gewu("explain", str(walk.record_id), "--json", "--language", "zh-CN", **db.environment()))
    assert by_id["stage"] == "dispatched"
    assert by_id["stage_title"] == "待认领"
    assert all(o["due_at"].endswith("+08:00") for o in by_id["owes"])
    unknown = gewu("explain", "20991231000000", **db.environment())
    assert unknown.returncode == 1
    assert "there is no record" in unknown.stdout


def test_a_pack_is_compared_with_what_is_loaded(db: Session, tmp_path: Path) -> None:
    waiting = Walk().dispatched()
    shutil.copytree(PACKS[0], tmp_path / "standard")
    same = answer(gewu("playbook", "compare", str(tmp_path / "standard"), "--json", **db.environment()))
    assert [p for p in same["playbooks"] if p["districts"]] == []
    file = tmp_path / "standard" / "playbooks" / "case.yaml"
    version = directory().playbook("case")
    assert version is not None
    text = file.read_text(encoding="utf-8").replace(
        f"\nversion: {version.version}\n", f"\nversion: {version.version + 1}\n"
    )
    file.write_text(text.replace(*CLAIM), encoding="utf-8")
    done = gewu("playbook", "compare", str(tmp_path / "standard"), "--json", **db.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (case,) = [p for p in answer(done)["playbooks"] if p["districts"]]
    (here,) = case["districts"]
    assert (case["playbook"], here["loaded"], here["to"]) == ("case", version.version, version.version + 1)
    assert [d["sentence"] for d in here["differences"]] == [
        "Clock “Claim” (claim) changed: limit 4 working hours → 1 day."
    ]
    assert here["open"] == [{"version": version.version, "stage": "dispatched", "records": 1}]
    assert here["carried"] == 1
    state = state_of(district_id(), waiting.record_id)
    assert state is not None
    assert state.playbook_version == version.version


def test_records_are_carried_over_when_it_is_ordered(books: Session) -> None:
    walk = Walk().filed()
    new = new_version("case", CLAIM)
    order = ["playbook", "migrate", "case", "--to", str(new.version), "--reason", "按新规则执行", "--json"]
    seen = gewu(*order, **books.environment())
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert answer(seen)["applied"] is False
    state = state_of(district_id(), walk.record_id)
    assert state is not None
    assert state.playbook_version == new.version - 1
    done = gewu(*order, "--apply", **books.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (here,) = answer(done)["districts"]
    assert here["carried"] == 1
    after = state_of(district_id(), walk.record_id)
    assert after is not None
    assert after.playbook_version == new.version
    assert verify.verify_all(district_id()).ok
    assert rebuild.rebuild_all(district_id()).ok
    explained = gewu("explain", walk.number, **books.environment())
    assert "did “File”" in explained.stdout
    assert f"version {new.version - 1}, move “File”" in explained.stdout


def test_what_cannot_go_over_is_named_by_its_number(books: Session) -> None:
    walk = Walk().filed()
    new = new_version("case", CLAIM)
    order = ["playbook", "migrate", "case", "--to", str(new.version), "--reason", "r", "--stage", "filed=closed"]
    done = gewu(*order, "--apply", **books.environment())
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"stays: {walk.number}: under the new version it could not come to an end" in done.stdout
    assert "0 records went over, 1 stay" in done.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--reason", " "], "a reason is required"),
        (["--reason", "r", "--stage", "filed"], "write OLD=NEW"),
        (["--reason", "r", "--stage", "filed=nowhere"], "has no stage nowhere"),
        (["--reason", "r", "--clock", "never=dispatch"], "no version of case has a clock never"),
        (["--reason", "r", "--district", "999999"], "there is no district 999999"),
    ],
)
def test_slips_of_the_pen_are_refused(db: Session, more: list[str], said: str) -> None:
    current = directory().playbook("case")
    assert current is not None
    done = gewu("playbook", "migrate", "case", "--to", str(current.version), *more, **db.environment())
    assert done.returncode == 2
    assert said in done.stderr


def test_a_version_that_is_not_loaded_is_told(db: Session) -> None:
    done = gewu("playbook", "migrate", "case", "--to", "9999", "--reason", "r", **db.environment())
    assert done.returncode == 1
    assert "Load the pack first" in done.stdout


def test_a_load_tells_of_records_that_a_new_version_leaves_behind(books: Session) -> None:
    Walk().filed()
    new = new_version("case", CLAIM)
    assert newversion.left_behind(directory()) == {"case": 1}
    done = gewu("load", str(PACKS[1]), "--json", **books.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (left,) = answer(done)["left_behind"]
    assert (left["playbook"], left["in_force"], left["records"]) == ("case", new.version, 1)
    walk = Walk().filed()
    newversion.migrate(directory(), new, How(), "r", walk.at_us)
    assert newversion.left_behind(directory()) == {}
