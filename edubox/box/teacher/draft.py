"""A draft as it is written down: what a teacher said of a lesson that nobody else sees yet.

``data/drafts/<id>/`` holds ``draft.json`` (this), ``files/`` (what the teacher gave, a source folder as an importer wants
it), ``staff/`` (for teachers only) and what a build made of them. A draft is a value: whoever wants another one makes it
with ``dataclasses.replace`` and hands it to ``drafts.change``. What a card or a backup brings back is read like anything
from outside: every value is checked and cut to size, and a wrong one is left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from edubox.errors import UnsafePath
from edubox.pack.names import check_path, printable

#: Characters of a title and a short text, of a description, of a name; members of a list.
TITLE, TEXT, NAME, LISTED = 200, 2000, 100, 50
#: Entries of a table of contents.
MAX_ENTRIES = 2000
IDENT = re.compile(r"[a-z2-7]{26}\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table of contents: the file *path* opens, or, without one, a heading over the lines below it.

    An empty *title* is the one that is found in the file.
    """

    path: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A lesson that is being made. *owner* is the id of a person; times are seconds since 1970 (UTC)."""

    id: str
    owner: int
    title: str = ""
    language: str = ""
    description: str = ""
    levels: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    licence: str = ""
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    #: ISO 8601 (``PT45M``), or empty.
    duration: str = ""
    #: Path in ``files/`` of the picture on its card; empty: one is looked for.
    cover: str = ""
    #: The teacher's order; empty: what is found, in the order in which it is found.
    entries: tuple[Entry, ...] = ()
    #: Files that the teacher took out of the table of contents; they stay in ``files/``.
    aside: tuple[str, ...] = ()
    #: The lesson of which it is a changed copy, ``<publisher>/<slug>``.
    based_on: str = ""
    #: One line on what is new in this version.
    note: str = ""
    #: Name of the lesson once it was given; the next time is a new version of it.
    slug: str = ""
    #: Opens its preview; empty: nobody asked for one.
    token: str = ""
    #: Grows with every change: whoever changes an older one is told.
    version: int = 0
    made: int = 0
    changed: int = 0
    #: When it was thrown away; 0: it was not.
    thrown: int = 0


_NUMBERS = ("owner", "version", "made", "changed", "thrown")
_LISTS = ("levels", "subjects", "authors", "keywords")
_LENGTHS = {"description": TEXT, "slug": 63, "language": 35, "licence": NAME, "duration": 35}


def one_line(text: object, longest: int = TITLE) -> str:
    """*text* on one line, without what no page shows, at most *longest* characters; not a text: empty."""
    if not isinstance(text, str):
        return ""
    plain = printable(" ".join(unicodedata.normalize("NFC", text[: 4 * longest]).split()))
    return plain[:longest].strip()


def some_lines(text: object, longest: int = TEXT) -> str:
    """*text* with its lines, without what no page shows, at most *longest* characters; not a text: empty."""
    if not isinstance(text, str):
        return ""
    lines = (
        unicodedata.normalize("NFC", text[: 4 * longest])
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .split("\n")
    )
    return "\n".join(printable(line.replace("\t", "    ")) for line in lines)[:longest].strip()


def title_of_file(name: str) -> str:
    """What a lesson is called that is made of the file or the folder *name*."""
    first, slash, _ = name.replace("\\", "/").lstrip("/").partition("/")
    stem = first if slash else first.rpartition(".")[0] or first
    return " ".join(stem.replace("_", " ").split())


def safe_path(path: object) -> str:
    """*path* if it can be one of a file in the draft, else empty."""
    if not isinstance(path, str) or not path:
        return ""
    try:
        return check_path(path)
    except UnsafePath:
        return ""


def cut(draft: Draft) -> Draft:
    """*draft* with every text and list of a size that pages and lessons hold."""
    texts = {
        field.name: one_line(getattr(draft, field.name), _LENGTHS.get(field.name, TITLE))
        for field in fields(Draft)
        if field.type == "str" and field.name not in {"id", "description", "cover", "token"}
    }
    lists = {
        name: tuple(filter(None, (one_line(one, NAME) for one in getattr(draft, name)[:LISTED])))
        for name in _LISTS
    }
    entries = tuple(
        Entry(safe_path(one.path), one_line(one.title))
        for one in draft.entries[:MAX_ENTRIES]
        if one.path or one.title
    )
    kept: dict[str, Any] = texts | lists
    return replace(
        draft, **kept, description=some_lines(draft.description), cover=safe_path(draft.cover), entries=entries,
        aside=tuple(filter(None, map(safe_path, draft.aside[:MAX_ENTRIES]))),
    )  # fmt: skip


def written(draft: Draft) -> dict[str, Any]:
    """*draft* as JSON holds it."""
    return {"format": 1} | {
        key: [asdict(one) for one in value]
        if key == "entries"
        else list(value)
        if isinstance(value, tuple)
        else value
        for key, value in ((field.name, getattr(draft, field.name)) for field in fields(Draft))
    }


def understood(ident: str, value: Any) -> Draft:
    """The draft *ident* that a JSON *value* tells. Raises ValueError if it tells none at all."""
    if not isinstance(value, dict) or value.get("format") != 1:
        raise ValueError("no draft")
    known: dict[str, Any] = {}
    for field in fields(Draft):
        said = value.get(field.name)
        if field.name in _NUMBERS:
            known[field.name] = said if isinstance(said, int) and said >= 0 else 0
        elif field.type == "str":
            known[field.name] = said if isinstance(said, str) else ""
        elif field.name == "entries":
            told = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
            known[field.name] = tuple(
                Entry(str(one.get("path", "")), str(one.get("title", ""))) for one in told
            )
        else:
            known[field.name] = (
                tuple(one for one in said if isinstance(one, str)) if isinstance(said, list) else ()
            )
    token = known["token"] if IDENT.match(known["token"]) else ""
    return cut(Draft(**known | {"id": ident, "token": token}))
