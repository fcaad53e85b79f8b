"""Photos as clean copies without what the camera wrote, and scans as they are."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.ledger import attachments
from gewu.ledger.models import Attachment, Record
from gewu.office.kinds import sees_kind
from gewu.surfaces.desk.who import Desk, desk_page

_DAY = 86_400


@desk_page()
@require_safe
def photo(_request: HttpRequest, desk: Desk, photo_id: UUID, size: str) -> HttpResponse:
    """A photo that belongs to a case in sight, or that this person sent and that waits for its form."""
    row = (
        Attachment.objects.filter(district_id=desk.district_id, id=photo_id).values("record_id", "uploaded_by").first()
    )
    if row is None or not _visible(desk, row["record_id"], row["uploaded_by"]):
        raise Http404(_("There is no such photo, or it is not yours to see."))
    found = attachments.read(desk.district_id, photo_id)
    if found is None:
        raise Http404(_("This photo was erased."))
    if found[1] == attachments.PDF:
        return _document(found[0], photo_id, size)
    connection.close()  # scaling takes a while; somebody else can use the connection meanwhile
    response = HttpResponse(attachments.clean_copy(found[0], size), content_type="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={_DAY}, immutable"
    response.headers["Content-Disposition"] = "inline"
    return response


_TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="132" height="99" viewBox="0 0 132 99">'
    '<rect width="132" height="99" fill="#eef1f0"/>'
    '<path d="M48 14h26l16 16v56H48z" fill="#fff" stroke="#5b6b68" stroke-width="2"/>'
    '<path d="M74 14v16h16" fill="none" stroke="#5b6b68" stroke-width="2"/>'
    '<text x="69" y="64" text-anchor="middle" font-family="sans-serif" font-size="15" font-weight="bold"'
    ' fill="#334">PDF</text></svg>'
)
"""What stands for a document, of which no picture is made."""


def _document(data: bytes, photo_id: UUID, size: str) -> HttpResponse:
    """A scan, to be saved and opened outside the browser; a tile where a small picture is wanted."""
    if size == "thumb":
        response = HttpResponse(_TILE, content_type="image/svg+xml")
    else:
        response = HttpResponse(data, content_type=attachments.PDF)
        response.headers["Content-Disposition"] = f'attachment; filename="scan-{photo_id.hex[-8:]}.pdf"'
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"private, max-age={_DAY}, immutable"
    return response


def _visible(desk: Desk, record_id: UUID | None, uploaded_by: str) -> bool:
    if record_id is None:
        return uploaded_by == desk.acting.actor.person
    record = (
        Record.objects.filter(district_id=desk.district_id, id=record_id)
        .values("kind", "place", "areas", "involved")
        .first()
    )
    if record is None or not sees_kind(desk.directory, record["kind"], desk.roles):
        return False
    return desk.acting.sees(record["place"], record["areas"], record["involved"])
