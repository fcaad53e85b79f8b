"""Photos of cases, as clean copies without what the camera wrote."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.ledger import attachments
from gewu.ledger.models import Attachment, Record
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
    connection.close()  # scaling takes a while; somebody else can use the connection meanwhile
    response = HttpResponse(attachments.clean_copy(found[0], size), content_type="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={_DAY}, immutable"
    response.headers["Content-Disposition"] = "inline"
    return response


def _visible(desk: Desk, record_id: UUID | None, uploaded_by: str) -> bool:
    if record_id is None:
        return uploaded_by == desk.acting.actor.person
    record = (
        Record.objects.filter(district_id=desk.district_id, id=record_id).values("place", "areas", "involved").first()
    )
    return record is not None and desk.acting.sees(record["place"], record["areas"], record["involved"])
