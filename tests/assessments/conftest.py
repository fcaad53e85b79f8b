"""Rounds in their steps."""

from __future__ import annotations

import pytest

from support.showcase import Showcase


@pytest.fixture
def showcase(db: object) -> Showcase:
    return Showcase()
