from __future__ import annotations

import hashlib
import random

import pytest

from edubox.errors import BadManifest
from edubox.pack import build
from edubox.pack.build import assemble, describe
from edubox.pack.manifest import Item
from edubox.pack.media_types import _TABLE, extension, media_type
from edubox.pack.opening import Found

NOISE = random.Random(4).randbytes(3_000_000)
TEXT = b"".join(b"La ligne %d parle d'autre chose.\n" % number for number in range(30_000))


def described(tmp_path, contents):
    found = []
    for number, (path, data) in enumerate(contents.items()):
        (tmp_path / str(number)).write_bytes(data)
        found.append(Found(path, tmp_path / str(number), len(data)))
    return {file.path: file for file in describe(found, lambda *_: None)}


def test_films_and_pictures_travel_alone_and_text_does_not(tmp_path):
    files = described(tmp_path, {
        "film.mp4": b"\0" * 60_000 + NOISE,  # a table that compresses well, then a film
        "small.png": NOISE[:200_000], "book.txt": TEXT, "drawing.bmp": TEXT[:400_000], "noise.txt": NOISE[:300_000],
        "scan.pdf": TEXT[:20_000] + NOISE[:400_000] + TEXT[:20_000],
    })  # fmt: skip
    assert {path for path, file in files.items() if file.media} == {"film.mp4", "noise.txt", "scan.pdf"}


def test_a_large_file_travels_alone_whatever_compression_gains(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "LARGE", len(TEXT))
    files = described(tmp_path, {"book.txt": TEXT, "shorter.txt": TEXT[:-1]})
    assert [path for path, file in files.items() if file.media] == ["book.txt"]


def test_files_are_listed_with_hash_size_type_and_pieces_sorted_by_path(tmp_path):
    files = described(tmp_path, {"b.html": b"", "a.bin": NOISE * 3})
    assert list(files) == ["a.bin", "b.html"]
    assert files["b.html"].sha256 == hashlib.sha256(b"").hexdigest()
    assert (files["b.html"].size, files["b.html"].type) == (0, "text/html")
    assert len(files["a.bin"].pieces) == 3


def test_progress_counts_bytes(tmp_path):
    said = []
    (tmp_path / "a").write_bytes(TEXT)
    describe([Found("a", tmp_path / "a", len(TEXT))], lambda *words: said.append(words))
    assert said[-1] == ("reading", len(TEXT), len(TEXT))


def test_a_description_becomes_the_fields_of_schema_org(tmp_path):
    files = tuple(described(tmp_path, {"a.html": b"x"}).values())
    told = {"description": "e\u0301", "level": ["l"], "subject": ["s"], "licence": "CC0-1.0", "author": ["A"],
            "duration": "PT45M", "keyword": ["k"], "title": "ignored", "language": None}  # fmt: skip
    manifest = assemble("Titre", "fr", [Item("a", "html", "a.html")], files, told)
    assert manifest.metadata == {
        "description": "é", "educationalLevel": ["l"], "about": ["s"], "license": "CC0-1.0", "author": ["A"],
        "timeRequired": "PT45M", "keywords": ["k"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "told", [{"duration": "45 minutes"}, {"description": "\x1b[2J"}, {"keyword": ["x" * 3000]}]
)
def test_what_a_box_would_refuse_is_never_built(tmp_path, told):
    files = tuple(described(tmp_path, {"a.html": b"x"}).values())
    with pytest.raises(BadManifest):
        assemble("Titre", "fr", [Item("a", "html", "a.html")], files, told)


def test_media_types_come_from_our_own_table():
    assert media_type("x/COURS.HTML") == "text/html"
    assert (
        media_type("a.b/noextension")
        == media_type(".hidden")
        == media_type("x.unknown")
        == "application/octet-stream"
    )
    assert extension("archive.tar.gz") == "gz"
    assert all(key == key.lower() for key in _TABLE)
