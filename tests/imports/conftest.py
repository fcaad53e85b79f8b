"""Fixtures of other rooms that imports are tried with."""

from api.conftest import api as api
from browser.conftest import enter as enter
from desk.conftest import sit as sit
