"""Indicators and scores as data: what a definition may say, read from YAML and refused with file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from gewu.core.playbook.lines import Lines, PlaybookError, Problem, read_yaml
from gewu.evaluation import columns as c

INDICATORS_FILE = "indicators.yaml"
SCORES_FILE = "scores.yaml"
_CODE = re.compile(r"^[a-z][a-z0-9_]{1,59}$")
_VALUE = re.compile(r"^[A-Za-z0-9:._-]{0,80}$")
_LEAST_COMPARED = 2
M = TypeVar("M", bound=BaseModel)


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


class Indicator(Strict):
    """One indicator. The numerator counts only among what the denominator counts, so no share passes 100 %."""

    code: Code
    title: Words
    of: tuple[Literal["area", "department", "post"], ...] = Field(min_length=1)
    role: Code | None = None
    actor: Person | None = None
    at: Instant
    unit: Literal["percent", "count", "mean"]
    denominator: Condition | None = None
    numerator: Condition | None = None
    unanswered: Condition | None = None
    span: Span | None = None
    entries: Entries | None = None
    top: Annotated[StrictInt, Field(ge=1, le=50)] | None = None
    """The share of this many most frequent categories."""
    better: Literal["high", "low", "neither"]
    public: StrictBool
    source: StrictStr = Field(min_length=1, max_length=300)
    note: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shape = tuple(
            getattr(self, name) is not None for name in ("denominator", "numerator", "span", "entries", "top")
        )
        allowed = {
            "percent": ((True, True, False, False, False), (False, False, False, True, False), (True, *_TOP)),
            "count": ((False, True, False, False, False),),
            "mean": ((True, False, True, False, False),),
        }[self.unit]
        if shape not in allowed:
            raise ValueError(
                f"{self.code}: a percent has numerator and denominator, or entries, or denominator and top; "
                "a count has a numerator; a mean has a denominator and a span"
            )
        if ("post" in self.of) != (self.role is not None):
            raise ValueError(f"{self.code}: an indicator of posts names their role, and only such a one does")
        if self.unanswered is not None and (self.unit != "percent" or self.denominator is None):
            raise ValueError(f"{self.code}: only a percent with a denominator has unanswered cases")
        return self

    @property
    def additive(self) -> bool:
        """Whether groups and periods may be added up."""
        return self.top is None

    @property
    def counts(self) -> bool:
        """Whether it is a plain count, without a denominator."""
        return self.unit == "count"

    def conditions(self) -> Iterable[Condition]:
        """Every condition it is made of."""
        for condition in (self.denominator, self.numerator, self.unanswered):
            if condition is not None:
                yield from condition.walk()

    @property
    def version(self) -> str:
        """A digest of the definition: results made by another one differ in it."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:12]


_TOP = (False, False, False, True)


class Recurrence(Strict):
    """When a case counts as the same problem again: same category, close by, soon after the earlier one closed."""

    days: Days = 90
    metres: Annotated[StrictInt, Field(ge=1, le=5000)] = 50


class Indicators(Strict):
    """A file of indicators. Its version is the author's; each indicator has a digest of its own."""

    version: StrictInt = Field(ge=1)
    recurrence: Recurrence = Recurrence()
    indicators: tuple[Indicator, ...] = Field(min_length=1)


class Step(Strict):
    """So many points for more than ``above``."""

    above: StrictInt
    points: Annotated[StrictInt, Field(ge=0, le=100)]


class FormulaTerm(Strict):
    """A part of a score. A share counts as its percentage, ``inverse`` as what is missing to 100; a count or a mean
    goes through ``steps``, the first that fits counting, ``otherwise`` where none does.
    """

    indicator: Code
    weight: Annotated[StrictInt, Field(ge=1, le=1000)]
    inverse: StrictBool = False
    steps: tuple[Step, ...] = ()
    otherwise: Annotated[StrictInt, Field(ge=0, le=100)] = 0

    @model_validator(mode="after")
    def _falling(self) -> Self:
        limits = [step.above for step in self.steps]
        if limits != sorted(set(limits), reverse=True):
            raise ValueError(f"{self.indicator}: steps go from the highest `above` to the lowest")
        if self.steps and self.inverse:
            raise ValueError(f"{self.indicator}: a term has steps or is inverse, not both")
        return self

    def points(self, value: Fraction) -> Fraction:
        """0 to 100, exact. ``value`` is a share from 0 to 1, or a count or mean where there are steps."""
        if self.steps:
            for step in self.steps:
                if value > step.above:
                    return Fraction(step.points)
            return Fraction(self.otherwise)
        share = min(max(value * 100, Fraction(0)), Fraction(100))
        return 100 - share if self.inverse else share


class Formula(Strict):
    """A composite score: the weighted mean of its terms. Terms without a denominator give their weight to the others,
    as long as the others carry ``least_weight`` of it; below that the score is not assessable.
    """

    code: Code
    title: Words
    of: Literal["area", "department", "post"]
    role: Code | None = None
    terms: tuple[FormulaTerm, ...] = Field(min_length=1)
    least_weight: Annotated[StrictInt, Field(ge=1)]
    illustrative: StrictBool
    source: StrictStr = Field(min_length=1, max_length=300)
    note: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [term.indicator for term in self.terms]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.code}: an indicator stands twice in the formula")
        if self.least_weight > self.weights:
            raise ValueError(f"{self.code}: least_weight is more than all weights together")
        if (self.of == "post") != (self.role is not None):
            raise ValueError(f"{self.code}: a score of posts names their role, and only such a one does")
        return self

    @property
    def weights(self) -> int:
        return sum(term.weight for term in self.terms)


