"""A mirror behind that lies, stops, drips or never ends: bounded, said once in the log, and nothing of it is kept."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from edubox.store.mirror_app import mirror_app
from edubox.sync.fetching.http_source import Patience
from tests.serving import serving
from tests.sync.country import NOW, Box, older_copy, text
from tests.sync.hub import Cutting, Wire, files
from tests.sync.relaying.world import FILM, counting, kept_files, object_of, relaying, serves, until

PATH = object_of(FILM)


def lessons(folder: Path) -> set[str]:
    return {
        name
        for name in kept_files(folder)
        if "/objects/" in name or "/bundles/" in name or name.startswith("staging")
    }


def test_a_film_with_another_hash_is_given_to_nobody_whole_and_not_fetched_again(country, academy, caplog):
    wrong = FILM[:-1] + bytes([FILM[-1] ^ 1])
    application, asked = counting(files(country.mirror, objects=serves(wrong)))
    with Wire(application) as hub, relaying(hub.url, academy, root=country.root) as mirror:
        status, _, body = mirror.get(PATH)
        assert (status, body) in {(200, None), (502, b"")}
        until(lambda: "is not what its publisher signed" in caplog.text)
        for _ in range(5):
            assert mirror.get(PATH)[0] == 502
        assert lessons(academy) == set()
    assert asked == [PATH]


def test_a_small_file_with_another_hash_is_not_given_at_all(country, academy):
    with (
        Wire(files(country.mirror, objects=serves(b"wrong"))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        assert mirror.get(object_of(b"right"))[0] == 502
        assert lessons(academy) == set()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (serves(b"x", length=10**17), 502),
        (serves(b"", status="302 Found", headers=[("Location", "http://other.example/")]), 503),
        (serves(b"no", status="500 Internal Server Error"), 503),
        (serves(FILM, headers=[("Content-Encoding", "gzip")]), 503),
        (serves(FILM, headers=[("Transfer-Encoding", "chunked")]), 503),
        (serves(b"", status="404 Not Found"), 404),
    ],
)
def test_an_answer_that_cannot_be_right_ends_at_once(country, academy, answer, status):
    with (
        Wire(files(country.mirror, objects=answer)) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        assert mirror.get(PATH)[0] == status
        assert lessons(academy) == set()


def test_a_film_that_ends_too_early_is_asked_for_again_and_then_given_up(country, academy):
    application, asked = counting(files(country.mirror, objects=serves(FILM[:1000], length=len(FILM))))

    def cut(connection, data):
        connection.sendall(data)
        if data == FILM[:1000]:
            raise OSError

    with Wire(application, cut) as hub, relaying(hub.url, academy, root=country.root) as mirror:
        status, _, body = mirror.get(PATH)
        assert (status, body) == (200, None)
        until(lambda: len(asked) >= 2)
        assert not [name for name in lessons(academy) if "/objects/" in name]
    assert len(asked) <= 10


def test_a_line_that_is_cut_again_and_again_costs_no_byte_twice(country, academy):
    hub = Wire(mirror_app(country.mirror))
    hub.send = Cutting(hub, [700_000, 1_400_000, 2_500_000])
    with hub, relaying(hub.url, academy, root=country.root) as mirror:
        assert mirror.get(PATH)[2] == FILM
    assert hub.cuts == 3
    assert hub.send.passed < 1.1 * len(FILM), "what the kernel had when a line was reset is lost"


def test_a_slow_drip_is_left(country, academy, monkeypatch):
    monkeypatch.setattr("edubox.sync.relaying.line.PATIENCE", Patience(5, 5, 5, 0.2, 100_000, 0.5, 10))
    ended = threading.Event()

    def drip():
        while not ended.wait(0.05):
            yield b"x"

    with (
        Wire(files(country.mirror, objects=serves(b"", length=len(FILM), blocks=drip))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        begun = time.monotonic()
        assert mirror.get(PATH)[2] is None
        assert time.monotonic() - begun < 10
        ended.set()


def test_versions_of_signatures_that_nobody_signed_are_passed_on_for_a_minute_and_kept_never(
    country, academy, tmp_path
):
    Box(tmp_path / "box", country).sync()
    stamp = json.loads((country.mirror / "directory/metadata/timestamp.json").read_text())
    number = stamp["signed"]["meta"]["snapshot.json"]["version"]
    name = f"directory/metadata/{number}.snapshot.json"
    signed = json.loads((country.mirror / name).read_text())
    forged = (country.mirror / name).read_bytes().replace(signed["signatures"][0]["sig"].encode(), b"00" * 64)

    def forging(environ, start_response):
        good = mirror_app(country.mirror)
        return (serves(forged) if environ["PATH_INFO"] == f"/{name}" else good)(environ, start_response)

    with serving(forging) as hub, relaying(hub, academy, root=country.root) as mirror:
        mirror.get("directory/metadata/timestamp.json")
        mirror.settle()
        status, headers, body = mirror.get(name)
        assert (status, headers["Cache-Control"], body) == (200, "max-age=60", forged)
        assert not (academy / "mirror" / name).exists()
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy) as mirror:
        Box(tmp_path / "late", country).sync(mirror.url)
        mirror.settle()
        assert (academy / "mirror" / name).read_bytes() == (country.mirror / name).read_bytes()
        assert "immutable" in mirror.get(name)[1]["Cache-Control"]


@pytest.mark.parametrize("rubbish", [
    b"", b"{}", b"[" * 100_000, b"\xff" * 100, b'{"signed":{"_type":"root","version":1}}', b'{"signed":{"_type":"snapshot","version":4}}',
])  # fmt: skip
def test_what_is_no_file_of_signatures_is_not_even_passed_on(country, academy, rubbish):
    with (
        serving(files(country.mirror, directory=serves(rubbish))) as hub,
        relaying(hub, academy, root=country.root) as mirror,
    ):
        for name in ("timestamp.json", "5.snapshot.json", "5.targets.json", "5.ministry-bin-0.json"):
            assert mirror.get(f"directory/metadata/{name}")[0] == 502
        assert mirror.get(f"directory/targets/{'a' * 64}.country.json")[0] == 502
        assert {name for name in kept_files(academy) if "directory" in name} == set()


def test_a_timestamp_larger_than_any_is_refused(country, academy):
    with (
        serving(files(country.mirror, directory=serves(b" " * 70_000))) as hub,
        relaying(hub, academy, root=country.root) as mirror,
    ):
        assert mirror.get("directory/metadata/timestamp.json")[0] == 502


def test_an_older_state_of_the_hub_does_not_replace_what_is_kept(country, academy, tmp_path, monkeypatch):
    monkeypatch.setattr("edubox.sync.relaying.small.MINUTE", 0.1)
    old = older_copy(country, tmp_path / "old")
    country.now = NOW + timedelta(days=1)
    country.publish("soleil", {"index.html": text(3, 5000)})
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        Box(tmp_path / "box", country).sync(mirror.url)
        mirror.settle()
    with serving(mirror_app(old)) as hub, relaying(hub, academy) as mirror:
        box = Box(tmp_path / "late", country)
        box.sync(mirror.url)
        assert "ministry/test/soleil" in box.lessons()


def test_a_timestamp_that_nobody_signed_is_found_out_and_the_last_good_one_served(
    country, academy, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("edubox.sync.relaying.small.MINUTE", 0.1)
    name = "publishers/ministry/test/metadata/timestamp.json"
    good = (country.mirror / name).read_bytes()
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        Box(tmp_path / "box", country).sync(mirror.url)
        mirror.settle()
    forged = json.loads(good)
    forged["signed"]["version"] += 1
    lying = json.dumps(forged).encode()

    def forging(environ, start_response):
        usual = mirror_app(country.mirror)
        return (serves(lying) if environ["PATH_INFO"] == f"/{name}" else usual)(environ, start_response)

    with serving(forging) as hub, relaying(hub, academy) as mirror:
        until(
            lambda: (
                mirror.get(name)[2] == lying or mirror.relay.notary.refuses("publishers/ministry/test", lying)
            )
        )
        mirror.settle()
        until(lambda: mirror.get(name)[2] == good)
        assert (academy / "mirror" / name).read_bytes() == good
    assert caplog.text.count("signatures of publishers/ministry/test") == 1


def test_a_publisher_that_begins_anew_under_a_higher_epoch_is_kept_again(
    country, academy, tmp_path, monkeypatch
):
    from edubox.trust import keys, publisher
    from edubox.trust.fetch import FolderFetch

    monkeypatch.setattr("edubox.sync.relaying.small.MINUTE", 0.1)
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        Box(tmp_path / "box", country).sync(mirror.url)
        mirror.settle()
        import shutil
        from dataclasses import replace

        name = "ministry/test"
        shutil.rmtree(country.mirror / "publishers" / name)
        country.now = NOW + timedelta(days=1)
        country.writers[name], root = keys.signer(keys.generate()), keys.signer(keys.generate())
        country.write(publisher.create(name, "ministry", root, country.writers[name], country.now))
        record = publisher.describe(FolderFetch(country.mirror), name, "Anew", "ministry")
        country.enter(replace(record, epoch=2))
        country.versions.clear()
        country.publish("soleil", {"index.html": text(3, 5000)}, version=2)
        until(
            lambda: (
                not mirror.get(f"publishers/{name}/metadata/timestamp.json")
                or (mirror.relay.notary.wait(10), kept(academy) == now(country))[1]
            )
        )
        late = Box(tmp_path / "late", country)
        late.sync(mirror.url)
        assert late.lessons() == {"ministry/test/soleil": 2}


def kept(academy):
    path = academy / "mirror/publishers/ministry/test/metadata/timestamp.json"
    return path.read_bytes() if path.exists() else b""


def now(country):
    return (country.mirror / "publishers/ministry/test/metadata/timestamp.json").read_bytes()
