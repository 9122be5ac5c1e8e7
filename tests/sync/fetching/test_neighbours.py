"""A neighbour is asked as long as it is honest, and answers for itself over all files of a run."""

from __future__ import annotations

import hashlib

import pytest

from edubox.errors import HashMismatch, MissingFile, TryLater, Unreachable
from edubox.sync.fetching.neighbours import CUTS, Neighbour, leave_liars
from edubox.sync.fetching.part import EARLIER

DATA = b"lesson" * 1000
NAME = f"objects/aa/{hashlib.sha256(DATA).hexdigest()}"


class Inner:
    name, kind = "http://192.0.2.9/m/", "neighbour"

    def __init__(self, *answers):
        self.answers, self.received, self.requests = list(answers), 0, 0

    def read(self, _path, _limit):
        self.requests += 1
        answer = self.answers.pop(0) if self.answers else DATA
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stream(self, _path, begin, end, _size):
        self.requests += 1
        answer = self.answers.pop(0) if self.answers else DATA
        if isinstance(answer, Exception):
            raise answer
        yield answer
        if len(answer) < end - begin:
            raise Unreachable(source=self.name, reason="cut")


def unreachable():
    return Unreachable(source="x", reason="it is silent")


def take(neighbour):
    return b"".join(neighbour.stream(NAME, 0, len(DATA), len(DATA)))


def test_what_it_gives_by_its_hash_is_checked_and_a_lie_is_the_last_answer():
    inner = Inner(DATA, b"lie")
    neighbour = Neighbour(inner)
    assert neighbour.read(NAME, 10_000) == DATA
    with pytest.raises(HashMismatch):
        neighbour.read(NAME, 10_000)
    for ask in (lambda: neighbour.read(NAME, 10_000), lambda: take(neighbour)):
        with pytest.raises(Unreachable, match="nobody signed"):
            ask()
    assert inner.requests == 2


def test_what_has_no_hash_in_its_name_is_for_signatures_to_judge():
    assert Neighbour(Inner(b"{}")).read("directory/metadata/timestamp.json", 100) == b"{}"


def test_a_silent_neighbour_is_asked_once_in_a_run():
    inner = Inner(unreachable())
    neighbour = Neighbour(inner)
    for _ in range(3):
        with pytest.raises(Unreachable, match="silent"):
            take(neighbour)
    assert inner.requests == 1


def test_a_neighbour_that_lacks_a_file_is_asked_for_the_next_one():
    neighbour = Neighbour(Inner(*[MissingFile(source="x", path=NAME)] * 20))
    for _ in range(20):
        with pytest.raises(MissingFile):
            take(neighbour)
    assert take(neighbour) == DATA


def test_a_neighbour_that_cuts_each_answer_is_left_in_the_end():
    inner = Inner(*[DATA[:10]] * 20)
    neighbour = Neighbour(inner)
    for _ in range(10):
        with pytest.raises(Unreachable):
            take(neighbour)
    assert inner.requests == CUTS + 1


def test_a_neighbour_without_time_is_asked_again_when_it_said():
    now = [1000.0]
    inner = Inner(TryLater(source="x", seconds=30))
    neighbour = Neighbour(inner, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(TryLater):
            take(neighbour)
    assert inner.requests == 1
    now[0] += 31
    assert take(neighbour) == DATA


def test_who_began_a_bad_unit_is_left_unless_an_earlier_run_is_to_blame():
    liar, other = Neighbour(Inner()), Neighbour(Inner())
    other.name = "other"
    leave_liars([liar, other], {liar.name, EARLIER})
    assert take(liar) == DATA
    leave_liars([liar, other], {liar.name, "http://hub.example/"})
    with pytest.raises(Unreachable):
        take(liar)
    assert take(other) == DATA
