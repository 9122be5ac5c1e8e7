"""Making a box: whole or not at all, never over something, and only for a real country."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edubox.box.setup import init
from edubox.errors import AlreadyExists, BadIdentifier, BadInput
from edubox.settings import load_settings

FOLLOW = ["ministry/test"]


@pytest.fixture(scope="module")
def root():
    """A root that signs itself, as a country's does."""
    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Metadata, Root

    signer = CryptoSigner.generate_ed25519()
    signed = Root(expires=datetime(2030, 1, 1, tzinfo=UTC))
    for role in ("root", "targets", "snapshot", "timestamp"):
        signed.add_key(signer.public_key, role)
    metadata = Metadata(signed)
    metadata.sign(signer)
    return metadata.to_bytes()


def test_a_new_box_pins_its_country_and_remembers_what_was_said(root, tmp_path):
    data = tmp_path / "deep" / "box"
    init(data, root, FOLLOW, ["http://hub.example/", "stick"], {"name": 'École "Jean"\n'})
    assert (data / "keys" / "root.json").read_bytes() == root
    assert (data / "keys").stat().st_mode & 0o077 == 0
    assert {path.name for path in data.iterdir()} == {"mirror", "staging", "site", "keys", "box.toml"}
    settings = load_settings(data / "box.toml")
    assert settings["follow"] == FOLLOW
    assert settings["name"] == 'École "Jean"\n'
    assert settings["sources"][0] == "http://hub.example/"
    assert settings["sources"][1].startswith("/"), "a folder is found again from anywhere"


def test_an_empty_folder_may_become_a_box(root, tmp_path):
    (tmp_path / "box").mkdir()
    init(tmp_path / "box", root, FOLLOW, [], {})
    assert (tmp_path / "box" / "box.toml").is_file()


@pytest.mark.parametrize(
    "make", [lambda path: path.write_text("x"), lambda path: (path.mkdir(), (path / "x").touch())]
)
def test_nothing_that_exists_is_touched(root, tmp_path, make):
    data = tmp_path / "box"
    make(data)
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    with pytest.raises(AlreadyExists):
        init(data, root, FOLLOW, [], {})
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def bad_roots(root):
    value = json.loads(root)
    unsigned = json.dumps(value | {"signatures": []}).encode()
    changed = json.dumps(value | {"signed": value["signed"] | {"version": 2}}).encode()
    other = json.dumps(value | {"signed": {"_type": "timestamp", "spec_version": "1.0.31", "version": 1,
                                           "expires": "2030-01-01T00:00:00Z", "meta": {"snapshot.json": {"version": 1}}}})  # fmt: skip
    return [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b"[" * 100_000,
        root[:-20],
        unsigned,
        changed,
        other.encode(),
    ]


@pytest.mark.parametrize("number", range(10))
def test_only_the_root_of_a_country_is_pinned(root, tmp_path, number):
    with pytest.raises(BadInput):
        init(tmp_path / "box", bad_roots(root)[number], FOLLOW, [], {})
    assert not list(tmp_path.iterdir()), "nothing is left of a box that was refused"


@pytest.mark.parametrize("publisher", ["", "ministry", "a/b/c", "../x", "Ministry/Test"])
def test_only_a_possible_publisher_is_followed(root, tmp_path, publisher):
    with pytest.raises(BadIdentifier):
        init(tmp_path / "box", root, [publisher], [], {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "settings", [{"prot": 1}, {"port": "80"}, {"port": 70_000}, {"languages": []}, {"languages": ["../x"]}]
)
def test_a_setting_that_cannot_be_is_refused(root, tmp_path, settings):
    with pytest.raises(BadInput):
        init(tmp_path / "box", root, FOLLOW, [], settings)
    assert not list(tmp_path.iterdir())
