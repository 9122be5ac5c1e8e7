"""The catalogue: what a synchronisation says is what pupils see, at once and after a power cut."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.database import DAY, FORMAT, Database
from edubox.box.library import Library
from edubox.errors import DamagedCatalogue, NoRoom, UnknownFormat, UnusablePath
from edubox.pack.manifest import Item
from tests.box.school import NOW, School, manifest_of, page

FILES = {"index.html": page("Volcans", "<p>La lave coule.</p>")}
PUBLISHER = "ministry/test"


@pytest.fixture
def school(tmp_path):
    return School(tmp_path / "box")


def test_a_lesson_is_seen_the_moment_it_is_activated(school):
    manifest = school.add(
        "volcans", FILES, title="Les volcans", description="La lave.", about=["svt"], version=7
    )
    (installed,) = school.catalogue.installed()
    assert (installed.publisher, installed.slug, installed.version, installed.manifest, installed.state) == (
        PUBLISHER, "volcans", 7, manifest, "ready",
    )  # fmt: skip
    lesson = Library(school.data).lesson("ministry/test/volcans")
    assert lesson.card.title == "Les volcans"
    assert lesson.card.subjects == ("svt",)
    assert [part.path for part in lesson.parts] == ["index.html"]


def test_chapters_group_and_what_opens_is_numbered_in_reading_order(school):
    files = {"a.html": page("A"), "b.html": page("B"), "c.html": page("C")}
    toc = (
        Item("Un", "html", None, items=(Item("A", "html", "a.html", items=(Item("B", "html", "b.html"),)),)),
        Item("C", "html", "c.html"),
    )
    school.add("x", files, toc=toc)
    parts = Library(school.data).lesson("ministry/test/x").parts
    assert [(part.title, part.number, part.depth) for part in parts] == [
        ("Un", 0, 0),
        ("A", 1, 1),
        ("B", 2, 2),
        ("C", 3, 0),
    ]


def test_a_lesson_has_the_picture_that_its_list_of_contents_names(school):
    ident = school.add("y", {"index.html": page("Y"), "c/é.webp": b"x"}, image="c/é.webp")
    school.add("z", {"index.html": page("Z")})
    assert [card.picture for card in Library(school.data).cards()] == ["", f"{ident}/c/é.webp"]


def test_a_new_version_replaces_the_old_one_and_its_words(school):
    school.add("x", FILES)
    school.add("x", {"index.html": page("Fleuves", "<p>L'eau coule.</p>")}, version=2)
    library = Library(school.data)
    assert [one.version for one in school.catalogue.installed()] == [2]
    assert not library.search("lave", "fr")
    assert library.search("fleuves", "fr")


def places(school):
    """Page → the numbers of its passages, and the parts they are in."""
    found = {}
    with sqlite3.connect(school.data / "box.db") as db:
        for ident, part, file, title in db.execute(
            "SELECT place.id, part, file, title FROM place JOIN passage ON passage.rowid = place.id WHERE part > 0"
        ):
            found.setdefault(title.partition(" – ")[0] or file, []).append((ident, part))
    return found


def test_a_correction_of_one_page_costs_the_reading_of_one_page(school):
    pages = {f"{name}.html": page(name, f"<p>Le mot {name}.</p>") for name in ("a", "b", "c")}
    toc = tuple(Item(path.removesuffix(".html"), "html", path) for path in pages)
    school.add("x", pages, toc=toc)
    before = places(school)
    pages["b.html"] = page("b", "<p>Corrigé.</p>")
    pages["neuf.html"] = page("neuf", "<p>Une introduction.</p>")
    school.add("x", pages, toc=(Item("neuf", "html", "neuf.html"), *toc), version=2)
    after = places(school)
    assert [ident for ident, _ in after["a"] + after["c"]] == [
        ident for ident, _ in before["a"] + before["c"]
    ]
    assert [after[name][0][1] for name in ("neuf", "a", "b", "c")] == [1, 2, 3, 4], (
        "parts have moved on by one"
    )
    library = Library(school.data)
    (hit,) = library.search("corrigé", "fr")
    assert (hit.part, hit.part_title) == (3, "b")
    assert len(library.search("introduction", "fr")) == 1


def test_a_page_that_opens_twice_is_found_once_however_often_the_lesson_is_corrected(school):
    for version in (1, 2, 3):
        files = {"a.html": page("A", "<p>magma</p>"), "b.html": page("B", f"<p>{version}</p>")}
        toc = (Item("A", "html", "a.html"), Item("B", "html", "b.html"), Item("A", "html", "a.html"))
        school.add("x", files, toc=toc, version=version)
        assert len(places(school)["A"]) == 1


def test_a_lesson_without_end_ends(school, monkeypatch):
    monkeypatch.setattr("edubox.box.catalog.MOST", 5)
    school.add("x", {"i.html": page("x", "<p>mot mot</p>" * 5000)})
    assert sum(map(len, places(school).values())) == 4, "and one passage for the lesson as a whole"


def test_the_last_file_that_arrives_changes_only_the_state(school):
    files = {**FILES, "film.mp4": b"film" * 100}
    manifest = manifest_of(files)
    school.install("x", manifest, files, absent=("film.mp4",))
    library = Library(school.data)
    before = library.lesson("ministry/test/x")
    assert before.card.incomplete
    assert [part.present for part in before.parts] == [True, False]
    added = before.card.added
    school.install("x", manifest, files)
    after = library.lesson("ministry/test/x")
    assert not after.card.incomplete
    assert all(part.present for part in after.parts)
    assert after.card.added == added


def test_a_withdrawn_lesson_leaves_nothing_behind(school):
    school.add("x", FILES)
    school.catalogue.withdraw(PUBLISHER, "x", 2)
    school.catalogue.withdraw(PUBLISHER, "never-there", 1)
    assert school.catalogue.installed() == []
    with sqlite3.connect(school.data / "box.db") as db:
        assert [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("lesson", "part", "place", "passage")
        ] == [0] * 4


def test_what_is_new_does_not_depend_on_the_clock(school, monkeypatch):
    for moment, slug in ((2_000_000_000, "first"), (1_000, "second")):
        monkeypatch.setattr("edubox.box.catalog.time.time", lambda moment=moment: moment)
        school.add(slug, {"index.html": page(slug)})
    assert [card.address.rpartition("/")[2] for card in Library(school.data).cards()] == ["second", "first"]


def test_pages_know_when_they_are_old(school):
    library = Library(school.data)
    seen = [library.changes()]
    for act in (
        lambda: school.add("x", FILES),
        lambda: school.catalogue.withdraw(PUBLISHER, "x", 2),
        lambda: school.catalogue.set_country(b'{"format":1}'),
    ):
        act()
        seen.append(library.changes())
    assert seen == sorted(set(seen))
    school.catalogue.set_country(b'{"format":1}')
    school.catalogue.verified("directory", "directory", NOW, None)
    assert library.changes() == seen[-1], "a night without news renders nothing again"


def test_freshness_is_remembered_and_staleness_counted(school):
    assert school.catalogue.last_fresh("directory") is None
    assert school.catalogue.stale_days() == 0
    school.catalogue.verified("directory", "directory", NOW, None)
    assert school.catalogue.last_fresh("directory") == NOW
    ended = datetime.now(UTC) - timedelta(days=100, hours=1)
    school.catalogue.verified("directory", "directory", NOW + timedelta(days=1), ended)
    assert school.catalogue.last_fresh("directory") == NOW, "stale is not fresh"
    assert school.catalogue.stale_days() == 100
    school.catalogue.verified("directory", "directory", NOW + timedelta(days=2), None)
    assert school.catalogue.stale_days() == 0


def test_reading_needs_no_box_db_and_makes_none(tmp_path):
    library, catalogue = Library(tmp_path), Catalogue(tmp_path)
    assert (library.cards(), library.lesson("a/b/c"), library.search("x", "fr"), library.changes()) == (
        [],
        None,
        [],
        0,
    )
    assert (catalogue.installed(), catalogue.stale_days(), library.began()) == ([], 0, False)
    assert not list(tmp_path.iterdir())


# --- damage ---


def damage(path, kind):
    if kind == "not a database":
        path.write_bytes(b"\0" * 8192)
    elif kind == "torn pages":
        data = bytearray(path.read_bytes())
        data[4096:] = os.urandom(len(data) - 4096)
        path.write_bytes(data)
    else:
        path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("kind", ["not a database", "torn pages", "cut short"])
def test_a_damaged_database_is_said_then_set_aside_and_made_again(school, kind):
    school.add("x", FILES)
    damage(school.data / "box.db", kind)
    reader, writer = Library(school.data), Catalogue(school.data)
    with pytest.raises(DamagedCatalogue):
        reader.cards()
    assert writer.installed() == [], "a synchronisation installs all of them again"
    school.catalogue = writer
    school.add("x", FILES)
    assert (school.data / "box.db.damaged").exists()
    assert [card.title for card in reader.cards()] == ["La leçon"], "the serving process sees the new one"
    assert reader.search("lave", "fr")


def test_damage_that_a_synchronisation_would_not_meet_is_repaired_the_next_day(school, monkeypatch):
    for number in range(40):
        school.add(f"l{number}", {"index.html": page(f"Leçon {number}", "mot " * 300)})
    path = school.data / "box.db"
    data = bytearray(path.read_bytes())
    data[-5 * 4096 : -2 * 4096] = os.urandom(3 * 4096)
    path.write_bytes(data)
    with monkeypatch.context() as same_day:
        same_day.setattr(Database, "check", lambda _: pytest.fail("the whole file was read twice in a day"))
        Catalogue(school.data).verified("directory", "directory", NOW, None)
    tomorrow = time.time() + DAY
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    nightly = Catalogue(school.data)
    nightly.verified("directory", "directory", NOW, None)
    assert nightly.installed() == [], "a synchronisation installs all of them again"
    assert (school.data / "box.db.damaged").exists()


def test_a_card_that_turned_read_only_is_still_read(school, monkeypatch):
    school.add("x", FILES)
    for end in ("-wal", "-shm"):
        (school.data / f"box.db{end}").unlink(missing_ok=True)
    real = os.statvfs
    monkeypatch.setattr(
        os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY, f_bavail=real(path).f_bavail)
    )
    reader = Library(school.data)
    assert len(reader.cards()) == 1
    assert not (school.data / "box.db-shm").exists(), "SQLite could not make it on such a card"


def test_a_database_that_may_not_be_opened_is_a_sentence(school):
    school.add("x", FILES)
    (school.data / "box.db").unlink()
    (school.data / "box.db").mkdir()
    with pytest.raises(UnusablePath, match=r"box\.db"):
        Library(school.data).cards()


def test_an_empty_file_is_no_catalogue(school):
    (school.data / "box.db").unlink()
    (school.data / "box.db").write_bytes(b"")
    school.add("x", FILES)
    assert len(Library(school.data).cards()) == 1


def test_a_database_of_an_older_edubox_is_made_anew(school):
    school.add("x", FILES)
    with sqlite3.connect(school.data / "box.db") as db:
        db.execute("PRAGMA user_version = 1")
    db.close()
    with pytest.raises(DamagedCatalogue, match="edubox sync"):
        Library(school.data).cards()
    school.catalogue = Catalogue(school.data)
    assert school.catalogue.installed() == [], "a synchronisation installs all of them again"
    school.add("x", FILES)
    assert len(Library(school.data).cards()) == 1


def test_a_table_is_not_changed_without_its_number(school):
    """Change FORMAT together with this: boxes that are updated would keep tables that no code knows."""
    with sqlite3.connect(school.data / "box.db") as db:
        every = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'passage_*' ORDER BY name"
        )
        names = [name for (name,) in db.execute(every)]
        tables = [
            (name, [tuple(one[1:3]) for one in db.execute(f"PRAGMA table_info({name})")]) for name in names
        ]
    db.close()
    assert (FORMAT, zlib.crc32(repr(tables).encode())) == (4, 4128720521)


def test_a_database_of_a_newer_edubox_is_left_alone(school):
    with sqlite3.connect(school.data / "box.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UnknownFormat):
        Library(school.data).cards()
    with pytest.raises(UnknownFormat):
        school.add("x", FILES)
    assert not (school.data / "box.db.damaged").exists()


def test_a_lesson_that_fails_half_way_is_not_there_at_all(school, monkeypatch):
    school.add("x", FILES, title="Avant")

    def full(*_):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error
        yield

    monkeypatch.setattr("edubox.box.catalog.passages", full)
    with pytest.raises(NoRoom):
        school.add("x", {"index.html": page("Après")}, title="Après", version=2)
    library = Library(school.data)
    assert [card.title for card in library.cards()] == ["Avant"]
    assert library.search("lave", "fr")


def test_what_was_activated_outlives_a_killed_process(tmp_path):
    program = """
import os, sys
from pathlib import Path
from tests.box.school import School, page
school = School(Path(sys.argv[1]))
school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "box")], check=False, cwd=os.getcwd()
    )
    assert done.returncode == -9
    assert [card.title for card in Library(tmp_path / "box").cards()] == ["Les volcans"]


def test_activation_is_synced_to_the_disk(school, monkeypatch):
    seen = []
    original = sqlite3.connect

    class Watched(sqlite3.Connection):
        def execute(self, sql, *arguments):
            if sql == "COMMIT":
                seen.append(
                    (
                        super().execute("PRAGMA synchronous").fetchone()[0],
                        super().execute("PRAGMA journal_mode").fetchone()[0],
                    )
                )
            return super().execute(sql, *arguments)

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: original(*a, factory=Watched, **k))
    school.add("x", FILES)
    full = 2
    assert seen == [(full, "wal")]
