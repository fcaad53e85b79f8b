"""A district with one record of each kind, and somebody at a post of every role, each request undone after it."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from gewu.assessments import services as assessments
from gewu.evaluation import appeals
from gewu.ledger.door import now_us
from gewu.office import services as office
from gewu.office.services import Filled
from gewu.registry.models import Person, ResponsibilityRule
from gewu.surfaces.desk.who import SESSION_POST
from gewu.surfaces.signin.secondfactor import SESSION_MARK
from support.district import CODE, START_US, Walk, acting, directory, district_id, photo, post
from support.occasions import BUREAU, Session
from support.showcase import Showcase

NOWHERE = str(uuid4())
ANONYMOUS = "anonymous"
ELSEWHERE = "unit_clerk elsewhere"
"""A clerk whose office has nothing to do with any of the records."""
FAR_OFFICE = "office-taibai"
FAR_PLACE = "500101002"
TILE = {"layer": "0", "z": "12", "x": "3281", "y": "1677"}
WORDS = {
    "login": "to log in",
    "closed": "refused",
    "hidden": "as if it were not there",
    "open": "answered",
}


def judged(answer: HttpResponse) -> str:
    """What an answer means for whoever asked: one of ``WORDS``. An error of ours is never an answer."""
    status = answer.status_code
    where = answer.headers.get("Location", "")
    if status == 503 and b"ticker_lag_seconds" in answer.content:
        return "open"  # the health of the installation: no ticker runs here
    assert status < 500, f"{status}: {answer.content[:300]!r}"
    if status == 401 or (status == 302 and where.startswith("/desk/login")):
        return "login"
    return {403: "closed", 404: "hidden"}.get(status, "open")


@dataclass
class Someone:
    """A client with the session of somebody at a post (or of nobody). What a request does is taken back."""

    name: str
    client: Client

    def ask(self, method: str, path: str, **more: Any) -> HttpResponse:
        kept = copy.deepcopy(self.client.cookies)
        with undone():
            answer: HttpResponse = self.client.generic(method, path, **more)
            if answer.streaming:
                list(answer.streaming_content)
            answer.close()
        self.client.cookies = kept  # logged out, or in as somebody else: that is taken back too
        return answer


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everybody() -> list[Someone]:
    """One person for each role that has a login, somebody from elsewhere, and nobody."""
    book = directory()
    roles = sorted({found.role for found in book.posts.values() if found.person is not None})
    people = [Someone(role, seated(_seat_of(role))) for role in roles]
    return [
        Someone(ANONYMOUS, _client()),
        *people,
        Someone(ELSEWHERE, seated(post("unit_clerk", unit=FAR_OFFICE))),
    ]


def _seat_of(role: str) -> Any:
    if role == "unit_clerk":
        return post(role, unit=BUREAU)
    try:
        return post(role, covering=CODE)
    except IndexError:
        return post(role)


def _client() -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html,application/json")


def seated(found: Any) -> Client:
    """A client with the session of whoever holds this post."""
    client = _client()
    client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = found.code
    session[SESSION_MARK] = True  # an administrator without it sees one page only: how to get it
    session.save()
    return client


def examples() -> dict[str, dict[str, str]]:
    """Make one record of each kind and say how addresses name them: the beginning of a pattern, and its values."""
    now = now_us()
    walk = Walk(at_us=START_US).handling(BUREAU)
    clerk = acting("unit_clerk", unit=BUREAU)
    seen = photo(clerk, "after")
    top = acting("comprehensive_office")
    due = "2027-01-05"
    order = office.issue_order(
        district_id(), top, Filled({"unit": BUREAU, "due_on": due}, {"matter": "路灯不亮", "demand": "限期修复"}), now
    )
    session = Session(at_us=START_US).scheduled()
    building = Showcase().announced()
    honour = assessments.nominate_honour(
        district_id(),
        acting("unit_clerk", unit="office-gaosuntang"),
        assessments.Filled(
            {"class": "five_good_building", "level": "street", "place": "500101001007"},
            {"subject": "3栋", "deeds": "环境整洁"},
        ),
    )
    appeal = appeals.lodge(district_id(), clerk, "handling_rate", walk.record_id, "设备由他单位保管", at_us=walk.at_us)
    rule = ResponsibilityRule.objects.filter(district_id=district_id(), retired_on=None).order_by("pk")[0].pk
    case, entry = str(walk.record_id), str(order.outcome.record_id)
    return {
        "": {"photo_id": seen.id, "number": walk.number, "form": "csv", "code": "none", "name": "case", "move": "file"},
        "api/v1/": {
            "case_id": case, "entry_id": entry, "occasion_id": str(session.record_id), "rest": "none",
            "round_id": str(building.record_id), "honour_id": str(honour.outcome.record_id), "track": "service",
            "kind": "building_workday", "no": "1", "platform": "city12345", "prefix": "none",
            "session_id": NOWHERE, "login": "nobody-here",
        },
        "api/v1/registers/": {"name": "orders"},
        "desk/connections/": {"webhook": NOWHERE, "channel": NOWHERE, "verb": "on", "kind": "mail"},
        "desk/notices/": {"channel": NOWHERE, "verb": "on"},
        "maps/": {"code": CODE, "part": "outline", **TILE},
        "desk/maps/": {"code": CODE, "part": "grids", "street": f"{CODE}001", **TILE},
        "desk/rounds/": {"record_id": str(building.record_id)},
        "desk/honours/": {"record_id": str(honour.outcome.record_id)},
        "desk/workdays/": {"record_id": str(session.record_id), "which": "sign-in", "no": "1"},
        "desk/district/": {"act_id": "1"},
        "desk/district/boards/": {"code": "500101001007", "what": "post"},
        "api/v1/public/boards/": {"code": "500101001007"},
        "boards/": {"code": "500101001007"},
        "desk/imports/": {"run_id": NOWHERE},
        "desk/views/": {"view_id": NOWHERE},
        "desk/sheets/": {"sheet_id": NOWHERE},
        "desk/find/": {"what": "categories"},
        "desk/appeals/": {"record_id": str(appeal.record_id)},
        "desk/papers/": {"record_id": entry},
        "desk/registers/": {"record_id": entry, "slug": "orders"},
        "admin/people/": {"login": "intake1", "verb": "name"},
        "admin/posts/": {"code": "intake1", "verb": "name"},
        "admin/units/": {"code": FAR_OFFICE, "verb": "name"},
        "admin/rosters/": {"code": FAR_OFFICE},
        "admin/catalogue/": {"kind": "matter", "code": "06012"},
        "admin/responsibility/": {"rule_id": str(rule)},
        "cockpit/": {"chart": "stages"},
        "showcase/": {"photo_id": NOWHERE},
        "solved/": {"copy_id": NOWHERE},
        "stations/": {"size": "328"},
        "open-data/": {"code": "units", "form": "csv"},
        "desk/releases/": {"side": "after"},
        "seals/": {"no": "1"},
        "open311/": {"extension": "json", "rest": "none"},
        "report/": {"token": secrets.token_hex(16), "size": "328", "photo_id": NOWHERE},
    }  # fmt: skip
