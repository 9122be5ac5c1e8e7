"""A class of phones that all open the same page, each as Chromium would: at most six connections to an origin.

``python -m tests.prove.class_pupils PUPILS SPREAD CONNECTIONS < visit.json`` prints what each pupil had as JSON: seconds
until the page can be read, seconds until all is there, bytes, requests, connections. A request is sent when the answer
that led to it is complete; urgent ones go first; pictures wait as Chromium lets them wait, one at a time until the page's
head is there. Nothing is kept between pupils, and nothing costs them time but the air.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from tests.prove.class_air import address
from tests.prove.class_visit import RANKS, Request

#: From this rank on a request waits for others ("delayable"), and so many of them are on their way at once.
_LATER, _AT_ONCE = RANKS.index("Low"), 10
_ATTEMPTS = 5
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10; K) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36\r\nAccept: */*\r\n"
    "Referer: http://{host}/\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: fr,fr-FR;q=0.9\r\n\r\n"
)


@dataclass
class Pupil:
    """What one pupil had, in seconds since he touched the link, and in bytes of answers, heads included."""

    readable: float = 0.0
    done: float = 0.0
    received: int = 0
    requests: int = 0
    connections: int = 0
    failed: list[str] = field(default_factory=list)


class Phone:
    """One pupil's browser, which has the network address *source* and so many *connections* to an origin."""

    def __init__(self, source: str, visit: list[Request], connections: int) -> None:
        self.told = Pupil()
        self._address, self._visit = source, visit
        self._limit = connections
        self._idle: dict[str, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}
        self._busy: dict[str, int] = {}
        self._complete: set[int] = set()
        self._begun: set[int] = set()

    async def read(self) -> Pupil:
        """Open the page and stay until everything is there."""
        begin = time.monotonic()
        running: set[asyncio.Task[int]] = set()
        while len(self._complete) < len(self._visit):
            while (place := self._next()) is not None:
                self._begun.add(place)
                host = urlsplit(self._visit[place].url).netloc
                self._busy[host] = self._busy.get(host, 0) + 1
                running.add(asyncio.create_task(self._ask(place, host)))
            ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            self._complete |= {task.result() for task in ended}
            if not self.told.readable and all(
                place in self._complete for place, one in enumerate(self._visit) if one.needed
            ):
                self.told.readable = time.monotonic() - begin
        self.told.done = time.monotonic() - begin
        for kept in self._idle.values():
            for _, writer in kept:
                writer.close()
        return self.told

    def _next(self) -> int | None:
        """What to ask for next: the most urgent for which there is a connection."""
        waiting = [
            place for place, one in enumerate(self._visit)
            if place not in self._begun and (one.parent < 0 or one.parent in self._complete)
            and self._busy.get(urlsplit(one.url).netloc, 0) < self._limit
        ]  # fmt: skip
        if not waiting:
            return None
        place = min(waiting, key=lambda one: (self._visit[one].rank, one))
        under_way = self._begun - self._complete
        later = sum(self._visit[one].rank >= _LATER for one in under_way)
        head = any(self._visit[one].needed for one in under_way)
        if self._visit[place].rank >= _LATER and later >= (1 if head else _AT_ONCE):
            return None
        return place

    async def _ask(self, place: int, host: str) -> int:
        url = urlsplit(self._visit[place].url)
        path = url.path + (f"?{url.query}" if url.query else "")
        ask = _HEAD.format(path=path, host=host).encode()
        for _ in range(_ATTEMPTS):
            kept = self._idle.setdefault(host, [])
            try:
                reader, writer = (
                    kept.pop() if kept else await self._connect(url.hostname or "", url.port or 80)
                )
                writer.write(ask)
                status, again = await self._answer(reader)
            except (OSError, EOFError):
                continue  # a server may end an idle connection just when it is asked again
            self.told.requests += 1
            if status not in {200, 206, 301, 302, 304} and path != "/favicon.ico":
                self.told.failed.append(f"{status} {path}")
            if again:
                kept.append((reader, writer))
            else:
                writer.close()
            break
        else:
            self.told.failed.append(f"no answer {path}")
        self._busy[host] -= 1
        return place

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.told.connections += 1
        return await asyncio.open_connection(host, port, local_addr=(self._address, 0))

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bool]:
        """Read one answer: its status, and whether the connection may be asked again."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.told.received += len(head)
        first, *lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        status = int(first.split()[1])
        if fields.get("transfer-encoding") == "chunked":
            while True:
                line = await reader.readline()
                size = int(line, 16)
                await reader.readexactly(size + 2)
                self.told.received += len(line) + size + 2
                if not size:
                    break
        elif "content-length" in fields:
            size = int(fields["content-length"])
            await reader.readexactly(size)
            self.told.received += size
        elif status not in {204, 304}:
            body = await reader.read()
            self.told.received += len(body)
        return status, fields.get("connection") != "close"


async def school_class(pupils: int, spread: float, connections: int, visit: list[Request]) -> list[Pupil]:
    """*pupils* who open the page within *spread* seconds, evenly."""

    async def one(number: int) -> Pupil:
        await asyncio.sleep(spread * number / pupils)
        return await Phone(address(number), visit, connections).read()

    return await asyncio.gather(*map(one, range(pupils)))


def main() -> None:
    pupils, spread, connections = sys.argv[1:]
    visit = [Request(**one) for one in json.load(sys.stdin)]
    told = asyncio.run(school_class(int(pupils), float(spread), int(connections), visit))
    json.dump([asdict(one) for one in told], sys.stdout)


if __name__ == "__main__":
    main()
