"""What a lesson says, in passages of about 600 words, for the search.

The text is read out of the lesson's own pages; formats that need a heavy library carry their text in a file
of their own (``item.text``). A page that is no part by itself belongs to the part beside whose pages it lies.
``texts`` lists what there is to read, each with a key, so that a correction of one page costs the reading of
one page; ``passages`` reads. Files are read one at a time and cut at a limit: a strange lesson costs a
synchronisation neither its memory nor its night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edubox.pack.manifest import Manifest
from edubox.pack.markup import MarkupReader
from edubox.pack.text import decode
from edubox.pages.contents import parts
from edubox.pages.model import Part
from edubox.pages.stems import stems

#: Words of a passage: a snippet from one takes 6 ms, from a whole page 50 (field notes §2).
WORDS = 600
#: Characters of a passage, for writing without spaces.
CHARACTERS = 6000
#: Bytes of one file that are read, and passages of one lesson.
LOOK, MOST = 4 * 1024 * 1024, 20_000
#: Characters of a title after which the rest of it is not read.
_LONGEST_TITLE = 1000
_PAGES = {"text/html", "application/xhtml+xml"}
#: What is no part of what a page says; links to other pages say what those say.
_UNSEEN = {"script", "style", "template", "noscript", "head", "nav"}
#: An author may keep these from answers of the search, with the attribute that keeps them from search engines' snippets.
_KEPT_BACK, _MAY_BE_KEPT_BACK = "data-nosnippet", {"button", "details", "div", "section", "span"}
_FLOWING = {
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var", "wbr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One file to read, or with an empty *path* the *said* words. *key* changes when its passages would.

    *part* is 0 for what is said of the whole lesson; *file* is the page inside the part, or empty.
    """

    key: bytes
    part: int
    file: str
    title: str
    path: str = ""
    said: str = ""
    page: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text, and the stems that its own words would not give."""

    title: str
    body: str
    stems: str


def beginning(text: str, longest: int) -> str:
    """How *text* begins, on one line of about *longest* characters that ends with a whole word."""
    shown = text[:longest].replace("\n", " ")
    return f"{shown.rpartition(' ')[0] or shown} …" if len(text) > longest else shown


def texts(manifest: Manifest) -> Iterator[Text]:
    """What there is to read in a lesson; nothing is read yet."""
    said = [manifest.metadata.get("description", ""), " · ".join(manifest.metadata.get("keywords", []))]
    yield _text(manifest, "", Text(b"", 0, "", "", said="\n".join(said).strip()))
    opened = [part for part in parts(manifest) if part.number]
    entries = {part.path: part for part in reversed(opened)}
    extracted = {item.entry: item.text for item in manifest.items() if item.text}
    for part in opened:
        source = extracted.get(part.path) or (part.path if part.media_type == "text/plain" else None)
        if source:
            yield _text(manifest, source, Text(b"", part.number, "", part.title, source))
    for file in manifest.files:
        if file.type not in _PAGES or not opened:
            continue
        own = entries.get(file.path)
        part = own or _beside(file.path, opened)
        inside = "" if own else file.path
        yield _text(manifest, file.path, Text(b"", part.number, inside, part.title, file.path, page=True))


def _text(manifest: Manifest, path: str, text: Text) -> Text:
    """*text* with the key of everything that its passages are made of."""
    file = manifest.file(path)
    made_of = (
        path,
        file.sha256 if file else text.said,
        text.title,
        text.file,
        manifest.name,
        manifest.language,
    )
    key = hashlib.sha256("\0".join(made_of).encode()).digest()[:16]
    return replace(text, key=key)


def passages(text: Text, manifest: Manifest, tree: Path) -> Iterator[Passage]:
    """Read *text*, one of ``texts(manifest)``, where the lesson's files lie in *tree*."""
    language = manifest.language.partition("-")[0].lower()
    title, pieces = text.title, iter([text.said])
    if text.path:
        body = _content(tree / text.path)
        if text.page:
            own, body = page_text(body)
            title = own if text.file and own else title
        pieces = cut(body)
    heading = manifest.name if title in {"", manifest.name} else f"{title} – {manifest.name}"
    for piece in pieces:
        yield Passage(heading, piece, stems(f"{heading} {piece}", language))


def page_text(html: str) -> tuple[str, str]:
    """Title and text of an HTML page, blocks on lines of their own."""
    reader = _Reader()
    reader.read(html)
    return " ".join(reader.title.split()), reader.text()


def cut(text: str) -> Iterator[str]:
    """*text* in passages that end with a line where they can."""
    piece: list[str] = []
    count = size = 0
    for line in _lines(text):
        length = line.count(" ") + 1
        if piece and (count + length > WORDS or size + len(line) > CHARACTERS):
            yield "\n".join(piece)
            piece, count, size = [], 0, 0
        piece.append(line)
        count, size = count + length, size + len(line)
    if piece:
        yield "\n".join(piece)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = line.split()
        for at in range(0, len(words), WORDS):
            said = " ".join(words[at : at + WORDS])
            yield from (said[begin : begin + CHARACTERS] for begin in range(0, len(said), CHARACTERS))


def _content(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return decode(handle.read(LOOK), page=True)
    except OSError:
        return ""  # still on its way


def _beside(path: str, opened: list[Part]) -> Part:
    """The part whose file shares most folders with *path*, the first of several."""
    folders = path.split("/")[:-1]

    def shared(part: Part) -> int:
        theirs = part.path.split("/")[:-1]
        pairs = zip(folders, theirs, strict=False)
        return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(folders), len(theirs)))

    return max(opened, key=shared)


class _Reader(MarkupReader):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self._said: list[str] = []
        self._unseen: list[str] = []
        self._in_title = False

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._said).split("\n"))
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"body", "main", "p", "h1"} and "head" in self._unseen:
            self._unseen.clear()  # a head that was never closed
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag in _UNSEEN or (tag in _MAY_BE_KEPT_BACK and any(name == _KEPT_BACK for name, _ in attrs)):
            self._unseen.append(tag)
        elif tag not in _FLOWING:
            self._said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        elif tag not in _FLOWING:
            self._said.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data if len(self.title) < _LONGEST_TITLE else ""
        elif not self._unseen:
            # A line's end in the source is a space.
            self._said.append(" ".join(data.split("\n")))
