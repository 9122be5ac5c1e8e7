"""XML from outside as a tree: without entities, bounded in bytes, elements and depth.

Entities are how a small file becomes a large one, and how one file reads another; no book or course needs them in its
description, nor values that a ``<!DOCTYPE`` gives to every element. expat, which Python brings, tells of each before it is
used. A bare ``<!DOCTYPE html>`` is harmless. Names lose their prefix: producers disagree on namespaces more than on what they
mean by ``title``; expat is not asked to look them up, since it would repeat a long one at every element.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from edubox.importers.notices import Notice

#: Elements of one document, and how deep they lie.
MAX_ELEMENTS, MAX_DEPTH = 100_000, 100


class BadXml(ValueError):
    """XML that is not well formed, or that we do not read; *why* follows "it is"."""

    def __init__(self, why: Notice) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Element:
    """One element; *name* and the keys of *attributes* without prefix, *text* the words before its first child."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """The children called *name*."""
        return [child for child in self.children if child.name == name]

    def first(self, *names: str) -> Element | None:
        """The first child called ``names[0]``, its first child called ``names[1]`` …, or None."""
        found: Element | None = self
        for name in names:
            found = next((child for child in found.children if child.name == name), None) if found else None
        return found

    def walk(self) -> list[Element]:
        """This element and all below it, in the order of the document."""
        return [self, *(found for child in self.children for found in child.walk())]


def read_xml(data: bytes) -> Element:
    """The root of the document *data*. Raises BadXml."""
    root = Element("", {})
    open_elements = [root]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS or len(open_elements) > MAX_DEPTH:
            raise BadXml(Notice("too large"))
        known = {_local(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        element = Element(_local(name), known)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_: str) -> None:
        open_elements.pop()

    def words(text: str) -> None:
        if not open_elements[-1].children:
            open_elements[-1].text += text

    def refuse(*_: object) -> NoReturn:
        raise BadXml(Notice("written with entities, which are not safe"))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.EntityDeclHandler = refuse
    parser.AttlistDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise error if isinstance(error, BadXml) else BadXml(Notice("not well formed")) from None
    return root.children[0]


def unreadable(name: str, error: BadXml) -> Notice:
    """Why a document cannot be shown in which the file *name* cannot be read."""
    return Notice("%(name)s in it is %(fault)s", name=name, fault=error.why)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
