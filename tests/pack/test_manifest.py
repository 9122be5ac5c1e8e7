from __future__ import annotations

import json
import unicodedata

import pytest

from edubox.errors import BadManifest, EduboxError, UnknownFormat, UnsafePath
from edubox.pack import canonical
from edubox.pack.manifest import File, Item, Manifest, parse
from tests.pack.lessons import lesson

SHA = "a" * 64


def value(**changed):
    """A manifest as JSON, with first-level fields *changed*; None removes one."""
    whole = json.loads(lesson({"a.html": b"one", "b/c.pdf": b"two"}).to_bytes()) | changed
    return {key: one for key, one in whole.items() if one is not None}


def refused(error=BadManifest, match=None, **changed):
    with pytest.raises(error, match=match):
        parse(canonical.write(value(**changed)))


def entry(**changed):
    return {"path": "a.html", "sha256": SHA, "size": 3, "type": "text/html"} | changed


def test_a_manifest_comes_back_as_it_was_and_its_id_is_the_hash_of_its_bytes():
    manifest = Manifest(
        "Leçon", "fr-CA",
        (Item("Un", items=(Item("Page", "html", "a.html", "t.txt", ("b.vtt",), ("https://example.org/",)),)),),
        (File("a.html", SHA, 0, "text/html"), File("b.vtt", SHA, 0, "text/vtt"), File("big.mp4", "b" * 64, 9 << 20, "video/mp4", True, (SHA,) * 3),
         File("t.txt", SHA, 0, "text/plain")),
        {"description": "D", "author": ["A", "B"], "timeRequired": "PT1H30M"}, ("H5P.X-1.2.3",), "a.html",
    )  # fmt: skip
    assert parse(manifest.to_bytes()) == manifest
    assert [item.title for item in manifest.items()] == ["Page"]
    assert manifest.file("big.mp4").media
    assert manifest.file("absent") is None
    assert manifest.size == 9 << 20


@pytest.mark.parametrize("name", ["درس.html", "🌍.html", "é" * 125 + ".html"])
def test_names_in_arabic_emoji_and_255_bytes_are_names(name):
    assert parse(canonical.write(value(files=[entry(path=name)], toc=[]))).files[0].path == name


@pytest.mark.parametrize("path", [
    "/a", "../a", "a/../b", "a//b", "a/", ".", "", "con.html", "a/LPT1", "a:b", "a\\b", "a ", "a.", "a\nb",
    "e\u0301.html", "é" * 128, "\u3000", "a/\u00a0/b", "con .txt", "/".join(["abcdefgh" * 10] * 13), "a\ud800b",
])  # fmt: skip
def test_an_unsafe_path_is_refused(path):
    data = json.dumps(
        value(files=[entry(path=path)], toc=[]), ensure_ascii=True, sort_keys=True, separators=(",", ":")
    )
    with pytest.raises((UnsafePath, BadManifest)):
        parse(unicode_of(data))


def unicode_of(data: str) -> bytes:
    """JSON as canonical bytes where that is possible: escapes become characters."""
    try:
        return json.dumps(
            json.loads(data), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except UnicodeEncodeError:
        return data.encode()


def test_an_unknown_format_says_update_this_box():
    with pytest.raises(UnknownFormat, match="update this box"):
        parse(canonical.write({"format": 3, "anything": True}))


def test_a_lesson_without_files_is_refused():
    refused(files=[], toc=[], match="no file")


@pytest.mark.parametrize("pair", [
    ("A.html", "a.html"), ("a", "a/b"), ("A", "a/b"), ("a.html", "a.html.gz"), ("a.html", "a.html"), ("ﬁ", "fi"),
])  # fmt: skip
def test_paths_that_collide_somewhere_are_refused(pair):
    refused(files=[entry(path=path) for path in sorted(pair)], toc=[])


@pytest.mark.parametrize(("one", "other"), [
    ({"size": 3}, {"size": 4}),
    ({"size": 3, "media": True}, {"size": 4}),
    ({"size": 9 << 20, "pieces": ["b" * 64] * 3}, {"size": 9 << 20, "pieces": ["c" * 64] * 3}),
])  # fmt: skip
def test_one_content_has_one_size_wherever_it_is_listed(one, other):
    same = [entry(path="a.html", **one), entry(path="b.html", **one)]
    assert len(parse(canonical.write(value(files=same, toc=[]))).files) == 2
    refused(files=[same[0], entry(path="b.html", **other)], toc=[], match="two sizes")


@pytest.mark.parametrize("changed", [
    {"extra": 1}, {"name": None}, {"name": ""}, {"name": " "}, {"name": "x" * 2001}, {"name": "a\x1b[2Jb"}, {"name": 1},
    {"inLanguage": "French"}, {"inLanguage": None}, {"timeRequired": "45 min"}, {"timeRequired": "PT"},
    {"timeRequired": "PT٤M"}, {"author": "A"}, {"author": [""]}, {"author": [1]}, {"original": "absent"}, {"original": ["a.html"]},
    {"image": "absent"}, {"image": ["a.html"]}, {"image": ""},
    {"description": ""}, {"files": {}}, {"files": None}, {"toc": None}, {"toc": {}}, {"libs": []}, {"libs": [1]},
    {"files": [[]]}, {"files": [entry(extra=1)]}, {"files": [entry(size=-1)]}, {"files": [entry(size=True)]},
    {"files": [entry(size=1 << 60)]}, {"files": [entry(sha256="A" * 64)]}, {"files": [entry(sha256=SHA + "\n")]},
    {"files": [entry(type="html")]}, {"files": [entry(type="Text/html")]}, {"files": [entry(media=False)]},
    {"files": [entry(media=1)]}, {"files": [entry(pieces=[SHA])]}, {"files": [entry(size=9 << 20)]},
    {"files": [entry(size=9 << 20, pieces=[SHA, SHA, "x"])]}, {"files": [entry(size=9 << 20, pieces=[])]},
    {"files": [{key: one for key, one in entry().items() if key != "path"}]},
    {"toc": [[]]}, {"toc": [{"title": "x"}]}, {"toc": [{"title": "x", "type": "html"}]},
    {"toc": [{"title": "x", "entry": "a.html"}]}, {"toc": [{"title": "x", "type": "exe", "entry": "a.html"}]},
    {"toc": [{"title": "x", "type": "html", "entry": "absent"}]}, {"toc": [{"title": "x", "type": [], "entry": []}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "text": "absent"}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "text": []}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "alternatives": ["absent"]}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "links": ["x\0"]}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "items": []}]},
    {"toc": [{"title": "x", "type": "html", "entry": "a.html", "more": 1}]},
    {"toc": [{"title": None, "type": "html", "entry": "a.html"}]},
])  # fmt: skip
def test_a_manifest_that_breaks_its_format_is_refused_with_a_reason(changed):
    changed = changed if "files" not in changed or "toc" in changed else changed | {"toc": []}
    refused(**changed)


