"""A card that is not as somebody wished says so: on the first page, to the doctor, and never more than it knows."""

from __future__ import annotations

import pytest

from edubox.box.app import create_app
from edubox.box.health import Box, prepared
from edubox.box.setup import FOLDERS
from edubox.hardware.card import state
from edubox.settings import load_settings
from tests.hardware.card.cards import Card


@pytest.fixture
def card(tmp_path):
    """A card whose box has never been given anything, as the pages see it."""
    made = Card.below(tmp_path)
    made.start()
    for name in FOLDERS:
        (made.places.data / name).mkdir(exist_ok=True)
    return made


def first_page(card, language: str) -> str:
    app = create_app(card.places.data, load_settings(card.places.data / "box.toml"))
    return (
        app.test_client()
        .get("/", headers={"Accept-Language": language}, follow_redirects=True)
        .get_data(as_text=True)
    )


def doctor(card) -> tuple[str, str]:
    found = prepared.check(Box(card.places.data, {}))
    return found.level, found.sentence


@pytest.mark.parametrize(
    ("language", "sentence"), [("fr", "Ligne 1 : Le fuseau horaire"), ("en", "Line 1: There is no time zone")]
)
def test_the_first_page_says_what_is_wrong_with_the_card(card, language, sentence):
    assert sentence not in first_page(card, language)
    card.file.write_text('timezone = "<b>Mars</b>"\n')
    card.start()
    page = first_page(card, language)
    assert sentence in page
    assert "<b>Mars" not in page


def test_the_doctor_says_how_far_the_card_is(card):
    assert doctor(card)[0] == "note"
    card.file.write_text('timezone = "Mars"\n')
    card.start()
    level, sentence = doctor(card)
    assert level == "warning"
    assert "Not provisioned" in sentence
    assert "Line 1" in sentence
    card.file.write_text('timezone = "Africa/Dakar"\n')
    card.start()
    assert doctor(card)[0] == "good"
    (card.places.system / state.FILE).unlink()
    assert doctor(card) == ("good", "This box was not made from an image.")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b'{"format": 2}',
        b'{"format": 1, "outcome": "applied"}',
        b'{"format": 1, "outcome": 7}',
        b"\xff" * 9,
    ],
)
def test_a_damaged_state_is_unknown(card, damage):
    (card.places.system / state.FILE).write_bytes(damage)
    assert state.read(card.places.system) == state.CardState()
