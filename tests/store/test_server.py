from __future__ import annotations

import contextlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from waitress import wasyncore
from waitress.adjustments import Adjustments

from edubox.errors import BadInput, PortTaken
from edubox.store.incoming import LARGE_ONES, MAX_BODY, Request
from edubox.store.server import SEND_BUFFER, _Channel, listen, url

TWO_APPLICATIONS = """
import signal, sys
from pathlib import Path
from edubox.store import file_response, incoming, server

def film(environ, start_response):
    return file_response.respond(environ, start_response, Path(sys.argv[1]), etag="film", media_type="video/mp4", headers=[])

def page(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

sockets = [server.listen("127.0.0.1", 0, "--port") for _ in range(2)]
ticks = []
signal.signal(signal.SIGUSR1, lambda *_: print("ticks", len(ticks), flush=True))
server.run(
    list(zip(sockets, (film, page))),
    ready=lambda: print(*(one.getsockname()[1] for one in sockets), flush=True),
    tick=lambda: ticks.append(1) or (len(ticks) == 1 and print("tick", flush=True)),
    large=incoming.Large(Path(sys.argv[1]).parent / "spool", lambda method, path: 2_000_000 if (method, path) == ("POST", "/large") else 0),
)
print("ended", flush=True)
"""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "film").write_bytes(os.urandom(12_000_000))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "spool").mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", TWO_APPLICATIONS, str(tmp_path / "film")], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
    )  # fmt: skip
    child.ports = [int(port) for port in child.stdout.readline().split()]
    yield child
    child.send_signal(signal.SIGTERM)
    child.wait(20)


def ask(port, path="/", method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_page_that_did_not_change_keeps_its_connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=20)
    connection.connect()
    sock = connection.sock
    for _ in range(3):
        connection.request("GET", "/", headers={"If-None-Match": '"film"'})
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.headers["Connection"]) == (304, b"", None)
        assert connection.sock is sock
    connection.request("GET", "/", headers={"If-None-Match": '"film"', "Connection": "close"})
    assert connection.getresponse().headers["Connection"] == "close"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_process_serves_two_ports_and_ends_with_code_0(server, number, tmp_path):
    film = (tmp_path / "film").read_bytes()
    assert ask(server.ports[0]) == (200, film)
    assert ask(server.ports[0], Range="bytes=11999999-") == (206, film[-1:])
    assert ask(server.ports[1], method="POST", body=b"bonjour") == (200, b"bonjour")
    assert server.stdout.readline() == "tick\n"
    server.send_signal(number)
    assert server.stdout.read() == "ended\n"
    assert server.wait(20) == 0


def test_a_busy_class_makes_no_more_ticks_than_a_quiet_one(server):
    assert server.stdout.readline() == "tick\n"
    begun = time.monotonic()
    for _ in range(200):
        ask(server.ports[1], method="POST", body=b"bonjour")
    passed = time.monotonic() - begun
    server.send_signal(signal.SIGUSR1)
    assert int(server.stdout.readline().split()[1]) <= passed + 3


