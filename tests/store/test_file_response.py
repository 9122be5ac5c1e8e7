from __future__ import annotations

import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.store.file_response import respond

CONTENT = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "page.html").write_bytes(CONTENT)
    (folder / "page.html.gz").write_bytes(gzip.compress(CONTENT))
    (folder / "empty").write_bytes(b"")
    return folder


def get(path, *, twin=None, etag="abc", method="GET", **headers):
    told = {}

    def start_response(status, headers):
        told["status"] = int(status[:3])
        told["headers"] = dict(headers)

    environ = {"REQUEST_METHOD": method} | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = b"".join(
        respond(
            environ, start_response, path, etag=etag, media_type="text/html", headers=[("X", "y")], twin=twin
        )
    )
    return told["status"], told["headers"], body


@pytest.mark.parametrize(
    ("name", "asked", "status"), [("gone", "", 404), ("page.html", "bytes=999999-", 416)]
)
def test_a_refusal_is_never_kept_however_long_the_file_may_be(folder, name, asked, status):
    told = []
    environ = {"REQUEST_METHOD": "GET"} | ({"HTTP_RANGE": asked} if asked else {})
    year = [("Cache-Control", "public, max-age=31536000, immutable"), ("X", "y")]
    respond(
        environ,
        lambda *said: told.append(said),
        folder / name,
        etag="a",
        media_type="text/html",
        headers=year,
    )
    ((said, headers),) = told
    assert int(said[:3]) == status
    assert [value for key, value in headers if key == "Cache-Control"] == ["no-store"]
    assert ("X", "y") in headers


def test_a_file_comes_whole_with_its_type_size_and_name(folder):
    status, headers, body = get(folder / "page.html")
    assert (status, body) == (200, CONTENT)
    assert headers["Content-Length"] == str(len(CONTENT))
    assert headers["ETag"] == '"abc"'
    assert headers["Content-Type"] == "text/html"
    assert headers["X"] == "y"


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-", 0, 10240), ("bytes=100-199", 100, 200), ("bytes=10000-99999999", 10000, 10240),
        ("bytes=-5", 10235, 10240), ("bytes=-99999", 0, 10240), ("BYTES=0-0", 0, 1),
    ],
)  # fmt: skip
def test_a_player_seeks_anywhere(folder, asked, begin, end):
    status, headers, body = get(folder / "page.html", range=asked)
    assert (status, body) == (206, CONTENT[begin:end])
    assert headers["Content-Range"] == f"bytes {begin}-{end - 1}/10240"
    assert headers["Content-Length"] == str(end - begin)


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=0-1,4-5", "pages=1-2", "bytes=a-b", "bytes=" + "9" * 40 + "-"]
)
def test_a_range_that_makes_no_sense_is_ignored(folder, asked):
    assert get(folder / "page.html", range=asked)[::2] == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=-0", "bytes=99999-100000"])
def test_a_range_behind_the_end_is_told_the_size(folder, asked):
    status, headers, body = get(folder / "page.html", range=asked)
    assert (status, headers["Content-Range"], body) == (416, "bytes */10240", b"")


def test_a_range_of_an_older_file_gets_the_new_one_whole(folder):
    assert get(folder / "page.html", range="bytes=5-", if_range='"old"')[0] == 200
    assert get(folder / "page.html", range="bytes=5-", if_range='W/"abc"')[0] == 200
    assert get(folder / "page.html", range="bytes=5-", if_range='"abc"')[0] == 206
    assert get(folder / "page.html", range="bytes=5-", if_range='"abc"', etag=None)[0] == 200


def test_a_browser_that_understands_gzip_gets_the_twin_and_seeks_in_the_file(folder):
    page, twin = folder / "page.html", folder / "page.html.gz"
    status, headers, body = get(page, twin=twin, accept_encoding="br, gzip;q=0.8")
    assert (status, headers["Content-Encoding"], gzip.decompress(body)) == (200, "gzip", CONTENT)
    assert headers["ETag"] == '"abc-gz"'
    assert headers["Vary"] == "Accept-Encoding"
    assert get(page, twin=twin, accept_encoding="gzip;q=0")[2] == CONTENT
    assert get(page, twin=twin)[1]["Vary"] == "Accept-Encoding"
    assert get(page, twin=twin, accept_encoding="gzip", range="bytes=0-3")[2] == CONTENT[:4]
    assert get(page, twin=folder / "absent.gz", accept_encoding="gzip")[2] == CONTENT


@pytest.mark.parametrize("known", ['"abc"', 'W/"abc"', '"x", "abc"', "*"])
def test_what_a_browser_has_is_not_sent_again(folder, known):
    status, headers, body = get(folder / "page.html", if_none_match=known)
    assert (status, body) == (304, b"")
    assert headers["ETag"] == '"abc"'
    assert headers["X"] == "y"


def test_head_has_the_headers_and_no_body(folder):
    status, headers, body = get(folder / "page.html", method="HEAD", range="bytes=0-9")
    assert (status, headers["Content-Length"], body) == (206, "10", b"")


def test_an_empty_file_is_an_empty_answer(folder):
    assert get(folder / "empty")[::2] == (200, b"")
    assert get(folder / "empty", range="bytes=0-")[0] == 416


def test_what_is_no_file_is_not_found(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder / "page.html")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "absent", tmp_path, tmp_path / "link", tmp_path / "pipe"):
        assert get(path)[0] == 404


@given(
    range=st.one_of(st.text(max_size=30), st.from_regex(r"bytes=[0-9]{0,22}-[0-9]{0,22}")),
    if_none_match=st.text(max_size=20), if_range=st.text(max_size=10),
    accept_encoding=st.text(alphabet="gzip;q=0., *x", max_size=20),
)  # fmt: skip
def test_no_header_makes_it_fail(folder, **headers):
    page = folder / "page.html"
    status, told, body = get(page, twin=folder / "page.html.gz", **headers)
    assert status in {200, 206, 304, 416}
    if status in {200, 206}:
        assert told["Content-Length"] == str(len(body))
