"""Whistles at the desk: blown, listed and followed by pages that know no type by name."""

from __future__ import annotations

from desk.conftest import Sit, text
from gewu.occasions.queries import Filter, list_occasions
from support.district import acting, district_id
from support.occasion_play import when
from support.occasions import COMMUNITY, OFFICE


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
