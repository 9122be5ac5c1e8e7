"""Moodle backups (``.mbz``): what a teacher wrote and uploaded becomes parts of the lesson, and nothing else of them is taken.

A backup holds the school's users with their names, addresses, posts and marks. So it is read the other way round: from the
list of the course's activities to those of kinds that open here, from those to the files they show, and only these are
ever written to the disk. Of exercises, whose descriptions hold pupils' attempts, only the first bytes are read. The backup
itself never joins the lesson, not even as a download.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from edubox.errors import Unplayable
from edubox.importers import html, markdown
from edubox.importers.course import MAX_ENTRIES, Course, Entry, some
from edubox.importers.moodle_archive import DESCRIPTION, Stream, members
from edubox.importers.moodle_files import Files, StoredFile, fetch, read_list
from edubox.importers.moodle_words import KINDS, SECTION
from edubox.importers.notices import Notice
from edubox.importers.workshop import Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml, Element, read_xml
from edubox.pack.archive import BLOCK
from edubox.pack.opening import Found

#: Kinds of activity that open here → what holds their files, as files.xml calls it.
_TAKEN = ("page", "label", "book", "resource", "folder", "url", "h5pactivity", "scorm")
#: Kinds whose description holds what pupils did; no more than its beginning is read.
_ATTEMPTED = frozenset({"h5pactivity", "scorm"})
_WANTED = re.compile(
    rf"(?:moodle_backup|course/course|sections/section_\d+/section|activities/({'|'.join(_TAKEN)})_\d+/(?:module|\1))\.xml\Z"
)
#: Bytes of one description, of all of them, and of the beginning of one that holds attempts.
_MAX_XML, _MAX_ALL, _BEGINNING = 8 * 1024 * 1024, 48 * 1024 * 1024, 4096
_CONTEXT = re.compile(r"""<activity\b[^>]{0,500}?\bcontextid="(\d{1,20})\"""")
_NOTHING = "$@NULL@$"
#: Links to other activities, such as ``$@PAGEVIEWBYID*12@$``.
_CROSS_LINK = re.compile(r"\$@[A-Z0-9]{1,60}\*(\d{1,20})(?:\*\d{1,20}){0,3}@\$")
_PLUGIN_FILE = "@@PLUGINFILE@@/"
_PLAIN, _MARKDOWN = "2", "4"


@dataclass(slots=True)
class _Reader:
    """A backup while it is read: its *descriptions* by name, its *files*, titles of what is *hidden* or does not open here."""

    path: str
    descriptions: dict[str, bytes]
    files: Files
    title: str = ""
    language: str | None = None
    listed: dict[str, Element] = field(default_factory=dict)
    nested: dict[str, Element] = field(default_factory=dict)
    hidden: list[Notice] = field(default_factory=list)
    left_out: list[Notice] = field(default_factory=list)
    links: list[Notice] = field(default_factory=list)
    material: dict[str, StoredFile] = field(default_factory=dict)
    count: int = 0

    def xml(self, name: str) -> Element | None:
        """The description called *name*, or None if there is none that can be read."""
        data = self.descriptions.get(name)
        try:
            return read_xml(data) if data is not None else None
        except BadXml:
            return None


def read(path: str, location: Path, workshop: Workshop) -> Course:
    """The course in the backup *path*, at *location*. Raises Unplayable, BadArchive, Bomb or UnreadableSource."""
    descriptions = _descriptions(path, location)
    reader = _Reader(path, descriptions, read_list(location))
    root = reader.xml(DESCRIPTION)
    contents = root.first("information", "contents") if root else None
    if root is None or contents is None:
        raise Unplayable(path=path, reason=Notice("it is no Moodle backup that can be read"))
    course = reader.xml("course/course.xml") or Element("course", {})
    reader.language = html.language_of(_value(course, "lang"))
    title = title_of(_value(course, "fullname") or _value(root.children[0], "original_course_fullname"))
    reader.title = title or spoken(workshop.given[path])
    entries = _sections(reader, contents, course.attributes.get("contextid", ""))
    if not any(entry.name for top in entries for entry in top.walk()):
        raise Unplayable(path=path, reason=_why_nothing(reader))
    found, missing = fetch(location, reader.material, workshop)
    entries = _with_files(entries, found)
    entries = _linked(entries, {entry.name for top in entries for entry in top.walk()})
    if not any(entry.name for top in entries for entry in top.walk()):
        raise Unplayable(path=path, reason=Notice("its files are not in it"))
    notices = _notices(reader, missing)
    opened = {entry.name for top in entries for entry in top.walk()}
    files = {name: one for name, one in found.items() if name not in opened}
    return Course(path, reader.title, entries, files, reader.language, notices=notices)


