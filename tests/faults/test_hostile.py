"""Whatever a source or a publisher sends: a clear error with its exit code, and the lesson that was there stays."""

from __future__ import annotations

import dataclasses
import hashlib
import lzma

import pytest

from edubox.errors import EduboxError
from edubox.pack.bundle_stream import leb128
from edubox.pack.index import Bundle
from edubox.store.layout import bundle_path, object_path
from tests.sync.country import PUBLISHER, snapshot, text
from tests.sync.hub import Wire, files

OLD = {"index.html": text(1, 30_000)}
NEW = OLD | {"b.html": text(2, 300_000)}


@pytest.fixture
def update(country, box):
    """The path of an update's bundle in the mirror, for a box that has the version before."""
    country.publish("lune", OLD)
    box.sync()
    index = country.publish("lune", NEW)
    return country.mirror / bundle_path(index.full.sha256)


def refused(box, *sources, codes=(2, 3, 4)):
    before = snapshot(box.data / "mirror" / "objects"), box.read("lune")
    with pytest.raises(EduboxError) as caught:
        box.sync(*sources)
    assert caught.value.exit_code in codes, caught.value
    assert (snapshot(box.data / "mirror" / "objects"), box.read("lune")) == before
    return caught.value


def bent(data):
    return data[:900] + bytes([data[900] ^ 1]) + data[901:]


@pytest.mark.parametrize(
    ("bend", "code"),
    [(lambda data: data[:-1], 3), (lambda _: b"", 3), (bent, 3), (lambda data: data + b"x", 3), (lambda data: data[::-1], 3)],
    ids=["truncated", "empty", "bit flipped", "longer", "another"],
)  # fmt: skip
def test_a_damaged_update_is_refused_and_a_good_copy_accepted_afterwards(box, update, bend, code):
    good = update.read_bytes()
    update.write_bytes(bend(good))
    refused(box, codes=[code])
    update.write_bytes(good)
    box.sync()
    assert box.read("lune") == NEW


def test_a_link_in_the_mirror_to_the_right_bytes_is_still_not_followed(box, update, tmp_path):
    update.rename(tmp_path / "elsewhere")
    update.symlink_to(tmp_path / "elsewhere")
    assert refused(box).code == "missing-file"


def with_bundles(country, answer):
    return Wire(files(country.mirror, bundles=answer))


def told(status, body, **headers):
    def application(_, start_response):
        start_response(status, [(name.replace("_", "-"), value) for name, value in headers.items()])
        yield from body

    return application


def endless():
    while True:
        yield bytes(65536)


@pytest.mark.parametrize("status", ["200 OK", "206 Partial Content"])
@pytest.mark.parametrize("length", [None, "10", "99999999999", "nonsense"])
@pytest.mark.parametrize("made_range", [None, "bytes 0-9/10"])
def test_answers_that_lie_about_themselves_are_refused(country, box, update, status, length, made_range):
    assert update.exists()
    headers = {"Content_Length": length, "Content_Range": made_range}
    answer = told(status, endless(), **{name: value for name, value in headers.items() if value})
    with with_bundles(country, answer) as wire:
        refused(box, wire.url, codes=[3, 4])
        assert wire.requests < 20
    box.sync()
    assert box.read("lune") == NEW


def test_a_resume_that_is_answered_with_everything_is_paid_once_and_completed(country, box, update):
    data = update.read_bytes()
    (box.data / "staging" / "fetch" / update.name).write_bytes(data[:50_000])
    with with_bundles(country, told("200 OK", [data], Content_Length=str(len(data)))) as wire:
        (entry,) = box.sync(wire.url).packs
    assert entry["bytes"] == len(data)
    assert box.read("lune") == NEW


def sign(country, data, **facts):
    """Publish *data* as the bundle of version 2, as a hostile publisher could."""
    sha256 = hashlib.sha256(data).hexdigest()
    country.write({bundle_path(sha256): data})
    usual = country.versions[f"{PUBLISHER}/lune"][-1]
    bundle = Bundle(sha256, len(data), usual.full.unpacked, usual.full.files)
    country.sign(
        "lune.json", dataclasses.replace(usual, bundles=(dataclasses.replace(bundle, **facts),)).to_bytes()
    )


def bomb():
    """Valid until its object: 512 MiB of zeros in 80 kB."""
    press = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
    out = press.compress(b"EDXB\x01" + leb128(2**30))
    block = leb128(2**29) + bytes(2**20)
    out += press.compress(block)
    for _ in range(511):
        out += press.compress(bytes(2**20))
    return out + press.flush()


def huge_dictionary():
    return lzma.compress(b"EDXB\x01" + bytes(100), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])


@pytest.mark.parametrize(
    "data",
    [bomb(), huge_dictionary(), b"", b"not xz", lzma.compress(b"EDXB\x02")],
    ids=["bomb", "huge dictionary", "empty", "not xz", "another format"],
)
def test_a_hostile_bundle_is_refused_whoever_signed_it(country, box, update, data):
    assert update.exists()
    sign(country, data)
    assert refused(box, codes=[2]).code == "bad-bundle"
    assert not any(path.stat().st_size > 10**6 for path in box.data.rglob("*"))


@pytest.mark.parametrize("facts", [{"unpacked": 10**12}, {"files": 99_999}, {"unpacked": 5}, {"files": 0}])
def test_signed_sizes_that_are_not_true_are_refused(country, box, update, facts):
    sign(country, update.read_bytes(), **facts)
    refused(box, codes=[2, 5])


def test_media_under_a_wrong_hash_or_size_are_refused_and_the_text_is_there(country, box):
    contents = {"index.html": text(1, 3000), "film.mp4": bytes(300_000)}
    country.publish("lune", contents, frozenset(["film.mp4"]))
    film = country.mirror / object_path(country.contents["lune"][0].file("film.mp4").sha256)
    good = film.read_bytes()
    for bad in (good[:-1], good + b"x", bent(good), b""):
        film.write_bytes(bad)
        with pytest.raises(EduboxError) as caught:
            box.sync()
        assert caught.value.exit_code == 3
        assert set(box.read("lune")) == {"index.html"}
    film.write_bytes(good)
    box.sync()
    assert box.read("lune") == contents
