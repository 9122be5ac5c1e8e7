"""The lesson file, ``.edpack``: one unsigned lesson in one file, as it goes from its author to a publisher.

A stored zip with exactly these members: ``manifest.json`` (canonical JSON), ``bundle`` (a full bundle) and
``objects/<sha256>`` for each distinct file with ``media: true``. See ``docs/formats/edpack.md``.

Writing: a manifest and a way to open its files go in; the file appears under its name only when it is whole.
Reading: ``open_edpack`` believes nothing but costs little: it reads the list of members and the manifest.
``Edpack.verify`` reads every byte, and gives the objects; ``check`` and ``extract`` are that and no more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, cast

from edubox.errors import AlreadyExists, BadArchive, BadBundle, BadManifest, Bomb
from edubox.pack.archive import BLOCK, open_archive, open_member
from edubox.pack.bundle import BundleFacts, Open, carried, unpack_bundle, write_bundle
from edubox.pack.manifest import MAX_MANIFEST, File, Manifest, parse
from edubox.pack.pieces import PieceHasher
from edubox.pack.work import work_folder

MANIFEST, BUNDLE, OBJECTS = "manifest.json", "bundle", "objects/"
#: A member's name is at most 72 characters: 4 MiB list some 35,000 media files.
MAX_DIRECTORY = 4 * 1024 * 1024
#: An honest bundle unpacks to some ten times its size; a bomb of zeros to seven thousand times.
MAX_RATIO, RATIO_ABOVE = 1000, 64 * 1024 * 1024
Progress = Callable[[str, int, int], None]


def media(manifest: Manifest) -> dict[str, File]:
    """The files that travel as objects of their own, by SHA-256."""
    return {file.sha256: file for file in manifest.files if file.media}


def _unpacked(manifest: Manifest) -> tuple[int, int]:
    """Bytes and number of the objects in a full bundle: each content once."""
    objects = {file.sha256: file.size for file in carried(manifest)}
    return sum(objects.values()), len(objects)


# --- writing -------------------------------------------------------------------------------------------


def write_edpack(
    output: Path, manifest: Manifest, open_file: Open, progress: Progress = lambda *_: None
) -> None:
    """Write the lesson file *output*, replacing an older one; the same lesson gives the same bytes.

    *open_file* gives the bytes of a file of *manifest*. *progress* gets (what, bytes done, bytes in all).
    Raises BadManifest if a file is not what the manifest says, Bomb if readers would take it for one,
    UnreadableSource if *output*'s folder cannot be written, NoRoom; then *output* is what it was.
    """
    total = manifest.size
    done = 0

    def opened(file: File) -> BinaryIO:
        nonlocal done
        progress("writing", done, total)
        done += file.size
        return open_file(file)

    with work_folder(output.absolute().parent) as work:
        beside = work / "lesson"
        with beside.open("xb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr(_member(MANIFEST), manifest.to_bytes())
                unpacked, _ = _unpacked(manifest)
                with archive.open(_member(BUNDLE), "w", force_zip64=unpacked > 1 << 30) as target:
                    facts = write_bundle(cast("BinaryIO", target), manifest, opened)
                    _check_ratio(output, manifest, facts.size)
                for sha256, file in sorted(media(manifest).items()):
                    with archive.open(_member(OBJECTS + sha256, file.size), "w") as target:
                        _copy_checked(opened(file), file, target)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(output)
    progress("writing", total, total)


def _member(name: str, size: int = 0) -> zipfile.ZipInfo:
    # ZipInfo's own date is 1980-01-01; nothing here depends on the day or the machine.
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr, member.file_size = 3, 0o644 << 16, size
    return member


def _copy_checked(source: BinaryIO, file: File, target: IO[bytes]) -> None:
    hasher = PieceHasher()
    with source:
        while block := source.read(BLOCK):
            hasher.update(block)
            target.write(block)
    if hasher.sha256 != file.sha256:
        raise BadManifest(reason=f"{file.path!r} has changed since it was listed")


def _check_ratio(path: Path, manifest: Manifest, size: int) -> None:
    unpacked, _ = _unpacked(manifest)
    if unpacked > max(RATIO_ABOVE, MAX_RATIO * size):
        raise Bomb(path=path.name, reason=f"{unpacked} bytes from {size}")


# --- reading -------------------------------------------------------------------------------------------


class Edpack:
    """An opened lesson file: its *manifest* has been read, its other bytes have not."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Raises BadArchive, BadBundle (missing or unknown members), BadManifest, UnknownFormat."""
        self._path, self._archive = path, archive
        self._members = self._listed()
        size = self._members[MANIFEST].file_size
        if size > MAX_MANIFEST:
            raise BadManifest(reason="it is larger than 16 MiB")
        with self._open(MANIFEST) as handle:
            self.manifest: Manifest = parse(handle.read(size))
        self._check_objects()

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for member in self._archive.infolist():
            # What an author's other tools may see under one name must be what we read under it.
            if member.filename in members or member.orig_filename != member.filename:
                raise BadArchive(path=self._path.name, reason="it holds a name twice")
            if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
                raise BadArchive(path=self._path.name, reason="its members must be stored, not compressed")
            members[member.filename] = member
        if MANIFEST not in members or BUNDLE not in members:
            raise BadArchive(path=self._path.name, reason="it is not a lesson file")
        return members

    def _check_objects(self) -> None:
        wanted = {OBJECTS + sha256: file.size for sha256, file in media(self.manifest).items()}
        found = {name: member.file_size for name, member in self._members.items()}
        for name in (MANIFEST, BUNDLE):
            del found[name]
        if wanted.keys() - found.keys():
            raise BadBundle(reason="a film, sound or picture that it lists is not in it")
        if found != wanted:
            raise BadBundle(reason="it holds a file that it does not list, or one of another size")
        _check_ratio(self._path, self.manifest, self._members[BUNDLE].file_size)

    def _open(self, name: str) -> BinaryIO:
        return open_member(self._archive, self._members[name], f"{self._path.name}: {name}")

    @cached_property
    def bundle(self) -> BundleFacts:
        """What an index says of this lesson's full bundle. Reads the bundle once to hash it."""
        hasher = PieceHasher()
        with self._open(BUNDLE) as stream:
            while block := stream.read(BLOCK):
                hasher.update(block)
        return BundleFacts(hasher.sha256, hasher.size, *_unpacked(self.manifest), hasher.pieces)

    def copy_bundle(self, target: Path) -> None:
        """Write the bundle's bytes to the new file *target*."""
        with self._open(BUNDLE) as stream, target.open("xb") as out:
            shutil.copyfileobj(stream, out, BLOCK)

    def open_media(self, file: File) -> BinaryIO:
        """The bytes of a file with ``media: true``; they are checked only by ``verify``."""
        return self._open(OBJECTS + file.sha256)

    def verify(self, folder: Path) -> Manifest:
        """Read every byte, and make each carried object in *folder* under its SHA-256.

        Media are checked but not copied. Raises BadArchive or BadBundle, and then *folder* holds nothing new.
        """
        for sha256, file in media(self.manifest).items():
            hasher = PieceHasher()
            with self._open(OBJECTS + sha256) as stream:
                while block := stream.read(BLOCK):
                    hasher.update(block)
            if (hasher.sha256, hasher.size, hasher.pieces) != (sha256, file.size, file.pieces):
                raise BadBundle(reason=f"{file.path!r} is not what the lesson lists")
        unpacked, files = _unpacked(self.manifest)
        with self._open(BUNDLE) as stream:
            return unpack_bundle(
                stream, folder, manifest=self.manifest.id, manifest_size=len(self.manifest.to_bytes()),
                unpacked=unpacked, files=files,
            )  # fmt: skip


