"""A carrier's whole way with real processes: the list of a box, the hub's page, a download that is cut, the box, a pupil."""

from __future__ import annotations

import http.client
import json
import os
import re
import urllib.request
from urllib.parse import urlsplit

import pytest

from edubox.pack import canonical
from tests.cli.country import build, edubox, edubox_json, free_port, make_country, serving, write_lesson


@pytest.mark.slow
def test_lessons_go_from_the_hub_to_a_school_without_a_line_on_a_phone(tmp_path):
    country = make_country(tmp_path / "country")
    lesson = write_lesson(tmp_path / "lesson", index="<p>La mer monte et descend.</p>")
    (lesson / "film.mp4").write_bytes(os.urandom(3_000_000))
    build(lesson, tmp_path / "l.edpack", "--title", "Marées", "--language", "fr")
    country.publish(tmp_path / "l.edpack", "marees")
    (country.folder / "hub.toml").write_text('courier_price = "1.00 EUR"\n')
    data = tmp_path / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    edubox("courier", "want", "--data", data, "-o", tmp_path / "list.json")

    port = free_port()
    with serving(
        "hub", "serve", "--data", country.folder, "--port", port, "--desk-port", 0, "--review-port", 0, "--listen", "127.0.0.1",
        port=port,
    ):  # fmt: skip
        hub = f"http://127.0.0.1:{port}"
        assert b"edubox-list.json" in urllib.request.urlopen(f"{hub}/courier/", timeout=60).read()
        page = hand_in(f"{hub}/courier/", (tmp_path / "list.json").read_bytes())
        address = page.geturl().partition("?")[0]
        text = page.read().decode()
        assert "Il manque 1 leçon" in text
        (name,) = re.findall(r'href="(\d+\.zip)\?', text)
        part = download_with_a_cut(address + name)
        # Phones that stand still in the middle hold nobody up, the mirror least of all.
        still = [stand_still(address + name) for _ in range(20)]
        assert urllib.request.urlopen(f"{hub}/directory/metadata/timestamp.json", timeout=60).status == 200
        for connection in still:
            connection.close()
    (tmp_path / "part.zip").write_bytes(part)
    brought = edubox_json("courier", "import", tmp_path / "part.zip", "--data", data)
    assert (brought["lessons"], brought["rest"]) == (1, False)
    ports = [free_port() for _ in range(3)]
    with serving(
        "box", "serve", "--data", data, "--port", ports[0], "--lesson-port", ports[1], "--desk-port", ports[2], "--listen",
        "127.0.0.1", port=ports[0],
    ):  # fmt: skip
        assert (
            "Marées" in urllib.request.urlopen(f"http://127.0.0.1:{ports[0]}/fr/", timeout=60).read().decode()
        )


def hand_in(address, data):
    """What a browser gets that sends the form, larger than what the server keeps in memory, and follows where it is sent."""
    value = json.loads(data)
    value["have"] = sorted(os.urandom(32).hex() for _ in range(5000))
    data = canonical.write(value)
    mark = "----mark"
    body = (
        f'--{mark}\r\nContent-Disposition: form-data; name="list"; filename="edubox-list.json"\r\n\r\n'.encode() + data
        + f'\r\n--{mark}\r\nContent-Disposition: form-data; name="part"\r\n\r\n50\r\n--{mark}--\r\n'.encode()
    )  # fmt: skip
    assert len(body) > 256 * 1024
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}", "Accept-Language": "fr"}
    return urllib.request.urlopen(urllib.request.Request(address, data=body, headers=kind), timeout=120)


def stand_still(address):
    """A phone that began to fetch *address* and reads no more."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", parts.path)
    assert connection.getresponse().read(1000)
    return connection


def download_with_a_cut(address):
    """The file at *address*, whose connection breaks in its middle."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", parts.path)
    first = connection.getresponse()
    size, tag = int(first.headers["Content-Length"]), first.headers["ETag"]
    assert size > 3_000_000
    begin = first.read(size // 2)
    connection.close()
    again = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    again.request("GET", parts.path, headers={"Range": f"bytes={len(begin)}-", "If-Range": tag})
    rest = again.getresponse()
    assert rest.status == 206
    whole = begin + rest.read()
    again.close()
    assert len(whole) == size
    return whole
