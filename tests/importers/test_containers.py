"""What all containers share: told by their members, opened under limits, and never at the cost of the rest of a lesson."""

from __future__ import annotations

import io
import zipfile

import pytest

from edubox.importers import containers
from tests.importers.building import Lesson, html
from tests.importers.packages import epub, epub_members, h5p, h5p_members, scorm, zipped

PAGE = {"page.html": html("La page")}


def carded(tmp_path, name, data):
    """The lesson with a page and the container *name*, which must have stayed a download with one warning; that warning."""
    lesson = Lesson(tmp_path, PAGE | {name: data})
    assert lesson.toc == [("La page", "html", "page.html"), (name, "file", name)]
    assert {file.path for file in lesson.manifest.files} == {"page.html", name}
    assert (lesson.folder / name).read_bytes() == data
    (warning,) = lesson.warnings
    assert warning.startswith(f"{name} is offered as a download only: ")
    return warning


def locked(data):
    """The zip *data* with every member marked as encrypted."""
    changed = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + flags] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def linked(name, target):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    out = io.BytesIO(zipped(h5p_members()))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(info, target)
    return out.getvalue()


# --- what a zip is -------------------------------------------------------------------------------------


def test_each_kind_lies_opened_in_a_folder_with_its_name(tmp_path):
    lesson = Lesson(tmp_path, {"a/quiz.h5p": h5p(), "a/livre.epub": epub(), "cours.zip": scorm(), **PAGE})
    assert [(item.type, item.entry) for item in lesson.manifest.items()] == [
        ("epub", "a/livre.epub.d/OPS/book.opf"), ("h5p", "a/quiz.h5p.d/h5p.json"), ("scorm", "cours.zip.d/sco.html"), ("html", "page.html"),
    ]  # fmt: skip
    assert not {"a/quiz.h5p", "a/livre.epub", "cours.zip"} & {file.path for file in lesson.manifest.files}
    assert lesson.manifest.original is None
    assert lesson.warnings == []


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.zip", h5p(), "h5p"),
        ("a.zip", epub(), "epub"),
        ("a.epub", scorm(), "scorm"),
        ("a.h5p", epub(), "epub"),
    ],
)
def test_its_members_say_what_a_zip_is_and_not_its_name(tmp_path, name, data, kind):
    assert [item.type for item in Lesson(tmp_path, {name: data}).manifest.items()] == [kind]


def test_a_zip_of_anything_stays_a_download_without_a_word(tmp_path):
    lesson = Lesson(tmp_path, PAGE | {"images.zip": zipped({"a.png": b"x"})})
    assert lesson.toc[1] == ("images.zip", "file", "images.zip")
    assert lesson.warnings == []


@pytest.mark.parametrize("source", ["quiz.h5p", "livre.epub", "cours.zip"])
def test_a_lesson_of_one_container_keeps_it_to_download(tmp_path, source):
    data = {"quiz.h5p": h5p(), "livre.epub": epub(), "cours.zip": scorm()}[source]
    (tmp_path / source).write_bytes(data)
    lesson = Lesson(tmp_path, source=tmp_path / source)
    assert lesson.manifest.original == source
    assert (lesson.folder / source).read_bytes() == data
    assert lesson.manifest.name in {"Le quiz", "Le livre", "Le golf"}


def test_a_container_that_a_page_links_to_is_opened_and_still_there(tmp_path):
    lesson = Lesson(tmp_path, {"index.html": html("P", '<a href="b.h5p">b</a><a href="c.zip">c</a>'), "a.h5p": h5p(title="Un"),
                               "b.h5p": h5p(title="Deux"), "c.zip": scorm()})  # fmt: skip
    assert [item.title for item in lesson.manifest.items()] == ["P", "Deux", "Un", "Le golf"]
    assert {"b.h5p", "c.zip"} <= {file.path for file in lesson.manifest.files}
    assert "a.h5p" not in {file.path for file in lesson.manifest.files}
    assert lesson.warnings == []


def test_the_author_s_own_folder_with_that_name_is_left_alone(tmp_path):
    lesson = Lesson(
        tmp_path, {"quiz.h5p": h5p(), "quiz.h5p.d/h5p.json": b"mine", "QUIZ.h5p-2.d/x.txt": b"mine"}
    )
    assert lesson.read("quiz.h5p.d/h5p.json") == "mine"
    (entry,) = [item.entry for item in lesson.manifest.items() if item.type == "h5p"]
    assert entry == "quiz.h5p-3.d/h5p.json"


