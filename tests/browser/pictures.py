"""The pictures of the documentation: ``make pictures`` writes docs/pictures/, from the running demonstration.

Each is a phone in front of a classroom screen, so that one look tells what edubox is.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import quote

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.setup import init
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from edubox.settings import load_settings
from tests.box.desk_client import Inside, person
from tests.browser.chromium import Browser
from tests.browser.desk import showing
from tests.cli.country import free_port
from tests.serving import serving
from tests.sync.country import Country

LESSONS = Path(__file__).parents[2] / "content" / "lessons"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCREEN, PHONE = (1280, 800), (390, 780)
#: Picture → what the phone shows, what the screen shows.
SCENES = {
    "home": ("/fr/", "/fr/"),
    "lesson": ("/fr/lecon/ministry/starter/fractions-fr/", "/fr/lecon/ministry/starter/moon-fr/4/"),
}
#: The same, of the page for the person in charge, in states of tests/pages/desk_states.py.
STATES = {"desk": ("/fetching", "/waiting for the window")}
_FRAME = """<!doctype html><meta charset=utf-8><style>
body {{ margin: 0; width: 1120px; height: 640px; position: relative; background: #eef1ec }}
img {{ display: block; position: absolute; border-style: solid; border-color: #20292b; background: #20292b }}
.screen {{ width: 880px; left: 20px; top: 20px; border-width: 12px; border-radius: 14px }}
.phone {{ width: 250px; right: 24px; bottom: 24px; border-width: 9px; border-radius: 26px;
  box-shadow: 0 10px 30px #0007 }}
</style><img class=screen src="{screen}"><img class=phone src="{phone}">"""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        browser = Browser(Path(name) / "profile")
        try:
            with teachers_desk(Path(name) / "box") as urls:
                take(browser, "teacher", urls, Path(name))
            for origin_of, scenes in ((showing, STATES), (demonstration, SCENES)):
                with origin_of() as origin:
                    for scene, paths in scenes.items():
                        take(browser, scene, [origin + quote(path) for path in paths], Path(name))
        finally:
            browser.close()


def take(browser: Browser, scene: str, urls: list[str], folder: Path) -> None:
    """The picture *scene*: a phone at the first of *urls*, a screen at the second."""
    on_phone, on_screen = urls
    shots = {
        "phone": shot(browser, on_phone, *PHONE, phone=True, folder=folder),
        "screen": shot(browser, on_screen, *SCREEN, phone=False, folder=folder),
    }
    frame = folder / f"{scene}.html"
    frame.write_text(_FRAME.format(**shots), "utf-8")
    tab = browser.tab(1120, 640)
    tab.open(frame.as_uri()).picture(PICTURES / f"{scene}.png")
    tab.close()


@contextlib.contextmanager
def teachers_desk(data: Path):
    """Addresses of a teacher's desk and of a draft on it, where whoever comes has come in."""
    init(
        data,
        Country(data.parent / "country").root,
        [],
        [],
        {"name": "Collège Marie-Curie", "announce": False},
    )
    account = person(data, "teacher")
    ada = Person(account.id, account.name, TEACHER)
    classes.make(SchoolFile(data), "6e B", owner=ada.id)
    for lesson, title in {"fractions-fr": "Les fractions", "moon-fr": "Pourquoi la Lune change"}.items():
        draft = drafts.create(data, ada, title).id
        for file in sorted(path for path in (LESSONS / lesson).rglob("*") if path.is_file()):
            copy = Path(shutil.copy(file, data / "staging" / "one"))
            drafts.add_file(data, draft, str(file.relative_to(LESSONS / lesson)), copy)
        build(data, draft)
    app = create_app(data, load_settings(data / "box.toml"))
    with serving(Inside(app, data, "teacher")) as base:
        yield [f"{base}bureau/?lang=fr", f"{base}bureau/drafts/{draft}/?lang=fr"]


@contextlib.contextmanager
def demonstration():
    """The origin of a running ``edubox demo`` whose lessons are up to date."""
    port = free_port()
    command = [sys.executable, "-m", "edubox", "demo", "--port", str(port), "--hub-down-after-sync"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in child.stdout:
            if "Ctrl-C" in line:
                break
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.communicate(timeout=60)


def shot(browser: Browser, url: str, width: int, height: int, *, phone: bool, folder: Path) -> str:
    """A picture of *url* as a data address."""
    tab = browser.tab(width, height, phone=phone)
    tab.open(url)
    target = folder / "shot.png"
    tab.picture(target)
    tab.close()
    return "data:image/png;base64," + base64.b64encode(target.read_bytes()).decode()


if __name__ == "__main__":
    main()
