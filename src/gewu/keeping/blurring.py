"""The copy of a photo that the public may see: scaled down, bare of what the camera wrote, covered where marked.

The picture is divided into cells, ``ACROSS`` along its longer side. Whoever looks at it marks the cells that show what
must not be seen. A marked cell becomes one colour: the mean of its pixels, drawn half-way to the mean of all marked
ones, coarsened, and shaken by chance. So few numbers are left of a face or a plate that nobody can tell it from
another: a finer mosaic can be undone by trying out what would give it.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image, ImageOps

from gewu.ledger.attachments import FORMATS

ACROSS = 16
"""Cells along the longer side."""
LONGEST = 1200
"""Pixels of the copy's longer side, at most."""
_STEP = 24
"""Values of a colour are coarsened to multiples of this."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How many cells a picture has across and down."""

    columns: int
    rows: int

    @property
    def cells(self) -> int:
        """How many there are; they are numbered row by row from 0."""
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Copy:
    """JPEG bytes and their size in pixels."""

    data: bytes
    width: int
    height: int


def grid_of(width: int, height: int) -> Grid:
    """The cells of a picture of this size: nearly square, at least two each way."""
    longest = max(width, height, 1)
    return Grid(max(2, round(ACROSS * width / longest)), max(2, round(ACROSS * height / longest)))


def upright(data: bytes) -> tuple[int, int]:
    """Width and height of a photo as people see it, whichever way the camera was held."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        return (image.height, image.width) if turned else (image.width, image.height)


def blurred(data: bytes, marks: Collection[int]) -> Copy:
    """Make the copy of a photo with these cells covered. Raises ``ValueError`` for a cell that is not there."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        seen = ImageOps.exif_transpose(image).convert("RGB")
    grid = grid_of(*seen.size)
    if any(not 0 <= mark < grid.cells for mark in marks):
        raise ValueError("a mark lies outside the picture")
    seen.thumbnail((LONGEST, LONGEST))
    bare = Image.new("RGB", seen.size)
    bare.paste(seen)
    _cover(bare, grid, sorted(set(marks)))
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=80)
    return Copy(out.getvalue(), bare.width, bare.height)


def _cover(picture: Image.Image, grid: Grid, marks: list[int]) -> None:
    boxes = [_box(picture, grid, mark) for mark in marks]
    means = [_mean(picture, box) for box in boxes]
    if not means:
        return
    middle = [sum(channel) / len(means) for channel in zip(*means, strict=True)]
    for box, mean in zip(boxes, means, strict=True):
        picture.paste((_shaken(mean[0], middle[0]), _shaken(mean[1], middle[1]), _shaken(mean[2], middle[2])), box)


def _box(picture: Image.Image, grid: Grid, mark: int) -> tuple[int, int, int, int]:
    row, column = divmod(mark, grid.columns)
    return (
        picture.width * column // grid.columns,
        picture.height * row // grid.rows,
        picture.width * (column + 1) // grid.columns,
        picture.height * (row + 1) // grid.rows,
    )


def _mean(picture: Image.Image, box: tuple[int, int, int, int]) -> tuple[float, float, float]:
    one = picture.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    if not isinstance(one, tuple):  # an RGB picture gives three values
        raise TypeError("the picture has no colours")
    return float(one[0]), float(one[1]), float(one[2])


def _shaken(value: float, middle: float) -> int:
    near = (value + middle) / 2 + secrets.randbelow(2 * _STEP + 1) - _STEP
    return max(0, min(255, round(near / _STEP) * _STEP))
