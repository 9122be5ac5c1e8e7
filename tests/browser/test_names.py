"""Where the box is the name server, each lesson has a name of its own: what another lesson, or its own page, can reach then."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.box.school import School, page, serving
from tests.browser.attacks import ATTACK, LIES
from tests.browser.chromium import Browser
from tests.browser.containers import exercise
from tests.browser.needs import players_or_skip
from tests.browser.test_hostile import AROUND, ATTACKS

pytestmark = pytest.mark.browser
DOMAIN = "ecole.local"
AT = "/fr/lecon/ministry/test/"
#: A lesson that keeps what it can in the browser, in every way there is, and tells whoever frames it when asked.
TRUSTING = page("Confiante", """<script>
localStorage.setItem("secret", "Aya"); sessionStorage.setItem("secret", "Aya"); document.cookie = "secret=Aya";
indexedDB.open("secret");
new BroadcastChannel("all").onmessage = ({ target }) => target.postMessage("Aya");
addEventListener("message", ({ source }) => source.postMessage("Aya", "*"));
</script>""")  # fmt: skip
#: What another lesson finds of that. OTHER is the origin of the trusting one, MANIFEST its version, SHARED the lessons' common origin.
SPYING = page("Espionne", """<script>
const framed = (address) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.onload = () => setTimeout(resolve, 300, frame); frame.src = address; document.body.append(frame);
});
const reach = async (frame) => { try { return Object.keys(frame.contentWindow.localStorage).length; } catch (error) { return error.name; } };
window.done = (async () => {
  const heard = [];
  addEventListener("message", ({ data }) => heard.push(data));
  const channel = new BroadcastChannel("all");
  channel.onmessage = ({ data }) => heard.push(data);
  const found = { own: [Object.keys(localStorage), Object.keys(sessionStorage), (await indexedDB.databases()).length, document.cookie] };
  const there = await framed("OTHER/c/MANIFEST/index.html");
  found.there = await reach(there);
  there.contentWindow.postMessage("hello", "*");
  channel.postMessage("hello");
  found.here = await fetch("/c/MANIFEST/index.html").then((answer) => answer.status);
  const shared = await framed("SHARED/c/MANIFEST/index.html");
  found.shared = await reach(shared);
  const player = await framed("OTHER/forget.html");
  found.forget = await reach(player);
  found.fetched = await fetch("OTHER/c/MANIFEST/index.html").then((answer) => answer.status, (error) => error.name);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { ...found, heard };
})();
</script>""")  # fmt: skip


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    """A phone whose name server is the box's."""
    folder = tmp_path_factory.mktemp("named")
    rules = f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1,MAP *.{DOMAIN} 127.0.0.1"
    browser = Browser(folder / "profile", rules)
    opened = browser.tab()
    yield opened
    opened.close()
    browser.close()


@pytest.fixture(scope="module")
def named(tmp_path_factory, stranger):
    """A school reached by its own name: ``pages``, the ``port`` of its lessons, and ``of``, each lesson's version."""
    school = School(tmp_path_factory.mktemp("named-school") / "box")
    with serving(school.data, school_domain=DOMAIN) as origins:
        pages, lessons = (one.replace("127.0.0.1", DOMAIN) for one in origins)
        port = lessons.rpartition(":")[2]
        of = {"confiante": school.add("confiante", {"index.html": TRUSTING}, title="Confiante")}
        spying = SPYING.replace(b"OTHER", f"http://{of['confiante'][:32]}.{DOMAIN}:{port}".encode())
        spying = spying.replace(b"MANIFEST", of["confiante"].encode()).replace(b"SHARED", lessons.encode())
        attack = ATTACK.replace("location.origin.replace(/\\d+$/, PORT)", json.dumps(pages))
        files = {
            "espionne": spying,
            "menteuse": page("Menteuse", LIES),
            "hostile": page("Hostile", attack.replace("STRANGER", stranger.host)),
        }
        of |= {
            name: school.add(name, {"index.html": body}, title=name.title()) for name, body in files.items()
        }
        yield SimpleNamespace(school=school, pages=pages, lessons=lessons, port=port, of=of)


#: The field of the H5P exercise, in its player's document.
TYPED = "document.querySelector('iframe').contentDocument.querySelector('#typed')"


@pytest.fixture
def quiz(named):
    """The address of a part that is an exercise."""
    players_or_skip()
    files, item = exercise()
    named.school.add("exercice", files, title="Exercice", toc=(item,))
    return f"{named.pages}{AT}exercice/1/"


def opened(tab, named, name):
    tab.open(f"{named.pages}{AT}{name}/1/")
    return tab


