from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import zipfile

import pytest

from edubox.errors import (
    AlreadyExists,
    BadArchive,
    BadBundle,
    BadManifest,
    Bomb,
    EduboxError,
    NoRoom,
    UnknownFormat,
    UnreadableSource,
    UnsafePath,
)
from edubox.pack import edpack
from edubox.pack.canonical import write
from edubox.pack.edpack import check, extract, open_edpack, write_edpack
from tests.pack.lessons import lesson, opener

FILM = os.urandom(9 << 20)
CONTENTS = {
    "a.html": b"<p>one</p>" * 50,
    "b/film.mp4": FILM,
    "copy.html": b"<p>one</p>" * 50,
    "empty.txt": b"",
}
MANIFEST = lesson(CONTENTS, frozenset({"b/film.mp4"}))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("lesson") / "lesson.edpack"
    write_edpack(path, MANIFEST, opener(CONTENTS))
    return path


def rewritten(whole, tmp_path, **changed):
    """The lesson file with members replaced (bytes), removed (None) or added; ``media`` stands for the film."""
    film = "objects/" + MANIFEST.file("b/film.mp4").sha256
    with zipfile.ZipFile(whole) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, data in changed.items():
        members[{"manifest": "manifest.json", "media": film}.get(name, name)] = data
    path = tmp_path / "changed.edpack"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def test_a_lesson_file_gives_back_every_file_byte_for_byte(whole, tmp_path):
    assert check(whole) == MANIFEST
    assert extract(whole, tmp_path / "out") == MANIFEST
    found = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert found == CONTENTS
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_it_is_a_stored_zip_that_anyone_can_look_into(whole):
    with zipfile.ZipFile(whole) as archive:
        assert archive.namelist() == [
            "manifest.json",
            "bundle",
            "objects/" + hashlib.sha256(FILM).hexdigest(),
        ]
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
        assert archive.read("manifest.json") == MANIFEST.to_bytes()


def test_the_same_lesson_gives_the_same_bytes(whole, tmp_path):
    write_edpack(tmp_path / "again.edpack", MANIFEST, opener(CONTENTS))
    assert (tmp_path / "again.edpack").read_bytes() == whole.read_bytes()


