"""Photos: sent before the command that brings them, given out to whoever sees the case."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from gewu.keeping.reveals import sight_of
from gewu.ledger import attachments
from gewu.ledger.models import Attachment, Record
from gewu.office.kinds import sees_kind
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.fields import In
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.show import photo_out

router = Router(tags=["photos"])


class UploadForm(In):
    """What comes beside the file."""

    role: i.PhotoRole = "other"


class SizeQuery(In):
    """``page`` and ``thumb`` are copies without the camera's data."""

    size: Literal["page", "thumb", "original"] = "page"


@router.post("/attachments", response={201: o.PhotoOut}, operation_id="upload_photo")
def upload_photo(
    request: HttpRequest,
    response: HttpResponse,
    photo: Annotated[UploadedFile, File(..., description="A JPEG, PNG or WebP photo of at most 15 MB.")],
    wanted: Form[UploadForm],
) -> Status[o.PhotoOut]:
    """Take in a photo. Its id then goes with a new case or a move of the same person; unused it is removed later."""
    found = who(request)
    if (photo.size or 0) > attachments.MAX_BYTES:
        raise attachments.BadAttachment("too_large", "the photo is too large")
    staged = attachments.stage(found.district_id, photo.read(), found.acting.actor.person, wanted.role)
    answer = photo_out(staged.id, wanted.role, staged)
    response.headers["Location"] = answer.url
    return Status(201, answer)


@router.get("/attachments/{uuid:photo_id}", response={200: None}, operation_id="get_photo", openapi_extra={
    "responses": {200: {"description": "The photo", "content": {
        mime: {"schema": {"type": "string", "format": "binary"}}
        for mime in ("image/jpeg", "image/png", "image/webp", "application/pdf")
    }}},
})  # fmt: skip
def get_photo(request: HttpRequest, photo_id: UUID, wanted: Query[SizeQuery]) -> HttpResponse:
    """A photo of a case or an entry of a register that the acting post sees. The original, with what the camera wrote,
    is not for handlers. A PDF comes as it is; there is no thumb of it."""
    found = who(request)
    if not _may_see(found, photo_id, wanted.size):
        raise ProblemError("not_found", _gone(found.language))
    read = attachments.read(found.district_id, photo_id)
    if read is None:
        raise ProblemError("not_found", _gone(found.language))
    data, mime = read
    document = mime == attachments.PDF
    if document and wanted.size == "thumb":
        raise ProblemError("not_found", _gone(found.language))  # there is no picture of a document
    if wanted.size != "original" and not document:
        data, mime = attachments.clean_copy(data, wanted.size), "image/jpeg"
    response = HttpResponse(data, content_type=mime)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = "attachment" if document else "inline"
    if document:
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _may_see(found: Who, photo_id: UUID, size: str) -> bool:
    row = (
        Attachment.objects.filter(district_id=found.district_id, id=photo_id)
        .values_list("record_id", "uploaded_by")
        .first()
    )
    if row is None:
        return False
    record_id, uploaded_by = row
    own = uploaded_by == found.acting.actor.person
    if record_id is None:
        return own
    record = (
        Record.objects.filter(district_id=found.district_id, id=record_id)
        .values_list("place", "areas", "involved", "kind")
        .first()
    )
    if record is None or not found.acting.sees(*record[:3]):
        return False
    if not sees_kind(found.directory, record[3], found.acting.actor.roles):
        return False
    return size != "original" or own or sight_of(found.acting) != "hidden"


def _gone(language: str) -> str:
    if language.startswith("zh"):
        return "没有此照片，或不在您的可见范围内，或已删除。"
    return "There is no such photo, you may not see it, or it was erased."
