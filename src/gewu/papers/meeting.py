"""The minutes of a joint meeting: who was there, what was decided of each item, who owns it until when, signatures."""

from __future__ import annotations

from gewu.occasions.queries import Matter, OccasionView
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking
from gewu.papers.workday import facts_of, outcome_word, paper_of, playbook_of, who
from gewu.registry import names


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
            m.Signatures(
                (
                    m.Signature(_("Chaired by"), (_("Signature:"), _("Date:"))),
                    m.Signature(_("Minutes kept by"), (_("Signature:"), _("Date:"))),
                    m.Signature(_("For the unit that convened"), (_("Signature:"), _("Date:")), _("(seal)")),
                )
            ),
        ]
        return paper_of(setting, row, "meeting-minutes", _("Minutes"), playbook, blocks, landscape=True)


def _item(setting: Setting, one: Matter) -> list[m.Cell]:
    case = one.case
    stands = outcome_word(one.outcome)
    if one.waiting:
        stands = _("waits for a meeting of the level above")
    elif case is not None:
        book = setting.playbook(case.playbook, case.playbook_version)
        stands = names.stage_name(book, case.stage, setting.language)
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
        m.Cell(case.number, link=setting.links.case(case.number)) if case is not None else m.Cell(),
        m.Cell(stands),
    ]
