"""Office files: pupils open a PDF or a page of their words and pictures; the file itself stays beside it as a download.

In this order: a PDF of the same name that the author gave (the twin); one made by LibreOffice, where that is installed
(``office_converting``); a page made here from the words, tables and pictures inside (``office_word``, ``office_slides``,
``office_sheets``, ``office_open``). What a file is, the names of its members say, never its own name.

A file that holds macros, comments, tracked changes or a presenter's notes is not offered to pupils: its author is told,
and how to give it all the same. What the other originals say of their author stays in them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from edubox.errors import BadArchive, Bomb
from edubox.importers import office_open, office_sheets, office_slides, office_word
from edubox.importers.html import MAX_LINKS, plain
from edubox.importers.notices import Notice
from edubox.importers.office_archive import members
from edubox.importers.office_converting import as_pdf
from edubox.importers.office_page import OfficePage
from edubox.importers.pictures import lighten
from edubox.importers.rendering import page as whole_page
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml
from edubox.pack.archive import open_archive
from edubox.pack.media_types import extension

_MODERN = ("docx", "docm", "dotx", "pptx", "pptm", "ppsx", "xlsx", "xlsm", "odt", "odp", "ods", "ott")
_OLD = ("doc", "ppt", "pps", "xls", "rtf")
EXTENSIONS = (*_MODERN, *_OLD)
#: A member that only one kind has → its reader, and whether it holds what is not meant for pupils.
_KINDS: dict[str, tuple[Callable[[OfficePage], None], Callable[[zipfile.ZipFile], bool]]] = {
    office_word.DOCUMENT: (office_word.read_word, office_word.has_remarks),
    office_slides.PRESENTATION: (office_slides.read_slides, office_slides.has_remarks),
    office_sheets.WORKBOOK: (office_sheets.read_sheets, office_sheets.has_remarks),
    office_open.CONTENT: (office_open.read_open, office_open.has_remarks),
}
#: Folders and members in which programs lie.
_MACROS = ("vbaProject.bin", "Basic/", "Scripts/")


def read(path: str, workshop: Workshop) -> Imported:
    """Import the office file *path*: a PDF, a page or, with a warning that says why, a download."""
    name = workshop.given[path].rpartition("/")[2]
    try:
        with open_archive(workshop.files[path].location) as archive:
            return _read(path, archive, workshop)
    except (BadArchive, Bomb, BadXml) as error:
        if extension(path) in _OLD and isinstance(error, BadArchive):
            return _old(path, workshop)
        reason = error.why if isinstance(error, BadXml) else None
        workshop.warn(_download(path, _not_whole(reason)))
        return Imported("file", path, name)


def twins(path: str, workshop: Workshop) -> tuple[str, ...]:
    """The office files that the PDF *path* was made from: those of the same name that are still in the lesson."""
    family = workshop.family(path[: -len(extension(path)) - 1])
    return tuple(one for one in family if extension(one) in EXTENSIONS and one in workshop.files)


def _read(path: str, archive: zipfile.ZipFile, workshop: Workshop) -> Imported:
    known = members(archive)
    kind = next((member for member in _KINDS if member in known), None)
    if kind is None:
        raise BadArchive(path=path, reason="it is no office file")
    read_kind, has_remarks = _KINDS[kind]
    pdf = _given_pdf(path, workshop)
    made = None if pdf else as_pdf(path, workshop)
    title = spoken(workshop.given[path])
    if pdf:
        result = Imported("file", path, title)
    elif made:
        from edubox.importers.pdf import read as read_pdf

        result = replace(read_pdf(made, workshop), alternatives=(path,))
    else:
        result = _as_page(path, archive, read_kind, title, workshop)
    if any(mark in name for name in known for mark in _MACROS):
        workshop.warn(
            Notice(
                "%(path)s holds a program (macros): pupils do not get the file itself. Save it without macros to give it too.",
                path=path,
            )
        )
    elif has_remarks(archive):
        workshop.warn(
            Notice(
                "%(path)s holds comments, tracked changes or a presenter's notes: pupils do not get the file itself. "
                "Remove them and add it again to give it too.",
                path=path,
            )
        )
    else:
        return result
    workshop.drop(path)
    return replace(result, alternatives=tuple(one for one in result.alternatives if one != path))


def _as_page(
    path: str,
    archive: zipfile.ZipFile,
    read_kind: Callable[[OfficePage], None],
    title: str,
    workshop: Workshop,
) -> Imported:
    made = OfficePage(path, archive, workshop)
    read_kind(made)
    body = made.html
    if not plain(body).strip() and not made.pictures:
        workshop.warn(_download(path, Notice("no words or pictures can be read in it; save it as PDF")))
        return Imported("file", path, workshop.given[path].rpartition("/")[2])
    heading = title_of(plain(made.title))
    own = heading or title
    if "<h1>" not in body:
        body = f"<h1>{made.words(own)}</h1>\n" + body
    tell = partial(Notice, path=path)
    workshop.warn(
        tell(
            "%(path)s is shown as a page of its words, tables and pictures. To show it as it looks on paper, "
            "add a PDF with the same name."
        )
    )
    if made.lost:
        workshop.warn(
            tell(
                "%(path)s has pictures that phones do not show: %(number)s. Save it as PDF.", number=made.lost
            )
        )
    if made.cut:
        workshop.warn(tell("%(path)s is very long: the page shows its beginning. Save it as PDF."))
    body = lighten(body, made.shown, workshop)
    workshop.make(made.shown, whole_page(own, workshop.language, body))
    return Imported(
        "html",
        made.shown,
        own,
        alternatives=(path,),
        links=tuple(made.links)[:MAX_LINKS],
        uses=frozenset(made.pictures),
    )


def _old(path: str, workshop: Workshop) -> Imported:
    """A file of the nineties, which only an office program reads."""
    name = workshop.given[path].rpartition("/")[2]
    if _given_pdf(path, workshop):
        return Imported("file", path, name)
    if made := as_pdf(path, workshop):
        from edubox.importers.pdf import read as read_pdf

        return replace(read_pdf(made, workshop), alternatives=(path,))
    workshop.warn(_download(path, Notice("many phones have no program for it; save it as PDF")))
    return Imported("file", path, name)


def _given_pdf(path: str, workshop: Workshop) -> str | None:
    family = workshop.family(path[: -len(extension(path)) - 1])
    return next((one for one in family if extension(one) == "pdf" and one in workshop.files), None)


def _not_whole(reason: Notice | None) -> Notice:
    if reason is None:
        return Notice("it is damaged, closed with a password, or no office file")
    return Notice("it is %(fault)s", fault=reason)


def _download(path: str, reason: Notice) -> Notice:
    return Notice("%(path)s is offered as a download only: %(reason)s.", path=path, reason=reason)
