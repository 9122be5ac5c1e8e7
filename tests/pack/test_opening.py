from __future__ import annotations

import os
import unicodedata
import zipfile
from functools import partial

import pytest

from edubox.errors import BadArchive, Bomb, EmptyPack, UnreadableSource, UnsafePath
from edubox.pack import opening
from edubox.pack.archive import open_archive
from edubox.pack.opening import open_source
from tests.pack.zips import write_link, write_named, write_zip


def opened(source, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    return open_source(source, work)


def names(source, tmp_path):
    return [found.path for found in opened(source, tmp_path).files]


def zipped(tmp_path, members):
    return write_zip(tmp_path / "lesson.zip", members)


# --- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "cp1252"])
def test_a_zip_made_on_any_system_keeps_its_accents(tmp_path, encoding):
    wanted = ["Élèves/été.html", "Élèves/ça_va.html", "Élèves/où.html"]
    source = write_named(tmp_path / "a.zip", [name.encode(encoding) for name in [*wanted, "b.html"]])
    assert names(source, tmp_path) == sorted([*wanted, "b.html"])


def test_decomposed_names_of_a_mac_become_composed(tmp_path):
    source = write_named(tmp_path / "a.zip", [unicodedata.normalize("NFD", "été.html").encode()])
    assert names(source, tmp_path) == ["été.html"]


def test_arabic_and_emoji_and_255_bytes_are_kept(tmp_path):
    wanted = sorted(["درس.html", "🌍.html", "é" * 125 + ".html"])
    assert len(os.fsencode(wanted[1])) <= 255
    assert names(zipped(tmp_path, dict.fromkeys(wanted, b"x")), tmp_path) == wanted


def test_a_folder_with_names_that_are_not_utf8_is_read(tmp_path):
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / os.fsdecode("été.html".encode("cp1252"))).write_bytes(b"x")
    assert names(folder, tmp_path) == ["été.html"]


def test_backslashes_of_old_windows_programs_are_folders(tmp_path):
    assert names(zipped(tmp_path, {"a\\b.html": b"x", "c.html": b"x"}), tmp_path) == ["a/b.html", "c.html"]


def test_junk_of_systems_is_dropped_in_silence(tmp_path):
    junk = ["__MACOSX/._a.html", ".DS_Store", "img/Thumbs.db", ".git/config", "x/desktop.ini", "~$a.docx"]
    source = zipped(tmp_path, dict.fromkeys([*junk, "a.html", "img/a.png"], b"x"))
    found = opened(source, tmp_path)
    assert [one.path for one in found.files] == ["a.html", "img/a.png"]
    assert found.left_out == []


def test_the_one_folder_around_everything_is_taken_off(tmp_path):
    assert names(zipped(tmp_path, {"lesson/a.html": b"", "lesson/b/c.html": b""}), tmp_path) == [
        "a.html",
        "b/c.html",
    ]


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../a.html", "a/../../b", "/etc/passwd", "C:/a.html", "a//b.html", "..\\a", "./a"]
)
def test_a_path_that_leaves_its_folder_is_refused(tmp_path, name):
    with pytest.raises(UnsafePath):
        opened(zipped(tmp_path, {name: b"x", "b.html": b"x"}), tmp_path)


def test_a_link_in_a_zip_is_left_out_and_said(tmp_path):
    source = write_link(tmp_path / "a.zip", "link.html", "/etc/passwd", {"a.html": b"x"})
    found = opened(source, tmp_path)
    assert [one.path for one in found.files] == ["a.html"]
    assert "link.html" in found.left_out[0]


def test_links_and_pipes_in_a_folder_are_left_out_and_said(tmp_path):
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "a.html").write_bytes(b"x")
    (folder / "passwd.html").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.html")
    found = opened(folder, tmp_path)
    assert [one.path for one in found.files] == ["a.html"]
    assert len(found.left_out) == 3


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path):
    source = zipped(tmp_path, {"zeros.html": bytes(50_000_000)})
    with pytest.raises(Bomb):
        opened(source, tmp_path)
    assert sum(path.stat().st_size for path in (tmp_path / "work").iterdir()) < 12_000_000


def test_many_small_bombs_are_one_bomb(tmp_path):
    # Each member stays below the floor at which ratios count; together they do not.
    source = zipped(tmp_path, {f"{number}.txt": bytes(1_000_000) for number in range(300)})
    with pytest.raises(Bomb):
        opened(source, tmp_path)


