"""A file made of pieces reads like the file it would be."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages.takehome.assembly import Assembly, Base64, Span

DATA = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "file"
    path.write_bytes(DATA)
    return path


def whole_of(file):
    pieces = [b"begin", Span(file, 7, 1000), b"", Base64(file, len(DATA)), Span(file, 0, len(DATA)), b"end"]
    return Assembly(pieces), b"begin" + DATA[7:1007] + base64.b64encode(DATA) + DATA + b"end"


@given(begin=st.integers(0, 190_000), size=st.integers(0, 70_000))
def test_any_stretch_of_it_is_the_same_as_of_the_whole(file, begin, size):
    assembly, whole = whole_of(file)
    assert assembly.length == len(whole)
    with assembly.open() as opened:
        opened.seek(begin)
        assert opened.read(size) == whole[begin : begin + size]
        assert opened.tell() == min(begin + size, max(len(whole), begin))


def test_a_server_finds_its_size_by_seeking(file):
    assembly, whole = whole_of(file)
    with assembly.open() as opened:
        assert opened.seek(0, io.SEEK_END) == len(whole)
        assert opened.read(1) == b""
        opened.seek(0)
        assert opened.read() == whole


def test_a_file_that_became_shorter_cuts_the_answer_and_sends_nothing_wrong(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"short")
    with pytest.raises(OSError, match="shorter"):
        Assembly([Span(path, 0, 100)]).open().read()


def test_what_is_held_in_memory_is_its_own_bytes_each_once(file):
    style = b"x" * 5000
    assert Assembly([style, Span(file, 0, 1000), style, Base64(file, len(DATA)), b"end"]).held == 5003