def open_files(pid):
    """What the process *pid* has open; it goes on opening and closing while we look."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(one)


def test_a_slow_reader_costs_neither_a_thread_nor_a_temporary_file(server, tmp_path):
    slow = []
    for _ in range(30):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        reader.connect(("127.0.0.1", server.ports[0]))
        reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-\r\n\r\n")
        assert reader.recv(100).startswith(b"HTTP/1.1 206")
        slow.append(reader)
    # Thirty readers wait and eight threads serve: another one is answered at once.
    assert ask(server.ports[1], method="POST", body=b"page") == (200, b"page")
    assert not os.listdir(tmp_path / "tmp")
    assert not [name for name in open_files(server.pid) if name.startswith(str(tmp_path / "tmp"))]
    for reader in slow:
        reader.close()


def test_a_body_that_is_too_large_is_refused_before_it_reaches_the_disk(server, tmp_path):
    with socket.create_connection(("127.0.0.1", server.ports[1]), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        assert b" 413 " in client.recv(100)
    assert not os.listdir(tmp_path / "tmp")


def test_a_large_body_goes_to_its_own_folder_where_it_is_allowed_and_only_there(server, tmp_path):
    body = os.urandom(1_500_000)
    head = f"POST /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.ports[1]), timeout=20) as client:
        client.sendall(head + body[:700_000])
        deadline = time.monotonic() + 20
        spool = str(tmp_path / "spool")
        while not any(name.startswith(spool) for name in open_files(server.pid)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        client.sendall(body[700_000:])
        said = b"".join(iter(lambda: client.recv(65536), b""))
    assert said.endswith(body)
    assert not os.listdir(tmp_path / "spool")
    for path, size in (("/", 300_000), ("/large", 3_000_000)):
        with socket.create_connection(("127.0.0.1", server.ports[1]), timeout=20) as client:
            client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
            assert b" 413 " in client.recv(100)


def test_a_request_that_was_not_understood_can_be_named_in_the_log():
    request = Request(Adjustments())
    request.received(b"nonsense\r\n\r\n")
    assert request.error
    assert request.path == ""


def test_large_requests_of_strangers_do_not_fill_the_memory_and_pages_are_answered(server):
    def held():
        return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * resource.getpagesize()

    assert ask(server.ports[1], method="POST", body=b"page") == (200, b"page")
    before = held()
    strangers = []
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 262000\r\n\r\n"
    for _ in range(200):
        stranger = socket.create_connection(("127.0.0.1", server.ports[1]), timeout=20)
        strangers.append(stranger)
        with contextlib.suppress(OSError):  # one too many is sent away
            stranger.sendall(head + bytes(250_000))
    assert ask(server.ports[1], method="POST", body=b"page") == (200, b"page")
    assert held() - before < (LARGE_ONES + 8) * MAX_BODY + 4_000_000
    for stranger in strangers:
        stranger.close()
    assert ask(server.ports[1], method="POST", body=bytes(200_000)) == (200, bytes(200_000))


def test_nonsense_is_answered_and_nobody_s_address_is_written_down(server):
    for target in (b"http://[/fr/", b"http://\xe2\x84\x80/", b"http://[::1", b"//[x/"):
        with socket.create_connection(("127.0.0.1", server.ports[0]), timeout=20) as client:
            client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(100).split()[1] in {b"400", b"200"}
    server.send_signal(signal.SIGTERM)
    assert "127.0.0.1" not in server.stderr.read()


def test_a_connection_that_breaks_leaves_no_address_in_the_log(caplog):
    def break_(_self, _data):
        raise RuntimeError("broken")

    here, there = socket.socketpair()
    channel = channel_on(here)
    channel.received = break_.__get__(channel)
    there.sendall(b"x")
    wasyncore.read(channel)
    assert "broken" in caplog.text
    assert "198.51.100.7" not in caplog.text
    there.close()


def test_a_request_that_dribbles_in_ends_with_its_time_and_others_do_not(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("waitress.channel.time.time", lambda: now[0])
    here, there = socket.socketpair()
    channel = channel_on(here)
    for part in (b"GET / HT", b"TP/1.1\r\n", b"Host: x\r\n"):
        now[0] += 100
        there.sendall(part)
        channel.handle_read()
    assert channel.last_activity == 1100, "counted from the beginning of the request"
    there.sendall(b"\r\n")
    channel.handle_read()
    assert channel.last_activity == now[0], "a request that is whole is not late"
    channel.handle_close()
    there.close()


def channel_on(sock):
    adjustments = Adjustments(sockets=[], ident="edubox")
    listening = SimpleNamespace(adj=adjustments, active_channels={}, add_task=lambda _: None)
    return _Channel(listening, sock, ("198.51.100.7", 4711), adjustments, {})


def test_the_kernel_reads_little_ahead_for_a_slow_phone():
    listening = listen("127.0.0.1", 0, "--port")
    with socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        # Linux doubles what is asked for; without it the buffer grows to megabytes.
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * SEND_BUFFER
        accepted.close()
    listening.close()


def test_a_taken_port_is_a_sentence_that_names_the_option():
    first = listen("127.0.0.1", 0, "--port")
    with pytest.raises(PortTaken, match="--lesson-port"):
        listen("127.0.0.1", first.getsockname()[1], "--lesson-port")
    first.close()


@pytest.mark.parametrize(("address", "port"), [("192.0.2.1", 0), ("no address", 0), ("127.0.0.1", 99999)])
def test_an_impossible_address_is_a_sentence(address, port):
    with pytest.raises(BadInput):
        listen(address, port, "--port")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("0.0.0.0", "http://localhost:81/"), ("::1", "http://[::1]:81/"), ("192.0.2.1", "http://192.0.2.1:81/")],
)
def test_the_address_that_is_shown_can_be_typed(address, shown):
    assert url(address, 81) == shown


def test_a_free_port_can_be_had_again_at_once():
    first = listen("127.0.0.1", 0, "--port")
    port = first.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = first.accept()
        accepted.close()
    first.close()
    listen("127.0.0.1", port, "--port").close()