def test_an_absolute_cap_holds_whatever_the_ratio(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_TOTAL", 100_000)
    with pytest.raises(Bomb):
        opened(zipped(tmp_path, {"a.bin": os.urandom(60_000), "b.bin": os.urandom(60_000)}), tmp_path)


def test_a_list_of_members_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    source = zipped(tmp_path, {f"{number}.txt": b"" for number in range(1000)})
    monkeypatch.setattr(opening, "open_archive", partial(open_archive, largest_directory=10_000))
    with pytest.raises(Bomb):
        opened(source, tmp_path)


def test_more_files_than_a_lesson_may_have_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_FILES", 3)
    folder = tmp_path / "lesson"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.html").write_bytes(b"")
    with pytest.raises(Bomb):
        opened(zipped(tmp_path, dict.fromkeys("abcd", b"")), tmp_path)
    with pytest.raises(UnreadableSource):
        open_source(folder, tmp_path)


def test_a_zip_that_is_cut_anywhere_is_refused(tmp_path):
    data = zipped(tmp_path, {"a.html": b"words " * 100, "b.html": os.urandom(300)}).read_bytes()
    for end in range(0, len(data) - 1, 17):
        source = tmp_path / "cut.zip"
        source.write_bytes(data[:end])
        work = tmp_path / str(end)
        work.mkdir()
        with pytest.raises(BadArchive):
            open_source(source, work)


def test_a_member_with_flipped_bits_is_refused(tmp_path):
    source = zipped(tmp_path, {"a.html": os.urandom(500)})
    data = bytearray(source.read_bytes())
    data[200] ^= 1
    source.write_bytes(data)
    with pytest.raises(BadArchive):
        opened(source, tmp_path)


def test_a_zip_with_a_password_is_refused(tmp_path):
    source = zipped(tmp_path, {"a.html": b"secret"})
    data = bytearray(source.read_bytes())
    data[6] |= 1  # the flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the list of members
    source.write_bytes(data)
    with pytest.raises(BadArchive, match="password"):
        opened(source, tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compression_that_may_take_gigabytes_of_memory_is_refused(tmp_path, method):
    with pytest.raises(BadArchive, match="unusual"):
        opened(write_zip(tmp_path / "a.zip", {"a.html": b"x" * 100}, method), tmp_path)


def test_a_name_that_occurs_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.html", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.html", b"two")
    with pytest.raises(BadArchive, match="twice"):
        opened(tmp_path / "a.zip", tmp_path)


@pytest.mark.parametrize("members", [{}, {".DS_Store": b"x"}, {"folder/": b""}])
def test_nothing_to_make_a_lesson_of_is_said(tmp_path, members):
    with pytest.raises(EmptyPack):
        opened(zipped(tmp_path, members), tmp_path)


def test_an_empty_folder_is_said(tmp_path):
    (tmp_path / "lesson").mkdir()
    with pytest.raises(EmptyPack):
        opened(tmp_path / "lesson", tmp_path)


def test_a_source_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    with pytest.raises(UnreadableSource, match="absent"):
        opened(tmp_path / "absent", tmp_path)
    os.mkfifo(tmp_path / "pipe.html")
    with pytest.raises(UnreadableSource):
        open_source(tmp_path / "pipe.html", tmp_path)
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "a.html").write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything, a teacher may not
    with pytest.raises(UnreadableSource, match=r"a\.html"):
        open_source(folder, tmp_path)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    (tmp_path / "lesson").mkdir()
    monkeypatch.setattr(
        os, "scandir", lambda path: (_ for _ in ()).throw(PermissionError(13, "Permission denied", path))
    )
    with pytest.raises(UnreadableSource, match="Permission denied"):
        opened(tmp_path / "lesson", tmp_path)


# --- documents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        ["h5p.json", "content/content.json"], ["imsmanifest.xml", "a.html"], ["[Content_Types].xml", "word/document.xml"],
        ["mimetype", "META-INF/container.xml"], ["mimetype", "META-INF/manifest.xml"], ["geogebra.xml"],
        ["moodle_backup.xml", "users.xml"],
    ],
)  # fmt: skip
def test_a_zip_that_is_one_document_stays_one_file(tmp_path, members):
    found = opened(zipped(tmp_path, dict.fromkeys(members, b"x")), tmp_path)
    assert found.single
    assert [one.path for one in found.files] == ["lesson.zip"]


def test_one_document_is_its_own_lesson(tmp_path):
    (tmp_path / "cours.pdf").write_bytes(b"%PDF-")
    found = opened(tmp_path / "cours.pdf", tmp_path)
    assert (found.name, found.single, found.files[0].size) == ("cours", True, 5)
    with found.files[0].open() as handle:
        assert handle.read() == b"%PDF-"