def test_a_lesson_runs_at_a_name_of_its_own_and_its_page_does_not(tab, named):
    opened(tab, named, "menteuse")
    frame = tab.js("document.querySelector('iframe').src")
    assert frame.startswith(f"http://{named.of['menteuse'][:32]}.{DOMAIN}:{named.port}/c/")
    tab.in_frame("/c/", "tell.keep('mine')")
    tab.wait(
        lambda: '"mine"' in tab.js("JSON.stringify(Object.values(localStorage))").replace("\\", ""),
        "a state kept by the page around it, as where lessons share an origin",
    )
    assert not tab.complaints


def test_an_exercise_plays_at_its_own_name_and_its_answer_is_found_again(tab, named, quiz):
    tab.open(quiz)
    tab.wait_through(lambda: tab.in_frame("/h5p.html", f"{TYPED} !== null"), "the exercise")
    tab.in_frame("/h5p.html", f"{TYPED}.value = 'quarante'; {TYPED.replace('typed', 'answer')}.click()")
    tab.wait(lambda: "quarante" in tab.js("JSON.stringify(Object.values(localStorage))"), "a kept answer")
    tab.open(quiz)
    tab.wait_through(lambda: tab.in_frame("/h5p.html", f"{TYPED}.value") == "quarante", "the same answer")


def test_a_hostile_lesson_at_its_own_name_reaches_nothing(tab, named, stranger):
    opened(tab, named, "hostile")
    tried = tab.in_frame("/c/", "window.done")
    assert {name for name in ATTACKS if not tried[name].startswith("refused")} == set(), tried
    assert tried["cookie"] == ""
    assert tab.js("location.pathname") == f"{AT}hostile/1/", "the page around it stays"
    tab.open(f"http://{named.of['hostile'][:32]}.{DOMAIN}:{named.port}/c/{named.of['hostile']}/index.html")
    tried = tab.js("window.done")
    assert {name for name in ATTACKS - AROUND if not tried[name].startswith("refused")} == set(), tried
    assert not stranger.visits


def test_no_lesson_reads_what_another_one_kept(tab, named):
    opened(tab, named, "confiante")
    assert (
        tab.in_frame("/c/", "localStorage.secret + sessionStorage.secret + document.cookie")
        == "AyaAyasecret=Aya"
    )
    databases = "indexedDB.databases().then(all => all.length)"
    tab.wait(lambda: tab.in_frame("/c/", databases) == 1, "its database is written")
    opened(tab, named, "espionne")
    found = tab.in_frame(named.of["espionne"], "window.done")
    assert found["own"] == [[], [], 0, ""], "neither storage, nor a database, nor a cookie"
    assert found["there"] == "SecurityError", "at that lesson's name"
    assert found["here"] == 404, "its files are not at this name"
    assert found["shared"] == "SecurityError"
    assert found["forget"] == "SecurityError", "nobody else's page makes a lesson forget"
    assert found["fetched"] == "TypeError"
    assert "Aya" not in found["heard"], "neither a message nor a channel leads there"
    opened(tab, named, "confiante")
    assert tab.in_frame("/c/", databases) == 1, "what it kept is still there"


def test_the_cookies_of_a_lesson_change_no_page_and_those_of_pages_are_not_read(tab, named):
    tab.open(f"{named.pages}/fr/")
    tab.send(
        "Network.setCookie", name="session", value="mine", url=named.pages, httpOnly=True, sameSite="Strict"
    )
    before = tab.js("fetch('/fr/').then(answer => answer.text())")
    opened(tab, named, "menteuse")
    assert "session" not in tab.in_frame("/c/", "document.cookie")
    tab.in_frame(
        "/c/",
        f"document.cookie = 'session=stolen; path=/; domain={DOMAIN}'; document.cookie = 'lang=xx; domain={DOMAIN}'",
    )
    tab.open(f"{named.pages}/fr/")
    assert tab.js("fetch('/fr/').then(answer => answer.text())") == before
    kept = [
        one
        for one in tab.send("Network.getAllCookies")["cookies"]
        if one["name"] == "session" and one["httpOnly"]
    ]
    assert [one["value"] for one in kept] == ["mine"], "a script cannot overwrite it"
    tab.send("Network.clearBrowserCookies")


def test_no_page_of_the_box_answers_at_a_lessons_name(tab, named):
    port = named.pages.rpartition(":")[2]
    tab.open(f"http://{named.of['hostile'][:32]}.{DOMAIN}:{port}/fr/lecons/")
    assert tab.js("location.href") == f"{named.pages}/fr/"


def test_i_have_finished_makes_every_lesson_forget(tab, named):
    opened(tab, named, "confiante")
    tab.open(f"{named.pages}/fr/mon-appareil/")
    tab.js("window.confirm = () => true")
    tab.touch("#finished")
    place = f"http://{named.of['confiante'][:32]}.{DOMAIN}:{named.port}/forget.html"
    tab.wait(lambda: tab.statuses.get(place) == 200, "that lesson's name asked to forget")
    tab.open(f"http://{named.of['confiante'][:32]}.{DOMAIN}:{named.port}/forget.html")
    assert tab.js("localStorage.length + sessionStorage.length") == 0
