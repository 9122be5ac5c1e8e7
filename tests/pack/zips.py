"""Zips with members that ordinary programs do not write."""

from __future__ import annotations

import stat
import zipfile


def write_zip(path, members, method=zipfile.ZIP_DEFLATED):
    """Write *members* (name → bytes); names are written as ``zipfile`` does, UTF-8 with its flag."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def write_named(path, raw_names, content=b"x"):
    """Members whose names are the bytes *raw_names*, without the UTF-8 flag."""
    path = write_zip(
        path, {f"{number:04d}".ljust(len(raw), "_"): content for number, raw in enumerate(raw_names)}
    )
    data = path.read_bytes()
    for number, raw in enumerate(raw_names):
        data = data.replace(f"{number:04d}".ljust(len(raw), "_").encode(), raw)
    path.write_bytes(data)
    return path


def write_link(path, name, target, others):
    """A zip with *others* and a symbolic link *name* that points to *target*."""
    with zipfile.ZipFile(path, "w") as archive:
        for other, data in others.items():
            archive.writestr(other, data)
        link = zipfile.ZipInfo(name)
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, target)
    return path
