"""Real material: what teachers publish becomes a lesson that can be given to a class."""

from __future__ import annotations

import re

import pytest

from edubox.errors import PrivateBackup
from edubox.importers.folder import build_lesson
from edubox.pack.edpack import check
from tests.importers.building import samples


def built(tmp_path, name):
    made = build_lesson(samples(name), tmp_path / "lesson.edpack", {"language": "fr"})
    assert check(tmp_path / "lesson.edpack") == made.manifest
    return made


def titles(items):
    return [item.title for item in items]


def test_a_year_of_computer_science_keeps_its_chapters(tmp_path):
    made = built(tmp_path, "textbook-fr/nsi-premiere-glassus.zip")
    top = titles(made.manifest.toc)
    assert [title for title in top if title.startswith("Theme")] == [
        title for title in top if "Theme0" in title
    ]
    assert len([title for title in top if title.startswith("Theme")]) == 8
    items = made.manifest.items()
    assert 45 <= len(items) <= 60
    assert {
        "Recherche d'extremum dans une liste",
        "Les opérateurs booléens",
        "Pages web et interactions",
    } <= set(titles(items))
    assert not [
        file.path for file in made.manifest.files if "checkpoint" in file.path or ".ipynb_" in file.path
    ]
    assert not [item for item in items if item.type == "image"], "pictures belong to their pages"
    assert any("from another site" in warning for warning in made.warnings)
    assert not any("now called" in warning for warning in made.warnings)
    assert {item.type for item in items} == {"notebook", "markdown", "pdf", "html", "file"}


def test_four_notebooks_on_linear_structures_are_in_order(tmp_path):
    made = built(tmp_path, "textbook-fr/nsi-terminale-efloti-lineaires.zip")
    assert titles(made.manifest.items()) == [
        "Structures linéaires: Listes chaînées", "Implémentation avec classe!", "Pile [Stack]", "File [queue]", "liste.py",
    ]  # fmt: skip


def test_pages_with_films_and_sounds_are_five_parts(tmp_path):
    made = built(tmp_path, "html5/mdn-multimedia-html5.zip")
    assert titles(made.manifest.items()) == [
        "Audio transcript example", "Basic custom controls (Custom controls basic)", "Multiple media players with custom controls",
        "Basic custom controls (Custom controls start)", "Multiple media players with native controls",
    ]  # fmt: skip
    assert {file.path for file in made.manifest.files if file.media} == {
        "rabbit320.mp4",
        "rabbit320.webm",
        "viper.mp3",
        "viper.ogg",
    }


@pytest.mark.parametrize(("name", "kind", "title"), [
    ("pdf/pdflatex-4-pages.pdf", "pdf", None), ("pdf/GeoTopo-komprimiert.pdf", "pdf", None),
    ("pdf/programme_officiel_1ere_NSI.pdf", "pdf", None), ("pdf/dichotomie.pdf", "pdf", "Dichotomie"),
    ("ipynb/4_comprendre_la_pile_systeme.ipynb", "notebook", None), ("av/rabbit320.mp4", "video", "Rabbit320"),
    ("av/viper.ogg", "audio", "Viper"),
])  # fmt: skip
def test_each_kind_of_document_is_one_part(tmp_path, name, kind, title):
    made = built(tmp_path, name)
    (item,) = made.manifest.items()
    assert item.type == kind
    assert title in {None, item.title}
    if kind == "pdf":
        assert made.manifest.file(item.text).size > 500
    assert made.manifest.original == name.rpartition("/")[2]


# --- containers: opened, or a download card and why -----------------------------------------------------

