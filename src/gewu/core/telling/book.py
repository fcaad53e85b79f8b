"""A whole playbook told in plain sentences, stage by stage, for a clerk to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gewu.core.playbook import model as m
from gewu.core.telling.clocks import brought, clock_sentences, limit_of
from gewu.core.telling.conditions import condition
from gewu.core.telling.consequences import consequences
from gewu.core.telling.speech import Names, Speaker, nameless
from gewu.core.telling.ways import clocks_in, everywhere, reading_order, targets


@dataclass(frozen=True, slots=True)
class Item:
    """One move, clock or tier: its code, its title, and what there is to say of it."""

    code: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stage, or what holds for all of them. ``code`` is unique within the telling."""

    code: str
    title: str
    sentences: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A playbook in sentences."""

    name: str
    version: int
    language: str
    title: str
    sentences: tuple[str, ...]
    chapters: tuple[Chapter, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "playbook": self.name,
            "version": self.version,
            "language": self.language,
            "title": self.title,
            "sentences": list(self.sentences),
            "chapters": [
                {
                    "code": c.code,
                    "title": c.title,
                    "sentences": list(c.sentences),
                    "items": [{"code": i.code, "title": i.title, "sentences": list(i.sentences)} for i in c.items],
                }
                for c in self.chapters
            ],
        }

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return "" if self.language.startswith("zh") else " "

    def text(self) -> str:
        """As lines for a terminal."""
        joint = self.joint
        lines = [self.title, "", joint.join(self.sentences)]
        for chapter in self.chapters:
            lines += ["", f"== {chapter.title} =="]
            if chapter.sentences:
                lines.append(joint.join(chapter.sentences))
            lines += [f"- {i.title}{'：' if joint == '' else ': '}{joint.join(i.sentences)}" for i in chapter.items]
        return "\n".join(lines) + "\n"


def tell(playbook: m.Playbook, language: str, names: Names = nameless) -> Told:
    """Tell a playbook: who may do what at which stage, what it takes, what comes of it, who is told when it is late."""
    return _Teller(Speaker(playbook, language, names)).all()


class _Teller:
    def __init__(self, speaker: Speaker) -> None:
        self.s = speaker
        self.playbook = speaker.playbook
        self.clocks = clocks_in(self.playbook)
        self.everywhere = everywhere(self.playbook)
        self._told: dict[str, str] = {}

    def all(self) -> Told:
        s, book = self.s, self.playbook
        order = reading_order(book)
        chapters = [self._beginning(), *(self._stage(name) for name in order)]
        if self.everywhere:
            chapters.append(
                Chapter("everywhere", s.say("At every stage", "各环节均可办理"), (),
                        tuple(self._move(v, "", s.say("every stage", "各环节")) for v in self.everywhere))
            )  # fmt: skip
        if book.clocks:
            items = [Item(c.name, c.title[s.language], tuple(clock_sentences(s, c))) for c in book.clocks.values()]
            chapters.append(Chapter("clocks", s.say("Clocks", "时限"), (), tuple(items)))
        if book.tiers:
            chapters.append(self._tiers())
        title = s.say(
            "{title}, version {n}", "{title}（第 {n} 版）", title=book.title[s.language], n=book.version
        )  # fmt: skip
        return Told(book.name, book.version, s.language, title, tuple(self._first_words()), tuple(chapters))

    def _first_words(self) -> list[str]:
        s, book = self.s, self.playbook
        begins = s.one_of(s.move(v.name) for v in book.moves_from[m.NEW])
        ends = s.one_of(s.stage(x.name) for x in book.stages.values() if x.end)
        return [
            s.say("It begins with {moves}.", "以{moves}开始。", moves=begins),
            s.say("It ends at {stages}.", "至{stages}结束。", stages=ends),
        ]

    def _beginning(self) -> Chapter:
        title = self.s.say("Beginning", "开始")
        items = tuple(self._move(v, m.NEW, title) for v in self.playbook.moves_from[m.NEW])
        return Chapter(m.NEW, title, (), items)

    def _stage(self, name: str) -> Chapter:
        s = self.s
        stage = self.playbook.stages[name]
        title = stage.title[s.language]
        said = []
        if stage.end:
            said.append(s.say("Here it is over.", "至此结束。"))
        if self.clocks[name]:
            running = s.listed(
                f"{s.clock(c)}{s.say(' ({t})', '（{t}）', t=limit_of(s, self.playbook.clocks[c]))}"
                for c in self.clocks[name]
            )
            said.append(s.say("Clocks that may run here: {names}.", "此环节可能计时的时限：{names}。", names=running))
        shared = {v.name for v in self.everywhere}
        items = [self._move(v, name, title) for v in self.playbook.moves_from[name] if v.name not in shared]
        return Chapter(name, title, tuple(said), tuple(items))

    def _move(self, move: m.Move, stage: str, where: str) -> Item:
        s = self.s
        title = move.title[s.language]
        who = s.one_of(dict.fromkeys(s.actor(rule) for rule in move.actors))
        said = [s.say("{who} may do this.", "由{who}办理。", who=s.begun(who))]
        if all(rule.relation == "system" for rule in move.actors):
            said = [s.say("The system does this when a clock runs out.", "时限届满时由系统办理。")]
        earlier = self._told.get(move.name)
        if earlier is not None:
            said += self._whither(move, stage)
            said.append(s.say("All else as at “{stage}”.", "其余同“{stage}”。", stage=earlier))
            return Item(move.name, title, tuple(said))
        self._told[move.name] = where
        if move.hint is not None:
            hint = move.hint[s.language]
            said.append(hint if hint[-1:] in ".。" else s.say("{h}.", "{h}。", h=hint))
        asked = brought(s, move)
        if asked:
            said.append(asked)
        if move.guard is not None:
            said.append(s.say("Only if {c}.", "条件：{c}。", c=condition(s, move.guard, move)))
        if move.direction == "backward":
            said.append(s.say("This goes back.", "此为退回操作。"))
        said += consequences(s, move.effects, move, counted=False)
        said += self._whither(move, stage)
        return Item(move.name, title, tuple(said))

    def _whither(self, move: m.Move, stage: str) -> list[str]:
        """Where the record stands afterwards."""
        s = self.s
        if not stage:
            return []
        found = targets(move, stage)
        if [t for t, _ in found] == [stage]:
            return []
        names = s.one_of(s.stage(t) for t, _ in found)
        return [s.say("Then it stands at {names}.", "办理后进入{names}。", names=names)]

    def _tiers(self) -> Chapter:
        s = self.s
        items = []
        for tier in self.playbook.tiers.values():
            above = self.playbook.tiers.get(tier.next)
            said = (
                s.say("The next tier is “{t}”.", "上一层级为“{t}”。", t=above.title[s.language])
                if above
                else s.say("This is the highest tier.", "此为最高层级。")
            )
            items.append(Item(tier.name, tier.title[s.language], (said,)))
        return Chapter("tiers", s.say("Tiers", "层级"), (), tuple(items))
