from __future__ import annotations

import json
import os
import stat
import unicodedata

import pytest

from edubox.errors import AlreadyExists, NotFound, NotTrusted, UnreadableSource, WrongPassphrase
from edubox.trust import keys


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(keys, "SCRYPT_N", 2**14)


def stored(tmp_path, passphrase="sésame"):
    key = keys.generate()
    path = tmp_path / "key"
    keys.save(path, keys.dump(key, passphrase))
    return key, path


def test_a_wrapped_key_opens_with_its_passphrase_and_signs_the_same(tmp_path):
    key, path = stored(tmp_path)
    opened = keys.load(path, "sésame")
    assert opened.private_bytes_raw() == key.private_bytes_raw()
    assert keys.signer(opened).public_key.keyid == keys.signer(key).public_key.keyid
    assert key.private_bytes_raw() not in path.read_bytes()


def test_the_passphrase_may_be_typed_on_another_keyboard(tmp_path):
    _, path = stored(tmp_path, unicodedata.normalize("NFC", "été"))
    keys.load(path, unicodedata.normalize("NFD", "été"))


@pytest.mark.parametrize("passphrase", ["Sésame", "", "sésame ", "\udcff", None])
def test_another_passphrase_does_not(tmp_path, passphrase):
    _, path = stored(tmp_path)
    with pytest.raises(WrongPassphrase):
        keys.load(path, passphrase)


def test_an_online_key_needs_none_and_only_its_owner_can_read_it(tmp_path):
    old = os.umask(0)
    try:
        key, path = stored(tmp_path, None)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(path).private_bytes_raw() == key.private_bytes_raw()


def test_the_same_key_is_never_wrapped_the_same_way_twice():
    key = keys.generate()
    assert keys.dump(key, "x") != keys.dump(key, "x")


def test_a_key_is_never_written_over_another_file_or_through_a_link(tmp_path):
    _, path = stored(tmp_path)
    with pytest.raises(AlreadyExists):
        keys.save(path, b"x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AlreadyExists):
        keys.save(tmp_path / "link", b"x")
    assert not (tmp_path / "elsewhere").exists()


def changed(path, **fields):
    value = json.loads(path.read_bytes())
    path.write_text(json.dumps(value | fields))


@pytest.mark.parametrize("fields", [{"salt": "AAAA"}, {"nonce": "A" * 16}, {"n": 2**15}, {"extra": 1}])
def test_a_changed_header_does_not_open(tmp_path, fields):
    _, path = stored(tmp_path)
    changed(path, **fields)
    with pytest.raises(WrongPassphrase):
        keys.load(path, "sésame")


@pytest.mark.parametrize("fields", [
    {"n": 2**30}, {"n": 2}, {"n": 2**14 + 1}, {"n": "16384"}, {"n": True}, {"r": 1}, {"kdf": "none"}, {"format": 2},
    {"key": 7}, {"key": "!"}, {"nonce": ""}, {"cipher": None},
])  # fmt: skip
def test_a_header_that_is_not_ours_is_refused_before_any_work(tmp_path, fields):
    _, path = stored(tmp_path)
    changed(path, **fields)
    with pytest.raises(NotTrusted) as caught:
        keys.load(path, "sésame")
    assert not isinstance(caught.value, WrongPassphrase)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"null", b"7", b"{}", b'{"format":1,"key":"AAAA"}', b"[" * 4000,
                                     b"-----BEGIN PRIVATE KEY-----"])  # fmt: skip
def test_a_foreign_file_is_not_a_key(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(NotTrusted, match="not a key file"):
        keys.load(path, "x")


def test_an_absent_or_unreadable_key_is_said_so(tmp_path):
    with pytest.raises(NotFound):
        keys.load(tmp_path / "absent")
    with pytest.raises(UnreadableSource):
        keys.load(tmp_path)
