"""The hub's page for carriers on a phone without scripts: a list goes in, files come out, and axe finds nothing in any colours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edubox.hub.courier.pages import courier_pages
from edubox.hub.hub import open_hub
from edubox.sync.carried.wants import Want
from tests.browser import axe
from tests.hub.conftest import *  # noqa: F403 - its fixtures
from tests.hub.conftest import BEGIN
from tests.hub.publications import publish
from tests.serving import serving

pytestmark = pytest.mark.browser


@pytest.fixture
def address(country):
    """Where the page is; the country has two lessons and a price."""
    publish(country, "moon", "The Moon", BEGIN)
    publish(country, "tides", "Tides", BEGIN, film=os.urandom(600_000))
    (country / "hub.toml").write_text('courier_price = "2.00 EUR"\n')
    hub = open_hub(country)
    with serving(courier_pages(hub, lambda _: "Testland").wsgi_app) as base:
        yield f"{base}courier/?lang=en"
    hub.close()


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_a_carrier_hands_in_a_list_and_finds_the_files_without_any_script(browser, address, tmp_path, look):
    list_ = tmp_path / "edubox-list.json"
    list_.write_bytes(Want("edubox-0a1b2c", "Collège", "2026-11-24", ("ministry/starter",)).to_bytes())
    wrong = tmp_path / "holiday.jpg"
    wrong.write_bytes(b"\xff\xd8" + bytes(1000))
    tab = browser.tab(320, 568, phone=True) if look == "phone" else browser.tab(dark=look == "dark")
    try:
        tab.open(address)
        check(tab)
        tab.choose("#list", wrong)
        tab.tap("button")
        assert "neither the list nor the request" in tab.js(
            "document.querySelector('[role=alert]').textContent"
        )
        check(tab)
        tab.choose("#list", list_)
        tab.touch("input[value='50']")
        tab.tap("button")
        assert tab.js("document.querySelectorAll('a.file').length") == 1
        assert "The school lacks 2 lessons" in tab.js("document.body.textContent")
        check(tab)
        if folder := os.environ.get("EDUBOX_PICTURES"):
            tab.picture(Path(folder, f"carriers-{look}.png"), whole=True)
        assert tab.js("document.scripts.length") == 0
        tab.save_in(tmp_path / "saved")
        tab.touch("a.file")
        tab.wait(lambda: list((tmp_path / "saved").glob("edubox-tl-edubox-0a1b2c-1of1.zip")), "the file")
    finally:
        tab.close()


def check(tab):
    """Nothing that keeps people out, and nothing that has to be moved sideways."""
    assert axe.violations(tab.js) == []
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
