from __future__ import annotations

import os
import unicodedata

import pytest

from edubox.errors import AlreadyExists, BadArchive, BadInput, BadManifest, EmptyPack, UnreadableSource
from edubox.importers.folder import build_lesson
from edubox.pack.edpack import check, extract
from tests.importers.building import Lesson, html, write
from tests.importers.photos import drawing
from tests.pack.zips import write_zip


def test_a_folder_of_pages_becomes_a_lesson_with_its_files_unchanged(tmp_path):
    files = {
        "index.html": html("Les fractions", '<a href="b.html">b</a>'),
        "b.html": html("Un quart"),
        "img/x.png": drawing(20, 10),
    }
    lesson = Lesson(tmp_path, files)
    assert lesson.manifest.name == "Les fractions"
    assert lesson.toc == [("Les fractions", "html", "index.html"), ("Un quart", "html", "b.html")]
    assert lesson.warnings == []
    for path, content in files.items():
        assert (lesson.folder / path).read_bytes() == (
            content if isinstance(content, bytes) else content.encode()
        )


def test_a_zip_gives_the_same_lesson_as_its_folder(tmp_path):
    files = {"index.html": html("L'été", "<img src=été.png>"), "été.png": b"x", "a/b.html": html("B")}
    folder = write(tmp_path / "lesson", files)
    source = write_zip(
        tmp_path / "lesson.zip", {f"lesson/{path}": content for path, content in files.items()}
    )
    built = [build_lesson(one, tmp_path / "x.edpack", {}).manifest for one in (folder, source)]
    assert built[0] == built[1]


def test_building_twice_gives_the_same_bytes(tmp_path):
    source = write(tmp_path / "lesson", {
        "index.html": html("T"), "n.md": "# M\n", "film.mp4": os.urandom(300_000),
        "n.ipynb": '{"cells": [{"cell_type": "markdown", "source": "# N"}]}',
    })  # fmt: skip
    build_lesson(source, tmp_path / "1.edpack", {})
    for path in source.iterdir():
        os.utime(path, (1, 1))
    build_lesson(source, tmp_path / "2.edpack", {})
    assert (tmp_path / "1.edpack").read_bytes() == (tmp_path / "2.edpack").read_bytes()


def test_what_the_author_says_wins_over_what_is_found(tmp_path):
    told = {
        "title": "Mon titre", "language": "ar", "description": "D", "level": ["6e"], "subject": ["m"], "licence": "CC0-1.0",
        "author": ["A"], "duration": "PT45M", "keyword": ["k"],
    }  # fmt: skip
    lesson = Lesson(tmp_path, {"index.html": html("Autre"), "a.md": "# A"}, **told)
    assert (lesson.manifest.name, lesson.manifest.language) == ("Mon titre", "ar")
    assert lesson.manifest.metadata["educationalLevel"] == ["6e"]
    assert 'lang="ar" dir="rtl"' in lesson.read("a.md.html")


def test_the_front_page_says_the_language(tmp_path):
    source = write(tmp_path / "x", {"a.html": html("A", lang="en"), "index.html": html("I", lang="PT-br")})
    assert build_lesson(source, tmp_path / "x.edpack", {}).manifest.language == "pt-br"


def test_a_lesson_that_does_not_say_its_language_is_french_with_a_warning(tmp_path):
    built = build_lesson(
        write(tmp_path / "x", {"a.md": "# A"}), tmp_path / "x.edpack", {"language": None, "author": []}
    )
    assert built.manifest.language == "fr"
    assert "was assumed" in built.warnings[0]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("cours.html", html("Un cours"), "html"), ("cours.md", "# Un cours\n", "markdown"), ("photo.jpg", b"\xff\xd8", "image"),
        ("son.mp3", b"ID3", "audio"), ("film.mp4", b"ftyp", "video"), ("exercice.h5p", b"PK", "file"),
        ("tableau.ods", b"PK", "file"), ("vide.xyz", b"", "file"), ("style.css", b"", "file"),
    ],
)  # fmt: skip
def test_one_document_is_a_lesson_of_one_part_with_its_original(tmp_path, name, content, kind):
    lesson = Lesson(tmp_path, source=write(tmp_path, {name: content}) / name)
    (item,) = lesson.manifest.items()
    assert item.type == kind
    assert lesson.manifest.original == name
    assert (lesson.folder / name).read_bytes() == (
        content if isinstance(content, bytes) else content.encode()
    )


def test_a_zip_that_is_one_document_is_a_download(tmp_path):
    source = write_zip(tmp_path / "exercice.zip", {"h5p.json": b"{}", "content/content.json": b"{}"})
    assert Lesson(tmp_path, source=source).toc == [("exercice.zip", "file", "exercice.zip")]


def test_repaired_names_are_said_and_links_that_break_are_named(tmp_path):
    files = {
        "index.html": html("I", '<img src="con.png"><a href="A.html">A</a>'),
        "con.png": b"x",
        "A.html": html("A"),
        "a.html": html("a"),
    }
    lesson = Lesson(tmp_path, files)
    assert {"con_.png", "A.html", "a-2.html"} <= {file.path for file in lesson.manifest.files}
    assert lesson.said("con.png is now called con_.png")
    assert lesson.said("index.html wants con.png (now called con_.png)")


def test_links_of_markdown_follow_repaired_names(tmp_path):
    lesson = Lesson(tmp_path, {"cours.md": "# C\n![dessin](aux.png)\n", "aux.png": b"x"})
    assert 'src="aux_.png"' in lesson.read("cours.md.html")
    assert not lesson.said("now called aux_.png,", "cours.md")


