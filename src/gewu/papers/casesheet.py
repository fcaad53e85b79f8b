"""The case sheet (案卷): everything of one case, in the order in which an auditor reads it."""

from __future__ import annotations

import io
from datetime import datetime
from functools import partial

from PIL import Image

from gewu.cases.queries import CaseView, PhotoRow
from gewu.cases.telling import Entry, Manner, Teller, link_name
from gewu.core.playbook.model import Playbook
from gewu.core.records import Assignment, Clock
from gewu.ledger import attachments
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, left_words, speaking, tight, utc
from gewu.registry import names

MOST_PHOTOS = 24
"""A sheet shows so many photos; further ones are counted."""
_LONGEST_SIDE = 1000
_IN_ORDER = {"before": 0, "scene": 1, "other": 2, "after": 3}


def case_sheet(setting: Setting, view: CaseView, playbook: Playbook | None) -> m.Paper:
    """The sheet of a case. Whether the reporter's name is masked was decided when `view` was read."""
    with speaking(setting.language):
        sheet = _Sheet(setting, view, playbook)
        row = view.row
        return m.Paper(
            kind="case-sheet",
            language=setting.language,
            title=_("Case file"),
            stem=_("Case file %(number)s") % {"number": row.number},
            day=setting.today,
            office=setting.office,
            number=_("No. %(number)s") % {"number": row.number},
            date_line=_("Printed %(at)s") % {"at": setting.instant(setting.now)},
            standing="",
            blocks=tuple(sheet.blocks()),
        )


