"""Everything that reads bytes from outside, given broken ones: it accepts them or refuses with our own error.

Any other exception fails the test, and so does output beyond what was allowed. ``make prove-fuzz`` runs 10,000
examples of each.
"""

from __future__ import annotations

import io
import json
import lzma
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import BadBundle, EduboxError
from edubox.pack import canonical, edpack, index, manifest
from edubox.pack.bundle import MAGIC, skeleton, unpack_bundle, write_bundle
from edubox.pack.bundle_stream import FILTERS, leb128
from edubox.pack.names import check_path, check_publisher, component_fault, slug
from edubox.pack.opening import open_source
from tests.pack import test_index, test_manifest
from tests.pack.fuzzing import EXAMPLES, broken, json_values, mutated
from tests.pack.lessons import lesson, opener
from tests.pack.zips import write_named, write_zip

fuzz = settings(max_examples=EXAMPLES, deadline=None)
PARSERS = [(manifest.parse, test_manifest.value()), (index.parse, test_index.value())]


def loosely(value) -> bytes:
    """JSON that is canonical where it can be, for parsers to read."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(("parse", "whole"), PARSERS, ids=["manifest", "index"])
@fuzz
@given(data=st.data())
def test_fuzz_manifest_and_index_values(parse, whole, data):
    value = loosely(data.draw(mutated(whole)))
    try:
        found = parse(value)
    except EduboxError:
        return
    assert found.to_bytes() == value, "what is accepted means its bytes and nothing else"


@pytest.mark.parametrize(("parse", "whole"), PARSERS, ids=["manifest", "index"])
@fuzz
@given(data=st.data())
def test_fuzz_manifest_and_index_bytes(parse, whole, data):
    value = data.draw(broken(canonical.write(whole)) | st.binary(max_size=60))
    try:
        found = parse(value)
    except EduboxError:
        return
    assert found.to_bytes() == value


@fuzz
@given(json_values)
def test_fuzz_canonical_json(value):
    try:
        data = canonical.write({"format": 1, "value": value})
    except EduboxError:
        return
    assert canonical.read(data, what="it") == {"format": 1, "value": value}


@fuzz
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["..", "a", "con", "é", "e\u0301", "/", "\\", " ", "\ud800"])).map("".join)
)
def test_fuzz_names(text):
    for check in (check_path, check_publisher):
        try:
            check(text)
        except EduboxError:
            pass
    component_fault(text)
    check_publisher(f"{slug(text)}/{slug(text)}")


# --- archives ------------------------------------------------------------------------------------------


def small_edpack() -> bytes:
    contents = {"a.html": b"<p>one two three</p>" * 9, "m.bin": b"media", "z.txt": b""}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.edpack"
        edpack.write_edpack(path, lesson(contents, frozenset({"m.bin"})), opener(contents))
        return path.read_bytes()


def small_zip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = write_zip(
            Path(folder) / "a.zip", {"a.html": b"<p>words</p>" * 50, "é/b.png": bytes(3000), "c": b""}
        )
        return path.read_bytes()


EDPACK, ZIP = small_edpack(), small_zip()


@fuzz
@given(broken(EDPACK) | st.binary(max_size=100))
def test_fuzz_lesson_files(data):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "x.edpack").write_bytes(data)
        try:
            edpack.extract(folder / "x.edpack", folder / "out")
        except EduboxError:
            assert [path.name for path in folder.iterdir()] == ["x.edpack"]


@fuzz
@given(data=st.data())
def test_fuzz_manifests_inside_lesson_files(data):
    """The same, with members whose checksums are right."""
    with zipfile.ZipFile(io.BytesIO(EDPACK)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = data.draw(st.sampled_from(sorted(members)))
    if changed == "manifest.json" and data.draw(st.booleans()):
        members[changed] = loosely(data.draw(mutated(json.loads(members[changed]))))
    else:
        members[changed] = data.draw(broken(members[changed]))
    with tempfile.TemporaryDirectory() as name:
        path = write_zip(Path(name) / "x.edpack", members, zipfile.ZIP_STORED)
        try:
            edpack.check(path)
        except EduboxError:
            pass


@fuzz
@given(broken(ZIP) | st.binary(max_size=100))
def test_fuzz_zips(data):
    with tempfile.TemporaryDirectory() as name:
        source, work = Path(name) / "a.zip", Path(name) / "work"
        source.write_bytes(data)
        work.mkdir()
        try:
            opened = open_source(source, work)
        except EduboxError:
            opened = None
        assert sum(path.stat().st_size for path in work.iterdir()) <= (1 << 20) + (1 << 16)
        assert opened is None or all(found.location.parent in {work, source.parent} for found in opened.files)


@fuzz
@given(
    st.lists(
        st.binary(min_size=5, max_size=30).filter(lambda raw: b"\0" not in raw),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_fuzz_names_in_zips(raw_names):
    with tempfile.TemporaryDirectory() as name:
        source, work = Path(name) / "a.zip", Path(name) / "work"
        write_named(source, raw_names)
        work.mkdir()
        try:
            opened = open_source(source, work)
        except EduboxError:
            return
        for found in opened.files:
            assert not found.path.startswith("/")
            assert ".." not in found.path.split("/")


# --- bundles, below the hash check ---------------------------------------------------------------------

OLD = {"a.html": b"<p>one two three four</p>" * 9, "b.txt": b"", "c.css": b"p { color: red }" * 4}
NEW = {
    "a.html": OLD["a.html"] + b"<p>five</p>",
    "d.txt": b"new words",
    "e.css": OLD["c.css"],
    "f.txt": b"new words",
}
OLD_MANIFEST, NEW_MANIFEST = lesson(OLD), lesson(NEW)
OUT = io.BytesIO()
FACTS = write_bundle(OUT, NEW_MANIFEST, opener(NEW), OLD_MANIFEST, opener(OLD))
BUNDLE = OUT.getvalue()
CONTENT = lzma.decompress(BUNDLE)
LIMIT = FACTS.unpacked + len(NEW_MANIFEST.to_bytes())


def xz(raw: bytes) -> bytes:
    return lzma.compress(raw, format=lzma.FORMAT_XZ, filters=FILTERS)


def unpacks(stream: bytes) -> None:
    """Read *stream* as the bundle from OLD to NEW: it makes NEW, or BadBundle and nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            made = unpack_bundle(
                io.BytesIO(stream), folder, manifest=NEW_MANIFEST.id, manifest_size=len(NEW_MANIFEST.to_bytes()),
                unpacked=FACTS.unpacked, files=FACTS.files, old=OLD_MANIFEST, open_old=opener(OLD),
            )  # fmt: skip
        except BadBundle:
            assert list(folder.iterdir()) == []
        else:
            assert made == NEW_MANIFEST
            assert sum(path.stat().st_size for path in folder.iterdir()) <= LIMIT


