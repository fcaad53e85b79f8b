"""The notice to a party (整改通知书): what is the matter, on what basis, until when, and how it was served.

It is made from what somebody writes for the party and from the case's place and category. Words of the report are never
taken over: they may tell who reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gewu.cases.queries import CaseView
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking
from gewu.registry import names

LONGEST = 2000
_BLANK = "＿" * 12


@dataclass(frozen=True, slots=True)
class Notice:
    """What is written for the party. `number` is the notice's own; `until` the day by which it is to be done."""

    party: str = ""
    matter: str = ""
    basis: str = ""
    demand: str = ""
    number: str = ""
    until: date | None = None
    contact: str = ""


def draft_for(setting: Setting, view: CaseView) -> Notice:
    """What can be said without anybody's words: category and place, and the standard's condition for closing."""
    standard = setting.directory.standards.get(view.standard)
    with speaking(setting.language):
        place = names.place_name(setting.directory, view.row.place, setting.language)
        category = names.category_name(setting.directory, view.row.category, setting.language)
        matter = _("At %(place)s: %(category)s.") % {"place": place, "category": category} if view.row.category else ""
        demand = standard.closing[setting.language] if standard else ""
        return Notice(matter=matter, demand=demand, number=view.row.number)


def party_notice(setting: Setting, view: CaseView, notice: Notice) -> m.Paper:
    """The notice, in two copies' worth of blocks: the letter, and the receipt that comes back."""
    with speaking(setting.language):
        party = notice.party or _BLANK
        until = setting.day(notice.until) if notice.until else _("____-__-__ (date)")
        basis = notice.basis or _BLANK
        blocks: list[m.Block] = [
            m.paragraph(_("%(party)s:") % {"party": party}, indent=False),
            m.paragraph(_("On inspection the following was found: %(matter)s") % {"matter": notice.matter or _BLANK}),
            m.paragraph(_("Basis: %(basis)s") % {"basis": basis}),
            m.paragraph(
                _("You are asked to put it right by %(until)s: %(demand)s")
                % {"until": until, "demand": notice.demand or _BLANK}
            ),
            m.paragraph(
                _("If you disagree, you may state your view to us orally or in writing before that day.")
                + (" " + _("Contact: %(contact)s.") % {"contact": notice.contact} if notice.contact else "")
            ),
            m.Closing(setting.office, setting.day(setting.today), _("(seal)")),
            m.PageBreak(),
            *_receipt(setting, view, party, notice),
        ]
        return m.Paper(
            kind="notice",
            language=setting.language,
            title=_("Notice to put a matter right"),
            stem=_("Notice %(number)s") % {"number": notice.number or view.row.number},
            day=setting.today,
            office=setting.office,
            number=_("No. %(number)s") % {"number": notice.number or view.row.number},
            date_line=setting.day(setting.today),
            look=m.Look.OFFICIAL,
            blocks=tuple(blocks),
        )


def _receipt(setting: Setting, view: CaseView, party: str, notice: Notice) -> list[m.Block]:
    sign = (_("Signature:"), _("Date and time:"))
    return [
        m.paragraph(_("Receipt"), indent=False, align=m.Align.CENTRE, bold=True),
        m.Facts(
            (
                m.Fact(_("Notice"), m.Cell(notice.number or view.row.number)),
                m.Fact(_("Case"), m.Cell(view.row.number, link=setting.links.case(view.row.number))),
                m.Fact(_("Party"), m.Cell(party), wide=True),
                m.Fact(_("Place of service"), m.Cell(), wide=True),
            )
        ),
        m.Ticks(
            _("How it was served (tick one)"),
            (
                _("received and signed by the party"),
                _("received by somebody else, who is: ______________"),
                _("refused to sign; reason given: ______________"),
                _("left at the premises, with a photo of the place where it was left"),
                _("party not met; tried on: ______________"),
            ),
        ),
        m.Signatures(
            (
                m.Signature(_("Party"), sign),
                m.Signature(_("Served by (two persons)"), (_("Signature:"), _("Signature:"), _("Date and time:"))),
            )
        ),
        m.Signatures((m.Signature(_("Witness, where the party refused to sign"), (*sign, _("Unit and telephone:"))),)),
        m.paragraph(
            _("After service, photograph or scan this page and add it to the case as a note."), indent=False, small=True
        ),
    ]