@contextmanager
def open_edpack(path: Path) -> Iterator[Edpack]:
    """Open the lesson file at *path* until the block ends.

    Raises UnreadableSource, BadArchive, BadBundle, BadManifest, UnsafePath, UnknownFormat or Bomb.
    """
    with open_archive(path, MAX_DIRECTORY) as archive:
        yield Edpack(path, archive)


def check(path: Path) -> Manifest:
    """Read every byte of the lesson file; raises as ``open_edpack`` and ``Edpack.verify`` do, and NoRoom."""
    with open_edpack(path) as lesson, work_folder(Path(tempfile.gettempdir())) as folder:
        return lesson.verify(folder)


def extract(path: Path, folder: Path) -> Manifest:
    """Write the lesson's own files to the new *folder*, all of them or nothing.

    Raises AlreadyExists, UnreadableSource (no such parent folder), and what ``check`` raises.
    """
    if os.path.lexists(folder):
        raise AlreadyExists(path=folder)
    with open_edpack(path) as lesson, work_folder(folder.absolute().parent) as work:
        objects, tree = work / "objects", work / "tree"
        objects.mkdir()
        tree.mkdir()
        lesson.verify(objects)
        _place(lesson, objects, tree)
        try:
            tree.rename(folder)
        except OSError as error:
            raise AlreadyExists(path=folder) from error
    return lesson.manifest


def _place(lesson: Edpack, objects: Path, tree: Path) -> None:
    uses = Counter(file.sha256 for file in carried(lesson.manifest))
    for file in lesson.manifest.files:
        target = tree / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        uses[file.sha256] -= 1
        if file.media:
            with lesson.open_media(file) as stream, target.open("xb") as out:
                shutil.copyfileobj(stream, out, BLOCK)
        elif uses[file.sha256]:
            shutil.copyfile(objects / file.sha256, target)
        else:
            (objects / file.sha256).rename(target)
