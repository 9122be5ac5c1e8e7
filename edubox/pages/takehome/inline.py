"""One page of a lesson, with everything that it shows inside: pictures, styles, scripts and fonts as ``data:`` addresses.

The page's own text is changed in as few places as can be: attributes that name a file of the lesson, and ``url(…)`` in styles.
It is scanned and not parsed, in one pass whose time grows with the text alone, whatever a hostile page writes: a tag is what
stands between ``<`` and ``>`` with no ``<`` in between. What is no tag but looks like one, in a script's text say, is changed in
the same way and means the same.

Films stay outside, and so does what is too large; what points outside the lesson points nowhere, since at home there may be no
network and the page must not ask for one.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edubox.errors import EduboxError
from edubox.pack.media_types import media_type
from edubox.pack.names import check_path
from edubox.pack.text import decode
from edubox.pages.kinds import PAGE_TYPES
from edubox.pages.takehome.assembly import Base64, Piece

#: Bytes of one page, of one stylesheet, and of one picture, sound or font that is taken along.
MOST_PAGE, MOST_STYLE, MOST_FILE = 8_000_000, 2_000_000, 8_000_000
#: How deep styles import styles, and pages frame pages; bytes that such inner files take in all, since they are in memory.
_DEEPEST, _MOST_INNER = 4, 16_000_000
_TAG = re.compile(
    r"<(?P<name>[A-Za-z][A-Za-z0-9:-]*+)(?P<rest>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    r"(?P<style>(?<=>)[^<]*+(?=</style))?",
    re.IGNORECASE,
)
#: A name without a value is taken as well, or it would be looked at again from each of its letters.
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")
_LOADING = re.compile("stylesheet|icon", re.IGNORECASE)
_URL = re.compile(r"""url\(\s*+("[^"\n]*+"|'[^'\n]*+'|[^"'()\s]++)\s*+\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""@import\s++("[^"\n]*+"|'[^'\n]*+')""", re.IGNORECASE)
#: Files of the lesson that the whole may name: each is looked for on the card.
_MOST_NAMED = 20_000
#: Attributes that name what a page shows; of other tags only those that name a picture.
_SHOWN = {"src", "poster", "data", "background", "srcset", "imagesrcset"}
_LINKS = {"a", "area"}
#: Sounds up to this size are taken along: a word spoken, not a lecture.
_SMALL_SOUND = 1_000_000
#: What a tag names when there is nothing to name: nothing is asked for, nothing is shown.
_NOTHING = "data:,"


Chunk = str | bytes | Base64


class Inliner:
    """Pages of the lesson in *tree*. *page_at* is the address of another page of it, in the whole, or None."""

    def __init__(self, tree: Path, page_at: Callable[[str], str | None]) -> None:
        self._tree, self._page_at = tree, page_at
        self._styles: dict[str, bytes] = {}
        self._room, self._named = _MOST_INNER, 0

    def page(self, path: str) -> Iterator[Chunk]:
        """The page *path* in pieces of text, of bytes that are an address already, and of files; nothing if it is not there."""
        yield from self._page(path, 0)

    def _page(self, path: str, depth: int) -> Iterator[Chunk]:
        text, at = self._text(path, MOST_PAGE), 0
        if media_type(path) == "text/plain":
            text = f"<pre>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
        for match in _TAG.finditer(text):
            name = match["name"].lower()
            if name == "base":
                yield text[at : match.start()]
                at = match.end()
                continue
            begin = match.start("rest")
            loads = name != "link" or _loads(match["rest"])
            for attribute in _ATTRIBUTE.finditer(match["rest"]):
                new = self._attribute(
                    name, attribute[1].lower(), attribute[2] or "", path, depth, loads=loads
                )
                if new is not None:
                    yield text[at : begin + attribute.start()]
                    yield from new
                    at = begin + attribute.end()
            if name == "style" and match["style"]:
                yield text[at : match.start("style")]
                yield self._styled(match["style"], path, depth)
                at = match.end("style")
        yield text[at:]

    def _attribute(
        self, tag: str, key: str, written: str, path: str, depth: int, *, loads: bool
    ) -> list[Chunk] | None:
        """What takes the place of an attribute; None if it stays as it is. *loads*: the tag shows what it names."""
        value = unescape(written.strip("\"'")).strip()
        if key == "style" and "url(" in value.lower():
            return ["style=", _quoted(self._styled(value, path, depth))]
        if tag in _LINKS and key in {"href", "xlink:href"}:
            return self._link(key, value, path)
        named = key in _SHOWN or (
            key in {"href", "xlink:href"} and tag in {"link", "image", "use", "feimage"}
        )
        if not named or value.startswith(("data:", "#", "blob:", "about:")):
            return None
        if key.endswith("srcset"):
            return []  # the picture's src is its plain form
        if not loads:
            return []
        return [f'{key}="', *self._file(value, path, depth, frame=tag in {"iframe", "frame"}), '"']

    def _link(self, key: str, value: str, path: str) -> list[Chunk] | None:
        if value.startswith(("#", "mailto:", "tel:")):
            return None
        found = self._inside(value, path)
        there = self._page_at(found) if found else None
        if there is not None:
            return [f"{key}=", _quoted(there)]
        # A link that leads nowhere is no link; where it would have led can still be read by whoever wants to know.
        return ["title=", _quoted(value)] if value else []

    def _file(self, value: str, path: str, depth: int, *, frame: bool) -> list[Chunk]:
        """The address, without quotes, of the file that *value* names on the page *path*."""
        found = self._inside(value, path)
        size = self._size(found)
        if found is None or size is None or depth >= _DEEPEST or self._room < 0:
            return [_NOTHING]
        kind = media_type(found)
        if kind == "text/css":
            return [self._style(found, depth + 1)]
        if frame and kind in PAGE_TYPES:
            return [_data("text/html", self._whole(self._page(found, depth + 1)))]
        most = _SMALL_SOUND if kind.startswith("audio/") else MOST_FILE
        if kind.startswith("video/") or size > most:
            return [_NOTHING]
        fragment = urlsplit(value).fragment
        return [f"data:{kind};base64,", Base64(self._tree / found, size), f"#{fragment}" if fragment else ""]

    def _style(self, path: str, depth: int) -> bytes:
        """A stylesheet with what it names inside, as an address; all pages share its bytes."""
        if path not in self._styles:
            self._styles[path] = _NOTHING.encode()  # for one that imports itself
            self._styles[path] = _data("text/css", self._styled(self._text(path, MOST_STYLE), path, depth))
        return self._styles[path]

    def _styled(self, text: str, path: str, depth: int) -> str:
        def address(match: re.Match[str]) -> str:
            value = match[1].strip("\"'")
            if value.startswith(("data:", "#")):
                return match[0]
            return f'url("{self._whole(iter(self._file(value, path, depth, frame=False)))}")'

        return _URL.sub(address, _IMPORT.sub(lambda match: f"@import url({match[1]})", text))

    def _whole(self, pieces: Iterator[Chunk]) -> str:
        """*pieces* as one text, as long as there is room for such."""
        found = []
        for piece in pieces:
            self._room -= piece.length if isinstance(piece, Base64) else len(piece)
            if self._room < 0:
                return _NOTHING
            if isinstance(piece, Base64):
                found.append(base64.b64encode(piece.path.read_bytes()).decode())
            else:
                found.append(piece.decode() if isinstance(piece, bytes) else piece)
        return "".join(found)

    def _inside(self, value: str, path: str) -> str | None:
        """As ``inside``, as long as the whole has not named too much."""
        self._named += 1
        return inside(value, path) if self._named <= _MOST_NAMED else None

    def _text(self, path: str, most: int) -> str:
        try:
            with (self._tree / path).open("rb") as handle:
                return decode(handle.read(most), page=True)
        except OSError:
            return ""  # still on its way

    def _size(self, path: str | None) -> int | None:
        try:
            return None if path is None else (self._tree / path).stat().st_size
        except OSError:
            return None


def attribute(pieces: Iterator[Chunk]) -> Iterator[Piece]:
    """*pieces* of a page as the value of an attribute in double quotes, in which no tag can be seen to begin or end."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").encode()
        else:
            yield piece


def inside(value: str, path: str) -> str | None:
    """The file of the lesson that *value* names on the page *path*; None for what is outside."""
    try:
        parts = urlsplit(value)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        return check_path(posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))))
    except (ValueError, EduboxError):
        return None


def _loads(rest: str) -> bool:
    """Whether a ``<link>`` with the attributes *rest* names what its page shows."""
    rels = (one[2] for one in _ATTRIBUTE.finditer(rest) if one[2] and one[1].lower() == "rel")
    return any(map(_LOADING.search, rels))


def _quoted(value: str) -> str:
    escaped = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'"{escaped}"'


def _data(kind: str, text: str) -> bytes:
    return f"data:{kind};charset=utf-8;base64,".encode() + base64.b64encode(text.encode())
