"""What requests carry, typed and with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import Field, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from gewu.surfaces.api.fields import Code, Degrees, In, Instant, Line, Plain, Prose, Version
from gewu.surfaces.api.forms import MAX_FIELDS

PhotoRole = Literal["before", "after", "scene", "other"]
Form = Annotated[
    dict[str, Any],
    Field(
        default_factory=dict,
        max_length=MAX_FIELDS,
        description="The fields of the move's form, flat; GET /cases/{id} and /playbooks/{name} describe them.",
    ),
]


F = TypeVar("F", bound=In)


def _encodable(form: F, *texts: str) -> F:
    """Refuse what no database and no hash function takes."""
    if any("\0" in text or any("\ud800" <= c <= "\udfff" for c in text) for text in texts):
        raise PydanticCustomError("control", "contains control characters")
    return form


class LoginIn(In):
    """Login of a person."""

    login: Annotated[StrictStr, Field(max_length=64, examples=["dispatcher1"])]
    password: Annotated[StrictStr, Field(max_length=1024, examples=["a long pass phrase"])]
    code: Annotated[
        Line | None,
        Field(description="Of the second factor: six digits of the app, or a recovery code.", examples=["492039"]),
    ] = None
    post: Code | None = Field(None, description="Code of the post to act for; the first of the day when left out.")

    @model_validator(mode="after")
    def _readable(self) -> LoginIn:
        return _encodable(self, self.login, self.password)


class PasswordIn(In):
    """Another password for oneself."""

    old: Annotated[StrictStr, Field(max_length=1024, examples=["a long pass phrase"])]
    new: Annotated[StrictStr, Field(min_length=1, max_length=1024, examples=["another long pass phrase"])]

    @model_validator(mode="after")
    def _readable(self) -> PasswordIn:
        return _encodable(self, self.old, self.new)


class PostChoiceIn(In):
    """The post to act for from now on."""

    post: Code


class TokenIn(In):
    """A token for a program that acts for one's own post."""

    name: Annotated[Line, Field(min_length=1, examples=["hotline bridge"])]
    expires: Instant = Field(examples=["2027-06-30T23:59:59+08:00"])


class PositionIn(In):
    """Longitude and latitude in degrees."""

    lon: Degrees = Field(examples=[108.4087])
    lat: Degrees = Field(examples=[30.8075])
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class PhotoIn(In):
    """A photo sent before to /attachments, and its role in the file."""

    id: UUID
    role: PhotoRole = "other"


Photos = Annotated[list[PhotoIn], Field(default_factory=list, max_length=20)]


class CreateIn(In):
    """A new case: the form of its first move, where it is, and photos."""

    form: Form
    position: PositionIn | None = None
    place: Code | None = Field(
        None, description="A place code; beside a position near a boundary it says which side is meant."
    )
    photos: Photos
    outside_number: Annotated[Plain, Field(max_length=80)] = Field("", description="The number in the other system.")

    model_config = In.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "form": {
                        "description": "Oil on the road, people slip",
                        "source": "api",
                        "category": "matter:06012",
                    },
                    "position": {"lon": 108.4087, "lat": 30.8075, "datum": "wgs84"},
                    "photos": [],
                    "outside_number": "12345-2026-0815",
                }
            ]
        }
    }


class MoveIn(In):
    """One move of the playbook on a case."""

    form: Form
    reason: Prose | None = Field(None, description="Required by moves that go back.")
    photos: Photos
    target: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        None, description="The number of the assignment that is meant, when the actor holds several."
    )

    model_config = In.model_config | {
        "json_schema_extra": {"examples": [{"form": {"lead": "CQ-WZ-SZ", "note": "before the evening"}, "photos": []}]}
    }


class MergeForm(In):
    """The form of the move."""

    target: UUID = Field(description="The case that goes on.")


class MergeIn(In):
    """The case that goes on, and why."""

    form: MergeForm
    reason: Annotated[Prose, Field(min_length=1, examples=["The same leak, reported twice"])]


class BulkItemIn(In):
    """A case and the version that was seen."""

    id: UUID
    version: Version


class BulkIn(In):
    """The same move on many cases, each judged for itself."""

    move: Code = Field(examples=["dispatch"])
    items: Annotated[list[BulkItemIn], Field(min_length=1, max_length=200)]
    form: Form
    reason: Prose | None = None


class EraseIn(In):
    """The case number once more, so that nothing is erased by a slip."""

    number: Code


class RevealIn(In):
    """What the reporter's name and telephone are needed for."""

    purpose: Literal["call_back", "verify", "correct", "other"]
    words: Annotated[Plain, Field(max_length=200)] = Field("", description="What for; needed with the purpose other.")


