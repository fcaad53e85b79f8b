"""People and posts: made, given, taken away, locked out; never so that the district could not go on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from admin.conftest import Administer
from desk.conftest import Sit, text
from gewu.registry.administration.changes import do_due
from gewu.registry.models import Change, Person, Post
from gewu.registry.people import posts_today, set_password
from gewu.surfaces.signin.secondfactor import SESSION_MARK
from support.district import district_id, post

WHY = "change of staff"


def today() -> str:
    return timezone.localdate().isoformat()


def test_nobody_administers_without_a_second_factor(sit: Sit, administer: Administer) -> None:
    bare = sit("administrator")
    page = bare.get("/admin/")
    assert page.status_code == 403
    assert "Switch on the second factor" in text(page)
    assert bare.send("/admin/add/person", login="nobody1", name_zh="某").status_code == 403
    for role in ("shift_leader", "comprehensive_office", "unit_clerk"):
        assert sit(role).get("/admin/people").status_code == 403
    session = bare.client.session
    session[SESSION_MARK] = True
    session.save()
    assert bare.get("/admin/").status_code == 200


def test_a_new_person_gets_a_post_and_a_first_password_and_changes_it(administer: Administer) -> None:
    seat = administer()
    assert seat.send("/admin/add/person", login="li.wen", name_zh="李文").status_code == 302
    again = seat.send("/admin/add/person", login="li.wen", name_zh="李文")
    assert again.status_code == 422
    assert "The login li.wen is taken." in text(again)

    code = post("dispatcher", number=0).code
    given = {"post": code, "from": today(), "reason": WHY}
    shown = seat.send("/admin/people/li.wen/give", **given)
    assert shown.status_code == 200  # what follows, before anything is done
    assert "What follows" in text(shown)
    before = Post.objects.get(code=code, district_id=district_id()).person
    assert before is not None
    assert seat.send("/admin/people/li.wen/give", **given, confirmed="1").status_code == 302
    person = Person.objects.get(login="li.wen")
    assert [p.post_code for p in posts_today(person)] == [code]
    change = Change.objects.get(table="post", key=code)
    assert (change.before, change.after, change.reason) == (before.login, "li.wen", WHY)
    assert change.made_by is not None

    page = seat.send("/admin/people/li.wen/first", reason=WHY)
    secret = re.search(r'adm-secret">([^<]+)<', page.content.decode())
    assert secret is not None
    assert secret[1] not in seat.get("/admin/people/li.wen").content.decode()
    assert secret[1] not in str(list(Change.objects.values()))
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR="127.9.4.1")
    assert client.post("/desk/login", {"login": "li.wen", "password": secret[1]}).status_code == 302
    assert client.get("/desk/notices")["Location"].endswith("/desk/password")
    changed = client.post("/desk/password", {"old": secret[1], "new": "a-longer-word-7", "again": "a-longer-word-7"})
    assert changed.status_code == 302
    assert client.get("/desk/notices").status_code == 200


def test_a_first_password_that_nobody_used_opens_nothing(administer: Administer) -> None:
    seat = administer()
    login = post("intake_officer").login
    page = seat.send(f"/admin/people/{login}/first", reason=WHY)
    secret = re.search(r'adm-secret">([^<]+)<', page.content.decode())
    assert secret is not None
    Person.objects.filter(login=login).update(first_password_until=timezone.now() - timedelta(seconds=1))
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR="127.9.4.2")
    assert client.post("/desk/login", {"login": login, "password": secret[1]}).status_code == 422
    assert "First passwords that ran out unused" in text(seat.get("/admin/"))


def test_a_locked_login_is_out_at_once_and_the_last_administrator_stays(administer: Administer, sit: Sit) -> None:
    seat, other = administer(), sit("shift_leader")
    login = Person.objects.get(pk=other.person).login
    assert other.get("/desk/notices").status_code == 200
    assert seat.send(f"/admin/people/{login}/lock").status_code == 422  # without a reason
    assert seat.send(f"/admin/people/{login}/lock", reason=WHY).status_code == 302
    assert other.get("/desk/notices").status_code == 302
    assert "Posts whose holder is locked" in text(seat.get("/admin/"))
    assert seat.send(f"/admin/people/{login}/unlock", reason=WHY).status_code == 302
    own = Person.objects.get(pk=seat.person).login
    refused = seat.send(f"/admin/people/{own}/lock", reason=WHY)
    assert refused.status_code == 422
    assert "Nobody could administer the district any more" in text(refused)
    assert Person.objects.get(login=own).is_active


def test_the_only_post_of_a_needed_role_does_not_end(administer: Administer) -> None:
    seat = administer()
    codes = [p.code for p in Post.objects.filter(district_id=district_id(), role__code="shift_leader", retired_on=None)]
    for number, code in enumerate(codes):
        asked = {"last": today(), "reason": WHY, "confirmed": "1"}
        asked["last"] = (timezone.localdate() - timedelta(days=1)).isoformat()
        answer = seat.send(f"/admin/posts/{code}/end", **asked)
        last = number == len(codes) - 1
        assert answer.status_code == (422 if last else 302), text(answer)
        if last:
            assert "The playbooks need the role" in text(answer)
    assert Post.objects.get(code=codes[-1]).valid_to is None
    zh = administer(language="zh-Hans").send(f"/admin/posts/{codes[-1]}/end", **asked)
    assert "流程离不开" in text(zh)


def test_a_post_given_until_a_day_is_vacant_after_it(administer: Administer) -> None:
    seat = administer()
    found = post("assessor")
    seat.send("/admin/add/person", login="deputy", name_zh="代班")
    last = timezone.localdate() + timedelta(days=3)
    asked = {"login": "deputy", "from": today(), "until": last.isoformat(), "reason": WHY, "confirmed": "1"}
    assert seat.send(f"/admin/posts/{found.code}/give", **asked).status_code == 302
    planned = Change.objects.get(state="planned")
    assert (planned.day, planned.after) == (last + timedelta(days=1), None)
    assert "Changes that wait for their day" in text(seat.get("/admin/"))
    assert do_due(district_id()) == []  # not yet
    Change.objects.filter(pk=planned.pk).update(day=timezone.localdate())
    assert [row.state for row in do_due(district_id())] == ["done"]
    assert Post.objects.get(code=found.code).person is None


def test_a_change_that_became_impossible_is_refused_on_its_day(administer: Administer) -> None:
    seat = administer()
    own = Post.objects.get(district_id=district_id(), code=seat.post)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    # Today the only administrator cannot go; planned, it is judged now as well.
    asked = {"last": tomorrow, "reason": WHY, "confirmed": "1"}
    assert seat.send(f"/admin/posts/{own.code}/leave", **asked).status_code == 422
    Change.objects.create(
        district_id=district_id(), topic="posts", verb="set", table="post", key=own.code, field="person", after=None,
        day=timezone.localdate(), state="planned",
    )  # fmt: skip
    assert [row.state for row in do_due(district_id())] == ["failed"]
    assert Post.objects.get(pk=own.pk).person is not None
    assert "Planned changes that were refused on their day" in text(seat.get("/admin/"))
    assert "Nobody could administer" in text(seat.get("/admin/log"))


def test_lists_find_page_and_save(administer: Administer) -> None:
    seat = administer()
    assert len(seat.tenant_statements("/admin/people")) <= 3
    first = seat.get("/admin/people").content.decode()
    after = re.search(r'href="(\?[^"]*after=[^"]+)"', first)
    assert after is not None
    assert len(re.findall(r'<th scope="row">', first)) == 50
    second = seat.client.get(f"/admin/people{after[1].replace('&amp;', '&')}").content.decode()
    listed = re.compile(r'<th scope="row"><a href="([^"]+)"')
    assert set(listed.findall(first)).isdisjoint(listed.findall(second))
    assert listed.findall(second)
    login = post("dispatcher").login
    assert f"/admin/people/{login}" in seat.get("/admin/people", q=login).content.decode()
    sheet = seat.get("/admin/posts", form="csv", state="vacant").content.decode()
    assert sheet.startswith("\ufeffPost,Code,Unit")


def test_wrong_passwords_are_counted_and_told(administer: Administer) -> None:
    seat, login = administer(), post("dispatcher").login
    set_password(login, "a-password-for-tests")
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR="127.9.4.3")
    for _ in range(5):
        assert client.post("/desk/login", {"login": login, "password": "wrong"}).status_code == 422
    assert "People with many wrong passwords" in text(seat.get("/admin/"))
    assert client.post("/desk/login", {"login": login, "password": "a-password-for-tests"}).status_code == 302
    assert "People with many wrong passwords" not in text(seat.get("/admin/"))


def test_a_login_of_the_whole_installation_is_not_changed_by_a_district(administer: Administer) -> None:
    seat = administer()
    top = Person.objects.create_superuser("top-of-all", "a-password-for-tests")
    top.district_id = district_id()
    top.save()
    assert seat.get("/admin/people/top-of-all").status_code == 200
    for verb in ("first", "lock", "provider", "factor", "name"):
        answer = seat.send(f"/admin/people/top-of-all/{verb}", reason=WHY, name_zh="x", name_en="x")
        assert answer.status_code == 403, verb
    top.refresh_from_db()
    assert top.check_password("a-password-for-tests")


@pytest.mark.parametrize("path", ["/admin/people/nobody-here", "/admin/posts/none", "/admin/units/none"])
def test_what_is_not_there_is_not_found(administer: Administer, path: str) -> None:
    assert administer().get(path).status_code == 404
