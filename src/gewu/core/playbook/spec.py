"""The shape of a playbook file. Unknown keys are refused; ``json_schema`` serves editors."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gewu.core.deadlines import TimeUnit

FieldType = Literal[
    "text", "phone", "code", "category", "standard", "owner", "unit", "units", "person", "place", "record", "choice",
    "bool", "tick", "int", "date", "instant",
]  # fmt: skip
Op = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "set"]
AssignmentStatus = Literal["open", "taken", "ended"]
Value = str | int | bool | None
NAME = r"^[a-z][a-z0-9_]*$"


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class WordsSpec(Shape):
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class LimitSpec(Shape):
    value: int = Field(gt=0, le=100_000)
    unit: TimeUnit = Field(strict=False)


class StageSpec(Shape):
    title: WordsSpec
    end: bool = False


class SlotSpec(Shape):
    title: WordsSpec
    after_end: bool = False
    items: bool = False


class FieldSpec(Shape):
    type: FieldType
    title: WordsSpec
    required: bool = False
    choices: dict[str, WordsSpec] = {}
    min: int | None = None
    max: int | None = None
    max_days: int | None = None
    past: bool = False
    hint: WordsSpec | None = None


class ActorSpec(Shape):
    role: str = ""
    relation: Literal["any", "holder", "letter", "reporter", "system"] = "any"
    slot: str = ""
    status: list[AssignmentStatus] = []
    mode: Literal["", "lead", "assist", "sole"] = ""


class CountSpec(Shape):
    slot: str
    status: list[AssignmentStatus] = ["open", "taken"]
    mode: Literal["", "lead", "assist", "sole"] = ""


class ShareSpec(Shape):
    """Whole numbers of the form: what those under ``of`` make up of those under ``in``."""

    of: list[str] = Field(min_length=1, max_length=5)
    in_: list[str] = Field(alias="in", min_length=1, max_length=5)


class GuardSpec(Shape):
    """One of: all, any, not, field+op+value, arg+op+value, share+op+value, counter+op+value, count+op+value,
    clock+is, did, was_part, tag."""

    all: list[GuardSpec] | None = None
    any: list[GuardSpec] | None = None
    not_: GuardSpec | None = Field(default=None, alias="not")
    field: str | None = None
    arg: str | None = None
    share: ShareSpec | None = None
    counter: str | None = None
    count: CountSpec | None = None
    clock: str | None = None
    did: str | None = None
    was_part: str | None = None
    tag: str | None = None
    op: Op | None = None
    value: Value | list[Value] = None
    is_: Literal["running", "paused", "overdue", "idle"] | None = Field(default=None, alias="is")
    why: WordsSpec | None = None


class AssignSpec(Shape):
    slot: str
    mode: Literal["lead", "assist", "sole"] = "sole"
    unit: str = ""
    role: str = ""
    person: str = ""
    inside: str = ""
    clocks: list[str] = []


class ReleaseSpec(Shape):
    slot: str
    whose: Literal["mine", "all", "lead", "assist", "assist_mine"] = "all"
    outcome: str = Field(pattern=NAME)


class ReopenSpec(Shape):
    slot: str
    clocks: list[str] = []


class StartSpec(Shape):
    clock: str
    until: str = ""
    slot: str = ""
    each: bool = False


class BlockSpec(Shape):
    move: str
    until: list[str] = Field(min_length=1)


class LinkSpec(Shape):
    kind: str = Field(pattern=NAME)
    record: str


class NotifySpec(Shape):
    to: list[str] = Field(min_length=1)
    message: str


class EffectSpec(Shape):
    """Exactly one effect (``when`` goes with ``then`` and ``else``)."""

    assign: AssignSpec | None = None
    take: str | None = None
    release: ReleaseSpec | None = None
    reopen: ReopenSpec | None = None
    start: str | StartSpec | None = None
    stop: str | None = None
    pause: str | None = None
    resume: str | None = None
    extend: str | None = None
    set: dict[str, Value] | None = None
    count: str | None = None
    tag: str | None = None
    untag: str | None = None
    block: BlockSpec | None = None
    link: LinkSpec | None = None
    notify: NotifySpec | None = None
    place: Literal["located"] | None = None
    stage: str | None = None
    when: GuardSpec | None = None
    then: list[EffectSpec] = []
    else_: list[EffectSpec] = Field(default=[], alias="else")


class NeedsSpec(Shape):
    reason: bool = False
    photos: dict[Literal["before", "after", "scene", "any"], int] = {}


class MoveSpec(Shape):
    title: WordsSpec
    from_: str | list[str] = Field(alias="from")
    to: str = ""
    mode: Literal["exclusive", "additive"] = "exclusive"
    direction: Literal["forward", "backward", "side"] = "forward"
    by: list[ActorSpec] = Field(min_length=1)
    guard: GuardSpec | None = None
    form: dict[str, FieldSpec] = {}
    needs: NeedsSpec = NeedsSpec()
    effects: list[EffectSpec] = []
    undoes: list[str] = []
    redo: list[str] = []
    key: str = Field(default="", max_length=1)
    bulk: bool = False
    repeats: bool = False
    hint: WordsSpec | None = None


class RungSpec(Shape):
    role: str
    after: LimitSpec
    next: str = ""


class LadderSpec(Shape):
    first: str
    rungs: dict[str, RungSpec] = Field(min_length=1)


class ClockSpecShape(Shape):
    title: WordsSpec
    limit: LimitSpec | Literal["standard", "tier", "until"]
    tiers: dict[str, LimitSpec] = {}
    optional: bool = False
    calendar: Literal["district", "unit"] = "district"
    warn: int = Field(default=80, ge=0, lt=100)
    ladder: str = ""
    move: str = ""
    resumes: bool = False


class TierSpec(Shape):
    title: WordsSpec
    next: str = ""


class PlaybookSpec(Shape):
    playbook: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    version: int = Field(gt=0)
    kind: Literal[
        "case", "occasion", "permit", "penalty", "asset_work", "round", "project",
        "instruction", "follow_up_order", "letter", "handover", "score_appeal",
    ]  # fmt: skip
    title: WordsSpec
    extends: str = ""
    stages: dict[str, StageSpec] = Field(min_length=1)
    slots: dict[str, SlotSpec] = {}
    tiers: dict[str, TierSpec] = {}
    fields: dict[str, FieldSpec] = {}
    moves: dict[str, MoveSpec] = Field(min_length=1)
    clocks: dict[str, ClockSpecShape] = {}
    ladders: dict[str, LadderSpec] = {}
    messages: dict[str, WordsSpec] = {}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file, for editors; ``packs/playbook.schema.json`` holds it."""
    return PlaybookSpec.model_json_schema(by_alias=True)
