"""Players on the lessons' origin: what was built, nothing else, for a year, on a leash."""

from __future__ import annotations

import gzip

import pytest

from edubox.box.health import Box
from edubox.box.health import players as check
from edubox.box.lessons import lesson_app
from edubox.pages.player import players
from tests.box.school import School, settings
from tests.box.test_lessons import ask


@pytest.fixture
def origin(tmp_path):
    """The lessons' origin with one player's files, and the name of that build."""
    built = tmp_path / "built"
    (built / "h5p").mkdir(parents=True)
    script = b"play();" * 500
    (built / "h5p" / "main.js").write_bytes(script)
    (built / "h5p" / "main.js.gz").write_bytes(gzip.compress(script, mtime=0))
    (tmp_path / "secret.js").write_bytes(b"secret")
    found = players(str(built))
    return lesson_app(School(tmp_path / "box").data, 8080, players=found), found.build


def test_a_player_is_kept_for_a_year_and_travels_compressed(origin):
    status, headers, body = ask(origin, f"/p/{origin[1]}/h5p/main.js", accept_encoding="gzip")
    assert status == 200
    assert headers["Content-Type"] == "text/javascript"
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert gzip.decompress(body).startswith(b"play();")
    assert ask(origin, f"/p/{origin[1]}/h5p/main.js")[2].startswith(b"play();")


@pytest.mark.parametrize(
    "path",
    ["/p/", "/p/{}/", "/p/{}", "/p/old/h5p/main.js", "/p/{}/h5p", "/p/{}/../secret.js", "/p/{}/h5p/../../secret.js", "/p/{}/h5p/main.js.gz",
     "/p/{}/none.js", "/p/{}//etc/passwd", "/p/{}/h5p.html/"],
)  # fmt: skip
def test_nothing_else_is_served(origin, path):
    status, headers, body = ask(origin, path.format(origin[1]))
    assert status == 404
    assert b"secret" not in body
    assert headers["Cache-Control"] == "no-store"


def test_every_player_page_is_sandboxed_and_framed_by_this_box_alone(origin):
    for page in ("h5p.html", "scorm.html", "epub.html", "pdf.html"):
        policy = ask(origin, f"/p/{origin[1]}/{page}")[1]["Content-Security-Policy"]
        assert "sandbox allow-scripts" in policy
        assert "allow-top-navigation" not in policy
        assert "allow-popups" not in policy
        assert "frame-ancestors 'self' http://box.local:*" in policy
        assert "form-action 'none'" in policy


def test_in_the_pages_for_books_and_documents_only_our_scripts_run(origin):
    for page in ("epub.html", "pdf.html"):
        assert "script-src 'self';" in ask(origin, f"/p/{origin[1]}/{page}")[1]["Content-Security-Policy"]


def test_the_doctor_says_which_are_missing_and_how_to_get_them(tmp_path):
    finding = check.check(Box(tmp_path, settings(players=str(tmp_path / "none"))))
    assert finding.level == "note"
    assert "H5P" in finding.sentence
    assert "make players" in finding.sentence
