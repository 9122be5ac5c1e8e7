"""The desk's page where a phone brings lessons to a school without a line, and takes some along to another one.

A file is handed in by pieces smaller than the largest request, each with its place, so that a phone that lost
the box goes on where it was: waitress keeps a whole request before it is seen, so nothing larger could be
taken in. Every answer is small and quick: pieces are added to a file on the shelf
(``sync.carried.courier_shelf``), and what takes time (looking at couriers, making one, the list of what is
missing) is done by a child process. What a page shows is read from the shelf.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN
from edubox.box.courier_academy import NAME, academy_of, make_request
from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.errors import BadInput, MissingFile, NoRoom
from edubox.pages.carry import carry_page, refusal
from edubox.program import EDUBOX
from edubox.store.file_response import respond
from edubox.store.platform import Reserve
from edubox.store.space import MB
from edubox.sync.carried.courier_shelf import OutOfStep, Result, Shelf
from edubox.sync.hub_address import carriers_page

SCRIPT = Path(__file__).parent / "carry.js"
#: Seconds after which work that did not begin is asked for again, and that a list may take to make.
_AGAIN, _PATIENCE = 60.0, 120.0
_HERE = "carry"
Run = Callable[[list[str]], bool]


def carry_pages(desk: Blueprint, site: Site, run: Run) -> None:
    """Add the page to *desk*; *run* starts ``edubox`` with arguments when its turn comes, and says whether it will."""
    shelf = Shelf(site.data, Reserve(int(site.settings["reserve_mb"]) * MB))
    work = _Work(shelf, site.data, run)
    listing = Lock()

    def page(problem: str = "") -> str:
        shelf.tidy()
        work.begin()
        frame, here = surroundings(site, _HERE)
        return carry_page(
            frame, here, shelf.results(), arriving=shelf.arriving(), waiting=len(shelf.waiting()),
            making=shelf.asked() is not None, outgoing=shelf.outgoing(), hub=carriers_page(site.settings),
            academy=academy_of(site, problem),
        )  # fmt: skip

    @desk.get("/carry/")
    def carry() -> str:
        return page()

    @desk.post(f"/carry/{NAME}")
    @needs(ADMIN)
    def take_request() -> Response:
        if academy_of(site) is None:
            return see(surroundings(site, _HERE)[1].at("carry/"))
        made, problem = make_request(site)
        if problem:
            return Response(page(problem), 507 if problem == "no-room" else 400)
        return Response(made, mimetype="application/json", headers=_download(NAME))

    @desk.get("/carry/carry.js")
    def script() -> Response:
        return Response(SCRIPT.read_text("utf-8"), mimetype="text/javascript")

    @desk.get("/carry/edubox-list.json")
    def want_list() -> Response:
        # In a child, since it reads every lesson's list of files, and one at a time.
        if not listing.acquire(blocking=False):
            abort(503)
        try:
            line = [*EDUBOX, "courier", "want", "--data", str(site.data), "-o", "-"]
            made = subprocess.run(line, capture_output=True, check=False, timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            abort(503)
        finally:
            listing.release()
        if made.returncode:
            abort(500)
        return Response(made.stdout, mimetype="application/json", headers=_download("edubox-list.json"))

    @desk.post("/carry/in")
    def begin() -> tuple[Response, int]:
        asked = request.args

        def answer() -> dict[str, Any]:
            key, at = shelf.begin(asked.get("name", ""), _number("size"), asked.get("stamp", ""))
            return {"key": key, "at": at}

        return _answered(site, answer)

    @desk.put("/carry/in/<key>")
    def take(key: str) -> tuple[Response, int]:
        size, at = _number("size"), _number("at")

        def answer() -> dict[str, Any]:
            now = shelf.take(key, size, at, request.get_data(cache=False))
            if now == size:
                work.begin(at_once=True)
            return {"at": now}

        return _answered(site, answer)

    @desk.post("/carry/out")
    def ask() -> Response:
        given = request.files.get("list")
        try:
            shelf.ask(given.read() if given else b"")
        except NoRoom as error:
            shelf.tell(Result(time.time(), "out", error.code))
        work.begin(at_once=True)
        return see(surroundings(site, _HERE)[1].at("carry/"))

    @desk.post("/carry/out/remove")
    def remove() -> Response:
        shelf.clear()
        return see(surroundings(site, _HERE)[1].at("carry/"))

    @desk.get("/carry/out/<name>")
    def outgoing(name: str) -> Response:
        path = shelf.outgoing_part(name)
        answer = _file(path) if path else None
        return answer or abort(404)

    work.begin()


class _Work:
    """Asks for the child that the shelf needs, again after a while if it is still needed."""

    def __init__(self, shelf: Shelf, data: Path, run: Run) -> None:
        self._shelf, self._data, self._run = shelf, str(data), run
        self._asked: dict[str, float] = {}

    def begin(self, *, at_once: bool = False) -> None:
        """Ask for what is to be done; *at_once* if it is another thing than a moment ago."""
        if self._shelf.waiting():
            self._ask("import", "--handed-in", at_once=at_once)
        if self._shelf.asked() is not None:
            self._ask("export", "--asked", at_once=at_once)

    def _ask(self, command: str, option: str, *, at_once: bool) -> None:
        now = time.monotonic()
        due = at_once or now - self._asked.get(command, float("-inf")) > _AGAIN
        if due and self._run(["courier", command, option, "--data", self._data]):
            self._asked[command] = now


def _answered(site: Site, act: Callable[[], dict[str, Any]]) -> tuple[Response, int]:
    """What *act* says for the script, or why not: a place to go on from, or a sentence for a person."""
    try:
        return jsonify(act()), 200
    except OutOfStep as step:
        return jsonify({"at": step.at}), 409
    except MissingFile:
        return jsonify({}), 410
    except (BadInput, NoRoom) as error:
        words = surroundings(site, _HERE)[0].words
        return jsonify({"say": words.gettext(refusal(error))}), 422


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        abort(400)
    return int(text)


def _file(path: Path) -> Response | None:
    """*path* as a download that a phone can resume; None if it has just left."""
    told: list[Any] = []
    try:
        stat = path.stat()
    except OSError:
        return None
    body = respond(
        request.environ, lambda status, headers: told.extend((status, headers)), path,
        etag=f"{stat.st_size:x}-{stat.st_mtime_ns:x}", media_type="application/zip",
        headers=list(_download(path.name).items()),
    )  # fmt: skip
    status, headers = told
    # The server sends the file itself; see ``file_response``.
    return Response(body, status, headers, direct_passthrough=True)


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
