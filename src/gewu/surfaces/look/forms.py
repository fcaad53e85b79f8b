"""Form fields as the look shows them: one value object, one template (`look/field.html`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. ``hint`` stands beside it in radios; ``group`` gathers options of a select."""

    value: str
    label: str
    hint: str = ""
    group: str = ""


@dataclass(slots=True)
class Field:
    """An input with everything around it. ``label``, ``hint`` and ``error`` are finished sentences.

    ``kind``: text, tel, textarea, select, radios, checkbox, checkboxes, date, number, file, password, hidden.
    ``value`` is text, for checkboxes a list of texts, for a checkbox whether it is ticked. ``attrs`` are further HTML
    attributes (an empty value gives a bare attribute). ``inner``: a part of another input, which says whether it is
    optional. ``extra`` is the name of a template shown below the input.
    """

    name: str
    label: str
    kind: str = "text"
    value: str | bool | Sequence[str] = ""
    hint: str = ""
    error: str = ""
    required: bool = False
    choices: Sequence[Choice] = ()
    attrs: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    rows: int = 3
    extra: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    inner: bool = False

    @property
    def id(self) -> str:
        """The id of the input, unique on a page by the form's prefix."""
        return f"{self.prefix}-{self.name}" if self.prefix else self.name

    @property
    def asks(self) -> bool:
        """Whether the label is a question: then no colon follows it."""
        return self.label.endswith(("?", "？"))

    @property
    def described_by(self) -> str:
        """Ids of hint and error, for screen readers."""
        parts = [f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * bool(self.error)
        return " ".join(parts)

    @property
    def folds(self) -> bool:
        """Whether the options begin folded away: optional ones of which none is ticked."""
        inner = self.data.get("other")
        filled = isinstance(inner, Field) and bool(inner.text or inner.error)
        return self.kind == "checkboxes" and not (self.required or self.error or filled or self.picked - {""})

    @property
    def several(self) -> bool:
        """Whether a file input takes more than one."""
        return "multiple" in self.attrs

    @property
    def only_pictures(self) -> bool:
        """Whether a file input takes pictures and nothing else."""
        accepted = self.attrs.get("accept", "")
        return bool(accepted) and all(one.strip().startswith("image/") for one in accepted.split(","))

    @property
    def text(self) -> str:
        """The value as text."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def picked(self) -> frozenset[str]:
        """The chosen values of a select, radios or checkboxes."""
        if isinstance(self.value, bool):
            return frozenset()
        return frozenset([self.value] if isinstance(self.value, str) else self.value)

    @property
    def ticked(self) -> bool:
        """Whether a checkbox is ticked."""
        return self.value is True or self.value in ("1", "on", "true")
