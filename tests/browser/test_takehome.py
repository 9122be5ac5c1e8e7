"""A lesson at home: one file on a phone, a folder on a stick, with the network off."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from edubox.box.library import Library
from edubox.importers.folder import build_lesson
from edubox.pack.edpack import extract
from edubox.pack.manifest import Item
from edubox.pages.export import site
from edubox.pages.export.folder import Folder
from edubox.pages.takehome.one_page import one_page
from edubox.sync.local import manifest_in
from tests.box.school import School, page

STARTERS = Path(__file__).parents[2] / "content" / "lessons"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The starter lessons on a box, its data folder."""
    folder = tmp_path_factory.mktemp("shelf")
    school = School(folder / "data")
    for slug in ("moon-fr", "fractions-fr", "printing-fr"):
        manifest = build_lesson(STARTERS / slug, folder / f"{slug}.edpack", {}).manifest
        extract(folder / f"{slug}.edpack", folder / slug)
        school.install(
            slug, manifest, {file.path: (folder / slug / file.path).read_bytes() for file in manifest.files}
        )
    school.add("liens", {
        "index.html": page("Un", '<p>Bonjour</p><img src=p.svg><a href="deux.html">suite</a><script>localStorage.setItem("a", "gardé")</script>'),
        "p.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>',
        "deux.html": page("Deux", "<p>La page où mène un lien</p>" * 10),
    }, title="Liens", toc=[Item("Un", "html", "index.html")])  # fmt: skip
    return folder / "data"


