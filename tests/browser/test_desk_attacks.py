"""A teacher has come in, and the same browser opens what wants to act in their name: pages of lessons, pages of neighbours."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from PIL import Image

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.secure import certificate
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from tests.box.desk_client import person
from tests.box.school import School, page
from tests.browser.conftest import DRAWING
from tests.browser.desk import come_in
from tests.cli.country import free_port, serving

pytestmark = pytest.mark.browser
SECRET = "Classe des secrets"
#: What it sends to DESK, a desk's origin, about the class CODE and the draft DRAFT. It has no policy that holds it back.
ATTACK = """<!doctype html><title>Attaque</title><p>Bonjour</p><script>
const desk = "DESK/bureau/", heard = [];
addEventListener("message", ({ data }) => heard.push(data));
const posts = { "": {title: "Pirate"}, "classes/": {action: "make", name: "Pirate"}, "classes/CODE/delete/": {}, "sortir/": {},
  "drafts/DRAFT/thrown/": {}, "drafts/DRAFT/": {title: "Pirate", version: "1"}, "moi/": {action: "name", name: "Pirate"},
  "televersement/form": {kind: "files"}, "entrer/": {name: "Eve", password: "x"} };
const quietly = async (act) => { try { await act(); } catch { /* refused */ } };
function submit(path, fields, enctype) {
  const form = document.createElement("form"), name = "f" + Math.random();
  const frame = Object.assign(document.createElement("iframe"), {name});
  Object.assign(form, {method: "post", action: desk + path, target: name, enctype});
  for (const [key, value] of Object.entries({...fields, csrf: ""}))
    form.append(Object.assign(document.createElement("input"), {name: key, value}));
  document.body.append(frame, form);
  return new Promise((done) => { frame.onload = done; form.submit(); setTimeout(done, 1000); });
}
const image = (path) => new Promise((done) => Object.assign(new Image(), {onload: done, onerror: done, src: desk + path}));
window.attack = async () => {
  const all = [];
  for (const [path, fields] of Object.entries(posts)) {
    for (const enctype of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
      all.push(submit(path, fields, enctype));
      all.push(quietly(() => fetch(desk + path, {method: "POST", mode: "no-cors", credentials: "include",
        headers: {"Content-Type": enctype}, body: new URLSearchParams(fields).toString()})));
    }
    all.push(image(path + "?" + new URLSearchParams(fields)), quietly(() => navigator.sendBeacon(desk + path, "x")));
  }
  for (const method of ["PUT", "PATCH", "DELETE", "HEAD"])
    all.push(quietly(() => fetch(desk + "drafts/DRAFT/", {method, credentials: "include", headers: {"X-Edubox-Csrf": "x"}})));
  await Promise.all(all);
  const read = [];
  for (const path of ["", "arriving/state.json", "classes/CODE/export.zip"])
    await quietly(async () => read.push(await (await fetch(desk + path, {credentials: "include"})).text()));
  for (const frame of document.querySelectorAll("iframe"))
    try { if (frame.contentDocument.body.textContent) read.push(frame.contentDocument.body.textContent); } catch { /* refused */ }
  return read;
};
window.reach = async () => {
  const opened = window.open(desk + "classes/");
  if (opened === null) return "refused";
  await new Promise((done) => setTimeout(done, 500));
  opened.postMessage({action: "make", name: "Pirate", csrf: true, edubox: 1, type: "hello"}, "*");
  try { return opened.document.title; } catch { return opened.closed ? "cut off" : "another origin"; }
};
</script>"""


@contextlib.contextmanager
def neighbour(text):
    """The address of another server on this computer, whose one page is *text*."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A served box: ``plain`` and ``tls`` are origins of its desk, where Ada has a class and a draft; a lesson of it is hostile."""
    folder = tmp_path_factory.mktemp("attacked")
    school = School(folder / "box")
    data = school.data
    certificate.make(data / "keys")
    (data / "box.toml").write_text('name = "École"\nannounce = false\n', "utf-8")
    account = person(data, "teacher")
    ada = Person(account.id, account.name, TEACHER)
    code = classes.make(SchoolFile(data), SECRET, owner=ada.id)
    draft = drafts.create(data, ada, "Mon brouillon").id
    (folder / "one").write_bytes(page("Lire"))
    Image.new("RGB", (60, 40), "green").save(folder / "two", "PNG")
    for name, source in (("lire.html", "one"), ("dessin.png", "two")):
        drafts.add_file(data, draft, name, folder / source)
    build(data, draft)
    plain, lessons, desk = free_port(), free_port(), free_port()
    attack = ATTACK.replace("CODE", code).replace("DRAFT", draft)
    here = f"http://127.0.0.1:{plain}"
    school.add(
        "hostile",
        {"index.html": attack.replace("DESK", here).encode(), "i.svg": DRAWING},
        title="Leçon hostile",
        image="i.svg",
    )
    classes.give(
        SchoolFile(data), code, "ministry/test/hostile", "Leçon hostile", day=int(time.time() // 86_400)
    )
    with serving("box", "serve", "--data", data, "--port", plain, "--lesson-port", lessons, "--desk-port", desk, "--listen",
                 "127.0.0.1", port=desk):  # fmt: skip
        yield SimpleNamespace(
            data=data, plain=here, tls=f"https://127.0.0.1:{desk}", attack=attack, code=code, draft=draft
        )


def kept(box):
    """Everything that the desk of *box* keeps, but for who came in when."""
    with contextlib.closing(
        sqlite3.connect(f"file:{box.data / 'school.db'}?mode=ro", uri=True, timeout=30)
    ) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables if name != "journal"}
    notes = {path: path.read_bytes() for path in (box.data / "drafts").glob("*/draft.json")}
    return rows, notes, drafts.paths(drafts.folder(box.data, box.draft) / "files")


