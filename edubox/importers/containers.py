"""Containers: documents that are zips of many files (H5P, EPUB, SCORM) are opened, so that a correction of one
page later costs the bytes of that page.

What a zip is, the names of its members say, never its own name. Each is inflated into the work folder under the
limits of ``pack.opening`` and looked at there by the importer of its kind. Only when that importer has found all it
needs do the files join the lesson, in the folder ``<name>.d``. A container that is damaged, hostile, locked or has
nothing to begin with stays one file to download, with one sentence for its author, and the rest of the lesson is
what it would have been.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from edubox.errors import BadArchive, BadInput, Bomb, Unplayable, UnsafePath
from edubox.importers import download, epub, h5p, scorm
from edubox.importers.container import Container
from edubox.importers.h5p_libraries import Shelf
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.archive import open_archive
from edubox.pack.manifest import MAX_FILES
from edubox.pack.media_types import extension
from edubox.pack.opening import MAX_TOTAL, unzip

#: Files that may be containers; what else is a zip (text documents, GeoGebra, Scratch) belongs to other programs.
EXTENSIONS = frozenset({"h5p", "epub", "zip", "imscc", "elp", "pif"})
#: A member that only one kind of container has, by kind.
_MEMBERS = {"h5p": h5p.DESCRIPTION, "epub": epub.CONTAINER, "scorm": scorm.MANIFEST}
#: What is said of a file with this name that is nothing of the kind; a zip with another name may be anything.
_PROMISES = {
    "h5p": Notice("it is not an H5P exercise, or it is not whole"),
    "epub": Notice("it is not an EPUB book, or it is not whole"),
    "imscc": Notice("it is not a course cartridge, or it is not whole"),
}
#: Faults of a zip (``pack.archive``) about which its author can do something.
_ZIP_FAULTS = {
    str(one): one
    for one in (
        Notice("it is closed with a password"), Notice("it is compressed in an unusual way"), Notice("it ends too early"),
    )
}  # fmt: skip
#: What one container may be without harm to the rest of the lesson.
_REFUSED = (BadArchive, Bomb, UnsafePath, Unplayable)


def open_containers(
    paths: Iterable[str], workshop: Workshop, libraries: Path | None = None
) -> dict[str, Imported]:
    """Open every container among *paths*: its path → what it became, a download if it cannot be shown.

    *libraries* is a folder with H5P libraries for exercises that come without. Raises UnreadableSource for that folder.
    """
    inflated: dict[str, Container] = {}
    refused: dict[str, Notice] = {}
    room, most = MAX_TOTAL, MAX_FILES - len(workshop.files)
    for path in [one for one in paths if extension(one) in EXTENSIONS]:
        try:
            if container := _inflated(path, workshop, most, room):
                inflated[path] = container
                most -= len(container.files)
                room -= sum(found.size for found in container.files.values())
        except _REFUSED as error:
            refused[path] = reason(error)
    shelf = Shelf([one.files for one in inflated.values() if one.kind == "h5p"], libraries, workshop.folder)
    readers: dict[str, Callable[[Container, Workshop], Imported]] = {
        "h5p": partial(h5p.read, shelf=shelf), "epub": epub.read, "scorm": scorm.read,
    }  # fmt: skip
    parts: dict[str, Imported] = {}
    for path, container in inflated.items():
        try:
            parts[path] = readers[container.kind](container, workshop)
        except _REFUSED as error:
            refused[path] = reason(error)
    for path, why in refused.items():
        workshop.warn(Notice("%(path)s is offered as a download only: %(reason)s.", path=path, reason=why))
        parts[path] = download.read(path, workshop)
    return parts


def leave_originals(workshop: Workshop, opened: dict[str, Imported], parts: dict[str, Imported]) -> None:
    """Take the containers that were *opened* out of the lesson, but those that one of the *parts* links to."""
    linked = {target for part in parts.values() for target in (*part.uses, *part.leads_to)}
    for path, part in opened.items():
        if part.type != "file" and path not in linked:
            workshop.drop(path)


def _inflated(path: str, workshop: Workshop, most: int, room: int) -> Container | None:
    """The container *path* with its files in the work folder, or None if it is a zip of anything."""
    source = workshop.files[path].location
    with open_archive(source) as archive:
        names = {name.replace("\\", "/") for name in archive.namelist()}
    kind = next((kind for kind, member in _MEMBERS.items() if member in names), None)
    if kind is None:
        if promised := _PROMISES.get(extension(path)):
            raise Unplayable(path=path, reason=promised)
        return None
    return inflate(path, kind, source, workshop, most, room)


def inflate(path: str, kind: str, source: Path, workshop: Workshop, most: int, room: int) -> Container:
    """The zip *source*, which is *path* of the lesson, with its files in the work folder: *most* files, *room* bytes.

    Raises UnreadableSource, UnsafePath, BadArchive or Bomb; then nothing stays there.
    """
    into = workshop.folder()
    try:
        found, _ = unzip(source, into, most=most, room=room)
    except BadInput:
        shutil.rmtree(into)
        raise
    return Container(path, kind, {one.path: one for one in found})


def reason(error: BadInput) -> Notice:
    """Why a container cannot be shown, in a teacher's words."""
    if isinstance(error, Bomb):
        return Notice("it unpacks to more than it may")
    if isinstance(error, UnsafePath):
        return Notice("it holds file names that no honest program writes")
    reason = error.details.get("reason", "")
    return reason if isinstance(reason, Notice) else _ZIP_FAULTS.get(str(reason), Notice("it is damaged"))