@fuzz
@given(broken(CONTENT))
def test_fuzz_bundle_content(raw):
    unpacks(xz(raw))


@fuzz
@given(broken(BUNDLE) | st.binary(max_size=100))
def test_fuzz_bundle_bytes(raw):
    unpacks(raw)


numbers = st.one_of(
    st.integers(0, 300), st.integers(0, 1 << 63), st.sampled_from([len(value) for value in NEW.values()])
)
turns = st.one_of(
    st.tuples(st.just(b""), numbers, numbers), st.tuples(st.binary(max_size=20), numbers, st.integers(0, 40))
)


@fuzz
@given(
    codes=st.lists(st.integers(0, 12) | numbers, min_size=4, max_size=4),
    objects=st.lists(st.tuples(numbers, st.lists(turns, max_size=5)), max_size=3),
    tail=st.binary(max_size=4),
)
def test_fuzz_bundle_instructions(codes, objects, tail):
    """A right frame, then instructions that make sense one by one."""
    out = io.BytesIO()
    frame = skeleton(NEW_MANIFEST)
    out.write(MAGIC + leb128(len(frame)) + leb128(len(frame)) + frame)
    for code in codes:
        out.write(leb128(code))
    for size, steps in objects:
        out.write(leb128(size))
        for inserted, length, distance in steps:
            out.write(leb128(len(inserted)) + inserted + leb128(length) + leb128(distance))
    unpacks(xz(out.getvalue() + tail))


@pytest.mark.parametrize("code", range(24, 64))
def test_fuzz_bundle_that_declares_a_huge_dictionary(tmp_path, code):
    """A few dozen bytes must not take gigabytes: the size stands in the block's header, before any content."""
    # To write such a stream would take the memory itself, so the header of a small one is changed (the .xz file
    # format, 5.3.1: code 24 is 16 MiB, 40 is 4 GiB, more is reserved) and gets a new checksum.
    data = bytearray(xz(CONTENT))
    end = 12 + data[12] * 4
    data[data.index(b"\x21\x01", 12) + 2] = code
    data[end : end + 4] = zlib.crc32(data[12:end]).to_bytes(4, "little")
    with pytest.raises(BadBundle, match="[Mm]emory" if code <= 40 else "compression"):
        unpack_bundle(
            io.BytesIO(data), tmp_path, manifest=NEW_MANIFEST.id, manifest_size=LIMIT, unpacked=LIMIT,
            files=FACTS.files, old=OLD_MANIFEST, open_old=opener(OLD),
        )  # fmt: skip