def test_the_author_of_a_lesson_puts_containers_in_their_own_order(tmp_path):
    toml = '[[item]]\ntitle = "Jouer"\nentry = "cours.zip"\n[[item]]\nentry = "quiz.h5p"\n'
    lesson = Lesson(tmp_path, {"lesson.toml": toml, "quiz.h5p": h5p(), "cours.zip": scorm()})
    assert lesson.toc == [
        ("Jouer", "scorm", "cours.zip.d/sco.html"),
        ("Le quiz", "h5p", "quiz.h5p.d/h5p.json"),
    ]


def test_the_language_of_a_lesson_without_pages_is_its_containers(tmp_path):
    assert Lesson(tmp_path, {"livre.epub": epub()}, language="").manifest.language == "ar"


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "cp1252"])
def test_names_inside_are_read_whatever_system_wrote_them(tmp_path, encoding):
    raw = "été.png".encode(encoding)
    data = zipped(h5p_members() | {f"content/{'X' * len(raw)}": b"x"}).replace(b"X" * len(raw), raw)
    assert "quiz.h5p.d/content/été.png" in {
        file.path for file in Lesson(tmp_path, {"quiz.h5p": data}).manifest.files
    }


# --- hostile and broken --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data", "why"), [
    ("a.h5p", b"", "it is damaged"), ("a.epub", b"PK\x03\x04" + b"\0" * 50, "it is damaged"), ("a.zip", b"nothing", "it is damaged"),
    ("a.h5p", h5p()[:-40], "it is damaged"), ("a.h5p", zipped({"x": b""}), "it is not an H5P exercise"),
    ("a.epub", zipped({"x": b""}), "it is not an EPUB book"), ("a.imscc", zipped({"x": b""}), "it is not a course cartridge"),
    ("a.h5p", locked(h5p()), "it is closed with a password"),
    ("a.epub", zipped(epub_members() | {"../../evil.sh": "x"}), "file names that no honest program writes"),
    ("a.epub", zipped(epub_members() | {"/etc/passwd": "x"}), "file names that no honest program writes"),
    ("a.h5p", zipped(h5p_members() | {"content/z": b"\0" * 4_000_000}), "it unpacks to more than it may"),
    ("a.h5p", zipped(h5p_members(), zipfile.ZIP_BZIP2), "it is compressed in an unusual way"),
])  # fmt: skip
def test_what_cannot_be_opened_stays_a_download_and_says_why(tmp_path, name, data, why):
    assert why in carded(tmp_path, name, data)


def test_links_in_a_container_are_not_followed(tmp_path):
    lesson = Lesson(tmp_path, {"quiz.h5p": linked("content/passwd", "/etc/passwd")})
    assert [item.type for item in lesson.manifest.items()] == ["h5p"]
    assert not any("passwd" in file.path for file in lesson.manifest.files)


def test_all_containers_of_a_lesson_share_one_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "MAX_TOTAL", 3_000)
    book = epub(more={"OPS/a.bin": bytes(range(256)) * 8})
    lesson = Lesson(tmp_path, {"a.epub": book, "b.epub": book, **PAGE})
    assert sorted(item.type for item in lesson.manifest.items()) == ["epub", "file", "html"]
    assert lesson.said("b.epub", "unpacks to more")


def test_a_lesson_has_no_more_files_than_a_manifest_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "MAX_FILES", 9)
    lesson = Lesson(tmp_path, {"a.epub": epub(), "b.epub": epub()})
    assert sorted(item.type for item in lesson.manifest.items()) == ["epub", "file"]


def test_deep_courses_in_deep_folders_still_make_a_lesson(tmp_path):
    from tests.importers.packages import entry, resource

    inside = entry("z", "r", "Feuille")
    for level in range(9):
        inside = entry(
            f"i{level}", "", f"Niveau {level}", inside + entry(f"j{level}", "r", f"À côté {level}")
        )
    files = {f"{'d/' * depth}x{depth}.html": html(f"P{depth}") for depth in range(8)}
    lesson = Lesson(tmp_path, files | {"d/" * 7 + "cours.zip": scorm(inside, resource("r", "sco.html"))})
    assert len([item for item in lesson.manifest.items() if item.type == "scorm"]) == 10
