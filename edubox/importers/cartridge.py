"""Common Cartridge 1.0 to 1.3 (``.imscc``), the format in which most platforms export a course.

The organisation is the table of contents; each item refers to a resource: a page or file, a link to another site, a topic
of a discussion, whose text becomes a page, or a test, which becomes a quiz where its questions are of kinds that check
themselves (``qti``). What pupils do together or on another site's tools is left out, by name.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from html import escape

from edubox.importers import html
from edubox.importers.container import Container
from edubox.importers.course import MAX_ENTRIES, Course, Entry, some
from edubox.importers.notices import Notice
from edubox.importers.qti import read_qti
from edubox.importers.workshop import Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml, Element, read_xml, unreadable
from edubox.pack.archive import open_member
from edubox.pack.media_types import extension
from edubox.pack.opening import Found
from edubox.pack.text import decode

MANIFEST = "imsmanifest.xml"
_MAX_MANIFEST, _MAX_XML = 8 * 1024 * 1024, 4 * 1024 * 1024
_SCHEMA = re.compile(rb"<(?:\w{1,20}:)?schema>\s{0,50}(?:IMS\s)?[^<]{0,40}Cartridge", re.IGNORECASE)
#: Pages with a look or a life of their own are shown as they are, bare ones in ours.
_STYLED = re.compile(r"<(?:style|script|link)\b", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]{0,2000}>", re.IGNORECASE)
#: How exporters write the folder of the course's files in texts.
_FILE_BASE = re.compile(r"(?:%24|\$)IMS[-_]CC[-_]FILEBASE(?:%24|\$)/?")
#: How Canvas writes a link to one of its pages.
_WIKI_LINK = re.compile(r"(?:%24|\$)WIKI_REFERENCE(?:%24|\$)/(?:pages|wiki)/([^\"'?#<>\s]{1,300})")
_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)")
_DEEPEST = 6
_FOLDERS = ("web_resources", "")


@dataclass(slots=True)
class _Cartridge:
    """A cartridge while it is read: its *resources* by identifier, and the titles of what is *left_out*."""

    package: Container
    resources: dict[str, Element]
    left_out: list[Notice] = field(default_factory=list)
    links: list[Notice] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    count: int = 0


def is_cartridge(archive: zipfile.ZipFile, path: str) -> bool:
    """Whether the manifest of the zip *archive* says that it is a cartridge. Raises BadArchive."""
    if MANIFEST not in archive.namelist():
        return False
    with open_member(archive, archive.getinfo(MANIFEST), path) as stream:
        return _SCHEMA.search(stream.read(65536)) is not None


def read(package: Container, workshop: Workshop) -> Course:
    """The course in the opened *package*. Raises Unplayable if nothing in it opens."""
    try:
        manifest = read_xml(package.data(MANIFEST, _MAX_MANIFEST))
    except BadXml as error:
        raise package.unplayable(unreadable(MANIFEST, error)) from None
    listed = manifest.first("resources")
    cartridge = _Cartridge(
        package,
        {one.attributes.get("identifier", ""): one for one in (listed.all("resource") if listed else [])},
    )
    organisation = manifest.first("organizations", "organization")
    top = organisation.all("item") if organisation else []
    while len(top) == 1 and not top[0].attributes.get("identifierref") and top[0].all("item"):
        top = top[0].all("item")  # the item around all others, which has no title
    entries = _items(cartridge, top, 1) or _unlisted(cartridge)
    if not any(entry.name for one in entries for entry in one.walk()):
        if cartridge.left_out:
            raise package.unplayable(
                Notice("nothing in it opens here: %(names)s", names=some(cartridge.left_out))
            )
        raise package.unplayable(Notice("it is a course cartridge with nothing in it"))
    files = _shown(cartridge, entries)
    said = manifest.first("metadata") or Element("metadata", {})
    return Course(
        package.path, _title(said) or spoken(workshop.given[package.path]), entries, files, _language(said),
        _licence(said), _notices(cartridge),
    )  # fmt: skip


def _shown(cartridge: _Cartridge, entries: tuple[Entry, ...]) -> dict[str, Found]:
    """The files that what opens shows or leads to. Pages that nothing leads to were not meant for pupils yet."""
    opened = {entry.name: entry for one in entries for entry in one.walk() if entry.name}
    waiting = [(name, entry.body) for name, entry in opened.items()]
    reached: dict[str, Found] = {}
    while waiting:
        name, text = waiting.pop()
        found = cartridge.package.files.get(name)
        if not text and found and extension(name) in html.EXTENSIONS:
            with found.open() as handle:
                text = decode(handle.read(html.LOOK), page=True, cut=True)
        elif found and extension(name) == "css":
            with found.open() as handle:
                text = f"<style>{decode(handle.read(html.LOOK), cut=True)}"
        scanned = html.scan(text)
        for reference in (*scanned.loads, *scanned.follows):
            target = cartridge.package.named(posixpath.dirname(name), reference)
            if target and target not in opened and target not in reached and _is_content(target):
                reached[target] = cartridge.package.files[target]
                waiting.append((target, ""))
    return reached


def _is_content(name: str) -> bool:
    """Whether a page may show the file: descriptions and settings of the platform are not for pupils, nor are backups."""
    return not name.lower().endswith((".xml", ".mbz")) and not name.startswith("course_settings/")


def _items(cartridge: _Cartridge, elements: list[Element], depth: int) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for element in elements:
        title = _words(element, "title")
        below = _items(cartridge, element.all("item"), depth + 1) if depth < _DEEPEST else ()
        reference = element.attributes.get("identifierref", "")
        entry = _resource(cartridge, reference, title) if reference else None
        if entry is not None:
            found.append(Entry(entry.title, entry.name, entry.body, entry.questions, entry.file, below))
        elif below:
            found.append(Entry(title or "…", entries=below))
    return tuple(found)


def _unlisted(cartridge: _Cartridge) -> tuple[Entry, ...]:
    """The pages of a cartridge whose organisation is empty: some platforms list what is published only there."""
    pages = [
        (identifier, one) for identifier, one in cartridge.resources.items()
        if one.attributes.get("type") == "webcontent" and extension(one.attributes.get("href", "")) in html.EXTENSIONS
    ]  # fmt: skip
    return tuple(entry for identifier, _ in pages if (entry := _resource(cartridge, identifier, "")))


def _resource(cartridge: _Cartridge, identifier: str, title: str) -> Entry | None:
    """What the resource opens, or None if it does not open here or is not there."""
    resource = cartridge.resources.get(identifier)
    cartridge.count += 1
    if cartridge.count > MAX_ENTRIES:
        raise cartridge.package.unplayable(Notice("it has more than %(number)s parts", number=MAX_ENTRIES))
    if resource is None:
        if title:
            cartridge.left_out.append(Notice("%(title)s (%(kind)s)", title=title, kind=Notice("file")))
        return None
    kind = resource.attributes.get("type", "").lower()
    if kind == "webcontent" or "learning-application-resource" in kind:
        return _file(cartridge, resource, title)
    described = _description(cartridge, resource)
    if described is not None and kind.startswith("imswl"):
        return _link(cartridge, identifier, title, described)
    if described is not None and kind.startswith("imsdt"):
        title = title or _words(described, "title") or "…"
        text = described.first("text")
        return _text_entry(cartridge, identifier, title, text.text if text else "")
    if described is not None and "assessment" in kind:
        title = (
            title
            or title_of(
                next(
                    (one.attributes.get("title", "") for one in described.walk() if one.name == "assessment"),
                    "",
                )
            )
            or "…"
        )
        questions, lost = read_qti(described)
        if lost:
            cartridge.left_out.append(
                Notice("%(title)s (%(number)s questions of other kinds)", title=title, number=lost)
            )
        if questions:
            return Entry(title, f"{_safe(identifier)}/quiz.html", questions=tuple(questions))
        if lost:
            return None
    known = (
        Notice("external tool")
        if "lti" in kind
        else Notice("test")
        if "assessment" in kind
        else Notice("activity")
    )
    cartridge.left_out.append(Notice("%(title)s (%(kind)s)", title=title or "…", kind=known))
    return None


def _file(cartridge: _Cartridge, resource: Element, title: str) -> Entry | None:
    """A page or file. Pages are cut down to what is in their body, and shown as all texts are."""
    addresses = [
        resource.attributes.get("href", ""),
        *(one.attributes.get("href", "") for one in resource.all("file")),
    ]
    name = next((found for one in addresses if (found := cartridge.package.named("", one.strip()))), None)
    if name is None or name.lower().endswith((".mbz", ".xml")) or name in cartridge.used:
        if name is None:
            cartridge.left_out.append(Notice("%(title)s (%(kind)s)", title=title or "…", kind=Notice("file")))
        return None
    cartridge.used.add(name)
    file = cartridge.package.files[name]
    if extension(name) not in html.EXTENSIONS:
        return Entry(title or spoken(name), name, file=file)
    with file.open() as handle:
        text = decode(handle.read(html.LOOK), page=True, cut=True)
    title = title or html.scan(text).title or spoken(name)
    if _STYLED.search(text) and not _FILE_BASE.search(text):
        return Entry(title, name, file=file)
    start = _BODY.search(text)
    return Entry(title, name, _linked(cartridge, name, text[start.end() :] if start else text))


def _link(cartridge: _Cartridge, identifier: str, title: str, described: Element) -> Entry | None:
    """A page that names the address: it opens where there is a line."""
    address = next((one.attributes.get("href", "") for one in described.walk() if one.name == "url"), "")
    title = title or _words(described, "title") or address or "…"
    if not html.is_external(address):
        return None
    cartridge.links.append(Notice("%(title)s", title=title))
    body = f'<p><a href="{escape(address)}">{escape(address)}</a></p>'
    return Entry(title, f"{_safe(identifier)}/page.html", body)


def _text_entry(cartridge: _Cartridge, identifier: str, title: str, body: str) -> Entry:
    name = f"{_safe(identifier)}/page.html"
    return Entry(title, name, _linked(cartridge, name, body))


def _linked(cartridge: _Cartridge, name: str, text: str) -> str:
    """*text* with the exporters' word for the folder of files replaced by the way there from the page *name*."""
    here = posixpath.dirname(name) or "."
    base = posixpath.relpath(_base(cartridge) or ".", here)
    wiki = posixpath.relpath("wiki_content", here)
    text = _WIKI_LINK.sub(lambda match: f"{wiki}/{match[1]}.html", text)
    return _FILE_BASE.sub(lambda _: "" if base == "." else f"{base}/", text)


