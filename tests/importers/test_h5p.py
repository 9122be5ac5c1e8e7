"""H5P exercises: what plays them is found, what is not needed is left out, what they say is searched."""

from __future__ import annotations

import pytest

from edubox.importers import h5p_libraries
from edubox.importers.h5p_words import words_of
from tests.importers.building import Lesson, write
from tests.importers.packages import h5p, h5p_members, library, zipped


def libraries_in(lesson, container="quiz.h5p"):
    prefix = f"{container}.d/"
    tops = {
        file.path[len(prefix) :].partition("/")[0]
        for file in lesson.manifest.files
        if file.path.startswith(prefix)
    }
    return tops - {"h5p.json", "content", "words.txt"}


def test_an_exercise_brings_its_title_language_licence_authors_words_and_libraries(tmp_path):
    (tmp_path / "quiz.h5p").write_bytes(
        h5p(
            title="L'eau",
            language="es",
            license="CC BY-SA",
            licenseVersion="4.0",
            authors=[{"name": "Ana Ruiz", "role": "Author"}],
        )
    )
    lesson = Lesson(tmp_path, source=tmp_path / "quiz.h5p", language="")
    (item,) = lesson.manifest.items()
    assert (item.title, item.type, item.entry, item.text) == (
        "L'eau",
        "h5p",
        "quiz.h5p.d/h5p.json",
        "quiz.h5p.d/words.txt",
    )
    assert lesson.read(item.text) == "Où est le chat ?"
    manifest = lesson.manifest
    assert (manifest.name, manifest.language, manifest.libs) == ("L'eau", "es", ("H5P.Tiny-1.0.3",))
    assert manifest.metadata == {"license": "CC-BY-SA-4.0", "author": ["Ana Ruiz"]}


@pytest.mark.parametrize(("licence", "version", "wanted"), [
    ("U", None, None), ("C", None, None), ("CC BY", "4.0", "CC-BY-4.0"), ("CC BY-NC-ND", "junk", "CC-BY-NC-ND"), ("CC0 1.0", None, "CC0-1.0"),
])  # fmt: skip
def test_licences_are_called_as_everywhere_else(tmp_path, licence, version, wanted):
    (tmp_path / "quiz.h5p").write_bytes(h5p(license=licence, licenseVersion=version))
    lesson = Lesson(tmp_path, source=tmp_path / "quiz.h5p")
    assert lesson.manifest.metadata.get("license") == wanted


# --- libraries -----------------------------------------------------------------------------------------


def test_libraries_that_nothing_needs_are_left_out(tmp_path):
    own = (
        library("H5P.Tiny 1.0", ["H5P.Core 2.1"]) | library("H5P.Core 2.1") | library("H5P.Editor 1.0") | library("H5P.Inner 1.4")
        | library("H5P.Styled 1.0") | library("H5P.Used 3.2", script=b"getLibraryPath('H5P.Styled-1.0')")
    )  # fmt: skip
    content = {"part": {"library": "H5P.Used 3.2", "params": {"text": "Bonjour à tous"}}}
    lesson = Lesson(tmp_path, {"quiz.h5p": h5p(content, libraries=own)})
    assert libraries_in(lesson) == {"H5P.Tiny-1.0", "H5P.Core-2.1", "H5P.Used-3.2", "H5P.Styled-1.0"}
    assert lesson.warnings == []


def test_what_only_editors_read_of_a_library_is_left_out(tmp_path):
    own = library("H5P.Tiny 1.0") | {
        "H5P.Tiny-1.0/language/fr.json": "{}",
        "H5P.Tiny-1.0/fonts/language/a.woff": "x",
    }
    lesson = Lesson(tmp_path, {"quiz.h5p": h5p(libraries=own)})
    paths = {file.path for file in lesson.manifest.files}
    assert "quiz.h5p.d/H5P.Tiny-1.0/fonts/language/a.woff" in paths
    assert "quiz.h5p.d/H5P.Tiny-1.0/language/fr.json" not in paths


