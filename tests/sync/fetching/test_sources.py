from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadInput, HashMismatch, MissingFile, NotTrusted, TryLater, Unreachable
from edubox.store.file_response import respond
from edubox.store.mirror_app import mirror_app
from edubox.sync.fetching.http_source import PATIENCE, HttpSource, retry_after
from edubox.sync.fetching.sources import HUB, NEIGHBOUR, FolderSource
from edubox.sync.opening import open_sources
from tests.sync.hub import Cut, Wire, serving

NAME = "bundles/aa/" + "a" * 64
DATA = bytes(range(256)) * 400
SIZE = len(DATA)


def answers(status="200 OK", body=DATA, **headers):
    """An application that always says the same; ``Content_Length=None`` leaves that header out."""

    def application(_, start_response):
        told = {"Content_Length": str(len(body))} | headers
        start_response(
            status, [(name.replace("_", "-"), value) for name, value in told.items() if value is not None]
        )
        return [body]

    return application


def stream(source, begin=0, end=SIZE, size=SIZE):
    return b"".join(source.stream(NAME, begin, end, size))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bundles" / "aa").mkdir(parents=True)
    (tmp_path / NAME).write_bytes(DATA)
    return tmp_path


def test_a_folder_and_a_server_give_the_same_bytes_and_count_them(folder):
    with serving(mirror_app(folder)) as url:
        for source in (FolderSource(folder), HttpSource(url)):
            assert stream(source) == DATA
            assert stream(source, 1000, 2000) == DATA[1000:2000]
            assert source.read(NAME, len(DATA)) == DATA
            assert source.received == 2 * len(DATA) + 1000
            assert source.requests == 3
            with pytest.raises(MissingFile):
                source.read("directory/metadata/7.root.json", 100)
            with pytest.raises(NotTrusted, match="larger"):
                source.read(NAME, len(DATA) - 1)
            with pytest.raises(HashMismatch):
                stream(source, size=len(DATA) + 1, end=len(DATA) + 1)


def test_everything_travels_on_one_connection():
    with Wire(answers()) as wire:
        source = HttpSource(wire.url)
        for _ in range(5):
            assert stream(source) == DATA
        assert (wire.connections, wire.requests) == (1, 5)


def test_a_kept_connection_that_the_server_closed_is_opened_again():
    calls = []

    def send(connection, data):
        connection.sendall(data)
        calls.append(data)
        if data == DATA and calls.count(DATA) == 1:
            raise Cut

    with Wire(answers(), send) as wire:
        source = HttpSource(wire.url)
        assert stream(source) == DATA
        assert stream(source) == DATA
        assert wire.connections == 2


@pytest.mark.parametrize("link", ["bundles", "bundles/aa", NAME])
def test_a_link_in_a_mirror_folder_leads_nowhere(folder, tmp_path_factory, link):
    outside = tmp_path_factory.mktemp("outside") / "secret"
    (folder / link).rename(outside)
    (folder / link).symlink_to(outside)
    source = FolderSource(folder)
    for read in (lambda: source.read(NAME, 10**6), lambda: stream(source)):
        with pytest.raises(MissingFile):
            read()
    for path in ("../outside/secret", "/etc/passwd", "bundles/../../x", "bundles//aa"):
        with pytest.raises(MissingFile):
            source.read(path, 100)


def test_a_stick_that_is_not_there_is_unreachable_not_empty(tmp_path):
    with pytest.raises(Unreachable) as caught:
        FolderSource(tmp_path / "stick").read(NAME, 100)
    assert not isinstance(caught.value, MissingFile)


def test_a_folder_that_may_not_be_read_is_unreachable(folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unreachable, match="Permission denied"):
        FolderSource(folder).read(NAME, 100)


@pytest.mark.parametrize(
    "text", ["http://", "http://user:word@host/", "http://host/?a=b", "http://host:99999/", "ftp://host/"]
)
def test_an_address_that_is_none_is_a_mistake_of_the_person(text):
    with pytest.raises(BadInput):
        open_sources(text)


@given(st.text(max_size=40))
def test_any_other_text_is_an_address_a_folder_or_a_mistake(text):
    with contextlib.suppress(BadInput):
        open_sources(f"http://{text}")


