"""What stands behind a form's fields: categories, standards, units, people and places to choose from.

Inputs that are typed and looked up are text inputs with suggestions; the server reads the text back (``find``), so that
a form works without scripts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.cases.named import KINDS
from gewu.core.playbook import model as m
from gewu.core.records import Actor, State
from gewu.registry.directory import Directory
from gewu.registry.entries import PostInfo
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.look.forms import Choice, Field

OTHER = "_other"
CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class About:
    """What forms need to know of the case they are for. ``areas`` and ``place`` are empty before there is one."""

    directory: Directory
    playbook: m.Playbook
    language: str
    actor: Actor
    state: State | None = None
    category: str = ""
    owner: str = ""
    standard: str = ""
    sides: tuple[str, ...] = ()
    """Places between which the position is in doubt."""
    loads: Mapping[str, str] = field(default_factory=dict)
    """What people inside the unit have on their hands, in words, by their key."""

    @property
    def place(self) -> str:
        """The code of the place."""
        return self.state.place if self.state else ""

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas of the place."""
        return self.state.areas if self.state else ()


def typed_text(given: Mapping[str, str | bool | Sequence[str]] | None, name: str) -> str:
    value = (given or {}).get(name, "")
    return value if isinstance(value, str) else ""


def fields_of(
    wanted: m.FormField, move: m.Move, about: About, given: Mapping[str, str | bool | Sequence[str]]
) -> list[Field]:
    """The inputs of one field of a form: usually one; a unit has candidates and a place to type another."""
    language = about.language
    one = Field(
        wanted.name,
        names.said(wanted.title, language),
        value=given.get(wanted.name, ""),
        hint=names.said(wanted.hint, language),
        required=wanted.required,
        prefix=move.name,
    )
    kind = wanted.type
    if kind == "text":
        short = wanted.maximum is not None and wanted.maximum <= 300
        one.kind = "text" if short else "textarea"
        one.attrs = {"maxlength": str(wanted.maximum)} if wanted.maximum else {}
    elif kind == "phone":
        one.kind, one.attrs = "tel", {"autocomplete": "off", "inputmode": "tel"}
    elif kind == "choice":
        one.choices = [
            Choice(value, names.said(title, language))
            for value, title in zip(wanted.choices, wanted.choice_titles, strict=True)
        ]
        one.kind = "radios" if wanted.required else "select"
        if one.kind == "select":
            one.choices = [Choice("", _("– none –")), *one.choices]
    elif kind in ("bool", "tick"):
        one.kind = "checkbox"
        if kind == "tick":
            one.hint = _closing(about) or one.hint
    elif kind == "int":
        one.kind, one.attrs = "number", _bounds(wanted)
    elif kind == "date":
        one.kind, one.attrs = "date", _dates(wanted)
        if wanted.past and wanted.required:
            one.value = one.value or timezone.localdate().isoformat()
    elif kind == "instant":
        one.kind = "datetime-local"
    elif kind == "category":
        found = about.directory.category(about.category)
        one.value = one.value or (names.category_label(found, language) if found else "")
        one.attrs = {"data-find": "categories", "autocomplete": "off"}
        one.hint = one.hint or _("Name, code or a word of the condition")
    elif kind == "owner":
        one.kind = "select"
        owners = sorted(about.directory.owners.values(), key=lambda o: o.code)
        one.choices = [
            Choice("", _("– not known –")),
            *(Choice(o.code, names.typeset(o.name(language), language)) for o in owners),
        ]
        one.value = one.value or about.owner
    elif kind == "standard":
        standards(one, about, _category_given(given, about))
    elif kind == "unit":
        return _unit(one, wanted, move, about, given)
    elif kind == "units":
        return _units(one, about, given)
    elif kind == "person":
        _person(one, wanted, move, about)
    elif kind == "place":
        _place(one, about, given)
    elif kind == "record":
        other = wanted.name in KINDS
        one.attrs = {"autocomplete": "off"} if other else {"autocomplete": "off", "inputmode": "numeric"}
        one.hint = one.hint or (_("Its number") if other else _("The number of the case"))
    return [one]


def _bounds(wanted: m.FormField) -> dict[str, str]:
    given = {"min": wanted.minimum, "max": wanted.maximum}
    return {"step": "1"} | {k: str(v) for k, v in given.items() if v is not None}


def _dates(wanted: m.FormField) -> dict[str, str]:
    today = timezone.localdate()
    attrs = {} if wanted.past else {"min": today.isoformat()}
    if wanted.max_days is not None:
        attrs["max"] = (today + timedelta(days=wanted.max_days)).isoformat()
    return attrs


def _closing(about: About) -> str:
    """The closing condition of the standard under which the case was filed."""
    found = about.directory.standards.get(about.standard)
    if found is None:
        return ""
    return _("Condition: %(condition)s") % {"condition": names.said(found.closing, about.language)}


# ---- standards


def _category_given(given: Mapping[str, str | bool | Sequence[str]], about: About) -> str:
    typed = typed_text(given, "category_key")
    return typed or about.category


def standards(one: Field, about: About, category: str) -> None:
    """The standards of a category, each with when to file, when to close, and the limit."""
    one.kind, one.extra = "standards", ""
    found = about.directory.standards_for(category) if category else ()
    language = about.language
    one.choices = [Choice(s.key, s.code) for s in found]
    one.data = {
        "category": category,
        "rows": [
            {
                "key": s.key,
                "code": s.code,
                "filing": names.said(s.filing, language),
                "closing": names.said(s.closing, language),
                "limit": names.typeset(words.limit_text(s.limit_value, s.limit_unit, language), language),
                "assumed": s.limit_status == "assumption",
                "urgent": s.urgent,
            }
            for s in found
        ],
    }
    if len(found) == 1 and not one.value:
        one.value = found[0].key


