"""What a lesson weighs for a class, and what a teacher reads of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edubox.pack.manifest import Item
from edubox.pages import render
from edubox.pages.weights import TEXT_SHARE, Weight, reading_bytes, weigh
from tests.box.school import manifest_of
from tests.pages.test_render import FRAME, LESSON

CLASS, AIR = 35, 20_000


def film(size, kind="video"):
    return replace(LESSON, reading=0, parts=(replace(LESSON.parts[2], type=kind, size=size),))


def test_the_measured_class_is_foretold():
    """Field notes: 947 kB for each of 35 pupils on a 20 Mbit/s hotspot were there after 14 s."""
    minutes = weigh(replace(LESSON, reading=947_000 * 10, parts=()), CLASS, AIR).reading
    assert minutes * 60 == pytest.approx(140, rel=0.06)


def test_films_are_weighed_apart_the_heaviest_alone():
    shown = replace(
        LESSON, reading=17_000_000, parts=(replace(LESSON.parts[2], size=200_000_000), *LESSON.parts[2:])
    )
    weight = weigh(shown, CLASS, AIR)
    assert (round(weight.reading), round(weight.film), weight.kind) == (4, 47, "video")
    assert weight.project


@pytest.mark.parametrize(("size", "said"), [(0, 0), (2_100_000, 0), (2_200_000, 0.5)])
def test_less_than_half_a_minute_is_not_worth_a_word(size, said):
    assert weigh(replace(LESSON, reading=size, parts=()), CLASS, AIR).reading == pytest.approx(said, abs=0.02)
    assert weigh(film(size), CLASS, AIR).film == pytest.approx(said, abs=0.02)


def test_a_short_film_need_not_be_projected():
    assert not weigh(film(9_000_000), CLASS, AIR).project
    assert weigh(film(90_000_000), CLASS, AIR).project


def test_texts_shrink_films_originals_and_downloads_do_not_count():
    files = {"i.html": b"a" * 100_000, "p.png": b"p" * 50_000, "f.mp4": b"f" * 900_000, "s.vtt": b"w" * 500,
             "o.odt": b"o" * 70_000, "t.ods": b"t" * 60_000}  # fmt: skip
    toc = (Item("Lire", "html", "i.html"), Item("Film", "video", "f.mp4"), Item("Tableur", "file", "t.ods"))
    manifest = manifest_of(files, toc=toc, original="o.odt")
    assert reading_bytes(manifest) == round(100_000 * TEXT_SHARE) + 50_000 + 500


def test_of_a_picture_and_its_light_twin_only_the_twin_counts():
    manifest = manifest_of({"i.html": b"a" * 200, "p.jpg": b"p" * 50_000, "p.jpg.webp": b"w" * 9_000})
    assert reading_bytes(manifest) < 10_000


def test_a_teacher_reads_it_beside_the_lesson():
    heavy = replace(
        LESSON, reading=17_000_000, parts=(LESSON.parts[0], replace(LESSON.parts[2], size=200_000_000))
    )
    text = render.lesson(FRAME, heavy).replace("\xa0", " ")
    assert "Pour 35 élèves en même temps</dt><dd>environ 4 minutes</dd>" in text
    assert "Le film, pour 35 élèves</dt><dd>environ 45 minutes – projetez-le plutôt</dd>" in text
    english = render.lesson(replace(FRAME, language="en"), heavy)
    assert "For 35 pupils at once</dt><dd>about 4 minutes</dd>" in english
    assert "project it instead" in english


def test_a_light_lesson_says_nothing_and_a_smaller_class_waits_less():
    light = replace(LESSON, reading=100_000, parts=LESSON.parts[:2])
    assert "élèves" not in render.lesson(FRAME, light)
    heavy = replace(LESSON, reading=17_000_000, parts=())
    assert "Pour 10 élèves en même temps</dt><dd>environ 1 minute</dd>" in render.lesson(
        replace(FRAME, class_size=10), heavy
    )
    assert weigh(heavy, CLASS, 100 * AIR) == Weight(CLASS)
