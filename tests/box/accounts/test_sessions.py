"""How long somebody is in, counted by a clock that a test turns."""

from __future__ import annotations

import pytest

from edubox.box.accounts.sessions import IDLE, LONGEST, OF_ALL, OF_ONE, Sessions, csrf_of


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


def test_a_quarter_of_an_hour_without_a_click_ends_it_and_a_click_begins_another(sessions, clock):
    token, _ = sessions.begin(1, "s")
    clock.now += IDLE - 1
    assert sessions.find(token, active=True)
    clock.now += IDLE - 1
    assert sessions.find(token, active=True)
    clock.now += IDLE
    assert sessions.find(token, active=True) is None
    clock.now -= IDLE
    assert sessions.find(token, active=True) is None, "what is over stays over"


def test_a_page_that_asks_for_news_does_not_keep_it_open(sessions, clock):
    token, _ = sessions.begin(1, "s")
    for _ in range(int(IDLE) // 60 - 1):
        clock.now += 60
        assert sessions.find(token, active=False)
    clock.now += 60
    assert sessions.find(token, active=False) is None


def test_after_half_a_day_it_ends_whatever_is_clicked(sessions, clock):
    token, _ = sessions.begin(1, "s")
    end = clock.now + LONGEST
    while clock.now + 600 < end:
        clock.now += 600
        assert sessions.find(token, active=True)
    clock.now = end
    assert sessions.find(token, active=True) is None


def test_one_person_has_a_few_and_everybody_some_and_the_one_idle_longest_makes_room(sessions, clock):
    tokens = []
    for _ in range(OF_ONE + 1):
        clock.now += 1
        tokens.append(sessions.begin(1, "s")[0])
    assert [bool(sessions.find(one, active=False)) for one in tokens] == [False] + [True] * OF_ONE
    for person in range(2, OF_ALL + 2):
        clock.now += 0.001
        sessions.begin(person, "s")
    assert sessions.count() == OF_ALL
    assert sessions.find(tokens[1], active=False) is None


def test_ending_all_of_somebody_leaves_the_others(sessions):
    (one, _), (other, _), (colleague, _) = (sessions.begin(person, "s") for person in (1, 1, 2))
    sessions.end_all(1)
    assert sessions.find(one, active=True) is sessions.find(other, active=True) is None
    assert sessions.find(colleague, active=True)
    sessions.end(colleague)
    sessions.end("no such token")
    assert sessions.count() == 0


def test_what_is_in_memory_gives_no_token_away(sessions):
    token, session = sessions.begin(1, "s")
    assert token not in repr(vars(sessions))
    assert len(token) >= 43
    assert session.csrf == csrf_of(token)
    assert sessions.begin(1, "s")[0] != token
