"""The lay-out of a playbook's drawing: boxes down the middle, moves that go down on the right, up on the left.

Stages stand in one column in reading order. A move to the very next stage is an arrow straight down. Every other arrow
leaves its box at a row of its own, with its titles above the line, and joins a trunk: one upright line for each stage
that is gone to, on the right when it lies below, on the left when above. Trunks run outside all titles, so that nothing
is written over anything else, however many moves there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gewu.core.playbook import model as m
from gewu.core.telling.clocks import limit_of
from gewu.core.telling.measure import width, wrap
from gewu.core.telling.speech import Speaker
from gewu.core.telling.ways import clocks_in, everywhere, reading_order, staying, ways

BOX = 290.0
TITLE, TEXT, LINE = 14.0, 12.0, 16.0
PAD, ROW, GAP, TRACK = 10.0, 14.0, 18.0, 12.0
LABEL_MOST = 250.0
MARGIN = 16.0


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text: its baseline starts at ``x``, ``y``; ``w`` is as wide as it may get."""

    text: str
    x: float
    y: float
    size: float
    w: float
    kind: str
    """``title``, ``clock``, ``inner``, ``move``, ``count``, ``legend``, ``head``."""
    right: bool = False
    """Set against its right edge, so that it ends where it should however wide it is."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x, self.y - self.size * 0.95, self.x + self.w, self.y + self.size * 0.3


@dataclass(frozen=True, slots=True)
class Box:
    """A stage; the one without a name is the beginning."""

    stage: str
    title: str
    x: float
    y: float
    w: float
    h: float
    end: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``head`` ends it in an arrow. ``back`` goes back: dashed, with an open head."""

    points: tuple[tuple[float, float], ...]
    back: bool
    head: bool


@dataclass(slots=True)
class Picture:
    """A drawing before it is written: everything has its place."""

    w: float = 0
    h: float = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    clocks: list[tuple[float, float]] = field(default_factory=list)
    """Where the sign of a clock stands."""
    joints: list[tuple[float, float]] = field(default_factory=list)
    """Where a line joins another: lines that cross without a dot do not meet."""


@dataclass(slots=True)
class _Arrow:
    """All moves of one direction from one place to another."""

    source: int
    target: int
    back: bool
    titles: list[str]
    lines: list[str] = field(default_factory=list)
    y: float = 0.0

    @property
    def down(self) -> bool:
        return self.target > self.source

    @property
    def straight(self) -> bool:
        return self.target == self.source + 1 and not self.back

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 8


@dataclass(slots=True)
class _Node:
    stage: m.Stage | None
    title: list[str]
    clocks: list[list[str]]
    inner: list[str]
    count: str
    right: list[_Arrow] = field(default_factory=list)
    left: list[_Arrow] = field(default_factory=list)
    straight: _Arrow | None = None
    right_in: list[bool] = field(default_factory=list)
    """Trunks that arrive: whether they go back."""
    left_in: list[bool] = field(default_factory=list)
    y: float = 0.0
    h: float = 0.0


@dataclass(slots=True)
class _Trunk:
    target: int
    back: bool
    right: bool
    y: float
    rows: list[float]
    track: int = 0

    @property
    def span(self) -> tuple[float, float]:
        return min([self.y, *self.rows]), max([self.y, *self.rows])


def lay_out(speaker: Speaker, counts: Mapping[str, str] | None = None) -> Picture:
    """Place everything. ``counts`` is what to write into a box about the records that stand there now."""
    return _Layout(speaker, counts or {}).place()


