"""Generated photos of the demonstration: a drawn scene that says in large letters that it is none."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from gewu.cases.demo.chance import seeded
from gewu.ledger.pictures import Picture

WIDTH, HEIGHT = 480, 360
VARIANTS = 6
_SKIES = {"street": (176, 196, 214), "green": (186, 209, 190), "site": (214, 198, 168), "night": (42, 48, 70)}
_GROUNDS = {"street": (120, 122, 126), "green": (98, 134, 84), "site": (150, 126, 92), "night": (58, 60, 68)}
_WORDS = {"before": "BEFORE", "after": "AFTER", "scene": "ON SITE", "other": "PHOTO"}


@cache
def picture(scene: str, role: str, variant: int) -> Picture:
    """One of a few dozen pictures. ``role`` before and scene show a heap, after does not."""
    rng = seeded(f"{scene}/{variant}")
    image = Image.new("RGB", (WIDTH, HEIGHT), _SKIES[scene])
    draw = ImageDraw.Draw(image)
    horizon = HEIGHT * 11 // 20
    draw.rectangle((0, horizon, WIDTH, HEIGHT), fill=_GROUNDS[scene])
    left = 0
    while left < WIDTH:  # a row of houses
        width, height = rng.randint(50, 110), rng.randint(60, 150)
        shade = rng.randint(120, 190)
        draw.rectangle((left, horizon - height, left + width, horizon), fill=(shade, shade - 8, shade - 18))
        left += width + rng.randint(4, 20)
    draw.line((0, horizon + 70, WIDTH, horizon + 70), fill=(230, 226, 200), width=4)
    if role != "after":
        middle = rng.randint(120, 360)
        for _ in range(26):  # a heap of boxes and bags
            x, y = middle + rng.randint(-70, 70), horizon + rng.randint(20, 95)
            size = rng.randint(10, 30)
            colour = (rng.randint(60, 200), rng.randint(60, 160), rng.randint(40, 140))
            draw.rectangle((x, y, x + size, y + size * 3 // 4), fill=colour)
    draw.rectangle((0, 0, WIDTH, 62), fill=(150, 30, 30))
    draw.text((12, 6), "DEMO / GENERATED PICTURE", fill="white", font=ImageFont.load_default(24))
    draw.text((12, 34), f"{_WORDS[role]}  no. {variant + 1}", fill="white", font=ImageFont.load_default(20))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return Picture(out.getvalue(), WIDTH, HEIGHT)
