"""Who gets which answer: every address and every operation against every role, generated from the code.

``matrix.csv`` holds what was agreed. A new address, a new role or a changed right shows up there as a changed line,
to be looked at by whoever reviews it: ``GEWU_WRITE_MATRIX=1 pytest -n0 tests/surfaces/test_matrix.py`` writes it anew.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.district import START_US, Walk, directory
from surfaces.addresses import addresses, patterns
from surfaces.world import ANONYMOUS, ELSEWHERE, Someone, everybody, examples, judged

AGREED = Path(__file__).with_name("matrix.csv")
SURFACES = ("admin", "api", "cockpit", "desk", "field", "look", "open311", "")
METHODS = ("GET", "POST", "PUT", "DELETE")
BY_MOVE = re.compile(r"<(slug:)?(move|verb)>$|/(join|merge|split)$")
"""What may be done there depends on the record's stage: see ``test_moves_are_offered_to_those_who_may_make_them``."""
OPEN_TO_ALL = (
    "look/",
    "open311/",
    "field/worker.js",
    "field/manifest.webmanifest",
    "api/v1/public/",
    "api/v1/status",
    "api/v1/problems",
    "api/v1/docs",
    "api/v1/openapi",
)
"""Beginnings of addresses that answer anybody; the public pages do, too."""


@pytest.fixture(scope="module")
def agreed() -> dict[tuple[str, str, str], str]:
    """What was agreed: surface, method and address with a role, and the answer."""
    with AGREED.open(encoding="utf-8", newline="") as file:
        return {
            (row["method"], row["address"], role): row[role]
            for row in csv.DictReader(file)
            for role in row
            if role not in ("method", "address")
        }


def test_every_surface_of_the_installation_is_in_the_matrix() -> None:
    known = {"admin", "api", "cockpit", "desk", "field", "look", "open311", "i18n", "healthz", "jsi18n"}
    first = {pattern.split("/")[0] for pattern in patterns() if "/" in pattern}
    public = {pattern.split("/")[0] for pattern in patterns()} - known
    assert {"report", "follow", "seals"} <= public
    assert first >= {"admin", "api", "cockpit", "desk", "field", "look", "open311"}


@pytest.mark.parametrize("surface", SURFACES)
def test_everybody_gets_what_was_agreed_and_nothing_else(
    db: object, surface: str, request: pytest.FixtureRequest
) -> None:
    given, people = examples(), everybody()
    names = (
        [surface] if surface else sorted({p.split("/")[0] for p in patterns()} - set(SURFACES) - {"i18n", "healthz"})
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for address in addresses(given, *names):
        for method in METHODS if surface == "api" else METHODS[:2]:
            if BY_MOVE.search(address.name) and method != "GET":
                continue
            if all(_not_a_method(one, method, address.path) for one in people[1:2]):
                continue
            answers = {one.name: judged(one.ask(method, address.path)) for one in people}
            found[method, address.name] = answers
    assert found
    if os.environ.get("GEWU_WRITE_MATRIX"):
        _write(found, names, [one.name for one in people])
        return
    wanted = request.getfixturevalue("agreed")
    wrong = [
        f"{method} /{name} as {role}: {answer}, agreed was {wanted.get((method, name, role), 'nothing')}"
        for (method, name), answers in found.items()
        for role, answer in answers.items()
        if wanted.get((method, name, role)) != answer
    ]
    assert not wrong, "\n".join(wrong)
    listed = {(m, a) for m, a, _role in wanted if _of_surface(a, names)}
    assert listed == set(found), "addresses that are not there any more are taken out of matrix.csv"


def test_nobody_gets_in_without_a_login(agreed: dict[tuple[str, str, str], str]) -> None:
    inside = [
        (method, name)
        for method, name, role in agreed
        if role == ANONYMOUS
        and name.startswith(("admin/", "cockpit/", "desk/", "field/", "api/"))
        and not name.startswith(OPEN_TO_ALL)
    ]
    assert len(inside) > 150
    welcome = {(method, name) for method, name in inside if agreed[method, name, ANONYMOUS] not in ("login", "hidden")}
    assert welcome == {("GET", "desk/login"), ("POST", "desk/login"), ("POST", "api/v1/session")}


def test_a_unit_that_has_no_part_sees_none_of_the_records(agreed: dict[tuple[str, str, str], str]) -> None:
    of_one = re.compile(r"<(number|case_id|occasion_id|entry_id|record_id|round_id)>")
    of_records = [
        (method, name)
        for method, name, role in agreed
        if (method, role) == ("GET", ELSEWHERE)
        and of_one.search(name)
        and name.startswith(("desk/", "api/v1/"))
        and "/public/" not in name
    ]
    assert len(of_records) > 30
    seen = [key for key in of_records if agreed[(*key, ELSEWHERE)] not in ("closed", "hidden")]
    assert seen == []


def _not_a_method(one: Someone, method: str, path: str) -> bool:
    return one.ask(method, path).status_code == 405


def _of_surface(address: str, names: list[str]) -> bool:
    return address.split("/")[0] in names


def _write(found: dict[tuple[str, str], dict[str, str]], names: list[str], roles: list[str]) -> None:
    rows = []
    if AGREED.exists():
        with AGREED.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if not _of_surface(row["address"], names)]
    rows += [{"method": m, "address": a, **answers} for (m, a), answers in found.items()]
    rows.sort(key=lambda row: (row["address"], METHODS.index(row["method"])))
    with AGREED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["method", "address", *roles], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


