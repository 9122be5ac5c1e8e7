"""Pictures, sound and films."""

from __future__ import annotations

import pytest

from tests.importers.building import Lesson
from tests.importers.photos import animation, drawing, photo


def test_subtitles_and_other_forms_go_with_their_film(tmp_path):
    lesson = Lesson(tmp_path, dict.fromkeys(
        ["cellule.webm", "cellule.MP4", "cellule.vtt", "cellule.en.vtt", "cellule2.mp4", "autre.vtt"], b"x",
    ))  # fmt: skip
    assert lesson.toc == [("Cellule", "video", "cellule.MP4"), ("Cellule2", "video", "cellule2.mp4")]
    assert lesson.item("Cellule").alternatives == ("cellule.webm", "cellule.en.vtt", "cellule.vtt")


def test_two_forms_of_one_recording_are_one_part(tmp_path):
    lesson = Lesson(tmp_path, {"viper.ogg": b"x", "viper.mp3": b"x"})
    assert lesson.toc == [("Viper", "audio", "viper.mp3")]
    assert lesson.item("Viper").alternatives == ("viper.ogg",)


@pytest.mark.parametrize(
    "name", ["film.avi", "film.wmv", "film.mkv", "film.3gp", "son.wma", "son.amr", "photo.heic", "scan.TIFF"]
)
def test_what_phones_cannot_show_is_a_download_with_advice(tmp_path, name):
    lesson = Lesson(tmp_path, {name: b"x"})
    (item,) = lesson.manifest.items()
    assert item.type == "file"
    assert lesson.said(name, "most phones", "save it as")


@pytest.mark.parametrize(("name", "data"), [
    ("a.png", drawing(20, 10)), ("a.jpg", photo(80, 60)), ("a.webp", photo(80, 60, "WEBP")), ("a.gif", animation(2, 20, 10)),
    ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'),
])  # fmt: skip
def test_pictures_are_shown(tmp_path, name, data):
    lesson = Lesson(tmp_path, {name: data})
    assert lesson.toc == [("A", "image", name)]
    assert lesson.warnings == []


@pytest.mark.parametrize(("name", "kind"), [("a.avif", "AVIF"), ("a.tiff", "TIFF")])
def test_pictures_that_few_phones_show_are_written_anew(tmp_path, name, kind):
    lesson = Lesson(tmp_path, {name: photo(80, 60, kind)})
    assert lesson.toc == [("A", "image", "a.jpg")]
    assert lesson.warnings == []
    assert {file.path for file in lesson.manifest.files} >= {"a.jpg"}
