"""A hub behind HTTPS: the name and the authority must be right, the clock need not."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edubox.errors import Unreachable
from edubox.sync.fetching.http_source import HttpSource

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def certificate(folder, begins, name="127.0.0.1"):
    """A certificate that answers for *name* for a year from *begins*, and signs itself; returns its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "hub.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """``serve(begins, name)`` gives the address of a hub; its authority is the system's unless *known* is False."""
    servers = []
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "timestamp.json").write_bytes(b"{}")

    def start(begins, name="127.0.0.1", *, known=True):
        file = certificate(tmp_path, begins, name)
        monkeypatch.setenv("SSL_CERT_FILE", str(file if known else tmp_path / "nobody.pem"))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "mirror")))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"https://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_hub_behind_https_is_read(serve):
    source = HttpSource(serve(datetime.now(UTC) - timedelta(days=1)))
    assert source.read("timestamp.json", 100) == b"{}"


@pytest.mark.parametrize("begins", [LONG_AGO, LONG_AGO + timedelta(days=100 * 365)])
def test_a_box_that_does_not_know_the_day_still_reaches_its_hub(serve, begins):
    assert HttpSource(serve(begins)).read("timestamp.json", 100) == b"{}"


def test_a_hub_that_no_authority_knows_is_not_asked_for_lessons(serve):
    address = serve(datetime.now(UTC), known=False)
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        HttpSource(address).read("timestamp.json", 100)


def test_a_hub_under_another_name_is_not_asked_for_lessons(serve):
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        HttpSource(serve(datetime.now(UTC), "127.0.0.9")).read("timestamp.json", 100)
