"""Work that many wait for and that is done once: a few threads, and one errand for each name however many ask for it.

The threads are daemons: a mirror that ends waits for no line, and what was half fetched has no name yet.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

from edubox.errors import TryLater

T = TypeVar("T")
#: Seconds after which whoever found too many waiting comes back.
LATER = 10
log = logging.getLogger(__name__)


class Errands(Generic[T]):
    """*threads* at work, and at most *most* names that wait or are under way."""

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._name, self._most = name, most
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[T, Future[None]]] = {}
        self._queue: SimpleQueue[tuple[str, Callable[[T], None]]] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def __contains__(self, key: str) -> bool:
        """Whether the errand *key* waits or is under way."""
        with self._lock:
            return key in self._under_way

    def send(self, key: str, new: Callable[[], T], work: Callable[[T], None]) -> tuple[T, Future[None]]:
        """The errand *key* that is under way, or a *new* one, for which *work* is called; its future says how it ended.

        Raises TryLater when there are too many.
        """
        with self._lock:
            found = self._under_way.get(key)
            if found is None:
                if len(self._under_way) >= self._most:
                    raise TryLater(source=f"This mirror ({self._name})", seconds=LATER)
                found = self._under_way[key] = new(), Future()
                self._queue.put((key, work))
            return found

    def _work(self) -> None:
        while True:
            key, work = self._queue.get()
            errand, future = self._under_way[key]
            failure: BaseException | None = None
            try:
                work(errand)
            except BaseException as error:  # noqa: BLE001 - it is told to whoever waits for it
                failure = error
            with self._lock:
                del self._under_way[key]
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)
