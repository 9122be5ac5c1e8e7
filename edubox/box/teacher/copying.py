"""A lesson that becomes a draft: a lesson file that was made elsewhere, or one that this school has, to be changed.

What comes from elsewhere is verified byte for byte, in a child of its own, before a teacher sees any of it; a child that was
killed begins again. The draft gets what the lesson's author gave (``unfolding``), its order, its titles and what it says of
itself, with its authors; a copy of another's lesson says what it is based on. Whoever copies a lesson of their
own gets their draft of it, as it is.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edubox.box.teacher import drafts
from edubox.box.teacher.draft import Draft
from edubox.box.teacher.unfolding import Unfolded, unfold
from edubox.box.teacher.work import FAILED, said, tell
from edubox.errors import BadManifest, EduboxError, NotFound
from edubox.pack.names import is_sha256
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import ensure_room, full_disk_is_no_room, link_or_copy, sync_folder, write_atomic

if TYPE_CHECKING:
    from edubox.box.site import Site
    from edubox.pack.manifest import Manifest

#: What a draft is still to be made of: a lesson file, or the name of a lesson; and how far that is.
GIVEN, COPIED, PROGRESS = "given.edpack", "copied.json", "opening.json"
_LOCK, _WORK = ".opening", ".opened"
_PATIENCE = 900.0
_BLOCK = 1024 * 1024


def receive(data: Path, ident: str, source: Path) -> None:
    """Move the lesson file *source* to where the draft *ident* is made of it. Raises NotFound."""
    drafts.read(data, ident)
    place = drafts.folder(data, ident)
    source.replace(place / GIVEN)
    sync_folder(place)


def copy_of(data: Path, ident: str, address: str, manifest: str) -> None:
    """Note that the draft *ident* is to be made of the lesson at *address*, of its version *manifest*. Raises NoRoom."""
    said_of_it = {"format": 1, "address": address, "manifest": manifest}
    write_atomic(drafts.folder(data, ident) / COPIED, json.dumps(said_of_it).encode(), 0o600)


def begin(site: Site, ident: str) -> bool:
    """Let a child make the draft *ident* of what it was given; False if too much waits."""
    return site.bench.start(arguments(site, ident), drafts.folder(site.data, ident) / PROGRESS)


def arguments(site: Site, ident: str) -> list[str]:
    """The command that does it."""
    return ["draft", "open", ident, "--data", str(site.data), "--json"]


def state(site: Site, ident: str) -> str:
    """How far it is: ``working``, ``failed``, ``cut`` (nobody does it any more), or ``done`` (there is nothing to do)."""
    place = drafts.folder(site.data, ident)
    if not (place / GIVEN).exists() and not (place / COPIED).exists():
        return "done"
    if site.bench.busy(arguments(site, ident)):
        return "working"
    told = said(place / PROGRESS)
    return "failed" if told.get("state") == FAILED and told.get("error") != "ended" else "cut"


def why(site: Site, ident: str) -> str:
    """The code of the error for which it failed, empty if nobody knows."""
    code = said(drafts.folder(site.data, ident) / PROGRESS).get("error")
    return code if isinstance(code, str) else ""


def open_given(data: Path, ident: str) -> Draft:
    """Make the draft *ident* of what it was given; the draft.

    Raises NotFound (there is nothing to open, or the lesson has gone), NoRoom, Busy, and what ``pack.edpack.extract`` raises
    for a lesson file that is none; then the draft is as empty as it was.
    """
    place = drafts.folder(data, ident)
    with lock(place / _LOCK, _PATIENCE), _telling(place / PROGRESS), full_disk_is_no_room(data):
        drafts.read(data, ident)
        shutil.rmtree(place / _WORK, ignore_errors=True)
        try:
            if (place / GIVEN).exists():
                made = _of_file(data, ident, place)
            else:
                made = _of_lesson(data, ident, place)
        finally:
            shutil.rmtree(place / _WORK, ignore_errors=True)
        for note in (GIVEN, COPIED):
            (place / note).unlink(missing_ok=True)
    return made


def _of_file(data: Path, ident: str, place: Path) -> Draft:
    from edubox.pack.edpack import extract, open_edpack

    with open_edpack(place / GIVEN) as lesson:
        # Its files, once more while they are checked, and once more by the build.
        ensure_room(data, 2 * lesson.manifest.size, 3 * len(lesson.manifest.files))
    manifest = extract(place / GIVEN, place / _WORK)
    return _fill(data, ident, manifest, lambda path: place / _WORK / path, "")


def _of_lesson(data: Path, ident: str, place: Path) -> Draft:
    from edubox.box.own.identity import own_id
    from edubox.pack import manifest as manifests
    from edubox.store.layout import object_path

    address, version = _asked(place)
    own = _own_draft(data, ident, address) if address.startswith(f"{own_id(data)}/") else None
    if own is not None:
        return _again(data, ident, own)
    try:
        manifest = manifests.parse((data / "mirror" / object_path(version)).read_bytes())
    except (OSError, ValueError, BadManifest):
        raise NotFound(what="This lesson") from None
    ensure_room(data, 2 * manifest.size, 3 * len(manifest.files))
    return _fill(data, ident, manifest, lambda path: data / "site" / version / path, address)


def _asked(place: Path) -> tuple[str, str]:
    """Which lesson is to be copied, and which version of it. Raises NotFound."""
    try:
        told = read_note(place / COPIED)
        address, version = told["address"], told["manifest"]
    except (OSError, ValueError, TypeError, KeyError):
        raise NotFound(what="A lesson to copy") from None
    if not isinstance(address, str) or not is_sha256(version):
        raise NotFound(what="A lesson to copy")
    return address, version


def _own_draft(data: Path, ident: str, address: str) -> Draft | None:
    """The draft of which this school's lesson at *address* was made, if it is that of the same person.

    Others get what was given to pupils: a draft holds more, such as a Moodle backup with names.
    """
    from edubox.box.school.database import SchoolFile
    from edubox.box.teacher import versions

    lesson = versions.of_slug(SchoolFile(data), address.rpartition("/")[2])
    with contextlib.suppress(NotFound):
        draft = drafts.read(data, lesson.draft if lesson else "")
        return None if draft.thrown or draft.owner != drafts.read(data, ident).owner else draft
    return None


def _again(data: Path, ident: str, own: Draft) -> Draft:
    source, place = drafts.folder(data, own.id), drafts.folder(data, ident)
    _place(
        place,
        {path: source / drafts.FILES / path for path in drafts.paths(source / drafts.FILES)},
    )
    draft = drafts.read(data, ident)
    kept = {name: getattr(draft, name) for name in ("id", "owner", "made", "changed", "version", "title")}
    return drafts.change(data, replace(own, **kept, slug="", token="", note="", thrown=0))


def _fill(data: Path, ident: str, manifest: Manifest, where: Callable[[str], Path], based_on: str) -> Draft:
    """Give the draft *ident* the files of *manifest*, which lie *where*, and what it says of itself."""
    found = unfold(manifest)
    lay_back(drafts.folder(data, ident), found, manifest, where)
    draft, about = drafts.read(data, ident), manifest.metadata
    return drafts.change(data, replace(
        draft, title=draft.title if based_on else manifest.name, language=manifest.language, entries=found.entries,
        aside=found.aside, cover=found.cover, based_on=based_on or about.get("isBasedOn", ""),
        description=about.get("description", ""), licence=about.get("license", ""), duration=about.get("timeRequired", ""),
        levels=tuple(about.get("educationalLevel", ())), subjects=tuple(about.get("about", ())),
        authors=tuple(about.get("author", ())), keywords=tuple(about.get("keywords", ())),
    ))  # fmt: skip


def lay_back(place: Path, found: Unfolded, manifest: Manifest, where: Callable[[str], Path]) -> None:
    """Put the files that were *found* in the lesson *manifest*, whose files lie *where*, into the draft in *place*.

    Raises NotFound (one of them is not there), NoRoom.
    """
    closed = {}
    for number, (name, folder) in enumerate(found.containers.items()):
        inside = {
            file.path[len(folder) :]: where(file.path)
            for file in manifest.files
            if file.path.startswith(folder)
        }
        (place / _WORK).mkdir(exist_ok=True)
        closed[name] = place / _WORK / f".closed-{number}"
        _close(closed[name], inside)
    _place(place, {path: where(path) for path in found.files} | closed)


def _place(place: Path, files: dict[str, Path]) -> None:
    """Put *files* into the draft in *place*, as links where that can be: a draft's files are replaced, never written into.

    What is there already stays: an earlier try put it there, or the teacher did meanwhile.
    """
    tree = place / _WORK / ".tree"
    for number, (path, source) in enumerate(files.items()):
        if not source.is_file():
            raise NotFound(what=path)  # it is still on its way
        target, beside = place / drafts.FILES / path, tree / str(number)
        beside.parent.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            link_or_copy(source, beside)
            beside.rename(target)
    sync_folder(place / drafts.FILES)


def _close(target: Path, inside: dict[str, Path]) -> None:
    """Make the container *target* of the files *inside* it, by their names; a book's type comes first, as it must."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(inside, key=lambda name: (name != "mimetype", name)):
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o644 << 16
            with inside[name].open("rb") as source, archive.open(member, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, _BLOCK)


@contextmanager
def _telling(note: Path) -> Iterator[None]:
    """Tell in *note* that it works, that it is done, or why not."""
    tell(note, "working")
    try:
        yield
    except EduboxError as error:
        tell(note, FAILED, error=error.code, said=str(error))
        raise
    tell(note, "done", when=int(time.time()))
