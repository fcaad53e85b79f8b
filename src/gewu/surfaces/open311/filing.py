"""Filing a request: a report that comes in from outside, through the same door as every other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.cases import services
from gewu.core.forms import has_control
from gewu.core.playbook.model import FormField
from gewu.core.records import Arg, Photo
from gewu.ledger import attachments
from gewu.ledger.attachments import MAX_BYTES, BadAttachment
from gewu.ledger.door import now_us
from gewu.ledger.errors import CommandReused, Refused
from gewu.ledger.keys import keyed_hash
from gewu.ledger.store import answered
from gewu.registry import people
from gewu.registry.directory import Directory
from gewu.registry.people import ActorPost
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.open311 import catalogue
from gewu.surfaces.open311.endpoint import Asked
from gewu.surfaces.open311.faults import Fault
from gewu.surfaces.open311.formats import Answer
from gewu.surfaces.open311.reading import number_of
from gewu.surfaces.public.site import MAX_PHOTOS, base_url
from gewu.surfaces.throttle import budgets
from gewu.surfaces.words import error_text, fault_text

MOVE = "report"
SOURCE = "api"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "")
FILES = ("media", "media[]", "photo")
RETRY_S = 600
"""Within this many seconds the same request of the same sender is one request."""
NAME_MOST = 60
URL_MOST = 500
PARAMETERS = {
    "description": "description",
    "address": "address_string",
    "reporter_name": "first_name, last_name, email",
    "reporter_phone": "phone",
    "category": "service_code",
    "owner": "attribute[owner]",
}
"""Parameters of the standard for the fields of our form."""
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,80})\](?:\[\])?")
_HAN = re.compile(r"[\u3400-\u9fff]")


def is_number(text: str) -> bool:
    """Whether text can be the number of a request."""
    return text.isascii() and text.isdigit() and len(text) <= 40


@dataclass(slots=True)
class Form:
    """What was sent, read; ``faults`` are sentences that name the parameter."""

    category: str = ""
    args: dict[str, Arg] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    where: services.Where = field(default_factory=services.Where)
    account: str = ""
    left_out: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def file_request(asked: Asked) -> Answer:
    """File a request. The number is given at once; the code that opens it to its reporter is in the notice."""
    request, directory = asked.request, asked.directory
    if request.content_type not in FORMS:
        raise Fault(
            400, _("The body cannot be read. Send application/x-www-form-urlencoded or multipart/form-data in UTF-8.")
        )
    post = _key(asked)
    budgets.spend(budgets.OPEN311_FILE, post.token)
    form = _read(asked)
    if form.faults:
        raise Fault(400, *form.faults)
    acting = services.acting_of(post)
    photos = _photos(asked, acting.actor.person)
    intake = services.Intake(form.args, form.texts, form.where, photos, command_id=_command_id(asked, post, form))
    try:
        made = services.report(asked.district_id, acting, intake)
    except (OutsideDistrict, BadPosition) as error:
        raise Fault(400, f"lat, long: {error_text(error, asked.language, directory=directory)}") from error
    except services.UnknownPlace as error:
        raise Fault(400, _("address_id: there is no place with this code here. Send a national code.")) from error
    except CommandReused as error:
        raise Fault(400, _("Idempotency-Key: it was used before for something else.")) from error
    except Refused as error:
        raise _refused(error, asked, playbook_move(directory)) from error
    value = {
        "service_request_id": made.number,
        "service_notice": _notice(asked, made, form),
        "account_id": form.account or None,
    }
    headers = {"Location": request.build_absolute_uri(f"{request.path.rpartition('/')[0]}/requests/{made.number}.json")}
    if made.outcome.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Answer("service_requests", [value], headers=headers)


def playbook_move(directory: Directory) -> dict[str, FormField]:
    """The form of a report as the district's playbook declares it."""
    playbook = directory.playbook(services.PLAYBOOK)
    found = playbook.moves.get(MOVE) if playbook else None
    return {f.name: f for f in found.form} if found else {}


