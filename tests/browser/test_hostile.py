"""A lesson that attacks: what it can reach, tried in a real browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
ATTACKS = {"parent", "top", "fetch elsewhere", "fetch pages", "picture", "popup", "worker", "socket"}
LESSON = "/fr/lecon/ministry/test/hostile/1/"


def test_a_hostile_lesson_in_its_frame_reaches_nothing(tab, school, stranger):
    tab.open(school[0] + LESSON)
    tried = tab.frame_js("window.done")
    assert {name for name in ATTACKS if not tried[name].startswith("refused")} == set(), tried
    assert tried["cookie"] == ""
    assert tried["post"] == "405"
    assert tab.js("location.pathname") == LESSON, "the page around it stays"
    assert tab.frame_js("document.querySelector('#first').textContent") == "Bonjour", "no form leaves"
    assert not stranger.visits


def test_nor_does_it_when_it_is_opened_by_itself(tab, school, stranger):
    tab.open(school[0] + LESSON)
    alone = tab.js("document.querySelector('iframe').src")
    tab.open(alone)
    tried = tab.js("window.done")
    assert {name for name in ATTACKS - {"parent", "top"} if not tried[name].startswith("refused")} == set(), (
        tried
    )
    assert not stranger.visits


def refused(tab, address):
    """Whether the browser shows an error instead of *address* in a stranger's frame."""
    tab.open("about:blank")
    tab.js(f"document.body.innerHTML = '<iframe src=\"{address}\"></iframe>'")

    def frames():
        found = tab.send("Page.getFrameTree")["frameTree"].get("childFrames", [])
        return [one["frame"] for one in found if one["frame"]["url"] not in {"", "about:blank"}]

    (frame,) = tab.wait(frames, "a frame")
    return frame.get("unreachableUrl") == address


def test_neither_pages_nor_lessons_are_framed_by_strangers(tab, school):
    tab.open(school[0] + LESSON)
    lesson = tab.js("document.querySelector('iframe').src")
    assert refused(tab, lesson)
    assert refused(tab, f"{school[0]}/fr/")


def test_reading_leaves_no_cookie(tab, school):
    for path in ("/fr/", LESSON, "/fr/recherche/?q=lave"):
        tab.open(school[0] + path)
    assert tab.send("Network.getAllCookies")["cookies"] == []
