"""The co-signed report of a joint duty: agencies, muster, patrols, support, results by item and agency, signatures.

An agency that has not reported is named so, in the table of agencies and in that of results; no number stands for it.
"""

from __future__ import annotations

from gewu.occasions.queries import OccasionView, ResultFilter, totals, unreported
from gewu.occasions.queries import agencies as q
from gewu.occasions.queries.agencies import Agency
from gewu.papers import model as m
from gewu.papers.results import sums_table
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking
from gewu.papers.workday import paper_of, playbook_of
from gewu.registry import names

BY_SIDE = 3
"""Signature blocks that stand side by side."""


def joint_report(setting: Setting, view: OccasionView) -> m.Paper:
    """The joint report as it stands: to be signed by each agency that has reported."""
    row = view.row
    with speaking(setting.language):
        found = q.agencies(view)
        wanted = ResultFilter(occasion=row.record_id)
        sums = totals(setting.district_id, setting.acting, wanted, ("item", "unit"))
        missing = unreported(setting.district_id, setting.acting, wanted)
        blocks: list[m.Block] = [
            m.Facts(tuple(_facts(setting, view))),
            _agencies(setting, found),
            *_log(setting, view),
            sums_table(setting, sums, missing),
            *_words(setting, found),
            *_signatures(setting, found),
        ]
        playbook = playbook_of(setting, row)
        return paper_of(setting, row, "joint-report", _("Joint report"), playbook, blocks)


def _facts(setting: Setting, view: OccasionView) -> list[m.Fact]:
    row, texts = view.row, view.texts or {}
    found = q.agencies(view)
    core = sum(one.takes_part and one.standing == "core" for one in found)
    others = sum(one.takes_part and one.standing != "core" for one in found)
    territory = names.place_name(setting.directory, row.place, setting.language)
    when = " – ".join(setting.instant(at) for at in (row.starts_at, row.ends_at) if at)
    return [
        m.Fact(_("Purpose"), m.Cell(texts.get("purpose", "")), wide=True),
        m.Fact(_("Basis"), m.Cell(texts.get("basis", "")), wide=True),
        m.Fact(
            _("Area of the operation"), m.Cell(" · ".join(part for part in (territory, row.spot) if part)), wide=True
        ),
        m.Fact(_("Period"), m.Cell(when), wide=True),
        m.Fact(_("Convener"), m.Cell(setting.unit_name(row.unit) if row.unit else "")),
        m.Fact(_("Leader"), m.Cell(row.leader)),
        m.Fact(_("Agencies (core + invited)"), m.Cell(f"{core} + {others}")),
        m.Fact(_("Heads mustered"), m.whole(q.heads(view))),
    ]


def _agencies(setting: Setting, found: tuple[Agency, ...]) -> m.Table:
    columns = (
        m.Column(_("Agency"), 3.4, chars=30),
        m.Column(_("Takes part as"), 1.6, chars=14),
        m.Column(_("Heads"), 0.9, m.Align.RIGHT, 8),
        m.Column(_("Report"), 2.4, chars=22),
        m.Column(_("Signature"), 1.7, chars=16),
    )
    rows = [
        (
            m.Cell(setting.unit_name(one.unit) + (_(" (by letter)") if one.letter else "")),
            m.Cell(_("core agency") if one.standing == "core" else _("invited (X)")),
            m.whole(one.heads) if one.heads is not None else m.Cell("–"),
            m.Cell(_report(setting, one)),
            m.Cell(_signed(one)),
        )
        for one in found
    ]
    note = "" if rows else _("Nobody is invited yet.")
    return m.Table(_("Agencies"), columns, rows, caption=_("Agencies"), note=note)


def _report(setting: Setting, one: Agency) -> str:
    if one.status == q.HAS_REPORTED and one.reported_at is not None:
        said = _("reported late, %(at)s") if one.late else _("reported, %(at)s")
        return said % {"at": setting.short(one.reported_at)}
    said = {
        q.INVITED: _("invited, no answer yet"),
        q.DECLINED: _("declined"),
        q.UNANSWERED: _("did not answer"),
        q.TAKES_PART: _("takes part"),
        q.NOT_REPORTED: _("not reported"),
    }.get(one.status, one.status)
    return f"{said}{_(': ')}{one.reason}" if one.reason else said


def _signed(one: Agency) -> str:
    return {
        q.SIGNING: _("to sign"),
        q.SIGNED: _("signed"),
        q.REFUSED: _("does not sign"),
        q.UNSIGNED: _("not signed"),
    }.get(one.signature, "")


def _log(setting: Setting, view: OccasionView) -> list[m.Block]:
    """Patrols and support, where there are any."""
    found: list[m.Block] = []
    patrols, supports = q.patrols(view), q.supports(view)
    if patrols:
        columns = (
            m.Column(_("Day"), 1.3, chars=12),
            m.Column(_("Agency"), 2.6, chars=26),
            m.Column(_("Where"), 2.4, chars=24),
            m.Column(_("What was found and done"), 4.2, chars=44),
        )
        rows = [
            (
                m.Cell(f"{one.on.isoformat()} {one.hours}".strip()),
                m.Cell(setting.unit_name(one.unit) if one.unit else ""),
                m.Cell(one.where),
                m.Cell(one.what),
            )
            for one in patrols
        ]
        found.append(m.Table(_("Patrols"), columns, rows, caption=_("Patrols")))
    if supports:
        columns = (
            m.Column(_("Day"), 1.3, chars=12),
            m.Column(_("Who helped"), 2.6, chars=26),
            m.Column(_("Whom"), 2.6, chars=26),
            m.Column(_("With what"), 4, chars=42),
        )
        rows = [
            (
                m.Cell(one.on.isoformat()),
                m.Cell(setting.unit_name(one.unit)),
                m.Cell(setting.unit_name(one.helped)),
                m.Cell(one.words + (_(" (swapped posts)") if one.swapped else "")),
            )
            for one in supports
        ]
        found.append(m.Table(_("Support"), columns, rows, caption=_("Support among agencies")))
    return found


def _words(setting: Setting, found: tuple[Agency, ...]) -> list[m.Block]:
    """What each agency wrote, under its name."""
    made: list[m.Block] = []
    for one in found:
        if one.words:
            made += [m.Heading(setting.unit_name(one.unit), 2), m.paragraph(one.words)]
    return [m.Heading(_("Reports of the agencies")), *made] if made else []


def _signatures(setting: Setting, found: tuple[Agency, ...]) -> list[m.Block]:
    """A block for each agency that reported; who signed is written down, and who refused keeps the reason."""
    blocks = []
    for one in found:
        if one.status != q.HAS_REPORTED:
            continue
        lines = (_("Signature:"), _("Date:"))
        if one.signature == q.SIGNED and one.signed_at is not None:
            written = _("Signed on %(at)s") % {"at": setting.short(one.signed_at)}
            lines = (_("Signature:") + f" {one.signed_by}".rstrip(), written)
        elif one.signature in (q.REFUSED, q.UNSIGNED):
            lines = (_signed(one), one.opinion)
        blocks.append(m.Signature(setting.unit_name(one.unit), lines, _("(seal)")))
    return [m.Signatures(tuple(blocks[n : n + BY_SIDE])) for n in range(0, len(blocks), BY_SIDE)]
