"""What the academy says of an offer is written down for its teacher, and for no other offer."""

from __future__ import annotations

import pytest

from edubox.sync import offers


@pytest.fixture
def data(tmp_path):
    offers.offer(tmp_path, "la-lune", 2, "local/x", 100)
    return tmp_path


def test_a_teacher_reads_the_state_and_the_last_words(data):
    offers.hear(data, "la-lune", 2, "returned", ["Une source manque.", "x" * 5000])
    found = offers.of_slug(data, "la-lune")
    assert (found.state, found.version, found.at) == ("returned", 2, 100)
    assert [len(one) for one in found.comments] == [18, offers.COMMENT]


@pytest.mark.parametrize(
    ("slug", "version", "state"),
    [("la-lune", 1, "accepted"), ("mars", 2, "accepted"), ("la-lune", 2, "lost")],
)
def test_words_for_another_version_or_in_another_language_of_states_change_nothing(
    data, slug, version, state
):
    offers.hear(data, slug, version, state, ["Bravo"])
    assert offers.of_slug(data, "la-lune").state == "waiting"
    assert offers.of_slug(data, "mars") is None


def test_an_offer_that_was_taken_back_does_not_come_back_with_an_answer(data):
    offers.take_back(data, "la-lune")
    offers.hear(data, "la-lune", 2, "accepted", [])
    assert offers.of_slug(data, "la-lune") is None


def test_those_that_wait_longest_go_first_and_damaged_ones_are_left_out(data):
    offers.offer(data, "ancienne", 1, "local/x", 50)
    (data / offers.FOLDER / "abimee.json").write_text("{")
    assert list(offers.queue(data)) == ["ancienne", "la-lune"]
    assert offers.queue(data / "nowhere") == {}