class Grade(Strict):
    """The grade for at least so many points."""

    grade: StrictStr = Field(min_length=1, max_length=8)
    least: Annotated[StrictInt, Field(ge=0, le=100)]


class Scores(Strict):
    """A file of scores."""

    version: StrictInt = Field(ge=1)
    grades: tuple[Grade, ...] = Field(min_length=1)
    formulas: tuple[Formula, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _falling(self) -> Self:
        limits = [grade.least for grade in self.grades]
        if limits != sorted(set(limits), reverse=True) or limits[-1] != 0:
            raise ValueError("grades go from the highest `least` down to 0")
        return self


@dataclass(frozen=True)
class Definitions:
    """Everything that holds in a district: indicators by code, score formulas by code, grades, recurrence."""

    version: str
    indicators: Mapping[str, Indicator]
    formulas: Mapping[str, Formula]
    grades: tuple[Grade, ...]
    recurrence: Recurrence

    def __getitem__(self, code: str) -> Indicator:
        return self.indicators[code]

    def of(self, what: str, role: str = "") -> list[Indicator]:
        """The indicators of areas, departments or posts, in the order of the file."""
        return [i for i in self.indicators.values() if what in i.of and (not role or i.role == role)]


NOTHING = Definitions("0", {}, {}, (Grade(grade="-", least=0),), Recurrence())


@lru_cache(maxsize=64)
def read_indicators(text: str, file: str = INDICATORS_FILE) -> Indicators:
    """Indicators from the text of their file. Raises ``PlaybookError`` with every problem, by line."""
    data, lines = read_yaml(text, file)
    parsed = _validated(Indicators, data, lines, file)
    _refuse_doubles([i.code for i in parsed.indicators], "indicators", lines, file)
    return parsed


@lru_cache(maxsize=64)
def read_scores(text: str, file: str = SCORES_FILE) -> Scores:
    """Score formulas from the text of their file. Raises ``PlaybookError`` with every problem, by line."""
    data, lines = read_yaml(text, file)
    parsed = _validated(Scores, data, lines, file)
    _refuse_doubles([f.code for f in parsed.formulas], "formulas", lines, file)
    return parsed


def check_scores(text: str, indicators: Mapping[str, Indicator], file: str = SCORES_FILE) -> list[Problem]:
    """Terms that name no indicator, or one that does not suit the formula."""
    parsed = read_scores(text, file)
    _, lines = read_yaml(text, file)
    problems = []
    for number, formula in enumerate(parsed.formulas):
        for at, term in enumerate(formula.terms):
            line = lines.at("formulas", number, "terms", at)
            found = indicators.get(term.indicator)
            if found is None:
                problems.append(Problem(file, line, f"there is no indicator {term.indicator!r}"))
            elif bool(term.steps) != (found.unit != "percent"):
                problems.append(
                    Problem(
                        file, line, f"{term.indicator} is a {found.unit}: counts and means, and only they, need steps"
                    )
                )
    return problems


def join(files: Sequence[Mapping[str, str]]) -> Definitions:
    """The definitions of several packs, the later ones going before the earlier, code by code."""
    indicators: dict[str, Indicator] = {}
    formulas: dict[str, Formula] = {}
    grades, recurrence = NOTHING.grades, NOTHING.recurrence
    versions = []
    for texts in files:
        if text := texts.get(INDICATORS_FILE):
            found = read_indicators(text)
            indicators |= {i.code: i for i in found.indicators}
            recurrence = found.recurrence
            versions.append(f"i{found.version}")
        if text := texts.get(SCORES_FILE):
            scored = read_scores(text)
            formulas |= {f.code: f for f in scored.formulas}
            grades = scored.grades
            versions.append(f"s{scored.version}")
    whole = "\0".join(text for texts in files for _, text in sorted(texts.items()))
    version = f"{'.'.join(versions)}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}" if versions else NOTHING.version
    return Definitions(version, indicators, formulas, grades, recurrence)


def read_folder(folder: Path) -> Definitions:
    """The definitions in a pack's folder, without a database. Raises ``PlaybookError``."""
    names = (INDICATORS_FILE, SCORES_FILE)
    return join([{n: (folder / n).read_text(encoding="utf-8") for n in names if (folder / n).is_file()}])


def _validated(model: type[M], data: Any, lines: Lines, file: str) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        faults = error.errors()
        for fault in faults:
            inside = [f for f in faults if f is not fault and f["loc"][: len(fault["loc"])] == fault["loc"]]
            if fault["type"] == "too_short" and inside:
                continue  # it is short only because what was in it is refused
            where = tuple(part for part in fault["loc"] if isinstance(part, (str, int)))
            message = fault["msg"].removeprefix("Value error, ")
            name = ".".join(str(part) for part in where)
            problems.append(Problem(file, lines.at(*where), f"{name}: {message}" if name else message))
        raise PlaybookError(problems) from error


def _refuse_doubles(codes: Sequence[str], key: str, lines: Lines, file: str) -> None:
    seen: dict[str, int] = {}
    for number, code in enumerate(codes):
        if code in seen:
            first = lines.at(key, seen[code])
            raise PlaybookError([Problem(file, lines.at(key, number), f"{code} stands already on line {first}")])
        seen[code] = number
