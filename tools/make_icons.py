"""Draw the icons for home screens from the mark: `python tools/make_icons.py`. They change only when the mark does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "src/gewu/surfaces/field/static/field"
PAPER, CELL, FILLED = "#ffffff", "#9fb3b2", "#0f5e63"


def icon(size: int) -> Image.Image:
    """The grid of three by three on paper, inside the circle that home screens may cut out."""
    image = Image.new("RGB", (size * 4, size * 4), PAPER)
    draw = ImageDraw.Draw(image)
    unit = size * 4 * 0.54 / 22
    start = size * 4 * 0.23
    for row in range(3):
        for column in range(3):
            x, y = start + 8 * unit * column, start + 8 * unit * row
            colour = FILLED if row == column == 1 else CELL
            draw.rounded_rectangle((x, y, x + 6 * unit, y + 6 * unit), unit, fill=colour)
    return image.resize((size, size), Image.Resampling.LANCZOS).quantize(32)


if __name__ == "__main__":
    for wanted in (192, 512):
        icon(wanted).save(FOLDER / f"icon-{wanted}.png", optimize=True)
