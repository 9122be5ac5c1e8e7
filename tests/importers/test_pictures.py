"""Pictures: a phone gets little and sees much, the original is one touch away, and says nothing of who took it."""

from __future__ import annotations

import base64
import builtins
import json
import re
import struct
import zlib

import pytest

from edubox.importers import pictures
from edubox.importers.stripping import stripped
from tests.importers.building import Lesson
from tests.importers.photos import animation, drawing, opened, photo


def size(lesson, path):
    return lesson.manifest.file(path).size


def test_a_page_shows_a_light_twin_that_leads_to_the_original_pixels(tmp_path):
    original = photo()
    lesson = Lesson(tmp_path, {"a.md": "# T\n\n![Une cellule](img/cellule.jpg)", "img/cellule.jpg": original})
    page = lesson.read("a.md.html")
    assert (
        '<a href="img/cellule.jpg"><img src="img/cellule.jpg.webp" alt="Une cellule" loading="lazy" width="720" height="540"></a>'
        in page
    )
    kept = (lesson.folder / "img/cellule.jpg").read_bytes()
    assert opened(kept).tobytes() == opened(original).tobytes()
    assert b"Secret" in original
    assert b"Secret" not in kept
    assert size(lesson, "img/cellule.jpg.webp") < len(original) / 5
    assert [one[0] for one in lesson.toc] == ["T"]


def test_a_twin_stands_upright_and_does_not_say_who_took_it_where(tmp_path):
    lesson = Lesson(tmp_path, {"a.md": "![x](p.jpg)", "p.jpg": photo(1600, 1200, orientation=6)})
    data = (lesson.folder / "p.jpg.webp").read_bytes()
    twin = opened(data)
    assert twin.size == (720, 960)
    red, green, _ = twin.convert("RGB").getpixel((700, 480))
    assert red > 150 > green, "what was at the camera's top is now at the right"
    assert dict(twin.getexif()) == {}
    assert b"Secret" not in data
    assert 'width="720" height="960"' in lesson.read("a.md.html")


def test_a_drawing_of_few_colours_keeps_its_edges(tmp_path):
    lesson = Lesson(tmp_path, {"a.md": "![x](d.png)", "d.png": drawing(640, 480)})
    twin = lesson.folder / "d.png.webp"
    if twin.exists():
        assert len(opened(twin.read_bytes()).convert("RGB").getcolors(1 << 20)) <= 2


@pytest.mark.parametrize(("name", "data"), [
    ("petite.jpg", photo(200, 150)), ("anime.gif", animation()), ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<path d='M0 0h9'/>" * 2000 + b"</svg>"),
    ("casse.jpg", photo()[:3000] + b"x" * 40_000), ("texte.png", b"not a picture" * 4000), ("page.eps.png", b"%!PS-Adobe" * 4000),
])  # fmt: skip
def test_what_gains_nothing_or_is_no_still_picture_goes_as_it_is(tmp_path, name, data):
    lesson = Lesson(tmp_path, {"a.md": f"![x]({name})", name: data})
    assert f'src="{name}"' in lesson.read("a.md.html")
    assert not (lesson.folder / f"{name}.webp").exists()
    assert (lesson.folder / name).read_bytes() == (stripped(data) or data)


def test_an_enormous_picture_is_not_opened_and_its_author_is_told(tmp_path):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(bytes(40_000_000))) + chunk(b"IEND", b"")
    lesson = Lesson(tmp_path, {"a.md": "![x](b.png)", "b.png": bomb})
    assert lesson.said("b.png", "100000 × 100000", "save it smaller")
    assert not (lesson.folder / "b.png.webp").exists()


def test_a_heavy_animation_is_named(tmp_path):
    heavy = animation(frames=14, width=500)
    assert len(heavy) > 1_000_000
    assert Lesson(tmp_path, {"a.md": "![x](b.gif)", "b.gif": heavy}).said("b.gif", "animation", ".mp4")


def test_pages_that_authors_wrote_are_never_changed(tmp_path):
    text = "<!doctype html><title>T</title><img src=p.jpg>"
    lesson = Lesson(tmp_path, {"index.html": text, "p.jpg": photo()})
    assert lesson.read("index.html") == text
    assert {file.path for file in lesson.manifest.files} == {"index.html", "p.jpg", "p.jpg.cover.webp"}


