"""``edubox pack`` with the words that are fixed."""

from __future__ import annotations

import json

import pytest

from edubox.cli import run
from edubox.importers import folder
from tests.importers.building import html, write
from tests.importers.packages import h5p, library
from tests.pack.zips import write_zip


@pytest.fixture
def edubox(capsys):
    """Run a command in this process: its exit code, its words or JSON, and what it said on stderr."""

    def command(*arguments):
        code = run([str(one) for one in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, json.loads(said.out) if "--json" in arguments else said.out, said.err

    return command


@pytest.fixture
def source(tmp_path):
    return write(
        tmp_path / "leçon",
        {"index.html": html("L'eau", '<img src="http://example.org/x.png">'), "b/c.html": html("Suite")},
    )


def test_build_says_what_it_made(edubox, source, tmp_path):
    code, made, said = edubox(
        "pack", "build", source, "-o", tmp_path / "x.edpack", "--title", "L'eau douce", "--language", "fr", "--description", "D",
        "--level", "6e", "--level", "5e", "--subject", "svt", "--licence", "CC0-1.0", "--author", "A", "--duration", "PT45M",
        "--keyword", "k", "--json",
    )  # fmt: skip
    assert (code, said) == (0, "")
    assert made.keys() == {"id", "title", "files", "size", "toc", "warnings"}
    assert (made["title"], made["files"]) == ("L'eau douce", 2)
    assert made["toc"][0]["entry"] == "index.html"
    assert "will not show it here" in made["warnings"][0]
    code, shown, _ = edubox("pack", "show", tmp_path / "x.edpack", "--json")
    assert shown["id"] == made["id"]
    assert shown["metadata"] == {
        "description": "D", "educationalLevel": ["6e", "5e"], "about": ["svt"], "license": "CC0-1.0", "author": ["A"],
        "timeRequired": "PT45M", "keywords": ["k"],
    }  # fmt: skip


def test_build_completes_exercises_from_a_folder_of_libraries(edubox, tmp_path):
    lesson, shared = (
        write(tmp_path / "lesson", {"quiz.h5p": h5p(libraries={})}),
        write(tmp_path / "shared", library("H5P.Tiny 1.0")),
    )
    code, made, _ = edubox(
        "pack", "build", lesson, "-o", tmp_path / "x.edpack", "--h5p-libraries", shared, "--json"
    )
    assert (code, made["toc"][0]["type"], made["warnings"]) == (0, "h5p", [])
    assert (
        edubox("pack", "build", lesson, "-o", tmp_path / "y.edpack", "--h5p-libraries", tmp_path / "absent")[
            0
        ]
        == 2
    )


def test_show_check_and_extract(edubox, source, tmp_path):
    pack = tmp_path / "x.edpack"
    assert edubox("pack", "build", source, "-o", pack)[0] == 0
    code, shown, _ = edubox("pack", "show", pack)
    assert code == 0
    assert "L'eau  (html)" in shown
    code, checked, _ = edubox("pack", "check", pack, "--json")
    assert (code, checked["whole"], checked["title"]) == (0, True, "L'eau")
    code, extracted, _ = edubox("pack", "extract", pack, tmp_path / "out", "--json")
    assert (code, extracted["files"]) == (0, 2)
    assert (tmp_path / "out" / "b" / "c.html").read_text("utf-8") == html("Suite")
    assert edubox("pack", "extract", pack, tmp_path / "out")[0] == 2


def test_the_same_source_gives_the_same_id(edubox, source, tmp_path):
    ids = {
        edubox("pack", "build", source, "-o", tmp_path / name, "--json")[1]["id"]
        for name in ("1.edpack", "2.edpack")
    }
    assert len(ids) == 1


@pytest.mark.parametrize(("members", "code"), [
    ({}, "empty-pack"), ({"../a.html": b"x"}, "unsafe-path"), ({"a.html": bytes(9_000_000)}, "bomb"),
])  # fmt: skip
def test_a_bad_source_is_a_sentence_and_exit_code_2(edubox, tmp_path, members, code):
    source = write_zip(tmp_path / "a.zip", members)
    exit_code, answer, said = edubox("pack", "build", source, "-o", tmp_path / "x.edpack", "--json")
    assert exit_code == 2
    assert answer["error"]["code"] == code
    assert said.startswith("edubox: error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_damaged_lesson_is_refused_by_check_and_leaves_nothing_when_extracted(edubox, source, tmp_path):
    pack = tmp_path / "x.edpack"
    edubox("pack", "build", source, "-o", pack)
    data = bytearray(pack.read_bytes())
    data[-400] ^= 1
    pack.write_bytes(data)
    for arguments in (["check", pack], ["extract", pack, tmp_path / "out"]):
        code, answer, _ = edubox("pack", *arguments, "--json")
        assert (code, answer["error"]["exit_code"]) == (2, 2)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_exit_code_5(edubox, source, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "write_edpack", full)
    code, answer, _ = edubox("pack", "build", source, "-o", tmp_path / "x.edpack", "--json")
    assert (code, answer["error"]["code"]) == (5, "no-room")
