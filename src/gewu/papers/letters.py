"""The official letter (公函) to a body without accounts, after GB/T 9704's form for letters, with a form for the reply.

The reply form asks for what the register records by hand when the reply comes in, in the same order.
"""

from __future__ import annotations

from datetime import date

from gewu.cases.queries import PhotoRow
from gewu.ledger import attachments
from gewu.office.queries import LetterView
from gewu.papers import model as m
from gewu.papers.casesheet import scaled
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking
from gewu.registry import names

MOST_PHOTOS = 12
"""A letter encloses so many photos; the register keeps further ones."""
_LINE = "＿" * 8
_GAP = {True: "", False: " "}
"""After a number: in Chinese the typesetter puts it."""
_WRITING = frozenset({"draft", "revise"})
"""Moves whose scans belong to the letter; what comes later are replies and notes."""


def official_letter(setting: Setting, letter: LetterView, contact: str = "") -> m.Paper:
    """The letter to be signed, sealed and sent, what it encloses, and the reply form as its last page.

    It is dated the day on which it was sent, before that today. ``contact`` is whom to call, by name and number; left
    out it is whoever drafted it, with room for the number.
    """
    with speaking(setting.language):
        row = letter.entry.row
        day = row.sent_on or setting.today
        photos, documents = _enclosed(setting, letter)
        blocks: list[m.Block] = []
        if row.stage == "voided":
            blocks.append(m.paragraph(_("(void)"), indent=False, align=m.Align.CENTRE, bold=True))
        blocks.append(m.paragraph(_("%(unit)s:") % {"unit": setting.unit_name(letter.body)}, indent=False))
        blocks += [m.paragraph(words) for words in _body(letter)]
        blocks += [
            *_listed(setting, _enclosures(len(photos), documents)),
            m.Closing(setting.issuer, setting.day(day), _("(seal)")),
            m.paragraph(_("(Contact: %(contact)s)") % {"contact": contact or _contact(setting, letter)}),
            m.PageBreak(),
            *_reply_form(setting, letter, day),
        ]
        if photos:
            blocks += [m.PageBreak(), _annex(2), m.Heading(_("Photos")), m.Figures(photos)]
        return m.Paper(
            kind="official-letter",
            language=setting.language,
            title=letter.subject or _("Official letter"),
            stem=_("Official letter %(number)s") % {"number": row.number},
            day=day,
            office=setting.issuer,
            number=row.number,
            look=m.Look.LETTER,
            blocks=tuple(blocks),
        )


def _body(letter: LetterView) -> list[str]:
    """The paragraphs as they were written; a blank line between two is none of its own."""
    if letter.entry.erased:
        return [_("The words of this letter were erased by request. What happened when stays.")]
    return [line.strip() for line in letter.words.splitlines() if line.strip()]


def _contact(setting: Setting, letter: LetterView) -> str:
    who = names.person_name(setting.directory, letter.drafted.by, setting.language)
    return _("%(who)s, telephone %(blank)s") % {"who": who, "blank": _LINE}


# ---- what is enclosed


def _enclosed(setting: Setting, letter: LetterView) -> tuple[tuple[m.Figure, ...], int]:
    """The photos that came with the draft, and how many documents did: those are printed from the register."""
    written = {event.seq for event in letter.entry.timeline if event.kind in _WRITING}
    there = [photo for photo in letter.entry.photos if photo.seq in written and not photo.erased]
    pictures = [photo for photo in there if photo.mime != attachments.PDF]
    found = (_figure(setting, photo) for photo in pictures[:MOST_PHOTOS])
    return tuple(figure for figure in found if figure is not None), len(there) - len(pictures)


def _figure(setting: Setting, photo: PhotoRow) -> m.Figure | None:
    stored = attachments.read(setting.district_id, photo.id)
    if stored is None:
        return None
    caption = names.name(photo.role, setting.language)
    if photo.taken_at:
        caption = f"{caption} {setting.short(photo.taken_at)}"
    return m.Figure(*scaled(stored[0]), caption)


def _enclosures(photos: int, documents: int) -> list[str]:
    found = [_("Reply form")]
    if photos:
        found.append(_("Photos (%(n)d)") % {"n": photos})
    if documents:
        found.append(_("Documents (%(n)d), enclosed apart") % {"n": documents})
    return found


def _listed(setting: Setting, items: list[str]) -> list[m.Paragraph]:
    """A line left free, then the enclosures one below the other; a single one has no number."""
    numbered = items if len(items) == 1 else [f"{n}.{_GAP[setting.chinese]}{item}" for n, item in enumerate(items, 1)]
    first = _("Enclosed: %(what)s") % {"what": numbered[0]}
    # In Chinese the numbers stand below one another: as wide as the word before the first.
    margin = "\u3000" * 3 if setting.chinese else ""
    return [m.paragraph("\u00a0"), *(m.paragraph(text) for text in (first, *(margin + n for n in numbered[1:])))]


def _annex(number: int) -> m.Paragraph:
    return m.paragraph(_("Enclosure %(n)d") % {"n": number}, indent=False, bold=True)


# ---- the reply


def _reply_form(setting: Setting, letter: LetterView, day: date) -> list[m.Block]:
    """The form that comes back; what the register holds of a reply already is filled in."""
    row, reply = letter.entry.row, letter.reply
    facts = [
        m.Fact(_("Our letter"), m.Cell(row.number)),
        m.Fact(_("Dated"), m.Cell(setting.day(day))),
        m.Fact(_("Subject"), m.Cell(letter.subject), wide=True),
    ]
    facts += [
        m.Fact(_("Case"), m.Cell(link.number, link=setting.links.case(link.number)), wide=True)
        for link in letter.entry.cases
    ]
    facts += [
        m.Fact(_("Reply by"), m.Cell(setting.day(row.due_on) if row.due_on else ""), wide=True),
        m.Fact(_("Return to"), m.Cell(setting.issuer), wide=True),
    ]
    answer = (
        m.Fact(_("Replied by"), m.Cell(setting.unit_name(letter.body)), wide=True),
        m.Fact(_("Day of the reply"), m.Cell(setting.day(row.own_day) if row.own_day else "")),
        m.Fact(_("Number of the reply"), m.Cell(row.own_number)),
    )
    sign = (_("Signature:"), _("Telephone:"), _("Date:"))
    return [
        _annex(1),
        m.paragraph(_("Reply form"), indent=False, align=m.Align.CENTRE, bold=True),
        m.Facts(tuple(facts)),
        m.Facts(answer),
        m.Box(_("What it says (may be continued on a sheet)"), reply.text if reply else "", 60),
        m.Signatures(
            (
                m.Signature(_("For the body that replies"), sign, _("(seal)")),
                m.Signature(_("Entered in the register by"), (_("Signature:"), _("Date:"))),
            )
        ),
        m.paragraph(
            _("The reply is entered in the register of letters with its day and number, and its scan is kept there."),
            indent=False,
            small=True,
        ),
    ]
