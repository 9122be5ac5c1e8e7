"""What a system that was just installed must show: a page, a lesson, a disk that keeps what it is given."""

from __future__ import annotations

import os

import pytest

from edubox.box import works
from edubox.box.app import create_app
from edubox.box.health import Box
from edubox.store.layout import object_path
from edubox.store.server import listen
from tests.box.school import School, manifest_of, page, settings
from tests.serving import serving


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    school.manifest = lesson(school, "x")
    return school


def lesson(school, slug):
    """A lesson with its list of files in the mirror, where a synchronisation leaves it."""
    files = {"index.html": page(slug)}
    manifest = manifest_of(files)
    place = school.data / "mirror" / object_path(manifest.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(manifest.to_bytes())
    return school.install(slug, manifest, files)


def answering(status):
    def application(_, start_response):
        start_response(status, [])
        return [b""]

    return application


@pytest.mark.parametrize(("status", "says"), [("200 OK", ""), ("503 Starting", "503"), ("302 Found", "302")])
def test_the_front_page_is_asked_for(status, says):
    with serving(answering(status)) as address:
        found = works.pages_are_served({"port": int(address.rstrip("/").rpartition(":")[2])})
    assert (found == "") == (says == "")
    assert says in found


def test_the_boxs_own_front_page_which_leads_to_a_language_is_a_page(school):
    """As it was: 302, no system was ever kept, and each new one went back after a quarter of an hour."""
    app = create_app(school.data, settings())
    assert app.test_client().get("/").status_code == 302
    with serving(app) as address:
        assert works.pages_are_served({"port": int(address.rstrip("/").rpartition(":")[2])}) == ""


@pytest.mark.parametrize("leads", ["/", "http://192.0.2.1/fr/", ""])
def test_a_front_page_that_leads_nowhere_or_elsewhere_is_none(leads):
    def application(_, start_response):
        start_response("302 Found", [("Location", leads)])
        return [b""]

    with serving(application) as address:
        assert "302" in works.pages_are_served({"port": int(address.rstrip("/").rpartition(":")[2])})


def test_where_nobody_listens_no_page_is_served():
    with listen("127.0.0.1", 0, "--port") as taken:
        port = taken.getsockname()[1]
    assert str(port) in works.pages_are_served({"port": port})


def test_a_lesson_is_compared_with_what_its_publisher_made(school):
    box = Box(school.data, settings())
    assert works.a_lesson_is_right(box) == ""
    path = school.data / "site" / school.manifest / "index.html"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"x", b"y"))
    assert "None of 1" in works.a_lesson_is_right(box)
    lesson(school, "z")
    assert works.a_lesson_is_right(box) == "", "one damaged lesson is no fault of a system"


def test_a_pipe_or_a_link_in_a_lesson_is_not_waited_for(school):
    path = school.data / "site" / school.manifest / "index.html"
    path.unlink()
    os.mkfifo(path)
    assert works.a_lesson_is_right(Box(school.data, settings()))
    path.unlink()
    path.symlink_to("/dev/zero")
    assert works.a_lesson_is_right(Box(school.data, settings()))


def test_a_box_without_lessons_has_nothing_to_compare(tmp_path):
    assert works.a_lesson_is_right(Box(School(tmp_path / "box").data, settings())) == ""


def test_a_damaged_catalogue_is_said(school):
    (school.data / "box.db").write_bytes(b"\0" * 9000)
    assert works.a_lesson_is_right(Box(school.data, settings()))


def test_the_disk_keeps_a_file_and_nothing_stays_of_it(tmp_path):
    assert works.the_disk_keeps(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
    assert "cannot be written" in works.the_disk_keeps(tmp_path / "not there")