def test_a_table_of_contents_too_deep_or_too_long_is_refused(monkeypatch):
    item = {"title": "x", "type": "html", "entry": "a.html"}
    for _ in range(8):
        item = {"title": "x", "items": [item]}
    refused(toc=[item], match="too large")
    monkeypatch.setattr("edubox.pack.manifest.MAX_ITEMS", 3)
    refused(
        toc=[{"title": "x", "items": [{"title": "y", "type": "html", "entry": "a.html"}] * 3}],
        match="too large",
    )


@pytest.mark.parametrize("data", [
    b"", b"[]", b"{", b'{"format":1.0}', b'{"format":true}', b'{"format":"1"}', b"{}", b'{"format":1}\n', b"\xff",
    b'{"a":NaN,"format":1}', b'{"format":1,"a":1}', b'{"format":1, "name":1}', b'{"format":1,"format":1}',
    b'{"a":"\\ud800","format":1}', b'{"a":-0,"format":1}', b'{"a":1e3,"format":1}', b"[" * 100_000,
    b'{"a":' + b"[" * 40 + b"]" * 40 + b',"format":1}', b'{"a":' + b"9" * 5000 + b',"format":1}',
    b'{"a":"' + unicodedata.normalize("NFD", "é").encode() + b'","format":1}', b'\xef\xbb\xbf{"format":1}',
])  # fmt: skip
def test_another_spelling_of_json_is_refused(data):
    with pytest.raises(BadManifest):
        parse(data)
    with pytest.raises(BadManifest):
        canonical.read(data, what="it")


def test_a_manifest_larger_than_any_lesson_is_refused_unread():
    with pytest.raises(BadManifest, match="16 MiB"):
        parse(b" " * (16 * 1024 * 1024 + 1))


def test_canonical_json_has_no_floats_and_no_other_types():
    for bad in ({"a": 1.5}, {"a": b"x"}, {1: "a"}, {"a": "\ud800"}):
        with pytest.raises(EduboxError):
            canonical.write(bad)
    assert canonical.write({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


# --- a system ----------------------------------------------------------------------------------------------


def system(**changed):
    file = entry(path="system.img", type="application/octet-stream")
    return value(format=2, system="pc-amd64", files=[file], toc=[]) | changed


def test_a_system_comes_back_with_its_board_and_a_lesson_is_written_as_ever():
    manifest = parse(canonical.write(system()))
    assert manifest.system == "pc-amd64"
    assert parse(manifest.to_bytes()) == manifest
    assert b'"format":1' in lesson({"a.html": b""}).to_bytes()


@pytest.mark.parametrize("changed", [
    {"system": ""}, {"system": "PC"}, {"system": 5}, {"system": None}, {"system": "a/b"}, {"format": 1},
    {"files": [entry()]}, {"files": [entry(path="system.img", media=True)]},
    {"files": [entry(path="a"), entry(path="system.img")]},
])  # fmt: skip
def test_a_system_that_is_not_one_file_of_one_board_is_refused(changed):
    with pytest.raises(BadManifest):
        parse(canonical.write(system(**changed)))


def test_a_board_without_its_format_is_refused():
    found = system()
    del found["system"]
    with pytest.raises(BadManifest, match="format 2"):
        parse(canonical.write(found))
