"""Reads the conditions of a playbook, and looks up the names that they share with effects."""

from __future__ import annotations

from gewu.core.playbook import model as m
from gewu.core.playbook import spec as s
from gewu.core.playbook.lines import Lines, Problem

_OPS_ORDER = ("lt", "le", "gt", "ge")
_OPS_SHARE = ("eq", "ne", "lt", "le", "gt", "ge")


def words_of(shape: s.WordsSpec | None) -> m.Words | None:
    """The words of a shape, if it has any."""
    return m.Words(shape.en, shape.zh) if shape else None


class Conditions:
    """Makes conditions of a validated shape; ``problems`` collects what does not fit together."""

    def __init__(self, shape: s.PlaybookSpec, file: str, lines: Lines) -> None:
        self.shape = shape
        self.file = file
        self.lines = lines
        self.problems: list[Problem] = []

    def problem(self, line: int, reason: str) -> None:
        """Note what does not fit, with its line."""
        self.problems.append(Problem(self.file, line, reason))

    def slot(self, name: str, line: int) -> None:
        """Note a slot that is not declared."""
        if name and name != "*" and name not in self.shape.slots:
            self.problem(line, f"slot {name!r} is not declared")

    def clock_name(self, name: str, line: int) -> str:
        """The name of a clock; note one that is not declared."""
        if name != "*" and name not in self.shape.clocks:
            self.problem(line, f"clock {name!r} is not declared")
        return name

    def guard(
        self,
        shape: s.GuardSpec,
        path: tuple[str | int, ...],
        form: dict[str, m.FormField],
        around: m.Words | None = None,
    ) -> m.Guard:
        """The condition of a shape. ``around``: words of the all, any or not round it, for one that has none of its
        own."""
        line, why = self.lines.at(*path), words_of(shape.why) or around
        kinds = [
            k
            for k, v in {
                "all": shape.all, "any": shape.any, "not": shape.not_, "field": shape.field, "arg": shape.arg,
                "share": shape.share, "counter": shape.counter, "count": shape.count, "clock": shape.clock,
                "did": shape.did, "was_part": shape.was_part, "tag": shape.tag,
            }.items()
            if v is not None
        ]  # fmt: skip
        if len(kinds) != 1:
            self.problem(line, f"a guard is exactly one condition, found {', '.join(kinds) or 'none'}")
            return m.All(())
        kind = kinds[0]
        if shape.all is not None:
            return m.All(tuple(self.guard(x, (*path, "all", i), form, why) for i, x in enumerate(shape.all)))
        if shape.any is not None:
            return m.AnyOf(tuple(self.guard(x, (*path, "any", i), form, why) for i, x in enumerate(shape.any)))
        if shape.not_ is not None:
            return m.Not(self.guard(shape.not_, (*path, "not"), form, why))
        if shape.tag is not None:
            return m.Tagged(shape.tag, why)
        if shape.was_part is not None:
            self.slot(shape.was_part, line)
            return m.WasPart(shape.was_part, why)
        if shape.did is not None:
            if shape.did not in self.shape.moves:
                self.problem(line, f"move {shape.did!r} is not declared")
            return m.Did(shape.did, why)
        if shape.clock is not None:
            self.clock_name(shape.clock, line)
            if shape.is_ is None:
                self.problem(line, "a clock guard says what the clock is")
            return m.ClockIs(shape.clock, shape.is_ or "running", why)
        return self._comparison(shape, kind, line, form, why)

    def _comparison(
        self, shape: s.GuardSpec, kind: str, line: int, form: dict[str, m.FormField], why: m.Words | None
    ) -> m.Guard:
        if shape.op is None:
            self.problem(line, "a comparison needs op")
            return m.All(())
        value = tuple(shape.value) if isinstance(shape.value, list) else shape.value
        numeric = isinstance(value, int) and not isinstance(value, bool)
        if shape.op in _OPS_ORDER and not numeric:
            self.problem(line, f"{shape.op} compares whole numbers")
            value = 0
        if shape.op in ("in", "not_in") and not isinstance(value, tuple):
            self.problem(line, f"{shape.op} needs a list")
            value = ()
        if shape.share is not None:
            return self._share(shape.share, shape.op, value, line, form, why)
        if shape.count is not None:
            self.slot(shape.count.slot, line)
            if not numeric or shape.op in ("in", "not_in", "set"):
                self.problem(line, "a count is compared with a whole number")
            return m.CountOf(
                shape.count.slot,
                tuple(shape.count.status),
                shape.count.mode,
                shape.op,
                value if isinstance(value, int) else 0,
                why,
            )
        name = shape.field or shape.arg or shape.counter or ""
        if kind == "field" and name not in self.shape.fields and name != "tier":
            self.problem(line, f"field {name!r} is not declared")
        if kind == "arg" and name not in form:
            self.problem(line, f"the form has no field {name!r}")
        if kind == "counter" and not numeric:
            self.problem(line, "a counter is compared with a whole number")
        return m.Compare(kind, name, shape.op, value, why)

    def _share(
        self, shape: s.ShareSpec, op: str, value: object, line: int, form: dict[str, m.FormField], why: m.Words | None
    ) -> m.Guard:
        for name in (*shape.of, *shape.in_):
            field = form.get(name)
            if field is None:
                self.problem(line, f"the form has no field {name!r}")
            elif field.type != "int" or field.minimum is None or field.minimum < 0:
                self.problem(line, f"a share is of whole numbers: {name!r} has to be an int with a min of 0 or more")
        if op not in _OPS_SHARE or not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
            self.problem(line, "a share is compared (eq, ne, lt, le, gt, ge) with a percentage from 0 to 100")
            return m.All(())
        return m.Share(tuple(shape.of), tuple(shape.in_), op, value, why)
