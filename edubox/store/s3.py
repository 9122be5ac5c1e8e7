"""Blobs in a bucket of any object store that speaks S3: an object each, below a prefix.

An object store shows an object when all of it arrived, in parts or at once, which is the promise of ``BlobStore``. Nothing
conditional is used: stores differ in it. boto3 tries again by itself, a few times and with growing waits; then it is
StoreAway. Large files go up and come down in parts of 8 MiB. Each request is signed with the hash of what it sends, so the
store refuses what was damaged on its way. Only what names a bucket imports this module, since boto3 is large.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from boto3.s3.transfer import TransferConfig
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from botocore.exceptions import IncompleteReadError as CutShort
from urllib3.exceptions import HTTPError

from edubox.errors import BadInput, MissingFile, NoRoom, StoreAway
from edubox.store.blobs import LEFT, Blob, check_folder, check_key

#: Seconds to connect and to wait for the next bytes; tries of a request.
CONNECT, READ, TRIES = 5, 60, 4
#: Bytes of a part: S3 wants 5 MiB at least, and 10,000 parts at most, which makes 80 GiB.
PART = 8 * 1024 * 1024
#: Names that a store tells at once.
PAGE = 1000
#: Requests at once of one process.
_AT_ONCE = 16
_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}
_FULL = {"QuotaExceeded", "InsufficientStorage", "507", "XMinioStorageFull", "StorageFull", "EntityTooLarge"}
_PAST_THE_END = {"416", "InvalidRange"}


class S3Store:
    """See ``BlobStore``."""

    def __init__(
        self, bucket: str, prefix: str, endpoint: str, region: str, credentials: Path | None = None,
        cached: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        """The part of *bucket* below *prefix* (``""`` or with a slash at its end) at the object store *endpoint*.

        *credentials* is a file as the AWS tools write it; without one they come from the environment. *cached* gives
        the Cache-Control that readers get with a key. Raises BadInput.
        """
        self._bucket, self._prefix, self._cached = bucket, prefix, cached
        self._name = f"{endpoint}/{bucket}/{prefix}"
        try:
            self._client = _session(credentials).client(
                "s3", endpoint_url=endpoint, region_name=region,
                config=Config(
                    signature_version="s3v4", connect_timeout=CONNECT, read_timeout=READ,
                    retries={"mode": "standard", "total_max_attempts": TRIES}, max_pool_connections=_AT_ONCE,
                    s3={"addressing_style": "path", "payload_signing_enabled": True},
                    # Checksums behind the body (2025) are not spoken by every store; the signature covers the body.
                    request_checksum_calculation="when_required", response_checksum_validation="when_required",
                ),
            )  # fmt: skip
        except (BotoCoreError, ValueError) as error:
            raise BadInput(reason=f"the object store {endpoint}: {error}") from None
        # In this thread: a part at a time is in memory.
        self._transfer = TransferConfig(
            multipart_threshold=2 * PART, multipart_chunksize=PART, use_threads=False
        )

    def put(self, key: str, source: Path) -> None:
        """See ``BlobStore``."""
        with self._in_words(key):
            self._client.upload_file(
                str(source), self._bucket, self._at(key), ExtraArgs=self._extra(key), Config=self._transfer
            )

    def put_bytes(self, key: str, data: bytes) -> None:
        """See ``BlobStore``."""
        with self._in_words(key):
            self._client.put_object(Bucket=self._bucket, Key=self._at(key), Body=data, **self._extra(key))

    @contextlib.contextmanager
    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[BinaryIO]:
        """See ``BlobStore``."""
        wanted = {} if not offset and length is None else {"Range": _range(offset, length)}
        at = self._at(key)
        if length == 0:
            if self.size(key) is None:
                raise MissingFile(source=self._name, path=key)
            yield _Nothing()  # type: ignore[misc]
            return
        with self._in_words(key):
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=at, **wanted)["Body"]
            except ClientError as error:
                if _code(error) not in _PAST_THE_END:
                    raise
                body = _Nothing()
        try:
            yield _Stream(body, self, key)  # type: ignore[misc]
        finally:
            body.close()

    def size(self, key: str) -> int | None:
        """See ``BlobStore``."""
        try:
            with self._in_words(key):
                return int(self._client.head_object(Bucket=self._bucket, Key=self._at(key))["ContentLength"])
        except MissingFile:
            return None

    def blobs(self, folder: str = "") -> Iterator[Blob]:
        """See ``BlobStore``."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket,
            Prefix=self._prefix + check_folder(folder),
            PaginationConfig={"PageSize": PAGE},
        )
        with self._in_words(folder):
            for page in pages:
                for one in page.get("Contents", ()):
                    yield Blob(one["Key"].removeprefix(self._prefix), int(one["Size"]))

    def delete(self, key: str) -> None:
        """See ``BlobStore``."""
        with contextlib.suppress(MissingFile), self._in_words(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._at(key))

    def tidy(self) -> int:
        """See ``BlobStore``: uploads in parts, which cost room and are in no list, end. Younger ones may be another worker's."""
        ended, old = 0, datetime.now(UTC) - timedelta(seconds=LEFT)
        with self._in_words(""):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            for one in [one for page in pages for one in page.get("Uploads", ()) if one["Initiated"] < old]:
                with contextlib.suppress(MissingFile), self._in_words(one["Key"]):
                    self._client.abort_multipart_upload(
                        Bucket=self._bucket, Key=one["Key"], UploadId=one["UploadId"]
                    )
                    ended += 1
        return ended

    def _extra(self, key: str) -> dict[str, str]:
        kind = "application/json" if key.endswith(".json") else "application/octet-stream"
        return {"ContentType": kind} | ({"CacheControl": self._cached(key)} if self._cached else {})

    def _at(self, key: str) -> str:
        return self._prefix + check_key(key)

    @contextlib.contextmanager
    def _in_words(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in _MISSING:
                raise MissingFile(source=self._name, path=key) from None
            if code in _FULL:
                raise NoRoom(path=self._name, reason=f"the object store says {code}") from None
            raise StoreAway(store=self._name, reason=code) from None
        except Exception as error:
            # boto3 wraps what went wrong while a file went up in an error of another family.
            if isinstance(error, (BotoCoreError, HTTPError)) or type(error).__module__.startswith(
                ("boto3.", "s3transfer.")
            ):
                raise self._wrapped(error) from None
            raise

    def _wrapped(self, error: Exception) -> Exception:
        text = str(error)
        if any(f"({code})" in text for code in _FULL):
            return NoRoom(path=self._name, reason="the object store says that it is full")
        return StoreAway(store=self._name, reason=text[:200] or type(error).__name__)


class _Stream:
    """The bytes of an answer; a line that breaks is StoreAway."""

    def __init__(self, body: Any, store: S3Store, key: str) -> None:
        self._body, self._store, self._key = body, store, key

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        try:
            data: bytes = self._body.read(None if size < 0 else size)
        except (BotoCoreError, HTTPError, CutShort, ReadTimeoutError, OSError) as error:
            raise StoreAway(store=self._store._name, reason=str(error)[:200]) from None  # noqa: SLF001
        return data


class _Nothing:
    """No bytes."""

    def read(self, _: int | None = -1) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing to do."""


def _session(credentials: Path | None) -> Session:
    if credentials is None:
        return Session()
    import configparser

    found = configparser.ConfigParser(interpolation=None)
    try:
        found.read_string(credentials.read_text("utf-8"))
        part = found["default"]
        return Session(
            aws_access_key_id=part["aws_access_key_id"], aws_secret_access_key=part["aws_secret_access_key"]
        )
    except (OSError, UnicodeDecodeError, configparser.Error, KeyError) as error:
        raise BadInput(reason=f"{credentials} holds no credentials of an object store ({error})") from None


def _range(offset: int, length: int | None) -> str:
    return f"bytes={offset}-" if length is None else f"bytes={offset}-{offset + length - 1}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) or str(
        error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    )
