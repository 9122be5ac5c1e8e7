from __future__ import annotations

import pytest

from edubox.hub.app import create_app


@pytest.fixture
def app(hub):
    return create_app(hub)
