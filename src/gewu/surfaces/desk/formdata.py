"""From a submitted form to a command: typed arguments, free words, photos; everything typed is kept for an error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.cases.named import KINDS
from gewu.cases.queries import find_by_number
from gewu.core.playbook import model as m
from gewu.core.records import Arg, Photo
from gewu.ledger import attachments
from gewu.ledger.attachments import BadAttachment
from gewu.occasions.queries import find_occasion
from gewu.office.queries import find_entry
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present.moves import OTHER
from gewu.surfaces.desk.who import Desk

MOST_PHOTOS = 12
MOST_TYPED_UNITS = 50
"""So many typed units are looked up; what comes after them stays typed, as a name that nothing has."""
_PARTED = re.compile("[;；\n]")


@dataclass(slots=True)
class Given:
    """What came with a form. ``faults`` are finished sentences by field; ``typed`` is what to show again."""

    args: dict[str, Arg] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    photos: list[Photo] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str | bool | Sequence[str]] = field(default_factory=dict)
    command_id: str = ""
    version: int | None = None
    target: int | None = None
    general: list[str] = field(default_factory=list)


def read(request: HttpRequest, desk: Desk, move: m.Move, category: str = "", *, documents: bool = False) -> Given:
    """Read the form of a move. Photos are taken in at once, so that an error elsewhere does not lose them.

    With ``documents`` a scan may also be a PDF.
    """
    data = request.POST
    given = Given(command_id=command_id(data), version=_int(data.get("version")), target=_int(data.get("target")))
    for wanted in move.form:
        _read_field(given, data, desk, wanted)
    if move.reason or "reason" in data:
        given.texts["reason"] = clean_text(data.get("reason", ""))
        given.typed["reason"] = given.texts["reason"]
    if "target" in data:
        given.typed["target"] = data["target"]
    given.texts = {k: v for k, v in given.texts.items() if v}
    chosen = given.args.get("category")
    given.typed["category_key"] = chosen if isinstance(chosen, str) else category
    take_photos(request, desk, given, documents=documents)
    return given


def command_id(data: QueryDict) -> str:
    """The id that the page made for this command, or a new one where it is no id."""
    try:
        return str(UUID(data.get("command_id", "")))
    except ValueError:
        return str(uuid4())


def clean_text(text: str) -> str:
    """Browsers send line ends as CR LF; people mean one line end."""
    return text.replace("\r\n", "\n").strip()


def _int(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _read_field(given: Given, data: QueryDict, desk: Desk, wanted: m.FormField) -> None:
    name, kind = wanted.name, wanted.type
    if kind in ("bool", "tick"):
        ticked = data.get(name) == "1"
        given.typed[name] = ticked
        if ticked:
            given.args[name] = True
        return
    if kind == "units":
        _read_units(given, data, desk, name)
        return
    raw = clean_text(data.get(name, ""))
    given.typed[name] = raw
    if kind in ("text", "phone"):
        given.texts[name] = raw
    elif kind == "unit":
        _read_unit(given, data, desk, name, raw)
    elif kind == "category":
        _resolved(given, name, find.meant_category(desk.directory, raw, desk.language))
    elif kind == "place":
        other = clean_text(data.get(name + OTHER, ""))
        given.typed[name + OTHER] = other
        meant = find.meant_place(desk.directory, other or raw, desk.language)
        _resolved(given, name, meant, name + OTHER if other else "")
    elif kind == "record":
        _read_record(given, desk, name, raw)
    elif kind == "int":
        number = _int(raw.removeprefix("-"))
        if number is not None:
            given.args[name] = -number if raw.startswith("-") else number
        elif raw:
            given.faults[name] = words.fault_text("type", desk.language, wanted)
    elif kind == "instant":
        _read_instant(given, desk, wanted, raw)
    elif raw:
        given.args[name] = raw


def _read_units(given: Given, data: QueryDict, desk: Desk, name: str) -> None:
    """Units that were ticked, and those that were typed: several are parted by semicolons.

    A typed unit that is known counts as ticked from then on; what is not known stays typed, with its error.
    """
    chosen, left, typed = list(dict.fromkeys(data.getlist(name))), [], clean_text(data.get(name + OTHER, ""))
    for text in filter(None, map(str.strip, _PARTED.split(typed, MOST_TYPED_UNITS))):
        meant = find.meant_unit(desk.directory, text, desk.language)
        if meant.code:
            chosen.append(meant.code)
        else:
            left.append(text)
            given.faults.setdefault(name + OTHER, sentence(meant))
    chosen = list(dict.fromkeys(chosen))
    given.typed[name], given.typed[name + OTHER] = chosen, "; ".join(left)
    if chosen:
        given.args[name] = tuple(chosen)


def _read_unit(given: Given, data: QueryDict, desk: Desk, name: str, raw: str) -> None:
    other = clean_text(data.get(name + OTHER, ""))
    given.typed[name + OTHER] = other
    if other:
        _resolved(given, name, find.meant_unit(desk.directory, other, desk.language), name + OTHER)
    elif raw in desk.directory.units:
        given.args[name] = raw
    else:
        _resolved(given, name, find.meant_unit(desk.directory, raw, desk.language))


def _resolved(given: Given, name: str, meant: find.Meant, shown_at: str = "") -> None:
    if meant.code:
        given.args[name] = meant.code
    elif meant.several or meant.unknown:
        given.faults[shown_at or name] = sentence(meant)


def sentence(meant: find.Meant) -> str:
    """Why typed text names nothing, or which it could be."""
    if meant.several:
        joined = " · ".join(meant.several[:6])
        return _("Several fit; choose one of: %(several)s") % {"several": joined}
    return _("Nothing has this name or code; choose one of the suggestions")


def _read_record(given: Given, desk: Desk, name: str, raw: str) -> None:
    if not raw:
        return
    found = (
        find_by_number(desk.district_id, raw)
        or find_entry(desk.district_id, raw)
        or find_occasion(desk.district_id, raw)
    )
    if found is None:
        other = name in KINDS
        given.faults[name] = _("Nothing has this number") if other else _("There is no case with this number")
    else:
        given.args[name] = str(found)


def _read_instant(given: Given, desk: Desk, wanted: m.FormField, raw: str) -> None:
    if not raw:
        return
    try:
        at = timezone.make_aware(datetime.fromisoformat(raw))
    except ValueError:
        given.faults[wanted.name] = words.fault_text("date", desk.language, wanted)
    else:
        given.args[wanted.name] = int(at.timestamp())


# ---- photos


def take_photos(request: HttpRequest, desk: Desk, given: Given, *, documents: bool = False) -> None:
    """Take in uploaded photos (inputs named ``photo_ROLE``) and those an earlier attempt brought (``kept``)."""
    for item in request.POST.getlist("kept")[:MOST_PHOTOS]:
        photo_id, _sep, role = item.partition(":")
        try:
            given.photos.append(Photo(str(UUID(photo_id)), role or "other"))
        except ValueError:
            continue
    for name in request.FILES:
        if not name.startswith("photo_"):
            continue
        role = name.removeprefix("photo_")
        for upload in request.FILES.getlist(name):
            _take(upload, role, desk, given, name, documents=documents)


def _take(
    upload: UploadedFile[bytes], role: str, desk: Desk, given: Given, field_name: str, *, documents: bool = False
) -> None:
    if len(given.photos) >= MOST_PHOTOS:
        given.faults[field_name] = _("At most %(n)d photos at once; the first ones are kept") % {"n": MOST_PHOTOS}
        return
    label = f"{upload.name}: " if upload.name else ""
    if (upload.size or 0) > attachments.MAX_BYTES:
        given.faults[field_name] = label + words.error_text(BadAttachment("too_large", ""), desk.language)
        return
    try:
        staged = attachments.stage(desk.district_id, upload.read(), desk.acting.actor.person, role, documents=documents)
    except BadAttachment as error:
        given.faults[field_name] = label + words.error_text(error, desk.language)
        return
    given.photos.append(Photo(str(staged.id), role))


def kept(given: Given) -> list[tuple[str, str]]:
    """Photos that are in, to be sent along again: (id, role)."""
    return [(photo.id, photo.role) for photo in given.photos]


def refused_fields(faults: Mapping[str, str], move: m.Move, language: str) -> dict[str, str]:
    """Sentences for the fields that the core found wrong."""
    fields = {f.name: f for f in move.form}
    return {name: words.fault_text(code, language, fields.get(name)) for name, code in faults.items()}
