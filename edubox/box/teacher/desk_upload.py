"""Where a teacher's files arrive in pieces that can be cut and go on (tus 1.0.0).

``/bureau/televersement/`` speaks the protocol of tus.io: core, creation, termination and expiration. A ``POST`` announces a file
(``Upload-Length``, and in ``Upload-Metadata`` its ``name``, its ``path`` in a folder, ``type``, ``draft`` and ``kind``) and makes a
draft for it if it names none (``X-Edubox-Draft`` in the answer); ``PATCH`` brings pieces, which ``serve`` pours to the disk while
they come; ``HEAD`` says how far it is. Whoever's last byte has come is in its draft, or among the photos, or is opened as a lesson.
An upload is its person's: for everybody else there is none.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import partial

from flask import Blueprint, Response, abort, request
from werkzeug.http import parse_cookie

from edubox.box.accounts import guard
from edubox.box.accounts.guard import COOKIE, PLAIN_COOKIE
from edubox.box.accounts.person import me
from edubox.box.desk import surroundings
from edubox.box.site import Site
from edubox.box.teacher import receiving
from edubox.box.teacher.arriving import Arriving
from edubox.box.teacher.desk_form import PATH as FORM
from edubox.box.teacher.uploads import FILES, KEPT, KINDS, LARGEST, PIECE, Coming, Standing, Uploads
from edubox.errors import Busy, EduboxError, NoRoom, NotFound, OutOfStep, TooLarge, TooMany

VERSION = "1.0.0"
#: What a name may be called, the one with folders first.
_NAMES = ("path", "relativePath", "name", "filename")
_HERE = "home"
_PATH = re.compile(r"/bureau/televersement/([a-z2-7]{26})\Z")
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_BLOCK = 64 * 1024
#: What the answer of a request says of what went wrong.
_STATUS: dict[type[EduboxError], int] = {
    NotFound: 404, OutOfStep: 409, TooLarge: 413, Busy: 423, TooMany: 429, NoRoom: 507,
}  # fmt: skip


def pouring(uploads: Uploads) -> Callable[[str, str, Mapping[str, str]], Arriving | None]:
    """Which bodies go to *uploads* as they come, for ``Large.into``.

    Of who has not come in, or comes by a page that is not ours, none does, and the form's neither, which otherwise comes as
    ``Large.most`` says.
    """

    def into(method: str, path: str, headers: Mapping[str, str]) -> Arriving | None:
        found = _PATH.match(path) if method == "PATCH" else None
        if found is not None:
            return uploads.arriving(found[1], headers)
        is_form = method == "POST" and path == FORM
        return uploads.refused() if is_form and uploads.owner(headers) is None else None

    return into


def upload_desk(desk: Blueprint, site: Site, uploads: Uploads) -> None:
    """Add to *desk* what takes files into *uploads*."""
    rule = "/televersement/"
    uploads.owner = partial(_owner, site)

    @desk.route(rule, methods=["OPTIONS"], provide_automatic_options=False)
    @desk.route(f"{rule}<ident>", methods=["OPTIONS"], provide_automatic_options=False)
    def abilities(ident: str = "") -> Response:  # noqa: ARG001 - the same for every upload
        return _tus(
            204,
            {
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,termination,expiration",
                "Tus-Max-Size": str(LARGEST),
            },
        )

    @desk.post(rule)
    def announce_upload() -> Response:
        _check_version()
        size = request.headers.get("Upload-Length", "")
        if not _NUMBER.match(size):
            return _tus(400)
        told = _metadata(request.headers.get("Upload-Metadata", ""))
        name = next((told[key] for key in _NAMES if told.get(key)), "")
        kind = told.get("kind", FILES)
        if kind not in KINDS:
            return _tus(400)
        try:
            coming = receiving.coming(
                site, int(size), name, draft=told.get("draft", ""), kind=kind, media=told.get("type", "")
            )
        except (TooLarge, TooMany, NoRoom) as error:
            return _tus(_STATUS[type(error)])
        try:
            ident = uploads.begin(coming)
            uploads.finish(ident, partial(receiving.take, site))  # an empty file is whole
        except EduboxError as error:
            receiving.forget(site.data, coming)
            return _tus(_STATUS.get(type(error), 500))
        base = surroundings(site, _HERE)[1].base
        return _tus(201, {"Location": f"{base}{rule}{ident}"} | _whither(coming))

    @desk.route(f"{rule}<ident>", methods=["HEAD"])
    def how_far(ident: str) -> Response:
        _check_version()
        _mine(ident)
        uploads.settle(ident)
        return _standing(ident, 200)

    @desk.patch(f"{rule}<ident>")
    def add_piece(ident: str) -> Response:
        _check_version()
        _mine(ident)
        if request.mimetype != PIECE:
            return _tus(415)
        poured = request.environ["wsgi.input"]
        if isinstance(poured, Arriving) and poured.began:
            return _settled(ident, poured)
        offset = request.headers.get("Upload-Offset", "")
        if not _NUMBER.match(offset) or request.content_length is None:
            return _tus(400)
        try:
            writer = uploads.write(ident, int(offset), request.content_length)
        except (OutOfStep, NotFound) as error:
            return _tus(_STATUS[type(error)])
        if isinstance(poured, Arriving):
            writer.close()  # its body was refused before, and will not come again
            return _tus(423)
        while not writer.refused and (block := request.stream.read(_BLOCK)):
            writer.append(block)
        return _settled(ident, writer)

    @desk.delete(f"{rule}<ident>")
    def cancel_upload(ident: str) -> Response:
        _check_version()
        _mine(ident)
        uploads.end(ident)
        return _tus(204)

    def _whither(coming: Coming) -> dict[str, str]:
        """What a device is told of where its file goes, and which page to open afterwards."""
        page = surroundings(site, _HERE)[1].at(receiving.page(coming.draft, coming.kind))
        return {"X-Edubox-Draft": coming.draft, "X-Edubox-Next": page}

    def _mine(ident: str) -> Standing:
        try:
            found = uploads.standing(ident)
        except NotFound:
            abort(404)
        if found.coming.person != me().id:
            abort(404)
        return found

    def _settled(ident: str, writer: Arriving) -> Response:
        writer.settle()
        refused, full = writer.refused, writer.full
        writer.close()
        if refused:
            return _tus(507 if full else 423)
        return _standing(ident, 204)

    def _standing(ident: str, status: int) -> Response:
        """How far the upload is, moved into its draft if it is whole."""
        try:
            uploads.finish(ident, partial(receiving.take, site))
            found = uploads.standing(ident)
        except NotFound:
            # Its draft is gone, and nobody wants two gigabytes of nothing.
            uploads.end(ident)
            return _tus(410)
        except EduboxError as error:
            return _tus(_STATUS.get(type(error), 500))
        said = {"Upload-Offset": str(found.offset)} | _whither(found.coming)
        if status == 200:
            said["Upload-Length"] = str(found.coming.size)
        if not found.finished:
            said["Upload-Expires"] = formatdate(found.touched + KEPT, usegmt=True)
        return _tus(status, said)


def _metadata(header: str) -> dict[str, str]:
    """``Upload-Metadata``: keys, and values in base64."""
    told = {}
    for pair in header.split(",")[:20]:
        key, _, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            abort(_tus(400))
    return told


def _owner(site: Site, headers: Mapping[str, str]) -> int | None:
    """Whose the request with these *headers* is, before its body has come, if a page of ours sent it.

    The guard asks again when it has come. How it came is not known yet: a page of ours says so, and its cookie has the name
    that goes with it.
    """
    scheme, _, host = headers.get("ORIGIN", "").partition("://")
    cookie = {"https": COOKIE, "http": PLAIN_COOKIE}.get(scheme)
    if cookie is None or host != headers.get("HOST", ""):
        return None
    tokens = parse_cookie(headers.get("COOKIE", "")).getlist(cookie)
    return guard.person_at_once(site, tokens[0]) if len(tokens) == 1 else None


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        abort(_tus(412, {"Tus-Version": VERSION}))


def _tus(status: int, headers: dict[str, str] | None = None) -> Response:
    answer = Response(status=status)
    answer.autocorrect_location_header = False
    answer.headers.update({"Tus-Resumable": VERSION, "Cache-Control": "no-store"} | (headers or {}))
    return answer
