from __future__ import annotations

import hashlib
import io
import lzma
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import BadBundle
from edubox.pack.bundle import MAGIC, carried, skeleton, unpack_bundle, write_bundle
from edubox.pack.bundle_stream import FILTERS, BundleReader, leb128
from tests.pack.fuzzing import EXAMPLES
from tests.pack.lessons import lesson, opener

paths = st.sampled_from(["a.html", "b.html", "c/d.css", "é.txt", "z.bin"])
texts = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda words: b" ".join(words) * 3, st.lists(st.sampled_from([b"la", b"lune", b"<p>", b"tourne"] * 3))
    ),
)
contents = st.dictionaries(paths, texts, min_size=1)


def made(old, new, media=frozenset()):
    out = io.BytesIO()
    new_manifest = lesson(new, media)
    old_manifest = lesson(old, media & old.keys()) if old else None
    facts = write_bundle(out, new_manifest, opener(new), old_manifest, opener(old) if old else None)
    return out.getvalue(), facts, new_manifest, old_manifest


def unpack(data, facts, wanted, folder, old=None, old_contents=None, **changed):
    signed = {
        "manifest": wanted.id, "manifest_size": len(wanted.to_bytes()),
        "unpacked": facts.unpacked, "files": facts.files,
    } | changed  # fmt: skip
    return unpack_bundle(
        io.BytesIO(data), folder, **signed, old=old, open_old=opener(old_contents) if old else None
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(old=st.none() | contents, new=contents, media=st.frozensets(paths, max_size=2))
def test_any_version_comes_back_byte_for_byte_from_any_older_one(tmp_path_factory, old, new, media):
    folder = tmp_path_factory.mktemp("objects")
    data, facts, manifest, old_manifest = made(old, new, media & new.keys())
    assert (facts.sha256, facts.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert unpack(data, facts, manifest, folder, old_manifest, old) == manifest
    had = {file.sha256 for file in carried(old_manifest)} if old_manifest else set()
    wanted = {file.sha256 for file in carried(manifest)} - had
    assert {path.name for path in folder.iterdir()} == wanted
    for path in folder.iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_a_corrected_sentence_costs_a_few_hundred_bytes(tmp_path):
    source = random.Random(1)
    old = {f"page-{n}.html": bytes(source.choices(b"abcdefgh <>\n", k=20_000)) for n in range(10)}
    new = old | {"page-3.html": old["page-3.html"][:7000] + b"corrected" + old["page-3.html"][7010:]}
    data, facts, manifest, old_manifest = made(old, new)
    assert len(data) < 300
    unpack(data, facts, manifest, tmp_path, old_manifest, old)


def test_large_files_are_rebuilt_with_their_pieces(tmp_path):
    block = random.Random(2).randbytes(1 << 20)
    new = {"big.bin": block * 9 + b"end", "empty.txt": b""}
    data, facts, manifest, _ = made(None, new)
    assert unpack(data, facts, manifest, tmp_path) == manifest
    assert len(manifest.files[0].pieces) == 3


@pytest.mark.parametrize("changed", [
    {"unpacked": 10}, {"unpacked": 10**9}, {"files": 1}, {"files": 3}, {"manifest": "0" * 64},
    {"manifest_size": 50}, {"manifest_size": 10**6},
])  # fmt: skip
def test_a_bundle_that_is_not_what_the_index_says_leaves_nothing_behind(tmp_path, changed):
    new = {"a.html": b"<p>one</p>" * 20, "b.html": b"<p>two</p>" * 20}
    data, facts, manifest, _ = made(None, new)
    with pytest.raises(BadBundle):
        unpack(data, facts, manifest, tmp_path, **changed)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_old_version_is_noticed_and_nothing_is_left(tmp_path):
    old = {"a.html": b"<p>the sun is a star among many</p>" * 20}
    new = {"a.html": old["a.html"] + b"<p>and so are others</p>"}
    data, facts, manifest, old_manifest = made(old, new)
    flipped = {"a.html": b"!" + old["a.html"][1:]}
    for damaged in (flipped, {"a.html": old["a.html"][:10]}):
        with pytest.raises(BadBundle):
            unpack(data, facts, manifest, tmp_path, old_manifest, damaged)
        assert list(tmp_path.iterdir()) == []


def test_a_76_byte_stream_that_declares_a_huge_dictionary_is_refused(tmp_path):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    data = lzma.compress(b"EDXB\x01", format=lzma.FORMAT_XZ, filters=filters)
    _, facts, manifest, _ = made(None, {"a.html": b"x"})
    with pytest.raises(BadBundle, match=r"[Mm]emory"):
        unpack(data, facts, manifest, tmp_path)


@pytest.mark.parametrize("tail", [b"\0", b"more", lzma.compress(b"second stream")])
def test_bytes_after_the_stream_are_refused(tmp_path, tail):
    data, facts, manifest, _ = made(None, {"a.html": b"x" * 100})
    with pytest.raises(BadBundle):
        unpack(data + tail, facts, manifest, tmp_path)


def stream(raw: bytes) -> bytes:
    return lzma.compress(raw, format=lzma.FORMAT_XZ, filters=FILTERS)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_the_decoder_below_the_hash_check_refuses_mutations_with_our_own_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("objects")
    old, new = (
        {"a.html": b"<p>one two three</p>" * 9, "b": b""},
        {"a.html": b"<p>one 2 three</p>" * 9, "c": b"new"},
    )
    bundle, facts, manifest, old_manifest = made(old, new)
    raw = bytearray(lzma.decompress(bundle))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "insert"]))
        if kind == "set":
            raw[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del raw[at : at + data.draw(st.integers(1, 9))]
        else:
            raw[at:at] = data.draw(st.binary(max_size=9) | st.builds(leb128, st.integers(0, 1 << 70)))
        if not raw:
            break
    try:
        result = unpack(stream(bytes(raw)), facts, manifest, folder, old_manifest, old)
    except BadBundle:
        assert list(folder.iterdir()) == []
    else:
        assert result == manifest


@settings(max_examples=EXAMPLES, deadline=None)
@given(raw=st.binary(max_size=300))
def test_noise_instead_of_a_bundle_is_refused(tmp_path_factory, raw):
    _, facts, manifest, _ = made(None, {"a.html": b"x" * 100})
    for data in (raw, stream(b"EDXB\x01" + raw)):
        with pytest.raises(BadBundle):
            unpack(data, facts, manifest, tmp_path_factory.mktemp("objects"))


def test_a_file_of_the_old_version_that_is_gone_is_said(tmp_path):
    old = {"a.html": b"<p>the sun is a star among many</p>" * 20}
    data, facts, manifest, old_manifest = made(old, {"a.html": old["a.html"] + b"<p>and more</p>"})

    def gone(file):
        raise FileNotFoundError(file.path)

    with pytest.raises(BadBundle, match="missing on this box"):
        unpack_bundle(
            io.BytesIO(data), tmp_path, manifest=manifest.id, manifest_size=len(manifest.to_bytes()),
            unpacked=facts.unpacked, files=facts.files, old=old_manifest, open_old=gone,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_page_may_be_put_together_from_many_old_pages(tmp_path):
    source = random.Random(3)
    old = {f"{number:02}.html": source.randbytes(200) for number in range(30)}
    new = {"all.html": b"".join(old[name][20:180] for name in sorted(old, reverse=True)) * 2}
    data, facts, manifest, old_manifest = made(old, new)
    assert len(data) < 1000
    assert unpack(data, facts, manifest, tmp_path, old_manifest, old) == manifest


@pytest.mark.parametrize(("codes", "reason"), [
    ([2 + 2 * 5], "does not exist"), ([3], "does not exist"), ([1 << 62], "does not exist"), ([1], "number of files"),
])  # fmt: skip
def test_a_code_that_points_nowhere_is_refused(tmp_path, codes, reason):
    frame = skeleton(lesson({"a.html": b"x"}))
    raw = MAGIC + leb128(len(frame)) * 2 + frame + b"".join(map(leb128, codes))
    wanted = lesson({"a.html": b"x"})
    with pytest.raises(BadBundle, match=reason):
        unpack_bundle(
            io.BytesIO(stream(raw)),
            tmp_path,
            manifest=wanted.id,
            manifest_size=len(wanted.to_bytes()),
            unpacked=0,
            files=0,
        )


def test_a_number_of_more_than_63_bits_is_refused(tmp_path):
    wanted = lesson({"a.html": b"x"})
    for number in (leb128(1 << 63), b"\x80" * 40):
        with pytest.raises(BadBundle, match=r"too large|too early|was signed"):
            unpack_bundle(
                io.BytesIO(stream(MAGIC + number)),
                tmp_path,
                manifest=wanted.id,
                manifest_size=400,
                unpacked=1,
                files=1,
            )


@pytest.mark.parametrize(("content", "reason"), [
    (leb128(101) + leb128(101) + b"x" * 101, "more bytes than was signed"),
    (leb128(5) + leb128(6) + b"x" * 6, "more bytes than was signed"),
    (leb128(5) + leb128(0) + leb128(0) + leb128(0), "where nothing is"),
    (leb128(5) + leb128(0) + leb128(6) + leb128(0), "where nothing is"),
    (leb128(5) + leb128(0) + leb128(5) + leb128(1), "where nothing is"),
    (leb128(5) + leb128(0) + leb128(5) + leb128(12), "where nothing is"),
    (leb128(5) + leb128(0) + leb128(5), "too early"),
])  # fmt: skip
def test_an_object_is_stopped_before_it_makes_a_byte_too_many(content, reason):
    reader = BundleReader(io.BytesIO(stream(content)))
    made = reader.object(100, [(0, 10, lambda _, count: b"s" * count)], 0)
    with pytest.raises(BadBundle, match=reason):
        assert sum(map(len, made)) <= 5
