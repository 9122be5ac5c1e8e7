"""Workers: who does what the queue holds.

The hub's process has a thread that looks once in a while whether a job is due (``Foreman``), and starts ``edubox hub work --once``
for it: a child that does what is due, one job after the other, and ends, so that the memory of publishing is given back. The same
foreman runs alone as ``edubox hub work``, on this computer or on others. While a job runs, a thread of the child says that it is
still at work; a child that was killed says no more, and its job is taken up by another when the loan is over.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection

from edubox.errors import BadInput, EduboxError
from edubox.hub import queue
from edubox.hub.database import Database
from edubox.hub.hub import Hub
from edubox.program import EDUBOX

#: Kind of job → the function that does it: ``(hub, job) -> None``. What it raises is tried again later, ``Never`` is not.
HANDLERS = {
    "intake-check": "edubox.hub.intake.jobs:check",
    "intake-collect": "edubox.hub.intake.jobs:collect",
    "publish": "edubox.hub.intake.jobs:publish",
    "release": "edubox.hub.release:job",
    "alert-sweep": "edubox.hub.fleet.alerts:sweep",
    "alert-send": "edubox.hub.fleet.alerts:send",
    "fleet-forget": "edubox.hub.fleet.checkins:forget",
    "release-watch": "edubox.hub.fleet.watching:watch",
    "reading-site": "edubox.hub.reading:job",
}
#: Kinds that come again by themselves: seconds after they were done.
PERIODIC = {
    "release": 300,
    "intake-collect": 86_400,
    "alert-sweep": 3600,
    "release-watch": 900,
    "fleet-forget": 86_400,
    "reading-site": 300,
}
#: Those of them that copy the mirror to where readers get it.
COPIES = ("release", "reading-site")
#: Seconds between two looks when nothing is due, between two words of a child that works, and between two looks whether all
#: that comes again by itself is in the queue: what failed for hours must not stay away when the store is back.
LOOK, HEARTBEAT, PLAN = 2.0, queue.LEASE / 4, 600.0
Handler = Callable[[Hub, queue.Job], None]
log = logging.getLogger(__name__)


class Never(BadInput):
    """A job that trying again cannot help."""

    code = "never"
    message = "This work cannot be done: {reason}."


def work(hub: Hub, worker: str | None = None) -> int:
    """Do what is due, one job after the other, until nothing is; says how many were done. Raises DatabaseAway."""
    worker = worker or name()
    number = 0
    while job := queue.take(hub.database, worker, hub.now()):
        number += do(hub, job)
    return number


def do(hub: Hub, job: queue.Job) -> bool:
    """Do one job that was taken, and say so to the queue; whether it was done. Raises DatabaseAway."""
    try:
        with _heartbeat(hub, job):
            _handler(job.kind)(hub, job)
    except Never as error:
        queue.failed(hub.database, job, str(error), hub.now(), final=True)
    except EduboxError as error:
        queue.failed(hub.database, job, str(error), hub.now())
    except Exception as error:
        log.exception("the job %s %s failed", job.kind, job.key)
        queue.failed(hub.database, job, f"{type(error).__name__}: {error}", hub.now())
    else:
        return _done(hub, job)
    return False


def plan(hub: Hub) -> None:
    """See that what comes again by itself is in the queue, also when it failed to the end. Raises DatabaseAway."""
    with hub.database.read() as connection:
        there = queue.under_way(connection, PERIODIC)
    for kind in kinds(hub) - there:
        # Copies of the mirror may be behind; the rest has time, and a hub that begins has readers.
        _put(hub, kind, hub.now() + (0 if kind in COPIES else PERIODIC[kind]))


def kinds(hub: Hub) -> set[str]:
    """What comes again by itself at this hub: copies are made only where there is a place for them."""
    there = {"release": hub.in_bucket, "reading-site": bool(hub.settings["site"])}
    return {kind for kind in PERIODIC if there.get(kind, True)}


def _put(hub: Hub, kind: str, due: int) -> None:
    def put(connection: Connection) -> None:
        queue.forget_failed(connection, kind, kind, keep=1)
        queue.put(connection, kind, kind, {}, due)

    hub.database.change(put)


def name() -> str:
    """A worker's name: the computer's, the process's and a chance one."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(3)}"


def _done(hub: Hub, job: queue.Job) -> bool:
    every = PERIODIC.get(job.kind)
    return queue.done(hub.database, job, hub.now() + every if every else None)


def _handler(kind: str) -> Handler:
    where = HANDLERS.get(kind)
    if where is None:
        raise Never(reason=f"this edubox knows no work of the kind {kind!r}; update this hub")
    module, _, function = where.partition(":")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


@contextlib.contextmanager
def _heartbeat(hub: Hub, job: queue.Job) -> Iterator[None]:
    """Say now and then that the job is still at work."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT):
            # A database that is away comes back, or the loan ends and another worker takes the job up: it may run twice.
            with contextlib.suppress(EduboxError):
                queue.keep(hub.database, job, hub.now())

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Foreman:
    """Starts children for what is due, at most *workers* at once; it never works itself and never waits in ``start``."""

    def __init__(
        self, data: Path, database: Database, now: Callable[[], int], workers: int, before: Callable[[], None] = lambda: None
    ) -> None:  # fmt: skip
        """*before* is called before the first look and then every ``PLAN`` seconds; *now* is seconds since 1970."""
        self._data, self._database, self._now, self._workers, self._before = (
            data,
            database,
            now,
            workers,
            before,
        )
        self._ended = threading.Event()
        self._children: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self.run, name="foreman", daemon=True)

    def start(self) -> None:
        """Look in a thread of its own."""
        if self._workers:
            self._thread.start()

    def run(self) -> None:
        """Look until ``end``."""
        planned = float("-inf")
        while not self._ended.is_set():
            try:
                if time.monotonic() - planned >= PLAN:
                    self._before()
                    planned = time.monotonic()
                self.look()
            except EduboxError as error:
                log.warning("the queue cannot be looked at: %s", error)
            except OSError as error:
                log.warning("no worker can be started: %s", error)
            self._ended.wait(LOOK)

    def look(self) -> None:
        """Take leave of children that ended, and start one if something is due. Raises DatabaseAway."""
        self._children = [child for child in self._children if child.poll() is None]
        if len(self._children) < self._workers and queue.due(self._database, self._now()):
            # In a session of its own: Ctrl-C ends the hub, not a publication that is being written.
            self._children.append(
                subprocess.Popen(
                    [*EDUBOX, "hub", "work", "--once", "--data", str(self._data)],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
                )
            )  # fmt: skip

    def end(self) -> None:
        """Start nothing more, and let children finish what they do."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        for child in self._children:
            child.wait()
