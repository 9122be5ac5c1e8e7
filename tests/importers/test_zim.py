"""ZIM: a library of pages opens at its main page, its links lead on, and no lie in it costs more than an error."""

from __future__ import annotations

import builtins
import lzma
import struct

import pytest
import zstandard
from hypothesis import given, settings

from tests.importers.building import Lesson, html, samples
from tests.importers.test_fuzz import builds
from tests.pack.fuzzing import EXAMPLES, broken

PAGE = {"page.html": html("La page")}
MAIN = '<html lang="fr"><title>A</title><body><a href="Chat%20noir">chat</a><a href="Minou#haut">r</a><img src="-/a.png"></body></html>'
ENTRIES = [
    ("C", "-/a.png", "image/png", b"png"), ("C", "Chat noir", "text/html", b'<title>Chat</title><a href="./Main">m</a>'),
    ("C", "Main", "text/html", MAIN.encode()), ("C", "Minou", 1, b""), ("M", "Language", "text/plain", b"fra"),
    ("M", "Title", "text/plain", "Les félins".encode()), ("W", "mainPage", 2, b""), ("X", "fulltext/xapian", "application/octet-stream", b"no"),
]  # fmt: skip


def zim(entries=ENTRIES, packing=5, version=(6, 1), main=6, extended=False, pad=b""):
    """The bytes of an archive with one cluster; a redirect has the number of its target as its type."""
    types = list(dict.fromkeys(one[2] for one in entries if isinstance(one[2], str)))
    blobs = [one[3] for one in entries if isinstance(one[2], str)]
    width, kind = (8, "Q") if extended else (4, "I")
    start = width * (len(blobs) + 1)
    offsets = [start]
    for blob in blobs:
        offsets.append(offsets[-1] + len(blob))
    data = struct.pack(f"<{len(offsets)}{kind}", *offsets) + b"".join(blobs) + pad
    pack = {
        1: bytes,
        4: lambda one: lzma.compress(one, lzma.FORMAT_XZ),
        5: zstandard.ZstdCompressor().compress,
    }[packing]
    cluster = bytes([packing | (0x10 if extended else 0)]) + pack(data)
    media = b"".join(one.encode() + b"\0" for one in types) + b"\0"
    directory, number = [], 0
    for space, url, type_, _ in entries:
        name = url.encode() + b"\0\0"
        if isinstance(type_, int):
            directory.append(struct.pack("<HBcII", 0xFFFF, 0, space.encode(), 0, type_) + name)
        else:
            directory.append(
                struct.pack("<HBcIII", types.index(type_), 0, space.encode(), 0, 0, number) + name
            )
            number += 1
    at = 80 + len(media)
    places = []
    for one in directory:
        places.append(at)
        at += len(one)
    urls, clusters, first = at, at + 8 * len(places), at + 8 * len(places) + 8
    head = struct.pack(
        "<IHH16sIIQQQQIIQ",
        72173914,
        *version,
        b"u" * 16,
        len(entries),
        1,
        urls,
        urls,
        clusters,
        80,
        main,
        0xFFFFFFFF,
        first + len(cluster),
    )
    return (
        head
        + media
        + b"".join(directory)
        + struct.pack(f"<{len(places)}Q", *places)
        + struct.pack("<Q", first)
        + cluster
        + b"m" * 16
    )


@pytest.mark.parametrize(("packing", "extended"), [(1, False), (4, False), (5, False), (5, True)])
def test_a_library_opens_at_its_main_page_and_links_lead_on(tmp_path, packing, extended):
    lesson = Lesson(tmp_path, {"chats.zim": zim(packing=packing, extended=extended)}, language="")
    assert lesson.toc == [("Les félins", "html", "chats.zim.d/Main.html")]
    assert lesson.manifest.language == "fr"
    page = lesson.read("chats.zim.d/Main.html")
    assert 'href="Chat%20noir.html"' in page
    assert 'href="Chat%20noir.html#haut"' in page, "a redirect is followed"
    assert 'src="-/a.png"' in page
    assert {file.path for file in lesson.manifest.files} == {
        "chats.zim.d/Main.html", "chats.zim.d/Chat noir.html", "chats.zim.d/-/a.png",
    }  # fmt: skip


def test_old_name_spaces_become_folders_between_which_links_work(tmp_path):
    entries = [
        ("A", "Main.html", "text/html", b'<img src="../I/a.png"><link href="/-/s.css">'),
        ("I", "a.png", "image/png", b"x"),
        ("-", "s.css", "text/css", b"p{}"),
    ]
    lesson = Lesson(tmp_path, {"a.zim": zim(entries, version=(5, 0), main=0)})
    page = lesson.read("a.zim.d/A/Main.html")
    assert 'src="../I/a.png"' in page
    assert 'href="../_/s.css"' in page


def test_what_only_its_site_had_is_not_asked_for(tmp_path):
    page = (
        b'<script src="/w/load.php?a=1"></script><img alt="x" src="../I/none.png"><a href="none.html">y</a>'
    )
    entries = [("A", "Main.html", "text/html", page), ("I", "a.png", "image/png", b"x")]
    lesson = Lesson(tmp_path, {"a.zim": zim(entries, version=(5, 0), main=0)})
    text = lesson.read("a.zim.d/A/Main.html")
    assert " src=" not in text
    assert 'data-missing="/w/load.php?a=1"' in text
    assert 'href="none.html"' in text


def test_real_libraries_open_whole(tmp_path):
    lesson = Lesson(tmp_path, {"w.zim": samples("zim/wikibooks_be_withns.zim").read_bytes()})
    assert len(lesson.manifest.files) > 90
    assert lesson.warnings == []


def carded(tmp_path, data, *said):
    lesson = Lesson(tmp_path, PAGE | {"a.zim": data})
    assert lesson.toc[1] == ("a.zim", "file", "a.zim")
    assert lesson.said("a.zim is offered as a download only", *said)
    assert len(lesson.manifest.files) == 2


def test_a_lie_about_where_its_parts_lie_is_an_error_and_no_more(tmp_path):
    carded(tmp_path, samples("zim-invalid/invalid.outofbounds_clusterptrpos.zim").read_bytes(), "damaged")


@pytest.mark.parametrize("data", [b"", b"ZIM", zim()[:300], zim(main=0xFFFFFFFF, entries=ENTRIES[:1])])
def test_what_is_no_library_stays_a_download(tmp_path, data):
    carded(tmp_path, data)


def test_a_bomb_is_refused(tmp_path):
    carded(
        tmp_path,
        zim([*ENTRIES[:3], ("C", "z.bin", "application/octet-stream", bytes(200 << 20))], main=2),
        "unpacks to more",
    )


def test_without_the_library_for_zstd_it_says_so(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name == "zstandard":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    carded(tmp_path, zim(), "zstd", "importers")


@settings(max_examples=max(20, EXAMPLES // 2), deadline=None)
@given(broken(zim(packing=1)))
def test_fuzz_libraries(data):
    builds({"a.zim": data})