def _key(asked: Asked) -> ActorPost:
    """Who files: the post of the key. The standard answers a missing and a wrong key with 403."""
    request = asked.request
    bearer = request.headers.get("Authorization", "")
    given = request.POST.get("api_key") or request.GET.get("api_key") or ""
    if not given and bearer[:7].lower() == "bearer ":
        given = bearer[7:]
    if not given.strip():
        raise Fault(403, _("api_key is missing. Requests are filed with a key; discovery tells where to get one."))
    budgets.check_here(request, budgets.OPEN311_KEY)
    post = people.resolve_token(given.strip())
    if post is None or post.district_id != asked.district_id:
        budgets.spend_here(request, budgets.OPEN311_KEY)
        raise Fault(403, _("api_key is not valid: unknown, ended, or of another jurisdiction."))
    return post


def _refused(error: Refused, asked: Asked, form: dict[str, FormField]) -> Fault:
    if error.refusal.fields:
        said = [
            f"{PARAMETERS.get(name, name)}: {fault_text(code, asked.language, form.get(name))}"
            for name, code in error.refusal.fields.items()
        ]
        return Fault(400, *said)
    playbook = asked.directory.playbook(services.PLAYBOOK)
    text = error_text(error, asked.language, playbook, asked.directory)
    if error.code in ("not_allowed", "out_of_scope"):
        return Fault(403, f"api_key: {text}")
    return Fault(400, text)


# ---- reading the form


def _read(asked: Asked) -> Form:
    form = Form()
    sent = asked.request.POST
    for name in sent:
        if any("\ufffd" in value or has_control(value) for value in sent.getlist(name)):
            form.faults.append(_("%(name)s: the text holds control characters or is not UTF-8.") % {"name": name[:80]})
    if form.faults:
        return form
    _read_service(asked, form)
    _read_where(asked, form)
    _read_words(asked, form)
    _read_sender(asked, form)
    form.args |= {"source": SOURCE}
    return form


def _value(asked: Asked, name: str) -> str:
    return asked.request.POST.get(name, "").replace("\r\n", "\n").strip()


def _read_service(asked: Asked, form: Form) -> None:
    code = _value(asked, "service_code")
    if not code:
        form.faults.append(_("service_code is missing. services.xml lists them."))
        return
    key = catalogue.key_of(asked.directory, code)
    if key is None or (key and asked.directory.category(key) is None):
        raise Fault(404, _("service_code was not found: %(codes)s.") % {"codes": code[:80]})
    form.category = key
    if key:
        form.args["category"] = key
    known = catalogue.attributes_of(key)
    for name in asked.request.POST:
        if not name.startswith("attribute"):
            continue
        found = _ATTRIBUTE.fullmatch(name)
        attribute = found[1] if found else ""
        values = [v.strip() for v in asked.request.POST.getlist(name) if v.strip()]
        if attribute not in known:
            if values:  # it is told that it went nowhere; to refuse the whole report for it would help nobody
                form.left_out.append(name[:100])
        elif len(values) > 1 or (values and asked.directory.owner(values[0]) is None):
            form.faults.append(_("%(name)s: one of the keys of the service definition.") % {"name": name[:100]})
        elif values:
            form.args[known[attribute]] = values[0]


def _read_where(asked: Asked, form: Form) -> None:
    lat, lon = _value(asked, "lat"), _value(asked, "long") or _value(asked, "lon")
    address, place = _value(asked, "address_string"), _value(asked, "address_id")
    if address:
        form.texts["address"] = address
    if not (lat or lon or address or place):
        form.faults.append(_("Where is it? Send lat and long, or address_string, or address_id."))
        return
    if not (lat or lon):
        form.where = services.Where(place=place)
        return
    x, y = number_of(lon), number_of(lat)
    if x is None or y is None or abs(y) > 90 or abs(x) > 180:
        form.faults.append(_("lat and long: give both, in degrees (WGS-84)."))
        return
    form.where = services.Where(lon=x, lat=y, place=place)


def _read_words(asked: Asked, form: Form) -> None:
    most = _most(asked, "description")
    description = _value(asked, "description")
    if not description and form.category:
        # The standard lets it be left out: then the kind of request says what is wrong.
        description = catalogue.service_name(asked.directory, form.category, asked.directory.district.language)
    if not description:
        form.faults.append(_("description is missing. Say what is wrong."))
        return
    links = []
    sent = asked.request.POST
    for url in (u.strip() for u in (*sent.getlist("media_url"), *sent.getlist("media_url[]")) if u.strip()):
        if not _is_link(url):
            form.faults.append(_("media_url: an http or https address of at most %(most)d signs.") % {"most": URL_MOST})
            return
        # A link stays words: nothing here ever fetches it.
        links.append(f"media_url: {url}")
    if len(links) > MAX_PHOTOS:
        form.faults.append(_("media_url: at most %(most)d.") % {"most": MAX_PHOTOS})
        return
    text = "\n".join([description, *links])
    if len(text) > most:
        said = _("description: at most %(most)d characters, links included; these are %(count)d.")
        form.faults.append(said % {"most": most, "count": len(text)})
    form.texts["description"] = text


