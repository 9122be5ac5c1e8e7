"""What people wrote survives cuts, damage and new forms of the file; what they erased is gone from it."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from edubox.box.health import Box
from edubox.box.health import school as check
from edubox.box.school import classes, database
from edubox.box.school.database import FORMS, NAME, SchoolFile
from edubox.errors import DamagedSchool, NoRoom, UnknownFormat


@pytest.fixture
def school(tmp_path):
    return SchoolFile(tmp_path)


def names(school):
    return [one.name for one in classes.every(school)]


def test_there_is_no_file_until_somebody_writes_and_then_only_its_owner_reads_it(school):
    assert classes.every(school) == []
    assert not school.path.exists()
    classes.make(school, "6e B")
    assert names(school) == ["6e B"]
    assert school.path.stat().st_mode & 0o077 == 0


def test_what_fails_half_way_leaves_nothing(school):
    classes.make(school, "6e B")

    def work(db):
        db.execute("DELETE FROM class")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        school.write(work)
    assert names(school) == ["6e B"]


def test_a_file_of_an_older_form_comes_forward_with_everything_in_it(school, monkeypatch):
    classes.make(school, "6e B")
    monkeypatch.setattr(
        database, "FORMS", (*FORMS, ("ALTER TABLE class ADD COLUMN room TEXT NOT NULL DEFAULT 'B12'",))
    )
    row = SchoolFile(school.path.parent).read(
        lambda db: dict(db.execute("SELECT * FROM class").fetchone()), None
    )
    assert (row["name"], row["room"]) == ("6e B", "B12")
    classes.make(school, "5e A")
    assert names(school) == ["5e A", "6e B"]


def test_a_step_forward_that_is_cut_leaves_the_older_form_whole(school, monkeypatch):
    classes.make(school, "6e B")
    with monkeypatch.context() as cut:
        cut.setattr(database, "FORMS", (*FORMS, ("ALTER TABLE class ADD COLUMN room TEXT", "SELECT cut")))
        with pytest.raises(sqlite3.OperationalError):
            classes.every(school)
    assert names(school) == ["6e B"]


def test_a_file_of_a_newer_edubox_is_left_alone(school):
    classes.make(school, "6e B")
    with sqlite3.connect(school.path) as db:
        db.execute(f"PRAGMA user_version = {len(FORMS) + 1}")
    before = school.path.read_bytes()
    with pytest.raises(UnknownFormat):
        classes.every(school)
    with pytest.raises(UnknownFormat):
        classes.make(school, "5e A")
    assert school.path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"x" * 5000], ids=["emptied", "overwritten"])
def test_a_damaged_file_is_said_set_aside_and_never_thrown_away(school, damage):
    classes.make(school, "6e B")
    box = Box(school.path.parent, {})
    assert check.check(box).level == "good"
    for number in (1, 2):
        school.path.write_bytes(damage + bytes([number]) if damage else damage)
        with pytest.raises(DamagedSchool, match="backup"):
            classes.every(school)
        assert check.check(box).level == "broken"
        classes.make(SchoolFile(box.data), "5e A")
        assert names(school) == ["5e A"]
        assert [path.name for path in school.damaged()] == [
            f"{NAME}.damaged-{n}" for n in range(1, number + 1)
        ]
        assert school.damaged()[-1].read_bytes().startswith(damage)
        finding = check.check(box)
        assert finding.level == "warning"
        assert f"{NAME}.damaged-{number}" in finding.sentence


def test_a_page_lost_in_the_middle_is_found_before_the_next_change(school):
    classes.make(school, "6e B")
    for number in range(60):
        classes.give(
            school, classes.every(school)[0].code, f"a/b/l{number}", "x" * 150, day=1, note="y" * 150
        )
    content = bytearray(school.path.read_bytes())
    content[-4096 : -4096 + 64] = b"\xff" * 64
    school.path.write_bytes(content)
    with pytest.raises(DamagedSchool):
        school.check()
    classes.make(SchoolFile(school.path.parent), "5e A")
    assert names(school) == ["5e A"]
    assert school.damaged()[0].read_bytes() == content


def test_a_full_card_is_said_and_loses_nothing(school):
    code = classes.make(school, "6e B")

    def work(db):
        db.execute("PRAGMA max_page_count = 1")
        db.execute("UPDATE class SET name = ?", ("x" * 100_000,))

    with pytest.raises(NoRoom):
        school.write(work)
    assert classes.of_code(school, code).name == "6e B"


def test_what_was_erased_is_nowhere_in_the_folder(school, monkeypatch):
    real = sqlite3.connect

    def careless(*where, **how):
        """As SQLite is in most builds; Debian's erases by itself."""
        db = real(*where, **how)
        db.execute("PRAGMA secure_delete = 0")
        return db

    monkeypatch.setattr(database.sqlite3, "connect", careless)
    code = classes.make(school, "Zanzibar")
    classes.announce(school, code, "Xylophone", "2026-12-01", "2026-11-25")
    classes.give(school, code, "a/b/c", "Wombat", day=1, note="Quetzal")
    classes.make(school, "5e A")
    classes.delete(school, code)
    kept = b"".join(path.read_bytes() for path in school.path.parent.iterdir())
    assert b"5e A" in kept
    for word in (b"Zanzibar", b"Xylophone", b"Wombat", b"Quetzal"):
        assert word not in kept


def test_many_write_at_once_and_every_word_is_kept(school):
    threads = [threading.Thread(target=classes.make, args=(school, f"{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names(school)) == sorted(str(n) for n in range(8))


def test_a_change_of_this_or_another_process_makes_another_version(school):
    seen = [school.version()]
    classes.make(school, "6e B")
    seen.append(school.version())
    classes.make(SchoolFile(school.path.parent), "5e A")
    seen.append(school.version())
    assert len(set(seen)) == 3
    assert school.version() == seen[-1]
