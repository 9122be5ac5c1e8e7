from __future__ import annotations

import pytest

from tests.hub.intake.world import School, enrol, reachable


@pytest.fixture
def school(tmp_path):
    return School(tmp_path / "school")


@pytest.fixture
def address(hub):
    with reachable(hub) as found:
        yield found


@pytest.fixture
def enrolled(hub, school):
    enrol(hub, school)
    return school
