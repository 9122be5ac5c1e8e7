"""Which files of a lesson are courses of other platforms, told by their bytes, and what becomes of those that cannot be read.

A course that opened is not offered as a file too: it holds the answers of its tests and the pages that are hidden from
pupils. A cartridge that cannot be read stays a download, as other containers do. A Moodle backup never does, under whatever
name, nor does an archive that holds one: it would give away the names of a school's pupils.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from edubox.errors import BadArchive, Bomb, PrivateBackup, Unplayable, UnsafePath
from edubox.importers import cartridge, download, moodle, moodle_archive
from edubox.importers.container import Container
from edubox.importers.containers import inflate, reason
from edubox.importers.course import Course, lay_out
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop
from edubox.pack.archive import open_archive
from edubox.pack.manifest import MAX_FILES
from edubox.pack.media_types import extension
from edubox.pack.opening import MAX_TOTAL

_REFUSED = (BadArchive, Bomb, UnsafePath, Unplayable)


def open_courses(workshop: Workshop) -> tuple[list[Course], dict[str, Imported]]:
    """The courses of the lesson, laid out in it, and downloads for those that cannot be read, by path.

    Backups leave the lesson, whether they can be read or not. Raises PrivateBackup if nothing else is in it.
    """
    courses: list[Course] = []
    cards: dict[str, Imported] = {}
    refused: Notice | None = None
    _drop_unpacked(workshop)
    for path in list(workshop.files):
        source = workshop.files[path].location
        try:
            if is_backup(path, source):
                workshop.drop(path)
                course = moodle.read(path, source, workshop)
            elif _is_cartridge(path, source):
                course = cartridge.read(_inflated(path, workshop), workshop)
            else:
                continue
            lay_out(course, workshop)
            courses.append(course)
            workshop.files.pop(path, None)
        except _REFUSED as error:
            if path in workshop.files:
                workshop.warn(
                    Notice(
                        "%(path)s is offered as a download only: %(reason)s.", path=path, reason=reason(error)
                    )
                )
                cards[path] = download.read(path, workshop)
                continue
            refused = reason(error)
            workshop.warn(
                Notice(
                    "%(path)s was left out: %(reason)s. A Moodle backup may hold the names of pupils, so it is never given away itself.",
                    path=path,
                    reason=refused,
                )
            )
    if not workshop.files:
        raise PrivateBackup(reason=refused or Notice("it was unpacked"))
    return courses, cards


def is_backup(path: str, source: Path) -> bool:
    """Whether the file *source*, which is called *path*, is a Moodle backup or may hold one."""
    return extension(path) == "mbz" or (
        moodle_archive.kind(source) != "" and moodle_archive.holds_backup(source)
    )


def _is_cartridge(path: str, source: Path) -> bool:
    """Whether the zip has a manifest that says so; a file that is merely called so is for ``containers`` to refuse."""
    if moodle_archive.kind(source) != "zip":
        return False
    try:
        with open_archive(source) as archive:
            return cartridge.is_cartridge(archive, path)
    except (BadArchive, Bomb):
        return False


def _inflated(path: str, workshop: Workshop) -> Container:
    source = workshop.files[path].location
    return inflate(path, "cartridge", source, workshop, MAX_FILES - len(workshop.files), MAX_TOTAL)


def of_unpacked(paths: Iterable[str]) -> dict[str, list[str]]:
    """Which of *paths* belong to backups that somebody unpacked, by the description that tells."""
    every = list(paths)
    found: dict[str, list[str]] = {}
    for path in every:
        folder, _, name = path.rpartition("/")
        if name.lower() == moodle_archive.DESCRIPTION:
            found[path] = [one for one in every if not folder or one.startswith(f"{folder}/")]
    return found


def _drop_unpacked(workshop: Workshop) -> None:
    """Take backups that somebody unpacked out of the lesson, whole."""
    for path, parts in of_unpacked(workshop.files).items():
        if path not in workshop.files:
            continue  # within another one
        for one in parts:
            if one in workshop.files:
                workshop.drop(one)
        workshop.warn(
            Notice(
                "%(path)s belongs to a Moodle backup that was unpacked, which was left out: give the .mbz file as Moodle made it.",
                path=path,
            )
        )
