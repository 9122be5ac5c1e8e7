"""Bundles: one static file that carries a lesson's objects, whole or as what changed since an old version.

This docstring is the specification; ``docs/formats/bundle.md`` repeats it with an example in bytes.

A bundle is one .xz stream (no filter but LZMA2, dictionary at most 8 MiB, check CRC32; nothing before or
after it). Its content is::

    magic       5 bytes, "EDXB" and the format number 1
    skeleton    one OBJECT: the new manifest's skeleton, its source is the old manifest's skeleton
    codes       one NUMBER for each carried file of the new manifest, in manifest order
    objects     one OBJECT for each code 1, in the same order; their source is the old version

A *carried* file is one without ``media: true`` in its manifest; media travel as objects of their own. The
*skeleton* of a manifest is its canonical JSON in which every carried file's entry has lost ``sha256``,
``size`` and ``pieces``: they need not travel, since the reader computes them. A full bundle has no old
version: the old skeleton and the source are empty.

A CODE says where a carried file's bytes come from::

    0           the old version's carried file at the same path
    1           the next OBJECT of this bundle
    2 + 2k      the old version's carried file number k (from 0, in manifest order)
    3 + 2k      the new version's carried file number k, which comes before this one

An OBJECT is its length (NUMBER), then turns until that many bytes are made::

    insert      NUMBER n, then n bytes to append
    copy        only if the object is not complete: NUMBER m > 0, then SIGNED d: append m bytes of the
                source, from position p = e + d

where the source of objects is all carried files of the old version one after the other in manifest order,
and e is n, the bytes just inserted, plus where the previous copy ended; before the first copy of an object,
plus where the old version's carried file of the same path begins, or 0 if there is none. The skeleton's
source is the old skeleton alone, and its first e is n. A copy stays within one old file. A NUMBER is unsigned
LEB128 of at most 63 bits in at most 9 bytes; writers use the shortest spelling. SIGNED is zigzag: 0, -1, 1,
-2 … as 0, 1, 2, 3 ….

The reader knows from the signed index, before it opens the stream, the bundle's hash (checked by the
caller over the whole file), the manifest's hash and size, and how many bytes and objects come out. It
trusts nothing else: outputs wait in a folder until the manifest that was rebuilt from them has the signed
hash, which proves them all at once. Memory stays near 10 MiB whatever the size.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

from edubox.errors import BadBundle, BadInput, BadManifest, EduboxError
from edubox.pack import canonical
from edubox.pack.bundle_stream import BundleReader, BundleWriter, Span
from edubox.pack.manifest import File, Manifest, parse
from edubox.pack.match import Matcher
from edubox.pack.names import is_sha256
from edubox.pack.pieces import PieceHasher

MAGIC = b"EDXB\x01"
COPY_SIZE = 64 * 1024
Open = Callable[[File], BinaryIO]
#: Takes an object's blocks and says what they were.
Receive = Callable[[Iterator[bytes]], PieceHasher]


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What the signed index says of a bundle; sizes are in bytes, *files* counts its objects."""

    sha256: str
    size: int
    unpacked: int
    files: int
    pieces: tuple[str, ...]


def carried(manifest: Manifest) -> list[File]:
    """The files that bundles carry, in manifest order."""
    return [file for file in manifest.files if not file.media]


def skeleton(manifest: Manifest) -> bytes:
    """The manifest without what a reader computes."""
    value = json.loads(manifest.to_bytes())
    for entry in value["files"]:
        if "media" not in entry:
            for key in ("sha256", "size", "pieces"):
                entry.pop(key, None)
    return canonical.write(value)


# --- writing -------------------------------------------------------------------------------------------


def write_bundle(
    out: BinaryIO, new: Manifest, open_new: Open, old: Manifest | None = None, open_old: Open | None = None
) -> BundleFacts:
    """Write the bundle that leads from *old* (or from nothing) to *new*.

    *open_new* and *open_old* give a file's bytes; *old* and *open_old* come together. Needs temporary room
    for the old version's carried files. Raises BadManifest if a file is not what its manifest says.
    """
    writer = BundleWriter(out)
    writer.write(MAGIC)
    old_files = carried(old) if old else []
    old_skeleton = skeleton(old) if old else b""
    new_skeleton = skeleton(new)
    with Matcher(old_skeleton, (0, len(old_skeleton))) as matcher:
        writer.object(new_skeleton, matcher.copies(new_skeleton, (0, len(old_skeleton))), 0)
    codes = _codes(new, old_files)
    for code in codes:
        writer.number(code)
    starts = dict(zip((file.path for file in old_files), _starts(old_files), strict=False))
    unpacked = count = 0
    with tempfile.TemporaryFile() as whole:
        for file in old_files:
            assert open_old is not None
            _append(whole, file, open_old)
        with _mapped(whole) as source, Matcher(source, _starts(old_files)) as matcher:
            for file, code in zip(carried(new), codes, strict=True):
                if code != 1:
                    continue
                if old_files:
                    _write_changed(writer, matcher, file, open_new, old, starts.get(file.path, 0))
                else:
                    # Nothing to copy from: no room on the disk, and no more memory than one block.
                    writer.new_object(file.size, _checked(file, open_new))
                unpacked += file.size
                count += 1
    written = writer.finish()
    return BundleFacts(written.sha256, written.size, unpacked, count, written.pieces)


