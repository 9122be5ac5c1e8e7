"""A teacher with a phone: from the code on the school's sheet to the desk, out again, and back from the pupils' pages."""

from __future__ import annotations

import json

import pytest

from edubox.box.accounts import first
from edubox.box.school.database import SchoolFile
from edubox.box.secure import certificate
from tests.box.school import School, page
from tests.browser.test_pupil import SMALL_TARGETS, WIDE_ENOUGH
from tests.cli.country import free_port, serving

pytestmark = pytest.mark.browser
PASSWORD = "trois petits chats"


@pytest.fixture
def box(tmp_path):
    """Ports of a served box (pages and desk) and its one-time code."""
    school = School(tmp_path / "box")
    school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    certificate.make(school.data / "keys")
    first.make_if_needed(school.data, SchoolFile(school.data))
    (school.data / "box.toml").write_text('name = "Collège Marie-Curie"\nannounce = false\n', "utf-8")
    pages, desk = free_port(), free_port()
    with serving("box", "serve", "--data", school.data, "--port", pages, "--lesson-port", 0, "--desk-port", desk, "--listen",
                 "127.0.0.1", port=pages):  # fmt: skip
        yield pages, desk, first.read(school.data)


def write(phone, **fields):
    for name, value in fields.items():
        phone.js(f"document.querySelector('[name={name}]').value = {json.dumps(value)}")


def test_one_form_and_one_click_from_the_printed_code_to_the_desk_and_the_way_back(box, phone):
    pages, port, code = box
    desk = f"https://box.localhost:{port}/bureau/"
    phone.accept_any_certificate()
    phone.open(f"{desk}premier/{code}/")  # what the square on the sheet says
    assert phone.js("document.activeElement.name") == "name", "the code is there already"
    assert phone.js(WIDE_ENOUGH)
    assert phone.js(SMALL_TARGETS) == []
    write(phone, name="Ada Lovelace", password=PASSWORD)
    phone.js("document.querySelector('#reveal').click()")
    assert phone.js("document.querySelector('#password').type") == "text"
    phone.tap("#begin")
    assert phone.js("location.href") == desk
    assert "Ada Lovelace" in phone.js("document.querySelector('header').textContent")
    assert phone.js("document.cookie") == "", "no script reads it"

    phone.open(f"http://box.localhost:{pages}/fr/")
    phone.tap('footer a[href="/bureau/"]')
    phone.tap(".go a")
    there = "location.protocol === 'https:' && !!document.querySelector('header') && document.readyState === 'complete'"
    phone.wait_through(lambda: phone.js(there), "the desk")
    assert "Ada Lovelace" in phone.js("document.querySelector('header').textContent"), (
        "still in, from a page over plain HTTP"
    )

    phone.js("document.querySelector('.account').parentElement.open = true")
    phone.touch(".account button")
    door = "location.pathname === '/bureau/entrer/' && document.readyState === 'complete'"
    phone.wait_through(lambda: phone.js(door), "the door")
    write(phone, name="ada lovelace", password="not this one")
    phone.tap("#enter")
    assert phone.js("document.querySelector('#said').getAttribute('role')") == "alert"
    assert phone.js("document.querySelector('[name=name]').value") == "ada lovelace"
    assert phone.js(WIDE_ENOUGH)
    write(phone, password=PASSWORD)
    phone.tap("#enter")
    assert phone.js("location.href") == desk
    assert not [one for one in phone.complaints if "Content Security Policy" in one or "Mixed Content" in one]