def test_a_picture_that_is_a_part_has_a_light_form(tmp_path):
    lesson = Lesson(tmp_path, {"a.jpg": photo(), "b.png": b"x"})
    assert lesson.item("A").alternatives == ("a.jpg.webp",)
    assert lesson.item("B").alternatives == ()


def test_a_link_of_the_author_stays_his_and_words_are_found_for_one_without(tmp_path):
    lesson = Lesson(
        tmp_path,
        {
            "a.md": "[![x](p.jpg)](b.md)\n\n![](ma_photo.jpg)",
            "b.md": "# B",
            "p.jpg": photo(),
            "ma_photo.jpg": photo(1000),
        },
    )
    page = lesson.read("a.md.html")
    assert re.search(r'<a href="b\.md\.html"><img src="p\.jpg\.webp"[^>]*></a>', page)
    assert '<a href="ma_photo.jpg" aria-label="Ma photo"><img' in page


def test_pictures_inside_a_notebook_become_files(tmp_path):
    data = photo(900, 600)
    cell = {
        "cell_type": "code",
        "source": "x",
        "outputs": [{"output_type": "display_data", "data": {"image/jpeg": base64.b64encode(data).decode()}}],
    }
    lesson = Lesson(tmp_path, {"n.ipynb": json.dumps({"cells": [cell], "nbformat": 4})})
    assert (lesson.folder / "n.ipynb-1.jpg").read_bytes() == data
    page = lesson.read("n.ipynb.html")
    assert 'src="n.ipynb-1.jpg.webp"' in page
    assert "base64" not in page


def test_a_name_that_is_taken_is_not_written_over(tmp_path):
    lesson = Lesson(tmp_path, {"a.md": "![x](p.jpg)", "p.jpg": photo(), "P.JPG.WEBP": b"mine"})
    assert (lesson.folder / "P.JPG.WEBP").read_bytes() == b"mine"
    assert 'src="p.jpg-2.webp"' in lesson.read("a.md.html") or 'src="p.jpg.webp-2' not in lesson.read(
        "a.md.html"
    )


def test_a_very_long_name_still_gets_its_twin(tmp_path):
    name = "p" * 245 + ".jpg"
    lesson = Lesson(tmp_path, {"a.md": f"![x]({name})", name: photo()})
    assert any(file.path.endswith(".webp") and file.path.startswith("ppp") for file in lesson.manifest.files)


def test_without_pillow_pictures_go_as_they_are_and_their_author_is_told_once(tmp_path, monkeypatch):
    files = {"a.md": "![x](p.jpg) ![y](q.jpg)", "p.jpg": photo(), "q.jpg": photo(1000), "r.jpg": photo(1200)}
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    lesson = Lesson(tmp_path, files)
    assert {file.path for file in lesson.manifest.files} == {*files, "a.md.html"}
    assert len([one for one in lesson.warnings if "edubox[importers]" in one]) == 1
    assert lesson.manifest.image is None


def test_a_cover_of_any_shape_is_small(tmp_path):
    for number, (width, height) in enumerate([(1600, 1200), (300, 2400), (3000, 200), (20, 20)]):
        lesson = Lesson(tmp_path / str(number), {"cover.png": photo(width, height, "PNG"), "a.md": "# A"})
        cover = lesson.folder / lesson.manifest.image
        shown = opened(cover.read_bytes()).size
        assert shown[0] * 3 == shown[1] * 4
        assert cover.stat().st_size <= pictures.COVER_BYTES


@pytest.mark.parametrize("shape", [(10, 4000), (700, 20_000), (20_000, 30)])
def test_a_strip_too_long_for_a_light_form_goes_as_it_is_and_ends_no_lesson(tmp_path, shape):
    strip = drawing(*shape)
    lesson = Lesson(tmp_path, {"a.md": "![x](p.png)", "p.png": strip, "cover.png": strip})
    assert "p.png.webp" not in lesson.read("a.md.html")
    assert (lesson.folder / "p.png").read_bytes() == strip
