"""The poster for the wall: printable, with its accents, and what a phone's camera reads."""

from __future__ import annotations

import io

from pypdf import PdfReader

from edubox.pages.poster import Poster, pdf, wifi_code

POSTER = Poster("École Françoise-Dolto (Œuvre d’été)", "http://10.87.3.1/", "École; Été", "tgvb-butb-surg")


def test_the_wall_says_school_wifi_password_and_address_in_french_too():
    (page,) = PdfReader(io.BytesIO(pdf(POSTER, ("es", "pt")))).pages
    text = page.extract_text()
    for words in (POSTER.school, POSTER.address, POSTER.wifi, POSTER.password):
        assert words in text
    assert (page.mediabox.width, page.mediabox.height) == (595, 842)


def test_a_camera_is_told_the_name_as_it_is():
    assert wifi_code(POSTER) == "WIFI:T:WPA;S:École\\; Été;P:tgvb-butb-surg;;"
    assert wifi_code(Poster("x", "y", "Ouvert")) == "WIFI:T:nopass;S:Ouvert;;"


def test_letters_that_the_fonts_lack_break_nothing():
    assert (
        PdfReader(io.BytesIO(pdf(Poster("مدرسة 😀", "http://10.87.3.1/"), ("ar",)))).pages[0].extract_text()
    )


def test_the_same_school_gets_the_same_bytes():
    assert pdf(POSTER, ("fr",)) == pdf(POSTER, ("fr",))


def test_what_is_typed_has_its_name_and_one_step_has_no_number():
    (page,) = PdfReader(io.BytesIO(pdf(POSTER, ("fr", "en")))).pages
    said = page.extract_text()
    assert "Mot de passe / Password" in said
    assert "2. Ouvrir les leçons" in said
    (page,) = PdfReader(io.BytesIO(pdf(Poster("École", "http://10.87.3.1/"), ("fr",)))).pages
    said = page.extract_text()
    assert "Ouvrir les leçons" in said
    assert "1." not in said.replace("10.87.3.1", "")
    assert "Mot de passe" not in said
