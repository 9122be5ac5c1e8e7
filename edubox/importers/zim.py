"""ZIM, the format of whole sites for reading without a line (Wikipedia, Wiktionary …): opened, it is one part that begins
at its main page, and the search reads all its articles.

Articles become files of their own below ``<name>.d``, so that a newer edition costs only the articles that changed. Those
whose address has no ending get ``.html``, and links, also those through redirects, are led to where the files now are.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, unquote

from edubox.errors import BadArchive, Bomb, UnsafePath
from edubox.importers.container import Container
from edubox.importers.containers import reason
from edubox.importers.html import LOOK, language_of
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.importers.zim_archive import Zim, ZimEntry, blobs, open_zim
from edubox.pack.archive import open_regular
from edubox.pack.canonical import nfc
from edubox.pack.manifest import MAX_FILES
from edubox.pack.media_types import extension
from edubox.pack.naming import safe_paths
from edubox.pack.opening import MAX_RATIO, MAX_TOTAL, RATIO_ABOVE, Found
from edubox.pack.text import decode

EXTENSIONS = ("zim",)
_OLD_SPACES, _NEW_SPACES = frozenset("AIJ-"), frozenset("C")
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_METADATA = {"Title", "Language", "Description", "License"}
_MAX_METADATA = 4096
_HOPS = 8
_LINK = re.compile(
    r"""(\s(?:href|src|poster)\s{0,9}=\s{0,9})(?:"([^"]{0,3000})"|'([^']{0,3000})')""", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}:|//|#", re.IGNORECASE)
