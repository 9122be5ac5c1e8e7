"""What a box says to its hub beside fetching files: short signed requests below ``<address>/api/1/``.

Each is signed with the box's writer key (``trust.requests``) and carries a counter that was never used before: the
note is on the disk before the request leaves. A hub that has seen a higher one, because the card comes out of a backup,
says so, and the box goes on from there. Answers are JSON, believed in nothing and bounded in size and time, as those of
``fetching.http_source``, whose connection this is. Bodies go out in blocks that a pacer may slow down.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox import __version__
from edubox.errors import HubRefused, TryLater, Unreachable
from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.sync.fetching.http_source import NO_TIME, Patience, connection, retry_after, translated
from edubox.sync.fetching.sources import BLOCK, HUB

if TYPE_CHECKING:
    from securesystemslib.signer import Signer
    from urllib3 import BaseHTTPResponse

#: What every address of the API begins with; signatures cover the path from here on, whatever the hub's own address is.
PREFIX = "/api/1/"
COUNTER = "hub-counter.json"
#: Bytes of the longest answer that is read.
MAX_ANSWER = 4 * 1024 * 1024
#: Seconds within which an answer has come, however it drips.
LONGEST = 300.0
#: As a hub's mirror; the head of an answer may take longer, because the hub works before it answers.
_PATIENCE = Patience(20, 60, 120, 60, 512, 60, 3)
#: A sentence of the hub is shown to people: characters of the longest.
_LONGEST = 500
#: Gets what kind of source the bytes go to and how many they are, and waits until the next may go.
Passed = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered: *status* of HTTP, *headers* by their names in small letters, *body*."""

    source: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """What it says. Raises HubRefused with the hub's own sentence if it says no, Unreachable if it says nothing."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Unreachable(source=self.source, reason=f"it answered {self.status} and nothing to read")
        if self.status >= 400:
            reason, code = said.get("message"), said.get("error")
            raise HubRefused(
                reason=reason[:_LONGEST].rstrip(".") if isinstance(reason, str) else f"it answered {self.status}",
                status=self.status, why=code if isinstance(code, str) else "",
            )  # fmt: skip
        return said


class HubApi:
    """The API of the hub at *address*, for the box in *data* whose writer key is *signer*."""

    def __init__(
        self, address: str, data: Path, signer: Signer, now: datetime, passed: Passed = lambda *_: None
    ) -> None:
        """*now* (UTC) as this box believes. *passed* is told of every block that leaves. Raises BadInput (*address*)."""
        self.name = address
        self._pool, self._folder = connection(address, _PATIENCE)
        self._note, self._signer, self._now, self._passed = data / COUNTER, signer, now, passed
        self.sent = self.requests = 0

    def call(
        self, method: str, path: str, query: str = "", body: bytes = b"", *, kind: str = "application/json"
    ) -> Answer:
        """Ask; *path* is below ``/api/1/`` (``offers``), *kind* the media type of *body*.

        Raises Unreachable, TryLater (the hub has no time), NoRoom (for the counter). Whatever else the hub says is an answer.
        """
        answer = self._ask(method, path, query, body, kind)
        if (seen := _replayed(answer)) is not None:
            # The card comes out of a backup: the hub has heard this box say higher numbers.
            write_atomic(self._note, json.dumps({"counter": seen}).encode())
            answer = self._ask(method, path, query, body, kind)
        if answer.status in NO_TIME and (seconds := retry_after(_Names(answer.headers))) is not None:
            raise TryLater(source=self.name, seconds=seconds)
        return answer

    def _ask(self, method: str, path: str, query: str, body: bytes, kind: str) -> Answer:
        from edubox.trust.requests import sign

        full = f"{PREFIX}{path}"
        signed = sign(method, full, query, body, self._signer, self._counter())
        headers = signed | {
            "User-Agent": f"edubox/{__version__}", "Accept-Encoding": "identity",
            "Content-Type": kind, "Content-Length": str(len(body)),
        }  # fmt: skip
        address = f"{self._folder}{full[1:]}{'?' if query else ''}{query}"
        self.requests += 1
        with translated(self.name):
            answer = self._pool.urlopen(
                method, address, body=_Paced(body, self._went), headers=headers, redirect=False, retries=False,
                preload_content=False, decode_content=False,
            )  # fmt: skip
            try:
                data = b"" if method == "HEAD" else self._body(answer)
            finally:
                answer.close()
        return Answer(
            self.name, answer.status, {name.lower(): text for name, text in answer.headers.items()}, data
        )

    def _body(self, answer: BaseHTTPResponse) -> bytes:
        """All that it says, within LONGEST seconds. Raises Unreachable."""
        data, until = bytearray(), time.monotonic() + LONGEST
        while block := answer.read1(BLOCK):
            data += block
            if len(data) > MAX_ANSWER or time.monotonic() > until:
                raise Unreachable(source=self.name, reason="its answer has no end")
        return bytes(data)

    def _went(self, size: int) -> None:
        self.sent += size
        self._passed(HUB, size)

    def _counter(self) -> int:
        """A number that was never used, remembered before it is."""
        from edubox.trust.requests import next_counter

        try:
            known = int(read_note(self._note)["counter"])
        except (OSError, ValueError, KeyError, TypeError):
            known = 0
        counter = next_counter(known, self._now)
        write_atomic(self._note, json.dumps({"counter": counter}).encode())
        return counter


def _replayed(answer: Answer) -> int | None:
    """The highest counter that the hub has seen, if it says that ours is not above it."""
    if answer.status != 409:
        return None
    try:
        said = json.loads(answer.body)
        seen = said["counter"] if said["error"] == "replayed" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return seen if type(seen) is int and 0 <= seen < 2**62 - 2 else None


class _Paced(io.RawIOBase):
    """A body that leaves in blocks, each of which is told."""

    def __init__(self, data: bytes, went: Callable[[int], None]) -> None:
        self._data, self._at, self._went = data, 0, went

    def readable(self) -> bool:
        """See io."""
        return True

    def read(self, size: int = -1) -> bytes:
        """See io: no more than a block at once."""
        block = self._data[self._at : self._at + (BLOCK if size < 0 else min(size, BLOCK))]
        self._at += len(block)
        if block:
            self._went(len(block))
        return block


class _Names:
    """Headers by whatever spelling of their names."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def get(self, name: str, other: str = "") -> str:
        """The value of *name*."""
        return self._headers.get(name.lower(), other)
