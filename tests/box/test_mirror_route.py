"""The box's mirror for boxes next door: the hub's rules, and never in a pupil's way."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket

import pytest

from edubox.box.mirror_route import FOR_ONE, LATER, MOST, with_mirror
from tests.box.school import School, settings
from tests.sync.hub import serving

SHA = "a" * 64
FILM = os.urandom(8_000_000)


@pytest.fixture
def mirror(tmp_path):
    for name, data in {
        f"objects/aa/{SHA}": FILM,
        "directory/metadata/timestamp.json": b"{}",
        f"staff/objects/aa/{SHA}": b"for teachers",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def pages(environ, start_response):
    start_response("200 OK", [("Content-Length", "4")])
    return [b"page"]


class Box:
    def __init__(self, url, reading):
        self.port, self.reading = int(url.rpartition(":")[2].strip("/")), reading

    def ask(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def hold(self, address="127.0.0.1"):
        """A neighbour at *address* that asks for the film and does not read it; its status."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(address, 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET /m/objects/aa/{SHA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return sock, int(sock.recv(12).split()[1])


@pytest.fixture
def box(mirror):
    reading = []
    with serving(with_mirror(pages, mirror, lambda: bool(reading))) as url:
        yield Box(url, reading)


def test_a_box_gives_its_public_files_as_a_hub_does_and_nothing_else(box):
    answer, body = box.ask(f"/m/objects/aa/{SHA}")
    assert (answer.status, body, answer.headers["ETag"]) == (200, FILM, f'"{SHA}"')
    answer, body = box.ask(f"/m/objects/aa/{SHA}", Range="bytes=10-19", If_Range=f'"{SHA}"')
    assert (answer.status, body) == (206, FILM[10:20])
    assert box.ask("/m/directory/metadata/timestamp.json")[1] == b"{}"
    for path in (
        f"/m/staff/objects/aa/{SHA}",
        "/m/../keys/root.json",
        "/m/keys/root.json",
        "/m//",
        "/m/objects/aa/",
    ):
        answer, body = box.ask(path)
        assert (answer.status, body) == (404, b"")
    assert box.ask("/fr/")[1] == box.ask("/m")[1] == box.ask("/made")[1] == b"page"


def test_a_few_neighbours_are_served_at_once_the_others_come_later_and_pupils_notice_nothing(box):
    with contextlib.ExitStack() as stack:
        for number in range(MOST):
            sock, status = box.hold(f"127.0.0.{number + 2}")
            stack.callback(sock.close)
            assert status == 200
        answer, body = box.ask(f"/m/objects/aa/{SHA}")
        assert (answer.status, answer.headers["Retry-After"], body) == (503, str(LATER), b"")
        assert box.ask("/fr/")[1] == b"page"
    # All of them are gone, so their turns are over: each of these must be answered, and ends its own turn.
    for _ in range(3 * MOST):
        wait_for(lambda: box.ask(f"/m/objects/aa/{SHA}")[0].status == 200)
        assert box.ask("/m/nothing")[0].status == 404


def test_nobody_takes_the_turns_of_all_the_others(box):
    with contextlib.ExitStack() as stack:
        held = [box.hold("127.0.0.9") for _ in range(MOST)]
        for sock, _ in held:
            stack.callback(sock.close)
        assert [status for _, status in held] == [200] * FOR_ONE + [503] * (MOST - FOR_ONE)
        assert box.ask(f"/m/objects/aa/{SHA}")[0].status == 200


def test_while_pupils_read_one_neighbour_is_enough(box):
    box.reading.append(True)
    sock, status = box.hold()
    assert status == 200
    assert box.ask(f"/m/objects/aa/{SHA}")[0].status == 503
    box.reading.clear()
    assert box.ask(f"/m/objects/aa/{SHA}")[0].status == 200
    sock.close()


def wait_for(true):
    """The server notices a closed connection with its next turn: ask until then, a bounded number of times."""
    assert any(true() for _ in range(2000))


def test_a_box_that_wants_no_neighbours_neither_gives_nor_looks(tmp_path, monkeypatch):
    from edubox.box import serve

    asked = []
    monkeypatch.setattr(serve, "with_mirror", lambda *_: asked.append("with_mirror"))
    monkeypatch.setattr(serve, "run", lambda *_, **__: asked.append("run"))
    serve.serve(
        School(tmp_path / "box").data, settings(listen="127.0.0.1", port=0, lesson_port=0, neighbours=False)
    )
    assert asked == ["run"]
