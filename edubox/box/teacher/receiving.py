"""What becomes of a file that a teacher's device announces: whose draft it is for, where it goes when it is whole."""

from __future__ import annotations

from pathlib import Path

from edubox.box.accounts.person import me
from edubox.box.site import Site
from edubox.box.teacher import copying, drafts, photos
from edubox.box.teacher.draft import title_of_file
from edubox.box.teacher.making import open_draft
from edubox.box.teacher.uploads import FILES, LARGEST, LESSON, NAME, PHOTOS, STAFF, TYPE, Coming
from edubox.errors import TooLarge
from edubox.pack.media_types import extension


def coming(
    site: Site, size: int, name: str, *, draft: str = "", kind: str = FILES, media: str = ""
) -> Coming:
    """A file of *size* bytes that somebody announces as *name*, with its folders, for *draft* or, without, for a new one.

    A lesson file that is for no draft yet becomes one. Raises TooLarge, TooMany, NoRoom; ends the request if the draft is not
    one of theirs.
    """
    if size > LARGEST:
        raise TooLarge(limit=LARGEST // 1_000_000)
    name, media = name[:NAME] or "file", media[:TYPE]
    if draft:
        open_draft(site, draft)
        return Coming(me().id, draft, name, size, media, FILES if kind == LESSON else kind)
    if kind == FILES and extension(name) == "edpack":
        kind = LESSON
    title = "Photos" if kind == PHOTOS else title_of_file(name)
    return Coming(me().id, drafts.create(site.data, me(), title).id, name, size, media, kind, made=True)


def take(site: Site, what: Coming, source: Path) -> None:
    """Put the finished file *source* where it belongs. Raises NotFound, TooMany, NoRoom, Busy; then it is where it was."""
    if what.kind == PHOTOS:
        photos.add(site.data, what.draft, what.name, source)
    elif what.kind == LESSON:
        copying.receive(site.data, what.draft, source)
        copying.begin(site, what.draft)
    else:
        drafts.add_file(site.data, what.draft, what.name, source, staff=what.kind == STAFF)


def forget(data: Path, what: Coming) -> None:
    """Leave nothing of the draft that was made for *what* if nothing came into it."""
    place = drafts.folder(data, what.draft)
    if (
        what.made
        and not any(drafts.paths(place / top) for top in (FILES, STAFF))
        and not photos.listed(place)
    ):
        drafts.delete(data, what.draft)


def page(draft: str, kind: str) -> str:
    """The page of the desk on which whoever sent files of this *kind* to *draft* goes on."""
    return f"drafts/{draft}/" + {PHOTOS: "photos/", LESSON: "opening/"}.get(kind, "")
