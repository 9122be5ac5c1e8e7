from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edubox.store import slots
from tests.hardware.system.world import Publisher, SlottedBox, image
from tests.publishing.conftest import made_once, place, quick_keys  # noqa: F401 - fixtures
from tests.sync.country import Country


@pytest.fixture(scope="session")
def roots(tmp_path_factory):
    """Three versions of a root image of 3 MB."""
    folder = tmp_path_factory.mktemp("roots")
    return [image(folder / f"v{version}.ext4", version) for version in (1, 2, 3)]


@pytest.fixture(scope="session")
def published_once(tmp_path_factory, roots):
    """A country that published versions 1 and 2, with a delta."""
    country = Country(tmp_path_factory.mktemp("published"))
    publisher = Publisher(country)
    publisher.publish(roots[0])
    publisher.publish(roots[1], roots[0])
    return publisher


@pytest.fixture
def publisher(published_once, tmp_path):
    """That country for this test alone."""
    folder = tmp_path / "country"
    shutil.copytree(published_once.country.mirror, folder / "mirror")
    country = Country.__new__(Country)
    country.__dict__.update(published_once.country.__dict__)
    country.mirror = folder / "mirror"
    own = Publisher(country)
    own.images, own.version = dict(published_once.images), published_once.version
    return own


@pytest.fixture
def box(tmp_path: Path, publisher, roots, monkeypatch):
    """A box that runs version 1 from slot a."""
    monkeypatch.setattr(slots, "running", lambda *_: "a")
    return SlottedBox(tmp_path, publisher.country, roots[0])
