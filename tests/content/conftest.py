"""One browser for the scripts of the lessons; second editions are laid out on disk, as a box would have them."""

from __future__ import annotations

import pytest

from tests.browser.chromium import Browser
from tests.content.shipped import EDITIONS, files


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    running = Browser(tmp_path_factory.mktemp("chromium") / "profile")
    yield running
    running.close()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """A folder with every edition of every lesson: ``<slug>-<edition>/``."""
    root = tmp_path_factory.mktemp("lessons")
    for slug, edition in EDITIONS:
        for path, data in files(slug, edition).items():
            target = root / f"{slug}-{edition}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return root


@pytest.fixture
def opened(browser, shelf):
    """Open a page of a lesson: ``opened("moon-fr", "simulate.html")``; nothing may complain or leave the machine."""
    tabs = []

    def open_page(slug: str, path: str, *, edition: int = 2, **options):
        tab = browser.tab(**options)
        tabs.append(tab)
        return tab.open((shelf / f"{slug}-{edition}" / path).as_uri())

    yield open_page
    for tab in tabs:
        assert tab.complaints == []
        assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
        tab.close()
