"""What is for teachers only: read at the desk, by whoever was let in (a substitute as well), and nowhere else.

The files lie in ``mirror/staff/``, which no route, no courier and no neighbour is given. ``school.db`` says which list of
files goes with a lesson; what that list does not name cannot be asked for. A colleague's file may be as hostile as any
lesson, and the desk's origin has a session: pictures, PDF and plain text are shown, under a policy that lets them do
nothing; everything else, web pages first of all, is only ever kept on the device.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import SUBSTITUTE, me
from edubox.box.accounts.substitutes import may_read
from edubox.box.desk import surroundings
from edubox.box.own.identity import own_id
from edubox.box.site import Site
from edubox.box.teacher import versions
from edubox.errors import EduboxError
from edubox.pack.manifest import MAX_MANIFEST, File, Manifest, parse
from edubox.pages import giving as pages
from edubox.pages.giving import Notes
from edubox.store.file_response import respond
from edubox.store.layout import STAFF, object_path
from edubox.trust.fetch import FolderFetch

_HERE = "given"
#: Media type of what a browser shows → the one it is sent as.
_SHOWN = {
    "application/pdf": "application/pdf", "image/png": "image/png", "image/jpeg": "image/jpeg", "image/gif": "image/gif",
    "image/webp": "image/webp", "text/plain": "text/plain; charset=utf-8", "text/markdown": "text/plain; charset=utf-8",
    "text/csv": "text/plain; charset=utf-8",
}  # fmt: skip
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def note_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages of what is for teachers only to *desk*."""

    @desk.get("/notes/<authority>/<name>/<slug>/")
    @needs(SUBSTITUTE)
    def staff_notes(authority: str, name: str, slug: str) -> str:
        lesson, found = _of(site, f"{authority}/{name}", slug)
        listed = [Notes(file.path, file.size, file.type in _SHOWN) for file in found.files]
        return pages.notes(*surroundings(site, _HERE), lesson.title, f"{authority}/{name}/{slug}", listed)

    @desk.get("/notes/<authority>/<name>/<slug>/file/<path:wanted>")
    @needs(SUBSTITUTE)
    def staff_file(authority: str, name: str, slug: str, wanted: str) -> Response:
        _, found = _of(site, f"{authority}/{name}", slug)
        listed = next((one for one in found.files if one.path == wanted), None)
        return _answer(site.data, listed) if listed is not None else abort(404)


def _of(site: Site, publisher: str, slug: str) -> tuple[versions.OwnLesson, Manifest]:
    """The lesson and the list of its files for teachers; a page that is not there when there is none."""
    lesson = versions.of_slug(site.school, slug)
    if lesson is None or not lesson.staff or publisher != own_id(site.data):
        abort(404)
    if not may_read(site.school, me(), f"{publisher}/{slug}"):
        abort(404)
    try:
        data = FolderFetch(site.data / "mirror" / STAFF).read(object_path(lesson.staff), MAX_MANIFEST)
        return lesson, parse(data)
    except EduboxError:
        abort(404)


def _answer(data: Path, file: File) -> Response:
    shown = _SHOWN.get(file.type)
    # Browsers show no PDF in a sandbox; nosniff keeps it one.
    policy = _NOTHING if shown == "application/pdf" else f"{_NOTHING}; sandbox"
    name = quote(file.path.rpartition("/")[2], safe="")
    headers = [
        ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
        ("Content-Disposition", f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"),
    ]  # fmt: skip
    told: list[Any] = []
    body = respond(
        request.environ, lambda status, headers: told.extend((status, headers)),
        data / "mirror" / STAFF / object_path(file.sha256), etag=None,
        media_type=shown or "application/octet-stream", headers=headers,
    )  # fmt: skip
    status, sent = told
    return Response(body, status, sent, direct_passthrough=True)
