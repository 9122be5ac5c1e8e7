"""What a class takes along before its school closes: the lessons of its next week, the lightest first, in one zip.

``closing/<code>/wish.json`` of the data folder says what a teacher asked for. A child (``edubox box week``) writes beside
it ``week.zip``, the pages that pupils read with links that work in any folder and without a server, and at last
``week.json``, which says what is in it: without that there is no week. All of it is made of what pupils read anyway, so
nothing for teachers only is ever near it, and no backup needs it. It leaves some days after the day of return, and with
its class.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from edubox.box.library import Library
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound
from edubox.pages.model import Lesson
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, replacing, write_atomic
from edubox.store.space import reserve_of

FOLDER = "closing"
#: Bytes of the lessons in a zip: a card of a phone holds no file of 4 GiB, and nobody waits for two.
MOST = 2_000_000_000
#: Days after the day of return for which it stays.
KEPT = 7
_WISH, _MADE, _ZIP, _PAGES, _LOCK = "wish.json", "week.json", "week.zip", ".pages", ".lock"
_CODE = re.compile(r"[1-9]\d{5}\Z", re.ASCII)
#: Files of the pages around a lesson, roughly.
_FILES = 200
#: What deflate makes smaller; films, pictures and books are compressed already.
_PACKED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".vtt", ".md", ".csv", ".xhtml"}
_COPY = 1024 * 1024
_EARLIEST = (1980, 1, 1, 0, 0, 0)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """*lessons* (addresses) that the class is to take along, and the day of return, ``2026-12-24``; *mark* is its own."""

    lessons: tuple[str, ...]
    back: str
    mark: str


@dataclass(frozen=True, slots=True)
class Week:
    """What is ready since *at* (seconds since 1970): *lessons* (addresses, the lightest first) in a zip of *size* bytes.

    *left* are those that would have made it too large, *mark* is that of the wish.
    """

    lessons: tuple[str, ...]
    left: tuple[str, ...]
    back: str
    at: int
    size: int
    mark: str


def wish(data: Path, code: str, lessons: Iterable[str], back: str) -> None:
    """Write down what the class *code* is to take along. Raises NoRoom."""
    with full_disk_is_no_room(data):
        make_folder(_place(data, code))
        value = asdict(Wish(tuple(lessons), back, secrets.token_hex(8))) | {"format": 1}
        write_atomic(_place(data, code) / _WISH, json.dumps(value).encode())


def wished(data: Path, code: str) -> Wish | None:
    """What was asked for last, None if nothing was."""
    value = _read(data, code, _WISH)
    lessons, back, mark = (value.get(key) for key in ("lessons", "back", "mark"))
    if not isinstance(lessons, list) or not isinstance(back, str) or not isinstance(mark, str):
        return None
    return Wish(tuple(map(str, lessons)), back, mark)


def ready(data: Path, code: str) -> Week | None:
    """What the class *code* can take along now, None if nothing was made (or it was of no use any more)."""
    value = _read(data, code, _MADE)
    try:
        found = Week(
            tuple(map(str, value["lessons"])), tuple(map(str, value["left"])), str(value["back"]), int(value["at"]),
            int(value["size"]), str(value["mark"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
    return found if zip_of(data, code).is_file() else None


def zip_of(data: Path, code: str) -> Path:
    """Where the zip of the class *code* lies, if there is one."""
    return _place(data, code) / _ZIP


def make(data: Path, settings: dict[str, Any], code: str, now: int, progress: Progress) -> Week:
    """Make what was asked for, at *now* (seconds since 1970); *progress* gets (what, done, of how many).

    Raises NotFound (nothing was asked for, or nothing of it is here), NoRoom, Busy; then what was ready before still is.
    """
    asked, library = wished(data, code), Library(data)
    here = [found for one in (asked.lessons if asked else ()) if (found := library.lesson(one)) is not None]
    if asked is None or not here:
        raise NotFound(what=f"Anything for the class {code} to take along")
    taken, left = lightest_first(here)
    size = sum(one.card.size for one in taken)
    ensure_room(data, size, _FILES * len(taken), reserve_of(data, settings))
    place = _place(data, code)
    pages = place / _PAGES
    with lock(place / _LOCK), full_disk_is_no_room(data):
        _sweep(place)
        try:
            _write_pages(data, settings, pages, library, taken, partial(progress, "pages"))
            with replacing(zip_of(data, code)) as out:
                _pack(pages, out, partial(progress, "packing"))
        finally:
            _sweep(place)
        made = Week(
            tuple(one.card.address for one in taken), tuple(one.card.address for one in left), asked.back, now,
            zip_of(data, code).stat().st_size, asked.mark,
        )  # fmt: skip
        write_atomic(place / _MADE, json.dumps(asdict(made) | {"format": 1}).encode())
    return made


def lightest_first(lessons: Iterable[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """*lessons* by their bytes, as many as a zip holds, and the others."""
    taken: list[Lesson] = []
    left: list[Lesson] = []
    room = MOST
    for one in sorted(lessons, key=lambda one: (one.card.size, one.card.address)):
        room -= one.card.size
        (taken if room >= 0 else left).append(one)
    return taken, left


def forget(data: Path, code: str) -> None:
    """Nothing is there for the class *code* to take along any more."""
    place = _place(data, code)
    (place / _MADE).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def clear(school: SchoolFile, data: Path, today: date) -> None:
    """Take away what is of no class in use any more, and what no class needs *today*: its school has begun again."""
    for place in (data / FOLDER).glob("*"):
        code = place.name
        if not _CODE.match(code) or classes.of_code(school, code) is None:
            shutil.rmtree(place, ignore_errors=True)
            continue
        asked = wished(data, code)
        if asked is None or asked.back < (today - timedelta(days=KEPT)).isoformat():
            forget(data, code)


def _write_pages(
    data: Path, settings: dict[str, Any], pages: Path, library: Library, lessons: list[Lesson],
    step: Callable[[int, int], None],
) -> None:  # fmt: skip
    """Write the pages around *lessons* into the folder *pages*; lessons' own files are further names of those on the card."""
    from edubox.pages.export import site
    from edubox.pages.export.folder import Folder
    from edubox.pages.export.shelf import Chosen
    from edubox.pages.player import players
    from edubox.sync.local import manifest_in

    wanted = {one.card.address for one in lessons}
    wishes = site.Wishes(
        settings["name"], tuple(settings["languages"]), portable=True, zips=False, class_size=settings["class_size"],
        air_kbit=settings["air_kbit"], players=players(settings["players"]),
    )  # fmt: skip
    kept = site.Kept(data / "site", partial(manifest_in, data / "mirror"), lambda _: {})
    out = Folder(pages, twins=False)
    site.export(Chosen(library, lambda card: card.address in wanted), kept, out, wishes, step)
    out.finish()


