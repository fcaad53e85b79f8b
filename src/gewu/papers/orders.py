"""The numbered follow-up order (督办单): what a unit has to do until when, and what became of it."""

from __future__ import annotations

from gewu.office.queries import LookBack, OrderView, Words
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.signing import signatures
from gewu.papers.words import _, speaking
from gewu.registry import names


def follow_up_order(setting: Setting, order: OrderView, *, course: bool = True) -> m.Paper:
    """The order as a letter to its unit. `course` adds what was reminded, answered and struck off since."""
    row = order.entry.row
    with speaking(setting.language):
        unit = setting.unit_name(order.unit)
        due = setting.day(row.due_on) if row.due_on else ""
        blocks: list[m.Block] = [
            m.paragraph(_("%(unit)s:") % {"unit": unit}, indent=False),
            m.paragraph(_opening(order, due)),
            m.Facts(tuple(_facts(setting, order, unit, due))),
            m.Box(_("What is demanded"), order.demand, 30),
        ]
        if course and (steps := _course(setting, order)):
            columns = (m.Column(_("At"), 2.2), m.Column(_("Step"), 2), m.Column(_("By"), 2.6), m.Column(_("Words"), 6))
            blocks += [m.Heading(_("What became of it")), m.Table(_("What became of it"), columns, steps)]
        answer = order.answers[-1].given.text if order.answers else ""
        blocks += [
            m.Box(_("Result reported by the unit (may be continued on a sheet)"), answer, 34),
            signatures(sealed=[_("For the unit"), _("Struck off by the office")]),
            m.Closing(setting.issuer, setting.day(row.day), _("(seal)")),
        ]
        return m.Paper(
            kind="follow-up-order",
            language=setting.language,
            title=_("Follow-up order"),
            stem=_("Follow-up order %(number)s") % {"number": row.number},
            day=row.day,
            office=setting.issuer,
            number=row.number,
            date_line=setting.day(row.day),
            standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
            look=m.Look.OFFICIAL,
            blocks=tuple(blocks),
        )


def _opening(order: OrderView, due: str) -> str:
    filled = {"matter": order.matter, "due": due}
    if order.entry.erased:
        return _("The words of this order were erased by request. What happened when stays.")
    return _("You are asked to settle the matter “%(matter)s” and to report the result by %(due)s.") % filled


def _facts(setting: Setting, order: OrderView, unit: str, due: str) -> list[m.Fact]:
    row = order.entry.row
    playbook = setting.directory.playbook(row.playbook, row.playbook_version) or setting.directory.playbook(
        row.playbook
    )
    facts = [
        m.Fact(_("Matter"), m.Cell(order.matter), wide=True),
        m.Fact(_("Unit"), m.Cell(unit)),
        m.Fact(_("Report by"), m.Cell(due)),
        m.Fact(_("Stage"), m.Cell(names.stage_name(playbook, row.stage, setting.language))),
        m.Fact(_("Reminded"), m.whole(row.reminders)),
    ]
    facts += [
        m.Fact(_("Case"), m.Cell(link.number, link=setting.links.case(link.number))) for link in order.entry.cases
    ]
    facts += [
        m.Fact(
            _("Instruction"), m.Cell(link.number, link=setting.links.page("desk:register-entry", str(link.record_id)))
        )
        for link in order.instructions
    ]
    return facts


def _course(setting: Setting, order: OrderView) -> list[list[m.Cell]]:
    """Everything that was done with it, in order of time."""
    steps: list[tuple[Words, str]] = []
    if order.acknowledged is not None:
        step = order.acknowledged
        steps.append((Words(step.at, step.by, step.unit, ""), _("Acknowledged")))
    steps += [(words, _("Reminder")) for words in order.reminders]
    steps += [(words, _("Progress")) for words in order.progress]
    for answer in order.answers:
        steps.append((answer.given, _("Result")))
        if answer.returned is not None:
            steps.append((answer.returned, _("Sent back")))
    if order.struck_off is not None:
        steps.append((order.struck_off, _("Struck off")))
    steps += [(back.words, _look_back(back)) for back in order.look_backs]
    return [
        [
            m.Cell(setting.short(words.at)),
            m.Cell(what),
            m.Cell(names.at_post_name(setting.directory, words.by, words.unit, setting.language)),
            m.Cell(words.text),
        ]
        for words, what in sorted(steps, key=lambda step: step[0].at)
    ]


def _look_back(back: LookBack) -> str:
    return _("Look-back: solved") if back.result == "holds" else _("Look-back: came back")
