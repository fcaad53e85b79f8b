"""Photos that come with a form: taken in one by one, each fault told by the file's own name."""

from __future__ import annotations

import contextlib
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gewu.core.forms import has_control
from gewu.ledger import attachments
from gewu.ledger.attachments import MAX_BYTES, BadAttachment, Staged
from gewu.surfaces.public.site import MAX_PHOTOS
from gewu.surfaces.words import error_text

ROLE = "scene"


def take_in(
    district_id: int, request: HttpRequest, name: str, visitor: str, held: int, language: str
) -> tuple[list[Staged], str]:
    """Stage the files of one form field for a visitor. Returns what is in, and what to say about the rest.

    ``held`` is how many photos the visitor has in already.
    """
    files = [f for f in request.FILES.getlist(name) if isinstance(f, UploadedFile) and (f.name or f.size)]
    taken: list[Staged] = []
    faults: list[str] = []
    for file in files:
        if held + len(taken) >= MAX_PHOTOS:
            faults.append(_("At most %(most)d photos; the others were left out.") % {"most": MAX_PHOTOS})
            break
        try:
            # One byte more than is taken: enough to be refused for its size, and nothing larger is held in memory.
            taken.append(attachments.stage(district_id, file.read(MAX_BYTES + 1), visitor, ROLE))
        except BadAttachment as error:
            shown = str(file.name or "")[-60:]
            faults.append(f"{'?' if has_control(shown) else shown}: {error_text(error, language)}")
    return taken, " ".join(faults)


def picture(district_id: int, photo_id: str, size: str) -> HttpResponse | None:
    """A copy without what the camera wrote into it; None when it is gone. Whoever calls has asked for the rights."""
    with contextlib.suppress(ValueError):
        found = attachments.read(district_id, UUID(photo_id))
        if found is not None and found[1] != attachments.PDF:
            response = HttpResponse(attachments.clean_copy(found[0], size), content_type="image/jpeg")
            response.headers["Cache-Control"] = "private, no-store"
            return response
    return None
