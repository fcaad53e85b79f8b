"""Minutes of a council: the resolution sheet with every vote, and lines for signatures."""

from __future__ import annotations

from gewu.occasions.queries import Matter, OccasionView
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.signing import signatures
from gewu.papers.words import _, speaking
from gewu.papers.workday import choice_text, facts_of, outcome_word, paper_of, playbook_of, who


def council_minutes(setting: Setting, view: OccasionView) -> m.Paper:
    """Who was there by group, each matter with its vote, who carries it out until when, and what came of it."""
    row = view.row
    with speaking(setting.language):
        playbook = playbook_of(setting, row)
        groups = (m.Column(_("Group"), 2), m.Column(_("Unit or duty post"), 4), m.Column(_("Heads"), 1, m.Align.RIGHT))
        there = [
            (
                m.Cell(choice_text(playbook, "level", a.level, setting.language)),
                m.Cell(who(setting, a.unit, a.body)),
                m.whole(a.heads),
            )
            for a in view.attendance
        ]
        columns = (
            m.Column(_("No."), 0.7, m.Align.RIGHT),
            m.Column(_("Matter and motion"), 4.2),
            m.Column(_("Proposed by"), 1.6),
            m.Column(_("Present / stakeholders"), 1.5),
            m.Column(_("For"), 0.8, m.Align.RIGHT),
            m.Column(_("Against"), 0.9, m.Align.RIGHT),
            m.Column(_("Abstained"), 0.9, m.Align.RIGHT),
            m.Column(_("Outcome"), 1.5),
            m.Column(_("Carried out by, until"), 2.4),
            m.Column(_("What came of it"), 2),
        )
        rows = [_matter(setting, view, one) for one in view.matters]
        blocks: list[m.Block] = [
            m.Facts(tuple(facts_of(setting, view, playbook))),
            m.Table(
                _("Attendance"), groups, there, caption=_("Attendance"),
                note="" if there else _("Nobody is entered yet."),
            ),
            m.Table(
                _("Matters"), columns, rows, caption=_("Matters, votes and resolutions"),
                note="" if rows else _("Nothing was proposed."), dense=True,
            ),
            *_judged(setting, view),
            signatures(
                _("Chair"), _("For the members of the council"), _("For the stakeholders"), _("Recorded by")
            ),
        ]  # fmt: skip
        return paper_of(setting, row, "council-minutes", _("Minutes of the council"), playbook, blocks, landscape=True)


def _matter(setting: Setting, view: OccasionView, one: Matter) -> list[m.Cell]:
    playbook = playbook_of(setting, view.row)
    vote, language = one.vote, setting.language
    by = choice_text(playbook, "source", one.source, language)
    if vote is None:
        became = one.case.number if one.case is not None else one.answer
        return [
            m.whole(one.no), m.Cell(one.words), m.Cell(by), *(m.Cell() for _n in range(4)),
            m.Cell(outcome_word(one.outcome)), m.Cell(), m.Cell(became),
        ]  # fmt: skip
    named = bool(one.unit) and vote.executor == "unit"
    executor = setting.unit_name(one.unit) if named else choice_text(playbook, "executor", vote.executor, language)
    until = setting.day(vote.until) if vote.until else ""
    done = vote.execution
    came = ""
    if done is not None:
        said = _("carried out") if done.outcome == "done" else _("not carried out")
        came = f"{said}: {done.words}" if done.words else said
    elif one.outcome == "adopted":
        came = _("not reported yet")
    return [
        m.whole(one.no),
        m.Cell(f"{one.words}\n{vote.motion}" if vote.motion != one.words else one.words),
        m.Cell(by),
        m.Cell(f"{vote.present} / {vote.stakeholders}"),
        m.whole(vote.votes_for),
        m.whole(vote.votes_against),
        m.whole(vote.votes_abstained),
        m.Cell(outcome_word(one.outcome)),
        m.Cell(f"{executor}\n{until}" if one.outcome == "adopted" else ""),
        m.Cell(came),
    ]


def _judged(setting: Setting, view: OccasionView) -> list[m.Block]:
    """What the residents judged; whoever did not answer stands by themselves."""
    columns = (
        m.Column(_("Asked until"), 2),
        m.Column(_("Asked"), 1, m.Align.RIGHT),
        m.Column(_("Satisfied"), 1, m.Align.RIGHT),
        m.Column(_("Not satisfied"), 1, m.Align.RIGHT),
        m.Column(_("Did not answer"), 1, m.Align.RIGHT),
    )
    rows = [
        [
            m.Cell(setting.day(one.evaluated_on)), m.whole(one.asked), m.whole(one.satisfied),
            m.whole(one.dissatisfied), m.whole(one.unanswered),
        ]
        for one in view.evaluations
    ]  # fmt: skip
    if not rows:
        return []
    return [m.Table(_("Judgement of the residents"), columns, rows, caption=_("Judgement of the residents"))]