def _write_changed(
    writer: BundleWriter, matcher: Matcher, file: File, opener: Open, old: Manifest | None, start: int
) -> None:
    """Write *file* as what changed since *old*, whose file of the same path begins at *start* of the source."""
    previous = old.file(file.path) if old else None
    similar = (start, start + previous.size) if previous and not previous.media else None
    with tempfile.TemporaryFile() as one:
        _append(one, file, opener)
        with _mapped(one) as content:
            writer.object(content, matcher.copies(content, similar), start)


def _codes(new: Manifest, old_files: list[File]) -> list[int]:
    old_at_path = {file.path: file.sha256 for file in old_files}
    old_number: dict[str, int] = {}
    for number, file in enumerate(old_files):
        old_number.setdefault(file.sha256, number)
    new_number: dict[str, int] = {}
    codes = []
    for number, file in enumerate(carried(new)):
        if old_at_path.get(file.path) == file.sha256:
            codes.append(0)
        elif file.sha256 in old_number:
            codes.append(2 + 2 * old_number[file.sha256])
        elif file.sha256 in new_number:
            codes.append(3 + 2 * new_number[file.sha256])
        else:
            codes.append(1)
        new_number.setdefault(file.sha256, number)
    return codes


def _starts(files: list[File]) -> list[int]:
    return list(accumulate((file.size for file in files), initial=0))


def _append(target: IO[bytes], file: File, opener: Open) -> None:
    for block in _checked(file, opener):
        target.write(block)


def _checked(file: File, opener: Open) -> Iterator[bytes]:
    """The blocks of *file*; raises BadManifest at their end if they are not what its manifest says."""
    digest = hashlib.sha256()
    with opener(file) as handle:
        while block := handle.read(COPY_SIZE):
            digest.update(block)
            yield block
    if digest.hexdigest() != file.sha256:
        raise BadManifest(reason=f"{file.path!r} has changed since it was listed")


class _mapped:  # noqa: N801 - reads as a context manager
    """A temporary file as memory that the kernel may drop; an empty file cannot be mapped."""

    def __init__(self, handle: IO[bytes]) -> None:
        handle.flush()
        self._map = mmap.mmap(handle.fileno(), 0, prot=mmap.PROT_READ) if handle.tell() else None

    def __enter__(self) -> memoryview:
        self._view = memoryview(self._map if self._map is not None else b"")
        return self._view

    def __exit__(self, *_: object) -> None:
        self._view.release()
        if self._map is not None:
            self._map.close()


# --- reading -------------------------------------------------------------------------------------------


def unpack_bundle(
    stream: BinaryIO, folder: Path, *, manifest: str, manifest_size: int, unpacked: int, files: int,
    old: Manifest | None = None, open_old: Open | None = None,
) -> Manifest:  # fmt: skip
    """Make the bundle's objects in *folder*, each named by its SHA-256, and return the new manifest.

    *manifest*, *manifest_size* (bytes), *unpacked* (bytes of all objects) and *files* (number of objects)
    are the signed index's words. The caller has checked the bundle's own hash and holds *folder* for this
    alone. Raises BadBundle, and then *folder* holds nothing that this call made.
    """
    made: list[Path] = []

    def receive(blocks: Iterator[bytes]) -> PieceHasher:
        target = folder / f"new-{len(made)}"
        made.append(target)
        with target.open("xb") as out:
            hasher = write_blocks(blocks, out)
        made[-1] = target.rename(folder / hasher.sha256)
        return hasher

    try:
        return read_bundle(
            stream, receive, manifest=manifest, manifest_size=manifest_size, unpacked=unpacked, files=files,
            old=old, open_old=open_old,
        )  # fmt: skip
    except (EduboxError, OSError):
        for path in made:
            path.unlink(missing_ok=True)
        raise


def read_bundle(
    stream: BinaryIO, receive: Receive, *, manifest: str, manifest_size: int, unpacked: int, files: int,
    old: Manifest | None = None, open_old: Open | None = None,
) -> Manifest:  # fmt: skip
    """Give the blocks of each of the bundle's objects to *receive*, in order, and return the new manifest.

    For whoever writes an object elsewhere than into a folder. What *receive* was given counts only once this has
    returned: the manifest proves it. Other arguments as of ``unpack_bundle``. Raises BadBundle, and what *receive* raises.
    """
    try:
        return _unpack(stream, receive, (manifest, manifest_size), (unpacked, files), old, open_old)
    except BadBundle:
        raise
    except BadInput as error:
        raise BadBundle(reason=str(error)) from None


