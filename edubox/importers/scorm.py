"""SCORM 1.2 and the simple part of 2004: the parts of a course become parts of the lesson, in its own order.

``imsmanifest.xml`` tells the order (an organisation) and what each entry launches (a resource). It stays in the lesson:
the player reads the version and the marks that pass there. A launch address with a query cannot be a path of the lesson,
so a page is added that leads there; it names its entry in ``<meta name="scorm-item">``. Rules of 2004 for who may open
what after what are not followed, and the author is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote

from edubox.importers import html
from edubox.importers.container import Container
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml, Element, read_xml
from edubox.pack.manifest import Item
from edubox.pack.media_types import media_type
from edubox.pack.opening import Found
from edubox.pack.text import decode

MANIFEST = "imsmanifest.xml"
_MAX_MANIFEST = 4 * 1024 * 1024
#: Chapters below chapters that pupils still find their way in.
_MAX_DEPTH = 3
#: Parts of one course.
_MOST = 1000
_RULES = frozenset({"preConditionRule", "postConditionRule", "exitConditionRule", "limitConditions"})


@dataclass(slots=True)
class _Course:
    """A course while it is read: its *resources* by identifier, the pages *made* to launch, what is *missing*."""

    package: Container
    workshop: Workshop
    resources: dict[str, tuple[str, Element]]
    made: dict[str, Found]
    missing: html.Names


def read(package: Container, workshop: Workshop) -> Imported:
    """Import the opened *package*. Raises Unplayable if it has no organisation or none of its parts can be launched."""
    try:
        manifest = read_xml(package.data(MANIFEST, _MAX_MANIFEST))
    except BadXml as error:
        raise package.unplayable(
            Notice("its list of contents (%(name)s) is %(fault)s", name=MANIFEST, fault=error.why)
        ) from None
    organisation = _organisation(package, manifest)
    course = _Course(package, workshop, _resources(manifest), {}, html.Names())
    items = _items(course, organisation, 1)
    launched = [item for top in items for item in top.walk() if item.entry is not None]
    if not launched:
        if course.missing:
            raise package.unplayable(Notice("%(what)s is not in it", what=course.missing.said()))
        raise package.unplayable(Notice("its list of contents leads to nothing"))
    if len(launched) > _MOST:
        raise package.unplayable(Notice("its list of contents has more than %(number)s parts", number=_MOST))
    if course.missing:
        workshop.warn(
            Notice(
                "%(path)s is not whole: %(what)s is missing, and so are the parts that begin there.",
                path=package.path,
                what=course.missing.said(),
            )
        )
    if len(launched) > 1 and any(element.name in _RULES for element in organisation.walk()):
        workshop.warn(
            Notice(
                "%(path)s has rules of order (sequencing); here pupils open its parts in any order.",
                path=package.path,
            )
        )
    language = _language(package, launched)
    links = package.links(workshop)
    paths = workshop.place(package.path, package.files | course.made)
    title = _title(organisation) or spoken(workshop.given[package.path])
    placed = tuple(_placed(item, paths) for item in items)
    first = next(item for top in placed for item in top.walk() if item.entry is not None)
    return Imported(
        first.type,
        str(first.entry),
        title,
        language=language,
        links=links,
        items=placed if len(launched) > 1 else (),
    )


def _organisation(package: Container, manifest: Element) -> Element:
    """The organisation that players begin with."""
    offered = manifest.first("organizations")
    organisations = offered.all("organization") if offered else []
    if not organisations or offered is None:
        raise package.unplayable(Notice("it has no list of contents (organization)"))
    default = offered.attributes.get("default")
    return next(
        (one for one in organisations if one.attributes.get("identifier") == default), organisations[0]
    )


def _resources(manifest: Element) -> dict[str, tuple[str, Element]]:
    """Identifier → the folder that its address starts from, and the resource."""
    resources = manifest.first("resources")
    if resources is None:
        return {}
    above = manifest.attributes.get("base", "") + resources.attributes.get("base", "")
    return {
        one.attributes.get("identifier", ""): (above + one.attributes.get("base", ""), one)
        for one in resources.all("resource")
    }


def _items(course: _Course, parent: Element, depth: int) -> tuple[Item, ...]:
    """The entries below *parent*; their paths are still names inside the package. Deep ones are brought up."""
    found: list[Item] = []
    for element in parent.all("item"):
        if element.attributes.get("isvisible", "").lower() == "false":
            continue
        item = _launch(course, element)
        below = _items(course, element, depth + 1)
        if depth >= _MAX_DEPTH:
            found += [*([item] if item else []), *below]
        elif item:
            found.append(replace(item, items=below))
        elif below:
            found.append(Item(_title(element) or "…", items=below))
    return tuple(found)


def _launch(course: _Course, element: Element) -> Item | None:
    """The item that opens what *element* refers to, or None if it opens nothing that is there."""
    base, resource = course.resources.get(element.attributes.get("identifierref", ""), ("", None))
    address = resource.attributes.get("href", "").strip() if resource else ""
    if resource is None or not address:
        return None
    entry = course.package.named(base, address)
    if entry is None:
        course.missing.add(address)
        return None
    title = _title(element) or spoken(entry)
    if resource.attributes.get("scormtype", resource.attributes.get("scormType", "sco")).lower() == "asset":
        return Item(title, _type_of(entry), entry)
    tail = address[len(address.partition("?")[0].partition("#")[0]) :]
    tail = _with_parameters(tail, element.attributes.get("parameters", ""))
    return Item(title, "scorm", _launch_page(course, element, title, entry, tail) if tail else entry)


def _with_parameters(tail: str, parameters: str) -> str:
    """*tail* of an address with the entry's own parameters, joined as SCORM's content packaging says."""
    parameters = parameters.strip().lstrip("?&")
    if not parameters or (parameters.startswith("#") and "#" in tail):
        return tail
    if parameters.startswith("#"):
        return tail + parameters
    query, hash_sign, fragment = tail.partition("#")
    return f"{query}{'&' if query else '?'}{parameters}{hash_sign}{fragment}"


def _launch_page(course: _Course, element: Element, title: str, entry: str, tail: str) -> str:
    """The name of an added page at the top of the package, which leads to *entry* with its query."""
    number = len(course.made) + 1
    while (name := f"launch-{number}.html") in course.package.files:
        number += 1000
    target = escape(quote(entry) + tail)
    page = (
        f'<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="scorm-item" content="{escape(element.attributes.get("identifier", ""))}">\n'
        f'<meta http-equiv="refresh" content="0; url={target}">\n</head>\n<body><a href="{target}">{escape(title)}</a></body>\n'
        "</html>\n"
    )
    course.made[name] = course.workshop.write(page.encode("utf-8", "ignore"))
    return name


def _type_of(name: str) -> str:
    """How an asset, which does not speak with the player, opens."""
    kind = media_type(name)
    if kind in {"text/html", "application/xhtml+xml"}:
        return "html"
    if kind == "application/pdf":
        return "pdf"
    family = kind.partition("/")[0]
    return family if family in {"image", "audio", "video"} else "file"


def _title(element: Element) -> str:
    title = element.first("title")
    return title_of(title.text) if title else ""


def _language(package: Container, launched: list[Item]) -> str | None:
    """What the first page that says its language says."""
    for item in launched[:20]:
        if media_type(str(item.entry)) == "text/html":
            file = package.files.get(str(item.entry))
            if file is None:
                continue  # a page that we added
            with file.open() as handle:
                found = html.scan(decode(handle.read(html.LOOK), page=True, cut=True)).language
            if found:
                return found
    return None


def _placed(item: Item, paths: dict[str, str]) -> Item:
    """*item* with paths of the lesson in place of names inside the package."""
    entry = None if item.entry is None else paths[item.entry]
    return replace(item, entry=entry, items=tuple(_placed(one, paths) for one in item.items))