@pytest.fixture
def ada(tab, box):
    """A browser in which Ada has come in, by the desk's two ways."""
    tab.accept_any_certificate()
    for origin in (box.plain, box.tls):
        come_in(tab, origin)
    yield tab
    tab.send("Network.clearBrowserCookies")


def is_in(tab, origin):
    tab.open(f"{origin}/bureau/classes/")
    return tab.js("location.pathname") == "/bureau/classes/" and SECRET in tab.js("document.body.textContent")


def reach(tab):
    """What a page opens and says after a click."""
    return tab.send(
        "Runtime.evaluate", expression="reach()", userGesture=True, awaitPromise=True, returnByValue=True
    )["result"].get("value", "refused")


@pytest.mark.parametrize("way", ["plain", "tls"])
def test_a_neighbouring_page_that_nothing_holds_back_changes_and_reads_nothing(ada, box, way):
    before, origin = kept(box), getattr(box, way)
    with neighbour(box.attack.replace("DESK", origin)) as address:
        ada.open(address)
        assert ada.js("attack()") == []
        reached = reach(ada)
    assert reached == {"plain": "another origin", "tls": "cut off"}[way]
    sent = {one for one in ada.requests if one.startswith(f"{origin}/bureau/classes/")}
    assert sent, "it did ask"
    assert kept(box) == before
    assert is_in(ada, origin)


def test_a_hostile_lesson_does_nothing_in_the_name_of_a_teacher_who_reads_it(ada, box):
    before = kept(box)
    ada.open(f"{box.plain}/fr/lecon/ministry/test/hostile/1/")
    assert ada.in_frame("/c/", "attack()") == []
    assert ada.in_frame("/c/", "reach()") == "refused"
    ada.open(ada.js("document.querySelector('iframe').src"))
    assert ada.js("attack()") == []
    assert reach(ada) == "refused"
    assert kept(box) == before
    assert is_in(ada, box.plain)


def test_after_going_the_back_button_shows_nothing(ada, box):
    origin = box.tls
    assert is_in(ada, origin)
    ada.js("document.querySelector('details:has(.account)').open = true")
    ada.tap(".account form button")
    gone = ada.js("location.href")
    assert gone == f"{origin}/bureau/entrer/"
    ada.js("history.back()")
    ada.wait_through(
        lambda: ada.js("document.readyState === 'complete' && location.href") not in {False, gone}, "a page"
    )
    assert SECRET not in ada.js("document.body.textContent")
    assert ada.js("document.querySelector('[name=password]') !== null")
    assert not is_in(ada, origin)


def test_pages_of_the_desk_load_nothing_that_their_policy_refuses(ada, box):
    ada.complaints.clear()
    for path in ("", f"drafts/{box.draft}/", f"drafts/{box.draft}/details/", f"drafts/{box.draft}/text/", f"drafts/{box.draft}/give/",
                 "photos/", "classes/", f"classes/{box.code}/", f"classes/{box.code}/give/", "classes/sheet/", "given/", "copies/",
                 "carry/", "arriving/", "moi/"):  # fmt: skip
        ada.open(f"{box.tls}/bureau/{path}")
    assert not ada.complaints
    elsewhere = [one for one in ada.requests if one.startswith("http:") and "/bureau/" not in one]
    assert json.dumps(elsewhere) == json.dumps([one for one in elsewhere if one.startswith(box.plain)])
