"""What the catalogue forgets for good: not a word of it is left in any file, while the class goes on searching."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from edubox.box.database import Database
from edubox.box.library import Library
from edubox.errors import Busy
from tests.box.school import NOW, School, page

PUBLISHER, NEW = "ministry/test", "lille/test"
SECRET = page("Secret", "<p>" + "zqxwvmarque oubliée " * 400 + "</p>")
FINE = page("Volcans", "<p>" + "La lave coule. " * 400 + "</p>")


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    school.add("fine", {"index.html": FINE})
    school.add("secret", {"index.html": SECRET})
    school.add("secret", {"index.html": SECRET + b"<p>corrected</p>"}, version=2)
    return school


def written(school) -> bytes:
    return b"".join(path.read_bytes() for path in school.data.glob("box.db*"))


def found(school, word: str) -> int:
    """How many passages the search finds *word* in."""
    with sqlite3.connect(school.data / "box.db") as db:
        return db.execute("SELECT count(*) FROM passage WHERE passage MATCH ?", (word,)).fetchone()[0]


def test_a_withdrawn_lesson_can_still_be_read_in_the_file_and_a_forgotten_one_cannot(school):
    # Somebody has the file open, as the serving process always has: the journal is not emptied then.
    with closing(sqlite3.connect(school.data / "box.db")) as reader:
        reader.execute("SELECT count(*) FROM lesson").fetchone()
        school.catalogue.withdraw(PUBLISHER, "secret", 3)
        assert b"qxwvmarqu" in written(school), "withdrawing is not enough"
        school.catalogue.forget_traces()
        assert b"qxwvmarqu" not in written(school)
    assert found(school, "lave")
    assert not found(school, "zqxwvmarque")
    assert Library(school.data).lesson(f"{PUBLISHER}/fine") is not None


@pytest.mark.parametrize("corrections", range(4))
def test_no_word_is_left_with_an_sqlite_that_leaves_what_it_frees(tmp_path, monkeypatch, corrections):
    real = Database._connect

    def careless(self):
        connection = real(self)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(Database, "_connect", careless)
    school = School(tmp_path / "box")
    for number in range(12):
        school.add(f"fine-{number}", {"index.html": FINE + b"%d" % number})
    school.add("secret", {"index.html": SECRET})
    for number in range(corrections):
        school.add("secret", {"index.html": SECRET + b"<p>%d</p>" % number}, version=number + 2)
    school.catalogue.withdraw(PUBLISHER, "secret", 9)
    assert b"qxwvmarqu" in written(school)
    school.catalogue.forget_traces()
    assert b"qxwvmarqu" not in written(school)


def test_readers_that_are_open_go_on_and_see_the_new_file(school):
    library = Library(school.data)
    assert library.lesson(f"{PUBLISHER}/secret") is not None
    school.catalogue.withdraw(PUBLISHER, "secret", 3)
    school.catalogue.forget_traces()
    assert library.lesson(f"{PUBLISHER}/secret") is None
    assert library.lesson(f"{PUBLISHER}/fine") is not None


def test_while_somebody_reads_an_old_state_the_journal_stays_and_that_is_said(school, monkeypatch):
    monkeypatch.setattr("edubox.box.database.PATIENCE", 0.1)
    reader = sqlite3.connect(school.data / "box.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM lesson").fetchone()
    school.catalogue.withdraw(PUBLISHER, "secret", 3)
    with pytest.raises(Busy):
        school.catalogue.forget_traces()
    reader.close()
    school.catalogue.forget_traces()
    assert b"qxwvmarqu" not in written(school)


def test_without_a_database_there_is_nothing_to_forget(tmp_path):
    school = School(tmp_path / "box")
    for path in school.data.glob("box.db*"):
        path.unlink()
    school.catalogue.forget_traces()
    assert not (school.data / "box.db").exists()


def test_a_moved_publisher_keeps_its_lessons_its_words_and_its_freshness(school):
    school.catalogue.verified(f"publishers/{PUBLISHER}", "x", NOW, None)
    school.catalogue.moved(PUBLISHER, NEW)
    assert {one.publisher for one in school.catalogue.installed()} == {NEW}
    assert school.catalogue.last_fresh(f"publishers/{NEW}") == NOW
    assert school.catalogue.last_fresh(f"publishers/{PUBLISHER}") is None
    assert found(school, "lave")
    assert found(school, "zqxwvmarque")