def write_blocks(blocks: Iterator[bytes], out: BinaryIO) -> PieceHasher:
    """Write *blocks* to *out*; their hashes and size."""
    hasher = PieceHasher()
    for block in blocks:
        out.write(block)
        hasher.update(block)
    return hasher


def read_media(stream: BinaryIO, manifest_size: int) -> list[tuple[str, int]]:
    """SHA-256 and size of the media that the lesson of a full bundle names, read from the bundle's beginning alone.

    Not proven by any hash: for whoever carries files, not for who shows them. Raises BadBundle.
    """
    reader = BundleReader(stream)
    if reader.exactly(len(MAGIC)) != MAGIC:
        raise BadBundle(reason="it does not begin like a bundle of format 1")
    _, entries = _entries(b"".join(reader.object(manifest_size, [], 0)))
    named = [(entry.get("sha256"), entry.get("size")) for entry in entries if "media" in entry]
    return [(str(sha256), size) for sha256, size in named if is_sha256(sha256) and type(size) is int]


def _unpack(
    stream: BinaryIO, receive: Receive, signed: tuple[str, int], limits: tuple[int, int], old: Manifest | None,
    open_old: Open | None,
) -> Manifest:  # fmt: skip
    reader = BundleReader(stream)
    if reader.exactly(len(MAGIC)) != MAGIC:
        raise BadBundle(reason="it does not begin like a bundle of format 1; this box may need an update")
    manifest_id, manifest_size = signed
    old_skeleton = skeleton(old) if old else b""
    # A skeleton is never longer than its manifest.
    frame = b"".join(
        reader.object(manifest_size, [(0, len(old_skeleton), lambda at, n: old_skeleton[at : at + n])], 0)
    )
    value, entries = _entries(frame)
    old_files = carried(old) if old else []
    codes = [reader.number() for entry in entries if "media" not in entry]
    if codes.count(1) != limits[1]:
        raise BadBundle(reason="it carries another number of files than was signed")
    with _OldVersion(old_files, open_old) as source:
        room = limits[0]
        starts = dict(zip((file.path for file in old_files), _starts(old_files), strict=False))
        at_path = {file.path: file for file in old_files}
        known: list[File] = []
        for entry, code in zip((entry for entry in entries if "media" not in entry), codes, strict=True):
            if code == 1:
                made = receive(reader.object(room, source.spans, starts.get(entry["path"], 0)))
                file = File(entry["path"], made.sha256, made.size, entry["type"], pieces=made.pieces)
                room -= file.size
            else:
                file = _known(entry, code, at_path, old_files, known)
            known.append(file)
            entry.update(replace(file, path=entry["path"], type=entry["type"], media=False).to_json())
    reader.end()
    if room:
        raise BadBundle(reason="it makes fewer bytes than was signed")
    data = canonical.write(value)
    if len(data) != manifest_size or hashlib.sha256(data).hexdigest() != manifest_id:
        raise BadBundle(reason="the files it makes are not the ones that were signed")
    return parse(data)


def _entries(frame: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The skeleton as JSON and its file entries; only as much is checked as the reader itself needs."""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        raise BadBundle(reason="its manifest is not JSON") from None
    entries = value.get("files") if isinstance(value, dict) else None
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("path"), str) and isinstance(entry.get("type"), str)
        for entry in entries
    ):
        raise BadBundle(reason="its manifest lists no files")
    return value, entries


def _known(
    entry: dict[str, Any], code: int, at_path: dict[str, File], old_files: list[File], known: list[File]
) -> File:
    number, from_new = divmod(code - 2, 2)
    pool = known if from_new else old_files
    file = at_path.get(entry["path"]) if code == 0 else pool[number] if 0 <= number < len(pool) else None
    if file is None:
        raise BadBundle(reason="it refers to a file that does not exist")
    return file


class _OldVersion:
    """The old version's carried files as one source; the few files in use stay open."""

    KEEP_OPEN = 8

    def __init__(self, files: list[File], opener: Open | None) -> None:
        self._files, self._opener = files, opener
        self._open: dict[int, BinaryIO] = {}
        starts = _starts(files)
        self.spans: list[Span] = [
            (starts[number], starts[number + 1], partial(self._read, number)) for number in range(len(files))
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._open.values():
            handle.close()

    def _read(self, number: int, at: int, length: int) -> bytes:
        handle = self._open.pop(number, None)
        if handle is None:
            assert self._opener is not None
            try:
                handle = self._opener(self._files[number])
            except FileNotFoundError:
                raise BadBundle(reason="a file of the old version is missing on this box") from None
            if len(self._open) >= self.KEEP_OPEN:
                self._open.pop(next(iter(self._open))).close()
        self._open[number] = handle
        handle.seek(at, os.SEEK_SET)
        data = handle.read(length)
        if len(data) != length:
            raise BadBundle(reason="the old version on this box is damaged")
        return data
