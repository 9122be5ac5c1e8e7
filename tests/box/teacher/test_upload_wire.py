"""Uploads as they come over the wire: bodies are poured to the disk while they arrive, and may end at any byte."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sqlite3
import time
from types import SimpleNamespace

import pytest

from edubox.box.accounts.guard import PLAIN_COOKIE
from edubox.box.accounts.person import TEACHER, Person
from edubox.box.accounts.sessions import csrf_of
from edubox.box.teacher import arriving, desk_form, drafts, uploads
from edubox.box.teacher.uploads import Coming
from edubox.store import incoming
from tests.box.desk_client import desk_of, person
from tests.box.school import School
from tests.box.teacher.pouring import desk_server


@pytest.fixture
def data(tmp_path):
    return School(tmp_path / "box").data


class Device:
    """A teacher's device, which speaks to the server without a library."""

    def __init__(self, server, data):
        client = server.app.test_client()
        desk_of(client, data, role="teacher")
        token = client.application._token
        self.server, self.data, self.person = server, data, person(data).id
        self.headers = f"Cookie: {PLAIN_COOKIE}={token}\r\nX-Edubox-Csrf: {csrf_of(token)}\r\n"

    def begin(self, size, owner=None):
        draft = drafts.create(self.data, Person(owner or self.person, "Ada", TEACHER), "x").id
        return self.server.uploads.begin(Coming(owner or self.person, draft, "film.mp4", size)), draft

    def send(self, ident, offset, length, headers=None):
        sock = socket.create_connection(("127.0.0.1", self.server.port), timeout=20)
        sock.sendall(
            f"PATCH /bureau/televersement/{ident} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nTus-Resumable: 1.0.0\r\n"
            f"Origin: http://127.0.0.1:{self.server.port}\r\nContent-Type: {uploads.PIECE}\r\nUpload-Offset: {offset}\r\n"
            f"{self.headers if headers is None else headers}Content-Length: {length}\r\n\r\n".encode()
        )
        return sock

    def offset(self, ident):
        return self.server.uploads.standing(ident).offset


def eventually(work, seconds=20.0):
    end = time.monotonic() + seconds
    while not work():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def device(data):
    with desk_server(data) as server:
        yield Device(server, data)


def test_what_came_before_a_cut_counts_and_the_rest_completes_the_file(data, device):
    whole = os.urandom(3_000_000)
    ident, draft = device.begin(len(whole))
    with device.send(ident, 0, len(whole)) as sock:
        sock.sendall(whole[:1_000_000])
        eventually(lambda: device.offset(ident) == 1_000_000)
    with device.send(ident, 1_000_000, 2_000_000) as sock:
        sock.sendall(whole[1_000_000:])
        assert sock.recv(64).startswith(b"HTTP/1.1 204")
    assert (drafts.folder(data, draft) / "files" / "film.mp4").read_bytes() == whole


def test_a_phone_whose_first_connection_hangs_goes_on_by_another(device):
    ident, _ = device.begin(1_000_000)
    with device.send(ident, 0, 1_000_000) as first:
        first.sendall(b"x" * 300_000)
        eventually(lambda: device.offset(ident) == 300_000)
        with device.send(ident, 300_000, 700_000) as second:
            second.sendall(b"y" * 600_000)
            eventually(lambda: device.offset(ident) == 900_000)
            first.sendall(b"x" * 300_000)
            assert first.recv(64).startswith(b"HTTP/1.1 423")
            second.sendall(b"y" * 100_000)
            assert second.recv(64).startswith(b"HTTP/1.1 204")


def test_of_who_has_not_come_in_and_of_who_is_somebody_else_nothing_is_written(device):
    mine, _ = device.begin(1_000_000)
    others, _ = device.begin(1_000_000, owner=99)
    for ident, headers, status in (
        (mine, "", b"401"),
        (mine, "Cookie: edubox=x\r\n", b"401"),
        (others, None, b"404"),
    ):
        with device.send(ident, 0, 900_000, headers) as sock:
            sock.sendall(b"x" * 1000)
            assert sock.recv(64).startswith(b"HTTP/1.1 " + status)
        assert device.offset(ident) == 0


def from_elsewhere(device, ident, origin):
    """The status of a piece that a page of *origin* sends, with the cookie of whoever reads it."""
    port = device.server.port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(
            f"PATCH /bureau/televersement/{ident} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nTus-Resumable: 1.0.0\r\n{origin}"
            f"Content-Type: {uploads.PIECE}\r\nUpload-Offset: 0\r\n{device.headers}Content-Length: 900000\r\n\r\n".encode()
        )
        sock.sendall(b"x" * 1000)
        return sock.recv(12)[9:]


def test_of_what_a_page_of_another_origin_sends_not_a_byte_is_written(data, device):
    ident, _ = device.begin(1_000_000)
    port = device.server.port
    for origin in (
        "",
        "Origin: null\r\n",
        f"Origin: http://127.0.0.1:{port + 1}\r\n",
        f"Origin: https://127.0.0.1:{port}\r\n",
    ):
        assert from_elsewhere(device, ident, origin) == b"403"
        assert device.offset(ident) == 0
    assert send_form(device, 400_000, origin=f"http://127.0.0.1:{port + 1}") == b"403"
    assert not [one for one in (data / "staging").iterdir() if one.name.startswith("form-")]


