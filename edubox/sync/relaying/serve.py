"""One process that is a mirror of a mirror: its folder, what it remembers, and its parts put together.

``DIR/mirror`` is a mirror folder like any other: a stick may be filled from it, or another web server serve it. Beside it are
``keys/root.json``, the country's root; ``staging``, files on their way; ``relay.json``, what was decided once: how much may be kept.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import BadInput
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import make_folder, write_atomic
from edubox.store.server import listen, run, url
from edubox.sync.relaying import notary, room
from edubox.sync.relaying.ahead import Ahead
from edubox.sync.relaying.app import THREADS, Application, relay_app
from edubox.sync.relaying.large import Large
from edubox.sync.relaying.line import Line
from edubox.sync.relaying.named import NewestNames
from edubox.sync.relaying.news import News
from edubox.sync.relaying.notary import Notary
from edubox.sync.relaying.room import Room
from edubox.sync.relaying.small import Small

NOTE = "relay.json"
#: The share of what the disk has free that a new mirror takes when nobody says how much; bytes of the smallest bound.
SHARE, LEAST = 0.75, 1_000_000
#: Seconds to wait for a process that just ends.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Relay:
    """The parts of a mirror."""

    app: Application
    line: Line
    small: Small
    news: News
    notary: Notary
    large: Large
    room: Room
    ahead: Ahead


def open_relay(
    of: str, folder: Path, *, root: bytes | None = None, most: int | None = None, follow: tuple[str, ...] = ()
) -> Relay:  # fmt: skip
    """The mirror in *folder* of the one at the address *of*; it is asked nothing yet. The folder's lock is held.

    *root* is the country's, *most* the bytes to keep: what is not given is as it was. Raises BadInput, NoRoom.
    """
    mirror, staging = folder / "mirror", folder / "staging"
    for one in (mirror, staging):
        make_folder(one)
    line = Line(of)
    notary.pin(folder, root)
    room.clear(mirror, staging)
    shutil.rmtree(folder / "work", ignore_errors=True)
    names = NewestNames(mirror)
    kept = Room(mirror, staging, _bound(folder, most), names.files)
    small = Small(line)
    sworn = Notary(folder, line, small)
    news, large = News(mirror, line, small, sworn, kept), Large(line, mirror, staging, kept)
    ahead = Ahead(mirror, line, news, sworn, large, kept, names, follow)
    return Relay(relay_app(mirror, news, large, kept), line, small, news, sworn, large, kept, ahead)


def serve(
    of: str, folder: Path, address: str, port: int, ready: Callable[[str], None], *,
    root: bytes | None = None, most: int | None = None, follow: tuple[str, ...] = (), ahead: bool = False,
) -> None:  # fmt: skip
    """Serve the mirror in *folder* until SIGTERM or Ctrl-C; see ``open_relay``. *ahead*: fetch what is new by itself.

    *ready* gets the address to type once requests are answered. Raises BadInput, Busy, NoRoom, PortTaken.
    """
    make_folder(folder)
    with lock(folder / ".lock", _PATIENCE), listen(address, port, "--port") as sock:
        logging.basicConfig(format="edubox: %(message)s")
        logging.getLogger("edubox").setLevel(logging.INFO)
        relay = open_relay(of, folder, root=root, most=most, follow=follow)
        relay.notary.start()
        if ahead:
            relay.ahead.start()
        run([(sock, relay.app)], lambda: ready(url(address, sock.getsockname()[1])), threads=THREADS)


def _bound(folder: Path, most: int | None) -> int:
    """The bytes to keep, decided once. Raises BadInput."""
    note = folder / NOTE
    if most is None:
        try:
            most = int(read_note(note)["most"])
        except (OSError, ValueError, KeyError, TypeError):
            most = int(shutil.disk_usage(folder).free * SHARE)
    if most < LEAST:
        raise BadInput(reason="a mirror that keeps less than 1 MB is none; give it more room with --most")
    write_atomic(note, json.dumps({"format": 1, "most": most}).encode())
    return most
