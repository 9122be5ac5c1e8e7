"""A zip of files becomes those files, in a folder of its name, or at the top if it is all that a draft has.

Only zips that a teacher gave themselves are opened: one that lies in a folder, or came out of another, stays a file, so no zip of
zips grows with every build. A zip that is one document (an exercise, a course) is for the importers.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from edubox.box.teacher import drafts
from edubox.box.teacher.draft import Draft
from edubox.errors import (
    BadArchive,
    BadInput,
    Bomb,
    EduboxError,
    EmptyPack,
    TooMany,
    UnreadableSource,
    UnsafePath,
)
from edubox.importers.containers import reason
from edubox.importers.notices import Notice
from edubox.pack.media_types import extension
from edubox.pack.opening import is_document, open_source
from edubox.pack.work import work_folder

_UNFIT = (BadArchive, Bomb, EmptyPack, TooMany, UnreadableSource, UnsafePath)


def open_zips(data: Path, draft: Draft) -> list[Notice]:
    """Open the zips of *draft*; what its teacher is told of one that stays as it is. Raises NotFound, NoRoom, Busy."""
    top, told = drafts.folder(data, draft.id) / drafts.FILES, []
    every = drafts.paths(top)
    for path in every:
        if "/" in path or extension(path) != "zip" or path in draft.aside:
            continue
        try:
            if not is_document(top / path):
                _open(data, draft.id, path, alone=every == [path])
        except _UNFIT as error:
            told.append(
                Notice("%(path)s is offered as a download only: %(reason)s.", path=path, reason=_why(error))
            )
    return told


def _why(error: BadInput) -> Notice:
    return Notice("it unpacks to more than it may") if isinstance(error, TooMany) else reason(error)


def _open(data: Path, ident: str, path: str, *, alone: bool) -> None:
    """Put what is in the zip *path* into the draft, all of it or nothing, and delete the zip."""
    place = drafts.folder(data, ident)
    added: list[str] = []
    with work_folder(place) as work:
        try:
            for found in open_source(place / drafts.FILES / path, work).files:
                below = "" if alone and extension(found.path) != "zip" else f"{Path(path).stem}/"
                added.append(drafts.add_file(data, ident, below + found.path, found.location))
        except EduboxError:
            for one in added:
                with contextlib.suppress(EduboxError):
                    drafts.remove_file(data, ident, one)
            raise
    drafts.remove_file(data, ident, path)
