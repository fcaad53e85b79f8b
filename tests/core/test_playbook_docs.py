"""What docs/playbooks.md shows is true: its example is sound, its diagram is that of the case playbook."""

from __future__ import annotations

import re
from pathlib import Path

from gewu.core.playbook import check_playbook, load_playbook, spec
from gewu.core.playbook import model as m

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")


def fenced(language: str) -> str:
    """The first block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_example_is_sound() -> None:
    assert check_playbook(load_playbook(fenced("yaml"), "example.yaml")) == []


def test_the_diagram_is_that_of_the_case_playbook() -> None:
    path = ROOT / "packs" / "standard" / "playbooks" / "case.yaml"
    playbook = load_playbook(path.read_text(encoding="utf-8"), path.name)
    shown = set()
    for source, target, label in re.findall(r"^ +(\S+) --> (\S+): (.+)$", fenced("mermaid"), re.MULTILINE):
        for name in re.findall(r"[a-z_]+", label):
            move = playbook.moves.get(name)
            if move is None:
                continue  # a word of explanation
            gone = {e.stage for e in m.walk(move.effects) if isinstance(e, m.GoTo)}
            assert (m.NEW if source == "[*]" else source) in move.sources, name
            assert target in ({move.to} if move.to else {source}) | gone, name
            shown.add(name)
    noted = set(re.findall(r"note .*: (\w+),", fenced("mermaid")))
    assert {v.name for v in playbook.moves.values() if v.to} == {n for n in shown if playbook.moves[n].to} | noted


def test_every_word_of_the_language_is_explained() -> None:
    words: set[str] = set()
    shapes = (spec.MoveSpec, spec.EffectSpec, spec.GuardSpec, spec.AssignSpec, spec.ClockSpecShape, spec.PlaybookSpec)
    for shape in shapes:
        words |= {field.alias or name for name, field in shape.model_fields.items()} - {"title", "value", "op", "why"}
    missing = {word for word in words if not re.search(rf"[`{{ ,]{word}[`:,}} ]", TEXT)}
    assert not missing
