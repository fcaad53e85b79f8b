"""Positions become places in memory: boundaries are said, the outside is refused, other datums are converted."""

from __future__ import annotations

import numpy as np
import pytest

from gewu.core.coordinates import CoordinateSystem, from_wgs84
from gewu.registry.directory import Directory, get_directory
from gewu.registry.positions import BadPosition, OutsideDistrict, Territory, locate, locate_many
from registry.conftest import DISTRICT, box

EAST_ONE, EAST_TWO, WEST_ONE = "990101001001001", "990101001001002", "990101002001001"
METRE = 1 / (111_320 * 0.866)  # degrees of longitude at 30 degrees north


@pytest.fixture
def directory(mini: int) -> Directory:
    return get_directory(mini)


def test_a_point_well_inside_a_grid(directory: Directory) -> None:
    found = locate(directory, 108.005, 30.01)
    assert (found.place_code, found.candidates, found.on_boundary) == (EAST_ONE, (EAST_ONE,), False)
    assert (found.areas, found.synthetic) == (("zone",), True)
    assert (found.lon, found.lat) == (108.005, 30.01)
    assert not locate(directory, 108.028, 30.01).synthetic


def test_areas_are_those_of_the_place_and_those_drawn_around_the_point(directory: Directory) -> None:
    assert locate(directory, 108.017, 30.01).areas == ("park", "zone")
    assert locate(directory, 108.022, 30.01).areas == ("park",)
    assert locate(directory, 108.028, 30.01).areas == ()


@pytest.mark.parametrize(
    ("metres", "codes"),
    [
        (-6, (EAST_ONE,)),
        (-4, (EAST_ONE, EAST_TWO)),
        (0, (EAST_ONE, EAST_TWO)),
        (4, (EAST_TWO, EAST_ONE)),
        (6, (EAST_TWO,)),
    ],
)
def test_near_a_boundary_both_grids_are_offered(directory: Directory, metres: float, codes: tuple[str, ...]) -> None:
    found = locate(directory, 108.01 + metres * METRE, 30.01)
    assert found.candidates == codes
    assert found.place_code == codes[0]
    assert found.on_boundary is (len(codes) == 2)


def test_the_tolerance_can_be_chosen(directory: Directory) -> None:
    assert locate(directory, 108.01 + 4 * METRE, 30.01, tolerance_m=3).candidates == (EAST_TWO,)
    assert locate(directory, 108.01 + 40 * METRE, 30.01, tolerance_m=50).candidates == (EAST_TWO, EAST_ONE)


def test_inside_the_district_but_in_no_grid_is_the_district(directory: Directory) -> None:
    found = locate(directory, 108.035, 30.01)
    assert (found.place_code, found.candidates, found.on_boundary) == (DISTRICT, (DISTRICT,), False)


@pytest.mark.parametrize("metres", [1.0, 120.0, 5000.0])
def test_outside_is_refused_with_the_distance(directory: Directory, metres: float) -> None:
    with pytest.raises(OutsideDistrict) as refused:
        locate(directory, 108.0 - metres * METRE, 30.01)
    assert refused.value.distance_m == pytest.approx(metres, rel=0.005)
    assert f"{metres:,.0f} m from its outline" in str(refused.value)


def test_far_out_at_sea_is_refused(directory: Directory) -> None:
    with pytest.raises(OutsideDistrict):
        locate(directory, 0.0, 0.0)


@pytest.mark.parametrize("datum", list(CoordinateSystem))
def test_other_datums_are_converted(directory: Directory, datum: CoordinateSystem) -> None:
    shifted = from_wgs84(108.005, 30.01, datum)
    found = locate(directory, shifted.lon, shifted.lat, datum.value)
    assert found.place_code == EAST_ONE
    assert found.lon == pytest.approx(108.005, abs=1e-6)
    assert found.lat == pytest.approx(30.01, abs=1e-6)


@pytest.mark.parametrize(
    ("lon", "lat", "datum"),
    [
        (float("nan"), 30.0, "wgs84"),
        (108.0, float("inf"), "wgs84"),
        (30.01, 108.005, "wgs84"),
        (181.0, 30.0, "gcj02"),
        ("108", 30.0, "wgs84"),
        (True, 30.0, "wgs84"),
        (108.0, None, "bd09"),
        (108.0, 30.0, "mercator"),
    ],
)
def test_numbers_that_are_no_position_are_refused(directory: Directory, lon: object, lat: object, datum: str) -> None:
    with pytest.raises(BadPosition):
        locate(directory, lon, lat, datum)


def test_many_points_get_the_same_answers_as_one(directory: Directory) -> None:
    generator = np.random.default_rng(7)
    points = generator.uniform((107.995, 29.995), (108.045, 30.025), (500, 2))
    points = np.vstack([points, [[108.01, 30.01], [108.0, 30.0], [np.nan, 30.0]]])
    answers = locate_many(directory, points)
    assert answers[-1] is None
    for (lon, lat), answer in zip(points[:-1].tolist(), answers[:-1], strict=True):
        try:
            assert answer == locate(directory, lon, lat)
        except OutsideDistrict:
            assert answer is None
    assert sum(answer is not None for answer in answers) > 200


# ---- territories of imports


def wards() -> Territory:
    features = [
        {"type": "Feature", "properties": {"WARD": ward}, "geometry": box(*bounds)}
        for ward, bounds in {3: (0, 0, 1, 1), 1: (1, 0, 2, 1), "02": (2, 0, 3, 1)}.items()
    ]
    return Territory.from_geojson({"type": "FeatureCollection", "features": features}, "WARD")


def test_points_are_assigned_in_bulk_and_ties_go_to_the_first_code() -> None:
    lons = [0.5, 1.5, 2.5, 1.0, 2.0, 9.0, float("nan")]
    codes = wards().assign_bulk(lons, [0.5] * len(lons))
    assert codes.tolist() == ["3", "1", "02", "1", "02", "", ""]


def test_a_territory_needs_the_property_and_polygons() -> None:
    with pytest.raises(ValueError, match="feature 1 of the territory has no property 'NAME'"):
        Territory.from_geojson({"features": [{"properties": {"WARD": 1}, "geometry": box(0, 0, 1, 1)}]}, "NAME")
    point = {"type": "Point", "coordinates": [0, 0]}
    with pytest.raises(ValueError, match="not a Polygon"):
        Territory.from_geojson({"features": [{"properties": {"WARD": 1}, "geometry": point}]}, "WARD")
