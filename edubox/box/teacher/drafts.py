"""The drafts of a box: made, found, changed and thrown away, one folder each (see ``draft``).

Any request and any child may come here at once, so a change names the version that it was made from: whoever comes second
is told (``EditedMeanwhile``) and overwrites nothing. A draft that is thrown away can be taken back for a day; then, or when
somebody asks for its room, nothing of it is left on the disk.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path

from edubox.box.accounts.person import ADMIN, Person
from edubox.box.teacher.draft import IDENT, Draft, cut, one_line, title_of_file, understood, written
from edubox.errors import EditedMeanwhile, NotFound, TooMany
from edubox.pack.canonical import nfc
from edubox.pack.names import fold
from edubox.pack.naming import safe_paths
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, sync_folder, write_atomic

FOLDER = "drafts"
NOTE, FILES, STAFF = "draft.json", "files", "staff"
#: What a build leaves beside them.
BUILT, STAFF_BUILT, REPORT, PROGRESS = "built.edpack", "staff.edpack", "report.json", "progress.json"
#: Drafts of one person, files of a draft, files for teachers only; folders around a file.
MAX_DRAFTS, MAX_FILES, MAX_STAFF, DEEPEST = 200, 2000, 200, 8
#: Folders that are looked through for drafts.
_MOST = 5000
#: Seconds in which a draft that was thrown away can be taken back.
DAY = 86_400
_PATIENCE = 10.0
_LOCK = ".lock"
_PRIVATE = 0o700


def new_ident() -> str:
    """130 random bits in 26 small letters and digits: nobody guesses it."""
    return base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()[:26]


def folder(data: Path, ident: str) -> Path:
    """The folder of the draft *ident* of the box in *data*. Raises NotFound for what is no draft's id."""
    if not IDENT.match(ident):
        raise NotFound(what="This draft")
    return data / FOLDER / ident


def create(data: Path, person: Person, title: str) -> Draft:
    """A new draft of *person*, with nothing in it. Raises TooMany, NoRoom."""
    empty_bin(data)
    if len(every(data, person)) >= MAX_DRAFTS:
        raise TooMany(limit=MAX_DRAFTS)
    now = int(time.time())
    draft = cut(Draft(new_ident(), person.id, title=title, made=now, changed=now, version=1))
    place = folder(data, draft.id)
    with full_disk_is_no_room(data):
        make_folder(place.parent)
        place.parent.chmod(_PRIVATE)
        for one in (place, place / FILES, place / STAFF):
            one.mkdir(mode=_PRIVATE)
    _write(place, draft)
    return draft


def read(data: Path, ident: str) -> Draft:
    """The draft *ident*. Raises NotFound: there is none, or its note cannot be read."""
    place = folder(data, ident)
    try:
        return understood(ident, read_note(place / NOTE))
    except (OSError, ValueError):
        raise NotFound(what="This draft") from None


def every(data: Path, person: Person, *, thrown: bool = False) -> list[Draft]:
    """The drafts of *person*, last changed first; with *thrown* those that can still be taken back."""
    found = [one for one in _all(data) if one.owner == person.id and bool(one.thrown) == thrown]
    return sorted(found, key=lambda one: (-one.changed, one.id))


def allowed(draft: Draft, person: Person) -> bool:
    """Whether *person* may see and change *draft*."""
    return person.role == ADMIN or draft.owner == person.id


def change(data: Path, draft: Draft) -> Draft:
    """Keep *draft*, made of the version that it says; what is kept now. Raises EditedMeanwhile, NotFound, NoRoom, Busy."""
    place = folder(data, draft.id)
    if not place.is_dir():
        raise NotFound(what="This draft")
    with lock(place / _LOCK, _PATIENCE):
        if read(data, draft.id).version != draft.version:
            raise EditedMeanwhile
        kept = cut(replace(draft, version=draft.version + 1, changed=int(time.time())))
        _write(place, kept)
    return kept


def entitle(data: Path, ident: str, title: str) -> Draft:
    """Call the draft *title* unless somebody has changed it: an open page of it stays valid. Raises NotFound, Busy, NoRoom."""
    place = folder(data, ident)
    with lock(place / _LOCK, _PATIENCE):
        draft = read(data, ident)
        if is_named_after_its_file(data, draft):
            draft = cut(replace(draft, title=title))
            _write(place, draft)
    return draft


def is_named_after_its_file(data: Path, draft: Draft) -> bool:
    """Whether nobody has said anything of *draft*: it is called what its one file is called."""
    known = paths(folder(data, draft.id) / FILES)
    return draft.version == 1 and len(known) == 1 and draft.title == one_line(title_of_file(known[0]))


def throw_away(data: Path, ident: str) -> Draft:
    """Put the draft into the bin, where it stays for a day. Raises NotFound, NoRoom, Busy."""
    return change(data, replace(read(data, ident), thrown=int(time.time()), token=""))


def take_back(data: Path, ident: str) -> Draft:
    """Take the draft out of the bin. Raises NotFound, NoRoom, Busy."""
    return change(data, replace(read(data, ident), thrown=0))


def delete(data: Path, ident: str) -> None:
    """Leave nothing of the draft on the disk, at once. A draft that is not there is no error."""
    place = folder(data, ident)
    # Its note first: what is left after a power cut is no draft, and the next emptying of the bin takes it away.
    with contextlib.suppress(FileNotFoundError):
        (place / NOTE).unlink()
        sync_folder(place)
    shutil.rmtree(place, ignore_errors=True)


