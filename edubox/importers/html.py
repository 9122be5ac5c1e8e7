"""Web pages: shown as they are. Read for their title, their language and where their references lead.

What a page loads from another site stays blank in a school without a line, so its author is told at once.
``scan`` and ``follow`` serve the importers too that make pages themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from edubox.importers.notices import Detail, Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.pack.canonical import nfc
from edubox.pack.manifest import is_text
from edubox.pack.markup import MarkupReader
from edubox.pack.media_types import extension
from edubox.pack.text import decode

#: Bytes of a page that are looked at; longer pages work, their tail is only not searched for references.
LOOK = 4 * 1024 * 1024
#: Addresses kept for one document: what a manifest holds.
MAX_LINKS = 1000
_NAMED = 3
#: Characters of a title or heading after which the rest of it is not read.
_LONGEST_TITLE = 1000
EXTENSIONS = ("html", "htm", "xhtml")
DOCUMENTS = frozenset({*EXTENSIONS, "md", "markdown", "ipynb", "pdf", "epub", "h5p", "gift"})
#: (tag, attribute) through which a page loads something.
_LOADS = frozenset({
    ("img", "src"), ("source", "src"), ("video", "src"), ("video", "poster"), ("audio", "src"), ("track", "src"),
    ("script", "src"), ("link", "href"), ("iframe", "src"), ("frame", "src"), ("embed", "src"),
    ("object", "data"), ("image", "href"), ("image", "xlink:href"), ("use", "href"), ("use", "xlink:href"),
    ("input", "src"),
})  # fmt: skip
_LOADING_RELS = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"})
#: A document that has no first-level heading often begins with one of the second.
_HEADINGS = ("h1", "h2", "h3")
_FOLLOWS = frozenset({("a", "href"), ("area", "href")})
_REFRESH = re.compile(r"\s*\d+\s*[;,]\s*(?:url\s*=)?\s*['\"]?([^'\"]+)", re.IGNORECASE)
CSS_LOADS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z", re.IGNORECASE)
_NO_TITLES = frozenset(
    {"", "document", "untitled", "untitled document", "sans titre", "index", "title", "new page"}
)


@dataclass(slots=True)
class Scan:
    """What a page says: its title, highest heading and language, and its references in order."""

    title: str = ""
    heading: str = ""
    language: str | None = None
    loads: list[str] = field(default_factory=list)
    follows: list[str] = field(default_factory=list)


def read(path: str, workshop: Workshop) -> Imported:
    """Import the page *path*."""
    found = scan(decode(workshop.data(path, LOOK), page=True, cut=workshop.files[path].size > LOOK))
    uses, leads_to, links = follow(path, found, workshop)
    title = found.title if found.title.casefold() not in _NO_TITLES else found.heading
    return Imported(
        "html", path, title or spoken(path), found.language, links=links, uses=uses, leads_to=leads_to
    )


def scan(text: str) -> Scan:
    """Read the page *text*; never fails, a broken page just says less."""
    scanner = _Scanner()
    scanner.read(text)
    found = scanner.found
    found.title = title_of(scanner.texts.get("title", ""))
    found.heading = next(filter(None, (title_of(scanner.texts.get(tag, "")) for tag in _HEADINGS)), "")
    return found


def follow(
    page: str, found: Scan, workshop: Workshop, *, rewritten: bool = False
) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Where the references of *page* lead: files it uses, documents it leads to, addresses elsewhere.

    Warns of what will not show: other sites, files that are not there or are called differently now, unless
    the references are *rewritten* to where the files are.
    """
    uses: dict[str, None] = {}
    leads_to: dict[str, None] = {}
    outside, missing = Names(), Names()
    links: dict[str, None] = {}
    for reference, loaded in [(one, True) for one in found.loads] + [(one, False) for one in found.follows]:
        if is_external(reference):
            if is_text(nfc(reference)):
                links[nfc(reference)] = None
            if loaded:
                outside.add(reference)
        elif not reference.startswith("#") and not _SCHEME.match(reference):
            target = workshop.target(page, reference)
            if target is None:
                similar = workshop.similar(page, reference)
                if similar or loaded:
                    missing.add(_renamed(reference, similar) if similar else reference)
                continue
            if not rewritten and not workshop.arrives(page, reference, target):
                missing.add(Notice("%(wanted)s (now called %(name)s)", wanted=reference, name=target))
            if loaded or extension(target) not in DOCUMENTS:
                uses[target] = None
            else:
                leads_to[target] = None
    if outside:
        workshop.warn(elsewhere(page, outside))
    if missing:
        workshop.warn(
            Notice(
                "%(page)s wants %(what)s, which is not in the lesson under that name.",
                page=page,
                what=missing.said(),
            )
        )
    leads_to.pop(page, None)
    return frozenset(uses), tuple(leads_to), tuple(links)[:MAX_LINKS]


