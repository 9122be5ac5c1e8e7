"""A teacher with a phone: from the pupils' page to the desk, over HTTPS, past the page that explains."""

from __future__ import annotations

import pytest

from edubox.box.secure import certificate
from tests.box.school import School, page
from tests.cli.country import free_port, serving


@pytest.fixture
def box(tmp_path):
    """Ports of a served box: pages and desk."""
    school = School(tmp_path / "box")
    school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    certificate.make(school.data / "keys")
    (school.data / "box.toml").write_text('name = "Collège Marie-Curie"\nannounce = false\n', "utf-8")
    pages, desk = free_port(), free_port()
    with serving("box", "serve", "--data", school.data, "--port", pages, "--lesson-port", 0, "--desk-port", desk, "--listen",
                 "127.0.0.1", port=pages):  # fmt: skip
        yield pages, desk


@pytest.mark.browser
def test_a_phone_goes_from_the_lessons_to_the_desk_by_https(box, phone):
    pages, desk = box
    phone.accept_any_certificate()
    phone.open(f"http://box.localhost:{pages}/fr/")  # a name that no box takes for this computer's own
    phone.tap('footer a[href="/bureau/"]')
    assert phone.js("document.querySelectorAll('input').length") == 0
    assert phone.js("document.documentElement.scrollWidth <= innerWidth")
    assert phone.js("document.querySelector('.go a').getBoundingClientRect().height") >= 44
    phone.js("document.querySelector('.compare').open = true")
    assert phone.js("document.documentElement.scrollWidth <= innerWidth"), "the fingerprint fits"
    phone.tap(".go a")
    assert phone.js("location.href").startswith(f"https://box.localhost:{desk}/bureau/")
    assert phone.js("isSecureContext")
    assert not [one for one in phone.complaints if "Content Security Policy" in one or "Mixed Content" in one]
    phone.open(f"https://box.localhost:{desk}/fr/")
    assert phone.js("location.href") == f"http://box.localhost:{pages}/fr/"
