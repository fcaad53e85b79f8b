"""Photos for the public: a covered copy, released and withdrawn by a person; the original never leaves the desk."""

from __future__ import annotations

import io
import random
import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import ExifTags, Image

from gewu.cases.queries import get_case
from gewu.core.records import Photo
from gewu.keeping import releases
from gewu.keeping.blurring import LONGEST, blurred, grid_of, upright
from gewu.ledger import attachments
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.ledger.errors import NotFound, Refused
from gewu.registry.models import Person
from gewu.surfaces.desk.who import SESSION_POST
from gewu.surfaces.public import remembered
from support.district import CODE, Walk, acting, district_id, post


def noise(width: int, height: int, seed: int, orientation: int = 1) -> bytes:
    """A photo full of detail, with what a camera writes into it."""
    rng = random.Random(seed)
    image = Image.frombytes("RGB", (width // 8, height // 8), rng.randbytes(width // 8 * (height // 8) * 3))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CAMERA-OF-WANG"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (30.0, 48.0, 27.0), 3: "E", 4: (108.0, 24.0, 31.0)}
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.NEAREST).save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def seat(role: str, language: str = "en") -> Client:
    found = post(role, covering=CODE)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")
    client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = found.code
    session.save()
    return client


@pytest.fixture
def stranger() -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html")


@pytest.fixture
def walk(db: object) -> Walk:
    remembered.forget()
    return Walk().closed()


def photos(walk: Walk) -> list[UUID]:
    return [row.id for row in get_case(district_id(), SYSTEM, walk.record_id).photos]


def release(walk: Walk, role: str = "shift_leader", side: str = "after", marks: tuple[int, ...] = ()) -> UUID:
    who = acting(role)
    one = releases.release(
        district_id(), who, post(role, covering=CODE).code, walk.record_id, photos(walk)[-1], side, marks
    )
    return one.copy_id


# ---- the copy


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_copy_is_small_and_bare_and_nothing_is_left_of_what_was_covered(orientation: int) -> None:
    one, other = noise(1920, 1440, 1, orientation), noise(1920, 1440, 2, orientation)
    grid = grid_of(*upright(one))
    assert (grid.columns, grid.rows) == ((16, 12) if orientation == 1 else (12, 16))
    covered = {n for n in range(grid.cells) if n % grid.columns < 3}
    made = blurred(one, covered)
    with Image.open(io.BytesIO(made.data)) as image:
        assert max(image.size) == LONGEST
        assert not image.getexif()
        assert b"CAMERA" not in made.data
        wide, high = image.width / grid.columns, image.height / grid.rows
        for n in range(grid.cells):
            row, column = divmod(n, grid.columns)
            edge = 17  # a block of JPEG: what lies within is of this field alone
            inner = (
                int(column * wide) + edge, int(row * high) + edge,
                int((column + 1) * wide) - edge, int((row + 1) * high) - edge,
            )  # fmt: skip
            spread = max(high - low for low, high in image.crop(inner).getextrema())  # type: ignore[misc]
            assert spread < 8 if n in covered else spread > 60, (n, spread)
    # One colour for a field is all there is, and chance is in it: the same photo gives other colours each time.
    assert blurred(one, covered).data != blurred(one, covered).data
    assert blurred(other, {0}).width == made.width
    with pytest.raises(ValueError, match="outside"):
        blurred(one, {grid.cells})


# ---- from the desk to the page for everybody


def test_a_person_looks_and_releases_and_only_the_copy_is_public(walk: Walk, stranger: Client) -> None:
    leader, original = seat("shift_leader"), photos(walk)[-1]
    assert f"/desk/releases/{walk.number}" in leader.get("/desk/releases").content.decode()
    address = f"/desk/releases/{walk.number}/{original}"
    assert leader.get(address).content.decode().count('name="mark"') == 16 * 12
    seen = leader.post(address, {"action": "look", "side": "after", "mark": ["0", "17", "junk", "9999"]})
    assert b"data:image/jpeg;base64," in seen.content
    assert b"2 fields are covered" in seen.content
    refused = leader.post(address, {"action": "release", "side": "after", "mark": ["0", "17"]})
    assert refused.status_code == 422
    assert b"/solved/photo/" not in stranger.get("/solved").content
    done = leader.post(address, {"action": "release", "side": "after", "mark": ["0", "17"], "looked": "1"})
    assert done.status_code == 302
    (line,) = releases.releases_of(district_id(), walk.record_id)
    assert (line.side, line.marks, line.withdrawn_at) == ("after", (0, 17), None)

    page = stranger.get("/solved").content.decode()
    (address,) = re.findall(r"/solved/photo/[0-9a-f-]{36}", page)
    assert address.endswith(str(line.copy_id))
    shown = stranger.get(address)
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert "no-cache" in shown.headers["Cache-Control"]
    assert stranger.get(address, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    found = attachments.read(district_id(), original)
    assert found is not None
    assert shown.content != found[0]
    assert stranger.get(f"/solved/photo/{original}").status_code == 404
    assert stranger.get(f"/desk/photos/{line.copy_id}").status_code == 302
    # The copy is none of the photos that came with the case.
    assert line.copy_id not in photos(walk)

    gone = leader.post(f"/desk/releases/{walk.number}/withdraw/after")
    assert gone.status_code == 302
    assert stranger.get(address).status_code == 404
    assert stranger.get(address, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 404
    assert "/solved/photo/" not in stranger.get("/solved").content.decode()
    assert not attachments.path_of(district_id(), line.copy_id).exists()
    (line,) = releases.releases_of(district_id(), walk.record_id)
    assert (line.why, line.withdrawn_post) == ("by_hand", post("shift_leader", covering=CODE).code)
    assert attachments.read(district_id(), original) is not None


def test_another_copy_takes_the_place_of_the_one_before(walk: Walk) -> None:
    first, second = release(walk), release(walk, marks=(5,))
    assert releases.public_copies(district_id(), [walk.record_id]) == {walk.record_id: {"after": second}}
    assert releases.public_copy(district_id(), first) is None
    assert [one.why for one in releases.releases_of(district_id(), walk.record_id)] == ["", "replaced"]


def test_only_those_who_answer_for_it_release_and_only_what_is_closed(db: object) -> None:
    walk = Walk().checked()
    with pytest.raises(Refused) as early:
        release(walk)
    assert early.value.refusal.code == "wrong_stage"
    walk.later(5).move(acting("shift_leader"), "close", args={"closing_condition": True})
    with pytest.raises(Refused) as stranger:
        release(walk, "dispatcher")
    assert stranger.value.refusal.code == "not_allowed"
    for role in ("dispatcher", "assessor", "intake_officer"):
        assert seat(role).get(f"/desk/releases/{walk.number}").status_code == 403
    other = Walk().closed()
    who = acting("shift_leader")
    with pytest.raises(NotFound):
        releases.release(district_id(), who, "x", walk.record_id, photos(other)[-1], "after", ())
    assert releases.releases_of(district_id(), walk.record_id) == []


def test_what_is_erased_is_gone_from_the_public_too(walk: Walk, stranger: Client) -> None:
    copy = release(walk)
    assert stranger.get(f"/solved/photo/{copy}").status_code == 200
    erase(district_id(), walk.record_id, SYSTEM)
    assert stranger.get(f"/solved/photo/{copy}").status_code == 404
    assert attachments.read(district_id(), copy) is None
    assert [(one.why, one.marks) for one in releases.releases_of(district_id(), walk.record_id)] == [("erased", ())]


def test_a_photo_of_another_size_keeps_what_was_marked(db: object) -> None:
    walk = Walk().handling()
    clerk = walk.clerk()
    staged = attachments.stage(district_id(), noise(720, 960, 3), clerk.actor.person, "after")
    walk.later(20).move(clerk, "report_handled", texts={"result": "已清洗"}, photos=[Photo(str(staged.id), "after")])
    walk.later(5).move(acting("dispatcher"), "send_check")
    walk.later(9).move(walk.collector(1), "check_pass", photos=[Photo(str(staged_scene(walk)), "scene")])
    walk.later(5).move(acting("shift_leader"), "close", args={"closing_condition": True})
    leader = seat("comprehensive_office")
    address = f"/desk/releases/{walk.number}/{staged.id}"
    leader.post(address, {"action": "release", "side": "after", "mark": ["3"], "looked": "1"})
    assert 'value="3" aria-label="Row 1, column 4" checked' in leader.get(address).content.decode()


def staged_scene(walk: Walk) -> UUID:
    return attachments.stage(district_id(), noise(64, 48, 4), walk.collector(1).actor.person, "scene").id


def test_the_lists_ask_little(walk: Walk) -> None:
    release(walk)
    who = acting("shift_leader")
    with CaptureQueriesContext(connection) as asked:
        assert [line.sides for line in releases.lines(district_id(), who, released=True)] == [("after",)]
        assert walk.number not in {line.number for line in releases.lines(district_id(), who, released=False)}
    assert len(asked) == 2