def test_decomposed_names_of_a_mac_are_found_by_their_links(tmp_path):
    name = unicodedata.normalize("NFD", "été.png")
    lesson = Lesson(
        tmp_path, {"index.html": html("I", '<img src="e%CC%81te%CC%81.png"><img src="été.png">'), name: b"x"}
    )
    assert lesson.toc == [("I", "html", "index.html")]
    assert lesson.manifest.file("été.png")


@pytest.mark.parametrize("name", ["درس.html", "🌍.html", "é" * 125 + ".html"])
def test_names_in_arabic_emoji_and_255_bytes_go_through(tmp_path, name):
    lesson = Lesson(tmp_path, {name: html("Titre")})
    assert lesson.toc == [("Titre", "html", name)]
    assert lesson.warnings == []


def test_an_empty_file_is_a_file(tmp_path):
    lesson = Lesson(tmp_path, {"a.html": "", "vide.txt": b""})
    assert (lesson.folder / "vide.txt").read_bytes() == b""
    assert lesson.toc == [("A", "html", "a.html"), ("vide.txt", "file", "vide.txt")]


def test_an_empty_lesson_is_refused_and_nothing_is_written(tmp_path):
    for files in ({}, {"lesson.toml": 'title = "T"'}, {".DS_Store": b"x"}):
        folder = write(tmp_path / f"x{len(files)}{next(iter(files), '')[:2]}", files)
        folder.mkdir(exist_ok=True)
        with pytest.raises(EmptyPack):
            build_lesson(folder, tmp_path / "out.edpack", {})
    assert not (tmp_path / "out.edpack").exists()


def test_a_lesson_is_not_packed_into_itself(tmp_path):
    folder = write(tmp_path / "x", {"a.html": html("A")})
    first = build_lesson(folder, folder / "lesson.edpack", {}).manifest
    assert build_lesson(folder, folder / "lesson.edpack", {}).manifest == first


def test_a_failed_build_leaves_the_older_lesson_and_no_rubbish(tmp_path):
    output = tmp_path / "out.edpack"
    output.write_bytes(b"the older one")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    folder = write(tmp_path / "x", {"a.html": html("A")})
    for source, told, error in (
        (tmp_path / "broken.zip", {}, BadArchive), (tmp_path / "absent", {}, UnreadableSource),
        (folder, {"duration": "une heure"}, BadManifest), (folder, {"title": "\ud800"}, BadManifest),
        (folder, {"language": "français"}, BadManifest),
    ):  # fmt: skip
        with pytest.raises(error):
            build_lesson(source, output, told)
    assert output.read_bytes() == b"the older one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.zip", "out.edpack", "x"]
    with pytest.raises(UnreadableSource):
        build_lesson(folder, tmp_path / "absent" / "x.edpack", {})


# --- lesson.toml ---------------------------------------------------------------------------------------

TOML = """
title = "Le volcan"
language = "fr"
description = "Pourquoi la montagne fume."
level = ["scolomfr-voc-022-num-021"]
subject = ["svt"]
licence = "CC-BY-SA-4.0"
author = ["Mme Durand"]
duration = "PT45M"
keyword = ["magma"]

[[item]]
title = "Observer"
  [[item.item]]
  title = "La lave"
  entry = "b.html"
  [[item.item]]
  entry = "notes.md"

[[item]]
title = "Mesurer"
entry = "a.html"
"""
PAGES = {"a.html": html("A"), "b.html": html("B"), "notes.md": "# Mes notes\n"}


def test_lesson_toml_describes_the_lesson_and_is_no_part_of_it(tmp_path):
    lesson = Lesson(tmp_path, PAGES | {"lesson.toml": TOML}, language=None)
    assert lesson.manifest.name == "Le volcan"
    assert lesson.manifest.metadata["timeRequired"] == "PT45M"
    assert lesson.manifest.file("lesson.toml") is None
    assert lesson.toc == [
        ("Observer", [("La lave", "html", "b.html"), ("Mes notes", "markdown", "notes.md.html")]),
        ("Mesurer", "html", "a.html"),
    ]


def test_options_win_over_lesson_toml(tmp_path):
    assert Lesson(tmp_path, PAGES | {"lesson.toml": TOML}, title="Autre").manifest.name == "Autre"


@pytest.mark.parametrize("text", [
    "title = ", "title = 3", 'level = "6e"', "level = [3]", 'titel = "x"', "item = 3", "item = [3]", '[[item]]\nentry = "absent.html"',
    '[[item]]\ntitle = "x"', "[[item]]\nentry = 3", '[[item]]\nentry = "a.html"\nurl = "x"', '[[item]]\nentry = "../a.html"',
    '[[item]]\ntitle = "x"\n[[item.item]]\ntitle = "y"', b'title = "\xff"', b" " * 1_100_000,
])  # fmt: skip
def test_a_mistake_in_lesson_toml_is_named(tmp_path, text):
    with pytest.raises(BadInput, match=r"lesson\.toml"):
        Lesson(tmp_path, PAGES | {"lesson.toml": text})


# --- the whole way -------------------------------------------------------------------------------------


def test_the_lesson_file_is_whole_and_extracts(tmp_path):
    built = build_lesson(write(tmp_path / "x", PAGES), tmp_path / "x.edpack", {})
    assert check(tmp_path / "x.edpack") == built.manifest
    extract(tmp_path / "x.edpack", tmp_path / "out")
    with pytest.raises(AlreadyExists):
        extract(tmp_path / "x.edpack", tmp_path / "out")


def test_progress_is_told_in_bytes(tmp_path):
    said = []
    build_lesson(write(tmp_path / "x", PAGES), tmp_path / "x.edpack", {}, lambda *words: said.append(words))
    assert {what for what, _, _ in said} == {"reading", "writing"}
    assert all(0 <= done <= total for _, done, total in said)
