from __future__ import annotations

import pytest

from tests.sync.country import Box, Country


@pytest.fixture
def country(tmp_path):
    return Country(tmp_path / "country")


@pytest.fixture
def box(tmp_path, country):
    return Box(tmp_path / "box", country)
