"""Papers of a session with residents: the sign-in sheet, the result sheet, and the list of a period's sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gewu.core.playbook.model import Playbook
from gewu.occasions.queries import Matter, OccasionRow, OccasionView
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.signing import signatures
from gewu.papers.words import _, speaking
from gewu.registry import buildings, names

EMPTY_LINES = 16
"""Lines on a sign-in sheet that are left to be filled by hand."""


def sign_in_sheet(setting: Setting, view: OccasionView) -> m.Paper:
    """Who attended: what was entered already, then lines for signatures. People sign on paper; names are not kept."""
    row = view.row
    with speaking(setting.language):
        columns = (
            m.Column(_("No."), 0.8, m.Align.RIGHT),
            m.Column(_("Unit or duty post"), 4.4),
            m.Column(_("Group"), 2),
            m.Column(_("Heads"), 1, m.Align.RIGHT),
            m.Column(_("Signature"), 3),
        )
        playbook = playbook_of(setting, row)
        lines = [
            (
                m.whole(no),
                m.Cell(who(setting, a.unit, a.body)),
                m.Cell(choice_text(playbook, "level", a.level, setting.language)),
                m.whole(a.heads),
                m.Cell(),
            )
            for no, a in enumerate(view.attendance, start=1)
        ]
        start = len(lines) + 1
        blank = [(m.whole(no), *(m.Cell() for _n in range(4))) for no in range(start, start + EMPTY_LINES)]
        blocks: list[m.Block] = [
            m.Facts(tuple(facts_of(setting, view, playbook))),
            m.Table(_("Attendance"), columns, [*lines, *blank], caption=_("Attendance")),
            signatures(_("Recorded by")),
        ]
        return paper_of(setting, row, "sign-in-sheet", _("Sign-in sheet"), playbook, blocks)


def result_sheet(setting: Setting, view: OccasionView) -> m.Paper:
    """What was raised and what the table decided of it: unit, deadline, level, and how it stands."""
    row = view.row
    with speaking(setting.language):
        playbook = playbook_of(setting, row)
        columns = (
            m.Column(_("No."), 0.7, m.Align.RIGHT),
            m.Column(_("Matter"), 4),
            m.Column(_("Answer at the table"), 3),
            m.Column(_("Unit"), 2.2),
            m.Column(_("Working days"), 1, m.Align.RIGHT),
            m.Column(_("Level"), 1.2),
            m.Column(_("Case"), 2.2),
            m.Column(_("How it stands"), 1.7),
        )
        rows = [_matter(setting, one) for one in view.matters]
        note = "" if rows else _("No matter was raised.")
        blocks: list[m.Block] = [
            m.Facts(tuple(facts_of(setting, view, playbook))),
            m.Table(_("Matters"), columns, rows, caption=_("Matters and what was decided"), note=note, dense=True),
            signatures(_("Leader"), sealed=[_("For the street")]),
        ]
        return paper_of(setting, row, "result-sheet", _("Result sheet"), playbook, blocks, landscape=True)


def session_list(setting: Setting, title: str, period: str, rows: Sequence[OccasionRow]) -> m.Paper:
    """The sessions of a period as a list to be counted on."""
    with speaking(setting.language):
        columns = (
            m.Column(_("Number"), 3, chars=26),
            m.Column(_("Street"), 2.4, chars=20),
            m.Column(_("Place"), 3, chars=26),
            m.Column(_("Led by"), 1.4, chars=12),
            m.Column(_("Begins"), 2, chars=18),
            m.Column(_("Stage"), 1.8, chars=14),
            m.Column(_("Matters"), 1, m.Align.RIGHT, 9),
            m.Column(_("Cases"), 1, m.Align.RIGHT, 9),
            m.Column(_("Answered at the table"), 1.2, m.Align.RIGHT, 12),
            m.Column(_("Cases still open"), 1.2, m.Align.RIGHT, 12),
        )
        made = []
        known = _known(setting, rows)
        for row in rows:
            playbook = playbook_of(setting, row)
            made.append(
                (
                    m.Cell(row.number, link=setting.links.page("desk:workday", str(row.record_id))),
                    m.Cell(setting.unit_name(row.unit) if row.unit else ""),
                    m.Cell(_place(setting, row, known)),
                    m.Cell(choice_text(playbook, "led_by", row.led_by, setting.language)),
                    m.Cell(setting.instant(row.starts_at) if row.starts_at else ""),
                    m.Cell(names.stage_name(playbook, row.stage, setting.language)),
                    m.whole(row.matters - row.withdrawn),
                    m.whole(row.cases + row.joined),
                    m.whole(row.answered),
                    m.whole(row.cases_open),
                )
            )
        return m.Paper(
            kind="session-list",
            language=setting.language,
            title=title,
            stem=f"{title} {period}".strip(),
            day=setting.today,
            office=setting.office,
            date_line=setting.day(setting.today),
            standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
            landscape=True,
            blocks=(m.Table(title, columns, made, caption=f"{title} {period}".strip(), dense=True),),
        )


def paper_of(
    setting: Setting, row: OccasionRow, kind: str, title: str, playbook: Playbook | None, blocks: list[m.Block],
    *, landscape: bool = False,
) -> m.Paper:  # fmt: skip
    """A paper of a session: number, place and day in its head."""
    of = playbook.title[setting.language] if playbook else row.type
    joined = f"{of}{title}" if setting.chinese else f"{of}: {title.lower()}"
    return m.Paper(
        kind=kind,
        language=setting.language,
        title=joined,
        stem=f"{title} {row.number}",
        day=setting.today,
        office=setting.unit_name(row.unit) if row.unit else setting.office,
        number=row.number,
        date_line=setting.day(setting.today),
        standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
        landscape=landscape,
        blocks=tuple(blocks),
    )


def facts_of(setting: Setting, view: OccasionView, playbook: Playbook | None) -> list[m.Fact]:
    """What stands above every paper of a session."""
    row = view.row
    when = setting.instant(row.starts_at) if row.starts_at else ""
    found = [
        m.Fact(_("Place"), m.Cell(_place(setting, row, _known(setting, [row]))), wide=True),
        m.Fact(_("Where"), m.Cell(row.spot)),
        m.Fact(_("Begins"), m.Cell(when)),
        m.Fact(_("Led by"), m.Cell(choice_text(playbook, "led_by", row.led_by, setting.language))),
        m.Fact(_("Leader"), m.Cell(row.leader)),
        m.Fact(_("Held by"), m.Cell(setting.unit_name(row.unit) if row.unit else "")),
        m.Fact(_("Heads"), m.whole(view.heads)),
    ]
    return [one for one in found if one.cell.text or one.label != _("Led by")]


def _known(setting: Setting, rows: Sequence[OccasionRow]) -> dict[str, str]:
    """The names of those buildings that are in the register, by code."""
    codes = {row.building for row in rows if row.building}
    found = buildings.by_code(setting.district_id, codes) if codes else {}
    return {code: one.name_zh if setting.chinese else one.name_en for code, one in found.items()}


def _place(setting: Setting, row: OccasionRow, known: Mapping[str, str]) -> str:
    place = names.place_name(setting.directory, row.place, setting.language)
    if not row.building:
        return place
    if row.building in known:
        return known[row.building]
    return _("%(place)s, building %(building)s") % {"place": place, "building": row.building}


def _matter(setting: Setting, one: Matter) -> list[m.Cell]:
    number, stands = case_cells(setting, one)
    cases = setting.directory.current_playbook()
    tier = cases.tiers.get(one.tier) if cases else None
    said = one.answer if one.outcome == "answered" else ""
    answers = [f"{setting.unit_name(r.unit)}: {r.answer}" for r in one.replies] + ([said] if said else [])
    return [
        m.whole(one.no),
        m.Cell(one.words),
        m.Cell("\n".join(answers)),
        m.Cell(setting.unit_name(one.unit) if one.unit else ""),
        m.whole(one.limit_days) if one.limit_days else m.Cell(),
        m.Cell(tier.title[setting.language] if tier else one.tier),
        number,
        stands,
    ]


def case_cells(setting: Setting, one: Matter) -> tuple[m.Cell, m.Cell]:
    """The number of a matter's case, and how it stands: the case's stage, else what the table decided."""
    case = one.case
    if case is None:
        return m.Cell(), m.Cell(outcome_word(one.outcome))
    book = setting.playbook(case.playbook, case.playbook_version)
    stage = names.stage_name(book, case.stage, setting.language)
    return m.Cell(case.number, link=setting.links.case(case.number)), m.Cell(stage)


def outcome_word(code: str) -> str:
    """What became of a matter, in a word."""
    return {
        "": _("on the table"),
        "case": _("case"),
        "joined": _("joined to an open case"),
        "answered": _("answered at the table"),
        "withdrawn": _("withdrawn"),
        "raised": _("lifted by one level"),
        "kept": _("left at its level"),
        "tasked": _("owner and due date set"),
        "referred": _("referred to the level above"),
        "deferred": _("put off to another session"),
        "adopted": _("carried"),
        "rejected": _("not carried"),
    }.get(code, code)


def who(setting: Setting, unit: str, body: str) -> str:
    """Who attended: the words given, else the unit's name."""
    return body or (setting.unit_name(unit) if unit else "")


def playbook_of(setting: Setting, row: OccasionRow) -> Playbook | None:
    """The playbook under which an occasion runs."""
    return setting.playbook(row.playbook, row.playbook_version)


def choice_text(playbook: Playbook | None, name: str, value: str, language: str) -> str:
    """The title of a choice, of a field or of any form of the playbook."""
    if playbook is None or not value:
        return value
    forms = (one for move in playbook.moves.values() for one in move.form if one.name == name)
    for one in (playbook.fields.get(name), *forms):
        if one is not None and value in one.choices:
            return names.choice_name(one, value, language)
    return value
