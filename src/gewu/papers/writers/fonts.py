"""Which typefaces a PDF is set in: those of this machine, in the order in which Chinese offices want them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import typst

# The embedded Latin face stands in for Times; every machine has it, because it comes with the typesetter.
LATIN = "Libertinus Serif"
_ANY = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif SC", "SimSun", "Songti SC",
    "AR PL UMing CN", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip
_BODY = ("FangSong", "FangSong_GB2312", "STFangsong", "FZFangSong-Z02S", *_ANY)
_HEAD = (
    "SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", *_ANY,
)  # fmt: skip
_TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *_ANY)
_MOST = 2
"""How many Chinese faces are named for each use: the first, and one that has what the first lacks."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Typefaces for the three uses, each a list of which the first that has a character sets it."""

    fonts: typst.Fonts
    body: tuple[str, ...]
    head: tuple[str, ...]
    title: tuple[str, ...]

    @property
    def chinese(self) -> bool:
        """Whether there is a face for Chinese."""
        return bool(self.body)

    def named(self, use: Iterable[str]) -> list[str | dict[str, str]]:
        """The list for the template: Latin letters and digits from the Latin face, also within Chinese."""
        return [{"name": LATIN, "covers": "latin-in-cjk"}, *use]


def find(folders: Iterable[str] = (), *, system: bool = True) -> Faces:
    """Look for typefaces in these folders, and in the system's own if `system`. Takes about a tenth of a second."""
    fonts = typst.Fonts(include_system_fonts=system, font_paths=list(folders))
    there = set(fonts.families())

    def some(wanted: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in wanted if name in there))[:_MOST]

    return Faces(fonts, some(_BODY), some(_HEAD), some(_TITLE))


def of_this_machine() -> Faces:
    """The typefaces of this machine and of the folder in `GEWU_FONTS`, looked for once in a process.

    Where none has Chinese, they are looked for again each time: somebody may just be installing one.
    """
    found = _looked_for()
    if not found.chinese:
        _looked_for.cache_clear()
        found = _looked_for()
    return found


@lru_cache(maxsize=1)
def _looked_for() -> Faces:
    folder = os.environ.get("GEWU_FONTS", "").strip()
    return find([folder] if folder else [])
