"""A teacher takes back what was offered: the hub hears it with the next synchronisation, wherever the offer was by then."""

from __future__ import annotations

import pytest

from edubox.errors import Unreachable
from edubox.hub.intake import limits
from edubox.hub.intake.collect import collect
from edubox.hub.review import arrivals
from edubox.sync import offers, pushing
from tests.hub.intake.world import work


def states(hub):
    with hub.database.read() as connection:
        return [(one.slug, one.version, one.state) for one in arrivals.listed(connection, states=())]


def told(hub, enrolled):
    with hub.database.read() as connection:
        return [(one["slug"], one["state"]) for one in arrivals.told(connection, enrolled.id)]


def test_an_offer_that_is_taken_back_leaves_the_reviewers_list_with_the_next_synchronisation(
    hub, enrolled, address
):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    offers.take_back(enrolled.data, "la-lune")
    assert states(hub) == [("la-lune", 1, "received")]
    assert pushing.has_work(enrolled.data)
    assert enrolled.push(address).requests == 1
    assert states(hub) == [("la-lune", 1, "withdrawn")]
    assert told(hub, enrolled) == []
    assert not pushing.has_work(enrolled.data)
    assert enrolled.push(address).requests == 0


def test_without_a_line_it_waits_and_is_told_when_there_is_one(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    offers.take_back(enrolled.data, "la-lune")
    for _ in range(2):
        with pytest.raises(Unreachable):
            enrolled.push("http://127.0.0.1:9/")
    assert offers.withdrawn(enrolled.data) == [f"{enrolled.id}/la-lune"]
    enrolled.push(address)
    assert states(hub) == [("la-lune", 1, "withdrawn")]


def test_what_was_still_on_its_way_does_not_arrive_afterwards(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    offers.take_back(enrolled.data, "la-lune")
    enrolled.push(address)
    assert work(hub) == ["intake-check"]
    assert states(hub) == []


def test_the_same_version_offered_once_more_waits_for_a_reviewer_again(hub, enrolled, address):
    index = enrolled.offer()
    enrolled.push(address)
    work(hub)
    offers.take_back(enrolled.data, "la-lune")
    enrolled.push(address)
    offers.offer(enrolled.data, "la-lune", index.version, enrolled.id, 2)
    report = enrolled.push(address)
    assert [one.state for one in report.offers] == ["received"]
    assert states(hub) == [("la-lune", 1, "received")]
    assert enrolled.state() == "received"


@pytest.mark.parametrize("arrives", [True, False])
def test_offered_again_after_its_files_have_gone_it_is_sent_as_a_new_one(
    hub, enrolled, address, clock, arrives
):
    index = enrolled.offer()
    enrolled.push(address)
    if arrives:
        work(hub)
    offers.take_back(enrolled.data, "la-lune")
    enrolled.push(address)
    for _ in range(3):
        clock.forward(days=31)
        collect(hub)
    offers.offer(enrolled.data, "la-lune", index.version, enrolled.id, 2)
    assert enrolled.push(address).sent > index.size
    work(hub)
    wanted = [("la-lune", 1, "received")] + ([("la-lune", 1, "withdrawn")] if arrives else [])
    assert sorted(states(hub)) == wanted
    assert limits.GIVEN_UP == 30 * 86_400


def test_taken_back_and_offered_anew_before_any_line_is_the_newer_offer(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    offers.take_back(enrolled.data, "la-lune")
    enrolled.offer(words="Mieux.")
    assert offers.withdrawn(enrolled.data) == []
    enrolled.push(address)
    work(hub)
    assert sorted(states(hub)) == [("la-lune", 1, "replaced"), ("la-lune", 2, "received")]


def test_what_somebody_decided_about_stays_decided(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    with hub.database.read() as connection:
        (one,) = arrivals.listed(connection, states=())
    hub.database.change(lambda c: arrivals.refuse(c, one.id, "marie", "Non.", hub.now()))
    offers.take_back(enrolled.data, "la-lune")
    enrolled.push(address)
    assert states(hub) == [("la-lune", 1, "refused")]


def test_a_card_that_became_another_box_takes_nothing_back_for_the_first_one(hub, enrolled, address):
    (enrolled.data / offers.FOLDER).mkdir(exist_ok=True)
    offers.offer(enrolled.data, "la-mer", 1, "local/of-before", 1)
    offers.take_back(enrolled.data, "la-mer")
    assert enrolled.push(address).requests == 0
    assert offers.withdrawn(enrolled.data) == []


def test_a_note_that_is_damaged_is_nothing_to_take_back(enrolled):
    for text in ("", "[]", '{"format": 2, "lessons": ["a"]}', '{"format": 1, "lessons": [7]}'):
        (enrolled.data / offers.WITHDRAWN).write_text(text)
        assert offers.withdrawn(enrolled.data) == []
