"""``edubox box serve``: pages, lessons and desk in one process, and the box's own work in its children, until it is told to end."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from edubox.box.accounts import first
from edubox.box.app import create_app
from edubox.box.discovery import Announcement
from edubox.box.front import behind
from edubox.box.keeper import Keeper
from edubox.box.lessons import lesson_app
from edubox.box.library import Library
from edubox.box.mirror_route import with_mirror
from edubox.box.notify import ALIVE, ENDING, READY, manager
from edubox.box.origins import host
from edubox.box.renewal import Renewal
from edubox.box.school.database import SchoolFile
from edubox.box.school.erasing import Erasing
from edubox.box.school.handing import LARGEST_BODY, largest_body
from edubox.box.secure.certificate import files
from edubox.box.secure.credentials import Credentials
from edubox.box.secure.gate import only_desk, unwelcome
from edubox.box.secure.known import API
from edubox.box.sticks import Sticks, Unhurried
from edubox.box.teacher.desk_form import largest_form
from edubox.box.teacher.desk_upload import pouring
from edubox.box.teacher.receiving import forget
from edubox.box.teacher.uploads import Uploads
from edubox.errors import DamagedCatalogue
from edubox.hardware.hotspot.probes import PROBES
from edubox.pages.player import players
from edubox.store.incoming import Large
from edubox.store.platform import Reserve
from edubox.store.server import Served, listen, listen_in, run, url
from edubox.store.space import MB

#: What pupils do not read: the desk, which asks again and again, what boxes nearby take, what phones of a class and their systems ask.
_NOT_PAGES = ("/bureau/", "/m/", "/class/", API)
#: Settings that are ports, and what a person would write to choose another one.
_PORTS = {"port": "--port", "lesson_port": "--lesson-port", "desk_port": "--desk-port"}
#: Those at which a web server in front answers, if it has a socket for the lessons too.
_OF_FRONT = {"port", "lesson_port"}
#: The secret address of the desk of older boxes, which opens nothing any more.
_OLD_DESK = "desk"
_READ = {"200", "206", "304"}
#: Bytes of the disk that what people send leaves free before anybody has looked at it: less than ``reserve_mb``, whose sense
#: is that they can send something.
_FOR_THE_BOX = 24 * MB
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(data: Path, settings: dict[str, Any], ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve the data folder *data* to the school; *ready* gets the address to type once pages are answered.

    Raises PortTaken and BadInput before anything is served.
    """
    with contextlib.ExitStack() as opened:
        ports = {
            name: opened.enter_context(listen(settings["listen"], settings[name], option))
            for name, option in _PORTS.items()
            if not (settings["lesson_socket"] and name in _OF_FRONT)
        }
        # Port 0 asks for a free one; addresses need the one that was given.
        settings = settings | {name: sock.getsockname()[1] for name, sock in ports.items()}
        for name in ("proxy_socket", "lesson_socket"):
            if settings[name]:
                ports[name] = opened.enter_context(listen_in(Path(settings[name])))
        _serve(data, settings, ports, ready)


def _serve(
    data: Path, settings: dict[str, Any], ports: dict[str, socket.socket], ready: Callable[[str], None]
) -> None:
    """Serve on *ports*, which are named for their settings."""
    (data / "keys" / _OLD_DESK).unlink(missing_ok=True)
    first.make_if_needed(data, SchoolFile(data))
    announcement = Announcement(settings, partial(_country, Library(data)))
    keeper = Keeper(data, settings, sticks=Unhurried(Sticks()).appeared, neighbours=announcement.neighbours)
    reserve = Reserve(int(settings["reserve_mb"]) * MB)
    uploads = Uploads(data, reserve, partial(forget, data))
    application: _Application = create_app(data, settings, keeper, uploads)
    if settings["neighbours"]:
        application = with_mirror(application, data / "mirror", keeper.reading)

    pages = _noticing(application, keeper)
    lessons = _noticing(
        lesson_app(
            data,
            settings["port"],
            tuple(settings["languages"]),
            players(settings["players"]),
            settings["school_domain"],
        ),
        keeper,
    )
    erasing = Erasing(data)
    handing_in = largest_body(tuple(settings["languages"]) or ("en",))

    def largest(method: str, path: str) -> int:
        handed_in = LARGEST_BODY if method == "POST" and handing_in.match(path) else 0
        return handed_in or largest_form(method, path)

    tell, renewal = manager(), Renewal(settings, keeper.rest)

    def tick() -> None:
        tell(ALIVE)
        keeper.tick()
        uploads.tick()
        erasing.tick()
        renewal.tick()

    def begin() -> None:
        ready(url(settings["listen"], settings["port"]))
        tell(READY)
        announcement.begin()
        if not settings["certificate"] and not all(path.exists() for path in files(data, settings)):
            keeper.run(["box", "certificate", "--data", str(data)])
        if not _is_readable(Library(data)):
            keeper.run(["doctor", "--data", str(data), "--fix", "--json"])

    of_port: dict[str, dict[str, Any]] = {
        "port": {"application": pages, "unwelcome": unwelcome},
        "lesson_port": {"application": lessons},
        "desk_port": {
            "application": only_desk(pages, settings["port"], greets=bool(settings["certificate_name"])),
            "tls": Credentials(data, settings).context,
        },
        "proxy_socket": {"application": pages},
        "lesson_socket": {"application": behind(lessons, data / "site")},
    }  # fmt: skip
    try:
        run(
            [Served(sock, **of_port[name]) for name, sock in ports.items()],
            ready=begin,
            tick=tick,
            large=Large(data / "staging", largest, pouring(uploads), _FOR_THE_BOX),
        )
    finally:
        tell(ENDING)
        announcement.end()
        erasing.end()
        keeper.end()


def _country(library: Library) -> str:
    """The id of the box's country; empty if it cannot be told."""
    try:
        return library.country().id
    except DamagedCatalogue:
        return ""


def _is_readable(library: Library) -> bool:
    """Whether the list of lessons is one of ours and whole, as far as one look tells.

    After an update it may be an older edubox's. It is made again at once, from the card alone: a class that is there waits,
    and the next synchronisation may be hours away, or a stick that nobody has.
    """
    try:
        library.changes()
    except DamagedCatalogue:
        return False
    return True


def _noticing(application: _Application, keeper: Keeper) -> _Application:
    """*application*, and the *keeper* learns that somebody reads: when, not who or what.

    Only what was found counts: phones ask any box now and then whether it is the internet, and nobody reads then.
    """

    def noticed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, *arguments: Any) -> Any:
            if status[:3] in _READ:
                keeper.page_opened()
            return start_response(status, *arguments)

        unread = environ.get("PATH_INFO", "").startswith(_NOT_PAGES) or host(environ) in PROBES
        return application(environ, start_response if unread else start)

    return noticed
