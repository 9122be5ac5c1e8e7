"""A teacher drops two files and a folder into the field of the desk; the Wi-Fi fails halfway, and all of it arrives once."""

from __future__ import annotations

import os

import pytest

from edubox.box.teacher import drafts
from tests.box.desk_client import desk_of
from tests.box.school import School
from tests.box.teacher.pouring import desk_server

pytestmark = pytest.mark.browser
#: Bytes a second of a busy hotspot.
SLOW = 3_000_000


@pytest.fixture
def server(tmp_path):
    with desk_server(School(tmp_path / "box").data) as running:
        running.data = tmp_path / "box"
        client = running.app.test_client()
        desk_of(client, running.data, role="teacher")
        running.token = client.application._token
        yield running


def come_in(tab, server, place="/bureau/televersement/form"):
    tab.send(
        "Network.setCookie", name="edubox", value=server.token, url=f"{server.url}/bureau/", path="/bureau/"
    )
    return tab.open(f"{server.url}{place}")


def drop(tab, *paths):
    box = tab.js(
        "(() => { const b = document.getElementById('drop').getBoundingClientRect(); return [b.x + b.width / 2, b.y + 40]; })()"
    )
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tab.send("Input.dispatchDragEvent", type=kind, x=box[0], y=box[1], data=data)


def line(tab, *, offline=False, upload=-1):
    tab.send(
        "Network.emulateNetworkConditions",
        offline=offline,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=upload,
    )


def announced(tab):
    """How many files the page began to send."""
    return sum(one.endswith("/televersement/") for one in tab.requests)


def share(tab):
    """How much has arrived, in thousandths."""
    return tab.js("document.getElementById('sending-all')?.value") or 0


def test_files_and_a_folder_arrive_once_though_the_wifi_fails_and_the_page_is_closed(
    browser, server, tmp_path
):
    film, text, folder = tmp_path / "film.mp4", tmp_path / "lire.md", tmp_path / "cours"
    film.write_bytes(os.urandom(12_000_000))
    text.write_text("# Lire\n")
    (folder / "images").mkdir(parents=True)
    (folder / "page.html").write_text("<!doctype html><title>P</title><img src=images/a.png>")
    (folder / "images" / "a.png").write_bytes(b"\x89PNG")
    tab = come_in(browser.tab(), server)
    line(tab, upload=SLOW)
    drop(tab, film, text, folder)
    tab.wait(lambda: share(tab) > 200, "a fifth of it is there")
    line(tab, offline=True)
    tab.wait(
        lambda: tab.js("!document.getElementById('sending-notice').hidden"),
        "the page says that the line is lost",
    )
    assert tab.js("document.getElementById('sending-said').textContent.length > 20")
    line(tab, upload=SLOW)
    before = share(tab)
    tab.wait(lambda: share(tab) > before + 100, "it goes on by itself")
    assert announced(tab) == 1
    # The page is closed, and its teacher chooses the same files again.
    tab.close()
    tab = come_in(browser.tab(), server)
    assert "film.mp4" in tab.js("document.getElementById('drop-unfinished').textContent")
    drop(tab, film, text, folder)
    tab.wait_through(lambda: "/drafts/" in tab.js("location.pathname"), "the draft's page")
    [draft] = [one.name for one in (server.data / "drafts").iterdir()]
    top = drafts.folder(server.data, draft) / "files"
    assert drafts.paths(top) == ["cours/images/a.png", "cours/page.html", "film.mp4", "lire.md"]
    assert (top / "film.mp4").read_bytes() == film.read_bytes()
    assert announced(tab) == 3
    assert not tab.js("Object.keys(localStorage).some((one) => one.startsWith('edubox-upload'))")
    tab.close()
