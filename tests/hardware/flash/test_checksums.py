"""Sums that sha256sum reads, signed with a key of the house, checked with the root.json that names it."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

import pytest

from edubox.errors import BadInput, NotFound, NotTrusted
from edubox.hardware.flash import checksums
from edubox.trust import keys, publisher

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def house(tmp_path):
    """Two images, the writer key of a publisher, and its root.json."""
    for name in ("a.img.xz", "b.img"):
        (tmp_path / name).write_bytes(name.encode() * 1000)
    root, writer = keys.signer(keys.generate()), keys.signer(keys.generate())
    files = publisher.create("ministry/edubox", "ministry", root, writer, NOW)
    path = tmp_path / "1.root.json"
    path.write_bytes(next(data for name, data in files.items() if name.endswith("1.root.json")))
    return tmp_path, root, writer, path


def test_an_image_that_its_publisher_signed_is_taken(house):
    folder, _, writer, root = house
    checksums.write([folder / "a.img.xz", folder / "b.img"], [writer])
    assert checksums.check(folder / "a.img.xz", root)
    assert checksums.check(folder / "b.img", None)
    subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def test_sums_of_other_images_stay_and_old_signatures_do_not(house):
    folder, _, writer, root = house
    checksums.write([folder / "a.img.xz"], [writer])
    checksums.write([folder / "b.img"], [])
    assert len((folder / "SHA256SUMS").read_text().splitlines()) == 2
    with pytest.raises(NotFound, match=r"SHA256SUMS\.sig"):
        checksums.check(folder / "a.img.xz", root)


def test_a_changed_image_is_refused_with_and_without_a_key(house):
    folder, _, writer, root = house
    checksums.write([folder / "b.img"], [writer])
    (folder / "b.img").write_bytes(b"other")
    for key in (root, None):
        with pytest.raises(NotTrusted, match="copy both again"):
            checksums.check(folder / "b.img", key)


def test_changed_sums_another_key_and_no_signature_are_not_trusted(house):
    folder, other, writer, root = house
    checksums.write([folder / "b.img"], [other])
    with pytest.raises(NotTrusted, match=r"was not signed by the keys of 1\.root\.json"):
        checksums.check(folder / "b.img", root)
    checksums.write([folder / "b.img"], [writer])
    with (folder / "SHA256SUMS").open("a") as sums:
        sums.write("0" * 64 + "  c.img\n")
    with pytest.raises(NotTrusted):
        checksums.check(folder / "b.img", root)


def test_an_image_that_signed_sums_do_not_name_is_not_trusted(house):
    folder, _, writer, root = house
    checksums.write([folder / "b.img"], [writer])
    with pytest.raises(NotTrusted, match="says nothing of"):
        checksums.check(folder / "a.img.xz", root)
    assert not checksums.check(folder / "a.img.xz", None)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"{}",
        b"[]",
        b'{"format":2,"signatures":[]}',
        b'{"format":1,"signatures":[5]}',
        b"\xff",
        b'{"format":1,"signatures":{}}',
    ],
)
def test_signatures_of_nonsense_are_not_trusted(house, nonsense):
    folder, _, writer, root = house
    checksums.write([folder / "b.img"], [writer])
    (folder / "SHA256SUMS.sig").write_bytes(nonsense)
    with pytest.raises(NotTrusted):
        checksums.check(folder / "b.img", root)


def test_one_signature_twice_is_one(house):
    folder, _, writer, root = house
    value = json.loads(root.read_bytes())
    value["signed"]["roles"]["targets"]["threshold"] = 2
    root.write_text(json.dumps(value))
    checksums.write([folder / "b.img"], [writer, writer])
    with pytest.raises(NotTrusted):
        checksums.check(folder / "b.img", root)


def test_images_of_two_folders_have_no_common_sums(house):
    folder, *_ = house
    (folder / "more").mkdir()
    (folder / "more/c.img").write_bytes(b"c")
    with pytest.raises(BadInput):
        checksums.write([folder / "b.img", folder / "more/c.img"], [])
