"""A folder, zip or document becomes a lesson file: who is asked about each file, and in which order.

Pages are read first, since they say the language in which the other importers write. A ``lesson.toml`` in the
source is the author's word (``lesson_toml``); what it leaves open is found in the files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import EmptyPack
from edubox.importers import audio, download, html, image, markdown, notebook, pdf, quiz, stylesheet, video
from edubox.importers.containers import leave_originals, open_containers
from edubox.importers.contents import contents, shallow
from edubox.importers.lesson_toml import LESSON_TOML, read_lesson_toml, told_contents
from edubox.importers.posters import cover_of, with_posters
from edubox.importers.workshop import INDEXES, Imported, Workshop, spoken
from edubox.pack.build import assemble, describe
from edubox.pack.edpack import write_edpack
from edubox.pack.manifest import Manifest
from edubox.pack.media_types import extension
from edubox.pack.opening import Found, Opened, open_source
from edubox.pack.work import work_folder

_IMPORTERS: dict[str, Callable[[str, Workshop], Imported | None]] = {
    **dict.fromkeys(markdown.EXTENSIONS, markdown.read), **dict.fromkeys(notebook.EXTENSIONS, notebook.read),
    **dict.fromkeys(stylesheet.EXTENSIONS, stylesheet.read), **dict.fromkeys(pdf.EXTENSIONS, pdf.read), **dict.fromkeys(image.EXTENSIONS, image.read),
    **dict.fromkeys(audio.EXTENSIONS, audio.read), **dict.fromkeys(video.EXTENSIONS, video.read),
    **dict.fromkeys(quiz.EXTENSIONS, quiz.read),
}  # fmt: skip
#: What most of our schools speak; a lesson that does not say its language gets it with a warning.
DEFAULT_LANGUAGE = "fr"
#: Names of player libraries that a manifest holds.
_MAX_LIBS = 1000


@dataclass(frozen=True, slots=True)
class Built:
    """A lesson file that was made; *warnings* are sentences for its author."""

    manifest: Manifest
    warnings: list[str]


def build_lesson(
    source: Path, output: Path, described: dict[str, Any], progress: Callable[[str, int, int], None] = lambda *_: None,
    *, h5p_libraries: Path | None = None,
) -> Built:  # fmt: skip
    """Make the lesson file *output* from the folder, zip or document *source*.

    *described* has the keys of lesson.toml (title, language, description, level, subject, licence, author,
    duration, keyword); empty values are taken from lesson.toml or found. *progress* gets (what, done, total) in
    bytes. *h5p_libraries* is a folder that completes H5P exercises which come without. Raises UnreadableSource,
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
        for notice in opened.notices:
            workshop.warn(notice)
        original = next(iter(workshop.given)) if opened.single else None
        parts = _import(workshop, told, original, h5p_libraries)
        toc = told_contents(told["item"], parts, workshop) if told.get("item") else contents(parts)
        if opened.single:
            _take_over(told, *parts.values())
        title = told.get("title") or _title(opened, parts)
        toc = with_posters(shallow(toc), workshop)
        image = cover_of(told, toc, parts, workshop)
        listed = describe(list(workshop.files.values()), progress)
        libs = sorted({lib for part in parts.values() for lib in part.libs})[:_MAX_LIBS]
        manifest = assemble(title, workshop.language, toc, listed, told, original, libs, image)
        write_edpack(output, manifest, lambda file: workshop.files[file.path].open(), progress)
    return Built(manifest, workshop.warnings)


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


def _title(opened: Opened, parts: dict[str, Imported]) -> str:
    """The title of the front page or of the one document, else the name of the source."""
    for path, part in parts.items():
        if path in INDEXES or (opened.single and part.type != "file"):
            return part.title
    return spoken(opened.name)


def _import(
    workshop: Workshop, told: dict[str, Any], original: str | None, h5p_libraries: Path | None
) -> dict[str, Imported]:
    """What each importer found, by path; files that belong to others are left out by ``contents``."""
    own = list(workshop.files)  # without what containers bring
    pages = [path for path in own if extension(path) in html.EXTENSIONS]
    parts = {path: html.read(path, workshop) for path in pages}
    opened = open_containers(workshop, h5p_libraries)
    workshop.language = _language(told, parts | opened, workshop)
    parts |= opened
    for path in own:
        if path not in parts:
            reader = _IMPORTERS.get(extension(path), download.read)
            if found := reader(path, workshop) or download.read(path, workshop):
                parts[path] = found
    if original is None:
        leave_originals(workshop, opened, parts)
    return parts


def _take_over(told: dict[str, Any], part: Imported) -> None:
    """What the one document of a lesson says of itself holds for the lesson, if its author does not say else."""
    for key, value in (("licence", part.licence), ("author", list(part.authors))):
        if value and not told.get(key):
            told[key] = value


def _language(told: dict[str, Any], pages: dict[str, Imported], workshop: Workshop) -> str:
    if told.get("language"):
        return html.language_of(str(told["language"])) or str(told["language"])
    # The front page speaks for the others; paths are sorted, so a lesson without one is still built the same.
    for path in sorted(pages, key=lambda path: (path not in INDEXES, path.count("/"), path)):
        if found := pages[path].language:
            return found
    workshop.warn(
        f"The lesson does not say its language; {DEFAULT_LANGUAGE} was assumed. --language says it."
    )
    return DEFAULT_LANGUAGE
