"""Playbooks with something wrong in them: one or two random changes to a sound one, in the data its file holds."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

Data = dict[str, Any]
Change = Callable[[Data, random.Random], str | None]


def _move(data: Data, rng: random.Random) -> tuple[str, Data]:
    name = rng.choice(sorted(data["moves"]))
    return name, data["moves"][name]


def _lists_of_effects(data: Data) -> Iterator[tuple[str, list[Data]]]:
    def inside(name: str, effects: list[Data]) -> Iterator[tuple[str, list[Data]]]:
        yield name, effects
        for effect in effects:
            for branch in ("then", "else"):
                if branch in effect:
                    yield from inside(name, effect[branch])

    for name, move in data["moves"].items():
        yield from inside(name, move.get("effects", []))


def _effects(data: Data, kind: str) -> list[tuple[str, Data]]:
    return [(n, e) for n, effects in _lists_of_effects(data) for e in effects if kind in e]


def delete_move(data: Data, rng: random.Random) -> str | None:
    name, _ = _move(data, rng)
    del data["moves"][name]
    for move in data["moves"].values():
        for key in ("undoes", "redo"):
            if name in move.get(key, []):
                move[key] = [n for n in move[key] if n != name]
    return f"delete {name}"


def retarget(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    if "to" not in move:
        return None
    move["to"] = rng.choice(sorted(data["stages"]))
    return f"{name} to {move['to']}"


def drop_effect(data: Data, rng: random.Random) -> str | None:
    places = [(n, e, i) for n, e in _lists_of_effects(data) for i in range(len(e)) if "notify" not in e[i]]
    name, effects, index = rng.choice(places)
    gone = effects.pop(index)
    return f"{name} without {gone}"


def drop_release_or_clock(data: Data, rng: random.Random) -> str | None:
    kinds = ("release", "start", "stop", "reopen", "resume", "take")
    places = [(n, e, i) for n, e in _lists_of_effects(data) for i in range(len(e)) if any(k in e[i] for k in kinds)]
    name, effects, index = rng.choice(places)
    return f"{name} without {effects.pop(index)}"


def swap_role(data: Data, rng: random.Random) -> str | None:
    roles = sorted({r["role"] for v in data["moves"].values() for r in v["by"] if "role" in r})
    name, move = _move(data, rng)
    rule = rng.choice(move["by"])
    if "role" not in rule:
        return None
    rule["role"] = rng.choice(roles)
    return f"{name} by {rule['role']}"


def drop_guard(data: Data, rng: random.Random) -> str | None:
    name = rng.choice([n for n, v in sorted(data["moves"].items()) if "guard" in v])
    guard = data["moves"][name]["guard"]
    if len(guard.get("all", [])) > 1 and rng.random() < 0.7:
        gone = guard["all"].pop(rng.randrange(len(guard["all"])))
        return f"{name} no longer asks {gone}"
    del data["moves"][name]["guard"]
    return f"{name} asks nothing"


def impossible_guard(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    extra = rng.choice(
        (
            {"tag": "never_given"},
            {"counter": "never_counted", "op": "ge", "value": 99},
            {"field": "verification", "op": "eq", "value": "nonsense"},
            {"count": {"slot": "work"}, "op": "ge", "value": 3},
            {"count": {"slot": "*"}, "op": "eq", "value": 0},
            {"clock": "accept", "is": "running"},
        )
    )
    move["guard"] = {"all": [move["guard"], extra]} if "guard" in move else extra
    return f"{name} also asks {extra}"


def drop_source(data: Data, rng: random.Random) -> str | None:
    lists = [n for n, v in sorted(data["moves"].items()) if isinstance(v["from"], list) and len(v["from"]) > 1]
    name = rng.choice(lists)
    move = data["moves"][name]
    gone = move["from"].pop(rng.randrange(len(move["from"])))
    return f"{name} not from {gone}"


def other_source(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    if move["from"] == "new":
        return None
    move["from"] = rng.choice(sorted(data["stages"]))
    return f"{name} from {move['from']}"


def drop_ladder(data: Data, rng: random.Random) -> str | None:
    clock = rng.choice([n for n, v in sorted(data["clocks"].items()) if "ladder" in v])
    del data["clocks"][clock]["ladder"]
    return f"clock {clock} without ladder"


def drop_clock(data: Data, rng: random.Random) -> str | None:
    clock = rng.choice(sorted(data["clocks"]))
    del data["clocks"][clock]
    for _, effects in _lists_of_effects(data):
        effects[:] = [e for e in effects if not any(_names(e.get(k)) == clock for k in ("start", "stop", "extend"))]
        for effect in effects:
            for kind in ("assign", "reopen"):
                if clock in effect.get(kind, {}).get("clocks", []):
                    effect[kind]["clocks"] = [c for c in effect[kind]["clocks"] if c != clock]
    for move in data["moves"].values():
        if clock in str(move.get("guard", "")):
            move.pop("guard")
    return f"no clock {clock}"


def _names(value: Any) -> Any:
    return value.get("clock") if isinstance(value, dict) else value


def other_whose(data: Data, rng: random.Random) -> str | None:
    name, effect = rng.choice(_effects(data, "release"))
    effect["release"]["whose"] = rng.choice(("mine", "all", "lead", "assist", "assist_mine"))
    return f"{name} releases {effect['release']}"


def other_slot(data: Data, rng: random.Random) -> str | None:
    kind = rng.choice(("release", "assign"))
    name, effect = rng.choice(_effects(data, kind))
    effect[kind]["slot"] = rng.choice(sorted(data["slots"]))
    return f"{name} {kind}s {effect[kind]}"


def drop_actor(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    if len(move["by"]) < 2:
        return None
    return f"{name} not by {move['by'].pop(rng.randrange(len(move['by'])))}"


def other_status(data: Data, rng: random.Random) -> str | None:
    rules = [(n, r) for n, v in sorted(data["moves"].items()) for r in v["by"] if "slot" in r]
    name, rule = rng.choice(rules)
    rule["status"] = [rng.choice(("open", "taken"))]
    return f"{name} by {rule}"


def other_mode(data: Data, rng: random.Random) -> str | None:
    name, effect = rng.choice(_effects(data, "assign"))
    effect["assign"]["mode"] = rng.choice(("lead", "assist", "sole"))
    return f"{name} assigns {effect['assign']}"


def drop_clock_of_part(data: Data, rng: random.Random) -> str | None:
    kind = rng.choice(("assign", "reopen"))
    places = [(n, e) for n, e in _effects(data, kind) if e[kind].get("clocks")]
    name, effect = rng.choice(places)
    gone = effect[kind]["clocks"].pop(rng.randrange(len(effect[kind]["clocks"])))
    return f"{name} {kind}s without clock {gone}"


def other_end(data: Data, rng: random.Random) -> str | None:
    stage = rng.choice(sorted(data["stages"]))
    data["stages"][stage]["end"] = not data["stages"][stage].get("end", False)
    return f"stage {stage} end {data['stages'][stage]['end']}"


def loop_ladder(data: Data, rng: random.Random) -> str | None:
    name = rng.choice(sorted(data["ladders"]))
    rungs = data["ladders"][name]["rungs"]
    rung = rng.choice(sorted(rungs))
    rungs[rung]["next"] = rng.choice(sorted(rungs))
    return f"ladder {name}: {rung} to {rungs[rung]['next']}"


def other_redo(data: Data, rng: random.Random) -> str | None:
    name = rng.choice([n for n, v in sorted(data["moves"].items()) if v.get("undoes")])
    move = data["moves"][name]
    key = rng.choice(("undoes", "redo"))
    move[key] = [rng.choice(sorted(data["moves"]))]
    return f"{name} {key} {move[key]}"


def no_clock_move(data: Data, rng: random.Random) -> str | None:
    clock = data["clocks"].get("suspended")
    if clock is None:
        return None
    clock.pop("move", None)
    clock["ladder"] = rng.choice(sorted(data["ladders"]))
    return "the suspension only alerts"


def early_stage(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    if move.get("mode") == "additive":
        return None
    move.setdefault("effects", []).append({"stage": rng.choice(sorted(data["stages"]))})
    return f"{name} goes on to {move['effects'][-1]['stage']}"


def drop_need(data: Data, rng: random.Random) -> str | None:
    name, move = _move(data, rng)
    if "needs" not in move or move.get("direction") == "backward":
        return None
    del move["needs"]
    return f"{name} needs nothing"


CHANGES: tuple[Change, ...] = (
    delete_move, retarget, drop_effect, drop_effect, drop_release_or_clock, drop_release_or_clock, swap_role,
    drop_guard, impossible_guard, drop_source, other_source, drop_ladder, drop_clock, other_whose, other_slot, drop_actor,
    other_status, other_mode, drop_clock_of_part, other_end, loop_ladder, other_redo, no_clock_move, early_stage,
    drop_need,
)  # fmt: skip


def mutant(data: Data, seed: int) -> tuple[str, str]:
    """A changed playbook as text, and what was changed. The same seed gives the same mutant."""
    rng = random.Random(seed)
    changed = copy.deepcopy(data)
    told: list[str] = []
    wanted = 1 if rng.random() < 0.7 else 2
    while len(told) < wanted:
        what = rng.choice(CHANGES)(changed, rng)
        if what is not None:
            told.append(what)
    return yaml.safe_dump(changed, allow_unicode=True, sort_keys=False, width=1000), "; ".join(told)
