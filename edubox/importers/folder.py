"""A folder, zip or document becomes a lesson file: who is asked about each file, and in which order.

Pages are read first, since they say the language in which the other importers write. A ``lesson.toml`` in the
source is the author's word (``lesson_toml``); what it leaves open is found in the files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadInput, EmptyPack
from edubox.importers import (
    audio,
    download,
    geogebra,
    html,
    image,
    markdown,
    notebook,
    office,
    pdf,
    quiz,
    scratch,
    stylesheet,
    video,
    zim,
)
from edubox.importers.composing import Line, lines, ordered
from edubox.importers.containers import leave_originals, open_containers
from edubox.importers.contents import contents, shallow
from edubox.importers.course import finish
from edubox.importers.courses import open_courses
from edubox.importers.lesson_toml import LESSON_TOML, read_lesson_toml, told_contents
from edubox.importers.notices import Notice
from edubox.importers.posters import cover_of, with_posters
from edubox.importers.tongue import tongue_of
from edubox.importers.workshop import INDEXES, Imported, Workshop, spoken
from edubox.pack.build import assemble, describe
from edubox.pack.edpack import write_edpack
from edubox.pack.manifest import Item, Manifest
from edubox.pack.media_types import extension
from edubox.pack.opening import Found, Opened, open_source
from edubox.pack.work import work_folder

_IMPORTERS: dict[str, Callable[[str, Workshop], Imported | None]] = {
    **dict.fromkeys(markdown.EXTENSIONS, markdown.read), **dict.fromkeys(notebook.EXTENSIONS, notebook.read),
    **dict.fromkeys(stylesheet.EXTENSIONS, stylesheet.read), **dict.fromkeys(pdf.EXTENSIONS, pdf.read), **dict.fromkeys(image.EXTENSIONS, image.read),
    **dict.fromkeys(audio.EXTENSIONS, audio.read), **dict.fromkeys(video.EXTENSIONS, video.read),
    **dict.fromkeys(quiz.EXTENSIONS, quiz.read), **dict.fromkeys(zim.EXTENSIONS, zim.read),
    **dict.fromkeys(geogebra.EXTENSIONS, geogebra.read), **dict.fromkeys(scratch.EXTENSIONS, scratch.read), **dict.fromkeys(office.EXTENSIONS, office.read),
}  # fmt: skip
#: What most of our schools speak; a lesson that does not say its language gets it with a warning.
DEFAULT_LANGUAGE = "fr"
#: Bytes of a document's text that tell its language.
_BEGINNING = 10_000
#: Names of player libraries that a manifest holds.
_MAX_LIBS = 1000


@dataclass(frozen=True, slots=True)
class Built:
    """A lesson file that was made; *warnings* are sentences for its author, *lines* its contents for who composes it."""

    manifest: Manifest
    warnings: list[Notice]
    lines: tuple[Line, ...] = ()


def build_lesson(
    source: Path, output: Path, described: dict[str, Any], progress: Callable[[str, int, int], None] = lambda *_: None,
    *, h5p_libraries: Path | None = None, lay_out: Callable[[Manifest, dict[str, Path]], None] = lambda *_: None,
) -> Built:  # fmt: skip
    """Make the lesson file *output* from the folder, zip or document *source*.

    *described* has the keys of lesson.toml (title, language, description, level, subject, licence, author,
    duration, keyword); empty values are taken from lesson.toml or found. *progress* gets (what, done, total) in
    bytes. *h5p_libraries* is a folder that completes H5P exercises which come without. *lay_out* gets the manifest and
    where each of its files lies until this returns. *described* may also hold the ``order`` of a draft and what it put
    ``aside`` (``composing.ordered``), and a ``guess`` at its title, for when no document says one. Raises UnreadableSource,
    EmptyPack, UnsafePath, BadArchive, Bomb, BadInput (lesson.toml), BadManifest (what *described* says) or NoRoom;
    then *output* is what it was.
    """
    with work_folder(output.absolute().parent) as work:
        opened = open_source(source, work)
        told, files = _told(opened, output)
        if not files:
            raise EmptyPack(path=source)
        told.update({key: value for key, value in described.items() if value})
        workshop = Workshop(files, work)
        for path in opened.left_out:
            workshop.warn(Notice("%(path)s is a link or a device, not a file: it was left out.", path=path))
        original = next(iter(workshop.given)) if opened.single else None
        parts = _import(workshop, told, original, h5p_libraries)
        if not workshop.files:
            raise BadInput(reason=str(workshop.warnings[-1]).rstrip("."))
        if original not in workshop.files:
            original = None  # not for pupils: what was made of it is
        toc = _contents(told, parts, workshop)
        composed = tuple(lines(toc, parts, workshop))
        if opened.single:
            _take_over(told, *parts.values())
        title = told.get("title") or _title(opened, parts, told.get("guess", ""))
        toc = with_posters(shallow(toc), workshop)
        image = cover_of(told, toc, parts, workshop)
        listed = describe(list(workshop.files.values()), progress)
        libs = sorted({lib for part in parts.values() for lib in part.libs})[:_MAX_LIBS]
        manifest = assemble(title, workshop.language, toc, listed, told, original, libs, image)
        write_edpack(output, manifest, lambda file: workshop.files[file.path].open(), progress)
        lay_out(manifest, {path: found.location for path, found in workshop.files.items()})
    return Built(manifest, workshop.warnings, composed)


def _contents(told: dict[str, Any], parts: dict[str, Imported], workshop: Workshop) -> tuple[Item, ...]:
    """The table of contents as a draft or lesson.toml says, or as it is found."""
    if told.get("order") or told.get("aside"):
        return ordered(told.get("order", []), told.get("aside", []), parts, workshop)
    return told_contents(told["item"], parts, workshop) if told.get("item") else contents(parts)


def _told(opened: Opened, output: Path) -> tuple[dict[str, Any], list[Found]]:
    """What lesson.toml says, and the lesson's own files: neither that nor an older *output*."""
    own = [
        found for found in opened.files
        if found.path != LESSON_TOML and not (output.exists() and found.location.samefile(output))
    ]  # fmt: skip
    for found in opened.files:
        if found.path == LESSON_TOML and not opened.single:
            return read_lesson_toml(found), own
    return {}, own if not opened.single else opened.files


