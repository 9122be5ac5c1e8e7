"""Many boxes that speak to one hub at once, over real sockets: requests signed beforehand, sent by one thread.

``Crowd`` has boxes that the hub took in, or strangers with codes; ``storm`` sends what they signed on many connections, and says
what came back. Nothing here asserts how long anything took.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import insert

from edubox.hub.tables import boxes
from edubox.trust import requests
from edubox.trust.keys import generate, signer
from tests.hub.fleet.world import PATH, SAID

#: Seconds within which a storm is over, on a machine that does much else.
PATIENCE = 300


@dataclass
class Crowd:
    """*count* boxes of the academy ``ac-test``, each with a key of its own."""

    hub: object
    count: int
    authority: str = "ac-test"
    #: Number of the first one, where there is another crowd.
    first: int = 0
    signers: list = field(default_factory=list)
    counters: list = field(default_factory=list)

    def __post_init__(self):
        empty = {
            column.name: column.type.python_type()
            for column in boxes.columns
            if not column.nullable and column.name != "id"
        }
        rows = []
        for number in range(self.count):
            key = signer(generate())
            self.signers.append(key)
            self.counters.append(0)
            rows.append(empty | {
                "local": f"local/{number + self.first:026d}", "publisher": f"{self.authority}/ecole-{number}", "state": "accepted",
                "authority": self.authority, "wanted": f"ecole-{number}", "label": f"École n° {number}", "kind": "school",
                "keyid": key.public_key.keyid, "key": key.public_key.keyval["public"], "root_version": 1,
                "root_sha256": "0" * 64, "roots": "[]", "epoch": 1,
            })  # fmt: skip
        self.hub.database.change(lambda c: c.execute(insert(boxes), rows))

    def check_in(self, number: int) -> bytes:
        """The next check-in of box *number*, as bytes of HTTP."""
        body = replace(SAID, clock=self.hub.now(), lessons=self.counters[number]).to_bytes()
        return self.request(number, "POST", PATH, body)

    def request(self, number: int, method: str, path: str, body: bytes = b"") -> bytes:
        """Another signed request of it."""
        self.counters[number] += 1
        headers = requests.sign(method, path, "", body, self.signers[number], self.counters[number])
        return http(method, path, body, headers)


def http(method: str, path: str, body: bytes = b"", headers=()) -> bytes:
    """A request as bytes; the connection stays."""
    lines = [f"{method} {path} HTTP/1.1", "Host: hub", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Heard:
    """What came back: of each request its *status* (0: the connection broke), and *retry* of those that were told to come later."""

    status: list[int]
    retry: list[int] = field(default_factory=list)
    #: Bodies of answers of 200, when they were wanted.
    said: list = field(default_factory=list)

    @property
    def counts(self) -> Counter:
        return Counter(self.status)


def storm(address: str, sent: list[bytes], at_once: int, *, keep: bool = False) -> Heard:
    """Send all of *sent* to *address* on *at_once* connections; what came back, in the order of *sent*."""
    return asyncio.run(asyncio.wait_for(storming(address, sent, at_once, keep=keep), PATIENCE))


async def storming(address: str, sent: list[bytes], at_once: int, *, keep: bool = False) -> Heard:
    """See ``storm``."""
    heard = Heard([0] * len(sent))
    turns = iter(range(len(sent)))
    host, port = urlsplit(address).hostname, urlsplit(address).port

    async def one() -> None:
        reader = writer = None
        for number in turns:
            for tried in range(2):
                try:
                    if writer is None:
                        reader, writer = await asyncio.open_connection(host, port)
                    writer.write(sent[number])
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n") if ": " in line)
                    body = await reader.readexactly(int(fields.get("content-length", 0)))
                    heard.status[number] = int(head.split()[1])
                    if heard.status[number] in {429, 503}:
                        heard.retry.append(int(fields.get("retry-after", -1)))
                    elif keep:
                        heard.said.append(json.loads(body))
                    if fields.get("connection") == "close":
                        writer.close()
                        writer = None
                    break
                except (OSError, asyncio.IncompleteReadError):
                    if writer is not None:
                        writer.close()
                    writer = None
                    del tried
        if writer is not None:
            writer.close()

    await asyncio.gather(*(one() for _ in range(min(at_once, len(sent)))))
    return heard


def memory(pid: int, what: str = "VmHWM") -> int:
    """MiB of a process: ``VmHWM`` the most it ever had, ``VmRSS`` now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError(what)
