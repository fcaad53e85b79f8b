"""Builds the frozen playbook and checks that every name it uses exists."""

from __future__ import annotations

import re

from gewu.core.deadlines import Limit
from gewu.core.playbook import model as m
from gewu.core.playbook import spec as s
from gewu.core.playbook.conditions import Conditions, words_of

_NAME = re.compile(s.NAME)


def _title(shape: s.WordsSpec) -> m.Words:
    return m.Words(shape.en, shape.zh)


class Builder(Conditions):
    """One pass over a validated shape."""

    def build(self) -> m.Playbook:
        shape = self.shape
        for section in ("stages", "slots", "tiers", "fields", "moves", "clocks", "ladders", "messages"):
            for name in getattr(shape, section):
                if not _NAME.match(name):
                    self.problem(self.lines.at(section, name), f"{name!r}: names are lower case letters, digits and _")
        if m.NEW in shape.stages:
            reason = "'new' is the stage before a record exists: choose another name"
            self.problem(self.lines.at("stages", m.NEW), reason)
        moves = {name: self._move(name, spec) for name, spec in shape.moves.items()}
        self._keys(moves)
        return m.Playbook(
            name=shape.playbook,
            version=shape.version,
            kind=shape.kind,
            title=_title(shape.title),
            stages={n: m.Stage(n, _title(x.title), x.end, self.lines.at("stages", n)) for n, x in shape.stages.items()},
            slots={
                n: m.Slot(n, _title(x.title), x.after_end, self.lines.at("slots", n), x.items)
                for n, x in shape.slots.items()
            },
            tiers={n: self._tier(n, x) for n, x in shape.tiers.items()},
            fields={n: self._field(n, x, self.lines.at("fields", n)) for n, x in shape.fields.items()},
            moves=moves,
            clocks={n: self._clock(n, x) for n, x in shape.clocks.items()},
            ladders={n: self._ladder(n, x) for n, x in shape.ladders.items()},
            messages={n: _title(x) for n, x in shape.messages.items()},
            file=self.file,
        )

    def _keys(self, moves: dict[str, m.Move]) -> None:
        for stage in self.shape.stages:
            seen: dict[str, str] = {}
            for move in moves.values():
                if move.key and stage in move.sources and seen.setdefault(move.key, move.name) != move.name:
                    self.problem(move.line, f"key {move.key!r} already belongs to {seen[move.key]} in stage {stage}")

    def _tier(self, name: str, shape: s.TierSpec) -> m.Tier:
        line = self.lines.at("tiers", name)
        if shape.next and shape.next not in self.shape.tiers:
            self.problem(self.lines.at("tiers", name, "next"), f"tier {shape.next!r} is not declared")
        return m.Tier(name, _title(shape.title), shape.next, line)

    def _field(self, name: str, shape: s.FieldSpec, line: int) -> m.FormField:
        if (shape.type == "choice") != bool(shape.choices):
            self.problem(line, f"{name}: choices go with type choice, and only with it")
        if shape.past and shape.type != "date":
            self.problem(line, f"{name}: past goes with type date, and only with it")
        return m.FormField(
            name,
            shape.type,
            _title(shape.title),
            shape.required,
            tuple(shape.choices),
            tuple(_title(w) for w in shape.choices.values()),
            shape.min,
            shape.max,
            shape.max_days,
            words_of(shape.hint),
            shape.past,
        )

    def _ladder(self, name: str, shape: s.LadderSpec) -> m.Ladder:
        at = self.lines.at
        if shape.first not in shape.rungs:
            self.problem(at("ladders", name, "first"), f"ladder {name}: rung {shape.first!r} is not declared")
        rungs = {}
        for rung, x in shape.rungs.items():
            line = at("ladders", name, "rungs", rung)
            if x.next and x.next not in shape.rungs:
                self.problem(line, f"ladder {name}: rung {x.next!r} is not declared")
            rungs[rung] = m.Rung(rung, x.role, Limit(x.after.value, x.after.unit), x.next, line)
        return m.Ladder(name, shape.first, rungs, at("ladders", name))

    def _clock(self, name: str, shape: s.ClockSpecShape) -> m.ClockSpec:
        line = self.lines.at("clocks", name)
        limit, source = None, "fixed"
        if isinstance(shape.limit, s.LimitSpec):
            limit = Limit(shape.limit.value, shape.limit.unit)
        else:
            source = {"standard": "fields", "tier": "tier", "until": "until"}[shape.limit]
        if source == "tier":
            missing = [t for t in self.shape.tiers if t not in shape.tiers]
            if missing or not self.shape.tiers:
                self.problem(line, f"clock {name}: no limit for tier {', '.join(missing) or '(none declared)'}")
        if shape.ladder and shape.ladder not in self.shape.ladders:
            self.problem(line, f"clock {name}: ladder {shape.ladder!r} is not declared")
        if shape.move:
            target = self.shape.moves.get(shape.move)
            if target is None:
                self.problem(line, f"clock {name}: move {shape.move!r} is not declared")
            elif not any(a.relation == "system" for a in target.by):
                self.problem(line, f"clock {name}: {shape.move} is not a move of the system (relation: system)")
        return m.ClockSpec(
            name,
            _title(shape.title),
            source,
            limit,
            {t: Limit(x.value, x.unit) for t, x in shape.tiers.items()},
            shape.optional,
            shape.calendar,
            shape.warn,
            shape.ladder,
            shape.move,
            shape.resumes,
            line,
        )

    def _move(self, name: str, shape: s.MoveSpec) -> m.Move:
        at, path = self.lines.at, ("moves", name)
        line = at(*path)
        sources = self._sources(shape, path)
        if shape.to and shape.to not in self.shape.stages:
            self.problem(at(*path, "to"), f"stage {shape.to!r} is not declared")
        if sources == (m.NEW,) and not shape.to:
            self.problem(line, f"{name} creates a record and must say which stage it starts in")
        if shape.mode == "additive" and (shape.to and sources != (m.NEW,)):
            self.problem(at(*path, "mode"), f"{name} changes the stage, so it cannot be additive")
        if shape.direction == "backward":
            if not shape.needs.reason:
                self.problem(line, f"{name} goes back, so it needs a reason")
            if not shape.undoes:
                self.problem(line, f"{name} goes back: say which forward move it undoes")
        if bool(shape.undoes) != bool(shape.redo):
            self.problem(line, f"{name}: undoes and redo go together")
        for other in (*shape.undoes, *shape.redo):
            if other not in self.shape.moves:
                self.problem(line, f"move {other!r} is not declared")
        form = {n: self._field(n, x, at(*path, "form", n)) for n, x in shape.form.items()}
        effects = tuple(self._effect(x, (*path, "effects", i), form) for i, x in enumerate(shape.effects))
        blocks = tuple(m.BlockMove(u, tuple(shape.redo), line) for u in shape.undoes)
        return m.Move(
            name=name,
            title=_title(shape.title),
            sources=sources,
            to=shape.to,
            additive=shape.mode == "additive",
            direction=shape.direction,
            actors=tuple(self._actor(x, (*path, "by", i)) for i, x in enumerate(shape.by)),
            guard=self.guard(shape.guard, (*path, "guard"), form) if shape.guard else None,
            form=tuple(form.values()),
            photos={str(k): v for k, v in shape.needs.photos.items()},
            reason=shape.needs.reason,
            effects=effects + blocks,
            key=shape.key,
            bulk=shape.bulk,
            hint=words_of(shape.hint),
            line=line,
            repeats=shape.repeats,
            declared=frozenset(form),
        )

    def _sources(self, shape: s.MoveSpec, path: tuple[str, ...]) -> tuple[str, ...]:
        written = [shape.from_] if isinstance(shape.from_, str) else list(shape.from_)
        found: list[str] = []
        for source in written:
            if source in ("active", "any", "ended"):
                found += [n for n, x in self.shape.stages.items() if source == "any" or x.end == (source == "ended")]
            elif source == m.NEW or source in self.shape.stages:
                found.append(source)
            else:
                self.problem(self.lines.at(*path, "from"), f"stage {source!r} is not declared")
        if m.NEW in found and len(found) > 1:
            self.problem(self.lines.at(*path, "from"), "a move that creates a record starts from 'new' alone")
        if not found:
            self.problem(self.lines.at(*path, "from"), "starts from no stage")
        return tuple(dict.fromkeys(found))

    def _actor(self, shape: s.ActorSpec, path: tuple[str | int, ...]) -> m.ActorRule:
        line = self.lines.at(*path)
        if shape.relation in ("any", "holder", "letter") and not shape.role:
            self.problem(line, f"relation {shape.relation} needs a role")
        if (shape.relation in ("holder", "letter")) != bool(shape.slot):
            self.problem(line, "slot goes with the relations holder and letter")
        self.slot(shape.slot, line)
        return m.ActorRule(shape.role, shape.relation, shape.slot, tuple(shape.status), shape.mode, line)

    # effects

    def _effect(self, shape: s.EffectSpec, path: tuple[str | int, ...], form: dict[str, m.FormField]) -> m.EffectSpec:
        line = self.lines.at(*path)
        given = [k for k in s.EffectSpec.model_fields if k not in ("then", "else_") and getattr(shape, k) is not None]
        if len(given) != 1:
            self.problem(line, f"an effect is exactly one thing, found {', '.join(given) or 'none'}")
            return m.When(m.All(()), (), (), line)
        kind = given[0]
        if kind != "when" and (shape.then or shape.else_):
            self.problem(line, "then and else go with when")
        if shape.assign is not None:
            return self._assign(shape.assign, line, form)
        if shape.take is not None:
            self.slot(shape.take, line)
            return m.Take(shape.take, line)
        if shape.release is not None:
            self.slot(shape.release.slot, line)
            return m.Release(shape.release.slot, shape.release.whose, shape.release.outcome, line)
        if shape.reopen is not None:
            self.slot(shape.reopen.slot, line)
            for clock in shape.reopen.clocks:
                self.clock_name(clock, line)
            return m.Reopen(shape.reopen.slot, tuple(shape.reopen.clocks), line)
        if shape.start is not None:
            start = shape.start if isinstance(shape.start, s.StartSpec) else s.StartSpec(clock=shape.start)
            self._start(start, line, form)
            return m.ClockAct("start", start.clock, start.until, line, start.slot, start.each)
        for act in ("stop", "pause", "resume", "extend"):
            name = getattr(shape, act)
            if name is not None:
                return m.ClockAct(act, self.clock_name(name, line), "", line)
        if shape.when is not None:
            return m.When(
                self.guard(shape.when, (*path, "when"), form),
                tuple(self._effect(x, (*path, "then", i), form) for i, x in enumerate(shape.then)),
                tuple(self._effect(x, (*path, "else", i), form) for i, x in enumerate(shape.else_)),
                line,
            )
        return self._small_effect(shape, line, form)

    def _small_effect(self, shape: s.EffectSpec, line: int, form: dict[str, m.FormField]) -> m.EffectSpec:
        if shape.set is not None:
            if len(shape.set) != 1:
                self.problem(line, "set takes one field; write several lines")
            name, value = next(iter(shape.set.items()))
            if name not in self.shape.fields and name != "tier":
                self.problem(line, f"field {name!r} is not declared")
            self._reference(value, line, form)
            return m.SetField(name, value, line)
        if shape.count is not None:
            return m.CountUp(shape.count, line)
        if shape.tag is not None:
            return m.Tag(shape.tag, True, line)
        if shape.untag is not None:
            return m.Tag(shape.untag, False, line)
        if shape.block is not None:
            for other in (shape.block.move, *shape.block.until):
                if other not in self.shape.moves:
                    self.problem(line, f"move {other!r} is not declared")
            return m.BlockMove(shape.block.move, tuple(shape.block.until), line)
        if shape.link is not None:
            self._reference(shape.link.record, line, form)
            return m.LinkTo(shape.link.kind, shape.link.record, line)
        if shape.notify is not None:
            for to in shape.notify.to:
                where, _, slot = to.partition(":")
                if where not in ("holder", "opened", "role", "reporter") or (where != "reporter") != bool(slot):
                    self.problem(line, f"notify {to!r}: use holder:SLOT, opened:SLOT, role:ROLE or reporter")
                elif where in ("holder", "opened"):
                    self.slot(slot, line)
            if shape.notify.message not in self.shape.messages:
                self.problem(line, f"message {shape.notify.message!r} is not declared")
            return m.Notify(tuple(shape.notify.to), shape.notify.message, line)
        if shape.stage is not None:
            if shape.stage not in self.shape.stages:
                self.problem(line, f"stage {shape.stage!r} is not declared")
            return m.GoTo(shape.stage, line)
        return m.PlaceAt(line)

    def _assign(self, shape: s.AssignSpec, line: int, form: dict[str, m.FormField]) -> m.Assign:
        self.slot(shape.slot, line)
        self.slot(shape.inside, line)
        for clock in shape.clocks:
            self.clock_name(clock, line)
        for value in (shape.unit, shape.person):
            self._reference(value, line, form)
        if shape.unit == "@part" and shape.inside:
            self.problem(line, "a part made for the unit of the own part cannot lie inside another")
        slot = self.shape.slots.get(shape.slot)
        if slot is not None and slot.items:
            if shape.role or shape.person or shape.unit or shape.inside or shape.clocks or shape.mode != "sole":
                self.problem(line, f"the slot {shape.slot} holds items: they belong to nobody and have no clocks")
        elif not shape.role and not shape.person:
            self.problem(line, "an assignment names a role or a person who has it")
        return m.Assign(
            shape.slot, shape.mode, shape.unit, shape.role, shape.person, shape.inside, tuple(shape.clocks), line
        )

    def _start(self, start: s.StartSpec, line: int, form: dict[str, m.FormField]) -> None:
        self.clock_name(start.clock, line)
        self.slot(start.slot, line)
        if start.slot == "*":
            self.problem(line, f"clock {start.clock}: one slot has it, not all")
        if start.each and not start.slot:
            self.problem(line, f"clock {start.clock}: each goes with a slot")
        clock = self.shape.clocks.get(start.clock)
        if clock and (clock.limit == "until") != bool(start.until):
            self.problem(line, f"clock {start.clock}: until goes with a limit of until, and only with it")
        self._reference(start.until, line, form)

    def _reference(self, value: object, line: int, form: dict[str, m.FormField]) -> None:
        if not isinstance(value, str) or not value:
            return
        if value.startswith("$") and value[1:] not in form:
            self.problem(line, f"the form has no field {value[1:]!r}")
        if value.startswith("=") and value[1:] not in self.shape.fields:
            self.problem(line, f"field {value[1:]!r} is not declared")
