"""From the QR code on the school's sheet to a PDF on the class page: a new teacher's first minute, at a real box.

``Hand`` is the only way in which these tests touch a page, and it counts: every touch of a button or of a field in which the cursor
is not yet, and the choice of the file. What the browser asks about the box's certificate comes before, once, and is not counted.
Run with ``-s`` it prints clicks and seconds.
"""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest

from edubox.box.accounts import first, invitations
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.secure import certificate
from edubox.box.setup import init
from tests.box.desk_client import PASSWORD, person
from tests.browser.conftest import PDF
from tests.cli.country import free_port, serving
from tests.sync.country import Country

pytestmark = pytest.mark.browser
MOST = 8
SIZES = {"phone": (390, 844, True), "computer": (1280, 800, False)}


class Hand:
    """Somebody's hand on *tab*: ``clicks`` says how often it touched something."""

    def __init__(self, tab) -> None:
        self.tab, self.clicks, self._began = tab, 0, time.monotonic()

    def touch(self, selector):
        """Touch what opens another page, which is there afterwards."""
        self.clicks += 1
        self.tab.tap(selector)

    def fill(self, selector, text):
        """Type *text* into a field, touched first unless the page has put the cursor there."""
        if not self.tab.js(f"document.querySelector({json.dumps(selector)})?.matches(':focus')"):
            self.clicks += 1
            self.tab.touch(selector)
        self.tab.write(text)

    def choose(self, selector, file):
        """Touch the button that opens the device's files, and there *file*."""
        self.clicks += 2
        self.tab.choose(selector, file)

    def tell(self, road):
        print(f"\n{road}: {self.clicks} clicks, {time.monotonic() - self._began:.1f} s")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A box as it is unpacked: nobody has an account, and nothing is in it."""
    folder = tmp_path_factory.mktemp("first-minute")
    data, pages, desk = folder / "box", free_port(), free_port()
    settings = {
        "reserve_mb": 0, "announce": False, "name": "Collège Marie-Curie", "port": pages, "lesson_port": free_port(), "desk_port": desk,
        "listen": "127.0.0.1",
    }  # fmt: skip
    init(data, Country(folder / "country").root, [], [], settings)
    certificate.make(data / "keys")
    file = folder / "Les volcans de France.pdf"
    file.write_bytes(PDF)
    with serving("box", "serve", "--data", data, port=pages):
        # A name that no box takes for this computer's own: what follows goes as from a phone, by HTTPS.
        yield SimpleNamespace(
            data=data, pages=f"http://box.localhost:{pages}", desk=f"https://box.localhost:{desk}", file=file,
            code=first.read(data),
        )  # fmt: skip


def enter(hand, address, name):
    """Come in by the *address* of a QR code as somebody new."""
    hand.tab.open(address)
    hand.fill("[name=name]", name)
    hand.fill("[name=password]", PASSWORD)
    hand.touch("#begin")


def give(hand, box, group):
    """From the desk's first page until the *group*, a new class, has the file."""
    hand.choose("[data-opens=drop-files]", box.file)
    hand.tab.wait_through(lambda: hand.tab.js("!!document.querySelector('a#give')"), "the draft's page")
    hand.touch("a#give")
    hand.fill("#new-class", group)
    hand.touch("button#give")
    hand.tab.wait_through(
        lambda: hand.tab.js("!!document.querySelector('.verdict.good')"), "a lesson that is given"
    )


def see(browser, box, group):
    """A pupil opens the page of the *group* and reads what it was given."""
    code = next(one.code for one in classes.every(SchoolFile(box.data)) if one.name == group)
    pupil = browser.tab(390, 844, phone=True)
    pupil.open(f"{box.pages}/fr/classe/{code}/")
    assert "Les volcans de France" in pupil.js("document.body.innerText")
    pupil.tap("main a[href*='/lecon/']")
    assert pupil.js("document.querySelector('h1').innerText") == "Les volcans de France"
    pupil.close()


def test_the_first_teacher_gives_a_pdf_to_the_class_in_eight_clicks_on_a_phone_too(browser, box):
    tab = browser.tab(*SIZES["phone"][:2], phone=True)
    tab.accept_any_certificate()
    hand = Hand(tab)
    enter(hand, f"{box.desk}/bureau/premier/{box.code}/", "Awa Diop")
    give(hand, box, "6e B")
    hand.tell("one-time code, phone")
    see(browser, box, "6e B")
    assert hand.clicks <= MOST
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
    assert not tab.complaints
    tab.close()


def test_an_invited_teacher_gives_a_pdf_to_the_class_in_eight_clicks_at_a_computer(browser, box):
    now, admin = int(time.time()), person(box.data, "admin", "Grace").id
    code = SchoolFile(box.data).write(lambda db: invitations.make(db, "teacher", admin, now, now + 3600))
    tab = browser.tab(*SIZES["computer"][:2])
    tab.accept_any_certificate()
    hand = Hand(tab)
    enter(hand, f"{box.desk}/bureau/invitation/{code}/", "Luis Ortega")
    give(hand, box, "5e A")
    hand.tell("invitation, computer")
    see(browser, box, "5e A")
    assert hand.clicks <= MOST
    assert not tab.complaints
    tab.close()
