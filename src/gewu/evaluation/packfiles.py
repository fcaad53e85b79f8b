"""``indicators.yaml`` and ``scores.yaml`` of packs: checked with the pack, kept as text, read as definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from gewu.core.playbook.lines import PlaybookError, Problem
from gewu.evaluation.definitions import (
    INDICATORS_FILE,
    SCORES_FILE,
    Definitions,
    Indicator,
    check_scores,
    join,
    read_indicators,
    read_scores,
)
from gewu.evaluation.models import DefinitionFile
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import PackLoad
from gewu.registry.packs.loaded import closure

_known: dict[int, tuple[object, Definitions]] = {}


class DefinitionFiles:
    """See ``gewu.registry.packs.extras.Extra``."""

    files: tuple[str, ...] = (INDICATORS_FILE, SCORES_FILE)

    def check(self, own: Mapping[str, str], required: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Faults of the files, and terms of scores that no pack at hand defines."""
        problems: list[Problem] = []
        for file, read in ((INDICATORS_FILE, read_indicators), (SCORES_FILE, read_scores)):
            try:
                if file in own:
                    read(own[file])
            except PlaybookError as error:
                problems += error.problems
        if problems or SCORES_FILE not in own:
            return problems
        return check_scores(own[SCORES_FILE], _indicators([*required, own]))

    def load(self, pack: str) -> Mapping[str, str]:
        """The files of a pack as it was loaded last."""
        return dict(DefinitionFile.objects.filter(pack=pack).values_list("file", "body"))

    def store(self, pack: str, own: Mapping[str, str]) -> Mapping[str, int]:
        """Keep what is new or differs; forget what the pack no longer has."""
        before = self.load(pack)
        counts = {
            "created": len(own.keys() - before.keys()),
            "updated": sum(file in before and before[file] != text for file, text in own.items()),
            "retired": len(before.keys() - own.keys()),
            "unchanged": sum(before.get(file) == text for file, text in own.items()),
        }
        for file, text in own.items():
            if before.get(file) != text:
                DefinitionFile.objects.update_or_create(
                    pack=pack, file=file, defaults={"body": text, "loaded_at": timezone.now()}
                )
        if counts["retired"]:
            DefinitionFile.objects.filter(pack=pack, file__in=before.keys() - own.keys()).delete()
        return counts


def _indicators(files: Sequence[Mapping[str, str]]) -> dict[str, Indicator]:
    """Indicators by code, as far as their files can be read."""
    found: dict[str, Indicator] = {}
    for texts in files:
        if INDICATORS_FILE in texts:
            try:
                found |= {i.code: i for i in read_indicators(texts[INDICATORS_FILE]).indicators}
            except PlaybookError:
                continue  # a required pack with faults of its own is refused where they are
    return found


def definitions_of(district_id: int) -> Definitions:
    """See ``api.definitions``."""
    directory = get_directory(district_id)
    held = _known.get(district_id)
    if held is not None and held[0] == directory.version:
        return held[1]
    found = _read(directory)
    _known[district_id] = directory.version, found
    return found


def _read(directory: Directory) -> Definitions:
    own = set(PackLoad.objects.filter(district_id=directory.district.id).values_list("pack", flat=True))
    shared = closure(own) - own
    texts: dict[str, dict[str, str]] = {}
    for row in DefinitionFile.objects.filter(pack__in=own | shared):
        texts.setdefault(row.pack, {})[row.file] = row.body
    order = [*sorted(shared & texts.keys()), *sorted(own & texts.keys())]
    return join([texts[pack] for pack in order])
