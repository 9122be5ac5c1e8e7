"""The bucket keeps what a blob store promises: a real object store, and what one in trouble says."""

from __future__ import annotations

import secrets

import pytest

from edubox.errors import BadInput, MissingFile, NoRoom, StoreAway
from edubox.store import s3
from edubox.store.s3 import S3Store
from tests.store.blobs_suite import BlobSuite

#: Far above what two parts and the library take; a stack of parts in memory would be above it.
MEMORY = 32 * 1024 * 1024


@pytest.fixture
def store(swift):
    return S3Store(swift.bucket, f"{secrets.token_hex(6)}/", swift.endpoint, "us-east-1", swift.credentials)


class TestBucket(BlobSuite):
    memory = MEMORY
    many = 25

    @pytest.fixture(autouse=True)
    def short_pages(self, monkeypatch):
        monkeypatch.setattr(s3, "PAGE", 10)


def test_two_prefixes_do_not_see_each_other(swift, store):
    other = S3Store(swift.bucket, "", swift.endpoint, "us-east-1", swift.credentials)
    store.put_bytes("a/b", b"x")
    assert other.size("a/b") is None
    assert store._prefix + "a/b" in {one.key for one in other.blobs()}


def test_a_store_that_is_away_or_refuses_is_said_so_and_takes_up_again(own_swift, tmp_path, monkeypatch):
    swift = own_swift
    monkeypatch.setattr(s3, "TRIES", 1)
    store = S3Store(swift.bucket, "x/", swift.endpoint, "us-east-1", swift.credentials)
    store.put_bytes("a/b", b"x")
    (tmp_path / "film").write_bytes(b"y" * (3 * s3.PART))
    for trouble in (swift.away, swift.refuse):
        with trouble():
            for call in (
                lambda: store.put_bytes("a/c", b""), lambda: store.put("a/c", tmp_path / "film"), lambda: store.size("a/b"),
                lambda: store.delete("a/b"), lambda: list(store.blobs()), lambda: store.read("a/b").__enter__(),
            ):  # fmt: skip
                with pytest.raises(StoreAway):
                    call()
    assert store.size("a/b") == 1
    assert store.size("a/c") is None
    store.put("a/c", tmp_path / "film")
    assert store.size("a/c") == 3 * s3.PART


def test_wrong_credentials_are_a_store_that_refuses(swift, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("[default]\naws_access_key_id = test:tester\naws_secret_access_key = no\n")
    with pytest.raises(StoreAway, match="SignatureDoesNotMatch"):
        S3Store(swift.bucket, "", swift.endpoint, "us-east-1", wrong).put_bytes("a/b", b"")


def test_a_bucket_that_does_not_exist_is_no_missing_file(swift):
    store = S3Store("no-such-bucket", "", swift.endpoint, "us-east-1", swift.credentials)
    with pytest.raises(StoreAway, match="NoSuchBucket"):
        store.put_bytes("a/b", b"")


def test_a_full_store_is_no_room(swift, store, monkeypatch):
    from botocore.exceptions import ClientError

    def full(**_):
        raise ClientError({"Error": {"Code": "QuotaExceeded"}}, "PutObject")

    monkeypatch.setattr(store._client, "put_object", full)
    with pytest.raises(NoRoom, match="QuotaExceeded"):
        store.put_bytes("a/b", b"x")
    with pytest.raises(MissingFile), store.read("a/b"):
        pass


def test_uploads_that_were_cut_are_ended_a_day_later_and_not_those_of_another_worker(
    swift, store, monkeypatch
):
    at = store._at("a/b")
    store._client.create_multipart_upload(Bucket=swift.bucket, Key=at)
    assert store.tidy() == 0
    monkeypatch.setattr("edubox.store.s3.LEFT", -10)
    assert store.tidy() == 1
    assert store.tidy() == 0


def test_credentials_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(BadInput, match="holds no credentials"):
        S3Store("bucket", "", "http://127.0.0.1:1", "us-east-1", tmp_path / "absent")
