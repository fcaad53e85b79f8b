"""Streets, towns and townships by the digits of their codes."""

from __future__ import annotations

import pytest

from gewu.registry.divisions import divided
from gewu.registry.entries import PlaceInfo


def place(code: str, *, synthetic: bool = False) -> PlaceInfo:
    return PlaceInfo(1, code, f"Name {code}", f"名{code}", "street", code[:6], synthetic, "", None, None, active=True)


def test_digits_seven_to_nine_tell_streets_from_towns_and_townships() -> None:
    found = divided(place(f"500101{n}") for n in ("399", "001", "100", "099", "200", "199"))
    assert [p.code[6:] for p in found.streets] == ["001", "099"]
    assert [p.code[6:] for p in found.towns] == ["100", "199", "200", "399"]
    assert found.rest == ()


@pytest.mark.parametrize(
    "places",
    [
        [place("500101001"), place("500101400")],  # 400 and more are farms and zones: not of these kinds
        [place("500101001", synthetic=True), place("500101100")],
        [place("025025001"), place("025025002")],  # wards of a city abroad: 02 is no province
    ],
)
def test_codes_that_do_not_fit_the_pattern_tell_nothing(places: list[PlaceInfo]) -> None:
    found = divided(reversed(places))
    assert (found.streets, found.towns) == ((), ())
    assert list(found.rest) == places