def _pack(pages: Path, out: Any, step: Callable[[int, int], None]) -> None:
    """The zip of the folder *pages*; what begins it comes first. Twins (``.gz``) are of no use at home."""
    found = sorted(path for path in pages.rglob("*") if path.is_file())
    names = {path.relative_to(pages).as_posix(): path for path in found}
    names = {name: path for name, path in names.items() if not (name.endswith(".gz") and name[:-3] in names)}
    total, done = sum(path.stat().st_size for path in names.values()), 0
    with zipfile.ZipFile(out, "w", allowZip64=True) as made:
        for name, path in sorted(names.items(), key=lambda one: (one[0] != "index.html", one[0])):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = (
                zipfile.ZIP_DEFLATED if path.suffix.lower() in _PACKED else zipfile.ZIP_STORED
            )
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, made.open(entry, "w") as target:
                while block := source.read(_COPY):
                    target.write(block)
                    done += len(block)
                    step(done, total)


def _sweep(place: Path) -> None:
    """Remove the pages that were packed, and what a killed child left."""
    shutil.rmtree(place / _PAGES, ignore_errors=True)
    (place / f"{_PAGES}.list").unlink(missing_ok=True)
    for left in place.glob(".*.new"):
        left.unlink(missing_ok=True)


def _read(data: Path, code: str, name: str) -> dict[str, Any]:
    try:
        value = read_note(_place(data, code) / name)
    except (OSError, ValueError, NotFound):
        return {}
    return value if isinstance(value, dict) and value.get("format") == 1 else {}


def _place(data: Path, code: str) -> Path:
    if not _CODE.match(code):
        raise NotFound(what=f"The class {code}")
    return data / FOLDER / code
