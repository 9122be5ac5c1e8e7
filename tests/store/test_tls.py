"""TLS in the serving loop: whole both ways, patient with nobody who wastes its time, and silent on the wire."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest

from edubox.box.secure import certificate
from edubox.store import tls
from edubox.store.incoming import MAX_BODY

#: One application on a TLS port and on a plain one. Numbers that would make a test wait are smaller here.
PROGRAM = """
import hashlib, sys
from pathlib import Path
from edubox.box.secure.credentials import Credentials
from edubox.store import file_response, server, tls

tls.GREETING, tls.CONNECTIONS, tls.OPTIONS["cleanup_interval"] = 1, 40, 1

def app(environ, start_response):
    if environ["PATH_INFO"] == "/film":
        return file_response.respond(environ, start_response, Path(sys.argv[1], "film"), etag="film", media_type="video/mp4", headers=[])
    body = hashlib.sha256(environ["wsgi.input"].read()).hexdigest() + " " + environ["wsgi.url_scheme"]
    cookie = [("Set-Cookie", "session=biscuit-secret")] if environ["REQUEST_METHOD"] == "POST" else []
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *cookie])
    return [body.encode()]

context = Credentials(Path(sys.argv[1]), {"certificate": ""}).context
sockets = [server.listen("127.0.0.1", 0, "--port") for _ in range(2)]
server.run(
    [server.Served(sockets[0], app, tls=context), server.Served(sockets[1], app, unwelcome=lambda method, path, peer: path == "/no")],
    ready=lambda: print(*(one.getsockname()[1] for one in sockets), flush=True),
)
"""
ANYBODY = ssl.create_default_context()
ANYBODY.check_hostname, ANYBODY.verify_mode = False, ssl.CERT_NONE


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    (folder / "keys").mkdir()
    certificate.make(folder / "keys")
    (folder / "film").write_bytes(os.urandom(3_000_000))
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child.port, child.plain = (int(port) for port in child.stdout.readline().split())
    child.film = (folder / "film").read_bytes()
    yield child
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=20)
    assert (child.returncode, said) == (0, ""), "nothing that strangers did was a mistake of ours"


def ask(port, path="/", method="GET", body=None, context=ANYBODY, **headers):
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_pages_files_and_bodies_arrive_whole_and_the_application_knows_the_way(server):
    body = os.urandom(MAX_BODY - 1)
    status, said = ask(server.port, method="POST", body=body)
    assert (status, said.decode()) == (200, f"{hashlib.sha256(body).hexdigest()} https")
    assert ask(server.port, "/film") == (200, server.film)


def test_a_connection_serves_request_after_request(server):
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=20, context=ANYBODY)
    connection.connect()
    sock = connection.sock
    for body in (b"a", b"b" * 100_000, b""):
        connection.request("POST", "/", body)
        assert connection.getresponse().read().startswith(hashlib.sha256(body).hexdigest().encode())
        assert connection.sock is sock


def test_a_slow_reader_gets_all_of_a_film_while_others_are_served(server):
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", server.port))
    slow = ANYBODY.wrap_socket(raw)
    slow.sendall(b"GET /film HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
    head = slow.recv(4096)
    assert ask(server.port)[0] == 200
    got = head.partition(b"\r\n\r\n")[2] + b"".join(iter(lambda: slow.recv(65536), b""))
    assert got == server.film


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_old_and_new_phones_come_in(server, version):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    assert ask(server.port, context=context)[0] == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_what_was_broken_long_ago_is_refused(server):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        ask(server.port, context=old)


def test_whoever_typed_http_is_sent_to_https(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/bureau/?lang=fr")
    answer = connection.getresponse()
    assert answer.status == 302
    assert answer.headers["Location"] == f"https://127.0.0.1:{server.port}/bureau/?lang=fr"


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x00\x05nonsense", b"\x16", b"POST / HTTP/1.1\r\n\r\n", b"\0" * 50, b""]
)
def test_nonsense_ends_its_own_connection_only(server, said):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as stranger:
        stranger.sendall(said)
        with contextlib.suppress(ConnectionResetError):
            while stranger.recv(4096):  # ended by the server: at once, or when its time to greet is over
                pass
    assert ask(server.port)[0] == 200


def test_strangers_who_take_every_connection_take_them_from_themselves(server):
    """More of them than there is room, silent, in the middle of a handshake or of a request: everybody else comes in."""
    strangers = []
    with contextlib.ExitStack() as crowd:
        for number in range(90):
            stranger = crowd.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            if number % 3 == 1:
                stranger.sendall(b"\x16\x03\x01\x02\x00\x01")
            if number % 3 == 2:
                stranger = crowd.enter_context(ANYBODY.wrap_socket(stranger))
                stranger.sendall(b"POST / HTTP/1.1\r\nHost: box\r\nContent-Length: 100000\r\n\r\nx")
            strangers.append(stranger)
        begin = time.monotonic()
        assert ask(server.port, method="POST", body=b"x" * 50_000)[0] == 200
        assert time.monotonic() - begin < 10
        assert sum(map(is_ended, strangers)) >= 50


def is_ended(stranger):
    stranger.setblocking(False)
    try:
        return stranger.recv(1) == b""
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def test_neither_password_nor_session_can_be_read_on_the_way(server):
    """And the same over plain HTTP can, or this test would see nothing."""

    def log_in(port, connect):
        with recorded(port) as (door, seen):
            connection = connect("127.0.0.1", door, timeout=20)
            connection.request("POST", "/", "name=ada&password=sesame-ouvre-toi")
            answer = connection.getresponse()
            answer.read()
            connection.request("GET", "/", headers={"Cookie": answer.headers["Set-Cookie"]})
            assert connection.getresponse().read()
            connection.close()
        return b"".join(seen)

    def secure(*address, **more):
        return http.client.HTTPSConnection(*address, context=ANYBODY, **more)

    secrets = (b"sesame-ouvre-toi", b"biscuit-secret", b"password", b"ada")
    open_wire, wire = log_in(server.plain, http.client.HTTPConnection), log_in(server.port, secure)
    assert all(secret in open_wire for secret in secrets)
    assert len(wire) > 1000
    assert not [secret for secret in secrets if secret in wire]


@contextlib.contextmanager
def recorded(port):
    """A port that passes one connection on to *port*, and every byte of it, both ways."""
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def carry(source, target):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    seen.append(data)
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

        def serve():
            near, _ = door.accept()
            with near, socket.create_connection(("127.0.0.1", port)) as far:
                back = threading.Thread(target=carry, args=(far, near))
                back.start()
                carry(near, far)
                back.join(20)

        passing = threading.Thread(target=serve)
        passing.start()
        yield door.getsockname()[1], seen
        passing.join(20)


def test_what_is_unwelcome_is_refused_before_its_body_comes(server):
    with socket.create_connection(("127.0.0.1", server.plain), timeout=20) as stranger:
        stranger.sendall(b"POST /no HTTP/1.1\r\nHost: box\r\nContent-Length: 200000\r\n\r\n")
        assert stranger.recv(4096).startswith(b"HTTP/1.1 403 ")
    connection = http.client.HTTPConnection("127.0.0.1", server.plain, timeout=20)
    connection.request("POST", "/yes", b"body")
    assert connection.getresponse().status == 200


def test_the_limits_of_the_box_are_those_that_were_measured():
    assert (tls.GREETING, tls.CONNECTIONS) == (10, 256)
