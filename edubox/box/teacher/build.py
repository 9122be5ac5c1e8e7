"""Making a lesson of a draft, in a child of its own: ``files/`` becomes ``built.edpack``, ``staff/`` becomes ``staff.edpack``.

It may be killed at any moment. The note on what was built (``report.json``) is written last and says, as a fingerprint, from
what: whoever reads another fingerprint than the draft has now knows that it must be built again. The lesson's files are laid
out once more for the preview, as links to what the teacher gave, under ``site/<manifest>/``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.box.teacher import backups, drafts
from edubox.box.teacher.draft import Draft, written
from edubox.box.teacher.work import tell
from edubox.errors import EditedMeanwhile, EduboxError, EmptyPack, PrivateBackup
from edubox.pack.manifest import parse
from edubox.pages.contents import odd_types
from edubox.pages.weights import reading_bytes
from edubox.settings import load_settings
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import link_or_copy, write_atomic

if TYPE_CHECKING:
    from edubox.pack.manifest import Manifest

SITE, MANIFEST = "site", "manifest.json"
#: Warnings that a teacher is shown; nobody reads more.
MAX_WARNINGS = 200
_LOCK = ".building"
_PATIENCE = 900.0
#: What of a draft does not change what is built.
_BESIDE = ("token", "version", "made", "changed", "thrown", "slug", "note", "owner", "id")


def fingerprint(data: Path, draft: Draft) -> str:
    """What *draft* would be built from, as a short text; another one after every change that matters."""
    place = drafts.folder(data, draft.id)
    said = {key: value for key, value in written(draft).items() if key not in _BESIDE}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for top in (drafts.FILES, drafts.STAFF):
        for path in drafts.paths(place / top):
            with contextlib.suppress(FileNotFoundError):
                found = (place / top / path).stat()
                digest.update(
                    f"{top}/{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\0".encode()
                )
    return digest.hexdigest()[:32]


def report(data: Path, ident: str) -> dict[str, Any]:
    """What the last build of the draft *ident* found; empty: it was never built, or that cannot be read.

    ``of`` (a fingerprint), ``manifest`` (its id), ``lines`` (path, title, type, number, parts), ``lint``, ``warnings``,
    ``types``, ``files``, ``size`` and ``reading`` in bytes, ``staff`` (number of files for teachers only).
    """
    try:
        value = read_note(drafts.folder(data, ident) / drafts.REPORT)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) and value.get("format") == 1 else {}


def is_current(data: Path, draft: Draft) -> bool:
    """Whether what was built last is what *draft* is now: only that may be given to a class."""
    return report(data, draft.id).get("of") == fingerprint(data, draft)


def build(data: Path, ident: str, *, h5p_libraries: Path | None = None) -> dict[str, Any]:
    """Build the draft *ident* of the box in *data*; the report, which is kept as well.

    Raises NotFound, EmptyPack (there is no file), Busy, NoRoom and what ``build_lesson`` raises; the draft stays as it was,
    and its ``progress.json`` says why.
    """
    from edubox.box.teacher.zips import open_zips

    place = drafts.folder(data, ident)
    with lock(place / _LOCK, _PATIENCE), _telling(place, fingerprint(data, drafts.read(data, ident))):
        draft = drafts.read(data, ident)
        _sweep(place)
        unopened = [_warning(one) for one in open_zips(data, draft)]
        made = _without_backups(data, draft, place, h5p_libraries)
        made["warnings"] = (unopened + made["warnings"])[:MAX_WARNINGS]
        write_atomic(place / drafts.REPORT, json.dumps(made, ensure_ascii=False).encode(), 0o600)
        _leave_only(place / SITE, made["manifest"])
    return made


def _without_backups(data: Path, draft: Draft, place: Path, h5p_libraries: Path | None) -> dict[str, Any]:
    """Build *draft*, and once more without the Moodle backups in it, of which what opens is kept."""
    try:
        made = _build(data, draft, place, h5p_libraries)
    except PrivateBackup:
        backups.remove(place, backups.held(place))
        raise
    private = backups.held(place)
    if not private:
        return made
    manifest = parse((place / SITE / f"{made['manifest']}.json").read_bytes())
    try:
        draft = backups.open_up(
            data, drafts.read(data, draft.id), place / SITE / manifest.id, manifest, made["lines"], private
        )
    except EditedMeanwhile:
        return made  # which is old then, and built again
    again = _build(data, draft, place, h5p_libraries)
    return again | {"warnings": (made["warnings"] + again["warnings"])[:MAX_WARNINGS]}


def described(draft: Draft) -> dict[str, Any]:
    """What *draft* says of its lesson, in the words of ``lesson.toml``, its order and what it put aside."""
    return {
        "title": draft.title, "language": draft.language, "description": draft.description, "level": list(draft.levels),
        "subject": list(draft.subjects), "licence": draft.licence, "author": list(draft.authors), "duration": draft.duration,
        "keyword": list(draft.keywords), "image": draft.cover, "aside": list(draft.aside), "based": draft.based_on,
        "order": [(one.path, one.title) for one in draft.entries],
    }  # fmt: skip


def _build(data: Path, draft: Draft, place: Path, h5p_libraries: Path | None) -> dict[str, Any]:
    from edubox.importers.folder import build_lesson
    from edubox.lint import notices
    from edubox.lint.lesson import Built

    of, said = fingerprint(data, draft), described(draft)
    if drafts.is_named_after_its_file(data, draft):
        said |= {"title": "", "guess": draft.title}
    if not drafts.paths(place / drafts.FILES):
        raise EmptyPack(path=draft.title)
    if draft.cover not in drafts.paths(place / drafts.FILES):
        said["image"] = ""
    built = build_lesson(
        place / drafts.FILES, place / drafts.BUILT, said, _meter(place, of), h5p_libraries=h5p_libraries,
        lay_out=partial(_lay_out, place / SITE),
    )  # fmt: skip
    staff = drafts.paths(place / drafts.STAFF)
    if staff:
        about = {"title": draft.title, "language": built.manifest.language, "author": list(draft.authors)}
        build_lesson(place / drafts.STAFF, place / drafts.STAFF_BUILT, about)
    else:
        (place / drafts.STAFF_BUILT).unlink(missing_ok=True)
    manifest = built.manifest
    if manifest.name != draft.title:
        of = fingerprint(data, drafts.entitle(data, draft.id, manifest.name))
    settings = load_settings(data / "box.toml")
    looked = Built(manifest, place / SITE / manifest.id, settings["class_size"], settings["air_kbit"])
    return {
        "format": 1, "of": of, "manifest": manifest.id, "language": manifest.language, "files": len(manifest.files),
        "size": manifest.size, "reading": reading_bytes(manifest), "lines": [asdict(line) for line in built.lines],
        "lint": [_warning(one) for one in notices(looked)],
        "warnings": [_warning(one) for one in built.warnings[:MAX_WARNINGS]], "types": odd_types(manifest), "staff": len(staff),
        "licence": manifest.metadata.get("license", ""), "when": int(time.time()),
    }  # fmt: skip


def _warning(sentence: str) -> dict[str, Any]:
    """A warning as ``pages.notices`` reads it: its template and what fills it."""
    as_json: Callable[[], dict[str, Any]] = getattr(
        sentence, "as_json", lambda: {"message": sentence.replace("%", "%%"), "details": {}}
    )
    return as_json()


def _lay_out(site: Path, manifest: Manifest, where: dict[str, Path]) -> None:
    """Put the files of *manifest* where the preview finds them."""
    tree = site / manifest.id
    shutil.rmtree(tree, ignore_errors=True)
    for file in manifest.files:
        target = tree / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(where[file.path], target)
    (site / f"{manifest.id}.json").write_bytes(manifest.to_bytes())


def _leave_only(site: Path, manifest: str) -> None:
    for old in site.iterdir() if site.is_dir() else ():
        if old.name not in {manifest, f"{manifest}.json"}:
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)


def _sweep(place: Path) -> None:
    """Remove what a killed build left."""
    for left in place.glob(".edubox-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _telling(place: Path, of: str) -> Iterator[None]:
    """Tell in ``progress.json`` that it works, that it is done, or why not; *of* is what it works on."""
    note = place / drafts.PROGRESS
    tell(note, "working", of=of)
    try:
        yield
    except EduboxError as error:
        tell(
            note,
            "failed",
            of=of,
            error=error.code,
            said=str(error),
            details={k: str(v)[:200] for k, v in error.details.items()},
        )
        raise
    except MemoryError:
        tell(note, "failed", of=of, error="too-heavy")
        raise
    tell(note, "done")


def _meter(place: Path, of: str) -> Callable[[str, int, int], None]:
    """A progress for ``build_lesson`` that writes no more than twice a second."""
    last = 0.0

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= 0.5:
            last = now
            tell(place / drafts.PROGRESS, "working", of=of, what=what, done=done, total=total)

    return show