def test_a_library_in_a_folder_with_its_patch_lies_where_players_look(tmp_path):
    own = {
        name.replace("H5P.Tiny-1.0", "H5P.Tiny-1.0.3"): data for name, data in library("H5P.Tiny 1.0").items()
    }
    assert libraries_in(Lesson(tmp_path, {"quiz.h5p": h5p(libraries=own)})) == {"H5P.Tiny-1.0"}


def test_missing_libraries_come_from_another_exercise_of_the_lesson(tmp_path):
    whole = h5p(libraries=library("H5P.Tiny 1.0", ["H5P.Core 2.1"]) | library("H5P.Core 2.1"))
    lesson = Lesson(tmp_path, {"a/quiz.h5p": h5p(libraries={}), "b/quiz.h5p": whole})
    assert [item.type for item in lesson.manifest.items()] == ["h5p", "h5p"]
    assert libraries_in(lesson, "a/quiz.h5p") == {"H5P.Tiny-1.0", "H5P.Core-2.1"}
    assert lesson.warnings == []


def test_an_exercise_that_is_broken_itself_still_lends_its_libraries(tmp_path):
    broken = zipped(h5p_members() | {"content/content.json": "{"})
    lesson = Lesson(tmp_path, {"a.h5p": h5p(libraries={}), "b.h5p": broken})
    assert sorted(item.type for item in lesson.manifest.items()) == ["file", "h5p"]


@pytest.mark.parametrize("packed", [False, True])
def test_missing_libraries_come_from_a_shared_folder(tmp_path, packed):
    from edubox.importers.folder import build_lesson

    found = library("H5P.Tiny 1.0", ["H5P.Core 2.1"]) | library("H5P.Core 2.1")
    shared = write(tmp_path / "shared", {"set.h5p": zipped(found), "bad.h5p": b"PK"} if packed else found)
    source = write(tmp_path / "lesson", {"quiz.h5p": h5p(libraries={})})
    built = build_lesson(source, tmp_path / "x.edpack", {"language": "fr"}, h5p_libraries=shared)
    assert [item.type for item in built.manifest.items()] == ["h5p"]
    assert built.manifest.libs == ("H5P.Core-2.1.3", "H5P.Tiny-1.0.3")
    assert built.warnings == []


def test_an_empty_shared_folder_has_nothing(tmp_path):
    from edubox.importers.folder import build_lesson

    source = write(tmp_path / "lesson", {"quiz.h5p": h5p(libraries={})})
    (tmp_path / "shared").mkdir()
    built = build_lesson(source, tmp_path / "x.edpack", {"language": "fr"}, h5p_libraries=tmp_path / "shared")
    assert "comes without H5P.Tiny 1.0" in built.warnings[0]


def test_an_exercise_that_needs_endless_libraries_is_a_download(tmp_path):
    keys = [f"H5P.L{number} 1.0" for number in range(200)]
    own = library("H5P.Tiny 1.0", keys)
    for key in keys:
        own |= library(key)
    assert Lesson(tmp_path, {"quiz.h5p": h5p(libraries=own)}).said("more than 200 libraries")


def test_what_is_found_nowhere_is_named_and_the_exercise_is_a_download(tmp_path):
    needs = ("H5P.Tiny 1.0", "H5P.Absent 1.7")
    lesson = Lesson(tmp_path, {"quiz.h5p": h5p(needs=needs), "page.html": "<title>La page</title>"})
    assert lesson.toc[1] == ("quiz.h5p", "file", "quiz.h5p")
    assert lesson.said("quiz.h5p", "comes without H5P.Absent 1.7", "--h5p-libraries")
    assert lesson.manifest.libs == ()


def test_another_minor_version_is_another_library(tmp_path):
    lesson = Lesson(
        tmp_path,
        {
            "a.h5p": h5p(main="H5P.Tiny 1.1", needs=["H5P.Tiny 1.1"], libraries={}),
            "b.h5p": h5p(libraries=library("H5P.Tiny 1.0")),
        },
    )
    assert lesson.said("a.h5p", "H5P.Tiny 1.1")


