"""Positions on the earth, in the three systems that Chinese data comes in.

Inside Gewu every position is WGS-84 in decimal degrees, longitude first; CGCS2000 differs from it by centimetres and
is treated as the same. GCJ-02 is the shifted system of maps published in China, BD-09 the one Baidu builds on it.
Both are converted at the door, by the formulae that have been public since 2013; what the official programme adds
is not public, and agrees with these within metres.
"""

import math
from enum import StrEnum
from typing import NamedTuple

# Krasovsky 1940, the ellipsoid that the formulae are written on.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
# The rectangle in which GCJ-02 shifts: west, south, east, north.
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
_BD_ANGLE = math.pi * 3000.0 / 180.0
_EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
_CLOSE_ENOUGH = 1e-10  # degrees: about a hundredth of a millimetre


class CoordinateError(ValueError):
    """Numbers that are no position on the earth."""


class CoordinateSystem(StrEnum):
    """The system a pair of numbers is meant in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Position(NamedTuple):
    """Longitude and latitude in decimal degrees."""

    lon: float
    lat: float


def checked(lon: float, lat: float) -> Position:
    """The position, if both numbers are finite and in range. Raises CoordinateError saying what is wrong."""
    for name, value, bound in (("longitude", lon, 180), ("latitude", lat, 90)):
        if not -bound <= value <= bound:  # false for "not a number" too
            shown = "far too large" if abs(value) > 1_000_000 else f"{value}"
            hint = "; are longitude and latitude swapped?" if bound < abs(value) <= 180 else ""
            raise CoordinateError(f"{name} ({shown}) is not within -{bound} to {bound} degrees{hint}")
    return Position(float(lon), float(lat))


def to_wgs84(lon: float, lat: float, system: CoordinateSystem) -> Position:
    """A position given in a system, in WGS-84. Raises CoordinateError."""
    if system is CoordinateSystem.GCJ02:
        return gcj02_to_wgs84(lon, lat)
    if system is CoordinateSystem.BD09:
        return bd09_to_wgs84(lon, lat)
    return checked(lon, lat)


def from_wgs84(lon: float, lat: float, system: CoordinateSystem) -> Position:
    """A WGS-84 position in another system. Raises CoordinateError."""
    if system is CoordinateSystem.GCJ02:
        return wgs84_to_gcj02(lon, lat)
    if system is CoordinateSystem.BD09:
        return wgs84_to_bd09(lon, lat)
    return checked(lon, lat)


def in_shifted_area(lon: float, lat: float) -> bool:
    """Tell whether a position lies in the rectangle in which GCJ-02 differs from WGS-84. It is larger than China."""
    west, south, east, north = _SHIFTED
    return west <= lon <= east and south <= lat <= north


def wgs84_to_gcj02(lon: float, lat: float) -> Position:
    """WGS-84 to GCJ-02; the same outside the rectangle around China. Raises CoordinateError."""
    here = checked(lon, lat)
    return _shift(*here) if in_shifted_area(*here) else here


def gcj02_to_wgs84(lon: float, lat: float) -> Position:
    """GCJ-02 to WGS-84, by iteration, to well under 0.1 m; the same outside the rectangle around China.

    Raises CoordinateError. On the rectangle's rim, where the shift begins with a jump, no answer is exact.
    """
    there = checked(lon, lat)
    if not in_shifted_area(*there):
        return there
    guess = there
    for _ in range(20):  # each round leaves about a thousandth of the error
        shifted = _shift(*guess)
        east, north = there.lon - shifted.lon, there.lat - shifted.lat
        guess = Position(guess.lon + east, guess.lat + north)
        if abs(east) < _CLOSE_ENOUGH and abs(north) < _CLOSE_ENOUGH:
            break
    return guess


def gcj02_to_bd09(lon: float, lat: float) -> Position:
    """GCJ-02 to BD-09. Raises CoordinateError."""
    return _to_bd(*checked(lon, lat))


def bd09_to_gcj02(lon: float, lat: float) -> Position:
    """BD-09 to GCJ-02, by iteration, to well under 0.1 m. Raises CoordinateError."""
    there = checked(lon, lat)
    guess = Position(there.lon - 0.0065, there.lat - 0.006)
    for _ in range(20):
        turned = _to_bd(*guess)
        east, north = there.lon - turned.lon, there.lat - turned.lat
        guess = Position(guess.lon + east, guess.lat + north)
        if abs(east) < _CLOSE_ENOUGH and abs(north) < _CLOSE_ENOUGH:
            break
    return guess


def wgs84_to_bd09(lon: float, lat: float) -> Position:
    """WGS-84 to BD-09. Raises CoordinateError."""
    return _to_bd(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: float, lat: float) -> Position:
    """BD-09 to WGS-84. Raises CoordinateError."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def haversine_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two positions along the great circle of a sphere: within 0.6 % of the ellipsoid.

    Raises CoordinateError.
    """
    here, there = checked(lon, lat), checked(other_lon, other_lat)
    north = math.radians(there.lat - here.lat) / 2
    east = math.radians(there.lon - here.lon) / 2
    narrowing = math.cos(math.radians(here.lat)) * math.cos(math.radians(there.lat))
    square = math.sin(north) ** 2 + narrowing * math.sin(east) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(square)))


def _shift(lon: float, lat: float) -> Position:
    """The published shift from WGS-84 to GCJ-02: a sum of waves in metres, turned into degrees on the ellipsoid."""
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north += _waves(y, 20.0, 40.0, 3.0)
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east += _waves(x, 20.0, 40.0, 3.0)
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    angle = math.radians(lat)
    flat = 1 - _ECCENTRICITY_SQUARED * math.sin(angle) ** 2
    meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (flat * math.sqrt(flat))
    parallel = _SEMI_MAJOR_M / math.sqrt(flat) * math.cos(angle)
    return Position(lon + math.degrees(east / parallel), lat + math.degrees(north / meridian))


def _waves(along: float, long: float, short: float, divisor: float) -> float:
    return (long * math.sin(along * math.pi) + short * math.sin(along / divisor * math.pi)) * 2.0 / 3.0


def _to_bd(lon: float, lat: float) -> Position:
    length = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_ANGLE)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_ANGLE)
    return Position(length * math.cos(angle) + 0.0065, length * math.sin(angle) + 0.006)
