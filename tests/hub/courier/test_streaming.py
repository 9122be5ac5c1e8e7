"""Parts that are made while they leave: the very bytes of ``edubox courier export``, from any place on."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from edubox.errors import Unreachable
from edubox.hub.courier import streaming
from edubox.hub.courier.streaming import Part, Sums
from edubox.sync.carried.carry import chosen
from edubox.sync.carried.courier import WHOLE, export, plan, size_of
from tests.hub.conftest import BEGIN
from tests.hub.publications import publish

PART_SIZE = 20_000_000


@pytest.fixture
def mirror(country):
    publish(country, "moon", "The Moon", BEGIN)
    publish(country, "tides", "Tides", BEGIN, film=random.Random(7).randbytes(2_000_000))
    publish(country, "rivers", "Rivers", BEGIN, film=random.Random(8).randbytes(WHOLE + 9_000_001))
    return country / "mirror"


def parts_of(mirror, part_size=PART_SIZE):
    """Each part as the hub streams it."""
    sums = Sums(mirror)
    return [Part(mirror, part, sums.of(part, 1)) for part in plan(chosen(mirror, []), part_size)]


def test_a_streamed_part_is_the_one_that_an_export_writes(mirror, tmp_path):
    written = export(mirror, chosen(mirror, []), tmp_path / "out", "all", part_size=PART_SIZE)
    streamed = parts_of(mirror)
    assert len(written) == len(streamed) > 1
    for path, part in zip(written, streamed, strict=True):
        assert io.BufferedReader(part).read() == path.read_bytes()
        assert zipfile.ZipFile(path).testzip() is None


def test_a_part_can_be_read_from_any_place_on(mirror):
    (part, *_) = parts_of(mirror)
    whole = io.BufferedReader(part).read
    data, size = whole(), part.seek(0, io.SEEK_END) if not part.closed else 0
    assert len(data) == size
    chance = random.Random(1)
    for _ in range(300):
        begin, length = chance.randrange(size), chance.choice([1, 7, 70_000])
        part.seek(begin)
        got = b""
        while len(got) < length and (block := part.read(length - len(got))):
            got += block
        assert got == data[begin : begin + length]


def test_a_file_is_read_once_for_its_checksum(mirror, monkeypatch):
    sums, opened = Sums(mirror), []
    usual = streaming.open_inside
    monkeypatch.setattr(streaming, "open_inside", lambda root, path: opened.append(path) or usual(root, path))
    (part, *_) = plan(chosen(mirror, []), PART_SIZE)
    first = sums.of(part, 1)
    number = len(opened)
    assert sums.of(part, 1) == first
    assert len(opened) == number == len([one for one in part if one.data is None])


def test_a_crowd_is_sent_away_and_nobody_waits_for_ever(mirror):
    sums = Sums(mirror)
    (part, *_) = plan(chosen(mirror, []), PART_SIZE)
    for _ in range(streaming.AT_ONCE):
        sums._turn.acquire()
    assert sums.of(part, 0.01) is None
    for _ in range(streaming.AT_ONCE + streaming.WAITING):
        sums._queue.acquire()
    assert sums.of(part, 60) is None


def test_a_file_that_became_shorter_is_said_and_never_made_up(mirror):
    (part, *_) = plan(chosen(mirror, []), PART_SIZE)
    sums = Sums(mirror).of(part, 1)
    shorter = next(one for one in part if one.size > 1000 and one.data is None)
    (mirror / shorter.path).chmod(0o600)
    (mirror / shorter.path).write_bytes(b"x")
    with pytest.raises(Unreachable, match="shorter"):
        Sums(mirror).of(part, 1)
    with pytest.raises(OSError, match="shorter"):
        io.BufferedReader(Part(mirror, part, sums), size_of(part)).read()
