"""The frame and the film of a part: what stands in them, and what stands there when there is no player."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from edubox.pages import render
from edubox.pages.model import Part
from edubox.pages.player import NEEDS, Players
from tests.pages.test_render import FRAME, HASH, LESSON

PLAYING = replace(FRAME, players=Players("b1", {"h5p.html": Path("h5p.html")}, frozenset(NEEDS)))
ENTRIES = {
    "h5p": "Le quiz.h5p.d/h5p.json",
    "epub": "livre.epub.d/OPS/package.opf",
    "scorm": "s.zip.d/index.html",
}


def shown(frame, kind, path, alternatives=(), media_type="text/html", **changed):
    """The page of a part of this *kind*."""
    part = Part(1, "Une partie", kind, 0, path, media_type, 5000, alternatives)
    return render.part(frame, replace(LESSON, parts=(part,), **changed), 1)


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_container_is_framed_by_its_player_with_words_for_its_reader(kind):
    text = shown(PLAYING, kind, ENTRIES[kind])
    frame = re.search(r"<iframe[^>]*>", text)[0]
    quoted = ENTRIES[kind].replace(" ", "%20")
    assert f'src="http://box:8081/p/b1/{kind}.html#c={HASH}&amp;e={quoted}"' in frame
    assert "allow-same-origin" in frame
    words = json.loads(unescape(re.search(r'data-words="([^"]*)"', frame)[1]))
    assert {"title", "contents", "back", "on", "smaller", "bigger", "sheet", "trouble"} == words.keys()
    assert all(words.values())


@pytest.mark.parametrize("kind", ENTRIES)
def test_without_its_player_a_part_is_a_card_that_says_so_and_offers_the_original(kind):
    text = shown(FRAME, kind, ENTRIES[kind])
    assert "<iframe" not in text
    assert "fiche.odt?download" in text
    assert "h5p.json?download" not in text, "a file that nobody can open by itself"
    assert "?download" not in shown(FRAME, kind, ENTRIES[kind], original="")


def test_a_document_is_the_browser_s_own_and_names_the_spare_viewer():
    frame = re.search(r"<iframe[^>]*>", shown(PLAYING, "pdf", "fiche.pdf", media_type="application/pdf"))[0]
    assert f'src="http://box:8081/c/{HASH}/fiche.pdf#' in frame
    assert f'data-player="http://box:8081/p/b1/pdf.html#c={HASH}&amp;e=fiche.pdf"' in frame
    assert "data-player" not in shown(FRAME, "pdf", "fiche.pdf", media_type="application/pdf")


def test_a_film_shows_its_poster_and_not_as_another_film():
    others = (("film.jpg", "image/jpeg"), ("film.fr.vtt", "text/vtt"))
    film = re.search(r"<video.*?</video>", shown(FRAME, "video", "film.mp4", others, "video/mp4"), re.DOTALL)[
        0
    ]
    assert f'poster="http://box:8081/c/{HASH}/film.jpg"' in film
    assert film.count("<source") == 1
    assert film.count("<track") == 1


def test_a_book_begins_at_the_chapter_that_a_search_found():
    part = Part(1, "Le livre", "epub", 0, ENTRIES["epub"], "application/oebps-package+xml", 900)
    text = render.part(PLAYING, replace(LESSON, parts=(part,)), 1, "livre.epub.d/OPS/deux.xhtml")
    assert "&amp;f=livre.epub.d/OPS/deux.xhtml" in text
