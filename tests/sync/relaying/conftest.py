"""A country with one lesson that has a film, and an academy's empty folder in front of it."""

from __future__ import annotations

import pytest

from tests.sync.country import Country, text
from tests.sync.relaying.world import FILM


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country")
    country.publish("lune", {"index.html": text(1, 20_000), "film.mp4": FILM}, frozenset({"film.mp4"}))
    return country


@pytest.fixture
def academy(tmp_path):
    return tmp_path / "academy"