def _is_link(url: str) -> bool:
    if len(url) > URL_MOST or any(c.isspace() or c in "<>\"'`" for c in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _read_sender(asked: Asked, form: Form) -> None:
    """Name, e-mail and telephone become those of the reporter: encrypted, and seen only by who has to answer."""
    first, last = _value(asked, "first_name"), _value(asked, "last_name")
    name = f"{last}{first}" if _HAN.search(first + last) else f"{first} {last}".strip()
    email = " ".join(_value(asked, "email").split())
    most = min(_most(asked, "reporter_name"), NAME_MOST)
    if len(name) > most:
        form.faults.append(_("first_name and last_name: at most %(most)d characters.") % {"most": most})
        return
    both = f"{name} {email}".strip()
    if len(both) > most:
        form.left_out.append("email")
        both = name
    if both:
        form.texts["reporter_name"] = both
    # Brackets, points and slashes part digits in many countries; we part them by spaces.
    phone = " ".join(re.sub(r"[()./\u00a0]", " ", _value(asked, "phone")).split())
    if phone:
        form.texts["reporter_phone"] = phone
    form.account = _value(asked, "account_id")[:200]


def _most(asked: Asked, name: str) -> int:
    found = playbook_move(asked.directory).get(name)
    return found.maximum if found and found.maximum else 4000


def _photos(asked: Asked, person: str) -> tuple[Photo, ...]:
    """Photos that come with the form, where the standard has none: taken in as they are on the public pages."""
    files = [f for name in FILES for f in asked.request.FILES.getlist(name) if isinstance(f, UploadedFile)]
    if len(files) > MAX_PHOTOS:
        raise Fault(400, _("media: at most %(most)d photos.") % {"most": MAX_PHOTOS})
    found = []
    for file in files:
        try:
            staged = attachments.stage(asked.district_id, file.read(MAX_BYTES + 1), person, "scene")
        except BadAttachment as error:
            raise Fault(400, f"media: {error_text(error, asked.language)}") from error
        found.append(Photo(str(staged.id), "scene"))
    return tuple(found)


# ---- once and not twice


def _command_id(asked: Asked, post: ActorPost, form: Form) -> str:
    """The id of this command, the same for a request that is sent again.

    With ``Idempotency-Key`` for ever; else for a sender who is known by anything at all, for ``RETRY_S`` seconds from
    the first time, up to twice that. Empty: a request of its own.
    """
    key = asked.request.headers.get("Idempotency-Key", "").strip()
    if key:
        if len(key) > 200 or not key.isascii():
            raise Fault(400, _("Idempotency-Key: at most 200 ASCII characters."))
        return str(_derived(post, "key", key))
    sender = [_value(asked, name) for name in ("device_id", "account_id", "email", "phone")]
    if not any(sender):
        return ""
    what = [form.category, form.texts["description"], form.texts.get("address", ""), repr(form.where)]
    slot = now_us() // 1_000_000 // RETRY_S
    ids = [_derived(post, "same", str(at), *sender, *what) for at in (slot - 1, slot)]
    known = answered(asked.district_id, ids[:1])
    return str(ids[0] if known else ids[1])


def _derived(post: ActorPost, *parts: str) -> UUID:
    """Keyed, so that nobody can guess from an id what was written."""
    digest = keyed_hash("\0".join(("open311", post.token, *parts)).encode())
    return UUID(bytes=digest[:16], version=4)


def _notice(asked: Asked, made: services.Made, form: Form) -> str:
    request: HttpRequest = asked.request
    page = f"{base_url(request)}{reverse('public:follow')}"
    said = [
        _("The duty desk reads it next. Follow it at %(page)s by its number; code %(code)s shows the answer there.")
        % {"page": page, "code": made.follow_code}
    ]
    if made.position.lon_e6 is None:
        said.append(_("It came without a position: the duty desk finds the place by its words."))
    if form.left_out:
        said.append(_("Not kept, because there is no room for it: %(names)s.") % {"names": ", ".join(form.left_out)})
    return " ".join(said)
