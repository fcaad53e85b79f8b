"""The shift handover sheet (交接班): what is open, and two signatures of different persons."""

from __future__ import annotations

from gewu.core.playbook.model import Playbook
from gewu.office.queries import HandoverView, OpenMatter, Signature
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, cases_words, left_words, speaking, utc
from gewu.registry import names


def handover_sheet(setting: Setting, handover: HandoverView) -> m.Paper:
    """The sheet with the list as it was frozen when the handover was written."""
    row, matters = handover.entry.row, handover.matters
    with speaking(setting.language):
        at = utc(matters.at)
        facts = m.Facts(
            (
                m.Fact(_("Shift that ends"), m.Cell(_shift(setting, handover))),
                m.Fact(_("List made at"), m.Cell(setting.instant(at))),
                m.Fact(_("Open cases"), m.whole(matters.total)),
                m.Fact(_("Past a limit"), m.whole(matters.late)),
                m.Fact(_("Due within the next shift"), m.whole(matters.soon)),
                m.Fact(_("Entries of registers"), m.whole(len(matters.registers) + matters.registers_not_listed)),
            )
        )
        blocks: list[m.Block] = [facts, m.Box(_("For the next shift"), handover.notes, 22), _stages(setting, handover)]
        if matters.cases:
            note = (
                _("%(cases)s with later limits are not listed.") % {"cases": cases_words(matters.cases_not_listed)}
                if matters.cases_not_listed
                else ""
            )
            blocks.append(_matters(setting, handover, matters.cases, _("Open cases, the first limit first"), note))
        if matters.registers:
            blocks.append(_matters(setting, handover, matters.registers, _("Open entries of registers"), ""))
        blocks.append(
            m.Signatures(
                (
                    _signature(setting, _("Handed over by (outgoing shift)"), handover.outgoing),
                    _signature(setting, _("Taken over by (incoming shift)"), handover.incoming),
                )
            )
        )
        return m.Paper(
            kind="handover",
            language=setting.language,
            title=_("Shift handover"),
            stem=_("Shift handover %(number)s") % {"number": row.number},
            day=row.day,
            office=setting.office,
            number=_("No. %(number)s") % {"number": row.number},
            date_line=setting.day(row.day),
            standing=_("Open matters as of %(at)s") % {"at": setting.instant(at)},
            blocks=tuple(blocks),
        )


def _shift(setting: Setting, handover: HandoverView) -> str:
    row = handover.entry.row
    playbook = setting.directory.playbook(row.playbook, row.playbook_version) or setting.directory.playbook(
        row.playbook
    )
    field = playbook.fields.get("variant") if playbook else None
    return names.choice_name(field, handover.shift, setting.language) if field else handover.shift


def _stages(setting: Setting, handover: HandoverView) -> m.Table:
    playbook = setting.directory.current_playbook()
    columns = (
        m.Column(_("Stage"), 4),
        m.Column(_("Open"), 1.4, m.Align.RIGHT),
        m.Column(_("Past a limit"), 1.4, m.Align.RIGHT),
        m.Column(_("Due soon"), 1.4, m.Align.RIGHT),
    )
    rows = [
        (m.Cell(names.stage_name(playbook, stage, setting.language)), *(m.whole(n) for n in counts))
        for stage, counts in sorted(handover.matters.stages.items(), key=lambda item: _place(playbook, item[0]))
    ]
    return m.Table(_("By stage"), columns, rows, caption=_("Open cases by stage"))


def _place(playbook: Playbook | None, stage: str) -> tuple[int, str]:
    """Where a stage stands in the life of a case."""
    order = list(playbook.stages) if playbook else []
    return (order.index(stage) if stage in order else len(order), stage)


def _matters(
    setting: Setting, handover: HandoverView, matters: tuple[OpenMatter, ...], caption: str, note: str
) -> m.Table:
    columns = (
        m.Column(_("No."), 0.7, m.Align.CENTRE),
        m.Column(_("Number"), 2.6),
        m.Column(_("Kind"), 1.8),
        m.Column(_("Stage"), 2.2),
        m.Column(_("Due"), 2.2),
        m.Column(_("Left or past"), 2),
    )
    at = utc(handover.matters.at)
    rows = []
    for n, matter in enumerate(matters, 1):
        playbook = setting.directory.current_playbook(matter.kind)
        due = utc(matter.due_at) if matter.due_at else None
        rows.append(
            (
                m.whole(n),
                m.Cell(matter.number, link=setting.links.case(matter.number) if matter.kind == "case" else ""),
                m.Cell(_kind(setting, matter.kind)),
                m.Cell(names.stage_name(playbook, matter.stage, setting.language)),
                m.Cell(setting.short(due) if due else ""),
                m.Cell(left_words(due, at) if due else "", bold=matter.late),
            )
        )
    return m.Table(caption, columns, rows, caption=caption, note=note)


def _kind(setting: Setting, kind: str) -> str:
    titles = [p.title for p in setting.directory.playbooks if p.active and p.kind == kind]
    return titles[0][setting.language] if titles else kind


def _signature(setting: Setting, title: str, signed: Signature | None) -> m.Signature:
    if signed is None:
        return m.Signature(title, (_("Signature:"), _("Date and time:")))
    who = names.at_post_name(setting.directory, signed.by, signed.unit, setting.language)
    lines = [_("Signed at %(at)s") % {"at": setting.instant(signed.at)}]
    if signed.remark:
        lines.append(_("Remark: %(text)s") % {"text": signed.remark})
    return m.Signature(title, (*lines, _("Signature:")), name=who)
