"""A lesson that attacks: what it can reach, tried in a real browser."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser
#: What only a lesson in a frame can try.
AROUND = {"parent", "parent's storage", "parent's script", "top", "top's history"}
ATTACKS = AROUND | {
    "fetch elsewhere", "fetch pages", "fetch blindly", "fetch what boxes exchange", "picture", "script", "style", "popup",
    "popup of pages", "worker", "worker in a folder", "worker above", "socket", "frame of pages",
}  # fmt: skip
LESSON = "/fr/lecon/ministry/test/hostile/1/"
LIAR = "/fr/lecon/ministry/test/menteuse/1/"
OWN, OTHER = "edubox:item:ministry/test/menteuse:index.html", "edubox:item:ministry/test/volcans:index.html"


def test_a_hostile_lesson_in_its_frame_reaches_nothing(tab, school, stranger):
    tab.open(school[0] + LESSON)
    tried = tab.in_frame("/c/", "window.done")
    assert {name for name in ATTACKS if not tried[name].startswith("refused")} == set(), tried
    assert tried["cookie"] == ""
    assert (tried["post"], tried["put a player"]) == ("405", "405")
    assert tab.js("location.pathname") == LESSON, "the page around it stays"
    assert tab.in_frame("/c/", "document.querySelector('#first').textContent") == "Bonjour", "no form leaves"
    assert not stranger.visits
    guessed = [one for one in tab.statuses if "/bureau/guess/" in one or "/m/" in one]
    assert not guessed, "no form, beacon or request came to the box or to the desk"


def test_nor_does_it_when_it_is_opened_by_itself(tab, school, stranger):
    tab.open(school[0] + LESSON)
    alone = tab.js("document.querySelector('iframe').src")
    tab.open(alone)
    tried = tab.js("window.done")
    assert {name for name in ATTACKS - AROUND if not tried[name].startswith("refused")} == set(), tried
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
    tab.send("Network.clearBrowserCookies")  # of teachers who used this browser
    for path in ("/fr/", LESSON, "/fr/recherche/?q=lave"):
        tab.open(school[0] + path)
    assert tab.send("Network.getAllCookies")["cookies"] == []


@pytest.fixture
def liar(tab, school):
    """The lesson that lies, on a device that knows nothing but the state of another lesson."""
    tab.open(f"{school[0]}/fr/")
    tab.js("localStorage.clear()")
    tab.js(f"localStorage.setItem('{OTHER}', JSON.stringify({{state: 'precious', used: 1}}))")
    return tab.open(school[0] + LIAR)


def lie(tab, *names):
    """What the lesson heard after telling these; answered once the page has heard all of it."""
    told = "".join(f"tell[{json.dumps(name)}]();" for name in names)
    tab.in_frame("/c/", f"(async () => {{ {told} await pause(300); }})()")
    return tab.in_frame("/c/", "heard")


def kept(tab, key=OWN):
    return json.loads(tab.js(f"localStorage.getItem('{key}')") or "{}")


def test_a_lesson_keeps_a_state_of_its_own(liar, school):
    liar.in_frame("/c/", "tell.keep('mine')")
    liar.wait(lambda: kept(liar).get("state") == "mine", "a kept state")
    liar.open(school[0] + LIAR)
    assert [one["state"] for one in lie(liar, "hello")] == ["mine"]


def test_a_lesson_that_says_it_is_another_one_gets_and_changes_only_its_own(liar):
    heard = lie(liar, "another's hello", "another's state", "another's end")
    assert [one["state"] for one in heard] == [None]
    assert kept(liar, OTHER) == {"state": "precious", "used": 1}
    assert kept(liar)["state"] == "stolen", "its own, under whatever name"


def test_huge_and_odd_messages_are_not_kept(liar):
    lie(liar, "huge", "six for one", "not a text", "nonsense", "tall")
    assert "state" not in kept(liar)
    assert "score" not in kept(liar)
    assert liar.js("document.querySelector('iframe').style.cssText") == ""
    assert not liar.complaints


def test_a_flood_of_messages_leaves_the_page_at_work(liar):
    lie(liar, "flood")
    assert liar.js("1 + 1") == 2
    written = int(kept(liar)["state"].removeprefix("flood "))
    assert written < 100, f"{written} of 20000 messages were worked on"


def test_a_frame_inside_a_lesson_is_not_heard(liar):
    lie(liar, "inner")
    assert kept(liar).get("state") != "inner"


def test_all_states_together_stay_small_and_the_oldest_leave(liar):
    liar.js("""for (let i = 0; i < 40; i++) localStorage.setItem(
        `edubox:item:ministry/test/l${i}:i.html`, JSON.stringify({ state: "x".repeat(60000), used: 100 + i, done: true }))""")
    liar.in_frame("/c/", "tell.keep('y'.repeat(60000))")
    liar.wait(lambda: kept(liar).get("state"), "a kept state")
    sizes = liar.js(
        "Object.values(localStorage).reduce((sum, one) => sum + (JSON.parse(one).state || '').length, 0)"
    )
    assert 1_900_000 < sizes <= 2_000_000
    assert "state" not in kept(liar, OTHER), "the one that was not used for longest"
    first = kept(liar, "edubox:item:ministry/test/l0:i.html")
    assert "state" not in first
    assert first["done"] is True, "that it is done is still known"
    assert kept(liar, "edubox:item:ministry/test/l39:i.html")["state"]


def test_a_lesson_reads_no_cookie_that_is_not_its_own_and_leaves_none_that_counts(tab, school):
    tab.open(f"{school[0]}/fr/")
    tab.send(
        "Network.setCookie", name="session", value="secret", url=school[0], httpOnly=True, sameSite="Strict"
    )
    try:
        before = tab.js("fetch('/fr/').then(answer => answer.text())")
        tab.open(school[0] + LIAR)
        assert "secret" not in tab.in_frame("/c/", "document.cookie")
        tab.in_frame("/c/", "document.cookie = 'session=stolen; path=/'; document.cookie = 'lang=xx; path=/'")
        tab.open(f"{school[0]}/fr/")
        assert tab.js("fetch('/fr/').then(answer => answer.text())") == before
        names = {one["name"]: one["value"] for one in tab.send("Network.getAllCookies")["cookies"]}
        assert names["session"] == "secret", "a script cannot overwrite it"
    finally:
        tab.send("Network.clearBrowserCookies")


def test_nothing_of_what_pupils_did_lies_where_lessons_can_read(liar, school):
    liar.in_frame("/c/", "tell.keep('mine')")
    liar.wait(lambda: kept(liar).get("state") == "mine", "a kept state")
    liar.open(school[0] + LESSON)
    found = liar.in_frame(
        "/c/",
        """(async () => JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage),
        (await indexedDB.databases()).length, window.caches ? (await caches.keys()).length : 0, window.name, document.referrer]))()""",
    )
    assert json.loads(found) == [[], [], 0, 0, "", ""]
