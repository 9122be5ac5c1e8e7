from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edubox.publishing.country import add_publisher
from tests.hub.conftest import BEGIN, PASSPHRASE
from tests.hub.enrol.world import SOUTH


@pytest.fixture(scope="session")
def two_academies(tmp_path_factory, country_template) -> Path:
    """The country of every hub's test, with a second academy."""
    folder = tmp_path_factory.mktemp("academies") / "country"
    shutil.copytree(country_template, folder, symlinks=True)
    add_publisher(folder, f"{SOUTH}/choix", "Académie du Sud", PASSPHRASE, BEGIN, "academy")
    return folder


@pytest.fixture
def country(tmp_path, two_academies) -> Path:
    return Path(shutil.copytree(two_academies, tmp_path / "country", symlinks=True))
