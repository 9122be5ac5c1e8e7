from __future__ import annotations

import pytest

from edubox.trust import keys
from tests.hub.intake.world import School, enrol


@pytest.fixture
def school(tmp_path):
    return School(tmp_path / "school")


@pytest.fixture
def enrolled(hub, school):
    enrol(hub, school)
    return school


@pytest.fixture
def held(hub):
    """The key of the academy's collection lies unwrapped on the hub."""
    place = hub.data / "keys" / "publishers" / "ac-test" / "choix" / "writer"
    key = keys.load(place, "secret")
    place.unlink()
    keys.save(place, keys.dump(key, None))