def elsewhere(page: str, loaded: Names) -> Notice:
    """What is said of a document that loads from other sites what it then will not show."""
    return Notice(
        "%(page)s wants %(what)s from another site and will not show it here.", page=page, what=loaded.said()
    )


def is_external(reference: str) -> bool:
    """Whether *reference* leads to another site."""
    return reference[:8].lower().startswith(("http://", "https://", "//"))


def plain(markup: str) -> str:
    """The words of *markup* without tags; its blocks on lines of their own, pictures as their descriptions."""
    reader = _Words()
    reader.read(markup)
    lines = "".join(reader.said).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def language_of(value: str) -> str | None:
    """*value* as a language code of the manifest, or None."""
    value = value.strip().replace("_", "-")
    if not _LANGUAGE.match(value):
        return None
    first, hyphen, rest = value.partition("-")
    return first.lower() + hyphen + rest


class Names:
    """Some names for a sentence: the first few, and how many more."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def add(self, name: str) -> None:
        """One more name; the same twice is one."""
        self._names[name if isinstance(name, Notice) or len(name) <= 120 else name[:119] + "…"] = None

    def __bool__(self) -> bool:
        return bool(self._names)

    def said(self) -> Detail:
        """The names as a detail of a notice."""
        first, more = list(self._names)[:_NAMED], len(self._names) - _NAMED
        return Notice("%(names)s and %(number)s more", names=first, number=more) if more > 0 else first


def _renamed(reference: str, similar: str) -> Notice:
    return Notice("%(wanted)s (the file is called %(name)s)", wanted=reference, name=similar)


class _Scanner(MarkupReader):
    def __init__(self) -> None:
        super().__init__()
        self.found = Scan()
        #: Words of the first title and of the first heading of each level.
        self.texts: dict[str, str] = {}
        self._inside: str | None = None

    def loads_of_style(self, style: str) -> None:
        """Take what the style sheet *style* loads."""
        self.found.loads += CSS_LOADS.findall(style)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        self.loads_of_style(known.get("style", ""))
        if tag == "html" and (said := known.get("lang") or known.get("xml:lang")):
            self.found.language = language_of(said)
        elif tag == "style" or (tag in {"title", *_HEADINGS} and tag not in self.texts):
            self._inside = tag
        elif (
            tag == "meta"
            and known.get("http-equiv", "").lower() == "refresh"
            and (target := _REFRESH.match(known.get("content", "")))
        ):
            self.found.follows.append(target[1].strip())
        if tag == "link" and not _LOADING_RELS & set(known.get("rel", "").lower().split()):
            return
        for name, value in known.items():
            reference = value.strip()
            if not reference:
                continue
            if (tag, name) in _LOADS:
                self.found.loads.append(reference)
            elif (tag, name) in _FOLLOWS:
                self.found.follows.append(reference)
            elif name == "srcset":
                self.found.loads += [one.split()[0] for one in reference.split(",") if one.split()]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.loads_of_style(data)
        elif self._inside and len(said := self.texts.get(self._inside, "")) < _LONGEST_TITLE:
            self.texts[self._inside] = said + data


class _Words(MarkupReader):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen = tag in {"script", "style"}
        if tag in {"p", "div", "br", "li", "tr", *_HEADINGS}:
            self.said.append("\n")
        self.said += [value for name, value in attrs if name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._unseen = False

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(data.replace("\n", " "))
