"""An academy's mirror: boxes use it like any mirror, the hub behind it is asked once, and may be away."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

from edubox.store.mirror_app import mirror_app
from tests.serving import serving
from tests.sync.country import NOW, Box, Country, text
from tests.sync.hub import Wire, files
from tests.sync.relaying.world import (
    FILM,
    asking,
    counting,
    get,
    kept_files,
    object_of,
    relaying,
    serves,
    until,
)


def new_box(tmp_path, country, name):
    return Box(tmp_path / name, country)


def test_a_box_gets_its_lessons_through_the_mirror_and_the_next_one_costs_the_hub_nothing(
    country, academy, tmp_path
):
    application, asked = counting(mirror_app(country.mirror))
    with serving(application) as hub, relaying(hub, academy, root=country.root) as mirror:
        first = new_box(tmp_path, country, "first")
        first.sync(mirror.url)
        assert first.read("lune")["film.mp4"] == FILM
        mirror.settle()
        before = list(asked)
        assert len(before) == len(set(before)), "everything was asked for once"
        second = new_box(tmp_path, country, "second")
        second.sync(mirror.url)
        assert second.read("lune") == first.read("lune")
        assert asked == before


def test_a_correction_reaches_boxes_through_the_mirror(country, academy, tmp_path, monkeypatch):
    monkeypatch.setattr("edubox.sync.relaying.small.MINUTE", 0.2)
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        box = new_box(tmp_path, country, "box")
        box.sync(mirror.url)
        country.publish(
            "lune", {"index.html": text(2, 20_000), "film.mp4": FILM}, frozenset({"film.mp4"}), base="lune"
        )
        until(lambda: (box.sync(mirror.url), box.lessons())[1] == {"ministry/test/lune": 2})
        assert box.read("lune")["index.html"] == text(2, 20_000)


def test_when_the_hub_is_away_a_box_that_never_asked_gets_everything_that_is_kept(country, academy, tmp_path):
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        new_box(tmp_path, country, "first").sync(mirror.url)
        mirror.settle()
    # Another process, and nobody at the other end.
    with relaying(hub, academy) as mirror:
        late = new_box(tmp_path, country, "late")
        late.sync(mirror.url)
        assert late.read("lune")["film.mp4"] == FILM
        late.sync(mirror.url)
        status, headers, _ = mirror.get(object_of(b"never published"))
        assert status == 503
        assert 1 <= int(headers["Retry-After"]) <= 60


def test_what_is_kept_answers_at_once_while_the_hub_is_silent(country, academy, tmp_path, monkeypatch):
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        new_box(tmp_path, country, "first").sync(mirror.url)
        mirror.settle()
    gate = threading.Event()

    def silent(environ, start_response):
        gate.wait(30)
        return mirror_app(country.mirror)(environ, start_response)

    monkeypatch.setattr("edubox.sync.relaying.app.PATIENCE", 0.5)
    with Wire(silent) as wire, relaying(wire.url, academy) as mirror:
        path = object_of(FILM)
        for _ in range(5):
            assert mirror.get(path)[2] == FILM
        assert mirror.get("directory/metadata/timestamp.json")[0] == 200, "the one that is kept"
        gate.set()


def test_a_hundred_boxes_ask_at_once_and_the_hub_sends_once(country, academy):
    gate, sent = threading.Event(), []

    def slow(environ, start_response):
        sent.append(environ["PATH_INFO"])
        gate.wait(30)
        return mirror_app(country.mirror)(environ, start_response)

    path, results = object_of(FILM), []
    with serving(slow) as hub, relaying(hub, academy, root=country.root) as mirror:
        crowd = [
            threading.Thread(target=lambda: results.append(get(mirror.url, path)[2])) for _ in range(100)
        ]
        for one in crowd:
            one.start()
        until(lambda: sent)
        gate.set()
        for one in crowd:
            one.join(60)
    assert sent == ["/" + path]
    assert len(results) == 100
    assert all(body == FILM for body in results)


def test_a_large_film_is_given_while_it_still_comes_and_its_last_byte_when_it_is_proved(academy, country):
    gate = threading.Event()

    def blocks():
        yield FILM[:2_000_000]
        assert gate.wait(30)
        yield FILM[2_000_000:]

    with (
        Wire(files(country.mirror, objects=serves(FILM, blocks=blocks))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
        asking(mirror.url, object_of(FILM)) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store", "nobody knows yet whether it is right"
        assert answer.headers["ETag"] == f'"{object_of(FILM)[-64:]}"'
        assert int(answer.headers["Content-Length"]) == len(FILM)
        begun = answer.read(1_500_000)
        assert begun == FILM[:1_500_000]
        assert not [name for name in kept_files(academy) if name.startswith("mirror/objects")]
        taken = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - taken < 0.25, "whoever waits for a film keeps no processor busy"
        gate.set()
        assert answer.read() == FILM[1_500_000:]
        until(lambda: f"mirror/{object_of(FILM)}" in kept_files(academy))
        status, headers, body = mirror.get(object_of(FILM))
        assert (status, body) == (200, FILM)
        assert "immutable" in headers["Cache-Control"]


def test_ranges_work_of_what_is_kept_and_of_what_still_comes(academy, country):
    gate = threading.Event()

    def blocks():
        yield FILM[:2_500_000]
        assert gate.wait(30)
        yield FILM[2_500_000:]

    path = object_of(FILM)
    tag = f'"{path[-64:]}"'
    with (
        Wire(files(country.mirror, objects=serves(FILM, blocks=blocks))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        status, headers, body = mirror.get(path, Range="bytes=1000000-1999999", If_Range=tag)
        assert (status, body) == (206, FILM[1_000_000:2_000_000])
        assert headers["Content-Range"] == f"bytes 1000000-1999999/{len(FILM)}"
        with asking(mirror.url, path, Range="bytes=2400000-2900000", If_Range=tag) as answer:
            assert answer.read(100_000 - 1) == FILM[2_400_000:2_499_999]
            gate.set()
            assert answer.read() == FILM[2_499_999:2_900_001]
        until(lambda: f"mirror/{path}" in kept_files(academy))
        assert mirror.get(path, Range="bytes=-5")[2] == FILM[-5:]
        assert mirror.get(path, Range="bytes=9999999-")[0] == 416


def test_who_asks_for_a_stretch_far_ahead_is_told_when_to_come_and_does_not_wait_in_silence(academy, country):
    long, gate = 60_000_000, threading.Event()

    def blocks():
        yield bytes(100_000)
        gate.wait(30)

    with (
        Wire(files(country.mirror, objects=serves(b"", length=long, blocks=blocks))) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        with asking(mirror.url, "objects/ab/" + "ab" * 32) as answer:
            answer.read(50_000)
            until(lambda: True)
            status, headers, _ = mirror.get("objects/ab/" + "ab" * 32, Range="bytes=59000000-")
        gate.set()
    assert status == 503
    assert int(headers["Retry-After"]) >= 10


def test_only_names_of_a_mirror_are_asked_for_behind(academy, country):
    application, asked = counting(mirror_app(country.mirror))
    with serving(application) as hub, relaying(hub, academy, root=country.root) as mirror:
        for path in (
            "../keys/root.json", "objects/../../etc/passwd", "staff/objects/aa/" + "a" * 64, "objects/aa/%2e%2e", "relay.json",
            "keys/root.json", "objects/aa/" + "a" * 63, "directory/metadata/root.json", "http://other.example/", "api/1/offers",
        ):  # fmt: skip
            assert mirror.get(path)[0] in {400, 404}
        assert mirror.get("")[0] == 200
        assert asked == []


def test_a_next_root_that_does_not_exist_is_asked_for_once_a_minute(country, academy):
    application, asked = counting(mirror_app(country.mirror))
    with serving(application) as hub, relaying(hub, academy, root=country.root) as mirror:
        for _ in range(20):
            status, headers, _ = mirror.get("directory/metadata/2.root.json")
            assert (status, headers["Cache-Control"]) == (404, "max-age=60")
    assert asked == ["directory/metadata/2.root.json"]


def test_a_mirror_pins_the_first_root_that_it_meets_and_says_so(country, academy, tmp_path, caplog):
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy) as mirror:
        new_box(tmp_path, country, "box").sync(mirror.url)
        mirror.settle()
    assert (academy / "keys" / "root.json").read_bytes() == country.root
    assert "--root" in caplog.text
    other = Country(tmp_path / "other", NOW + timedelta(days=1))
    other.publish("soleil", {"index.html": text(3, 5000)})
    caplog.clear()
    with serving(mirror_app(other.mirror)) as hub, relaying(hub, academy) as mirror:
        mirror.get("directory/metadata/timestamp.json")
        mirror.settle()
        kept = Path(academy, "mirror", "directory", "metadata", "1.root.json").read_bytes()
        assert kept == country.root, "another country's signatures are not kept"
        assert new_box(tmp_path, country, "late").sync(mirror.url), "and boxes get what is"
    assert "signatures of directory" in caplog.text


def test_giving_another_root_forgets_what_was_verified_from_the_first(country, academy, tmp_path):
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        new_box(tmp_path, country, "box").sync(mirror.url)
        mirror.settle()
    other = Country(tmp_path / "other")
    other.publish("soleil", {"index.html": text(3, 5000)})
    with serving(mirror_app(other.mirror)) as hub, relaying(hub, academy, root=other.root) as mirror:
        box = Box(tmp_path / "other-box", other)
        box.sync(mirror.url)
        assert box.lessons() == {"ministry/test/soleil": 1}
        mirror.settle()
        assert Path(academy, "mirror", "directory", "metadata", "1.root.json").read_bytes() == other.root
        assert Path(academy, "mirror", object_of(FILM)).exists(), (
            "what has a hash in its name is right for whoever asks"
        )


def test_the_bin_of_records_that_a_box_reads_is_kept_too(country, academy, tmp_path):
    with serving(mirror_app(country.mirror)) as hub, relaying(hub, academy, root=country.root) as mirror:
        mirror.get("directory/metadata/timestamp.json")
        mirror.settle()
        names = [path.name for path in (country.mirror / "directory/metadata").glob("*.ministry*.json")]
        for name in names:
            assert mirror.get(f"directory/metadata/{name}")[0] == 200
        newest = {
            name.split(".")[1]: int(name.split(".")[0])
            for name in sorted(names, key=lambda one: int(one.split(".")[0]))
        }
        empty = [
            role
            for role, version in newest.items()
            if b'"targets":{}' in mirror.get(f"directory/metadata/{version}.{role}.json")[2]
        ]
        for role, version in newest.items():
            name = f"directory/metadata/{version}.{role}.json"
            # An authority lists no target itself; a bin without any could be another bin.
            kept = role == "ministry" or role not in empty
            assert (academy / "mirror" / name).exists() == kept, name
            assert ("immutable" in mirror.get(name)[1]["Cache-Control"]) == kept


def test_a_hub_that_does_not_answer_is_asked_once_and_left_alone_for_a_while(country, academy, caplog):
    def hang_up(*_):
        raise OSError

    with (
        Wire(mirror_app(country.mirror), hang_up) as hub,
        relaying(hub.url, academy, root=country.root) as mirror,
    ):
        for number in range(10):
            status, headers, _ = mirror.get(object_of(b"%d" % number))
            assert status == 503
            assert headers["Retry-After"]
        assert hub.requests <= 2
    assert caplog.text.count("cannot be reached") == 1
