"""Posts and who holds them: given from a day to a day, ended, always with days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gewu.ledger.counting import open_parts_of_person
from gewu.registry.administration.changes import Step
from gewu.registry.models import Change, Person, Post
from gewu.surfaces.admin import shared as s
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk

TOPIC = "posts"


def post_name(post: Post, language: str) -> str:
    """The name of a post as it is shown."""
    return names.typeset(post.name_zh if language.startswith("zh") else post.name_en, language)


def holding_columns() -> list[s.Column]:
    """The headings of ``held_rows``."""
    return s.columns(_("Post"), _("Unit"), _("Role"), _("Held since"), _("Last day"))


def spans(posts: Sequence[Post]) -> dict[str, tuple[date | None, date | None]]:
    """Since when each post is held by who holds it, and until when it is planned. One statement."""
    found: dict[str, tuple[date | None, date | None]] = {post.code: (post.valid_from, post.valid_to) for post in posts}
    if not posts:
        return found
    rows = Change.objects.filter(
        district_id=posts[0].district_id,
        table="post",
        field="person",
        key__in=list(found),
        state__in=(Change.DONE, Change.PLANNED),
    ).order_by("day", "id")
    for row in rows:
        since, until = found[row.key]
        if row.state == Change.DONE:
            since = row.day
        else:
            last = row.day - timedelta(days=1)
            until = last if until is None or last < until else until
        found[row.key] = since, until
    return found


def held_rows(desk: Desk, posts: Sequence[Post]) -> list[list[s.Cell]]:
    """Posts as rows, with the days on which they are held."""
    days = spans(posts)
    return [
        [
            s.Cell(post_name(post, desk.language), reverse("admin:post", args=[post.code])),
            s.unit_cell(desk, post.unit.code),
            s.Cell(names.role(desk.directory, post.role.code, desk.language)),
            s.Cell(days[post.code][0] or _("since it is there")),
            s.Cell(days[post.code][1] or _("no end set")),
        ]
        for post in posts
    ]


def give_form(desk: Desk, *, person: Person | None = None, post: Post | None = None) -> s.Form:
    """The form by which a post is given to somebody, for now or from a day to a day."""
    fields: list[s.Field] = []
    if post is None:
        fields.append(s.Field("post", _("Post"), "select", required=True, prefix="give", choices=_post_choices(desk)))
        action = reverse("admin:give", args=[person.login if person else ""])
    else:
        fields.append(
            s.Field(
                "login",
                _("Login of who is to hold it"),
                required=True,
                prefix="give",
                attrs={"autocomplete": "off", "list": "logins"},
            )
        )
        action = reverse("admin:post-give", args=[post.code])
    fields += [
        s.day_field("from", _("From"), s.today(desk), prefix="give"),
        s.day_field(
            "until", _("Last day"), None, required=False, prefix="give", hint=_("The last day. Left empty, it is open.")
        ),
        s.reason_field("give"),
    ]
    return s.Form(_("Give a post"), action, fields, _("Give it"))


def _post_choices(desk: Desk) -> list[s.Choice]:
    """Posts that stand, the vacant ones first."""
    found = [
        (p.person is not None, names.unit(desk.directory, p.unit, desk.language), p)
        for p in desk.directory.posts.values()
        if p.active and (unit := desk.directory.unit(p.unit)) is not None and unit.accounts
    ]
    found.sort(key=lambda x: (x[0], x[1], x[2].code))
    held, vacant = _("Held by somebody else now"), _("Vacant")
    return [s.Choice("", _("Choose"))] + [
        s.Choice(
            p.code, f"{names.typeset(p.name(desk.language), desk.language)} · {unit}", group=held if taken else vacant
        )
        for taken, unit, p in found
    ]


def wish_to_give(
    request: HttpRequest, desk: Desk, post: Post, person: Person, back: str, errors: s.Errors
) -> s.Wish | None:
    """What the form asks for; None with errors."""
    start = s.day_of(request, "from", errors, required=True)
    until = s.day_of(request, "until", errors)
    reason = s.needed(request, "reason", errors, 300)
    if start and until and until < start:
        errors["until"] = _("This is before the first day.")
    if start and start < s.today(desk):
        errors["from"] = _("A post is given from today or a later day: what was done meanwhile stays with who held it.")
    if start and post.valid_to and start > post.valid_to:
        errors["from"] = _("The post ends on %(day)s.") % {"day": post.valid_to.isoformat()}
    if not person.is_active:
        errors["login" if "login" in request.POST else "post"] = _("This login is locked. Unlock it first.")
    if post.person_id == person.pk and start == s.today(desk) and until is None:
        errors["login" if "login" in request.POST else "post"] = _("This person holds the post already.")
    if errors or start is None:
        return None
    wish = s.Wish(
        [Step("set", "post", post.code, "person", person.login)],
        TOPIC,
        _("Give a post"),
        _("The post is given."),
        back,
        start,
        reason,
    )
    zh = desk.language.startswith("zh")
    old = post.person
    wish.lines = [
        (
            post_name(post, desk.language),
            (old.name_zh if zh else old.name_en) if old else _("vacant"),
            person.name_zh if zh else person.name_en,
        )
    ]
    if old is not None and old.pk != person.pk:
        wish.consequences += leaving(desk, post, old)
    if until is not None:
        wish.consequences.append(_("After %(day)s the post is vacant again.") % {"day": until.isoformat()})
        wish.after = _vacant_after(desk, post.code, until, reason)
    return wish


def leaving(desk: Desk, post: Post, old: Person) -> list[str]:
    """What follows when somebody no longer holds a post."""
    found = [
        _("%(name)s no longer acts for this post; a session at it ends.")
        % {"name": old.name_zh if desk.language.startswith("zh") else old.name_en}
    ]
    parts = open_parts_of_person(desk.district_id, str(old.pk), post.unit.code)
    if parts:
        found.append(
            ngettext(
                "%(n)d open part is in their name at this unit. It stays with the unit, where others may take it on.",
                "%(n)d open parts are in their name at this unit. They stay with the unit, where others may take "
                "them on.",
                parts,
            )
            % {"n": parts}
        )
    others = [p for p in desk.directory.holders(post.role.code) if p.person is not None and p.code != post.code]
    if not others:
        role = names.role(desk.directory, post.role.code, desk.language)
        found.append(
            _("Nobody else holds a post of the role %(role)s: what it alone may do waits until the post is held again.")
            % {"role": role}
        )
    return found


def _vacant_after(desk: Desk, code: str, until: date, reason: str):  # type: ignore[no-untyped-def]
    from gewu.registry.administration.changes import carry_out

    def plan() -> None:
        step = Step("set", "post", code, "person", None)
        carry_out(s.district_of(desk), [step], s.by_of(desk, reason), topic=TOPIC, day=until + timedelta(days=1))

    return plan


def refused(
    request: HttpRequest, desk: Desk, form: s.Form, errors: s.Errors, tab: str, back: tuple[str, str]
) -> HttpResponse:
    """The form alone, with what is wrong."""
    s.filled(form.fields, request, errors)
    return s.show(request, desk, s.Page(tab, form.title, forms=[form], back=back))