def test_a_publisher_gets_objects_bundle_and_media(whole, tmp_path):
    objects = tmp_path / "objects"
    objects.mkdir()
    with open_edpack(whole) as found:
        assert found.verify(objects) == MANIFEST
        found.copy_bundle(tmp_path / "bundle")
        with found.open_media(MANIFEST.file("b/film.mp4")) as stream:
            assert stream.read() == FILM
        facts = found.bundle
    assert {path.name for path in objects.iterdir()} == {
        file.sha256 for file in MANIFEST.files if not file.media
    }
    data = (tmp_path / "bundle").read_bytes()
    assert (facts.sha256, facts.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (facts.unpacked, facts.files) == (500, 2), "each content counts once"


def test_opening_costs_the_list_and_the_manifest_only(whole, tmp_path):
    damaged = bytearray(whole.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "damaged.edpack"
    path.write_bytes(damaged)
    with open_edpack(path) as found:
        assert found.manifest == MANIFEST
    with pytest.raises((BadArchive, BadBundle)):
        check(path)


def test_a_bit_flipped_or_a_byte_cut_anywhere_is_noticed(tmp_path):
    contents = {"a.html": b"<p>one</p>", "m.bin": b"media"}
    path = tmp_path / "small.edpack"
    write_edpack(path, lesson(contents, frozenset({"m.bin"})), opener(contents))
    data = path.read_bytes()
    expected = check(path)
    for at in range(len(data)):
        path.write_bytes(data[:at])
        with pytest.raises(EduboxError):
            check(path)
    for at in range(0, len(data), 3):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        try:
            assert check(path) == expected, "dates and modes of members mean nothing"
        except EduboxError:
            pass


def test_a_failed_extract_leaves_nothing(whole, tmp_path):
    for path in (
        rewritten(whole, tmp_path, media=FILM[:-1] + b"!"),
        rewritten(whole, tmp_path, bundle=b"not a bundle"),
    ):
        with pytest.raises(EduboxError):
            extract(path, tmp_path / "out")
        assert [one.name for one in tmp_path.iterdir()] == ["changed.edpack"]


def test_extract_never_writes_into_something_that_is_there(whole, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("out", "link"):
        with pytest.raises(AlreadyExists):
            extract(whole, tmp_path / name)
    with pytest.raises(UnreadableSource):
        extract(whole, tmp_path / "absent" / "out")


@pytest.mark.parametrize(("changed", "error"), [
    ({"manifest": None}, BadArchive), ({"bundle": None}, BadArchive), ({"media": None}, BadBundle),
    ({"media": FILM + b"x"}, BadBundle), ({"media": FILM[:-1] + bytes([FILM[-1] ^ 1])}, BadBundle),
    ({"objects/" + "0" * 64: b"x"}, BadBundle), ({"readme.txt": b"x"}, BadBundle), ({"../evil": b"x"}, BadBundle),
    ({"manifest": b"{}"}, BadManifest), ({"manifest": b'{"format":9}'}, UnknownFormat), ({"bundle": b""}, BadBundle),
    ({"bundle": b"noise" * 99}, BadBundle),
    ({"manifest": b" " * (16 * 1024 * 1024 + 1)}, BadManifest),
])  # fmt: skip
def test_members_that_do_not_belong_are_refused(whole, tmp_path, changed, error):
    with pytest.raises(error):
        check(rewritten(whole, tmp_path, **changed))


def test_media_of_the_right_size_with_other_bytes_are_refused(tmp_path):
    contents = {"a.html": b"x", "m.bin": b"media"}
    manifest = lesson(contents, frozenset({"m.bin"}))
    path = tmp_path / "small.edpack"
    write_edpack(path, manifest, opener(contents))
    film = "objects/" + manifest.file("m.bin").sha256
    with pytest.raises(BadBundle, match=r"m\.bin"):
        check(rewritten(path, tmp_path, **{film: b"MEDIA"}))


def test_unsafe_paths_in_its_manifest_are_refused(whole, tmp_path):
    value = json.loads(MANIFEST.to_bytes())
    value["files"][0]["path"] = "../a.html"
    with pytest.raises(UnsafePath):
        check(rewritten(whole, tmp_path, manifest=write(value)))


def test_a_manifest_of_another_lesson_is_refused(whole, tmp_path):
    other = lesson(CONTENTS, frozenset({"b/film.mp4"}), name="Autre")
    with pytest.raises(BadBundle):
        check(rewritten(whole, tmp_path, manifest=other.to_bytes()))


def test_compressed_members_are_refused(whole, tmp_path):
    path = tmp_path / "deflated.edpack"
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as again:
        for name in archive.namelist():
            again.writestr(name, archive.read(name))
    with pytest.raises(BadArchive, match="stored"):
        check(path)


def test_a_name_that_occurs_twice_is_refused(whole, tmp_path):
    path = tmp_path / "twice.edpack"
    path.write_bytes(whole.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("manifest.json", MANIFEST.to_bytes())
    with pytest.raises(BadArchive, match="twice"):
        check(path)


def test_a_bundle_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(edpack, "RATIO_ABOVE", 1000)
    contents = {"zeros.bin": bytes(20_000_000)}
    with pytest.raises(Bomb):
        write_edpack(tmp_path / "bomb.edpack", lesson(contents), opener(contents))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(edpack, "RATIO_ABOVE", 1 << 40)
    write_edpack(tmp_path / "bomb.edpack", lesson(contents), opener(contents))
    monkeypatch.setattr(edpack, "RATIO_ABOVE", 1000)
    with pytest.raises(Bomb), open_edpack(tmp_path / "bomb.edpack"):
        pass


def test_a_file_that_changed_while_it_was_packed_spoils_nothing(tmp_path):
    output = tmp_path / "lesson.edpack"
    output.write_bytes(b"the older one")
    for changed in ({"a.html": b"other"}, {"b/film.mp4": b"other"}):
        with pytest.raises(BadManifest, match="changed"):
            write_edpack(output, MANIFEST, opener(CONTENTS | changed))
        assert output.read_bytes() == b"the older one"
        assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_leaves_the_older_file_and_nothing_else(tmp_path):
    output = tmp_path / "lesson.edpack"
    output.write_bytes(b"the older one")

    class Full(io.BytesIO):
        def read(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoRoom):
        write_edpack(output, MANIFEST, lambda file: Full() if file.media else opener(CONTENTS)(file))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("lesson.edpack", b"the older one")
    ]


def test_what_is_no_lesson_file_is_refused_by_name(tmp_path):
    (tmp_path / "text.edpack").write_bytes(b"hello")
    with zipfile.ZipFile(tmp_path / "other.edpack", "w") as archive:
        archive.writestr("a.html", b"x")
    os.mkfifo(tmp_path / "pipe.edpack")
    for name, error in (
        ("text", BadArchive),
        ("other", BadArchive),
        ("absent", UnreadableSource),
        ("pipe", UnreadableSource),
    ):
        with pytest.raises(error):
            check(tmp_path / f"{name}.edpack")
    with pytest.raises(UnreadableSource):
        check(tmp_path)
    with pytest.raises(UnreadableSource):
        write_edpack(tmp_path / "absent" / "x.edpack", MANIFEST, opener(CONTENTS))


def test_progress_reaches_its_end(tmp_path):
    said = []
    write_edpack(tmp_path / "x.edpack", MANIFEST, opener(CONTENTS), lambda *words: said.append(words))
    assert said[-1] == ("writing", MANIFEST.size, MANIFEST.size)
    assert [done for _, done, _ in said] == sorted(done for _, done, _ in said)
