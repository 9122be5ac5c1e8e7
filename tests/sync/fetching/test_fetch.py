from __future__ import annotations

import hashlib
import random

import pytest

from edubox.errors import HashMismatch, MissingFile, Unreachable
from edubox.pack.manifest import PIECE
from edubox.sync.fetching.fetch import CUTS, Wanted, fetch
from edubox.sync.fetching.sources import HUB

DATA = random.Random(5).randbytes(2 * PIECE + 300_000)
SMALL = DATA[:500_000]


def wanted(data=DATA, *, pieces=True):
    hashes = [hashlib.sha256(data[at : at + PIECE]).hexdigest() for at in range(0, len(data), PIECE)]
    return Wanted(
        "bundles/aa/x", hashlib.sha256(data).hexdigest(), len(data), tuple(hashes) if pieces else ()
    )


class Memory:
    """A source in memory that follows *script*: each request is bent by the next of its functions."""

    def __init__(self, data=DATA, *script, name="memory", kind=HUB) -> None:
        self.data, self.script, self.name, self.kind = data, list(script), name, kind
        self.received = self.requests = 0
        self.asked: list[tuple[int, int]] = []

    def read(self, path, limit):
        raise NotImplementedError

    def stream(self, path, begin, end, size):
        assert (path, size) == ("bundles/aa/x", len(self.data))
        self.requests += 1
        self.asked.append((begin, end))
        act = self.script.pop(0) if self.script else unbent
        while begin < end:
            block = act(begin, self.data[begin : min(begin + 65536, end)])
            if not block:
                raise Unreachable(source=self.name, reason="cut")
            self.received += len(block)
            yield block
            begin += len(block)


def unbent(_, block):
    return block


def cut_at(offset):
    return lambda at, block: block[: max(offset - at, 0)]


def bend(offset):
    def act(at, block):
        if at <= offset < at + len(block):
            block = bytearray(block)
            block[offset - at] ^= 1
        return bytes(block)

    return act


def absent(at, block):
    raise MissingFile(source="memory", path="bundles/aa/x")


@pytest.mark.parametrize(("data", "pieces"), [(DATA, True), (SMALL, False), (b"", False), (b"x", False)])
def test_a_file_comes_whole_and_is_not_asked_for_again(tmp_path, data, pieces):
    source = Memory(data)
    for _ in range(2):
        assert fetch(wanted(data, pieces=pieces), tmp_path, [source]).read_bytes() == data
    assert source.received == len(data)
    assert source.requests == bool(data)


def test_every_cut_is_resumed_at_the_byte(tmp_path):
    source = Memory(DATA, cut_at(100_000), cut_at(100_001), cut_at(PIECE), cut_at(2 * PIECE + 5))
    assert fetch(wanted(), tmp_path, [source]).read_bytes() == DATA
    assert [begin for begin, _ in source.asked] == [0, 100_000, 100_001, PIECE, 2 * PIECE + 5]
    assert source.received == len(DATA)


def test_what_a_dead_line_gave_is_kept_for_the_next_run_and_the_next_source(tmp_path):
    first = Memory(DATA, cut_at(5_000_000), cut_at(5_000_000))
    with pytest.raises(Unreachable):
        fetch(wanted(), tmp_path, [first])
    assert first.asked == [(0, len(DATA)), (5_000_000, len(DATA))]
    second, third = Memory(DATA, cut_at(6_000_000), cut_at(0)), Memory(DATA)
    assert fetch(wanted(), tmp_path, [second, third]).read_bytes() == DATA
    assert third.asked == [(6_000_000, len(DATA))]
    assert first.received + second.received + third.received == len(DATA)


def test_a_line_that_is_cut_too_often_is_left_for_the_next_run(tmp_path):
    source = Memory(DATA, *(cut_at(1000 * number) for number in range(1, 40)))
    with pytest.raises(Unreachable):
        fetch(wanted(), tmp_path, [source])
    assert source.requests == CUTS + 1


def test_a_bad_piece_alone_is_fetched_again_from_the_next_source(tmp_path):
    bad, good = Memory(DATA, bend(PIECE + 7), name="bad"), Memory(DATA, name="good")
    assert fetch(wanted(), tmp_path, [bad, good]).read_bytes() == DATA
    assert good.asked == [(PIECE, len(DATA))]
    assert bad.received == 2 * PIECE


def test_a_piece_that_went_bad_on_the_card_alone_is_fetched_again(tmp_path):
    fetch(wanted(), tmp_path, [Memory()])
    path = tmp_path / wanted().sha256
    data = bytearray(path.read_bytes())
    data[PIECE + 7] ^= 1
    path.write_bytes(data)
    source = Memory()
    assert fetch(wanted(), tmp_path, [source]).read_bytes() == DATA
    assert source.asked == [(PIECE, 2 * PIECE)]


def test_a_source_whose_own_bytes_are_bad_is_left(tmp_path):
    bad = Memory(SMALL, *[bend(7)] * 9, name="bad")
    with pytest.raises(HashMismatch) as caught:
        fetch(wanted(SMALL, pieces=False), tmp_path, [bad])
    assert caught.value.exit_code == 3
    assert bad.requests == 1
    assert (tmp_path / wanted(SMALL, pieces=False).sha256).stat().st_size == 0, "bad bytes are not kept"
    good = Memory(SMALL)
    fetch(wanted(SMALL, pieces=False), tmp_path, [bad, good])
    assert good.asked == [(0, len(SMALL))]


def test_a_good_source_is_not_blamed_for_what_another_began(tmp_path):
    bad, good = Memory(SMALL, cut_at(0), name="bad"), Memory(SMALL, name="good")
    (tmp_path / wanted(SMALL, pieces=False).sha256).write_bytes(b"poison" * 100)
    assert fetch(wanted(SMALL, pieces=False), tmp_path, [bad, good]).read_bytes() == SMALL
    assert good.asked == [(600, len(SMALL)), (0, len(SMALL))]


def test_a_longer_leftover_and_a_lying_list_of_pieces_do_no_harm(tmp_path):
    (tmp_path / wanted(SMALL, pieces=False).sha256).write_bytes(SMALL + b"more")
    assert fetch(wanted(SMALL, pieces=False), tmp_path, [Memory(SMALL, absent)]).read_bytes() == SMALL
    lie = Wanted("bundles/aa/x", "0" * 64, len(DATA), wanted().pieces)
    with pytest.raises(HashMismatch):
        fetch(lie, tmp_path, [Memory()])
    assert not (tmp_path / ("0" * 64)).exists()
    empty = Wanted("bundles/aa/x", "0" * 64, 0)
    with pytest.raises(HashMismatch):
        fetch(empty, tmp_path, [Memory(b"")])


def test_the_first_sources_reason_is_told_when_none_helps(tmp_path):
    with pytest.raises(MissingFile):
        fetch(wanted(), tmp_path, [Memory(DATA, absent), Memory(DATA, cut_at(0))])


def test_progress_never_goes_beyond_the_file(tmp_path):
    seen = []
    fetch(wanted(), tmp_path, [Memory(DATA, cut_at(70_000))], lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_source_that_ends_early_without_a_word_is_not_asked_for_ever(tmp_path):
    class Short(Memory):
        def stream(self, path, begin, end, size):
            self.requests += 1
            yield from list(super().stream(path, begin, end, size))[:-1]

    source = Short(SMALL)
    with pytest.raises(Unreachable):
        fetch(wanted(SMALL), tmp_path, [source])
    assert source.requests < 10 * CUTS
