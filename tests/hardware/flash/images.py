"""Small images of cards: an MBR, a FAT32 volume with our file in it, a system, an empty second one, some data."""

from __future__ import annotations

import itertools
import random
import struct

MIB = 1024 * 1024
#: Where p1 (FAT), p2 (system), p3 (empty) and p4 (data) begin, and the end, in MiB.
LAYOUT = (1, 5, 8, 12, 14)


def fat32(size, *, per_cluster=1):
    """An empty FAT32 volume of *size* bytes, as mkfs.vfat lays it out (two FATs, a count of free clusters)."""
    total, reserved = size // 512, 32
    fat_size = -(-(total // per_cluster + 2) * 4 // 512)
    clusters = (total - reserved - 2 * fat_size) // per_cluster
    data = bytearray(size)
    struct.pack_into(
        "<3s8sHBHBHHBHHHII",
        data,
        0,
        b"\xeb\x58\x90",
        b"mkfs.fat",
        512,
        per_cluster,
        reserved,
        2,
        0,
        0,
        0xF8,
        0,
        32,
        64,
        0,
        total,
    )
    struct.pack_into(
        "<IHHIHH12xBBBI11s8s",
        data,
        36,
        fat_size,
        0,
        0,
        2,
        1,
        6,
        0x80,
        0,
        0x29,
        0x1234ABCD,
        b"EDUBOX     ",
        b"FAT32   ",
    )
    data[510:512] = b"\x55\xaa"
    struct.pack_into("<I", data, 512, 0x41615252)
    struct.pack_into("<III", data, 512 + 484, 0x61417272, clusters - 1, 3)
    data[1022:1024] = b"\x55\xaa"
    for fat in (reserved, reserved + fat_size):
        struct.pack_into("<III", data, fat * 512, 0x0FFFFFF8, 0x0FFFFFFF, 0x0FFFFFF8)
    return data


def image(path, *, seed=1):
    """Write a small image to *path* and return its bytes."""
    noise = random.Random(seed)
    data = bytearray(LAYOUT[-1] * MIB)
    data[:440] = noise.randbytes(440)
    for number, (begin, end) in enumerate(itertools.pairwise(LAYOUT)):
        kind = 0x0C if number == 0 else 0x83
        struct.pack_into("<B3xB3xII", data, 446 + 16 * number, 0, kind, begin * 2048, (end - begin) * 2048)
    data[510:512] = b"\x55\xaa"
    data[MIB : 5 * MIB] = fat32(4 * MIB)
    data[5 * MIB : 7 * MIB] = noise.randbytes(2 * MIB)
    data[12 * MIB + 4096 : 13 * MIB] = noise.randbytes(MIB - 4096)
    path.write_bytes(data)
    return bytes(data)
