"""What a definition is written in: codes, names of columns, words in both languages, and conditions on a fact row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from gewu.evaluation import columns as c

_CODE = re.compile(r"^[a-z][a-z0-9_]{1,59}$")
_VALUE = re.compile(r"^[A-Za-z0-9:._-]{0,80}$")
_LEAST_COMPARED = 2


def _code(value: str) -> str:
    if not _CODE.match(value):
        raise ValueError(f"{value!r} is not a code: small letters, digits and underscore, beginning with a letter")
    return value


def _known(what: str, names: Sequence[str]) -> Any:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"{value!r} is not {what}: known are {', '.join(names)}")
        return value

    return AfterValidator(check)


Code = Annotated[StrictStr, AfterValidator(_code)]
Instant = Annotated[StrictStr, _known("an instant", c.INSTANTS)]
Clock = Annotated[StrictStr, _known("a clock", c.CLOCKS)]
Person = Annotated[StrictStr, _known("a person's column", c.PERSONS)]
Column = Annotated[StrictStr, _known("a column", (*c.TEXTS, *c.FLAGS, *c.INSTANTS, *c.COUNTS))]
Count = Annotated[StrictStr, _known("a count", c.COUNTS)]
Days = Annotated[StrictInt, Field(ge=1, le=3660)]


class Strict(BaseModel):
    """Unknown keys are refused; values are never guessed from others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """A phrase in both languages of the product."""

    en: StrictStr = Field(min_length=1, max_length=600)
    zh: StrictStr = Field(min_length=1, max_length=600)

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


Source = Annotated[StrictStr, Field(min_length=1, max_length=300)] | Words
"""Where something is taken from: the number of a standard, which is the same in both languages, or words in both."""


def source_words(source: str | Words, language: str) -> str:
    """A source as it is told in a language."""
    return source if isinstance(source, str) else source[language]


class Other(Strict):
    """Another column, to compare with."""

    column: Instant


Constant = StrictBool | StrictInt | StrictStr
_OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge")


class Passed(Strict):
    """So many times 24 hours have passed since an instant."""

    since: Instant
    days: Days


class Condition(Strict):
    """A condition on one fact row: exactly one of its forms."""

    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    not_: Condition | None = Field(default=None, alias="not")
    column: Column | None = None
    eq: Constant | Other | None = None
    ne: Constant | Other | None = None
    lt: Constant | Other | None = None
    le: Constant | Other | None = None
    gt: Constant | Other | None = None
    ge: Constant | Other | None = None
    in_: tuple[StrictStr, ...] | None = Field(default=None, alias="in")
    set: Column | None = None
    kept: Clock | None = None
    late: Clock | None = None
    decided: Clock | None = None
    """Kept or late: what still runs within its limit is not judged yet."""
    ran: Clock | None = None
    passed: Passed | None = None
    recurred: Days | None = None
    """Another case of its kind was reported at its place within so many days of its closing."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in _FORMS if getattr(self, name) is not None]
        if len(forms) != 1:
            raise ValueError(f"a condition has exactly one of {', '.join(n.rstrip('_') for n in _FORMS)}")
        operators = [name for name in (*_OPERATORS, "in_") if getattr(self, name) is not None]
        if (self.column is None) != (not operators) or len(operators) > 1:
            raise ValueError("a comparison has a column and exactly one of eq, ne, lt, le, gt, ge, in")
        for many in (self.all, self.any):
            if many is not None and len(many) < _LEAST_COMPARED:
                raise ValueError("all and any join at least two conditions")
        if self.column is not None:
            self._fits(self.column, operators[0])
        return self

    def _fits(self, column: str, operator: str) -> None:
        value = getattr(self, operator)
        if operator == "in_":
            good, wanted = column in c.TEXTS and bool(value), "in is for texts and needs a value"
        elif column in c.TEXTS:
            good = isinstance(value, str) and operator in ("eq", "ne")
            wanted = "a text is compared by eq, ne or in with a quoted text"
        elif column in c.FLAGS:
            good, wanted = isinstance(value, bool) and operator == "eq", "a flag is compared by eq with true or false"
        elif column in c.COUNTS:
            good = isinstance(value, int) and not isinstance(value, bool)
            wanted = "a count is compared with a whole number"
        else:
            good = isinstance(value, Other) and operator not in ("eq", "ne")
            wanted = "an instant is compared with another: {column: filed_at}"
        values = value if operator == "in_" else (value,)
        if not good:
            raise ValueError(f"{column}: {wanted}")
        if any(isinstance(v, str) and not _VALUE.match(v) for v in values):
            raise ValueError(f"{column}: a value has only letters, digits, colon, dot, dash and underscore")

    @property
    def comparison(self) -> tuple[str, Any]:
        """The operator and the value of a comparison."""
        name = next(n for n in (*_OPERATORS, "in_") if getattr(self, n) is not None)
        return name, getattr(self, name)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions right inside this one."""
        inside = (*(self.all or ()), *(self.any or ()))
        return (*inside, self.not_) if self.not_ is not None else inside

    def walk(self) -> Iterable[Condition]:
        """This condition and all inside it."""
        yield self
        for part in self.parts():
            yield from part.walk()


_FORMS = ("all", "any", "not_", "column", "set", "kept", "late", "decided", "ran", "passed", "recurred")


class Span(Strict):
    """The time between two instants of a case, in whole seconds; cases without both are not counted."""

    from_: Instant = Field(alias="from")
    to: Instant


class Entries(Strict):
    """Not cases but what happened to them is counted: a case received twice counts twice.

    By unit, receipts and returns belong to the unit that received and returned; all else to the lead unit.
    """

    numerator: tuple[Count, ...] = Field(min_length=1)
    denominator: tuple[Count, ...] = Field(min_length=1)

    @property
    def by_unit(self) -> bool:
        """Whether each entry has a unit of its own."""
        return self.numerator == ("returned",) and self.denominator == ("received",)
