"""Real material: what teachers publish becomes a lesson that can be given to a class."""

from __future__ import annotations

import pytest

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
    assert {item.type for item in items} == {"notebook", "markdown", "pdf", "file"}


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
    ("av/viper.ogg", "audio", "Viper"), ("epub/sous-le-vent.epub", "file", "sous-le-vent.epub"),
    ("h5p/arithmetic-quiz.h5p", "file", "arithmetic-quiz.h5p"), ("h5p-invalid/corrupt_archive.h5p", "file", "corrupt_archive.h5p"),
    ("scorm/small_scorm_package.zip", "file", "small_scorm_package.zip"), ("imscc/single-page.imscc", "file", "single-page.imscc"),
    ("scorm-edge/singlescobasic_missingorg.zip", "file", "singlescobasic_missingorg.zip"),
    ("office/moved.pptx", "file", "moved.pptx"), ("office/libreoffice-form.odt", "file", "libreoffice-form.odt"),
    ("sb3/comments.sb3", "file", "comments.sb3"), ("zim/small_withns.zim", "file", "small_withns.zim"),
])  # fmt: skip
def test_each_kind_of_document_is_one_part(tmp_path, name, kind, title):
    made = built(tmp_path, name)
    (item,) = made.manifest.items()
    assert item.type == kind
    assert title in {None, item.title}
    if kind == "pdf":
        assert made.manifest.file(item.text).size > 500
    assert made.manifest.original == name.rpartition("/")[2]
