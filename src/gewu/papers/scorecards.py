"""Scorecards of a period as a paper: points, grade, rank, the period before, n, and the working of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gewu.evaluation.api import Definitions, Score
from gewu.evaluation.definitions import Formula, source_words
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking


@dataclass(frozen=True, slots=True)
class Card:
    """One scorecard. ``fewest`` and ``most``: on how many cases its terms rest, those without a case left out."""

    group: str
    name: str
    score: Score
    past: Score | None
    fewest: int
    most: int
    working: tuple[str, ...]

    @property
    def n(self) -> str:
        """``12`` or ``7–31``."""
        return str(self.most) if self.fewest == self.most else f"{self.fewest}–{self.most}"

    @property
    def change(self) -> str:
        """Points more or less than in the period before: ``+3.2``; empty where one of the two has none."""
        if self.past is None or self.past.points is None or self.score.points is None:
            return ""
        tenths = self.score.points - self.past.points
        sign = "+" if tenths > 0 else "−" if tenths < 0 else "±"
        return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def card_list(setting: Setting, formula: Formula, period: str, cards: Sequence[Card], known: Definitions) -> m.Paper:
    """The cards of a formula and period, in their order."""
    with speaking(setting.language):
        name = formula.title[setting.language]
        columns = (
            m.Column(_("Rank"), 0.8, m.Align.RIGHT, 7),
            m.Column(_("Whose"), 3.4, chars=34),
            m.Column(_("Points"), 1, m.Align.RIGHT, 9),
            m.Column(_("Grade"), 0.8, chars=8),
            m.Column(_("Against the period before"), 1.4, m.Align.RIGHT, 12),
            m.Column(_("Rests on (n)"), 1.4, m.Align.RIGHT, 12),
            m.Column(_("Working"), 6, chars=70),
        )
        rows = [
            (
                m.whole(card.score.rank) if card.score.rank is not None else m.Cell("–"),
                m.Cell(card.name),
                m.Cell(card.score.text),
                m.Cell(card.score.grade or _("not assessable")),
                m.Cell(card.change or "–"),
                m.Cell(card.n),
                m.Cell("; ".join(card.working)),
            )
            for card in cards
        ]
        title = _("Scorecards")
        note = _("Definitions %(version)s. Weights: %(source)s") % {
            "version": known.version,
            "source": source_words(formula.source, setting.language),
        }
        return m.Paper(
            kind="scorecards",
            language=setting.language,
            title=f"{title} {period} {name}",
            stem=f"{title} {period} {name}",
            day=setting.today,
            office=setting.office,
            date_line=setting.day(setting.today),
            standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
            landscape=True,
            blocks=(m.Table(title, columns, rows, caption=title, note=note, dense=True),),
        )
