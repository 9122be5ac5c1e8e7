from __future__ import annotations

import pytest

from tests.box.own.conftest import quick_keys  # noqa: F401 - keys that open quickly
from tests.box.teacher.staffroom import Staffroom


@pytest.fixture
def room(tmp_path, quick_keys):  # noqa: F811
    return Staffroom(tmp_path / "school")
