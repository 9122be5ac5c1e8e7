"""Parts of a courier from hostile hands: refused clearly or read within their limits, never believed."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edubox.errors import (
    BadArchive,
    BadInput,
    Bomb,
    EduboxError,
    HashMismatch,
    MissingFile,
    NotTrusted,
    Unreachable,
)
from edubox.sync.carried import courier_source
from edubox.sync.carried.courier_source import MAX_PARTS, CourierSource
from tests.pack.fuzzing import EXAMPLES, broken

BLOB = bytes(range(256)) * 40
SIZE = len(BLOB)
PATH = "objects/ab/" + "ab" * 32


def zipped(*entries, method=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return out.getvalue()


@pytest.fixture
def source_of(tmp_path):
    def make(*contents: bytes) -> CourierSource:
        paths = []
        for number, data in enumerate(contents):
            paths.append(tmp_path / f"{number}.zip")
            paths[-1].write_bytes(data)
        return CourierSource(paths)

    return make


def streamed(source, begin, end, size=SIZE, path=PATH):
    return b"".join(source.stream(path, begin, end, size))


def test_a_stretch_is_read_across_members_and_parts(source_of):
    source = source_of(
        zipped((f"{PATH}@4000", BLOB[4000:7000])),
        zipped((f"{PATH}@0", BLOB[:4000]), (f"{PATH}@7000", BLOB[7000:])),
    )
    assert streamed(source, 0, len(BLOB)) == BLOB
    assert streamed(source, 3999, 7001) == BLOB[3999:7001]
    assert source.received == len(BLOB) + 3002
    assert source.requests == 2


def test_a_gap_is_a_missing_file_after_what_lies_before_it(source_of):
    source = source_of(zipped((f"{PATH}@0", BLOB[:4000]), (f"{PATH}@7000", BLOB[7000:])))
    blocks = source.stream(PATH, 100, SIZE, SIZE)
    assert next(blocks) == BLOB[100:4000]
    with pytest.raises(MissingFile):
        next(blocks)
    assert streamed(source, 7000, len(BLOB)) == BLOB[7000:]
    with pytest.raises(MissingFile):
        streamed(source, 0, 1, path="objects/00/00")
    with pytest.raises(MissingFile):
        source.read(PATH, 10**6)


def test_the_first_of_two_members_with_one_name_counts(source_of):
    twice = zipped(("a", b"first"), ("a@0", b"x")) + b""
    source = source_of(twice, zipped(("a", b"other"), ("b", b"second part")))
    assert source.read("a", 10) == b"first"
    assert source.read("b", 100) == b"second part"


def test_a_file_that_is_larger_than_asked_for_is_not_read(source_of):
    source = source_of(zipped((PATH, BLOB)))
    with pytest.raises(NotTrusted, match="larger"):
        source.read(PATH, len(BLOB) - 1)
    with pytest.raises(HashMismatch):
        streamed(source, 0, 10, size=len(BLOB) + 1)


def flagged(data: bytes) -> bytes:
    """*data* with the flag of encryption in its list of members."""
    at = data.rindex(b"PK\1\2")
    return data[: at + 8] + b"\1\0" + data[at + 10 :]


def moved(data: bytes, offset: int) -> bytes:
    """*data* whose last member is said to lie at *offset*."""
    at = data.rindex(b"PK\1\2")
    return data[: at + 42] + struct.pack("<L", offset) + data[at + 46 :]


def shortened(data: bytes) -> bytes:
    """*data* whose last member is said to take fewer bytes than it unpacks to."""
    at = data.rindex(b"PK\1\2")
    return data[: at + 20] + struct.pack("<L", 5) + data[at + 24 :]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (shortened(zipped(("a", BLOB))), "stored"),
        (zipped(("a", BLOB), method=zipfile.ZIP_DEFLATED), "stored"),
        (flagged(zipped(("a", BLOB))), "password"),
        (moved(zipped(("a", BLOB)), 0x7FFFFFFF), "lies where none can be"),
        (zipped(("n" * 600, b"x")), "name"),
        (zipped(("a_b", b"x")).replace(b"a_b", b"a\0b"), "name"),
        (b"no zip at all", "not an archive"),
        (b"", "not an archive"),
        (zipped(("a", b"x"))[:-4], "not an archive"),
    ],
)
def test_odd_parts_are_refused_with_a_reason(source_of, data, reason):
    with pytest.raises(BadArchive, match=reason):
        source_of(data)


def test_too_long_a_list_is_refused_before_it_is_read(source_of, monkeypatch):
    many = zipped(*((f"objects/{number}", b"") for number in range(200)))
    monkeypatch.setattr(courier_source, "MAX_DIRECTORY", 5000)
    with pytest.raises(Bomb):
        source_of(many)
    monkeypatch.undo()
    monkeypatch.setattr(courier_source, "MAX_ENTRIES", 100)
    with pytest.raises(BadArchive, match="100 members"):
        source_of(many)


def test_parts_that_list_too_much_together_are_refused_before_it_fills_the_memory(source_of, monkeypatch):
    monkeypatch.setattr(courier_source, "MAX_ENTRIES", 10)
    parts = [zipped(*((f"objects/{part}{number}", b"") for number in range(8))) for part in "ab"]
    assert source_of(parts[0]).entries == source_of(parts[0], parts[0]).entries == 8
    with pytest.raises(BadInput, match="fewer at once"):
        source_of(*parts)


def test_too_many_parts_or_none_are_refused(source_of):
    part = zipped(("a", b"x"))
    for parts in ([], [part] * (MAX_PARTS + 1)):
        with pytest.raises(BadInput):
            source_of(*parts)


def test_a_part_that_changes_or_leaves_is_unreachable_and_no_traceback(tmp_path):
    path = tmp_path / "part.zip"
    path.write_bytes(zipped((PATH, BLOB)))
    source = CourierSource([path])
    data = bytearray(path.read_bytes())
    data[:4] = b"XXXX"
    path.write_bytes(data)
    with pytest.raises(Unreachable, match="damaged"):
        streamed(source, 0, 10)
    path.write_bytes(data[:20])
    with pytest.raises(Unreachable):
        source.read(PATH, 10**6)
    path.unlink()
    with pytest.raises(Unreachable):
        source.read(PATH, 10**6)
    path.mkdir()
    with pytest.raises(Unreachable):
        source.read(PATH, 10**6)


def test_a_part_that_ends_too_early_gives_what_it_has(tmp_path):
    path = tmp_path / "part.zip"
    path.write_bytes(zipped((PATH, BLOB)))
    source = CourierSource([path])
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(Unreachable, match="shorter"):
        streamed(source, 0, len(BLOB))


WHOLE = zipped(
    ("directory/metadata/timestamp.json", b"{}"),
    (PATH, BLOB),
    (f"{PATH[:-2]}cd@0", BLOB[:3000]),
    (f"{PATH[:-2]}cd@3000", BLOB[3000:]),
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=broken(WHOLE), begin=st.integers(0, len(BLOB)), length=st.integers(0, len(BLOB)))
def test_fuzz_broken_parts_raise_our_errors_and_stay_within_limits(tmp_path, data, begin, length):
    path = tmp_path / "fuzz.zip"
    path.write_bytes(data)
    end = min(begin + length, len(BLOB))
    try:
        source = CourierSource([path])
        source.check_country(b'{"signed":{"version":1}}')
    except EduboxError:
        pass
    try:
        source = CourierSource([path])
    except EduboxError:
        return
    for name in (PATH, f"{PATH[:-2]}cd"):
        got = 0
        try:
            for block in source.stream(name, begin, end, len(BLOB)):
                got += len(block)
                assert got <= end - begin
        except EduboxError:
            continue
        assert got == end - begin
    try:
        assert len(source.read("directory/metadata/timestamp.json", 100)) <= 100
    except EduboxError:
        return


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    entries=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "a",
                    "a@0",
                    "a@5",
                    "a@05",
                    "a@-1",
                    "a@x",
                    "@0",
                    "a@0@5",
                    "a/",
                    "../a",
                    "/a",
                    "é",
                    "a@99999999999999999999",
                ]
            ),
            st.binary(max_size=12),
        ),
        max_size=8,
    ),
    begin=st.integers(0, 12),
)
def test_fuzz_odd_names_give_no_more_than_was_asked_for(tmp_path, entries, begin):
    path = tmp_path / "names.zip"
    path.write_bytes(zipped(*dict(entries).items()))
    source = CourierSource([path])
    try:
        got = b"".join(source.stream("a", begin, 12, 12))
    except EduboxError:
        return
    assert len(got) == 12 - begin
