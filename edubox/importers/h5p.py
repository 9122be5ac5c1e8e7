"""H5P: an exercise is opened at its ``h5p.json``, with the libraries that play it and no others.

The player is shared by all lessons; libraries travel with the lesson, in folders named as the player looks for them.
The same library in ten exercises is one object on the box. What the exercise says is written beside it for the search.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from edubox.importers import html
from edubox.importers.container import MAX_AUTHORS, Container, kept_links
from edubox.importers.h5p_libraries import Key, Shelf, closure, folder, key_of, keys_of, libraries, spoken_key
from edubox.importers.h5p_words import Words, words_of
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of

DESCRIPTION = "h5p.json"
_CONTENT = "content/content.json"
_WORDS = "words.txt"
_MAX_DESCRIPTION, _MAX_CONTENT = 1024 * 1024, 16 * 1024 * 1024
#: Translations of the form in which authors fill in an exercise: half of a library's files, and no player reads them.
_EDITOR_S = "language/"
#: Libraries that a warning names; the author needs the first to go on.
_NAMED = 5
#: Libraries of one exercise; the largest kinds need 40.
_MOST = 200
_LICENCE_VERSION = re.compile(r"[1-4]\.[0-9]\Z")
_LICENCES = {"PD": "public domain", "CC PDM": "PDM-1.0", "CC0 1.0": "CC0-1.0", "GNU GPL": "GPL-3.0-or-later"}


def read(package: Container, workshop: Workshop, shelf: Shelf) -> Imported:
    """Import the opened *package*. Raises Unplayable if it has no exercise or libraries are missing everywhere."""
    described = _object(package, DESCRIPTION, _MAX_DESCRIPTION)
    said = words_of(_object(package, _CONTENT, _MAX_CONTENT))
    own = libraries(package.files)
    main = _main(package, described, own.keys())
    needed, missing = closure(
        [main, *keys_of(described.get("preloadedDependencies")), *_wanted(said)], own, shelf
    )
    if missing:
        names = ", ".join(map(spoken_key, missing[:_NAMED])) + (" …" if len(missing) > _NAMED else "")
        raise package.unplayable(
            Notice(
                "it comes without %(names)s; export it again with its libraries, or say where they are with --h5p-libraries",
                names=names,
            )
        )
    if len(needed) > _MOST:
        raise package.unplayable(Notice("it needs more than %(number)s libraries", number=_MOST))
    files = {
        name: found
        for name, found in package.files.items()
        if name == DESCRIPTION or name.startswith("content/")
    }
    for library in needed.values():
        for name, found in library.files.items():
            if not name.startswith(_EDITOR_S):
                files[f"{library.folder}/{name}"] = found
    if said.text:
        files[_WORDS] = workshop.write(said.text.encode())
    _warn_of_elsewhere(package, said, workshop)
    paths = workshop.place(package.path, files)
    return Imported(
        "h5p", paths[DESCRIPTION], title_of(_text(described, "title")) or spoken(workshop.given[package.path]),
        language=_language(described), text=paths.get(_WORDS), links=kept_links(said.links), licence=_licence(described),
        libs=tuple(sorted(f"{folder(key)}.{library.patch}" for key, library in needed.items())), authors=_authors(described),
    )  # fmt: skip


def _object(package: Container, name: str, limit: int) -> dict[str, Any]:
    data = package.data(name, limit)
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise package.unplayable(Notice("%(name)s in it is damaged", name=name))
    return value


def _text(described: dict[str, Any], key: str) -> str:
    value = described.get(key)
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else ""  # no lone surrogates


def _main(package: Container, described: dict[str, Any], own: Iterable[Key]) -> Key:
    """The library that the exercise is; its version is among the dependencies, in old packages only in its folder."""
    name = _text(described, "mainLibrary")
    known = [*keys_of(described.get("preloadedDependencies")), *sorted(own, reverse=True)]
    main = next((key for key in known if key[0] == name), None)
    if main is None:
        raise package.unplayable(
            Notice("it does not say what kind of exercise it is (%(name)s)", name=DESCRIPTION)
        )
    return main


def _wanted(said: Words) -> list[Key]:
    """The libraries that the content names, such as ``H5P.Blanks 1.14``."""
    found = []
    for name, _, version in (one.partition(" ") for one in said.libraries):
        major, _, minor = version.partition(".")
        if key := key_of({"machineName": name, "majorVersion": major, "minorVersion": minor}):
            found.append(key)
    return found


def _warn_of_elsewhere(package: Container, said: Words, workshop: Workshop) -> None:
    loaded = html.Names()
    for address in said.loads:
        loaded.add(address)
    package.warn_of_elsewhere(loaded, workshop)


def _language(described: dict[str, Any]) -> str | None:
    """Of the content; authors often leave that open, then of the words on its buttons."""
    for key in ("language", "defaultLanguage"):
        code = html.language_of(_text(described, key))
        if code and code != "und":
            return code
    return None


def _licence(described: dict[str, Any]) -> str | None:
    licence, version = _text(described, "license"), _text(described, "licenseVersion")
    if licence.startswith("CC BY"):
        return "-".join([licence.replace(" ", "-"), *([version] if _LICENCE_VERSION.match(version) else [])])
    return _LICENCES.get(licence)


def _authors(described: dict[str, Any]) -> tuple[str, ...]:
    authors = described.get("authors")
    named = authors[:MAX_AUTHORS] if isinstance(authors, list) else []
    return tuple(name for one in named if isinstance(one, dict) and (name := title_of(_text(one, "name"))))
