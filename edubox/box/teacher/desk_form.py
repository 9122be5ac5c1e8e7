"""The plain form with files, for browsers without scripts: all at once, and a cut loses them, so it has a limit.

Its body goes to the disk as it comes (``Large``), then each file once more under a name of its own, from which it is moved
into its draft like one that came in pieces.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, abort, request
from werkzeug.datastructures import FileStorage

from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import receiving
from edubox.box.teacher.making import open_draft
from edubox.box.teacher.uploads import FILES, KINDS
from edubox.errors import Busy, EduboxError, NoRoom, TooLarge, TooMany
from edubox.pages import uploading as pages

PATH = "/bureau/televersement/form"
#: Bytes of a form, and files in it.
LARGEST, FILES_AT_ONCE = 200_000_000, 100
_HERE = "home"
_STAGING = "staging"
#: What went wrong, as the page afterwards calls it.
_SAID: dict[type[EduboxError], str] = {TooLarge: "large", TooMany: "many", NoRoom: "room", Busy: "room"}


def largest_form(method: str, path: str) -> int:
    """Bytes of the largest body of the form, 0 for anything else; for ``Large.most``."""
    return LARGEST if method == "POST" and path == PATH else 0


def form_request(data: Path) -> type[Request]:
    """A request whose form keeps files on the disk of *data*: where temporary files lie otherwise is often memory."""

    class OnDisk(Request):
        max_form_parts = FILES_AT_ONCE + 50

        def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
            folder = data / _STAGING
            folder.mkdir(exist_ok=True)
            return cast("IO[bytes]", tempfile.NamedTemporaryFile("w+b", dir=folder, prefix="form-"))

    return OnDisk


def form_desk(desk: Blueprint, site: Site) -> None:
    """Add to *desk* what takes the form."""

    @desk.get("/televersement/form")
    def show_form() -> str:
        draft, kind = request.args.get("draft", ""), request.args.get("kind", FILES)
        title = open_draft(site, draft).title if draft else ""
        kind = kind if kind in KINDS else FILES
        return pages.send(*surroundings(site, _HERE), draft, kind, title, request.args.get("said", ""))

    @desk.post("/televersement/form")
    def take_form() -> Response:
        here = surroundings(site, _HERE)[1]
        given = [one for one in request.files.getlist("file") if one.filename]
        draft, kind = request.form.get("draft", ""), request.form.get("kind", FILES)
        if not given or kind not in KINDS:
            abort(400)
        try:
            next_page = _taken(site, given, draft, kind)
        except (TooMany, NoRoom, TooLarge, Busy) as error:
            said = {"said": _SAID[type(error)], "draft": draft, "kind": kind}
            return see(f"{here.base}/televersement/form?{urlencode(said)}")
        return see(here.at(next_page))


def _taken(site: Site, given: list[FileStorage], draft: str, kind: str) -> str:
    """Put the files of a form into its draft, or a new one; the page on which to go on. Raises TooMany, NoRoom, TooLarge, Busy."""
    if len(given) > FILES_AT_ONCE:
        raise TooMany(limit=FILES_AT_ONCE)
    next_page = ""
    for one in given:
        one.stream.flush()
        os.fsync(one.stream.fileno())
        source = Path(one.stream.name)
        what = receiving.coming(site, source.stat().st_size, one.filename or "", draft=draft, kind=kind)
        # The request removes the name that it gave.
        kept = source.with_name(f"{source.name}.kept")
        os.link(source, kept)
        try:
            receiving.take(site, what, kept)
        except EduboxError:
            receiving.forget(site.data, what)
            raise
        finally:
            kept.unlink(missing_ok=True)
        draft, next_page = what.draft, next_page or receiving.page(what.draft, what.kind)
    return next_page
