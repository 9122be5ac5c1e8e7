"""nginx alone as an academy's mirror: the configuration that we ship, with a hub behind TLS, read by real boxes."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from edubox.store.mirror_app import mirror_app
from tests import needs
from tests.cli.country import free_port
from tests.packaging.nginx_box import nginx_or_skip
from tests.serving import serving
from tests.sync.country import Box, Country, film, text
from tests.sync.relaying.world import counting, object_of, until

CONF = Path(__file__).parents[2] / "packaging" / "nginx" / "mirror.conf"
FILM = film(1, 9_000_000)
PATH = object_of(FILM)
#: What stands for the hub's own nginx: TLS, and the application behind it.
HUB = """
server {{
    listen 127.0.0.1:{tls} ssl;
    server_name lessons-hub.example.org;
    ssl_certificate {folder}/mirror.pem;
    ssl_certificate_key {folder}/mirror.key;
    access_log off;
    location / {{ proxy_pass http://127.0.0.1:{hub}; proxy_set_header Range $http_range; }}
}}
"""


class Academy:
    def __init__(self, port, folder):
        self.url, self.folder = f"https://127.0.0.1:{port}/", folder

    def get(self, path, **headers):
        request = urllib.request.Request(self.url + path, headers=headers)
        trusted = ssl.create_default_context(cafile=self.folder / "mirror.pem")
        try:
            with urllib.request.urlopen(request, timeout=60, context=trusted) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


@contextlib.contextmanager
def academy_of(hub_port: int, folder: Path):
    """nginx as shipped, with the names, ports and certificates of this test."""
    needs.programs("openssl")
    (folder / "temporary").mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test",
         "-addext", "subjectAltName=DNS:lessons-hub.example.org,IP:127.0.0.1", "-keyout", folder / "mirror.key",
         "-out", folder / "mirror.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    port, tls = free_port(), free_port()
    conf = CONF.read_text("utf-8")
    for place, ours in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"), ("    listen [::]:443 ssl;\n", ""),
        ("server lessons-hub.example.org:443 ", f"server 127.0.0.1:{tls} "), ("/etc/ssl/edubox", str(folder)),
        ("/etc/ssl/certs/ca-certificates.crt", f"{folder}/mirror.pem"), (" 404 1m;", " 404 1s;"), ("/var/cache/nginx/edubox", f"{folder}/cache"),
    ):  # fmt: skip
        assert place in conf
        conf = conf.replace(place, ours)
    temporary = "".join(
        f"{name}_temp_path {folder}/temporary/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"pid {folder}/pid;\ndaemon off;\nworker_processes 1;\nerror_log stderr;\nevents {{}}\nhttp {{\n{temporary}{conf}\n"
        + HUB.format(tls=tls, hub=hub_port, folder=folder) + "}\n"
    )  # fmt: skip
    child = subprocess.Popen([nginx_or_skip(), "-e", "stderr", "-c", folder / "nginx.conf", "-p", folder])
    try:
        deadline = time.monotonic() + 30
        while not (folder / "pid").exists():
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield Academy(port, folder)
    finally:
        child.terminate()
        child.wait(20)


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country")
    country.publish("lune", {"index.html": text(1, 20_000), "film.mp4": FILM}, frozenset({"film.mp4"}))
    return country


@pytest.fixture
def places(country, tmp_path, monkeypatch):
    """An academy in front of a hub, what the hub was asked for, and how it goes away."""
    application, asked = counting(mirror_app(country.mirror))
    away = threading.Event()

    def hub(environ, start_response):
        if away.is_set():
            asked.append("away")
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return application(environ, start_response)

    with (
        serving(hub, threads=8) as url,
        academy_of(int(url.rsplit(":", 1)[1].strip("/")), tmp_path / "nginx") as academy,
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(academy.folder / "mirror.pem"))
        yield academy, asked, away


def test_boxes_read_through_nginx_and_the_hub_may_be_away(country, places, tmp_path):
    academy, asked, away = places
    first = Box(tmp_path / "first", country)
    first.sync(academy.url)
    assert first.read("lune")["film.mp4"] == FILM
    before = list(asked)
    assert len([path for path in before if path == PATH]) == 3, "a stretch of 4 MiB each"
    second = Box(tmp_path / "second", country)
    second.sync(academy.url)
    assert second.read("lune") == first.read("lune")
    again = asked[len(before) :]
    assert {path for path in again if not path.endswith((".root.json", "timestamp.json"))} == set()
    away.set()
    # What changes is a second old, and asked for again: in vain.
    until(lambda: (academy.get("directory/metadata/timestamp.json"), "away" in asked)[1])
    third = Box(tmp_path / "third", country)
    third.sync(academy.url)
    assert third.read("lune") == first.read("lune")
    assert academy.get("publishers/ministry/test/metadata/7.root.json")[0] == 404, (
        "nobody can say that there is one"
    )
    assert academy.get("objects/ab/" + "ab" * 32)[0] == 503


def test_a_hundred_boxes_cost_the_hub_each_stretch_once(places):
    academy, asked, _ = places
    got = []
    crowd = [threading.Thread(target=lambda: got.append(academy.get(PATH)[2] == FILM)) for _ in range(100)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(120)
    assert got == [True] * 100
    assert asked.count(PATH) == 3


def test_ranges_caching_and_what_is_not_public(country, places):
    academy, asked, _ = places
    status, headers, body = academy.get(
        PATH, Range="bytes=4000000-5000000", **{"If-Range": f'"{PATH[-64:]}"'}
    )
    assert (status, body) == (206, FILM[4_000_000:5_000_001])
    assert headers["Content-Range"] == f"bytes 4000000-5000000/{len(FILM)}"
    assert "immutable" in headers["Cache-Control"]
    for name, kept in (
        ("directory/metadata/timestamp.json", "max-age=60"), ("directory/metadata/1.root.json", "immutable"),
        ("directory/metadata/9.root.json", "max-age=60"), ("objects/ab/" + "ab" * 32, "max-age=60"),
    ):  # fmt: skip
        assert kept in academy.get(name)[1]["Cache-Control"], name
    asked.clear()
    for name in (
        "staff/objects/ab/" + "ab" * 32,
        "keys/root.json",
        "",
        "api/1/offers",
        "objects/../keys/x",
        "mirror/objects",
    ):
        assert academy.get(name)[0] in {400, 404}, name
    assert asked == []
