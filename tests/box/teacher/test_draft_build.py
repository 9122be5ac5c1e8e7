"""A draft becomes a lesson: its title, its order, what is for teachers only, and what a cut or a failure leaves."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from edubox.box.teacher import drafts
from edubox.box.teacher.build import build, is_current, report
from edubox.box.teacher.work import said
from edubox.errors import EmptyPack
from tests.box.teacher.staffroom import ADA
from tests.cli.country import edubox, edubox_json


def test_what_was_built_is_current_until_something_changes(room):
    ident = room.draft()
    build(room.box, ident)
    assert is_current(room.box, drafts.read(room.box, ident))
    drafts.change(room.box, replace(drafts.read(room.box, ident), token="b" * 26))
    assert is_current(room.box, drafts.read(room.box, ident))
    room.put(ident, "lire.html", "<!doctype html><html lang=fr><title>L</title><h1>autre</h1>")
    assert not is_current(room.box, drafts.read(room.box, ident))


def test_a_lesson_is_called_what_its_document_is_called_unless_its_teacher_says_another(room):
    page = "<!doctype html><html lang=fr><title>La dichotomie</title><p>x"
    ident = drafts.create(room.box, ADA, "scan 0042").id
    room.put(ident, "scan_0042.html", page)
    build(room.box, ident)
    made = drafts.read(room.box, ident)
    assert made.title == "La dichotomie"
    assert is_current(room.box, made)
    assert made.version == 1  # an open page of it can still be saved
    other = drafts.create(room.box, ADA, "Mon titre").id
    room.put(other, "scan.html", page)
    build(room.box, other)
    assert drafts.read(room.box, other).title == "Mon titre"


def test_the_language_is_found_in_the_files_and_can_be_said(room):
    ident = room.draft()
    assert build(room.box, ident)["language"] == "fr"
    drafts.change(room.box, replace(drafts.read(room.box, ident), language="en"))
    assert build(room.box, ident)["language"] == "en"


def test_what_is_for_teachers_is_in_no_byte_of_what_pupils_get(room):
    ident = room.draft(staff="SECRET-ANSWER")
    build(room.box, ident)
    place = drafts.folder(room.box, ident)
    for path in [place / "built.edpack", *(one for one in (place / "site").rglob("*") if one.is_file())]:
        assert b"SECRET-ANSWER" not in path.read_bytes()
    assert (place / "staff.edpack").exists()
    for path in drafts.paths(place / "staff"):
        drafts.remove_file(room.box, ident, path, staff=True)
    build(room.box, ident)
    assert not (place / "staff.edpack").exists()


def test_a_failed_build_says_why_and_leaves_the_last_one(room):
    ident = room.draft()
    build(room.box, ident)
    before = report(room.box, ident)
    room.put(ident, "lesson.toml", "title = [")
    with pytest.raises(Exception, match=r"lesson\.toml"):
        build(room.box, ident)
    place = drafts.folder(room.box, ident)
    assert said(place / "progress.json")["state"] == "failed"
    assert report(room.box, ident) == before
    assert zipfile.is_zipfile(place / "built.edpack")
    assert not list(place.glob(".edubox-*"))


def test_a_build_that_wants_more_memory_than_a_box_gives_says_so_and_the_draft_stays(room):
    ident = room.draft()
    place = drafts.folder(room.box, ident)
    before = sorted(path.read_bytes() for path in (place / "files").iterdir())
    child = """
import resource, sys
from edubox.cli import run
resource.setrlimit(resource.RLIMIT_DATA, (90 * 1024 * 1024, resource.RLIM_INFINITY))  # less than the compressor alone
sys.exit(run(["draft", "build", sys.argv[1], "--data", sys.argv[2]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", child, ident, str(room.box)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "takes more memory to read than this box has" in done.stderr
    assert "Traceback" not in done.stderr
    assert (said(place / "progress.json")["state"], said(place / "progress.json")["error"]) == (
        "failed",
        "too-heavy",
    )
    assert sorted(path.read_bytes() for path in (place / "files").iterdir()) == before
    assert not [*place.glob(".edubox-*"), *place.glob("built.edpack")]
    assert build(room.box, ident)["files"] == 1


def test_what_should_be_looked_at_before_giving_is_kept_apart_and_hinders_nothing(room):
    ident = room.draft()
    room.put(ident, "sortie.md", "# Sortie\n\nTél. 06 37 58 66 13")
    made = build(room.box, ident)
    assert [one["details"]["found"] for one in made["lint"]] == ["06 37 58 66 13"]
    assert made["warnings"] == []
    assert is_current(room.box, drafts.read(room.box, ident))


def test_an_empty_draft_is_no_lesson(room):
    with pytest.raises(EmptyPack):
        build(room.box, drafts.create(room.box, ADA, "Vide").id)


def test_what_a_killed_build_left_goes_with_the_next_one(room):
    ident = room.draft()
    left = drafts.folder(room.box, ident) / ".edubox-killed"
    left.mkdir()
    (left / "half").write_text("x")
    build(room.box, ident)
    assert not left.exists()


def test_a_hostile_report_is_no_report(room):
    ident = room.draft()
    note = drafts.folder(room.box, ident) / drafts.REPORT
    for text in ("[]", "{", '{"format": 2}', '"x"'):
        note.write_text(text)
        assert report(room.box, ident) == {}


def test_the_command_builds_and_says_what_it_found(room):
    ident = room.draft()
    assert edubox_json("draft", "build", ident, "--data", room.box)["files"] == 1
    edubox("draft", "build", "a" * 26, "--data", room.box, check=2)
