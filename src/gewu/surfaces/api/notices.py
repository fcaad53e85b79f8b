"""Messages to one's role, unit or person."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from gewu.cases import queries
from gewu.office.queries import kind_of
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.identity import who
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show

router = Router(tags=["notices"])


@router.get("/notices", response=o.Notices, operation_id="list_notices")
def list_notices(request: HttpRequest, wanted: Query[i.NoticeQuery]) -> o.Notices:
    """Messages to the acting post about cases and register entries that it sees, newest first, 50 a page.

    ``case`` is null where the message is about an entry of a register; ``number`` is the entry's then. ``unread`` and
    ``read_at`` are the person's own; a message that came before they took the post is neither unread nor read.
    """
    known_only(request, i.NoticeQuery)
    found = who(request)
    directory = found.directory
    show = Show(directory, found.language)
    after = str(wanted.after) if wanted.after else None
    notices, following = queries.list_notices(found.district_id, found.acting, unread=wanted.unread, after=after)
    numbers = kind_of(found.district_id, [n.record_id for n in notices if n.record_id and n.kind != "case"])
    items = []
    for notice in notices:
        playbook = directory.playbook(notice.playbook, notice.playbook_version)
        text = words.message_text(playbook, notice.message, found.language)
        items.append(
            o.NoticeOut(
                id=notice.id,
                case=notice.record_id if notice.kind == "case" else None,
                number=notice.number or (numbers.get(notice.record_id, ("", ""))[1] if notice.record_id else ""),
                message=o.Named(code=notice.message, name=text),
                at=show.here(notice.at),
                read_at=show.local(notice.read_at),
                unread=notice.unread,
            )
        )
    return o.Notices(items=items, after=UUID(following) if following else None)


@router.post("/notices/read", response=o.ReadOut, operation_id="mark_notices_read")
def mark_read(request: HttpRequest, body: i.NoticesReadIn) -> o.ReadOut:
    """Mark notices as read by the person at the post. For others of the post they wait on; a program reads
    for whoever holds its post."""
    found = who(request)
    marked = queries.mark_read(found.district_id, found.acting, body.ids, datetime.now(UTC))
    return o.ReadOut(marked=marked)
