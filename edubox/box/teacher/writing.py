"""Texts of a draft that are typed on the desk: read, kept, named and shown as pupils will read them.

A mark is a hash of what a text was when somebody began to change it. Keeping it looks whether it still is, under the draft's
lock: of two windows, the second is told and overwrites nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from edubox.box.teacher import drafts
from edubox.box.teacher.draft import one_line
from edubox.errors import EditedMeanwhile, NotFound, TooMany
from edubox.pack.text import decode
from edubox.store.lock import lock
from edubox.store.platform import ensure_room, full_disk_is_no_room, write_atomic

#: Characters of a text that is typed; a long chapter has 60,000.
LONGEST = 100_000
#: What no name of a file holds well.
_ODD = re.compile(r"[^\w\- ]+")
_HEADING = re.compile(r"^#{1,6}\s+(.{1,200})$", re.MULTILINE)
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Written:
    """A text and its *mark*; both are empty for one that is not kept yet."""

    text: str
    mark: str = ""


def read(data: Path, ident: str, path: str, *, staff: bool = False) -> Written:
    """The text *path* of the draft *ident*. Raises NotFound: there is none, or it is too long to be changed here."""
    top = _top(data, ident, staff=staff)
    if path not in drafts.paths(top):
        raise NotFound(what=path)
    with (top / path).open("rb") as file:
        kept = file.read(4 * LONGEST + 1)
    text = decode(kept).replace("\r\n", "\n").replace("\r", "\n")
    if len(kept) > 4 * LONGEST or len(text) > LONGEST:
        raise NotFound(what=path)
    return Written(text, _mark(kept))


def save(data: Path, ident: str, path: str, text: str, mark: str, *, staff: bool = False) -> tuple[str, str]:
    """Keep *text* as *path*, which was as *mark* says; its path and new mark. Without a mark it is a new file, under a free name.

    Raises EditedMeanwhile, NotFound (there is no such draft), TooMany, NoRoom, Busy.
    """
    place, top, written = (
        drafts.folder(data, ident),
        _top(data, ident, staff=staff),
        text.encode("utf-8", "replace"),
    )
    drafts.read(data, ident)
    limit = drafts.MAX_STAFF if staff else drafts.MAX_FILES
    with full_disk_is_no_room(data), lock(place / ".lock", _PATIENCE):
        known = drafts.paths(top)
        if not mark:
            if len(known) >= limit:
                raise TooMany(limit=limit)
            path = drafts.free_name(path, known)
        elif path not in known or _mark((top / path).read_bytes()) != mark:
            raise EditedMeanwhile
        ensure_room(data, len(written), 2)
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomic(top / path, written, 0o600)
    return path, _mark(written)


def name_of(title: str, text: str, ending: str) -> str:
    """A name for a new file called *title*, or as the first heading of *text* says, which ends with *ending*."""
    found = _HEADING.search(text)
    said = one_line(title) or one_line(found[1] if found else "")
    return (_ODD.sub(" ", said).strip()[:80].strip() or "page") + ending


def heading(path: str) -> str:
    """What a text is called whose file is *path*."""
    return path.rpartition("/")[2].rpartition(".")[0]


def preview(text: str) -> str:
    """*text* (Markdown) as clean HTML, like the lesson's page of it; its pictures show the words that stand for them."""
    from edubox.importers.markdown import render
    from edubox.importers.rendering import clean_alone

    return clean_alone(render(text))


def _top(data: Path, ident: str, *, staff: bool) -> Path:
    return drafts.folder(data, ident) / (drafts.STAFF if staff else drafts.FILES)


def _mark(kept: bytes) -> str:
    return hashlib.sha256(kept).hexdigest()[:24]