#: Three letters of ISO 639-3, which archives write, → the two of our manifests.
_LANGUAGES = {
    "fra": "fr",
    "fre": "fr",
    "eng": "en",
    "spa": "es",
    "por": "pt",
    "ara": "ar",
    "deu": "de",
    "ita": "it",
}


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the archive *path*, or warn and give None if it cannot be opened: it stays a download."""
    into = workshop.folder()
    try:
        with open_regular(workshop.files[path].location) as file:
            zim = open_zim(file, path, workshop.files[path].size)
            return _opened(path, zim, into, workshop)
    except (BadArchive, Bomb, UnsafePath) as error:
        shutil.rmtree(into)
        workshop.warn(
            Notice("%(path)s is offered as a download only: %(reason)s.", path=path, reason=reason(error))
        )
        return None


def _opened(path: str, zim: Zim, into: Path, workshop: Workshop) -> Imported:
    names = _names(zim)
    if len(names) + len(workshop.files) > MAX_FILES:
        why = Notice("it holds %(number)s pages and pictures, a lesson at most %(most)s: choose a smaller edition",
                     number=len(names), most=MAX_FILES)  # fmt: skip
        raise BadArchive(path=path, reason=why)
    main = _main(zim, names)
    found, said = _unpacked(zim, names, into)
    paths = workshop.place(path, found)
    lead = _Leader(zim, names, paths)
    for number, name in names.items():
        if zim.entries[number].type.partition(";")[0] in _PAGES and found[name].size <= LOOK:
            _relink(number, found[name].location, lead)
            workshop.files[paths[name]] = Found(
                paths[name], found[name].location, found[name].location.stat().st_size
            )
    links = Container(path, "zim", {name: workshop.files[paths[name]] for name in found}).links(workshop)
    title = title_of(said.get("Title", "")) or spoken(workshop.given[path])
    workshop.drop(path)
    return Imported(
        "html", paths[names[main]], title, language=_language(said.get("Language", "")), links=links,
        licence=title_of(said.get("License", "")) or None,
    )  # fmt: skip


def _names(zim: Zim) -> dict[int, str]:
    """Number of each entry that is content → its name in the lesson."""
    spaces = _NEW_SPACES if zim.new else _OLD_SPACES
    wanted: dict[int, str] = {}
    for number, entry in enumerate(zim.entries):
        if entry.redirect is not None or entry.space not in spaces:
            continue
        parts = [one for one in entry.url.split("/") if one not in {"", ".", ".."}]
        name = "/".join(parts if zim.new else [entry.space.replace("-", "_"), *parts])
        if entry.type.partition(";")[0] in _PAGES and extension(name) not in {"html", "htm", "xhtml"}:
            name += ".html"
        wanted[number] = nfc(name) or "page.html"
    return dict(zip(wanted, safe_paths(list(wanted.values())), strict=True))


def _main(zim: Zim, names: dict[int, str]) -> int:
    """The number of the page to begin with: the one that is named, else the first there is."""
    named = _followed(zim, zim.main)
    pages = (one for one in names if zim.entries[one].type.partition(";")[0] in _PAGES)
    main = named if named in names else next(pages, None)
    if main is None:
        raise BadArchive(path=zim.name, reason=Notice("it has no page to read"))
    return main


def _followed(zim: Zim, number: int | None) -> int | None:
    """The entry at the end of redirects, or None if they lead nowhere."""
    for _ in range(_HOPS):
        if number is None or number >= len(zim.entries):
            return None
        if zim.entries[number].redirect is None:
            return number
        number = zim.entries[number].redirect
    return None


def _unpacked(zim: Zim, names: dict[int, str], into: Path) -> tuple[dict[str, Found], dict[str, str]]:
    """Write the entries of *names* into the folder *into*: name → file; and what the archive says of itself."""
    by_cluster: dict[int, dict[int, list[int]]] = {}
    for number, entry in enumerate(zim.entries):
        if number in names or _is_metadata(entry):
            by_cluster.setdefault(entry.cluster, {}).setdefault(entry.blob, []).append(number)
    found: dict[str, Found] = {}
    said: dict[str, str] = {}
    room = min(MAX_TOTAL, max(RATIO_ABOVE, MAX_RATIO * zim.size))
    for cluster, numbers in sorted(by_cluster.items()):
        for blob, pieces in blobs(zim, cluster, set(numbers)):
            target = into / f"{cluster}-{blob}"
            size = 0
            with target.open("xb") as out:
                for piece in pieces:
                    size += len(piece)
                    if size > room:
                        raise Bomb(path=zim.name, reason="it unpacks too far")
                    out.write(piece)
            room -= size
            for number in numbers[blob]:
                if number in names:
                    found[names[number]] = Found(names[number], target, size)
                elif size <= _MAX_METADATA:
                    said[zim.entries[number].url] = decode(target.read_bytes())
    return {name: found[name] for name in names.values()}, said


def _is_metadata(entry: ZimEntry) -> bool:
    return entry.space == "M" and entry.url in _METADATA and entry.redirect is None


class _Leader:
    """Where the links of an archive lead in the lesson."""

    def __init__(self, zim: Zim, names: dict[int, str], paths: dict[str, str]) -> None:
        self._zim, self._names, self._paths = zim, names, paths
        self._numbers = {(entry.space, entry.url): number for number, entry in enumerate(zim.entries)}

    def place(self, number: int) -> str:
        """Path in the lesson of the entry *number*."""
        return self._paths[self._names[number]]

    def target(self, number: int, reference: str) -> str | None:
        """Path in the lesson that *reference* means on the page *number*, or None."""
        address = unquote(reference.partition("#")[0].partition("?")[0])
        entry = self._zim.entries[number]
        here = entry.url if self._zim.new else f"{entry.space}/{entry.url}"
        whole = posixpath.normpath(posixpath.join("/", posixpath.dirname(here), address)).lstrip("/")
        space, _, url = (entry.space, "", whole) if self._zim.new else whole.partition("/")
        found = _followed(self._zim, self._numbers.get((space, url)))
        return self.place(found) if found in self._names else None


def _relink(number: int, location: Path, lead: _Leader) -> None:
    """Lead the links of one page to where the files of the lesson are."""
    here = posixpath.dirname(lead.place(number))

    def changed(match: re.Match[str]) -> str:
        reference = unescape(match[2] if match[2] is not None else match[3]).strip()
        if not reference or _SCHEME.match(reference):
            return match[0]
        target = lead.target(number, reference)
        if target is None:
            # What the site made for each reader is in no archive: nobody is to ask for it.
            loads = not match[1].lstrip().lower().startswith("href")
            return f' data-missing="{escape(reference)}"' if loads else match[0]
        mark = reference[len(reference.partition("#")[0]) :]
        return f'{match[1]}"{escape(quote(posixpath.relpath(target, here)) + mark)}"'

    with location.open("rb") as file:
        text = decode(file.read(), page=True)
    changed_text = _LINK.sub(changed, text)
    if changed_text != text:
        location.write_bytes(changed_text.encode("utf-8", "replace"))


def _language(said: str) -> str | None:
    first = said.partition(",")[0].strip()
    return language_of(_LANGUAGES.get(first.lower(), first))
