"""A zip of files in a draft: what is in it becomes the lesson, and what cannot be opened stays, with words."""

from __future__ import annotations

import io
import zipfile

import pytest

from edubox.box.teacher import drafts
from edubox.box.teacher.build import build, is_current, report
from tests.box.teacher.staffroom import ADA, Staffroom

PAGE = "<!doctype html><html lang=fr><title>{0}</title><h1>{0}</h1>"


@pytest.fixture
def room(tmp_path):
    return Staffroom(tmp_path)


def zipped(**files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


def given(room, **files):
    """A draft that holds *files*, of which the first ``_`` of a name is a dot; its id and its folder."""
    ident = drafts.create(room.box, ADA, "Cours").id
    for name, content in files.items():
        source = room.box / "staging" / "one"
        source.write_bytes(content)
        drafts.add_file(room.box, ident, name.replace("_", "."), source)
    return ident, drafts.folder(room.box, ident) / drafts.FILES


def test_a_zip_of_pages_is_the_lesson_and_its_front_page_comes_first(room):
    ident, top = given(
        room,
        site_zip=zipped(
            site__index_html=PAGE.format("Les volcans"), site__b_html=PAGE.format("Suite"), site__a_png=b"x"
        ),
    )
    build(room.box, ident)
    assert drafts.paths(top) == ["a.png", "b.html", "index.html"]
    assert report(room.box, ident)["lines"][0]["title"] == "Les volcans"
    assert is_current(room.box, drafts.read(room.box, ident))


def test_a_zip_among_others_becomes_a_folder(room):
    ident, top = given(
        room, lire_html=PAGE.format("Lire").encode(), pages_zip=zipped(b_html=PAGE.format("B"))
    )
    build(room.box, ident)
    assert drafts.paths(top) == ["lire.html", "pages/b.html"]


def test_a_zip_in_a_zip_stays_a_file_however_often_it_is_put_together(room):
    ident, top = given(
        room, out_zip=zipped(in_zip=zipped(deep_html=PAGE.format("D")), a_html=PAGE.format("A"))
    )
    for _ in range(2):
        build(room.box, ident)
        assert drafts.paths(top) == ["a.html", "out/in.zip"]


@pytest.mark.parametrize(
    "bad", [zipped(__etc_html="x"), zipped(a_html=b"\0" * 200_000_000), b"PK\x03\x04 no zip", zipped()]
)
def test_what_cannot_be_opened_stays_as_it_is_and_the_report_says_why(room, bad):
    ident, top = given(room, lire_html=PAGE.format("Lire").encode(), bad_zip=bad)
    build(room.box, ident)
    assert drafts.paths(top) == ["bad.zip", "lire.html"]
    assert any("bad.zip" in str(one["details"].get("path")) for one in report(room.box, ident)["warnings"])
    assert not list(drafts.folder(room.box, ident).glob(".edubox-*"))


def test_a_zip_with_more_files_than_a_draft_holds_leaves_none_of_them(room, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_FILES", 4)
    ident, top = given(
        room,
        lire_html=PAGE.format("Lire").encode(),
        pages_zip=zipped(**{f"p{n}_html": PAGE.format(n) for n in range(5)}),
    )
    build(room.box, ident)
    assert drafts.paths(top) == ["lire.html", "pages.zip"]
    assert (
        report(room.box, ident)["warnings"][0]["details"]["reason"]["message"]
        == "it unpacks to more than it may"
    )


def test_a_course_in_a_zip_is_one_part_as_before(room):
    manifest = (
        '<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">'
        '<organizations default="o"><organization identifier="o"><title>C</title><item identifier="i" identifierref="r">'
        '<title>I</title></item></organization></organizations><resources><resource identifier="r" type="webcontent" '
        'adlcp:scormtype="sco" href="a.html"/></resources></manifest>'
    )
    ident, top = given(room, course_zip=zipped(imsmanifest_xml=manifest, a_html=PAGE.format("A")))
    build(room.box, ident)
    assert drafts.paths(top) == ["course.zip"]
    assert [one["type"] for one in report(room.box, ident)["lines"]] == ["scorm"]