# ---- units and people


def _inside(move: m.Move, name: str) -> bool:
    """Whether a unit field hands work on inside the actor's unit."""
    return any(isinstance(e, m.Assign) and e.unit == f"${name}" and bool(e.inside) for e in m.walk(move.effects))


def _unit(
    one: Field, wanted: m.FormField, move: m.Move, about: About, given: Mapping[str, str | bool | Sequence[str]]
) -> list[Field]:
    language = about.language
    if _inside(move, wanted.name):
        below = about.directory.children(about.actor.unit)
        if not below:
            return []  # the unit's own people are all there are
        unit = names.unit(about.directory, about.actor.unit, language)
        own = [Choice("", _("Own people: %(unit)s") % {"unit": unit})]
        one.kind, one.hint = "select", _("Choose a squad only if it is to have the work. A person brings theirs along.")
        one.choices = [*own, *(Choice(u.code, names.typeset(u.name(language), language)) for u in below)]
        return [one]
    candidates = candidate_choices(about)
    other = Field(
        wanted.name + OTHER,
        _("Another unit"),
        value=typed_text(given, wanted.name + OTHER),
        prefix=move.name,
        attrs={"data-find": "units", "autocomplete": "off"},
        hint=_("Type a part of its name; it counts before the choice above"),
    )
    if not candidates:
        other.name, other.label, other.required, other.hint = wanted.name, one.label, one.required, one.hint
        other.value = typed_text(given, wanted.name)
        return [other]
    one.kind, one.choices = "radios", candidates
    one.value = one.value or candidates[0].value
    one.extra, one.data = "desk/parts/other.html", {"other": other}
    return [one]


def _units(one: Field, about: About, given: Mapping[str, str | bool | Sequence[str]]) -> list[Field]:
    """Units to tick: candidates, and any others, one after the other by what is typed of their names."""
    busy = {a.unit for a in about.state.assignments if a.live} if about.state else set()
    one.kind = "checkboxes"
    candidates = [c for c in candidate_choices(about) if c.value not in busy]
    one.choices = [*candidates, *_added(one, about, {c.value for c in candidates})]
    other = Field(
        one.name + OTHER,
        _("Another unit") if candidates else _("Add a unit"),
        value=typed_text(given, one.name + OTHER),
        prefix=one.prefix,
        hint=_("Type a part of its name and choose it; then the next"),
        attrs={"data-find": "units", "data-several": one.name, "autocomplete": "off"},
        inner=True,
    )
    one.extra, one.data = "desk/parts/other.html", {"other": other}
    return [one]


def _added(one: Field, about: About, known: Collection[str]) -> list[Choice]:
    """Units that were ticked beyond the candidates: they stay ticked when a form comes back."""
    units = about.directory.units
    return [
        Choice(code, names.unit_label(units[code], about.language))
        for code in sorted(one.picked)
        if code in units and code not in known
    ]


def candidate_choices(about: About) -> list[Choice]:
    """The units that may be responsible, best first, each with why."""
    found = about.directory.candidates(about.category, about.place, about.areas, about.owner, CANDIDATES)
    language = about.language
    choices = []
    for candidate in found:
        hint = names.said(candidate.why, language)
        if candidate.queue:
            hint = _("Queue for what has no owner. %(why)s") % {"why": hint}
        if not candidate.unit.accounts:
            hint = _("By official letter. %(why)s") % {"why": hint}
        choices.append(Choice(candidate.unit.code, names.typeset(candidate.unit.name(language), language), hint))
    return choices


def _place(one: Field, about: About, given: Mapping[str, str | bool | Sequence[str]]) -> None:
    """A place that is typed; near a boundary the places in doubt stand to choose from."""
    others = [code for code in about.sides if code != about.place]
    typed = {"data-find": "places", "autocomplete": "off"}
    hint = _("Community, street or grid: its name or code")
    if not others:
        one.attrs, one.hint = typed, one.hint or hint
        return
    value = typed_text(given, one.name + OTHER)
    other = Field(
        one.name + OTHER, _("A place that is not listed"), value=value, prefix=one.prefix, attrs=typed, hint=hint
    )
    one.kind, one.extra, one.data = "radios", "desk/parts/other.html", {"other": other}
    one.choices = [Choice(code, names.place_full(about.directory, code, about.language), code) for code in others]


def _person(one: Field, wanted: m.FormField, move: m.Move, about: About) -> None:
    """People at posts that could have the part: of the role, covering the place, or inside the unit."""
    one.kind = "select"
    assigns = [e for e in m.walk(move.effects) if isinstance(e, m.Assign) and e.person == f"${wanted.name}"]
    roles = {e.role for e in assigns}
    inside = any(e.inside for e in assigns)
    posts: list[PostInfo] = []
    for role in sorted(roles):
        posts += [p for p in about.directory.holders(role) if p.person is not None and _fits(p, about, inside)]
    language = about.language
    groups = {p.unit for p in posts}
    one.choices = [
        Choice("", _("– anybody whose turn it is –")),
        *(
            Choice(
                str(p.person),
                " · ".join(filter(None, (names.typeset(p.name(language), language), about.loads.get(str(p.person))))),
                group=names.unit(about.directory, p.unit, language) if len(groups) > 1 else "",
            )
            for p in posts
        ),
    ]


def _fits(post: PostInfo, about: About, inside: bool) -> bool:
    if inside:
        unit = about.directory.units.get(post.unit)
        return unit is not None and f"/{about.actor.unit}/" in unit.path
    covers = bool(post.prefixes) and about.place.startswith(post.prefixes)
    return covers or bool(set(post.areas) & set(about.areas))
