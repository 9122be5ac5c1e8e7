"""The libraries that an H5P exercise is played with: which it needs, and where they are found.

A package carries the libraries of its own editor and of everything that its author might have used: two thirds of its
bytes. A player loads what ``h5p.json`` names and what that needs in turn; so does ``closure``, and it also keeps what the
exercise names itself and what a kept library names in its scripts. What a package lacks is taken from the other
packages of the lesson, then from a shared folder, always in the very version asked for: another minor version may
read the exercise differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadInput, EmptyPack
from edubox.pack.manifest import MAX_FILES
from edubox.pack.opening import MAX_TOTAL, Found, open_source, unzip

#: Name, major and minor version: what a library is asked for by.
Key = tuple[str, int, int]
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")
_NUMBER = re.compile(r"[0-9]{1,6}\Z")
#: From where a name begins and nowhere inside it, or a script of one endless name would be read again at each letter.
_FOLDER = re.compile(rb"(?<![A-Za-z0-9_.-])[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}-[0-9]{1,6}\.[0-9]{1,6}")
_MAX_JSON = 1024 * 1024
#: Bytes of one script in which names of other libraries are looked for.
_LOOK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Library:
    """One library: its *files* by their names inside, and what it *needs* to run."""

    key: Key
    patch: int
    files: dict[str, Found]
    needs: tuple[Key, ...]

    @property
    def folder(self) -> str:
        """The folder in which players look for it."""
        return folder(self.key)


def folder(key: Key) -> str:
    """``H5P.Blanks-1.14``."""
    return f"{key[0]}-{key[1]}.{key[2]}"


def spoken_key(key: Key) -> str:
    """``H5P.Blanks 1.14``, as authoring tools show it."""
    return f"{key[0]} {key[1]}.{key[2]}"


def key_of(value: Any) -> Key | None:
    """The key in *value*, a dependency of h5p.json or library.json, or None if it is none."""
    if not isinstance(value, dict):
        return None
    name, major, minor = (value.get(part) for part in ("machineName", "majorVersion", "minorVersion"))
    numbers = [str(number) for number in (major, minor)]
    if not isinstance(name, str) or not _NAME.match(name) or not all(map(_NUMBER.match, numbers)):
        return None
    return name, int(numbers[0]), int(numbers[1])


def keys_of(value: Any) -> tuple[Key, ...]:
    """The keys in a list of dependencies; what is none is left out."""
    return tuple(key for one in value if (key := key_of(one))) if isinstance(value, list) else ()


def libraries(files: dict[str, Found]) -> dict[Key, Library]:
    """The libraries among *files*: each is a folder at the top with a library.json in it."""
    folders: dict[str, dict[str, Found]] = {}
    for name, file in files.items():
        top, slash, inside = name.partition("/")
        if slash:
            folders.setdefault(top, {})[inside] = file
    found: dict[Key, Library] = {}
    for inside_folder in folders.values():
        described = _json(inside_folder.get("library.json"))
        if key := key_of(described):
            needs = keys_of(described.get("preloadedDependencies")) + keys_of(
                described.get("dynamicDependencies")
            )
            patch = str(described.get("patchVersion", 0))
            found[key] = Library(key, int(patch) if _NUMBER.match(patch) else 0, inside_folder, needs)
    return found


def _json(found: Found | None) -> dict[str, Any]:
    if found is None or found.size > _MAX_JSON:
        return {}
    with found.open() as handle:
        try:
            value = json.loads(handle.read().decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


class Shelf:
    """Libraries for exercises that lack them: those of *packages*, then those in *shared*, looked into when needed."""

    def __init__(
        self, packages: Sequence[dict[str, Found]], shared: Path | None, room: Callable[[], Path]
    ) -> None:
        """*shared* holds unpacked libraries, .h5p packages, or both; *room* gives new folders of ours."""
        self._shared, self._room = shared, room
        self._known: dict[Key, Library] = {}
        for files in packages:
            self._add(libraries(files))

    def find(self, key: Key) -> Library | None:
        """The library *key*, or None. Raises UnreadableSource for the shared folder."""
        if key not in self._known and self._shared is not None:
            shared, self._shared = self._shared, None
            self._look_into(shared)
        return self._known.get(key)

    def _look_into(self, shared: Path) -> None:
        try:
            opened = open_source(shared, self._room())
        except EmptyPack:
            return
        self._add(libraries({found.path: found for found in opened.files}))
        for package in opened.files:
            if package.path.lower().endswith(".h5p"):
                try:
                    files, _ = unzip(package.location, self._room(), most=MAX_FILES, room=MAX_TOTAL)
                except BadInput:
                    continue  # one bad package of a shared folder takes nothing from the others
                self._add(libraries({found.path: found for found in files}))

    def _add(self, more: dict[Key, Library]) -> None:
        """Of one library in two patches the newer is kept."""
        for key, library in more.items():
            if key not in self._known or library.patch > self._known[key].patch:
                self._known[key] = library


def closure(
    roots: Iterable[Key], own: dict[Key, Library], shelf: Shelf
) -> tuple[dict[Key, Library], list[Key]]:
    """The libraries needed to run *roots*, and those that are found neither in *own* nor on the *shelf*."""
    needed: dict[Key, Library] = {}
    missing: dict[Key, None] = {}
    waiting = sorted(set(roots), reverse=True)
    while waiting:
        key = waiting.pop()
        if key in needed or key in missing:
            continue
        library = own.get(key) or shelf.find(key)
        if library is None:
            missing[key] = None
            continue
        needed[key] = library
        waiting += library.needs
        named = own.keys() - needed.keys() - set(waiting)
        waiting += sorted(_named_in_scripts(library, named))
    return needed, list(missing)


def _named_in_scripts(library: Library, others: Iterable[Key]) -> set[Key]:
    """Those of *others* whose folder the scripts and style sheets of *library* name."""
    wanted = {folder(key).encode(): key for key in others}
    found: set[bytes] = set()
    for name, file in library.files.items():
        if name.lower().endswith((".js", ".css")):
            with file.open() as handle:
                data = handle.read(_LOOK)
            found.update(_FOLDER.findall(data))
    return {wanted[name] for name in found & wanted.keys()}