class _Sheet:
    def __init__(self, setting: Setting, view: CaseView, playbook: Playbook | None) -> None:
        self.setting, self.view, self.playbook, self.language = setting, view, playbook, setting.language
        self.directory = setting.directory

    def blocks(self) -> list[m.Block]:
        found: list[m.Block] = [self._head()]
        found += self._words()
        parts, clocks = self._parts(), self._clocks()
        if parts.rows:
            found += [m.Heading(_("Units and posts")), parts]
        if clocks.rows:
            found += [m.Heading(_("Limits")), clocks]
        found += [m.Heading(_("What happened")), self._timeline()]
        found += self._photos()
        if self.view.links:
            found += [m.Heading(_("Linked cases")), self._links()]
        lines = (_("Signature:"), _("Date:"))
        found.append(
            m.Signatures(
                (
                    m.Signature(_("Compiled by"), lines),
                    m.Signature(_("Checked by"), lines, _("(seal)")),
                )
            )
        )
        return found

    def _head(self) -> m.Facts:
        view, row, say = self.view, self.view.row, self.setting.instant
        category = self.directory.categories.get(row.category)
        standard = self.directory.standards.get(view.standard)
        value, unit = view.state.fields.get("limit_value"), view.state.fields.get("limit_unit")
        source = self.playbook.fields.get("source") if self.playbook else None
        tier = str(view.state.fields.get("tier") or view.state.fields.get("tier_proposed") or "")
        facts = [
            m.Fact(_("Number"), m.Cell(row.number, link=self.setting.links.case(row.number))),
            m.Fact(_("Stage"), m.Cell(names.stage_name(self.playbook, row.stage, self.language))),
            m.Fact(_("Outside number"), m.Cell(row.outside_number)),
            m.Fact(_("Source"), m.Cell(names.choice_name(source, row.source, self.language) if source else row.source)),
            m.Fact(_("Category"), m.Cell(names.category_name(self.directory, row.category, self.language))),
            m.Fact(_("Category code"), m.Cell(category.code if category else "")),
            m.Fact(_("Urgent"), m.Cell(_("yes") if row.urgent else "")),
            m.Fact(_("Tier"), m.Cell(names.tier_name(self.playbook, tier, self.language) if tier else "")),
            m.Fact(_("Place"), m.Cell(names.place_name(self.directory, row.place, self.language)), wide=True),
            m.Fact(_("Position"), m.Cell(self._position())),
            m.Fact(_("Areas"), m.Cell(self._areas())),
            m.Fact(_("Filed when"), m.Cell(standard.filing[self.language] if standard else ""), wide=True),
            m.Fact(_("Closed when"), m.Cell(standard.closing[self.language] if standard else ""), wide=True),
            m.Fact(
                _("Limit"),
                m.Cell(tight(names.limit_text(value, unit, self.language), self.language))
                if isinstance(value, int) and isinstance(unit, str)
                else m.Cell(),
            ),
            m.Fact(_("Owner"), m.Cell(names.owner_name(self.directory, view.owner, self.language))),
            m.Fact(_("Reported at"), m.Cell(say(row.reported_at))),
            *(
                m.Fact(label, m.Cell(say(at)))
                for name, label in (
                    ("filed", _("Filed at")),
                    ("dispatched", _("Dispatched at")),
                    ("handled", _("Handled at")),
                    ("closed", _("Closed at")),
                )
                if (at := view.times.get(name)) is not None
            ),
            *self._reporter(),
            *(
                m.Fact(label, m.whole(view.counts[name]))
                for name, label in (
                    ("returns", _("Returned")),
                    ("reworks", _("Reworked")),
                    ("reminders", _("Reminded")),
                )
                if view.counts.get(name)
            ),
        ]
        return m.Facts(tuple(f for f in facts if f.cell.text))

    def _position(self) -> str:
        row = self.view.row
        if row.lon_e6 is None or row.lat_e6 is None:
            return ""
        return f"{row.lon_e6 / 1e6:.6f}, {row.lat_e6 / 1e6:.6f} (WGS-84)"

    def _areas(self) -> str:
        return names.listed(
            (names.area_name(self.directory, a, self.language) for a in self.view.row.areas), self.language
        )

    def _reporter(self) -> list[m.Fact]:
        texts = self.view.texts or {}
        return [
            m.Fact(names.field_name(self.playbook, "register_intake", name, self.language), m.Cell(texts[name]))
            for name in ("reporter_name", "reporter_phone")
            if texts.get(name)
        ]

    def _words(self) -> list[m.Block]:
        if self.view.erased:
            text = _("The words and photos of this case were erased by request. What happened when stays.")
            return [m.paragraph(text, indent=False)]
        texts = self.view.texts or {}
        return [
            m.Box(names.field_name(self.playbook, "register_intake", name, self.language), texts[name], 14)
            for name in ("description", "address")
            if texts.get(name)
        ]

    # ---- tables

    def _parts(self) -> m.Table:
        columns = (
            m.Column(_("Part"), 2),
            m.Column(_("Who"), 3.6),
            m.Column(_("From"), 2.6),
            m.Column(_("To"), 2.6),
            m.Column(_("Result"), 2),
        )
        return m.Table(_("Units and posts"), columns, [self._part(part) for part in self.view.state.assignments])

    def _part(self, part: Assignment) -> list[m.Cell]:
        slot = names.slot_name(self.playbook, part.slot, self.language)
        if part.mode in ("lead", "assist"):
            mode = names.name(part.mode, self.language)
            slot = f"{slot}（{mode}）" if self.setting.chinese else f"{slot} ({mode})"
        who = names.holder_name(self.directory, (part.unit, part.role, part.person), self.language)
        if part.letter:
            who = _("%(who)s (by official letter)") % {"who": who}
        result = (
            names.outcome_name(part.outcome, self.language) if part.outcome else names.name(part.status, self.language)
        )
        ended = self.setting.short(utc(part.ended_at)) if part.ended_at else ""
        return [m.Cell(t) for t in (slot, who, self.setting.short(utc(part.opened_at)), ended, result)]

    def _clocks(self) -> m.Table:
        columns = (
            m.Column(_("Limit of"), 2.2),
            m.Column(_("Holder"), 2.8),
            m.Column(_("Length"), 1.8),
            m.Column(_("Began"), 2.7),
            m.Column(_("Due"), 2.7),
            m.Column(_("Kept"), 2.4),
        )
        return m.Table(_("Limits"), columns, [self._clock(clock) for clock in self.view.state.clocks])

    def _clock(self, clock: Clock) -> list[m.Cell]:
        part = self.view.state.assignment(clock.assignment) if clock.assignment else None
        holder = names.holder_name(self.directory, (part.unit, part.role, part.person), self.language) if part else ""
        spec = self.playbook.clocks.get(clock.spec) if self.playbook else None
        limit = (
            "" if spec and spec.source == "until" else names.limit_text(clock.limit_value, clock.unit, self.language)
        )
        due = utc(clock.due_at)
        if clock.status == "stopped":
            left = left_words(due, utc(clock.stopped_at))
            kept = (_("kept, %(left)s") if clock.stopped_at <= clock.due_at else _("late, %(left)s")) % {"left": left}
        elif clock.status == "paused":
            kept = names.name("paused", self.language)
        else:
            kept = _("running, %(left)s") % {"left": left_words(due, self.setting.now)}
        name = names.clock_name(self.playbook, clock.spec, self.language)
        texts = (name, holder, limit, self.setting.short(utc(clock.started_at)), self.setting.short(due), kept)
        return [m.Cell(text) for text in texts]

    def _timeline(self) -> m.Table:
        manner = Manner(typeset=partial(tight, language=self.language), when=self.setting.instant, left=left_words)
        teller = Teller(self.view, self.directory, self.playbook, self.language, manner)
        columns = (m.Column(_("At"), 2.5), m.Column(_("What"), 8), m.Column(_("By"), 3))
        rows = [
            (m.Cell(self.setting.short(entry.at)), m.Cell(self._told(entry)), m.Cell(entry.who))
            for entry in teller.tell(self.view.timeline)
        ]
        return m.Table(_("What happened"), columns, rows)

    def _told(self, entry: Entry) -> str:
        lines = [entry.title]
        joiner = "：" if self.setting.chinese else ": "
        lines += [f"{said.label}{joiner}{said.text}" for said in entry.said]
        if entry.erased:
            lines.append(_("(words erased)"))
        lines += entry.effects
        if entry.stage:
            lines.append(f"→ {entry.stage}")
        if entry.photos:
            lines.append(_("Photos: %(n)d") % {"n": len(entry.photos)})
        return "\n".join(lines)

    def _links(self) -> m.Table:
        columns = (m.Column(_("How"), 3), m.Column(_("Number"), 5), m.Column(_("Stage"), 4))
        rows = [
            (
                m.Cell(link_name(link.kind, self.language)),
                m.Cell(link.number, link=self.setting.links.case(link.number)),
                m.Cell(names.stage_name(self.playbook, link.stage, self.language)),
            )
            for link in self.view.links
        ]
        return m.Table(_("Linked cases"), columns, rows)

    # ---- photos

    def _photos(self) -> list[m.Block]:
        there = sorted((p for p in self.view.photos if not p.erased), key=lambda p: (_IN_ORDER.get(p.role, 2), p.seq))
        figures = [figure for photo in there[:MOST_PHOTOS] if (figure := self._figure(photo)) is not None]
        if not figures:
            return []
        found: list[m.Block] = [m.Heading(_("Photos")), m.Figures(tuple(figures))]
        if len(there) > MOST_PHOTOS:
            text = _("%(n)d further photos are kept with the case.") % {"n": len(there) - MOST_PHOTOS}
            found.append(m.paragraph(text, small=True))
        return found

    def _figure(self, photo: PhotoRow) -> m.Figure | None:
        stored = attachments.read(self.setting.district_id, photo.id)
        if stored is None or not stored[1].startswith("image/"):
            return None
        jpeg, width, height = scaled(stored[0])
        caption = names.name(photo.role, self.language)
        at = photo.taken_at or self._at(photo.seq)
        return m.Figure(jpeg, width, height, f"{caption} {self.setting.short(at)}" if at else caption)

    def _at(self, seq: int) -> datetime | None:
        return next((entry.at for entry in self.view.timeline if entry.seq == seq), None)


def scaled(photo: bytes) -> tuple[bytes, int, int]:
    """A clean copy small enough for paper: upright, without what the camera wrote; with its size in pixels."""
    with Image.open(io.BytesIO(attachments.clean_copy(photo))) as image:
        image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        return out.getvalue(), image.width, image.height
