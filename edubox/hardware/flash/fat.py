"""One file in a FAT32 volume, read and replaced without mounting anything.

What is changed is kept as sectors to lay over the image, so that a card gets its own file in the one pass that writes and
checks it, and forty cards share one image. Only what that needs of FAT32 is here: a file in the root folder with a name of
at most 13 characters. Nothing read is believed: chains end, sizes have a limit. (mtools would do it to a device after
writing, through the page cache and past our checks, and is not on every laptop.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from edubox.errors import BadInput

SECTOR = 512
_FREE, _END, _LAST = 0, 0x0FFFFFF8, 0x0FFFFFFF
_ENTRY, _LONG, _DELETED = 32, 0x0F, 0xE5
#: Bytes of the largest file, clusters of the longest folder that are read.
_LARGEST, _LONGEST_FOLDER = 65_536, 4096
_DAY = 0x0021  # 1 January 1980, so that the same wish makes the same card


class Volume:
    """The FAT32 volume at *begin* of what *read* (offset, size → bytes) reads; *sectors* is what has been changed.

    Raises BadInput when there is none.
    """

    def __init__(self, read: Callable[[int, int], bytes], begin: int) -> None:
        self._read, self.sectors = read, dict[int, bytearray]()
        head = read(begin, SECTOR)
        bytes_per, per_cluster, reserved, fats = struct.unpack_from("<HBHB", head, 11)
        total, fat_size, root, info = struct.unpack_from("<I", head, 32) + struct.unpack_from(
            "<I4xIH", head, 36
        )
        self._cluster = per_cluster * SECTOR
        self._fats = [begin + (reserved + number * fat_size) * SECTOR for number in range(fats)]
        self._data = begin + (reserved + fats * fat_size) * SECTOR
        self._root, self._info = root, begin + info * SECTOR
        fits = head[510:512] == b"\x55\xaa" and bytes_per == SECTOR and per_cluster and fats in {1, 2}
        count = (total - reserved - fats * fat_size) // per_cluster if fits else 0
        #: One beyond the last cluster.
        self._clusters = min(count + 2, fat_size * SECTOR // 4)
        if not fits or head[82:87] != b"FAT32" or count < 1 or not 2 <= root < self._clusters:
            raise BadInput(
                reason="the first partition of the image is not FAT32, so a card cannot be given its own file"
            )

    def read_file(self, name: str) -> bytes | None:
        """What the file *name* of the root folder holds; None if there is none. Raises BadInput (it is too long)."""
        found = self._find(name)
        if found is None:
            return None
        entry = self._get(found, _ENTRY)
        size = struct.unpack_from("<I", entry, 28)[0]
        if size > _LARGEST:
            raise BadInput(reason=f"{name} on the card is longer than {_LARGEST} bytes")
        clusters = self._chain(_first(entry), -(-_LARGEST // self._cluster)) if size else ()
        return b"".join(self._get(self._place(one), self._cluster) for one in clusters)[:size]

    def replace_file(self, name: str, data: bytes) -> None:
        """Make the file *name* (at most 13 characters) of the root folder hold *data*. Raises BadInput (no room)."""
        found = self._find(name)
        before = 0
        if found is None:
            found = self._new_entry(name)
        elif first := _first(self._get(found, _ENTRY)):
            for cluster in list(self._chain(first, self._clusters)):  # before the links go
                self._link(cluster, _FREE)
                before += 1
        clusters = self._allocate(-(-len(data) // self._cluster))
        for number, cluster in enumerate(clusters):
            piece = data[number * self._cluster : (number + 1) * self._cluster]
            self._put(self._place(cluster), piece.ljust(self._cluster, b"\0"))
        first = clusters[0] if clusters else 0
        self._put(found + 20, struct.pack("<H", first >> 16))
        self._put(found + 26, struct.pack("<HI", first & 0xFFFF, len(data)))
        self._count(before - len(clusters))

    # --- the root folder

    def _slots(self) -> Iterator[int]:
        """Where each entry of the root folder lies."""
        for cluster in self._chain(self._root, _LONGEST_FOLDER):
            yield from range(self._place(cluster), self._place(cluster) + self._cluster, _ENTRY)

    def _find(self, name: str) -> int | None:
        """Where the entry of *name* lies."""
        long = ""
        for slot in self._slots():
            entry = self._get(slot, _ENTRY)
            if entry[0] == 0:
                return None
            if entry[0] == _DELETED:
                long = ""
            elif entry[11] == _LONG:
                part = (entry[1:11] + entry[14:26] + entry[28:32]).decode("utf-16-le", "replace")
                long = part.partition("\0")[0] + long
            else:
                if not entry[11] & 0x18 and name.lower() in {long.lower(), _short(entry)}:
                    return slot
                long = ""
        return None

    def _new_entry(self, name: str) -> int:
        """Enter the empty file *name* and say where its entry lies."""
        assert 0 < len(name) <= 13
        slots = list(self._slots())
        firsts = [self._get(slot, 1)[0] for slot in slots]
        end = next((number for number, first in enumerate(firsts) if not first), len(slots))
        if len(slots) - end < 2:
            more = self._allocate(1)[0]
            *_, last = self._chain(self._root, _LONGEST_FOLDER)
            self._link(last, more)
            self._put(self._place(more), bytes(self._cluster))
            self._count(-1)
            slots = list(self._slots())
        taken = {bytes(self._get(slot, 11)) for slot in slots[:end]}
        stem, _, extension = name.upper().rpartition(".")
        aliases = (f"{stem[:6]}~{number}".ljust(8) + extension[:3].ljust(3) for number in range(1, 10))
        alias = next(one for one in (alias.encode("ascii") for alias in aliases) if one not in taken)
        long = (name + "\0" * (len(name) < 13)).encode("utf-16-le").ljust(26, b"\xff")
        head = bytes([0x41]) + long[:10] + bytes([_LONG, 0, _sum(alias)]) + long[10:22] + bytes(2) + long[22:]
        self._put(slots[end], head)
        self._put(slots[end + 1], alias + struct.pack("<B4xHH2x2xHH4x", 0x20, 0, _DAY, 0, _DAY))
        if end + 2 < len(slots):
            self._put(slots[end + 2], b"\0")
        return slots[end + 1]

    # --- clusters

    def _chain(self, first: int, most: int) -> Iterator[int]:
        """The clusters that follow each other from *first*, *most* at most."""
        for _ in range(most):
            if not 2 <= first < self._clusters:
                return
            yield first
            first = struct.unpack("<I", self._get(self._fats[0] + 4 * first, 4))[0] & 0x0FFFFFFF

    def _allocate(self, count: int) -> list[int]:
        """Take *count* free clusters, each linked to the next."""
        found: list[int] = []
        for begin in range(0, self._clusters, SECTOR // 4):
            links = struct.unpack("<128I", self._get(self._fats[0] + 4 * begin, SECTOR))
            free = (begin + at for at, link in enumerate(links) if not link & 0x0FFFFFFF)
            found += [one for one in free if 2 <= one < self._clusters]
            if len(found) >= count:
                break
        else:
            raise BadInput(reason="the first partition of the image is full")
        del found[count:]
        for cluster, following in zip(found, [*found[1:], _LAST], strict=False):
            self._link(cluster, following)
        return found

    def _link(self, cluster: int, to: int) -> None:
        for fat in self._fats:
            self._put(fat + 4 * cluster, struct.pack("<I", to))

    def _count(self, freed: int) -> None:
        """Keep the volume's count of free clusters, if it has one."""
        info = self._get(self._info, SECTOR)
        known = struct.unpack_from("<I", info, 488)[0]
        if info[:4] == b"RRaA" and known != 0xFFFFFFFF:
            self._put(self._info + 488, struct.pack("<I", known + freed))

    def _place(self, cluster: int) -> int:
        return int(self._data + (cluster - 2) * self._cluster)

    # --- bytes, as they will be

    def _get(self, offset: int, size: int) -> bytes:
        data = b""
        while len(data) < size:
            sector, at = divmod(offset + len(data), SECTOR)
            held = self.sectors.get(sector * SECTOR)
            whole = self._read(sector * SECTOR, SECTOR) if held is None else bytes(held)
            data += whole[at : at + size - len(data)]
        return data

    def _put(self, offset: int, data: bytes) -> None:
        while data:
            sector, at = divmod(offset, SECTOR)
            place = sector * SECTOR
            if place not in self.sectors:
                self.sectors[place] = bytearray(self._read(place, SECTOR))
            piece, data = data[: SECTOR - at], data[SECTOR - at :]
            self.sectors[place][at : at + len(piece)] = piece
            offset += len(piece)


def _first(entry: bytes) -> int:
    """The first cluster of a file, by its entry."""
    high, low = struct.unpack_from("<H4xH", entry, 20)
    return int(high << 16 | low)


def _short(entry: bytes) -> str:
    stem, extension = entry[:8].decode("latin-1").rstrip(), entry[8:11].decode("latin-1").rstrip()
    return (f"{stem}.{extension}" if extension else stem).lower()


def _sum(alias: bytes) -> int:
    """The checksum that ties a long name to its short one."""
    total = 0
    for byte in alias:
        total = ((total & 1) << 7 | total >> 1) + byte & 0xFF
    return total
