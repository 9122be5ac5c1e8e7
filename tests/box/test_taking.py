"""What a pupil downloads to take a lesson home."""

from __future__ import annotations

import http.client
import io
import random
import re
import socket
import time
import urllib.request
import zipfile

import pytest

from edubox.box.app import create_app
from edubox.box.taking import AT_A_TIME, LARGE, TURN, Turns
from edubox.pack.manifest import Item
from edubox.pages.takehome import one_page
from tests.box.school import School, page, serving, settings
from tests.browser.containers import book

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
FILES = {
    "index.html": page("Un", '<img src="a%20b.png"><a href="deux.html">suite</a>' + "<p>marée</p>" * 300),
    "deux.html": page("Deux"),
    "a b.png": PICTURE,
}


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "data")
    school.manifest = school.add("marees", FILES, title="Les marées", toc=[Item("Un", "html", "index.html")])
    return school


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        return answer.status, answer.headers, answer.read()


def test_the_lessons_page_says_the_sizes_and_the_downloads_have_them(school):
    with serving(school.data) as (pages, _):
        text = get(f"{pages}/fr/lecon/ministry/test/marees/")[2].decode()
        lesson = school_lesson(school)
        for kind, said in (("html", lesson.take_page), ("zip", lesson.take_zip)):
            assert f"/take/{school.manifest}/lesson.{kind}" in text
            status, headers, body = get(f"{pages}/take/{school.manifest}/lesson.{kind}")
            assert status == 200
            assert len(body) == int(headers["Content-Length"]) == said
            assert headers["Content-Disposition"] == f'attachment; filename="marees.{kind}"'
            assert "immutable" in headers["Cache-Control"]
            assert headers["ETag"]


def school_lesson(school):
    from edubox.box.library import Library

    return Library(school.data).lesson("ministry/test/marees")


def test_a_cut_download_goes_on_where_it_was(school):
    with serving(school.data) as (pages, _):
        for kind in ("html", "zip"):
            url = f"{pages}/take/{school.manifest}/lesson.{kind}"
            _, headers, whole = get(url)
            status, said, rest = get(url, **{"Range": "bytes=1000-", "If-Range": headers["ETag"]})
            assert status == 206
            assert said["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
            assert whole[:1000] + rest == whole


def test_the_zip_holds_the_lesson_as_it_is_and_texts_are_small_in_it(school):
    with serving(school.data) as (pages, _):
        body = get(f"{pages}/take/{school.manifest}/lesson.zip")[2]
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(f"files/{name}") for name in FILES} == FILES
        assert set(opened.namelist()) == {"index.html"} | {f"files/{name}" for name in FILES}
        assert 'href="files/index.html"' in opened.read("index.html").decode()
        assert opened.getinfo("files/index.html").compress_size < len(FILES["index.html"]) / 5


def test_the_original_is_not_taken_twice(tmp_path):
    school = School(tmp_path / "data")
    manifest = school.add(
        "marees", FILES | {"original/lecon.zip": b"PK" * 4000}, toc=[Item("Un", "html", "index.html")],
        original="original/lecon.zip",
    )  # fmt: skip
    with serving(school.data) as (pages, _):
        body = get(f"{pages}/take/{manifest}/lesson.zip")[2]
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert "files/original/lecon.zip" not in opened.namelist()


