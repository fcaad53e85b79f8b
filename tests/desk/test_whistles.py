"""Whistles at the desk: blown, listed and followed by pages that know no type by name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desk.conftest import Sit, forms, text
from gewu.occasions.queries import Filter, get_occasion, list_occasions
from support.district import acting, district_id
from support.occasion_play import when
from support.occasions import BUREAU, COMMUNITY, OFFICE


def test_a_whistle_is_blown_found_and_rated_at_the_desk(sit: Sit) -> None:
    street, squad = sit("unit_clerk", unit=OFFICE), sit("unit_clerk", unit="squad-gaosuntang")
    page = street.get("/desk/workdays/new", type="whistle")
    assert page.status_code == 200
    assert "Who is called" in text(page)
    blown = street.send(
        "/desk/workdays/new?type=whistle", cause="emergency", subject="Sinkhole", unit=OFFICE, place=COMMUNITY,
        where="Wangjiang crossing", starts_at=when(0)[:16], units=["squad-gaosuntang"],
    )  # fmt: skip
    assert blown.status_code == 302, text(blown)
    (row,) = list_occasions(district_id(), acting("comprehensive_office"), Filter("whistle")).rows
    assert row.number in text(street.get("/desk/workdays/sessions", type="whistle", state="all"))
    path = f"/desk/workdays/{row.record_id}"
    seen = squad.get(path)
    assert "Sinkhole" in text(seen)
    assert f"{path}/arrive" in seen.content.decode()
    assert f"{path}/confirm" not in seen.content.decode()
    assert squad.send(f"{path}/arrive").status_code == 302
    refused = street.send(f"{path}/confirm", solved="solved", rating="9", version=str(row.version + 1))
    assert refused.status_code == 422
    done = street.send(f"{path}/confirm", solved="solved", rating="4", version=str(row.version + 1))
    assert done.status_code == 302, text(done)
    shown = text(street.get(path))
    assert all(word in shown for word in ("Confirmed", "Emergency", "Blown by", "Solved"))
    assert "Nobody is entered yet" not in shown, "nobody signs in at a whistle"


def test_who_is_called_may_be_several_and_a_mistake_loses_none(sit: Sit) -> None:
    street = sit("unit_clerk", unit=OFFICE)
    new = "/desk/workdays/new?type=whistle"
    page = street.get(new)
    begun = datetime.fromisoformat(forms(page)[""]["starts_at"][0])
    local = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert timedelta() <= local - begun < timedelta(minutes=10), "what is whistled for was found now, not planned"
    assert re.search(r"<legend>Who is called</legend>", page.content.decode()), "not said to be optional"
    given = {"cause": "hard", "subject": "Night market", "unit": OFFICE, "place": COMMUNITY, "starts_at": when(0)[:16]}
    none = street.send(new, **given)
    assert none.status_code == 422
    assert "Who is called" in text(none)
    # Without scripts several are typed in one line; what is known is ticked, what is not known stays typed.
    wrong = street.send(new, **given, units_other=f"squad-gaosuntang；{BUREAU}; nobody knows it")
    assert wrong.status_code == 422
    form = forms(wrong)[""]
    assert (form["units"], form["units_other"]) == (["squad-gaosuntang", BUREAU], ["nobody knows it"])
    blown = street.send(new, **given, units=form["units"], units_other="")
    assert blown.status_code == 302, text(blown)
    seen = text(street.get(blown["Location"]))
    assert "Gaosuntang" in seen
    (row,) = list_occasions(district_id(), acting("comprehensive_office"), Filter("whistle")).rows
    view = get_occasion(district_id(), acting("comprehensive_office"), row.record_id)
    assert {one.unit for one in view.state.assignments if one.slot == "called"} == {BUREAU, "squad-gaosuntang"}
