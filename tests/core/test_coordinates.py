"""Positions: checks at the door, the three systems, and distance."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gewu.core.coordinates import (
    CoordinateError,
    CoordinateSystem,
    Position,
    bd09_to_gcj02,
    bd09_to_wgs84,
    checked,
    from_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    haversine_m,
    in_shifted_area,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

WANZHOU, LESHAN, BEIJING, BOSTON = (108.4087, 30.8078), (103.7656, 29.5521), (116.404, 39.915), (-71.0587, 42.3594)
# Inside the rectangle, far enough from its rim that a shift of some hundred metres does not cross it.
INSIDE = st.tuples(st.floats(72.1, 137.7), st.floats(0.9, 55.7))
ANYWHERE = st.tuples(st.floats(-179.9, 179.9), st.floats(-89.9, 89.9))
FEW = settings(max_examples=200, deadline=None)


class TestChecks:
    @pytest.mark.parametrize("position", [(0.0, 0.0), (180.0, 90.0), (-180.0, -90.0), WANZHOU])
    def test_the_whole_earth_is_allowed(self, position: tuple[float, float]) -> None:
        assert checked(*position) == Position(*position)

    @pytest.mark.parametrize(
        ("lon", "lat", "said"),
        [
            (181.0, 0.0, r"longitude \(181.0\)"),
            (0.0, -90.5, r"latitude \(-90.5\)"),
            (math.nan, 0.0, r"longitude \(nan\)"),
            (0.0, math.nan, r"latitude \(nan\)"),
            (math.inf, 0.0, "longitude .far too large"),
            (0.0, -math.inf, "latitude .far too large"),
            (10**400, 0.0, "longitude .far too large"),
        ],
    )
    def test_what_is_no_position_is_refused_by_name(self, lon: float, lat: float, said: str) -> None:
        with pytest.raises(CoordinateError, match=said):
            checked(lon, lat)

    def test_swapped_numbers_are_suspected(self) -> None:
        with pytest.raises(CoordinateError, match="swapped"):
            checked(30.8078, 108.4087)

    @pytest.mark.parametrize("system", list(CoordinateSystem))
    def test_every_door_checks(self, system: CoordinateSystem) -> None:
        for convert in (to_wgs84, from_wgs84):
            with pytest.raises(CoordinateError, match="latitude"):
                convert(108.0, 95.0, system)
        with pytest.raises(CoordinateError, match="latitude"):
            haversine_m(108.0, 30.0, 108.0, 95.0)


class TestPublishedPoints:
    """Pairs that circulate with the published formulae, for a point in Beijing."""

    def test_wgs84_to_gcj02(self) -> None:
        assert wgs84_to_gcj02(*BEIJING) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)

    def test_gcj02_to_bd09(self) -> None:
        assert gcj02_to_bd09(*BEIJING) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)

    def test_the_way_back_is_near_the_usual_one_step_estimate(self) -> None:
        assert haversine_m(*gcj02_to_wgs84(*BEIJING), 116.39775550083061, 39.91359571849836) < 1
        assert haversine_m(*bd09_to_gcj02(*BEIJING), 116.39762729119315, 39.90865673957631) < 1

    @pytest.mark.parametrize("place", [WANZHOU, LESHAN])
    def test_the_shift_is_some_hundred_metres(self, place: tuple[float, float]) -> None:
        assert 300 < haversine_m(*place, *wgs84_to_gcj02(*place)) < 700
        assert 700 < haversine_m(*place, *wgs84_to_bd09(*place)) < 1800


class TestThereAndBack:
    @given(INSIDE)
    @FEW
    def test_gcj02(self, place: tuple[float, float]) -> None:
        assert haversine_m(*place, *gcj02_to_wgs84(*wgs84_to_gcj02(*place))) < 0.01

    @given(ANYWHERE)
    @FEW
    def test_bd09_to_gcj02(self, place: tuple[float, float]) -> None:
        assert haversine_m(*place, *bd09_to_gcj02(*gcj02_to_bd09(*place))) < 0.01

    @given(INSIDE)
    @FEW
    def test_bd09(self, place: tuple[float, float]) -> None:
        assert haversine_m(*place, *bd09_to_wgs84(*wgs84_to_bd09(*place))) < 0.01

    @given(INSIDE, st.sampled_from(CoordinateSystem))
    @FEW
    def test_by_name_of_the_system(self, place: tuple[float, float], system: CoordinateSystem) -> None:
        there = from_wgs84(*place, system)
        assert (there == place) == (system is CoordinateSystem.WGS84)
        assert haversine_m(*place, *to_wgs84(*there, system)) < 0.01


@given(ANYWHERE)
@FEW
def test_outside_the_rectangle_nothing_is_shifted(place: tuple[float, float]) -> None:
    if not in_shifted_area(*place):
        assert wgs84_to_gcj02(*place) == place
        assert gcj02_to_wgs84(*place) == place


def test_boston_is_not_shifted() -> None:
    assert wgs84_to_gcj02(*BOSTON) == BOSTON == gcj02_to_wgs84(*BOSTON)


class TestDistance:
    def test_known_lengths(self) -> None:
        assert haversine_m(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
        assert haversine_m(0, 60, 1, 60) == pytest.approx(55_597, abs=5)
        assert haversine_m(0, 90, 120, 90) == pytest.approx(0, abs=1e-6)
        assert haversine_m(0, 0, 180, 0) == pytest.approx(math.pi * 6_371_008.8)

    def test_across_the_date_line(self) -> None:
        assert haversine_m(179.999, 0, -179.999, 0) == pytest.approx(222.4, abs=0.1)

    @given(ANYWHERE, ANYWHERE)
    @FEW
    def test_it_is_the_same_both_ways(self, here: tuple[float, float], there: tuple[float, float]) -> None:
        assert haversine_m(*here, *there) == pytest.approx(haversine_m(*there, *here))
        assert haversine_m(*here, *here) == 0
