"""Where a pupil hands in: a page with a plain form, and what takes it. No account, no cookie, plain HTTP.

The form is our own page's (``Origin``), its file goes to the disk as it comes, and what can be too much is bounded: one
file's bytes, a class's bytes and number, how many come in a minute. Whoever handed in gets a receipt, which replaces the
file or takes it back while the drop-box is open; the box keeps only a hash of it.
"""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from edubox.box.kept import Rendered, rendered
from edubox.box.origins import host
from edubox.box.own.identity import now_on
from edubox.box.school import classes, handins, kinds
from edubox.box.school.handins import LARGEST
from edubox.box.school.reports import Turnstile
from edubox.box.site import Site
from edubox.errors import NoRoom, NotFound, NotTaken, TooMany
from edubox.pages import amounts, handing
from edubox.pages.addresses import Place, path
from edubox.pages.classroom import DropBox, SchoolClass
from edubox.pages.handing import Received
from edubox.pages.model import Frame
from edubox.store.platform import full_disk_is_no_room

#: A whole class hands in within a minute.
A_MINUTE = 60
#: Bytes of a form beside its file.
_FIELDS = 16_384
_PARTS = 8
_LONGEST_RECEIPT = 40
_STAGING = "staging"


def handin_answer(site: Site, frame: Frame, place: Place) -> Rendered | None:
    """The page of the drop-box at *place*, with what was handed in when the query has its receipt; None: there is none."""
    found = _found(site, place.code, place.part)
    if found is None:
        return None
    shown, box = found
    receipt = request.args.get("receipt", "")[:_LONGEST_RECEIPT]
    one = handins.of_receipt(site.school, box, receipt) if receipt else None
    received = None
    if one is not None:
        received = Received(one, receipt, said_time(one.at, frame))
    said = request.args.get("said", "")
    if receipt and one is None:
        said = "unknown"
    return rendered(handing.handin_page(
        frame, shown, box, received, said=said if said in handing.SAID else "", open_now=_is_open(site, box),
        accept=kinds.ACCEPT, again="again" in request.args,
    ))  # fmt: skip


def said_time(at: int, frame: Frame) -> str:
    """The moment *at* (seconds since 1970) as people of the school say it: ``Monday 30 November, 10:42``."""
    moment = datetime.fromtimestamp(at).astimezone()
    return (
        f"{amounts.date(moment.date().isoformat(), frame.words)}, {amounts.hour(moment, moment, frame.words)}"
    )


def take_handins(app: Flask, site: Site) -> None:
    """Let *app* take the form of ``handin_answer``, in every language."""
    turnstile = Turnstile(time.monotonic, A_MINUTE)
    for language in site.languages:
        rule = (
            path(Place("handin", code="CODE", part=1), language)
            .replace("CODE", "<code>")
            .replace("/1/", "/<int:number>/")
        )
        app.add_url_rule(
            rule, f"handin-{language}", partial(_take, site, turnstile, language), methods=["POST"]
        )


def largest_body(languages: tuple[str, ...]) -> re.Pattern[str]:
    """The paths to which a file may be handed in."""
    rules = [
        path(Place("handin", code="CODE", part=1), one).replace("CODE", r"\d{6}").replace("/1/", r"/\d{1,6}/")
        for one in languages
    ]
    return re.compile(f"(?:{'|'.join(rules)})\\Z")


#: Bytes of the largest request with a file.
LARGEST_BODY = LARGEST + _FIELDS


def _take(site: Site, turnstile: Turnstile, language: str, code: str, number: int) -> Response:
    if host(request.environ) is None or request.headers.get("Origin") != request.host_url.rstrip("/"):
        abort(403)
    found = _found(site, code, number)
    if found is None:
        abort(404)
    shown, box = found
    if request.content_length is None:
        abort(411)
    here = path(Place("handin", code=code, part=number), language)
    if request.content_length > LARGEST_BODY:
        return _see(here, said="large")
    if not _is_open(site, box):
        return _see(here, said="closed")
    if not turnstile.lets_pass():
        return _see(here, said="flood")
    with ExitStack() as kept:
        try:
            form, file = _parsed(kept, site.data)
        except NoRoom:
            return _see(here, said="room")
        return _see(here, **_acted(site, shown, box, form, file))


def _acted(
    site: Site, shown: SchoolClass, box: DropBox, form: Any, file: tuple[Path, str] | None
) -> dict[str, str]:
    """What came of the form, as the query of the page that says so."""
    receipt = form.get("receipt", "")[:_LONGEST_RECEIPT]
    before = handins.of_receipt(site.school, box, receipt) if receipt else None
    if receipt and before is None:
        return {"said": "unknown"}
    if form.get("action") == "take-back":
        if before is None:
            abort(400)
        handins.take_back(site.school, site.data, before.id)
        return {"said": "taken-back"}
    name = before.name if before else classes.line(form.get("name", ""), handins.NAME)
    if file is None or not name:
        return {"said": "empty"}
    try:
        given = handins.take(
            site.school, site.data, shown.code, box, file[0], file[1], name, int(now_on(site.data).timestamp()),
            instead=before.id if before else "",
        )  # fmt: skip
    except NotTaken as error:
        return {"said": str(error.details["reason"])}
    except TooMany:
        return {"said": "full"}
    except NoRoom:
        return {"said": "room"}
    except NotFound:
        abort(404)
    return {"receipt": handins.shown_receipt(given)}


def _parsed(kept: ExitStack, data: Path) -> tuple[Any, tuple[Path, str] | None]:
    """The fields of the form, and its file with its name; the file is gone with *kept*. Raises NoRoom."""
    folder = data / _STAGING
    folder.mkdir(exist_ok=True)

    def stream(*_: Any, **__: Any) -> IO[bytes]:
        return kept.enter_context(tempfile.NamedTemporaryFile("w+b", dir=folder, prefix="handin-"))

    parser = FormDataParser(
        stream_factory=stream, max_form_memory_size=_FIELDS, max_content_length=LARGEST_BODY, max_form_parts=_PARTS,
        silent=False,
    )  # fmt: skip
    try:
        with full_disk_is_no_room(folder):
            _, form, files = parser.parse_from_environ(request.environ)
    except (ValueError, HTTPException):
        abort(400)
    given = files.get("file")
    if given is None or not given.filename:
        return form, None
    given.stream.flush()
    if Path(given.stream.name).stat().st_size == 0:
        return form, None
    return form, (Path(given.stream.name), given.filename)


def _found(site: Site, code: str, number: int) -> tuple[SchoolClass, DropBox] | None:
    shown = classes.of_code(site.school, code)
    box = next((one for one in shown.dropboxes if one.id == number), None) if shown else None
    return (shown, box) if shown and box else None


def _is_open(site: Site, box: DropBox) -> bool:
    return now_on(site.data).date().isoformat() <= box.until


def _see(address: str, **query: str) -> Response:
    answer = Response(status=303)
    answer.autocorrect_location_header = False
    answer.headers["Location"] = f"{address}?{urlencode(query)}#done"
    return answer
