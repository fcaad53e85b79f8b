"""In which stages a field, a counter, a tag or a block still can matter, and where it is as good as forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from gewu.core.playbook import model as m
from gewu.core.records import Scalar

LIMIT_FIELDS = ("limit_value", "limit_unit")


class Liveness:
    """Which values may be read again before they are certainly written, stage by stage."""

    def __init__(
        self,
        playbook: m.Playbook,
        conditions: Mapping[str, tuple[m.Guard, ...]],
        effects: Mapping[str, tuple[m.EffectSpec, ...]],
    ) -> None:
        self.playbook = playbook
        self.conditions = conditions
        self.effects = effects
        self.live = self._liveness()
        self._block_live: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def targets(self, move: m.Move, stage: str) -> frozenset[str]:
        """Stages in which a record may stand after the move was made in ``stage``."""
        gone = {e.stage for e in self.effects[move.name] if isinstance(e, m.GoTo)}
        certain = any(isinstance(e, m.GoTo) for e in move.effects)
        return frozenset(gone if certain else {move.to or stage, *gone})

    def _liveness(self) -> dict[str, frozenset[tuple[str, str]]]:
        """For each stage the fields, counters and tags that may be read before they are certainly written again."""
        reads = {name: self._reads(name) for name in self.playbook.moves}
        kills = {name: self._kills(move) for name, move in self.playbook.moves.items()}
        live: dict[str, frozenset[tuple[str, str]]] = dict.fromkeys(self.playbook.stages, frozenset())
        changed = True
        while changed:
            changed = False
            for stage, before in live.items():
                now = set(before)
                for move in self.playbook.moves_from[stage]:
                    after = frozenset[tuple[str, str]]().union(*(live[t] for t in self.targets(move, stage)))
                    now |= reads[move.name] | (after - kills[move.name])
                if len(now) > len(before):
                    live[stage] = frozenset(now)
                    changed = True
        return live

    def _reads(self, name: str) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for guard in self.conditions[name]:
            if isinstance(guard, m.Compare) and guard.source in ("field", "counter"):
                found.add((guard.source, guard.name))
            elif isinstance(guard, m.Tagged):
                found.add(("tag", guard.tag))
        for effect in self.effects[name]:
            written: tuple[Scalar, ...] = ()
            if isinstance(effect, m.Assign):
                written = (effect.unit, effect.person)
            elif isinstance(effect, m.ClockAct):
                written = (effect.until,)
            elif isinstance(effect, m.SetField):
                written = (effect.value,)
            found |= {("field", w[1:]) for w in written if isinstance(w, str) and w.startswith("=")}
            for clock in started(effect):
                source = self.playbook.clocks[clock].source
                if source == "fields":
                    found |= {("field", n) for n in LIMIT_FIELDS}
                elif source == "tier":
                    found.add(("field", "tier"))
        return found

    @staticmethod
    def _kills(move: m.Move) -> frozenset[tuple[str, str]]:
        found = set()
        for effect in move.effects:
            if isinstance(effect, m.SetField):
                found.add(("field", effect.field))
            elif isinstance(effect, m.Tag):
                found.add(("tag", effect.tag))
        return frozenset(found)

    def block_matters(self, stage: str, move: str, until: tuple[str, ...]) -> bool:
        """Whether a blocked move could be asked for before one of ``until`` lifts the block."""
        if (move, until) not in self._block_live:
            live = {s for s in self.playbook.stages if s in self.playbook.moves[move].sources}
            changed = True
            while changed:
                changed = False
                for s in self.playbook.stages:
                    if s not in live and any(
                        v.name not in until and not live.isdisjoint(self.targets(v, s))
                        for v in self.playbook.moves_from[s]
                    ):
                        live.add(s)
                        changed = True
            self._block_live[move, until] = frozenset(live)
        return stage in self._block_live[move, until]


def started(effect: m.EffectSpec) -> tuple[str, ...]:
    """Clocks that an effect starts."""
    if isinstance(effect, (m.Assign, m.Reopen)):
        return effect.clocks
    if isinstance(effect, m.ClockAct) and effect.act == "start":
        return (effect.clock,)
    return ()