@pytest.mark.parametrize(
    ("application", "error"),
    [
        (answers("404 Not Found"), MissingFile),
        (answers("403 Forbidden"), MissingFile),
        (answers("500 Oops"), Unreachable),
        (answers("503 Busy"), Unreachable),
        (answers("301 Moved", Location="http://192.0.2.1/"), Unreachable),
        (answers("206 Partial Content", DATA[9:], Content_Range="bytes 9-102399/102400"), Unreachable),
        (answers(Content_Encoding="gzip"), Unreachable),
        (answers(body=DATA[:-1]), HashMismatch),
        (answers(body=DATA + b"x"), HashMismatch),
        (answers(Content_Length="102399"), HashMismatch),
        (answers(Content_Length="-5", body=b""), Unreachable),
        (answers("204 No Content", b""), Unreachable),
        (
            answers(
                Transfer_Encoding="chunked", Content_Length=None, body=b"19000\r\n" + DATA + b"\r\n0\r\n\r\n"
            ),
            Unreachable,
        ),
        (answers("503 Busy", b"", Retry_After="soon"), Unreachable),
        (answers("503 Busy", b"", Retry_After="30"), TryLater),
        (answers("429 Too Many", b"", Retry_After="30"), TryLater),
    ],
)
def test_a_server_that_answers_something_else_is_refused(application, error):
    with Wire(
        application, lambda connection, data: (connection.sendall(data), data == b"" and cut())
    ) as wire:
        with pytest.raises(error) as caught:
            stream(HttpSource(wire.url))
        assert type(caught.value) is error


def test_an_odd_header_is_nothing_to_talk_about(caplog):
    with Wire(answers("200 OK\r\nbroken")) as wire:
        assert stream(HttpSource(wire.url)) == DATA
    assert not caplog.records


def cut():
    raise Cut


@pytest.mark.parametrize(
    "told", ["bytes 0-99/102400", "bytes 11-109/102400", "bytes 10-109/999", "nonsense", ""]
)
def test_another_range_than_was_asked_is_refused(told):
    with (
        Wire(answers("206 Partial Content", DATA[10:110], Content_Range=told)) as wire,
        pytest.raises(Unreachable, match="range"),
    ):
        stream(HttpSource(wire.url), 10, 110)


def test_a_body_without_an_end_is_read_no_further_than_was_signed():
    def endless(_, start_response):
        start_response("200 OK", [])
        while True:
            yield bytes(65536)

    with Wire(endless) as wire:
        source = HttpSource(wire.url)
        assert len(stream(source)) == len(DATA)
        with pytest.raises(NotTrusted, match="larger"):
            source.read("directory/metadata/timestamp.json", 1000)
        assert source.received == len(DATA) + 1001


def test_a_cut_keeps_what_came():
    def send(connection, data):
        if data == DATA:
            connection.sendall(data[:70_000])
            raise Cut
        connection.sendall(data)

    with Wire(answers(), send) as wire:
        source, got = HttpSource(wire.url), bytearray()
        with pytest.raises(Unreachable):  # noqa: PT012
            for block in source.stream(NAME, 0, len(DATA), len(DATA)):
                got += block
        assert bytes(got) == DATA[:70_000]
        assert source.received == 70_000


@pytest.mark.parametrize(("cuts", "questions"), [(1, 2), (9, 2)])
def test_a_small_file_that_was_cut_is_asked_for_once_more(cuts, questions):
    left = [cuts]

    def send(connection, data):
        if data == DATA and left[0]:
            left[0] -= 1
            connection.sendall(data[:1000])
            raise Cut
        connection.sendall(data)

    with Wire(answers(), send) as wire:
        source = HttpSource(wire.url)
        if cuts == 1:
            assert source.read(NAME, len(DATA)) == DATA
        else:
            with pytest.raises(Unreachable):
                source.read(NAME, len(DATA))
        assert source.requests == questions


def test_a_server_with_its_own_entity_tags_resumes_after_a_short_detour(folder):
    """Like nginx, whose tag is made of time and size: 200 to our If-Range, 206 to its own."""
    asked = []

    def application(environ, start_response):
        asked.append(environ.get("HTTP_IF_RANGE"))
        return respond(
            environ, start_response, folder / NAME, etag="6744-19000", media_type="x/y", headers=[]
        )

    with serving(application) as url:
        source = HttpSource(url)
        assert stream(source, 100_000) == DATA[100_000:]
        assert asked == [f'"{"a" * 64}"', '"6744-19000"']
        assert source.received == len(DATA) - 100_000


def test_a_server_without_ranges_is_paid_again_once_and_no_more():
    with Wire(answers()) as wire:
        source = HttpSource(wire.url)
        assert stream(source, 100_000) == DATA[100_000:]
        assert source.received == len(DATA)
        with pytest.raises(Unreachable, match="cannot continue"):
            stream(source, 100_001)
        assert source.received == len(DATA)


