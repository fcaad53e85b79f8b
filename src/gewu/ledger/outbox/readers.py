"""For whom a notice is: the posts it names, as far as they see its record; and who of them has read it.

What is unread is written once, when the notice comes, for each person who holds such a post at that moment. So a count
asks for what is left and nothing else, however many notices there have been; and whoever takes a post later finds its
earlier notices listed, but none of them waits for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from gewu.core.places import Scope
from gewu.registry.directory import Directory, get_directory
from gewu.registry.entries import PostInfo


@dataclass(frozen=True, slots=True)
class Written:
    """A notice that was written just now. Empty ``role``, ``unit`` or ``person`` mean any."""

    district_id: int
    id: UUID
    record_id: UUID | None
    role: str
    unit: str
    person: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The record of a notice: what decides who sees it, and whether it is urgent."""

    place: str
    areas: tuple[str, ...]
    involved: tuple[str, ...]
    urgent: bool


def subject_of(notice: Written) -> Subject | None:
    """The record that a notice is about as it is now, or None: it is about none, or the record is gone."""
    if notice.record_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, areas, involved, coalesce(state->'fields'->'urgent' = 'true'::jsonb, false)"
            " FROM ledger_record WHERE district_id = %s AND id = %s",
            [notice.district_id, notice.record_id],
        )
        row = cursor.fetchone()
    return Subject(row[0], tuple(row[1]), tuple(row[2]), bool(row[3])) if row else None


def addressed(notice: Written, post: PostInfo) -> bool:
    """Whether a notice names a post: role, unit and person, as far as it has them, are the post's own."""
    return (
        notice.role in ("", post.role)
        and notice.unit in ("", post.unit)
        and notice.person in ("", str(post.person))
        and bool(notice.role or notice.unit or notice.person)
    )


def sees(post: PostInfo, directory: Directory, notice: Written, subject: Subject | None) -> bool:
    """Whether a post sees the record of a notice. What is about no record is seen by whomever it names."""
    if notice.record_id is None:
        return True
    if subject is None:
        return False
    unit = directory.unit(post.unit)
    covered = Scope(post.prefixes, frozenset(post.areas)).covers(subject.place, list(subject.areas))
    return covered or (unit is not None and unit.path in subject.involved)


def posts_for(notice: Written, directory: Directory, subject: Subject | None) -> list[PostInfo]:
    """The active posts that a notice is for."""
    named: Iterable[PostInfo]
    if notice.unit:
        named = directory.posts_of_unit(notice.unit)
    elif notice.role:
        named = directory.holders(notice.role)
    else:
        person = directory.post_person(notice.person)
        named = [directory.posts[code] for code in person.posts] if person is not None else []
    return [post for post in named if addressed(notice, post) and sees(post, directory, notice, subject)]


def reader_of(post: PostInfo) -> str:
    """Who reads at a post: whoever holds it, else the post itself, for a program that acts for it."""
    return str(post.person) if post.person is not None else f"post:{post.code}"


def keep_unread(notice: Written, subject: Subject | None) -> None:
    """Let a new notice wait for everybody who holds a post that it is for. One statement."""
    directory = get_directory(notice.district_id)
    readers = sorted({reader_of(post) for post in posts_for(notice, directory, subject)})
    if not readers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_reading (district_id, notice_id, reader) SELECT %s, %s, unnest(%s::text[])"
            " ON CONFLICT DO NOTHING",
            [notice.district_id, notice.id, readers],
        )
