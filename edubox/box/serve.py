"""``edubox box serve``: both origins in one process, and the box's own work in its children, until it is told to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from edubox.box.app import create_app
from edubox.box.discovery import Announcement
from edubox.box.keeper import Keeper
from edubox.box.lessons import lesson_app
from edubox.box.library import Library
from edubox.box.mirror_route import with_mirror
from edubox.box.sticks import Sticks, Unhurried
from edubox.errors import DamagedCatalogue
from edubox.pages.player import players
from edubox.store.server import listen, run, url

#: What pupils do not read: the desk, which asks again and again, what boxes nearby take, what phones of a class ask.
_NOT_PAGES = ("/b/", "/m/", "/class/")
_READ = {"200", "206", "304"}
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(data: Path, settings: dict[str, Any], ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve the data folder *data* to the school; *ready* gets the address to type once pages are answered.

    Raises PortTaken and BadInput before anything is served.
    """
    pages = listen(settings["listen"], settings["port"], "--port")
    try:
        lessons = listen(settings["listen"], settings["lesson_port"], "--lesson-port")
    except BaseException:
        pages.close()
        raise
    # Port 0 asks for a free one; addresses need the one that was given.
    settings = settings | {"port": pages.getsockname()[1], "lesson_port": lessons.getsockname()[1]}
    announcement = Announcement(settings, partial(_country, Library(data)))
    keeper = Keeper(data, settings, sticks=Unhurried(Sticks()).appeared, neighbours=announcement.neighbours)
    application: _Application = create_app(data, settings, keeper)
    if settings["neighbours"]:
        application = with_mirror(application, data / "mirror", keeper.reading)

    def begin() -> None:
        ready(url(settings["listen"], settings["port"]))
        announcement.begin()
        if not _is_readable(Library(data)):
            keeper.run(["doctor", "--data", str(data), "--fix", "--json"])

    try:
        run(
            [
                (pages, _noticing(application, keeper)),
                (
                    lessons,
                    _noticing(
                        lesson_app(
                            data, settings["port"], tuple(settings["languages"]), players(settings["players"])
                        ),
                        keeper,
                    ),
                ),
            ],
            ready=begin,
            tick=keeper.tick,
        )
    finally:
        announcement.end()
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

        unread = environ.get("PATH_INFO", "").startswith(_NOT_PAGES)
        return application(environ, start_response if unread else start)

    return noticed
