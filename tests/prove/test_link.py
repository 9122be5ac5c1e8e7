"""``make prove-link`` in brief: the same cuts over loopback, and bytes instead of seconds."""

from __future__ import annotations

import itertools

import pytest

from edubox.errors import Unreachable
from edubox.sync.fetching.http_source import HttpSource
from edubox.sync.fetching.sources import BLOCK
from tests.prove.forwarder import Forwarder, lives
from tests.sync.country import Box, Country, film, text
from tests.sync.hub import hub

BEFORE = {"index.html": text(1, 300_000), "film.mp4": film(1, 1_500_000)}
AFTER = BEFORE | {"index.html": BEFORE["index.html"] + text(2, 100_000), "second.mp4": film(2, 700_000)}


@pytest.fixture
def country(tmp_path):
    return Country(tmp_path)


def bring(box, address, cuts) -> tuple[int, Forwarder]:
    """Synchronise *box* through a forwarder until it is done; the bytes of bodies it took, and the forwarder."""
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    received = 0
    with Forwarder(("127.0.0.1", port), cuts) as forwarder:
        for _ in range(200):
            source = HttpSource(f"http://127.0.0.1:{forwarder.address[1]}/")
            try:
                box.sync(source)
                return received + source.received, forwarder
            except Unreachable:
                received += source.received
    raise AssertionError("it was never done")


@pytest.mark.parametrize(
    "cuts",
    [
        pytest.param(lambda: lives(1389), id="one-in-five"),
        pytest.param(lambda: lives(486), id="one-in-five-again"),
        pytest.param(lambda: lives(1, 1.0, 30_000, 300_000), id="every-connection"),
    ],
)
def test_a_line_that_cuts_costs_no_byte_twice(tmp_path, country, cuts):
    usual, box = Box(tmp_path / "usual", country), Box(tmp_path / "box", country)
    draws, total = cuts(), 0
    for contents, base in ((BEFORE, None), (AFTER, "lune")):
        country.publish(
            "lune", contents, media=frozenset({"film.mp4", "second.mp4"} & set(contents)), base=base
        )
        with hub(country) as address:
            necessary, _ = bring(usual, address, itertools.repeat(0))
            received, forwarder = bring(box, address, draws)
        assert necessary <= received
        # The second is the forwarder's own count, heads of answers included.
        assert max(received, forwarder.passed) <= 1.02 * necessary + BLOCK * forwarder.cuts
        assert box.read("lune") == contents
        total += forwarder.cuts
    assert total
