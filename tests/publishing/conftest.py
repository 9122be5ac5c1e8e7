from __future__ import annotations

import shutil

import pytest

from edubox.publishing.workplace import Workplace
from edubox.trust import keys
from tests.publishing.country import make_country


@pytest.fixture(autouse=True, scope="session")
def quick_keys():
    """Keys that open quickly: what scrypt costs is tested in ``tests/trust/test_keys.py`` alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "SCRYPT_N", 2**14)
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, quick_keys):
    return make_country(tmp_path_factory.mktemp("made") / "country").mirror.parent


@pytest.fixture
def place(made_once, tmp_path):
    """A country of one publisher, for this test alone."""
    shutil.copytree(made_once, tmp_path / "country")
    return Workplace.beside(tmp_path / "country" / "mirror")
