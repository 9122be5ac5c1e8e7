"""One opened container while its importer looks at it: its files by the names they have inside."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from edubox.errors import Unplayable
from edubox.importers import html
from edubox.importers.notices import Notice
from edubox.importers.workshop import Workshop
from edubox.pack.canonical import nfc
from edubox.pack.manifest import is_text
from edubox.pack.media_types import extension
from edubox.pack.opening import Found
from edubox.pack.text import decode

#: Pages of one container in which references to other sites are looked for.
_MAX_PAGES = 3000
#: Authors that are named; a manifest holds more, nobody reads more.
MAX_AUTHORS = 100
#: What a page looks like that may name another site; a book of 25 MB is not parsed for nothing.
_ELSEWHERE = re.compile(
    r"""(?:src|href|data|poster|srcset|url\()[\s=]{0,9}["']?\s{0,9}(?:https?:)?//""", re.IGNORECASE
)
#: Slashes before a host.
_HOST = 2


@dataclass(frozen=True, slots=True)
class Container:
    """*path* in the lesson; its *kind*, such as ``epub``; *files* by their names inside."""

    path: str
    kind: str
    files: dict[str, Found]

    def data(self, name: str, limit: int) -> bytes:
        """The bytes of the file called *name* inside; raises Unplayable if it is absent or over *limit* bytes."""
        found = self.files.get(name)
        if found is None:
            raise self.unplayable(Notice("%(name)s is missing in it", name=name))
        if found.size > limit:
            raise self.unplayable(Notice("%(name)s in it is too large", name=name))
        with found.open() as handle:
            return handle.read()

    def named(self, base: str, reference: str) -> str | None:
        """The file that the address *reference* means, seen from the folder *base*, or None if there is none."""
        path = nfc(unquote(reference.partition("#")[0].partition("?")[0])).replace("\\", "/")
        name = posixpath.normpath(posixpath.join(base, path))
        return name if path and name in self.files else None

    def unplayable(self, reason: Notice) -> Unplayable:
        """The error that makes it a download, for a *reason* that follows a colon."""
        return Unplayable(path=self.path, reason=reason)

    def links(self, workshop: Workshop) -> tuple[str, ...]:
        """Addresses on other sites that its pages name; warns once of those that they load and will not show."""
        loaded = html.Names()
        links: dict[str, None] = {}
        pages = [name for name in sorted(self.files) if extension(name) in html.EXTENSIONS]
        for name in pages[:_MAX_PAGES]:
            with self.files[name].open() as handle:
                text = decode(handle.read(html.LOOK), page=True, cut=True)
            if not _ELSEWHERE.search(text):
                continue
            found = html.scan(text)
            for reference in filter(html.is_external, found.loads):
                loaded.add(reference)
            links |= dict.fromkeys(filter(html.is_external, [*found.loads, *found.follows]))
        self.warn_of_elsewhere(loaded, workshop)
        return kept_links(links)

    def warn_of_elsewhere(self, loaded: html.Names, workshop: Workshop) -> None:
        """Warn of what it *loaded* from other sites, if anything."""
        if loaded:
            workshop.warn(html.elsewhere(self.path, loaded))


def kept_links(links: dict[str, None]) -> tuple[str, ...]:
    """Those of *links* that lead somewhere and that a manifest holds."""
    whole = (link for link in map(nfc, links) if link.rstrip("/").count("/") >= _HOST)
    return tuple(dict.fromkeys(link for link in whole if is_text(link)))[: html.MAX_LINKS]
