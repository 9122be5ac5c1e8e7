"""A hostile neighbour, whatever it does: the same folder in the end, soon, and at most one piece for nothing.

The neighbour behaves well where signatures are read and badly where it gives files; patience is a fraction of a second
here, so that each case ends in about that time.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from edubox.box.mirror_route import with_mirror
from edubox.pack.manifest import PIECE
from edubox.store.file_response import respond
from edubox.sync.fetching.http_source import PATIENCE, HttpSource
from edubox.sync.fetching.neighbours import Neighbour
from edubox.sync.fetching.sources import NEIGHBOUR
from tests.sync.country import Box, Country, film, snapshot, text
from tests.sync.hub import Cut, Wire, files, hub, serving

FILM = film(3, 2 * PIECE + 900_000)
CONTENTS = {"index.html": text(1, 60_000), "film.mp4": FILM, "short.mp4": film(4, 700_000)}
MEDIA = frozenset(["film.mp4", "short.mp4"])
SHORT = replace(PATIENCE[NEIGHBOUR], connect=0.5, silence=0.4, head=0.4, span=0.4)
#: Seconds in which every case must end: many times what patience allows, since other work may share the machine.
SOON = 60


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    country = Country(tmp_path_factory.mktemp("country"))
    country.publish("lune", CONTENTS, MEDIA)
    return country


@pytest.fixture(scope="module")
def usual(country, tmp_path_factory):
    """A box that asked the hub alone: what every other one must have in the end."""
    usual = Box(tmp_path_factory.mktemp("usual") / "box", country)
    usual.sync()
    return usual


@pytest.fixture
def box(country, tmp_path):
    return Box(tmp_path / "box", country)


def neighbour(url):
    return Neighbour(HttpSource(url, NEIGHBOUR, patience=SHORT))


def lies(country):
    def application(environ, start_response):
        path = country.mirror / environ["PATH_INFO"].strip("/")
        if not path.is_file():
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        headers: list = []

        def told(status, given):
            headers.append((status, given))

        body = b"".join(
            respond(environ, told, path, etag=path.name, media_type="application/octet-stream", headers=[])
        )
        start_response(*headers[0])
        return [bytes(len(body))]

    return application


def told(status, body=b"", **headers):
    def application(_, start_response):
        start_response(status, [(name.replace("_", "-"), value) for name, value in headers.items()])
        return [body] if isinstance(body, bytes) else body

    return application


def endless():
    while True:
        yield bytes(65536)


def drip(connection, data):
    for at in range(0, len(data), 50):
        connection.sendall(data[at : at + 50])
        if len(data) > 5000:
            threading.Event().wait(0.01)


def vanishing():
    """Cuts every connection after the first 200 kB that pass on it, a little later each time."""
    passed: dict = {}

    def send(connection, data):
        passed[connection] = passed.get(connection, 0) + len(data)
        if passed[connection] > 200_000:
            connection.sendall(data[: len(data) // 2 + len(passed)])
            raise Cut
        connection.sendall(data)

    return send


def mute(connection, data):
    if b"octet-stream" in data:
        while connection.recv(4096):
            pass  # until the other side has had enough
        raise Cut
    connection.sendall(data)


def huge_head(connection, data):
    if b"octet-stream" in data:
        for _ in range(3000):
            connection.sendall(b"X: " + b"y" * 60_000 + b"\r\n")
    connection.sendall(data)


def well(country):
    """Answers as a neighbour that has everything."""
    return files(country.mirror)


def only_files(country, answer):
    return files(country.mirror, bundles=answer, objects=answer)


WAYS = {
    "lies": lambda country: (only_files(country, lies(country)), None),
    "lies about films": lambda country: (files(country.mirror, objects=lies(country)), None),
    "drips": lambda country: (well(country), drip),
    "never ends": lambda country: (only_files(country, told("200 OK", endless())), None),
    "vanishes mid-way": lambda country: (well(country), vanishing()),
    "accepts and says nothing": lambda country: (well(country), mute),
    "sends away": lambda country: (
        only_files(country, told("302 Found", Location="http://192.0.2.1/", Content_Length="0")), None,
    ),
    "has a huge head": lambda country: (well(country), huge_head),
    "has another size": lambda country: (only_files(country, told("200 OK", b"x" * 1000, Content_Length="1000")), None),
    "has no time": lambda country: (
        only_files(country, told("503 Busy", Retry_After="99999999", Content_Length="0")), None,
    ),
    "compresses a bomb": lambda country: (
        only_files(country, told("200 OK", endless(), Content_Encoding="gzip")), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_hostile_neighbour_costs_one_piece_and_a_moment(country, box, usual, way):
    application, send = WAYS[way](country)
    with Wire(application, send) as wire, hub(country) as line:
        began, hostile, far = time.monotonic(), neighbour(wire.url), HttpSource(line)
        box.sync(hostile, far)
        took = time.monotonic() - began
    assert box.read("lune") == usual.read("lune") == CONTENTS
    assert snapshot(box.data / "mirror" / "objects") == snapshot(usual.data / "mirror" / "objects")
    content = sum(map(len, CONTENTS.values()))
    wasted = hostile.received + far.received - content
    print(f"{way}: {took:.1f} s, {hostile.received} B from it, {far.received} B from the hub")
    assert wasted <= PIECE + 100_000, "one piece, and what is said about the lesson"
    assert took < SOON


@pytest.mark.parametrize(
    "way", ["lies", "lies about films", "drips", "vanishes mid-way", "accepts and says nothing", "never ends"]
)
def test_an_honest_neighbour_beside_a_hostile_one_spares_the_line(country, box, usual, way):
    application, send = WAYS[way](country)
    other = with_mirror(files(usual.data), usual.data / "mirror", lambda: False)
    with Wire(application, send) as wire, serving(other) as near, hub(country) as line:
        far = HttpSource(line)
        box.sync(neighbour(wire.url), neighbour(f"{near}m/"), far)
    assert box.read("lune") == CONTENTS
    assert far.received < 0.01 * sum(map(len, CONTENTS.values()))


def test_of_three_boxes_one_asks_the_hub_and_the_others_their_neighbours(country, box, usual, tmp_path):
    second, first = box, usual
    third = Box(tmp_path / "third", country)
    serve = lambda one: serving(with_mirror(files(one.data), one.data / "mirror", lambda: False))  # noqa: E731
    with hub(country) as line, serve(first) as one, serve(second) as two:
        for asking, near in ((second, [one]), (third, [one, two])):
            far = HttpSource(line)
            report = asking.sync(*(neighbour(f"{url}m/") for url in near), far)
            assert asking.read("lune") == CONTENTS
            assert report.received["neighbour"] >= 0.99 * report.bytes
            assert report.received["hub"] == far.received