class NoticesReadIn(In):
    """Notices that were read."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class PublicReportIn(In):
    """A resident's report."""

    description: Annotated[Prose, Field(min_length=1, max_length=2000, examples=["The street lamp is dark"])]
    position: PositionIn | None = None
    place: Code | None = None
    address: Annotated[Plain, Field(max_length=300)] = ""
    name: Annotated[Plain, Field(max_length=60)] = ""
    phone: Annotated[Plain, Field(max_length=20)] = ""
    wants_answer: StrictBool = True
    category: Code | None = None
    district: Code | None = Field(None, description="District code, where several are served.")


class FollowIn(In):
    """The code that came with the number."""

    code: Annotated[Plain, Field(max_length=40, examples=["K7QX2M4P"])]


class FollowUpIn(FollowIn):
    """What the reporter says of the result."""

    solved: Literal["solved", "partly", "unsolved"]
    satisfied: Literal["satisfied", "fair", "unsatisfied"] | None = None
    note: Annotated[Prose, Field(max_length=1000)] | None = None


class CaseFilter(In):
    """What a list of cases shows. All conditions hold together."""

    stage: Annotated[list[Code], Field(default_factory=list, max_length=20)]
    ended: bool | None = Field(None, description="Left out: open and ended ones.")
    overdue: bool = Field(False, description="Only cases past a deadline.")
    category: Code = Field("", description="Category key or the beginning of one: matter:06")
    place: Code = Field("", description="Place code or the beginning of one.")
    area: Code = ""
    unit: Code = Field("", description="Code of the lead unit.")
    source: Code = ""
    number: Code = ""
    q: Annotated[Plain, Field(max_length=200)] = Field(
        "", description="Words, each group between spaces exactly as written; a number; for the duty desk a telephone."
    )
    mine: bool = Field(False, description="Only cases in which my unit, post or person has a live part.")
    order: Literal["due", "recent"] = "due"
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    counts: bool = Field(False, description="Also count open cases by stage; counts stop at 1001.")


NUMBER_LENGTH = 40


class EntryFilter(In):
    """What a register shows. All conditions hold together."""

    ended: bool | None = Field(None, description="Left out: open and ended ones.")
    overdue: bool = Field(False, description="Only open entries past a deadline.")
    number: Annotated[Plain, Field(max_length=60)] = Field(
        "", description="A part of the number, or of the instruction's or the reply's own."
    )
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    unit: Code = Field("", description="Code of the unit or body; of orders and letters only.")
    after: Annotated[Plain, Field(max_length=120)] | None = Field(None, description="The mark that a page gave.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    counts: bool = Field(False, description="Also count open and late entries; counts stop at 1001.")


class EntryIn(In):
    """A new entry of a register: the form of its first move, and scans."""

    form: Form
    photos: Photos

    model_config = In.model_config | {
        "json_schema_extra": {
            "examples": [{"form": {"variant": "day", "notes": "The pump at the underpass runs"}, "photos": []}]
        }
    }


class NearQuery(In):
    """A place at which something is about to be reported."""

    lon: Degrees | None = None
    lat: Degrees | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    place: Code = Field("", description="A grid or community, where no position is known.")
    category: Code = Field("", description="Category key: matter:06012")
    limit: Annotated[int, Field(ge=1, le=50)] = 8

    @model_validator(mode="after")
    def _somewhere(self) -> NearQuery:
        if (self.lon is None) != (self.lat is None) or (self.lon is None and not self.place):
            raise PydanticCustomError("required", "lon and lat, or a place")
        return self


class JoinIn(In):
    """A further person who reports the same thing."""

    source: Code = Field(examples=["hotline"])
    description: Annotated[Prose, Field(max_length=2000)] = ""
    name: Annotated[Plain, Field(max_length=60)] = ""
    phone: Annotated[Plain, Field(max_length=20)] = ""
    wants_answer: StrictBool | None = Field(None, description="Left out: whoever leaves a name or number does.")
    photos: Photos


class LocateQuery(In):
    """A position."""

    lon: Degrees
    lat: Degrees
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class CatalogueQuery(In):
    """What a list of the registry shows."""

    q: Code = Field("", description="Part of a code or name.")
    category: Code = Field("", description="Category key, for standards.")
    place: Code = ""
    role: Code = ""
    unit: Code = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class ResponsibleQuery(In):
    """A combination that the responsibility rules answer."""

    category: Code
    place: Code
    owner: Code = ""


class NoticeQuery(In):
    """Which notices."""

    unread: bool = True
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
