"""Commands of the district's own IT staff: tokens and passwords, seals, erasing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command


@click.command()
@click.argument("login")
@click.option("--post", default="", help="Code of the post, for somebody who holds several.")
@click.option("--name", default="command line", show_default=True, help="Which program will use it.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it is valid.")
@click.option("--revoke", default="", help="End the token with this prefix instead.")
@command
def token(out: Output, *, login: str, post: str, name: str, days: int, revoke: str) -> None:
    """Issue an API token for a post of LOGIN. It is shown once and stored as a hash only."""
    with_database(out)
    from gewu.registry import people
    from gewu.registry.models import Person, Post

    if revoke:
        ended = people.revoke_token(revoke)
        out.result({"revoked": ended}, "ended" if ended else "no living token has this prefix")
        out.finish(Exit.OK if ended else Exit.PROBLEMS)
    person = Person.objects.filter(login=login).first()
    posts = people.posts_today(person) if person else ()
    if post:
        posts = tuple(p for p in posts if p.post_code == post)
    if len(posts) != 1:
        found = ", ".join(p.post_code for p in posts)
        reason = f"{login} holds several posts, choose one with --post: {found}" if posts else f"{login} holds no post"
        out.result({"error": reason}, reason)
        out.finish(Exit.PROBLEMS)
    expires = datetime.now(UTC) + timedelta(days=days)
    text = people.issue_token(Post.objects.get(pk=posts[0].post_id), name, expires)
    data = {"token": text, "post": posts[0].post_code, "district": posts[0].district_id, "expires": expires.isoformat()}
    out.result(data, f"{text}\nfor {posts[0].post_code}, until {expires:%Y-%m-%d}. It is not shown again.")


@click.command()
@click.argument("login")
@click.option("--password", help="The new password; asked for when it is not given.")
@click.option("--forget-second-factor", is_flag=True, help="Their telephone is lost: ask for no code any more.")
@command
def password(out: Output, *, login: str, password: str | None, forget_second_factor: bool) -> None:
    """Set the password of LOGIN and end their sessions; or only forget their second factor."""
    with_database(out)
    if forget_second_factor:
        _forget_second_factor(out, login)
        if password is None:
            return
    if password is None:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ObjectDoesNotExist, ValidationError

    from gewu.registry import people
    from gewu.registry.models import Person

    try:
        validate_password(password, Person.objects.get(login=login))
        people.set_password(login, password)
    except ValidationError as error:
        out.result({"error": error.messages}, " ".join(error.messages))
        out.finish(Exit.PROBLEMS)
    except (ObjectDoesNotExist, LookupError, ValueError):
        out.result({"error": f"nobody logs in as {login}"}, f"nobody logs in as {login}")
        out.finish(Exit.PROBLEMS)
    out.result({"login": login}, f"the password of {login} is set")


def _forget_second_factor(out: Output, login: str) -> None:
    from gewu.registry.models import Person
    from gewu.surfaces.signin import secondfactor

    person = Person.objects.filter(login=login).first()
    if person is None:
        out.result({"error": f"nobody logs in as {login}"}, f"nobody logs in as {login}")
        out.finish(Exit.PROBLEMS)
    had = secondfactor.forget(person, "command line")
    text = f"the second factor of {login} is forgotten, and their sessions are ended" if had else f"{login} has none"
    out.result({"login": login, "forgotten": had}, text)


@click.command()
@command
def seal(out: Output) -> None:
    """Seal every district: a Merkle root over what changed since the last seal. Meant to run once a day.

    Each seal is written to GEWU_HOME/seals as well, to be published.
    """
    with_database(out)
    from gewu.keeping.seals import publish
    from gewu.ledger.seals import make_seal
    from gewu.registry.models import District

    made = [make_seal(district_id) for district_id in District.objects.order_by("id").values_list("id", flat=True)]
    files = [str(path) for s in made for path in publish(s.district_id)]
    out.result(
        {
            "seals": [
                {"district": s.district_id, "no": s.no, "at": s.at, "heads": s.heads, "hash": s.hash} for s in made
            ],
            "files": files,
        },
        "\n".join([*(f"district {s.district_id}: seal {s.no} over {s.heads} records, {s.hash}" for s in made), *files]),
    )


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@command
def erase(out: Output, *, number: str, yes: bool) -> None:
    """Destroy the words and photos of the case NUMBER for good. What happened and when stays; no word of it does."""
    with_database(out)
    from gewu.cases.queries import find_by_number
    from gewu.ledger.door import SYSTEM
    from gewu.ledger.erasure import erase as erase_record
    from gewu.ledger.errors import Held
    from gewu.registry.models import District

    for district_id in District.objects.order_by("id").values_list("id", flat=True):
        record_id = find_by_number(district_id, number)
        if record_id is not None:
            break
    else:
        out.result({"error": f"there is no case {number}"}, f"there is no case {number}")
        out.finish(Exit.PROBLEMS)
    if not yes:
        click.confirm(f"Erase the words and photos of {number} for good?", abort=True)
    try:
        at = erase_record(district_id, record_id, SYSTEM)
    except Held:
        text = f"{number} is held and may not be erased. See: gewu retention holds; lift it: gewu retention release"
        out.result({"error": text}, text)
        out.finish(Exit.PROBLEMS)
    out.result({"number": number, "erased_at": at}, f"{number}: erased at {at:%Y-%m-%d %H:%M:%S} UTC")
