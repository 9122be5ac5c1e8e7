import pytest

from tests.hub.fleet.world import Fleet


@pytest.fixture
def fleet(hub):
    return Fleet(hub)