AT_OTHER_PAGES = frozenset({"split_off"})
"""Moves that have a page of their own."""
NO_MOVES = frozenset({"reveal", "hold", "release"})
"""Forms on the page of a case that are no moves of it."""
STAGES = ("intake", "dispatched", "handling", "closed")


@pytest.mark.parametrize("stage", STAGES)
def test_moves_are_offered_to_those_who_may_make_them(db: object, stage: str) -> None:
    """Page and API offer the same moves; what is not offered is refused, and what is offered never as forbidden."""
    walk = getattr(Walk(at_us=START_US), stage)()
    playbook = directory().current_playbook()
    assert playbook is not None
    offered_at_all = 0
    for one in everybody()[1:]:
        page = one.ask("GET", f"/desk/cases/{walk.number}")
        record = one.ask("GET", f"/api/v1/cases/{walk.record_id}")
        assert judged(page) == judged(record), one.name
        if page.status_code == 404:
            assert set(_made(one, walk, playbook.moves).values()) == {404}, one.name
            continue
        moves = {move["name"]: move for move in record.json()["moves"]}
        told = {name for name, move in moves.items() if move["open"]}
        shown = _shown(page.content.decode(), walk.number)
        assert shown == told - AT_OTHER_PAGES, (one.name, shown ^ told)
        offered_at_all += len(shown)
        made = _made(one, walk, [name for name, move in playbook.moves.items() if not move.system])
        guarded = {
            name for name, move in moves.items() if not move["open"] and move["closed_because"]["code"] == "guard"
        }
        assert not {name for name, status in made.items() if status == 200 and name not in told}, one.name
        # A form that lacks something is said first where only the case's state is in the way, never where a right is.
        refused = {name for name, status in made.items() if status in (403, 404, 409)}
        assert set(made) - refused <= told | guarded, one.name
        assert not {name for name in told if made[name] == 403}, one.name
    assert offered_at_all > 3


def _shown(page: str, number: str) -> set[str]:
    """The moves for which a page of a case has a form or leads to one."""
    forms = re.findall(rf'action="/desk/cases/{number}/([a-z_]+)"', page)
    return {name for name in forms if name not in NO_MOVES}


def _made(one: Someone, walk: Walk, moves: Iterable[str]) -> dict[str, int]:
    """Send each move with an empty form, as somebody who does not care what the page offers."""
    headers = {"HTTP_IF_MATCH": f'"{walk.version}"', "content_type": "application/json"}
    return {
        name: one.ask("POST", f"/api/v1/cases/{walk.record_id}/moves/{name}", data="{}", **headers).status_code
        for name in moves
    }
