"""The page of a case: how it was beside how it became, with dates; the papers of a case one press away."""

from __future__ import annotations

import re

from desk.conftest import Sit
from gewu.cases.queries import get_case
from gewu.core.records import Photo
from gewu.ledger import attachments
from gewu.ledger.erasure import erase_photos
from support.district import Walk, acting, district_id, picture


def pair_of(html: str) -> list[str]:
    part = re.search(r"data-pair>(.*?)</section>", html, re.DOTALL)
    return re.findall(r'/desk/photos/([0-9a-f-]{36})" data-photo', part[1]) if part else []


def test_the_verification_stands_beside_the_last_photo_after(sit: Sit) -> None:
    walk = Walk().handling()
    assert pair_of(sit("shift_leader").get(f"/desk/cases/{walk.number}").content.decode()) == []
    who = walk.clerk()
    staged = [attachments.stage(district_id(), picture(), who.actor.person, "after") for _ in range(2)]
    walk.later(20).move(
        who, "report_handled", texts={"result": "已清洗"}, photos=[Photo(str(one.id), "after") for one in staged]
    )
    view = get_case(district_id(), acting("shift_leader"), walk.record_id)
    first = next(p for p in view.photos if p.role != "after")
    html = sit("shift_leader").get(f"/desk/cases/{walk.number}").content.decode()
    assert pair_of(html) == [str(first.id), str(view.photos[-1].id)]
    shown = re.search(r"data-pair>(.*?)</section>", html, re.DOTALL)
    assert shown is not None
    assert len(set(re.findall(r'<time datetime="([^"]+)"', shown[1]))) == 2, "each says when it came"
    erase_photos(district_id(), walk.record_id, acting("shift_leader"))
    assert pair_of(sit("shift_leader").get(f"/desk/cases/{walk.number}").content.decode()) == []


def test_papers_are_one_press_away(sit: Sit) -> None:
    walk = Walk().handling()
    leader = sit("shift_leader")
    html = leader.get(f"/desk/cases/{walk.number}").content.decode()
    wanted = re.search(r'href="(/desk/papers/dispatch\?unit=[^"]+format=xlsx)"', html)
    assert wanted is not None
    answer = leader.client.get(wanted[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    handover = re.search(r'href="(/desk/registers/handovers/new)"[^>]*>Hand over the shift<', html)
    assert handover is not None
    assert leader.client.get(handover[1]).status_code == 200
    assert re.search(
        r'href="/desk/registers/orders/new\?case=',
        sit("comprehensive_office").get(f"/desk/cases/{walk.number}").content.decode(),
    )
