"""The minutes of a joint meeting: who was there, what was decided of each item, who owns it until when, signatures."""

from __future__ import annotations

from gewu.occasions.queries import Matter, OccasionView
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.signing import signatures
from gewu.papers.words import _, speaking
from gewu.papers.workday import case_cells, facts_of, outcome_word, paper_of, playbook_of, who


def minutes(setting: Setting, view: OccasionView) -> m.Paper:
    """Decisions with owners and due dates as they were made, how each stands today, and lines for signatures."""
    row = view.row
    with speaking(setting.language):
        playbook = playbook_of(setting, row)
        columns = (
            m.Column(_("No."), 0.7, m.Align.RIGHT),
            m.Column(_("Item"), 3.4),
            m.Column(_("Decision"), 1.6),
            m.Column(_("Words of the decision"), 3.2),
            m.Column(_("Owner"), 2.2),
            m.Column(_("Due"), 1.4),
            m.Column(_("Case"), 2.2),
            m.Column(_("How it stands"), 1.7),
        )
        rows = [_item(setting, one) for one in view.matters]
        present = m.Table(
            _("Present"),
            (m.Column(_("Unit or duty post"), 5), m.Column(_("Heads"), 1, m.Align.RIGHT)),
            [(m.Cell(who(setting, a.unit, a.body)), m.whole(a.heads)) for a in view.attendance],
            caption=_("Present"),
            note="" if view.attendance else _("Nobody is entered yet."),
        )
        summary = next((e.texts["summary"] for e in view.timeline if (e.texts or {}).get("summary") and e.texts), "")
        blocks: list[m.Block] = [m.Facts(tuple(facts_of(setting, view, playbook))), present]
        if summary:
            blocks.append(m.Facts((m.Fact(_("Summary"), m.Cell(summary), wide=True),)))
        note = "" if rows else _("Nothing was on the table.")
        blocks += [
            m.Table(_("Decisions"), columns, rows, caption=_("Items and what was decided"), note=note, dense=True),
            signatures(_("Chaired by"), _("Minutes kept by"), sealed=[_("For the unit that convened")]),
        ]
        return paper_of(setting, row, "meeting-minutes", _("Minutes"), playbook, blocks, landscape=True)


def _item(setting: Setting, one: Matter) -> list[m.Cell]:
    number, stands = case_cells(setting, one)
    if one.waiting:
        stands = m.Cell(_("waits for a meeting of the level above"))
    due = setting.day(one.due_on) if one.due_on else ""
    if not due and one.limit_days:
        due = _("%(n)d working days") % {"n": one.limit_days}
    return [
        m.whole(one.no),
        m.Cell(one.words),
        m.Cell(outcome_word(one.outcome)),
        m.Cell(one.answer),
        m.Cell(setting.unit_name(one.unit) if one.unit else ""),
        m.Cell(due),
        number,
        stands,
    ]
