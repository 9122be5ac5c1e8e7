"""What is seen before anything is opened: a film's poster, its subtitles, the lesson's cover."""

from __future__ import annotations

import pytest

from edubox.errors import BadInput
from edubox.importers import frames, posters
from edubox.importers.subtitles import from_srt
from edubox.pages.kinds import subtitle_language
from tests import needs
from tests.importers.building import Lesson, html, samples
from tests.importers.photos import opened, photo

SRT = "\ufeff1\r\n0:00:01,5 --> 00:00:04,000 X1:10 X2:20\r\n<font color=red>L'été</font> {\\an8}arrive\r\n\r\n2\r\n00:01:00,250 --> 00:01:02,000\r\n- Oui <i>!</i>\r\n"


def test_subtitles_of_other_players_are_translated_and_kept(tmp_path):
    lesson = Lesson(
        tmp_path,
        {
            "cellule.mp4": b"x",
            "cellule.fr.srt": SRT.lstrip("\ufeff").encode("cp1252"),
            "cellule.en-GB.srt": SRT,
        },
    )
    item = lesson.item("Cellule")
    assert item.alternatives == ("cellule.en-GB.vtt", "cellule.fr.vtt")
    assert lesson.read("cellule.fr.vtt") == (
        "WEBVTT\n\n1\n00:00:01.500 --> 00:00:04.000\nL'été arrive\n\n2\n00:01:00.250 --> 00:01:02.000\n- Oui <i>!</i>\n"
    )
    assert (lesson.folder / "cellule.fr.srt").read_bytes() == SRT.lstrip("\ufeff").encode("cp1252")
    assert [one[1] for one in lesson.toc] == ["video"], "the author's files are no parts of their own"
    assert [subtitle_language(name, "ar") for name in item.alternatives] == ["en", "fr"]
    assert lesson.manifest.file("cellule.fr.vtt").type == "text/vtt"


def test_subtitles_in_an_old_encoding_are_read_and_those_of_the_author_win(tmp_path):
    old = "WEBVTT\n\n00:01.000 --> 00:02.000\nL'été\n".encode("cp1252")
    lesson = Lesson(tmp_path, {"a.mp4": b"x", "a.fr.vtt": old, "a.en.vtt": "WEBVTT\n\né\n", "a.en.srt": SRT})
    assert lesson.item("A").alternatives == ("a.en.vtt", "a.utf-8.fr.vtt")
    assert "L'été" in lesson.read("a.utf-8.fr.vtt")
    assert subtitle_language("a.utf-8.fr.vtt", "en") == "fr"


@pytest.mark.parametrize("text", ["", "rien", "1\n00:00:01 --> 2\n", "\0" * 100])
def test_what_holds_no_cue_is_named(tmp_path, text):
    assert from_srt(text) is None
    lesson = Lesson(tmp_path, {"a.mp4": b"x", "a.srt": text or " "})
    assert lesson.item("A").alternatives == ()
    assert lesson.said("a.srt", "no subtitles")


def test_the_picture_beside_a_film_is_its_poster(tmp_path):
    lesson = Lesson(tmp_path, {"cell.mp4": b"x", "cell.jpg": photo(), "autre.jpg": b"x"})
    item = lesson.item("Cell")
    assert item.alternatives == ("cell.jpg.webp",)
    assert lesson.manifest.file("cell.jpg.webp").size <= 40_000
    assert [one[0] for one in lesson.toc] == ["Autre", "Cell"]
    assert lesson.manifest.image == "cell.jpg.webp.cover.webp"


@pytest.mark.parametrize("name", ["rabbit320.mp4", "rabbit320.webm"])
def test_a_film_without_one_gets_a_frame_of_its_own(tmp_path, name):
    needs.programs("ffmpeg")
    lesson = Lesson(tmp_path, source=samples(f"av/{name}"))
    (item,) = lesson.manifest.items()
    (poster,) = [path for path in item.alternatives if lesson.manifest.file(path).type == "image/webp"]
    assert lesson.manifest.file(poster).size <= 40_000
    picture = opened((lesson.folder / poster).read_bytes()).convert("L")
    assert picture.width >= 320
    low, high = picture.getextrema()
    assert high - low > 60, "a frame of the film, not its black beginning"
    assert lesson.manifest.image


def test_without_ffmpeg_a_film_is_as_good_without_a_poster(tmp_path, monkeypatch):
    monkeypatch.setattr(frames.shutil, "which", lambda _: None)
    lesson = Lesson(tmp_path, {"a.mp4": b"x"})
    assert lesson.item("A").alternatives == ()
    assert lesson.warnings == []


def test_a_playlist_that_calls_itself_a_film_reads_no_other_file(tmp_path):
    needs.programs("ffmpeg")
    film = samples("av/rabbit320.mp4").read_bytes()
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.bin\n#EXT-X-ENDLIST\n"
    concat = "ffconcat version 1.0\nfile secret.bin\n"
    lesson = Lesson(tmp_path, {"a.mp4": playlist, "b.mp4": concat, "secret.bin": film})
    assert [item.alternatives for item in lesson.manifest.items() if item.type == "video"] == [(), ()]


# --- covers ---------------------------------------------------------------------------------------------

PAGE = html("T", "<img src=petite.png><img src='grande.jpg'>")


def image(tmp_path, files, toml=""):
    return Lesson(tmp_path, {**files, **({"lesson.toml": toml} if toml else {})}).manifest.image


def test_the_cover_is_what_its_author_says_else_what_is_called_so_else_what_is_seen_first(tmp_path):
    files = {
        "index.html": PAGE,
        "petite.png": photo(60, 60, "PNG"),
        "grande.jpg": photo(800, 600),
        "choisie.png": photo(500, 400, "PNG"),
    }
    assert image(tmp_path / "1", files) == "grande.jpg.cover.webp"
    named = {**files, "Couverture.jpg": photo(700, 500)}
    assert image(tmp_path / "2", named) == "Couverture.jpg.cover.webp"
    assert image(tmp_path / "3", named, 'image = "choisie.png"') == "choisie.png.cover.webp"


def test_a_cover_is_no_part_beside_others(tmp_path):
    lesson = Lesson(tmp_path, {"a.md": "# A", "cover.jpg": photo()})
    assert [one[0] for one in lesson.toc] == ["A"]
    assert Lesson(tmp_path / "alone", {"cover.jpg": photo()}).toc == [("Cover", "image", "cover.jpg")]


def test_a_small_drawing_may_be_the_cover_and_a_lesson_may_have_none(tmp_path):
    assert image(tmp_path / "1", {"a.md": "# A", "d.svg": b"<svg/>"}, 'image = "d.svg"') == "d.svg"
    assert image(tmp_path / "2", {"a.md": "# A", "son.mp3": b"x"}) is None
    assert image(tmp_path / "3", {"a.md": "# A", "cover.jpg": b"no picture"}) is None


@pytest.mark.parametrize("said", ['image = "absente.png"', 'image = "a.md"', "image = 3"])
def test_a_cover_that_is_no_picture_of_the_lesson_is_refused(tmp_path, said):
    with pytest.raises(BadInput, match="image"):
        image(tmp_path, {"a.md": "# A"}, said)


def test_names_of_covers():
    assert posters.is_cover("livre/COVER.png")
    assert not posters.is_cover("cover.html")
    assert not posters.is_cover("recover.png")
