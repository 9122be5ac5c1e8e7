"""The hub as one process: the mirror over HTTP, what boxes ask, the officers' desk, and lessons under review.

Four ways in, each a socket of its own: the public port has the mirror and, below ``/api/``, what boxes ask; the desk's port has
the pages of people over TLS (or plain, for this computer alone); the review's port shows lessons that are not trusted; the
proxy's socket is the desk for a web server in front. The dynamic side is loaded when it is first asked: a hub that only
serves a mirror stays small.

Signing needs the TUF and cryptography libraries, a quarter of a second and 40 MB; so once an hour a short-lived
child, ``edubox hub renew``, looks whether anything ends soon. What it has to say goes to this process's standard error.
The hub goes on serving whatever becomes of it: signatures last 30 days and are renewed when half of that is left.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from edubox.hub.hub import Hub, open_hub
from edubox.hub.unhurried import unhurried
from edubox.hub.work import Foreman, plan
from edubox.program import EDUBOX
from edubox.store.incoming import Large
from edubox.store.mirror_app import mirror_app
from edubox.store.platform import make_folder
from edubox.store.server import Served, listen, listen_in, run, url
from edubox.store.tls import Certificate

#: Seconds between two looks at the signatures.
HOUR = 3600.0
#: Bytes of the disk that large requests leave free, and of the largest request below ``/api/``.
RESERVE, LARGEST = 64 * 1024 * 1024, 28 * 1024 * 1024
API = "/api/"
#: Pages of the desk that take a table of schools or a file that was signed elsewhere, and bytes of such a form.
TABLES, TABLE = ("/bureau/codes/", "/bureau/signatures/"), 8 * 1024 * 1024
#: The page for carriers, and bytes of the form with a list (``courier.pages``, which is loaded when it is asked).
COURIER, LIST = "/courier/", 1024 * 1024 + 64 * 1024
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(
    data: Path,
    address: str | None,
    port: int | None,
    ready: Callable[[str], None],
    *,
    desk_port: int | None = None,
    review_port: int | None = None,
) -> None:
    """Serve the country's folder *data* until SIGTERM or Ctrl-C; address and ports that are None are those of the settings.

    *ready* gets the address to type once requests are answered. Raises NotFound, PortTaken, BadInput, DatabaseAway.
    """
    hub = open_hub(data)
    with contextlib.ExitStack() as opened:
        opened.callback(hub.close)
        address = hub.settings["listen"] if address is None else address
        given = {"port": port, "desk_port": desk_port, "review_port": review_port}
        public, desk, review = (
            opened.enter_context(
                listen(
                    address, hub.settings[name] if wanted is None else wanted, f"--{name.replace('_', '-')}"
                )
            )
            for name, wanted in given.items()
        )
        # Port 0 asks for a free one; addresses need the one that was given.
        used = {"desk_port": desk.getsockname()[1], "review_port": review.getsockname()[1]}
        hub = Hub(hub.data, dict(hub.settings) | used, hub.database, hub.blobs, hub.public, hub.clock)
        app, lessons = unhurried(Lazy(lambda: _app(hub))), Lazy(lambda: _lessons(hub))
        with_courier = carriers(hub)
        certificate = None
        if hub.settings["certificate"]:
            certificate = Certificate(
                Path(hub.settings["certificate"]), Path(hub.settings["certificate_key"])
            ).context
        served = [
            Served(public, with_api(with_courier(mirror_app(hub.data / "mirror")), app)),
            Served(desk, app, certificate),
            Served(review, lessons, certificate),
        ]
        if hub.settings["proxy_socket"]:
            front = opened.enter_context(listen_in(Path(hub.settings["proxy_socket"])))
            served.append(Served(front, with_courier(app)))
        coming = make_folder_for_bodies(data)
        renewal = Renewal(data)
        opened.callback(renewal.end)
        foreman = Foreman(data, hub.database, hub.now, int(hub.settings["workers"]), lambda: plan(hub))
        opened.callback(foreman.end)
        foreman.start()
        run(
            served,
            lambda: ready(url(address, public.getsockname()[1])),
            renewal.tick,
            Large(coming, largest, reserve=RESERVE),
        )


def with_api(mirror: Application, app: Application) -> Application:
    """*mirror*, and *app* for what is below ``/api/``: a box needs one address."""

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        inside = environ.get("PATH_INFO", "").startswith(API)
        return (app if inside else mirror)(environ, start_response)

    return served


def carriers(hub: Hub) -> Callable[[Application], Application]:
    """What puts the page for carriers before another application, where the country has it.

    It is at the mirror's address, and at the socket of a web server in front, which says whence a carrier comes.
    """
    courier = Lazy(lambda: _courier(hub))

    def before(others: Application) -> Application:
        if not hub.settings["courier"]:
            return others

        def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            inside = environ.get("PATH_INFO", "").startswith(COURIER)
            return (courier if inside else others)(environ, start_response)

        return served

    return before


def largest(method: str, path: str) -> int:
    """Bytes of the largest body of a request: boxes send pieces of lessons, carriers lists, people forms."""
    if method == "POST" and path == COURIER:
        return LIST
    if method == "POST" and path.startswith(TABLES):
        return TABLE
    return LARGEST if method in {"POST", "PUT"} and path.startswith(API) else 0


def make_folder_for_bodies(data: Path) -> Path:
    """Where large requests lie while they come: on the disk of *data*, for its owner alone."""
    folder = data / "intake-work"
    make_folder(folder)
    os.chmod(folder, 0o700)
    return folder


class Lazy:
    """A WSGI application that is made with its first request, once for all threads."""

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: Application | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the application does."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made(environ, start_response)


def _courier(hub: Hub) -> Application:
    from edubox.hub.courier.pages import courier_pages
    from edubox.hub.desk.frame import country_name

    return courier_pages(hub, lambda language: country_name(hub, language)).wsgi_app


def _app(hub: Hub) -> Application:
    from edubox.hub.app import create_app

    return create_app(hub).wsgi_app


def _lessons(hub: Hub) -> Application:
    from edubox.hub.review.site import review_site

    given, shown = str(hub.settings["address"]), str(hub.settings["review_address"])
    site = review_site(
        hub, given.rstrip("/") or "'self' https: http://localhost:* http://127.0.0.1:*"
    ).wsgi_app
    if not shown:
        return site

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Whatever way it came to us, a browser asked for it at that address.
        return site(environ | {"wsgi.url_scheme": shown.partition(":")[0]}, start_response)

    return served


class Renewal:
    """The hourly child; ``tick`` is called about every second and never waits."""

    def __init__(self, data: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._data, self._clock = data, clock
        self._due = clock()
        self._child: subprocess.Popen[bytes] | None = None

    def tick(self) -> None:
        """Start the child when it is time, take leave of it when it has ended."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        # A hub without online keys serves what somebody else signs.
        if self._child is None and self._clock() >= self._due and (self._data / "keys" / "online").is_dir():
            self._due = self._clock() + HOUR
            # In a session of its own: Ctrl-C ends the hub, not a signature that is being written.
            self._child = subprocess.Popen(
                [*EDUBOX, "hub", "renew", "--data", str(self._data)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def end(self) -> None:
        """Let a child that is writing finish."""
        if self._child is not None:
            self._child.wait()