def _descriptions(path: str, location: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = _MAX_ALL
    for member in members(location):
        match = _WANTED.match(member.name)
        if match is None:
            continue
        attempted = match[1] in _ATTEMPTED and not member.name.endswith("/module.xml")
        data = _whole(member.open(), _BEGINNING if attempted else min(_MAX_XML, room) + 1)
        room -= len(data)
        if room < 0 or (len(data) > _MAX_XML and not attempted):
            raise Unplayable(path=path, reason=Notice("its descriptions are larger than any course's"))
        found.setdefault(member.name, data)
    return found


def _whole(stream: Stream, limit: int) -> bytes:
    """Up to *limit* bytes from a *stream*, which may give fewer at a time."""
    blocks: list[bytes] = []
    while limit > 0 and (block := stream.read(min(limit, BLOCK))):
        blocks.append(block)
        limit -= len(block)
    return b"".join(blocks)


def _sections(reader: _Reader, contents: Element, course_context: str) -> tuple[Entry, ...]:
    """The groups of the course in its order; what lies in a first section without a name stands above them."""
    activities = contents.first("activities")
    for one in activities.all("activity") if activities else []:
        reader.listed[_value(one, "moduleid")] = one
    sections = contents.first("sections")
    described: list[tuple[int, Element]] = []
    for listed in sections.all("section") if sections else []:
        section = reader.xml(f"sections/section_{_number(_value(listed, 'sectionid'))}/section.xml")
        if section is None:
            continue
        if parent := _value(listed, "parentcmid"):
            reader.nested[parent] = section
        else:
            described.append((_number(_value(section, "number")), section))
    top: list[Entry] = []
    for number, section in sorted(described, key=lambda one: one[0]):
        name = title_of(_value(section, "name"))
        inside = _section(reader, section, name, course_context)
        if number == 0 and not name:
            top += inside
        elif inside:
            top.append(Entry(name or _numbered(reader, number), entries=tuple(inside)))
    return tuple(top)


def _section(reader: _Reader, section: Element, name: str, course_context: str) -> list[Entry]:
    if _value(section, "visible") == "0":
        for module in _value(section, "sequence").split(","):
            if listed := reader.listed.get(module.strip()):
                reader.hidden.append(_titled(listed))
        return []
    found: list[Entry] = []
    identifier = _number(section.attributes.get("id", ""))
    summary = _text(section, "summary", "summaryformat")
    if html.plain(summary) or "<img" in summary:
        folder = f"section-{identifier}"
        found.append(
            _entry(
                reader,
                name or reader.title,
                folder,
                summary,
                course_context,
                "course/section",
                str(identifier),
            )
        )
    for module in _value(section, "sequence").split(","):
        listed = reader.listed.pop(module.strip(), None)
        if listed is None:
            continue
        inner = reader.nested.pop(module.strip(), None)
        if inner is not None:
            title = title_of(_value(inner, "name")) or title_of(_value(listed, "title")) or "…"
            below = tuple(_section(reader, inner, title, course_context))
            found += [Entry(title, entries=below)] if below else []
        elif entry := _activity(reader, listed):
            found.append(entry)
    return found


def _activity(reader: _Reader, listed: Element) -> Entry | None:
    """What the activity *listed* opens, or None if nothing of it is taken."""
    kind, module_id = _value(listed, "modulename"), _number(_value(listed, "moduleid"))
    folder = f"activities/{kind}_{module_id}"
    if kind not in _TAKEN:
        reader.left_out.append(_titled(listed))
        return None
    module = reader.xml(f"{folder}/module.xml")
    if module is None or _value(module, "visible") == "0":
        reader.hidden.append(_titled(listed))
        return None
    reader.count += 1
    if reader.count > MAX_ENTRIES:
        raise Unplayable(
            path=reader.path, reason=Notice("it has more than %(number)s parts", number=MAX_ENTRIES)
        )
    title = title_of(_value(listed, "title")) or "…"
    head = reader.descriptions.get(f"{folder}/{kind}.xml", b"")[:_BEGINNING].decode("utf-8", "replace")
    context = match[1] if (match := _CONTEXT.search(head)) else ""
    place = str(module_id)
    if kind in {"resource", "folder", "h5pactivity", "scorm"}:
        return _of_files(reader, kind, title, place, context)
    described = reader.xml(f"{folder}/{kind}.xml")
    activity = described.first(kind) if described else None
    if activity is None:
        reader.left_out.append(_titled(listed))
        return None
    title = title_of(_value(activity, "name")) or title
    if kind == "book":
        return _book(reader, title, place, context, activity)
    body = _text(activity, "intro", "introformat")
    if kind == "page":
        body = _text(activity, "content", "contentformat")
        return _entry(reader, title, place, body, context, "mod_page/content", "0")
    if kind == "url" and html.is_external(address := _value(activity, "externalurl")):
        reader.links.append(Notice("%(title)s", title=title))
        body += f'<p><a href="{escape(address)}">{escape(address)}</a></p>'
    return _entry(reader, title, place, body, context, f"mod_{kind}/intro", "0") if body else None


def _of_files(reader: _Reader, kind: str, title: str, place: str, context: str) -> Entry | None:
    """An activity that is files: one that opens, with those beside it that it shows, or all of a folder."""
    area = f"mod_{kind}/{'package' if kind in {'h5pactivity', 'scorm'} else 'content'}"
    files = reader.files.get((context, area, "0"), [])
    for one in files:
        reader.material[f"{place}/{one.path}"] = one
    if kind == "folder":
        below = tuple(Entry(title_of(one.path.rpartition("/")[2]), f"{place}/{one.path}") for one in files)
        return Entry(title, entries=below) if below else None
    main = max(files, key=lambda one: one.first, default=None)
    if main is None:
        reader.left_out.append(Notice("%(title)s (%(kind)s)", title=title, kind=KINDS["file"]))
        return None
    return Entry(title, f"{place}/{main.path}")


def _book(reader: _Reader, title: str, place: str, context: str, book: Element) -> Entry | None:
    chapters = book.first("chapters")
    found: list[tuple[int, Entry]] = []
    for chapter in chapters.all("chapter") if chapters else []:
        identifier = chapter.attributes.get("id", "")
        if _value(chapter, "hidden") == "1" or not identifier.isdecimal():
            continue
        reader.count += 1
        body = _text(chapter, "content", "contentformat")
        name = title_of(_value(chapter, "title")) or "…"
        found.append((
            _number(_value(chapter, "pagenum")),
            _entry(reader, name, f"{place}/{identifier}", body, context, "mod_book/chapter", identifier),
        ))  # fmt: skip
    pages = tuple(entry for _, entry in sorted(found, key=lambda one: one[0]))
    return Entry(title, entries=pages) if pages else None


def _entry(reader: _Reader, title: str, place: str, body: str, context: str, area: str, item: str) -> Entry:
    """The text *body* in the folder *place*, whose pictures are the files of *area* and *item*."""
    for one in reader.files.get((context, area, item), []):
        reader.material[f"{place}/files/{one.path}"] = one
    return Entry(title, f"{place}/page.html", body.replace(_PLUGIN_FILE, "files/"))


def _with_files(entries: tuple[Entry, ...], found: dict[str, Found]) -> tuple[Entry, ...]:
    """*entries* with the files that they open; those whose file is not there are left out."""
    kept: list[Entry] = []
    for entry in entries:
        below = _with_files(entry.entries, found)
        if entry.name and not entry.name.endswith("/page.html"):
            if entry.name in found:
                kept.append(replace(entry, file=found[entry.name], entries=below))
        elif entry.name or below:
            kept.append(replace(entry, entries=below))
    return tuple(kept)


def _linked(entries: tuple[Entry, ...], opened: set[str]) -> tuple[Entry, ...]:
    """*entries* whose texts lead to other activities where these are in the lesson now."""
    led: list[Entry] = []
    for entry in entries:
        above = "../" * entry.name.count("/")

        def lead(match: re.Match[str], above: str = above) -> str:
            return f"{above}{match[1]}/page.html" if f"{match[1]}/page.html" in opened else "#"

        led.append(
            replace(entry, body=_CROSS_LINK.sub(lead, entry.body), entries=_linked(entry.entries, opened))
        )
    return tuple(led)


def _why_nothing(reader: _Reader) -> Notice:
    if reader.left_out:
        return Notice("nothing in it opens here: %(names)s", names=some(reader.left_out))
    return Notice("it has nothing that pupils may see")


def _notices(reader: _Reader, missing: int) -> list[Notice]:
    path = reader.path
    found = [
        Notice(
            "%(path)s: its pages and files were taken; the backup itself and what it holds of users were not.",
            path=path,
        )
    ]
    if reader.hidden:
        found.append(
            Notice(
                "%(path)s: hidden from pupils and left out: %(names)s.", path=path, names=some(reader.hidden)
            )
        )
    if reader.left_out:
        found.append(
            Notice(
                "%(path)s: does not open here and was left out: %(names)s.",
                path=path,
                names=some(reader.left_out),
            )
        )
    if reader.links:
        found.append(
            Notice(
                "%(path)s: these parts are links and open only with the internet: %(names)s.",
                path=path,
                names=some(reader.links),
            )
        )
    if missing:
        found.append(Notice("%(path)s: %(number)s files are missing in it.", path=path, number=missing))
    return found


def _titled(listed: Element) -> Notice:
    """The name of an activity and of its kind, in a teacher's words."""
    kind = _value(listed, "modulename")
    return Notice(
        "%(title)s (%(kind)s)", title=title_of(_value(listed, "title")) or "…", kind=KINDS.get(kind, kind)
    )


def _numbered(reader: _Reader, number: int) -> str:
    words = SECTION.get((reader.language or "fr").partition("-")[0].partition("_")[0], SECTION["en"])
    return f"{words} {number}"


def _text(parent: Element, name: str, form: str) -> str:
    """The text *name* below *parent* as HTML that is not clean yet, in the markup that *form* says."""
    text = _value(parent, name)
    markup = _value(parent, form)
    if markup == _MARKDOWN:
        return markdown.render(text)
    return f"<p>{escape(text)}</p>".replace("\n", "<br>") if text and markup == _PLAIN else text


def _value(parent: Element, name: str) -> str:
    found = parent.first(name)
    text = found.text.strip() if found else ""
    return "" if text == _NOTHING else text


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0