def test_while_a_film_is_on_its_way_there_is_a_page_and_no_zip(tmp_path):
    school = School(tmp_path / "data")
    manifest = school.add("marees", FILES | {"film.mp4": b"f" * 5000}, absent={"film.mp4"}, toc=[
        Item("Un", "html", "index.html"), Item("Le film", "video", "film.mp4"),
    ])  # fmt: skip
    with serving(school.data) as (pages, _):
        text = get(f"{pages}/fr/lecon/ministry/test/marees/")[2].decode()
        assert "lesson.html" in text
        assert "lesson.zip" not in text
        assert get(f"{pages}/take/{manifest}/lesson.html")[1]["Cache-Control"] == "no-cache"
        for kind in ("zip", "exe"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(f"{pages}/take/{manifest}/lesson.{kind}")


def test_what_is_no_current_lesson_cannot_be_taken(school):
    with serving(school.data) as (pages, _):
        for wrong in ("0" * 64, "..", "x", school.manifest.upper()):
            connection = http.client.HTTPConnection(pages.removeprefix("http://"), timeout=20)
            connection.request("GET", f"/take/{wrong}/lesson.html")
            assert connection.getresponse().status == 404
            connection.close()


def test_a_page_for_a_phone_is_answered_with_a_policy_that_lets_nothing_out(school):
    with serving(school.data) as (pages, _):
        body = get(f"{pages}/take/{school.manifest}/lesson.html")[2].decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', body)[1]
    assert "default-src &#39;none&#39;" in policy
    assert not re.search(r"https?:|'self'|\*", policy)


def test_a_lesson_is_printed_with_its_texts_and_a_square_for_each_part(school):
    with serving(school.data) as (pages, lessons):
        _, headers, body = get(f"{pages}/fr/lecon/ministry/test/marees/imprimer/")
        text = body.decode()
        square = get(f"{pages}/fr/lecon/ministry/test/marees/1/qr.svg")[2]
    assert text.count("marée") >= 300
    assert f'<img src="{lessons}/c/{school.manifest}/a%20b.png"' in text
    assert '<img src="/fr/lecon/ministry/test/marees/1/qr.svg"' in text
    assert square.startswith((b"<?xml", b"<svg"))
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert '<a href="deux.html"' not in text


def test_a_script_of_a_lesson_is_not_on_paper(tmp_path):
    school = School(tmp_path / "data")
    school.add(
        "x",
        {"index.html": page("Un", "<script>alert(1)</script><img src=x onerror=alert(2)><p>dit</p>")},
        title="X",
    )
    with serving(school.data) as (pages, _):
        text = get(f"{pages}/en/lesson/ministry/test/x/print/")[2].decode()
    assert "<p>dit</p>" in text
    assert "alert" not in text


@pytest.fixture
def heavy(tmp_path):
    """A school with a lesson whose zip is large; the address of the zip below its pages."""
    school = School(tmp_path / "data")
    film = random.Random(1).randbytes(2 * LARGE)
    manifest = school.add(
        "film", FILES | {"film.mp4": film}, title="Film", toc=[Item("Un", "html", "index.html")]
    )
    school.zip, school.manifest = f"/take/{manifest}/lesson.zip", manifest
    return school


def begin(pages, path, method="GET"):
    """A phone that has asked for *path* and reads nothing yet; its socket, and the first bytes of the answer."""
    host, port = pages.removeprefix("http://").split(":")
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    phone.settimeout(20)
    phone.connect((host, int(port)))
    phone.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: en\r\n\r\n".encode())
    return phone, phone.recv(12)


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_few_large_lessons_are_taken_at_a_time_and_the_next_waits_on_a_calm_page(heavy):
    with serving(heavy.data) as (pages, _):
        phones = [begin(pages, heavy.zip) for _ in range(AT_A_TIME)]
        assert [said for _, said in phones] == [b"HTTP/1.1 200"] * AT_A_TIME
        with pytest.raises(urllib.error.HTTPError) as waiting:
            get(pages + heavy.zip, **{"Accept-Language": "en"})
        answer = waiting.value
        text = answer.read().decode()
        assert answer.code == 503
        assert answer.headers["Cache-Control"] == "no-store"
        assert f'http-equiv="refresh" content="{answer.headers["Retry-After"]}"' in text
        assert "Your turn comes in a moment" in text
        assert "/en/lesson/ministry/test/film/" in text
        # What is small waits for nobody.
        assert get(f"{pages}/take/{heavy.manifest}/lesson.html")[0] == 200
        # A phone that leaves in the middle makes room.
        phones[0][0].close()
        until(lambda: begins(pages, heavy.zip))
        for phone, _ in phones:
            phone.close()


def begins(pages, path):
    phone, said = begin(pages, path)
    phone.close()
    return said == b"HTTP/1.1 200"


def test_whatever_is_asked_of_a_large_lesson_gives_its_turn_back(heavy):
    with serving(heavy.data) as (pages, _):
        _, headers, whole = get(pages + heavy.zip)
        asked = [
            {}, {"Range": "bytes=100-199"}, {"Range": f"bytes={len(whole)}-"}, {"If-None-Match": headers["ETag"]}
        ] * AT_A_TIME  # fmt: skip
        for more in asked:
            until(lambda more=more: status(pages + heavy.zip, more) != 503)
        for _ in range(2 * AT_A_TIME):
            phone, said = begin(pages, heavy.zip, "HEAD")
            phone.close()
            assert said == b"HTTP/1.1 200"
        assert get(pages + heavy.zip)[2] == whole


def status(url, headers):
    try:
        return get(url, **headers)[0]
    except urllib.error.HTTPError as error:
        return error.code


def test_the_page_of_a_lesson_lets_the_browser_show_that_it_has_to_wait(heavy):
    """With the attribute "download" a browser calls the waiting page a failed download, and shows nothing."""
    with serving(heavy.data) as (pages, _):
        text = get(f"{pages}/en/lesson/ministry/test/film/")[2].decode()
    assert re.search(r'href="/take/[0-9a-f]{64}/lesson.zip">', text)


def test_a_lesson_that_is_one_book_offers_that_book_with_its_size(tmp_path):
    school = School(tmp_path / "data")
    files, item = book()
    files["livre.epub"] = b"PK" + bytes(123_456)
    school.add("livre", files, title="Le livre", toc=[item], original="livre.epub")
    with serving(school.data) as (pages, _):
        text = get(f"{pages}/en/lesson/ministry/test/livre/")[2].decode()
    assert re.search(r'/livre\.epub\?download">.*The book <small>123.kB</small>', text)
    assert "/take/" not in text


def test_what_was_found_too_large_is_not_put_together_again_for_each_who_asks(tmp_path, monkeypatch):
    monkeypatch.setattr(one_page, "MOST", 100)
    school = School(tmp_path / "data")
    manifest = school.add("marees", FILES, toc=[Item("Un", "html", "index.html")])
    made = []
    monkeypatch.setattr(one_page, "one_page", lambda *_: made.append(1))
    client = create_app(school.data, settings()).test_client()
    assert client.get(f"/take/{manifest}/lesson.html", headers={"Host": "box.local"}).status_code == 404
    assert made == []


def test_a_booklet_is_made_of_no_more_than_a_reader_waits_for(tmp_path, monkeypatch):
    monkeypatch.setattr("edubox.pages.takehome.booklet.MOST_READ", 100)
    school = School(tmp_path / "data")
    files = {
        f"{one}.html": page(one, f"<p>{one}</p><script>{'x' * 200}</script>") for one in ("Premier", "Second")
    }
    school.add("marees", files, toc=[Item(one, "html", f"{one}.html") for one in ("Premier", "Second")])
    client = create_app(school.data, settings()).test_client()
    said = client.get("/fr/lecon/ministry/test/marees/imprimer/", headers={"Host": "box.local"}).text
    assert "<p>Premier</p>" in said
    assert "<p>Second</p>" not in said
    assert "trop long" in said or "too long" in said


def test_who_reads_a_byte_a_minute_keeps_nobody_out_for_long():
    clock = [0.0]
    turns = Turns(lambda: clock[0])
    slow = [turns.begin() for _ in range(AT_A_TIME)]
    clock[0] = TURN - 1
    assert turns.begin() is None
    clock[0] = TURN
    others = [turns.begin() for _ in range(AT_A_TIME)]
    assert None not in others
    for turn in slow:
        turns.end(turn)
    assert turns.begin() is None, "a turn that time ended gives nobody else's back"