class _Layout:
    def __init__(self, speaker: Speaker, counts: Mapping[str, str]) -> None:
        self.s = speaker
        self.playbook = speaker.playbook
        self.picture = Picture()
        order = reading_order(self.playbook)
        self.index = {m.NEW: 0, **{name: n for n, name in enumerate(order, start=1)}}
        self.shared = everywhere(self.playbook)
        running = clocks_in(self.playbook)
        self.nodes = [_Node(None, [], [], [], "")]
        for name in order:
            self.nodes.append(self._node(self.playbook.stages[name], running[name], counts.get(name, "")))
        self._connect(self._arrows())

    def _node(self, stage: m.Stage, clocks: list[str], count: str) -> _Node:
        s = self.s
        room = BOX - 2 * PAD - (width(count, TEXT) + PAD if count else 0)
        said = [f"{self.playbook.clocks[c].title[s.language]}{s.say(', ', '，')}{limit_of(s, self.playbook.clocks[c])}"
                for c in clocks]  # fmt: skip
        shared = {v.name for v in self.shared}
        inner = [v.title[s.language] for v in staying(self.playbook, stage.name) if v.name not in shared]
        lines = []
        if inner:
            text = s.say("Also here: {names}", "此环节还可：{names}", names=s.listed(inner))
            lines = wrap(text, TEXT, BOX - 2 * PAD)
        return _Node(
            stage,
            wrap(stage.title[s.language], TITLE, room),
            [wrap(text, TEXT, BOX - 2 * PAD - 16) for text in said],
            lines,
            count,
        )

    def _arrows(self) -> list[_Arrow]:
        found: dict[tuple[int, int, bool], _Arrow] = {}
        s = self.s
        for way in ways(self.playbook):
            back = way.move.direction == "backward"
            key = (self.index[way.source], self.index[way.target], back)
            arrow = found.setdefault(key, _Arrow(*key, []))
            title = way.move.title[s.language]
            if way.move.system:
                title = s.say("{t} (clock)", "{t}（时限届满）", t=title)
            if way.perhaps:
                title = s.say("{t} (in some cases)", "{t}（视情形）", t=title)
            if title not in arrow.titles:
                arrow.titles.append(title)
        for arrow in found.values():
            arrow.lines = [line for title in arrow.titles for line in wrap(title, TEXT, LABEL_MOST)]
        return list(found.values())

    def _connect(self, arrows: list[_Arrow]) -> None:
        for arrow in arrows:
            node, target = self.nodes[arrow.source], self.nodes[arrow.target]
            if arrow.straight:
                node.straight = arrow
            elif arrow.down:
                node.right.append(arrow)
                if arrow.back not in target.right_in:
                    target.right_in.append(arrow.back)
            else:
                node.left.append(arrow)
                if arrow.back not in target.left_in:
                    target.left_in.append(arrow.back)
        for node in self.nodes:  # in this order lines to the near and to the far do not cross
            node.right.sort(key=lambda a: (-a.target, a.back))
            node.left.sort(key=lambda a: (-a.target, a.back))
            node.right_in.sort()
            node.left_in.sort()

    # placing

    def place(self) -> Picture:
        """Give everything its place."""
        left_zone = max((width(t, TEXT) for n in self.nodes for a in n.left for t in a.lines), default=0.0) + 20
        right_zone = max((width(t, TEXT) for n in self.nodes for a in n.right for t in a.lines), default=0.0) + 20
        straight = max((width(t, TEXT) for n in self.nodes if n.straight for t in n.straight.lines), default=0.0)
        right_zone = max(right_zone, straight + 18 - BOX / 2)  # titles of straight arrows reach into it
        head = MARGIN + 26
        self._rows(head)
        trunks = self._trunks()
        tracks = {side: _assign([t for t in trunks if t.right is side]) for side in (False, True)}
        left = MARGIN + tracks[False] * TRACK + left_zone
        right = left + BOX
        legend = self._legend_lines()
        self.picture.w = max(
            right + right_zone + tracks[True] * TRACK + MARGIN,
            left + BOX / 2 + 12 + straight + MARGIN,
        )
        title = self.s.say(
            "{t}, version {n}", "{t}（第 {n} 版）",
            t=self.playbook.title[self.s.language], n=self.playbook.version,
        )  # fmt: skip
        self._label(title, MARGIN, MARGIN + TITLE, TITLE + 2, "head")
        for number, node in enumerate(self.nodes):
            self._box(node, left)
            self._outgoing(node, number, left, right, left_zone, right_zone, trunks)
        for trunk in trunks:
            self._trunk(trunk, left, right, left_zone, right_zone)
        y = max(n.y + n.h for n in self.nodes) + GAP + LINE
        for text in legend:
            for line in wrap(text, TEXT, self.picture.w - 2 * MARGIN):
                self._label(line, MARGIN, y, TEXT, "legend")
                y += LINE
        self.picture.w = max(self.picture.w, *(x.x + x.w + MARGIN for x in self.picture.labels))
        self.picture.h = y + MARGIN - LINE + 4
        return self.picture

    def _rows(self, top: float) -> None:
        """The height of every box, and where it stands."""
        y = top
        for node in self.nodes:
            own = 20.0
            if node.stage is not None:
                own = 2 * PAD + len(node.title) * 18 + sum(len(c) for c in node.clocks) * LINE
                own += len(node.inner) * LINE + (4 if node.inner else 0)
            right = sum(a.height for a in node.right) + len(node.right_in) * ROW + 6
            left = sum(a.height for a in node.left) + len(node.left_in) * ROW + 6
            node.y, node.h = y, max(own, right, left)
            gap = GAP + (len(node.straight.lines) * LINE + 10 if node.straight else 0)
            y += node.h + gap

    def _trunks(self) -> list[_Trunk]:
        """The upright lines, each with the height at which it arrives and those at which moves join it."""
        found: dict[tuple[int, bool, bool], _Trunk] = {}
        for number, node in enumerate(self.nodes):
            for n, back in enumerate(node.right_in):
                found[number, back, True] = _Trunk(number, back, True, node.y + ROW * n + ROW / 2 + 2, [])
            for n, back in enumerate(reversed(node.left_in)):
                y = node.y + node.h - ROW * n - ROW / 2 - 2
                found[number, back, False] = _Trunk(number, back, False, y, [])
        for node in self.nodes:
            y = node.y + len(node.right_in) * ROW + 4
            for arrow in node.right:
                arrow.y = y + len(arrow.lines) * LINE + 3
                found[arrow.target, arrow.back, True].rows.append(arrow.y)
                y += arrow.height
            y = node.y + 4
            for arrow in node.left:
                arrow.y = y + len(arrow.lines) * LINE + 3
                found[arrow.target, arrow.back, False].rows.append(arrow.y)
                y += arrow.height
        return list(found.values())

    def _label(self, text: str, x: float, y: float, size: float, kind: str, right: bool = False) -> None:
        w = round(width(text, size), 1)
        self.picture.labels.append(Label(text, round(x, 1), round(y, 1), size, w, kind, right))

    def _box(self, node: _Node, x: float) -> None:
        picture = self.picture
        if node.stage is None:
            picture.boxes.append(Box("", self.s.say("Beginning", "开始"), x, node.y, BOX, node.h, False))
            return
        title = node.stage.title[self.s.language]
        picture.boxes.append(Box(node.stage.name, title, x, node.y, BOX, node.h, node.stage.end))
        y = node.y + PAD + TITLE - 2
        for n, line in enumerate(node.title):
            self._label(line, x + PAD, y + n * 18, TITLE, "title")
        if node.count:
            self._label(node.count, x + BOX - PAD - width(node.count, TEXT), y, TEXT, "count", True)
        y += (len(node.title) - 1) * 18 + LINE + 3
        for clock in node.clocks:
            picture.clocks.append((x + PAD + 5, y - 4))
            for line in clock:
                self._label(line, x + PAD + 16, y, TEXT, "clock")
                y += LINE
        y += 4
        for line in node.inner:
            self._label(line, x + PAD, y, TEXT, "inner")
            y += LINE

    def _outgoing(
        self, node: _Node, number: int, left: float, right: float, left_zone: float, right_zone: float,
        trunks: list[_Trunk],
    ) -> None:  # fmt: skip
        for arrow in (*node.right, *node.left):
            trunk = next(t for t in trunks if (t.target, t.back, t.right) == (arrow.target, arrow.back, arrow.down))
            x = _track_x(trunk, left, right, left_zone, right_zone)
            edge = (right if node.stage else left + BOX / 2 + 8) if arrow.down else left
            self.picture.lines.append(Line(((edge, arrow.y), (x, arrow.y)), arrow.back, False))
            for n, line in enumerate(arrow.lines):
                y = arrow.y - 4 - (len(arrow.lines) - 1 - n) * LINE
                at = right + 8 if arrow.down else left - 8 - width(line, TEXT)
                self._label(line, at, y, TEXT, "move", not arrow.down)
        if node.straight is not None:
            below = self.nodes[number + 1]
            x = left + BOX / 2
            start = node.y + node.h if node.stage else node.y + node.h / 2 + 8
            self.picture.lines.append(Line(((x, start), (x, below.y)), False, True))
            room = below.y - (node.y + node.h)
            first = node.y + node.h + (room - len(node.straight.lines) * LINE) / 2 + TEXT - 1
            for n, line in enumerate(node.straight.lines):
                self._label(line, x + 10, first + n * LINE, TEXT, "move")

    def _trunk(self, trunk: _Trunk, left: float, right: float, left_zone: float, right_zone: float) -> None:
        x = _track_x(trunk, left, right, left_zone, right_zone)
        edge = right if trunk.right else left
        far = max(trunk.rows, key=lambda y: abs(y - trunk.y))
        self.picture.joints += [(x, y) for y in trunk.rows if y != far]
        self.picture.lines.append(Line(((x, far), (x, trunk.y), (edge, trunk.y)), trunk.back, True))

    def _legend_lines(self) -> Iterable[str]:
        s = self.s
        if self.shared:
            names = s.listed(v.title[s.language] for v in self.shared)
            yield s.say("At every stage: {names}.", "各环节均可：{names}。", names=names)
        yield s.say(
            "Full arrows lead on, dashed arrows with open heads go back. Lines that meet in a dot lead to the same "
            "stage. A double frame is an end; a small dial marks a clock that may run.",
            "实线箭头为推进，虚线空心箭头为退回；以圆点汇合的线通向同一环节。双框为结束；小钟表示可能计时的时限。",
        )


def _track_x(trunk: _Trunk, left: float, right: float, left_zone: float, right_zone: float) -> float:
    away = (trunk.track + 0.5) * TRACK
    return right + right_zone + away if trunk.right else left - left_zone - away


def _assign(trunks: list[_Trunk]) -> int:
    """Give trunks tracks, short ones inside, so that none lie on one another; returns how many tracks that takes."""
    taken: list[list[tuple[float, float]]] = []
    for trunk in sorted(trunks, key=lambda t: (t.span[1] - t.span[0], t.target, t.back)):
        low, high = trunk.span
        for number, spans in enumerate(taken):
            if all(high + 4 < a or b + 4 < low for a, b in spans):
                trunk.track = number
                spans.append((low, high))
                break
        else:
            trunk.track = len(taken)
            taken.append([(low, high)])
    return len(taken)