def _base(cartridge: _Cartridge) -> str:
    return next(
        (one for one in _FOLDERS if any(name.startswith(f"{one}/") for name in cartridge.package.files)), ""
    )


def _description(cartridge: _Cartridge, resource: Element) -> Element | None:
    """The XML file that describes the resource, or None if it cannot be read."""
    addresses = [
        *(one.attributes.get("href", "") for one in resource.all("file")),
        resource.attributes.get("href", ""),
    ]
    name = next((found for one in addresses if (found := cartridge.package.named("", one.strip()))), None)
    if name is None or cartridge.package.files[name].size > _MAX_XML:
        return None
    try:
        return read_xml(cartridge.package.data(name, _MAX_XML))
    except BadXml:
        return None


def _notices(cartridge: _Cartridge) -> list[Notice]:
    path, found = cartridge.package.path, []
    if cartridge.links:
        found.append(
            Notice(
                "%(path)s: these parts are links and open only with the internet: %(names)s.",
                path=path,
                names=some(cartridge.links),
            )
        )
    if cartridge.left_out:
        found.append(
            Notice(
                "%(path)s: does not open here and was left out: %(names)s.",
                path=path,
                names=some(cartridge.left_out),
            )
        )
    return found


def _safe(identifier: str) -> str:
    """*identifier* as the name of a folder."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", identifier)[:80].strip(".") or "part"


def _words(parent: Element, name: str) -> str:
    found = parent.first(name)
    return title_of(found.text) if found else ""


def _title(metadata: Element) -> str:
    for element in metadata.walk():
        if element.name == "general" and (title := element.first("title")):
            return next((words for one in title.walk() if (words := title_of(one.text))), "")
    return ""


def _language(metadata: Element) -> str | None:
    for element in metadata.walk():
        if element.name == "general" and (said := element.first("language")):
            return html.language_of(said.text)
    return None


def _licence(metadata: Element) -> str | None:
    for element in metadata.walk():
        if found := _CREATIVE_COMMONS.search(element.text):
            return f"CC-{found[1].upper()}-{found[2]}"
    return None