def empty_bin(data: Path, *, all_of_it: bool = False, now: float | None = None) -> int:
    """Delete what was thrown away more than a day ago, or *all_of_it*, and what was never finished; how many that were."""
    moment = time.time() if now is None else now
    gone = 0
    for ident in _idents(data):
        try:
            draft = read(data, ident)
        except NotFound:
            if not _is_old(data / FOLDER / ident, moment):
                continue  # it is being made just now
        else:
            # A clock that was set back must not keep it for years.
            if not draft.thrown or not (all_of_it or abs(moment - draft.thrown) > DAY):
                continue
        delete(data, ident)
        gone += 1
    return gone


def add_file(data: Path, ident: str, name: str, source: Path, *, staff: bool = False) -> str:
    """Move the finished file *source*, on the disk of *data*, into the draft as *name*; the path that it has there.

    *name* may have folders; what no system can hold is replaced, and a name that is taken gets a number. Raises NotFound,
    TooMany, NoRoom, Busy; then *source* is where it was.
    """
    place = folder(data, ident)
    read(data, ident)
    top = place / (STAFF if staff else FILES)
    with full_disk_is_no_room(data), lock(place / _LOCK, _PATIENCE):
        known = paths(top, every=True)
        limit = MAX_STAFF if staff else MAX_FILES
        if len(known) >= limit:
            raise TooMany(limit=limit)
        # A build writes it once more.
        ensure_room(data, source.stat().st_size, 8)
        path = free_name(name, known)
        target = top / path
        make_folder(target.parent)
        source.replace(target)
        sync_folder(target.parent)
    return path


def free_name(name: str, known: list[str]) -> str:
    """*name* as a path that every system can hold and that is none of *known*, nor below one of them."""
    steps = [step.strip() for step in nfc(name[:4000]).replace("\\", "/").split("/")]
    steps = [step for step in steps if step not in {"", ".", ".."}][-DEEPEST:] or ["file"]
    [path] = safe_paths(["/".join(steps)])
    # The last of equal names is the one that gets a number.
    return safe_paths([*known, _beside(path, {fold(one) for one in known})])[-1]


def _beside(path: str, files: set[str]) -> str:
    """*path* with a number on each of its folders that has the name of one of the *files* (folded)."""
    *folders, last = path.split("/")
    place = ""
    for one in folders:
        name, attempt = one, 1
        while fold(f"{place}{name}") in files:
            attempt += 1
            name = f"{one[:40]}-{attempt}"
        place += f"{name}/"
    return place + last


def remove_file(data: Path, ident: str, path: str, *, staff: bool = False) -> None:
    """Take the file *path* out of the draft, for good. One that is not there is no error. Raises NotFound, Busy."""
    place = folder(data, ident)
    top = place / (STAFF if staff else FILES)
    if path in paths(top):
        with lock(place / _LOCK, _PATIENCE), contextlib.suppress(FileNotFoundError):
            (top / path).unlink()
            _tidy(top, (top / path).parent)


def move_file(data: Path, ident: str, path: str, *, to_staff: bool) -> str:
    """Put the file *path* among those for teachers only (*to_staff*), or back; its path there. Raises NotFound, TooMany, Busy."""
    top = folder(data, ident) / (FILES if to_staff else STAFF)
    if path not in paths(top):
        raise NotFound(what=path)
    there = add_file(data, ident, path, top / path, staff=to_staff)
    _tidy(top, (top / path).parent)
    return there


def paths(top: Path, *, every: bool = False) -> list[str]:
    """Paths of the files below *top*, sorted; no links, nothing hidden, none deeper than a draft holds.

    With *every* those too: they take room, and a name.
    """
    found: list[str] = []
    waiting = [(top, "", 0)]
    while waiting and len(found) <= MAX_FILES + MAX_STAFF:
        place, prefix, depth = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.name.startswith(".") and not every:
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
                waiting.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))
            elif every or entry.is_file(follow_symlinks=False):
                found.append(prefix + entry.name)
    return sorted(found)


def tokens(data: Path) -> dict[str, str]:
    """The token that opens the preview of each draft that has one → the draft's id."""
    return {one.token: one.id for one in _all(data) if one.token and not one.thrown}


def _all(data: Path) -> list[Draft]:
    found = []
    for ident in _idents(data):
        with contextlib.suppress(NotFound):
            found.append(read(data, ident))
    return found


def _idents(data: Path) -> list[str]:
    try:
        with os.scandir(data / FOLDER) as entries:
            return [
                entry.name for entry, _ in zip(entries, range(_MOST), strict=False) if IDENT.match(entry.name)
            ]
    except FileNotFoundError:
        return []


def _write(place: Path, draft: Draft) -> None:
    write_atomic(place / NOTE, json.dumps(written(draft), ensure_ascii=False).encode(), 0o600)


def _tidy(top: Path, emptied: Path) -> None:
    """Remove the folders from *emptied* up to *top* that hold nothing any more."""
    while emptied != top:
        try:
            emptied.rmdir()
        except OSError:
            return
        emptied = emptied.parent


def _is_old(place: Path, moment: float) -> bool:
    """Whether nothing has happened in the folder *place* for an hour."""
    try:
        return abs(moment - place.stat().st_mtime) > DAY / 24
    except FileNotFoundError:
        return False
