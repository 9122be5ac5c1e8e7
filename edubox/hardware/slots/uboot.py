"""The state on a Raspberry Pi: two sectors before the first partition, as U-Boot's ``env import -c`` and ``env export -c`` have them.

A sector is a CRC-32 of the rest, little-endian, then ``name=value`` with a zero byte after each, one more at the end, and zeros.
It has no file system around it, so nothing of one can be lost, and an image needs nothing there: zeros are no state.
The places are as far apart as the gap allows.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
#: Sectors of the two copies from the beginning of the card; the first partition begins at sector 2048.
PLACES = (1024, 1536)
_CHECKSUM = 4
_ENTRY = re.compile(rb"([a-z]{1,16})=([0-9a-z]{0,32})")


def block(values: Mapping[str, str]) -> bytes:
    """The sector that says *values*."""
    text = (
        "".join(f"{name}={value}\0" for name, value in values.items())
        .encode()
        .ljust(SECTOR - _CHECKSUM, b"\0")
    )
    return zlib.crc32(text).to_bytes(_CHECKSUM, "little") + text


def parse(data: bytes) -> dict[str, str] | None:
    """What the sector *data* says; None if its checksum does not fit or it says nothing that we know."""
    checksum, text = data[:_CHECKSUM], data[_CHECKSUM:]
    if len(data) != SECTOR or zlib.crc32(text).to_bytes(_CHECKSUM, "little") != checksum:
        return None
    values: dict[str, str] = {}
    for entry in text.partition(b"\0\0")[0].split(b"\0"):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            return None
        values[found[1].decode()] = found[2].decode()
    return values


@dataclass(frozen=True, slots=True)
class Sectors:
    """The two sectors of the card *disk*, a whole block device or a file; see ``copies.Carrier``."""

    disk: Path

    def read(self, copy: int) -> dict[str, str] | None:
        """See Carrier."""
        try:
            handle = os.open(self.disk, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return parse(os.pread(handle, SECTOR, PLACES[copy] * SECTOR))
        except OSError:
            return None
        finally:
            os.close(handle)

    def write(self, copy: int, values: Mapping[str, str]) -> None:
        """See Carrier."""
        handle = os.open(self.disk, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(handle, block(values), PLACES[copy] * SECTOR)
            os.fsync(handle)
            if stat.S_ISBLK(os.fstat(handle).st_mode):
                # What is read back is to come from the card.
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