def test_while_the_file_of_accounts_is_written_pieces_come_and_nobody_waits(data, device):
    ident, _ = device.begin(1_000_000)
    with contextlib.closing(sqlite3.connect(data / "school.db", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with device.send(ident, 0, 1_000_000) as sock:
            sock.sendall(b"x" * 1_000_000)
            eventually(lambda: device.offset(ident) == 1_000_000)
            with socket.create_connection(("127.0.0.1", device.server.port), timeout=5) as pupil:
                pupil.sendall(b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert pupil.recv(15) == b"HTTP/1.1 200 OK"
            db.execute("ROLLBACK")
            assert sock.recv(64).startswith(b"HTTP/1.1 204")


def test_a_body_that_is_refused_is_never_read_as_a_request(device):
    ident, _ = device.begin(1_000_000)
    hidden = f"DELETE /bureau/televersement/{ident} HTTP/1.1\r\nHost: 127.0.0.1:{device.server.port}\r\nTus-Resumable: 1.0.0\r\n"
    hidden += f"Origin: http://127.0.0.1:{device.server.port}\r\n{device.headers}\r\n"
    said = b""
    with device.send(ident, 500, 900_000) as sock, contextlib.suppress(ConnectionError):
        sock.sendall(hidden.encode() * 50)
        while block := sock.recv(65536):
            said += block
    assert said.count(b"HTTP/1.1") <= 1
    assert device.offset(ident) == 0


def test_who_is_put_out_while_a_file_comes_brings_no_more(data, device, monkeypatch):
    monkeypatch.setattr(arriving, "_OFTEN", 0)
    ident, _ = device.begin(1_000_000)
    with device.send(ident, 0, 1_000_000) as sock:
        sock.sendall(b"x" * 100_000)
        eventually(lambda: device.offset(ident) == 100_000)
        device.server.uploads.owner = lambda _: None
        sock.sendall(b"x" * 100_000)
        assert sock.recv(64).startswith(b"HTTP/1.1 4")
    assert device.offset(ident) == 100_000


def test_what_fits_on_a_disk_that_becomes_full_stays_and_the_rest_is_told_to_wait(device, monkeypatch):
    ident, _ = device.begin(1_000_000)
    write = os.write

    def full(handle, data):
        if len(data) > 1000 and device.offset(ident) >= 200_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(arriving.os, "write", full)
    with device.send(ident, 0, 1_000_000) as sock, contextlib.suppress(ConnectionError):
        sock.sendall(b"x" * 1_000_000)
        assert sock.recv(64).startswith(b"HTTP/1.1 507")
    monkeypatch.undo()
    kept = device.offset(ident)
    assert 200_000 <= kept < 1_000_000
    with device.send(ident, kept, 1_000_000 - kept) as sock:
        sock.sendall(b"x" * (1_000_000 - kept))
        assert sock.recv(64).startswith(b"HTTP/1.1 204")


def send_form(device, size, headers=None, origin=""):
    """The status with which a form with a file of *size* bytes is answered, nothing if the connection ends instead."""
    csrf = device.headers.partition("Csrf: ")[2].strip()
    head = f"--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\n{csrf}\r\n--x\r\n"
    head += "Content-Disposition: form-data; name=file; filename=film.mp4\r\n\r\n"
    cookie = device.headers.partition("\r\n")[0] if headers is None else headers
    body = len(head) + size + len("\r\n--x--\r\n")
    with socket.create_connection(("127.0.0.1", device.server.port), timeout=20) as sock:
        with contextlib.suppress(ConnectionError):
            sock.sendall(
                f"POST /bureau/televersement/form HTTP/1.1\r\nHost: 127.0.0.1:{device.server.port}\r\n{cookie}\r\n"
                f"Origin: {origin or device.server.url}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                f"Content-Length: {body}\r\n\r\n{head}".encode()
            )
            sock.sendall(b"x" * size + b"\r\n--x--\r\n")
        try:
            return sock.recv(12)[9:]
        except ConnectionResetError:
            return b""


def test_a_form_with_a_film_is_taken_and_leaves_nothing_beside_it(data, device):
    assert send_form(device, 3_000_000) == b"303"
    [draft] = [one.name for one in (data / "drafts").iterdir()]
    assert (drafts.folder(data, draft) / "files" / "film.mp4").stat().st_size == 3_000_000
    eventually(lambda: not [one for one in (data / "staging").iterdir() if one.name.startswith("form-")])


def test_a_form_of_who_has_not_come_in_is_refused_before_it_has_come(data, device):
    assert send_form(device, 400_000, headers="Cookie: edubox=nobody") == b"401"
    assert not (data / "drafts").exists()


def test_a_body_that_would_fill_the_disk_ends_and_leaves_nothing(data, device, monkeypatch):
    monkeypatch.setattr(incoming.os, "fstatvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096))
    assert send_form(device, 1_000_000) == b""
    assert not list((data / "staging").iterdir())
    monkeypatch.undo()
    assert send_form(device, 1_000_000) == b"303"


def test_a_form_that_is_too_large_is_refused_by_its_first_lines(device, monkeypatch):
    monkeypatch.setattr(desk_form, "LARGEST", 1_000_000)
    assert send_form(device, 2_000_000) == b"413"
