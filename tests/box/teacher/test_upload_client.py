"""Somebody else's client of the same protocol (tuspy) sends to the desk what our own script would."""

from __future__ import annotations

import os
import socket
import threading

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from edubox.box.accounts.guard import PLAIN_COOKIE
from edubox.box.accounts.sessions import csrf_of
from edubox.box.teacher import drafts
from tests.box.desk_client import desk_of
from tests.box.school import School
from tests.box.teacher.pouring import desk_server

WHOLE = os.urandom(5_000_000)


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(WHOLE)
    return str(path)


@pytest.fixture
def server(tmp_path):
    with desk_server(School(tmp_path / "box").data) as running:
        running.data = tmp_path / "box"
        client = running.app.test_client()
        desk_of(client, running.data, role="teacher")
        token = client.application._token
        running.headers = {
            "Cookie": f"{PLAIN_COOKIE}={token}", "X-Edubox-Csrf": csrf_of(token), "Origin": running.url,
        }  # fmt: skip
        yield running


def client_of(server, url=""):
    return TusClient(
        f"{url or server.url}/bureau/televersement/", headers=server.headers | {"Host": server.url[7:]}
    )


def arrived(server):
    [draft] = [one.name for one in (server.data / "drafts").iterdir()]
    return (drafts.folder(server.data, draft) / "files" / "film.mp4").read_bytes()


def test_a_film_arrives_in_pieces(server, film):
    client_of(server).uploader(film, chunk_size=1_500_000, metadata={"filename": "film.mp4"}).upload()
    assert arrived(server) == WHOLE


def test_a_film_that_comes_in_one_piece_goes_on_after_a_cut_where_it_was_cut(server, film):
    """One request for all of it; the line is cut after two megabytes, and nothing that arrived is sent again."""
    with Line(server.port, cut_after=2_000_000) as line:
        uploader = client_of(server, line.url).uploader(
            film, metadata={"filename": "film.mp4"}, retries=3, retry_delay=0.2
        )
        uploader.upload()
        assert arrived(server) == WHOLE
        assert line.carried < len(WHOLE) + 300_000


def test_an_upload_goes_on_in_another_program_by_its_address(server, film):
    first = client_of(server).uploader(film, chunk_size=1_000_000, metadata={"filename": "film.mp4"})
    first.upload(stop_at=3_000_000)
    second = client_of(server).uploader(film, url=first.url, chunk_size=1_000_000)
    assert second.get_offset() == 3_000_000
    second.upload()
    assert arrived(server) == WHOLE


def test_who_has_not_come_in_is_refused(server, film):
    with pytest.raises(TusCommunicationError):
        TusClient(f"{server.url}/bureau/televersement/").uploader(film).create_url()


class Line:
    """The Wi-Fi between a phone and the box: it carries to the box so many bytes, then is cut once."""

    def __init__(self, port, cut_after):
        self._port, self._left, self.carried = port, cut_after, 0
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._sock.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._sock.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source, target, counted):
        try:
            while block := source.recv(65536):
                if counted:
                    self.carried += len(block)
                    if self._left is not None and self.carried >= self._left:
                        self._left = None
                        target.sendall(block)
                        break
                target.sendall(block)
        except OSError:
            pass
        for one in (source, target):
            one.close()
