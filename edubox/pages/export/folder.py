"""The folder that an export writes: what changed is replaced, what is no longer there leaves, what others put there stays.

A list beside the folder (``<folder>.list``, never inside it: it names secret links) says what was written. A name is in the
list before the file is in the folder, so a cut leaves nothing that nobody would ever remove. A file is written beside
its place and renamed into it; files that did not change keep their times, for whoever copies or caches them.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from edubox.errors import AlreadyExists, UnsafePath
from edubox.pages.takehome.assembly import Assembly
from edubox.store.platform import full_disk_is_no_room, link_or_copy, write_atomic
from edubox.store.twins import SMALLEST

_BLOCK = 1024 * 1024
_LEVEL = 9
_NEW = ".edubox.new"
#: Of the list: where a web server serves the folder around OUT too, it must not tell it.
_SECRET = 0o600


class Folder:
    """The folder *out*, begun or continued; with *twins*, texts get ``.gz`` copies. Raises AlreadyExists, NoRoom, UnsafePath.

    A folder that holds anything and was not written by an export is left alone.
    """

    def __init__(self, out: Path, *, twins: bool = True) -> None:
        self.out, self._twins = out, twins
        self._list = out.with_name(f"{out.name}.list")
        before = [one for one in self._listed() if _is_inside(one)]
        if not before and out.exists() and any(out.iterdir()):
            raise AlreadyExists(path=out)
        self._known, self._now = set(before), set[str]()
        #: Files that this export wrote, and that left.
        self.written = self.removed = 0
        with full_disk_is_no_room(out.parent):
            out.mkdir(parents=True, exist_ok=True)
            self._journal = open(  # noqa: SIM115 - until finish
                os.open(self._list, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _SECRET), "a", encoding="utf-8"
            )  # fmt: skip

    def _listed(self) -> list[str]:
        try:
            return self._list.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def put(self, path: str, data: bytes) -> None:
        """The file *path* with *data*, and its twin if that is worth it."""
        target = self._claimed(path)
        if not _holds(target, data):
            self._write(target, data)
        if self._twins and len(data) >= SMALLEST:
            twin = self._claimed(f"{path}.gz")
            # A twin is written after its file: one that is older is another content's.
            if not twin.exists() or twin.stat().st_mtime_ns < target.stat().st_mtime_ns:
                self._write(twin, gzip.compress(data, _LEVEL, mtime=0))

    def assemble(self, path: str, assembly: Assembly) -> None:
        """The file *path*, of which the address says that it never changes."""
        target = self._claimed(path)
        if target.exists() and target.stat().st_size == assembly.length:
            return
        beside = self._beside(target)
        with full_disk_is_no_room(self.out), assembly.open() as source, beside.open("wb") as out:
            shutil.copyfileobj(source, out, _BLOCK)
        self._settle(beside, target)

    def link(self, path: str, source: Path) -> None:
        """The file *path*, the same as *source*, whose content never changes: another name of it where that can be."""
        target = self._claimed(path)
        size = source.stat().st_size
        if target.exists() and target.stat().st_size == size:
            return
        beside = self._beside(target)
        link_or_copy(source, beside)
        self._settle(beside, target)

    def tree(self, path: str, source: Path) -> None:
        """Every file of the folder *source*, below *path*."""
        for folder, _, names in os.walk(source):
            inside = os.path.relpath(folder, source)
            for name in names:
                relative = name if inside == "." else f"{inside}/{name}"
                self.link(f"{path}/{relative}", Path(folder, name))

    def finish(self) -> None:
        """Remove what was written once and is not any more; from here on the folder is what this export wrote."""
        for path in sorted(self._known - self._now):
            target = self.out / path
            if any(folder.is_symlink() for folder in _above(target, self.out)):
                continue  # whatever is there was not written by an export
            if target.is_file() or target.is_symlink():
                target.unlink()
                self.removed += 1
            for folder in _above(target, self.out):
                try:
                    folder.rmdir()
                except OSError:
                    break  # something else is in it
        self._journal.close()
        os.sync()
        write_atomic(self._list, "".join(f"{path}\n" for path in sorted(self._now)).encode(), _SECRET)

    def _claimed(self, path: str) -> Path:
        """Where *path* lies; its name is in the list from now on."""
        self._now.add(path)
        if path not in self._known:
            self._journal.write(f"{path}\n")
            self._journal.flush()
        return self.out / path

    def _write(self, target: Path, data: bytes) -> None:
        beside = self._beside(target)
        with full_disk_is_no_room(self.out):
            beside.write_bytes(data)
        self._settle(beside, target)

    def _beside(self, target: Path) -> Path:
        for folder in _above(target, self.out):
            if folder.is_symlink():
                raise UnsafePath(path=folder, reason="it is a link that leads out of the site")
        with full_disk_is_no_room(self.out):
            target.parent.mkdir(parents=True, exist_ok=True)
        beside = self.out / _NEW
        beside.unlink(missing_ok=True)
        return beside

    def _settle(self, beside: Path, target: Path) -> None:
        beside.replace(target)
        self.written += 1


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False


def _is_inside(path: str) -> bool:
    """Whether *path*, from a list that may lie on anybody's stick, is the name of a file in the folder."""
    return not {"", ".", ".."} & set(path.split("/")) and "\0" not in path


def _above(target: Path, out: Path) -> Iterator[Path]:
    """The folders that *target* is in, innermost first, without *out*."""
    for folder in target.parents:
        if folder == out:
            return
        yield folder
