"""``edubox box serve``: both origins in one process, until it is told to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edubox.box.app import create_app
from edubox.box.discovery import Announcement
from edubox.box.lessons import lesson_app
from edubox.store.server import listen, run, url


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
    announcement = Announcement(settings)

    def begin() -> None:
        ready(url(settings["listen"], settings["port"]))
        announcement.begin()

    try:
        run(
            [
                (pages, create_app(data, settings)),
                (lessons, lesson_app(data, settings["port"], tuple(settings["languages"]))),
            ],
            ready=begin,
        )
    finally:
        announcement.end()
