"""How much of the disk lessons may fill, in bytes and in inodes.

The disk itself says what is free. A quota smaller than the disk needs to know what the data folder uses: that
is counted once, when a run begins, and only if there is a quota. From then on the quota is just a larger
reserve, since every byte that the run writes is a byte less of what the disk has free; nothing is counted
again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edubox.store.platform import Reserve

MB = 1_000_000
#: Trees are hard links to what the other folders hold; a file of a tree with one name is a copy and counts.
_COUNTED, _LINKS = ("mirror", "staging", "twins"), "site"
_BLOCK = 512


def reserve_of(data: Path, settings: Mapping[str, Any]) -> Reserve:
    """What of the disk of *data* stays free by its *settings*: ``reserve_mb``, or more when a quota says so."""
    quota = Reserve(int(settings["quota_mb"]) * MB, int(settings["quota_files"]))
    reserve = Reserve(int(settings["reserve_mb"]) * MB)
    if not quota.size and not quota.files:
        return reserve
    disk, used = os.statvfs(data), use_of(data)
    size, files = reserve
    if quota.size:
        size = max(size, disk.f_bavail * disk.f_frsize + used.size - quota.size)
    if quota.files and disk.f_files:
        files = max(files, disk.f_favail + used.files - quota.files)
    return Reserve(size, files)


def use_of(data: Path) -> Reserve:
    """Bytes and inodes that lessons use in the data folder, each file once however many names it has."""
    size = files = 0
    for folder in (*_COUNTED, _LINKS):
        for entry in _entries(data / folder):
            status = entry.stat(follow_symlinks=False)
            if folder != _LINKS or entry.is_dir(follow_symlinks=False) or status.st_nlink == 1:
                size, files = size + status.st_blocks * _BLOCK, files + 1
    return Reserve(size, files)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every file and folder below *folder*; what leaves meanwhile is left out."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    yield entry
        except FileNotFoundError:
            continue