@pytest.fixture
def at_home(shelf, tmp_path, phone):
    """Open a lesson's page from a file on a phone without a network; nothing is asked for, nobody complains."""
    phone.send(
        "Network.emulateNetworkConditions",
        offline=True,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )

    def take(slug):
        lesson = Library(shelf).lesson(f"ministry/test/{slug}")
        assembly = one_page(lesson, shelf / "site" / lesson.manifest)
        with assembly.open() as opened:
            (tmp_path / "lesson.html").write_bytes(opened.read(assembly.length))
        phone.open((tmp_path / "lesson.html").as_uri())
        return lesson

    phone.take = take
    yield phone
    assert [one for one in phone.requests if not one.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert [one for one in phone.complaints if "sandbox" not in one] == []


def texts(phone, number):
    """What the frame of part *number* says, once it is loaded."""
    phone.js(f"location.hash = 'p{number}'")
    return phone.wait(
        lambda: frame_of(
            phone, "document.body && document.readyState === 'complete' && document.body.innerText.trim()"
        ),
        f"part {number}",
    )


def frame_of(phone, expression):
    """The value of *expression* in the frame that is seen; None while there is none or it is being loaded."""
    frame = phone.send(
        "Runtime.evaluate", expression="document.querySelector('.part:target iframe, main:not(.part) iframe')"
    )
    if "objectId" not in frame["result"]:
        return None
    node = phone.send("DOM.describeNode", objectId=frame["result"]["objectId"])["node"]
    context = phone._contexts.get(node["frameId"])
    if context is None:
        return None
    answer = phone.send(
        "Runtime.evaluate", context["session"], expression=expression, contextId=context["id"], returnByValue=True,
        awaitPromise=True,
    )  # fmt: skip
    return answer["result"].get("value")


@pytest.mark.parametrize("slug", ["moon-fr", "fractions-fr", "printing-fr"])
def test_every_part_can_be_read_from_a_file_without_a_network(at_home, slug):
    lesson = at_home.take(slug)
    assert at_home.js("getComputedStyle(document.getElementById('contents')).display") != "none"
    assert at_home.js("[...document.querySelectorAll('.contents li a')].map(a => a.innerText)") == [
        part.title for part in lesson.openable()
    ]
    seen = set()
    for part in lesson.openable():
        said = texts(at_home, part.number)
        assert len(said) > 100
        seen.add(said)
        assert at_home.js("getComputedStyle(document.getElementById('contents')).display") == "none"
    assert len(seen) == len(lesson.openable())


def test_contents_next_and_previous_work_without_any_script(at_home):
    at_home.send("Emulation.setScriptExecutionDisabled", value=True)
    at_home.take("moon-fr")

    def shown():
        return at_home.js(
            "[...document.querySelectorAll('.part')].filter(p => getComputedStyle(p).display !== 'none').map(p => p.id)"
        )

    at_home.send("Emulation.setScriptExecutionDisabled", value=False)
    # Without scripts every frame is simply there.
    assert at_home.js("document.querySelectorAll('.part iframe').length") == 7
    at_home.js("document.querySelector('.contents a').click()")
    assert shown() == ["p1"]
    at_home.js("document.querySelector('#p1 [rel=next]').click()")
    assert shown() == ["p2"]
    at_home.js("document.querySelector('#p2 [rel=prev]').click()")
    at_home.js("document.querySelector('#p1 a[href=\"#contents\"]').click()")
    assert shown() == []


def test_exercises_work(at_home):
    at_home.take("fractions-fr")
    texts(at_home, 6)
    before = frame_of(at_home, "document.querySelectorAll('button, input').length")
    assert before > 3
    # An answer is checked by the lesson's own script.
    changed = frame_of(
        at_home,
        """(() => { const all = document.body.innerHTML;
      for (const box of document.querySelectorAll('input:not([type=radio])')) { box.value = '1'; box.dispatchEvent(new Event('input', {bubbles: true})); }
      for (const one of document.querySelectorAll('input[type=radio]')) one.click();
      for (const one of document.querySelectorAll('button')) one.click();
      return document.body.innerHTML !== all; })()""",
    )
    assert changed


def test_a_picture_is_there(at_home):
    at_home.take("liens")
    texts(at_home, 1)
    assert frame_of(at_home, "document.images[0].decode().then(() => document.images[0].naturalWidth)") == 40


def test_a_link_of_the_lesson_leads_to_a_page_that_no_contents_name(at_home):
    at_home.take("liens")
    texts(at_home, 1)
    frame_of(at_home, "document.querySelector('a').click()")
    at_home.wait(lambda: at_home.js("location.hash") == "#p2", "the second page")
    assert "mène un lien" in texts(at_home, 2)


def test_a_page_that_wants_a_memory_has_one_while_it_is_open(at_home):
    at_home.take("liens")
    texts(at_home, 1)
    assert frame_of(at_home, "localStorage.getItem('a')") == "gardé"


def test_only_the_part_that_is_read_is_loaded(at_home):
    at_home.take("moon-fr")
    texts(at_home, 2)
    assert at_home.js(
        "[document.querySelectorAll('iframe').length, document.querySelectorAll('noscript').length]"
    ) == [1, 6]


def test_a_site_on_a_stick_is_read_without_a_server(shelf, tmp_path, phone):
    library, out = Library(shelf), Folder(tmp_path / "stick", twins=False)
    kept = site.Kept(shelf / "site", partial(manifest_in, shelf / "mirror"), lambda _: {})
    site.export(library, kept, out, site.Wishes("École", ("fr", "en"), portable=True), lambda *_: None)
    out.finish()
    phone.open((tmp_path / "stick" / "index.html").as_uri())
    phone.wait(
        lambda: phone.js(
            "location.pathname.endsWith('/fr/index.html') && document.readyState === 'complete'"
        ),
        "the French page",
    )
    phone.open(
        phone.js("[...document.querySelectorAll('.card a')].find(one => one.innerText.includes('Lune')).href")
    )
    phone.open(phone.js("document.querySelector('.begin a').href"))
    assert phone.js("location.pathname").endswith("/1/index.html")
    phone.wait(
        lambda: frame_of(phone, "document.body && document.body.innerText.length > 100"),
        "the lesson in its frame",
    )
    assert [one for one in phone.requests if not one.startswith(("file:", "data:"))] == []