def _title(opened: Opened, parts: dict[str, Imported], guess: str) -> str:
    """The title of the front page or of the one document, else the *guess* of a draft or the name of the source."""
    alone = opened.single or (bool(guess) and len(parts) == 1)
    for path, part in parts.items():
        if path in INDEXES or (alone and part.type != "file"):
            return part.title
    return guess or spoken(opened.name)


def _import(
    workshop: Workshop, told: dict[str, Any], original: str | None, h5p_libraries: Path | None
) -> dict[str, Imported]:
    """What each importer found, by path; files that belong to others are left out by ``contents``."""
    courses, cards = open_courses(workshop)
    brought = {path for course in courses for path in (course.path, *course.paths.values())}
    own = [path for path in workshop.files if path not in brought | cards.keys()]
    own += [path for course in courses for path in course.documents()]
    pages = [path for path in own if extension(path) in html.EXTENSIONS]
    parts = {path: html.read(path, workshop) for path in pages}
    opened = open_containers(own, workshop, h5p_libraries)
    said = {course.path: course.language for course in courses}
    said |= {
        path: part.language for path, part in (parts | opened).items() if part.language or path not in said
    }
    known = _language(told, said)
    workshop.language = known or DEFAULT_LANGUAGE
    parts |= opened | cards
    # A PDF asks which office files of its name are still there.
    for path in sorted(own, key=lambda path: extension(path) not in office.EXTENSIONS):
        if path not in parts and path in workshop.files:
            reader = _IMPORTERS.get(extension(path), download.read)
            if found := reader(path, workshop):
                parts[path] = found
            elif path in workshop.files:
                parts[path] = download.read(path, workshop)
    if not known:
        _guess_language(parts, workshop)
    for course in courses:
        finish(course, parts, workshop)
    opened.pop(original or "", None)
    leave_originals(workshop, opened, parts)
    return parts


def _take_over(told: dict[str, Any], part: Imported) -> None:
    """What the one document of a lesson says of itself holds for the lesson, if its author does not say else."""
    for key, value in (("licence", part.licence), ("author", list(part.authors))):
        if value and not told.get(key):
            told[key] = value


def _language(told: dict[str, Any], said: dict[str, str | None]) -> str:
    """The lesson's language as its author told, or as one of its documents *said*; else empty."""
    if told.get("language"):
        return html.language_of(str(told["language"])) or str(told["language"])
    # The front page speaks for the others; paths are sorted, so a lesson without one is still built the same.
    for path in sorted(said, key=lambda path: (path not in INDEXES, path.count("/"), path)):
        if found := said[path]:
            return found
    return ""


def _guess_language(parts: dict[str, Imported], workshop: Workshop) -> None:
    """Take the language from the text of a lesson of PDFs alone: pages that were made here are written by now."""
    if parts and all(part.type == "pdf" for part in parts.values()):
        found = tongue_of(" ".join(_beginning(part.text, workshop) for part in parts.values() if part.text))
        if found:
            workshop.language = found
            return
    assumed = workshop.language
    workshop.warn(Notice("The lesson does not say its language; %(language)s was assumed.", language=assumed))


def _beginning(path: str, workshop: Workshop) -> str:
    """The first page or two of the text at *path*."""
    with workshop.files[path].open() as text:
        return text.read(_BEGINNING).decode("utf-8", "ignore")
