"""The instrument that proves that nothing leaves the school must see what does."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.box.school import School, serving
from tests.browser.proxy import proxy


def test_it_passes_the_box_and_writes_down_everybody_else(tmp_path):
    with serving(School(tmp_path / "box").data) as origins, proxy(*origins) as seen:
        through = urllib.request.build_opener(
            urllib.request.ProxyHandler({"http": seen.flags[0].partition("=")[2]})
        )
        assert through.open(f"{origins[0]}/fr/", timeout=30).status == 200
        with pytest.raises(urllib.error.HTTPError):
            through.open("http://elsewhere.test/steal?x=1", timeout=30)
    assert seen.passed == [f"{origins[0]}/fr/"]
    assert seen.refused == ["GET http://elsewhere.test/steal?x=1"]