def test_libraries_may_need_each_other(tmp_path):
    own = library("H5P.Tiny 1.0", ["H5P.Core 2.1"]) | library("H5P.Core 2.1", ["H5P.Tiny 1.0"])
    assert libraries_in(Lesson(tmp_path, {"quiz.h5p": h5p(libraries=own)})) == {
        "H5P.Tiny-1.0",
        "H5P.Core-2.1",
    }


@pytest.mark.parametrize(("members", "why"), [
    ({"h5p.json": "[]"}, "h5p.json in it is damaged"), ({"h5p.json": "{"}, "h5p.json in it is damaged"), ({"h5p.json": "[" * 90_000}, "damaged"),
    ({"content/content.json": "é".encode("utf-16")}, "content.json in it is damaged"), ({"content/content.json": ""}, "damaged"),
    ({"h5p.json": "{}"}, "what kind of exercise"), ({"h5p.json": '{"mainLibrary": 7, "preloadedDependencies": {"a": 1}}'}, "what kind"),
])  # fmt: skip
def test_a_broken_description_makes_a_download(tmp_path, members, why):
    lesson = Lesson(tmp_path, {"quiz.h5p": zipped(h5p_members() | members)})
    assert lesson.toc == [("quiz.h5p", "file", "quiz.h5p")]
    assert lesson.said("quiz.h5p is offered as a download only", why)
    assert len(lesson.warnings) == 1


def test_an_exercise_without_content_is_a_download(tmp_path):
    members = h5p_members()
    del members["content/content.json"]
    assert Lesson(tmp_path, {"quiz.h5p": zipped(members)}).said("content/content.json is missing")


# --- words ---------------------------------------------------------------------------------------------


def test_the_words_of_the_author_are_kept_and_those_of_buttons_are_not():
    words = words_of({
        "question": "<p>Quelle est la <b>capitale</b>&nbsp;?</p><ul><li>Ici</li></ul><script>no()</script>", "media": {"type": {"params": {"alt": "Une carte"}, "library": "H5P.Image 1.1",
        "metadata": {"title": "carte.png"}}}, "answers": [{"text": "Paris", "correct": True}, {"text": "Lyon", "tipsAndFeedback": {"tip": "Pas loin"}}],
        "UI": {"checkAnswerButton": "Check"}, "l10n": {"x": "Réessayer"}, "solvedLabel": "Progress:", "scoreText": "You got @score points",
        "behaviour": {"type": "auto"}, "color": "#fff", "n": 3,
    })  # fmt: skip
    assert words.text.splitlines() == [
        "Quelle est la capitale ?",
        "Ici",
        "Une carte",
        "Paris",
        "Lyon",
        "Pas loin",
    ]
    assert words.libraries == ["H5P.Image 1.1"]


def test_what_an_exercise_loads_from_another_site_is_said_once(tmp_path):
    content = {
        "video": {"files": [{"path": "https://films.example/a.mp4", "copyright": {"source": "https://vimeo.example/1"}}]},
        "text": '<img src="//images.example/b.png"> <a href="https://lire.example/">lire</a>',
    }  # fmt: skip
    lesson = Lesson(tmp_path, {"quiz.h5p": h5p(content)})
    assert lesson.warnings == [
        "quiz.h5p wants https://films.example/a.mp4, //images.example/b.png from another site and will not show it here."
    ]
    assert lesson.item("Le quiz").links == (
        "https://films.example/a.mp4", "https://vimeo.example/1", "//images.example/b.png", "https://lire.example/",
    )  # fmt: skip


@pytest.mark.parametrize("endless", [b"-1", b"a-111111", b"a"])
def test_a_script_of_one_endless_name_is_searched_once(endless):
    script = endless * (3_000_000 // len(endless)) + b' "../H5P.Blanks-1.14/js/a.js"'
    assert b"H5P.Blanks-1.14" in h5p_libraries._FOLDER.findall(script)