def test_a_drip_is_given_up_after_a_minute():
    clock = iter(range(0, 10_000, 30))

    def send(connection, data):
        for at in range(0, len(data), 1000):
            connection.sendall(data[at : at + 1000])
            threading.Event().wait(0.002)  # lets each drop arrive alone

    with Wire(answers(), send) as wire, pytest.raises(Unreachable, match="too slow"):
        stream(HttpSource(wire.url, clock=lambda: next(clock)))


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0), ("120", 120), ("99999999999999999999", 86_400), ("Tue, 24 Nov 2026 08:01:30 GMT", 90),
        ("Tue, 24 Nov 2020 08:00:00 GMT", 0), ("Tue, 24 Nov 2099 08:00:00 GMT", 86_400),
    ],
)  # fmt: skip
def test_a_server_without_time_says_when_to_come_back_and_is_not_believed_for_more_than_a_day(told, seconds):
    busy = answers("503 Busy", b"", Retry_After=told, Date="Tue, 24 Nov 2026 08:00:00 GMT")
    with Wire(busy) as wire, pytest.raises(TryLater) as caught:
        stream(HttpSource(wire.url))
    assert caught.value.details["seconds"] == seconds
    assert caught.value.exit_code == Unreachable.exit_code


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40))
def test_no_wish_to_wait_makes_it_fail(text):
    found = retry_after({"Retry-After": text, "Date": text[::-1]})
    assert found is None or 0 <= found <= 86_400


@pytest.mark.parametrize("line", [b"X: " + b"y" * 60_000, b"X: y"])
def test_a_head_that_is_too_long_is_not_kept_in_memory(line):
    sent = []

    def send(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100_000):
            connection.sendall(line + b"\r\n")
            sent.append(len(line))

    with Wire(answers(), send) as wire, pytest.raises(Unreachable):
        stream(HttpSource(wire.url))
    assert sum(sent) < 20_000_000, "the connection was ended, not read"


def test_whoever_takes_the_blocks_slowly_is_not_taken_for_a_slow_source():
    """A paced run leaves the bytes in the kernel on purpose."""
    now = [0.0]
    with Wire(answers()) as wire:
        source = HttpSource(wire.url, NEIGHBOUR, clock=lambda: now[0])
        assert source.kind == NEIGHBOUR
        got = b""
        for block in source.stream(NAME, 0, SIZE, SIZE):
            got += block
            now[0] += 1000
        assert got == DATA


def test_a_neighbour_that_is_a_little_slow_with_every_small_file_is_too_slow_in_the_end():
    now = [0.0]

    def send(connection, data):
        now[0] += 1.0
        connection.sendall(data)

    small = answers(body=b"x" * 300)
    with Wire(small, send) as wire:
        slow = HttpSource(wire.url, NEIGHBOUR, clock=lambda: now[0])
        with pytest.raises(Unreachable, match="too slow"):
            [slow.read("objects/aa/x", 300) for _ in range(100)]
        assert now[0] < 30
    with Wire(
        small, send
    ) as wire:  # its own: the connection that was given up may still be open at the other one
        patient = HttpSource(wire.url, clock=lambda: now[0])
        for _ in range(100):
            assert patient.read("objects/aa/x", 300)


def test_a_neighbour_is_given_less_time_than_a_hub():
    assert all(
        getattr(PATIENCE[NEIGHBOUR], name) < getattr(PATIENCE[HUB], name)
        for name in ("connect", "silence", "head", "each", "span", "unanswered")
    )
    assert PATIENCE[NEIGHBOUR].slowest > PATIENCE[HUB].slowest


def test_a_small_receive_buffer_leaves_the_rest_with_the_sender():
    passed = []

    def send(connection, data):
        for at in range(0, len(data), 16_384):
            connection.sendall(data[at : at + 16_384])
            passed.append(len(data[at : at + 16_384]))

    big = bytes(8_000_000)
    with Wire(answers(body=big, Content_Length=str(len(big))), send) as wire:
        blocks = HttpSource(wire.url, receive_buffer=32_768).stream(NAME, 0, len(big), len(big))
        next(blocks)
        threading.Event().wait(0.2)
        assert sum(passed) < len(big) / 2
        blocks.close()


def test_a_silent_server_is_given_up():
    silent = threading.Event()
    with Wire(answers(), lambda *_: silent.wait(20)) as wire:
        with pytest.raises(Unreachable, match="silent"):
            stream(HttpSource(wire.url, patience=replace(PATIENCE[HUB], silence=0.2)))
        silent.set()


def test_a_head_that_drips_for_ever_is_given_up():
    drops = []

    def drip(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while len(drops) < 1000:
            connection.sendall(b"x")
            drops.append(1)
            threading.Event().wait(0.01)

    with Wire(answers(), drip) as wire:
        with pytest.raises(Unreachable):
            stream(HttpSource(wire.url, patience=replace(PATIENCE[HUB], head=0.3)))
        assert len(drops) < 500


def test_a_dead_address_is_asked_three_times_and_not_for_every_lesson():
    with Wire(answers()) as wire:
        url = wire.url
    source = HttpSource(url)
    for _ in range(6):
        with pytest.raises(Unreachable):
            stream(source)
    assert source.requests == 3


def test_the_reason_is_the_lines_and_not_what_the_caller_was_doing(tmp_path):
    try:
        (tmp_path / "absent").read_bytes()
    except FileNotFoundError:
        with pytest.raises(Unreachable, match="Connection refused"):
            HttpSource("http://127.0.0.1:9/").read("x", 10)
