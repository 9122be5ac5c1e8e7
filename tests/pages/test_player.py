"""Which players there are, and where a part is shown."""

from __future__ import annotations

import pytest

from edubox.pages.kinds import view
from edubox.pages.model import Part
from edubox.pages.player import NEEDS, address, players


@pytest.fixture
def built(tmp_path):
    """A folder as `make players` leaves it, of empty files."""
    for name in (name for needs in NEEDS.values() for name in needs):
        path = tmp_path / "built" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    return tmp_path / "built"


def test_a_folder_with_every_file_has_every_player(built):
    found = players(str(built))
    assert found.present == set(NEEDS)
    assert found.missing() == []
    assert {"h5p.html", "edubox.js", "h5p/main.js"} <= found.files.keys(), "our pages and npm's files"


def test_without_the_folder_only_our_pages_are_there_and_nothing_plays(tmp_path):
    found = players(str(tmp_path / "none"))
    assert found.missing() == list(NEEDS)
    assert "h5p.html" in found.files


def test_a_player_that_lacks_a_file_is_missing(built):
    (built / "h5p" / "frame.js").unlink()
    assert players(str(built)).missing() == ["h5p"]


def test_another_version_has_other_addresses(built, tmp_path):
    before = players(str(built)).build
    other = built.rename(tmp_path / "other")
    assert players(str(other)).build == before, "the folder's place does not count"
    (built := other.rename(tmp_path / "third")).joinpath("h5p/main.js").write_bytes(b"2")
    assert players(str(built)).build != before


def test_what_is_shown_stands_behind_the_hash_and_is_quoted():
    found = address("b1", "epub", "a" * 64, "Mon livre.epub.d/é#1&e=x.opf", "http://box:8081")
    assert found == f"http://box:8081/p/b1/epub.html#c={'a' * 64}&e=Mon%20livre.epub.d/%C3%A9%231%26e%3Dx.opf"


@pytest.mark.parametrize(
    ("kind", "path", "media_type", "shown"),
    [
        ("h5p", "q.h5p.d/h5p.json", "application/json", "h5p"), ("h5p", "h5p.json", "application/json", "h5p"),
        ("h5p", "index.html", "text/html", "file"), ("h5p", "xh5p.json", "application/json", "file"),
        ("epub", "b.epub.d/OPS/package.opf", "application/oebps-package+xml", "epub"), ("epub", "b.epub", "application/epub+zip", "file"),
        ("scorm", "s.zip.d/a.html", "text/html", "scorm"), ("scorm", "s.zip.d/a.swf", "application/x-shockwave-flash", "file"),
        ("quiz", "q.html", "text/html", "page"),
    ],
)  # fmt: skip
def test_a_part_is_shown_as_what_it_begins_with(kind, path, media_type, shown):
    assert view(Part(1, "x", kind, path=path, media_type=media_type)) == shown


def test_without_a_player_a_part_is_a_card_and_not_a_page_that_complains():
    part = Part(1, "x", "scorm", path="s.zip.d/a.html", media_type="text/html")
    assert view(part, frozenset({"h5p"})) == "file"


def test_a_page_that_calls_itself_a_document_is_never_framed_without_a_sandbox():
    """On a static site its name makes it a page, whatever the lesson says."""
    assert view(Part(1, "x", "pdf", path="x.html", media_type="application/pdf")) == "file"
    assert view(Part(1, "x", "pdf", path="X.PDF", media_type="application/pdf")) == "pdf"