#: Sample → type of its first part and title (``page``: beside the file itself); or what its author is told: of a ``card``
#: (nothing: it is what it is), or why there is no lesson (``none``).
TABLE = {
    "h5p/arithmetic-quiz.h5p": ("h5p", "Arithmetic Quiz"), "h5p/h5p-test.h5p": ("h5p", "Hello World"),
    "h5p/interactive-video.h5p": ("h5p", "Interactive Video"), "h5p/multiple-choice.h5p": ("h5p", "Multiple Choice"),
    "h5p-invalid/broken-h5p-json.h5p": ("card", "h5p.json in it is damaged"), "h5p-invalid/corrupt_archive.h5p": ("card", "it is damaged"),
    "epub/childrens-literature.epub": ("epub", "Children's Literature"), "epub/georgia-cfi.epub": ("epub", "Georgia"),
    "epub/israelsailing.epub": ("epub", "מפליגים בישראל"), "epub/linear-algebra.epub": ("epub", "A First Course in Linear Algebra"),
    "epub/sous-le-vent.epub": ("epub", "Sous le vent"),
    "scorm/RuntimeBasicCalls_SCORM12.zip": ("scorm", "Golf Explained - Run-time Basic Calls"),
    "scorm/RuntimeBasicCalls_SCORM20043rdEdition.zip": ("scorm", "Golf Explained - Run-time Basic Calls"),
    "scorm/small_scorm_package.zip": ("scorm", "Golf Explained - Metadata Example"),
    "scorm/exescorm_default_package.zip": ("html", "New page"),  # eXeLearning's own pages: no SCORM, and better
    "scorm-edge/singlesco_scorm12.zip": ("scorm", "Golf Explained - CP Single SCO"),
    "scorm-edge/singlescobasic_missingorg.zip": ("card", "no list of contents (organization)"),
    "imscc/allyworkshop.imscc": ("html", "Accessibility FAQ"), "imscc/single-page.imscc": ("html", "Our Purpose"),
    "mbz/backup-moodle2-course-with-studentquiz-m400.mbz": ("none", "StudentQuiz 1 (test)"),
    "mbz/backup-moodle45-has-multiple-versions-disapproved.mbz": ("none", "Test SQ (test)"),
    "office/libreoffice-form.odt": ("page", "Libreoffice form"), "office/moved.pptx": ("html", "Testing Layouts"),  # it holds notes
    "office/shp-inline-shape-access.docx": ("page", "Shp inline shape access"), "office/tbl-having-tables.docx": ("card", "save it as PDF"),
    "sb3/comments.sb3": ("page", "Comments"), "zim/small_withns.zim": ("html", "=Test ZIM file"), "zim/wikibooks_be_withns.zim": ("html", "Wikibooks"),
    "zim-invalid/invalid.outofbounds_clusterptrpos.zim": ("card", "it is damaged"),
}  # fmt: skip


def test_every_container_of_the_samples_is_in_the_table():
    folder = samples("h5p/h5p-test.h5p").parents[1]
    kinds = {name.partition("/")[0] for name in TABLE}
    assert {f"{kind}/{path.name}" for kind in kinds for path in (folder / kind).iterdir()} == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_container_opens_or_is_a_card_that_says_why(tmp_path, name):
    kind, said = TABLE[name]
    if kind == "none":
        with pytest.raises(PrivateBackup, match=re.escape(said)):
            built(tmp_path, name)
        return
    made = built(tmp_path, name)
    file_name = name.rpartition("/")[2]
    item = made.manifest.items()[0]
    if kind == "card":
        assert (item.type, item.title, item.entry) == ("file", file_name, file_name)
        assert len(made.manifest.files) == 1
        assert [said in warning for warning in made.warnings] == [True] * bool(said)
    else:
        assert (item.type, item.title) == (kind.replace("page", "html"), said)
        assert kind == "html" or item.entry.startswith(f"{file_name}.")
    assert made.manifest.original == (None if kind == "html" else file_name)


def test_an_interactive_video_loses_the_libraries_that_only_its_editor_needs(tmp_path):
    made = built(tmp_path, "h5p/interactive-video.h5p")
    kept = {file.path.split("/")[1] for file in made.manifest.files if file.path.count("/") > 1} - {"content"}
    assert len(kept) == 23
    assert {"H5P.InteractiveVideo-1.24", "H5P.Summary-1.10", "H5P.Blanks-1.14", "jQuery.ui-1.10"} <= kept
    assert not [name for name in kept if name.startswith("H5PEditor") or "CKEditor" in name]
    assert made.manifest.libs[0] == "Drop-1.0.2"
    assert any("h5p.org" in warning and "from another site" in warning for warning in made.warnings)


def test_one_lesson_of_all_exercises_keeps_each_library_once(tmp_path):
    folder = tmp_path / "tout"
    folder.mkdir()
    for name in ("arithmetic-quiz", "h5p-test", "interactive-video", "multiple-choice"):
        (folder / f"{name}.h5p").write_bytes(samples(f"h5p/{name}.h5p").read_bytes())
    made = build_lesson(folder, tmp_path / "lesson.edpack", {"language": "fr"})
    assert [item.type for item in made.manifest.items()] == ["h5p"] * 4
    each = [file for file in made.manifest.files if "/H5P.JoubelUI-1.3/" in file.path]
    assert len({file.sha256 for file in each}) < len(each) / 2
