"""SVG drawings without what could act: no scripts, no event handlers, no pages inside, nothing from other places.

A drawing that holds none of it keeps its bytes. Another is written again from its elements. One that cannot be read, or is
written with entities, is refused: which browser would make what of it, nobody knows.
"""

from __future__ import annotations

import re
from html import escape
from typing import NoReturn
from xml.parsers import expat

_ACTS = frozenset({
    "script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "audio", "video", "html", "link", "meta",
})  # fmt: skip
_LEADS = frozenset({"href", "src", "from", "to", "values", "by"})
_PICTURE = re.compile(r"\s*data:image/(?:png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_STYLE_LEADS = re.compile(
    r"@import|expression\s*\(|javascript:|url\(\s*[\"']?\s*(?!#|data:image/(?:png|jpeg|gif|webp))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[\s\x00-\x20]*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_MAX_DEPTH = 256


class _Unsafe(ValueError):
    """A drawing that is not read."""


def cleaned(data: bytes) -> bytes | None:
    """The drawing *data*, the same bytes if nothing in it acts; None if it cannot be read."""
    writer = _Writer()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = writer.start, writer.end
    parser.CharacterDataHandler, parser.ProcessingInstructionHandler = writer.words, writer.instruction
    parser.EntityDeclHandler = parser.AttlistDeclHandler = parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        return None
    if writer.root != "svg":
        return None
    if not writer.changed:
        return data
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(writer.out)).encode("utf-8", "replace")


def _refuse(*_: object) -> NoReturn:
    raise _Unsafe


class _Writer:
    """Writes the drawing again without what acts; *changed* says whether there was any."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.root, self.changed = "", False
        self._depth = self._unseen = self._styles = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Unsafe
        self.root = self.root or local
        if self._unseen or local in _ACTS:
            self._unseen += 1
            self.changed = True
            return
        kept = {key: value for key, value in attributes.items() if _harmless(key, value)}
        self.changed = self.changed or len(kept) < len(attributes)
        self._styles += local == "style"
        self.out.append(
            f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in kept.items()) + ">"
        )

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._unseen:
            self._unseen -= 1
            return
        self._styles -= name.rpartition(":")[2].lower() == "style"
        self.out.append(f"</{name}>")

    def words(self, text: str) -> None:
        if self._unseen:
            return
        if self._styles and ("\\" in text or _STYLE_LEADS.search(text)):
            self.changed = True
            return
        self.out.append(escape(text, quote=False))

    def instruction(self, *_: object) -> None:
        self.changed = True


def _harmless(name: str, value: str) -> bool:
    """Whether the attribute *name* of some element neither acts nor leads out of the drawing."""
    if name.startswith("xmlns"):
        return True
    local = name.rpartition(":")[2].lower()
    if local.startswith("on") or local == "base":
        return False
    if local == "attributename":  # an animation may change what is checked here
        return not value.strip().lower().rpartition(":")[2].startswith(("href", "on"))
    if local in {"href", "src"}:
        return value.strip().startswith("#") or _PICTURE.match(value) is not None
    if local in _LEADS:
        return _SCHEME.match(value) is None
    return not _STYLE_LEADS.search(value)
