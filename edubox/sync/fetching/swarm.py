"""Several near sources at once for one large file, a unit each: the quick ones take more, the slow ones hold nobody up.

Each source reads in a thread of its own and does nothing else; this thread writes, proves, hands out the next
unit and decides who is left, so the file and every judgement have one owner. A thread is at most two blocks
ahead. A unit has one sender, so a lie has one author; when a source fails, another begins its unit again.
Near the end, a source slower than a quarter of one that has nothing left to do gives up its unit to it. What
no source could give stays missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread

from edubox.errors import EduboxError, HashMismatch, MissingFile, Unreachable
from edubox.sync.fetching.neighbours import Neighbour
from edubox.sync.fetching.part import BadUnit, Part, Show, Wanted
from edubox.sync.fetching.sources import COURIER, NEIGHBOUR, Source

#: Sources at work at once; blocks that one may be ahead.
MOST, AHEAD = 4, 2
#: A source is slow when another is so many times as fast, after SOON seconds with one unit.
SLOWER, SOON = 4, 1.0
#: Cuts of one source in a file that are answered by asking it again.
_CUTS = 3
#: Seconds without any news after which the slow are looked for.
_TURN = 0.5

#: A block; that an answer ended; that it failed.
_News = bytes | BaseException | None


class _Worker(Thread):
    """One source: takes orders (begin, end), tells what arrives."""

    def __init__(self, source: Source, wanted: Wanted, news: SimpleQueue[tuple[_Worker, _News]]) -> None:
        super().__init__(name=f"from {source.name}", daemon=True)
        self.source = source
        self.left = False
        self.orders: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self.room = Semaphore(AHEAD)
        self._wanted, self._news = wanted, news
        # What follows belongs to the thread that hands out units.
        self.unit: int | None = None
        self.refused: set[int] = set()
        self.since = self.speed = 0.0
        self.got = self.cuts = 0

    def run(self) -> None:
        while (order := self.orders.get()) is not None:
            try:
                with closing(self.source.stream(self._wanted.path, *order, self._wanted.size)) as blocks:
                    for block in blocks:
                        self.room.acquire()
                        if self.left:
                            return
                        self._news.put((self, block))
                self._news.put((self, None))
            except BaseException as error:  # noqa: BLE001 - it is told to the thread that waits for it
                self._news.put((self, error))

    def end(self) -> None:
        """Let the thread end: at once if it waits, else after the block that it is reading."""
        self.left = True
        self.room.release()
        self.orders.put(None)


class _Swarm:
    def __init__(self, part: Part, sources: Sequence[Source], clock: Callable[[], float]) -> None:
        self.part, self.clock = part, clock
        self.waiting = list(sources)
        self.workers: list[_Worker] = []
        self.news: SimpleQueue[tuple[_Worker, _News]] = SimpleQueue()
        self.errors: list[EduboxError] = []

    def hand_out(self) -> bool:
        """Give every idle source a unit; whether any source is at work."""
        under_way = {worker.unit for worker in self.workers}
        free = [unit for unit in self.part.missing() if unit not in under_way]
        idle = [worker for worker in self.workers if worker.unit is None]
        for worker in [one for one in idle if self.waiting and free and one.refused.issuperset(free)]:
            idle.remove(worker)  # a disk whose every remaining unit is bad makes place
            self.workers.remove(worker)
            worker.end()
        while len(idle) < len(free) and len(self.workers) < MOST and self.waiting:
            worker = _Worker(self.waiting.pop(0), self.part.wanted, self.news)
            worker.start()
            self.workers.append(worker)
            idle.append(worker)
        for worker in idle:
            unit = next((unit for unit in free if unit not in worker.refused), None)
            if unit is None:
                unit = self._unit_of_a_slow_one(worker)
            else:
                free.remove(unit)
            if unit is not None:
                self.part.begin_for(unit, worker.source.name)
                worker.unit, worker.since, worker.got = unit, self.clock(), 0
                self._order(worker)
        return any(worker.unit is not None for worker in self.workers)

    def hear(self, worker: _Worker, what: _News) -> None:
        """Take one piece of news."""
        if worker.left:
            return
        unit = worker.unit
        assert unit is not None
        if isinstance(what, bytes):
            worker.room.release()
            worker.got += len(what)
            try:
                self.part.write(self.part.next_byte(unit), what, worker.source.name)
            except BadUnit as bad:
                if bad.senders == {worker.source.name}:
                    self._lied(worker, unit)
        elif what is None:
            worker.speed = worker.got / max(self.clock() - worker.since, 0.001)
            worker.unit = None
        elif isinstance(what, MissingFile) and worker.source.kind == COURIER:
            # The parts at hand may have another stretch of it.
            worker.refused.add(unit)
            worker.unit = None
            self.errors.append(what)
        elif isinstance(what, Unreachable | HashMismatch):
            worker.cuts += 1
            if worker.got and worker.cuts <= _CUTS and not isinstance(what, HashMismatch):
                self._order(worker)
            else:
                self._drop(worker, what)
        else:
            raise what

    def _order(self, worker: _Worker) -> None:
        assert worker.unit is not None
        begin, end = self.part.next_byte(worker.unit), self.part.bounds(worker.unit)[1]
        if begin < end:
            worker.orders.put((begin, end))
        else:
            worker.unit = None

    def _lied(self, worker: _Worker, unit: int) -> None:
        error = HashMismatch(what=f"{self.part.wanted.path} from {worker.source.name}")
        if worker.source.kind == NEIGHBOUR:
            self._drop(worker, error)
        else:
            worker.refused.add(unit)
            self.errors.append(error)

    def _drop(self, worker: _Worker, error: EduboxError) -> None:
        self.errors.append(error)
        self.workers.remove(worker)
        if isinstance(worker.source, Neighbour) and isinstance(error, HashMismatch):
            worker.source.leave("it gave what nobody signed")
        worker.end()

    def _unit_of_a_slow_one(self, idle: _Worker) -> int | None:
        """Leave the slowest source that holds up *idle*, and return its unit."""
        now = self.clock()
        speeds = {
            other: other.got / (now - other.since) for other in self.workers
            if other.unit is not None and other.unit not in idle.refused and now - other.since > SOON
        }  # fmt: skip
        slowest = min(speeds, key=lambda other: speeds[other], default=None)
        if slowest is None or speeds[slowest] * SLOWER >= idle.speed:
            return None
        unit = slowest.unit
        reason = "it is much slower than another source"
        if isinstance(slowest.source, Neighbour):
            slowest.source.leave(reason)
        self._drop(slowest, Unreachable(source=slowest.source.name, reason=reason))
        return unit


def swarm(
    part: Part, sources: Sequence[Source], show: Show,
    clock: Callable[[], float] = time.monotonic,
) -> list[EduboxError]:  # fmt: skip
    """Bring the missing units of *part* from near *sources*; returns why those that failed did. *show* gets (done, total)."""
    work = _Swarm(part, sources, clock)
    try:
        while work.hand_out():
            try:
                worker, what = work.news.get(timeout=_TURN)
            except Empty:
                continue
            work.hear(worker, what)
            if isinstance(what, bytes):
                show(part.held, part.wanted.size)
    finally:
        for worker in work.workers:
            worker.end()
    return work.errors
