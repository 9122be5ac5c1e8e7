"""Which files of signatures may be kept for good: those that a box would believe, found out as a box finds it out.

When a repository's timestamp has changed, a thread refreshes it with the very code of a box (``sync.trusted``), from the country's
root on, through the same questions that boxes cause: what it verified is written to the mirror, the timestamp last. So what is kept is
whole and consistent whatever the line does next. Dates are not judged: an old mirror is passed on as old, and boxes decide. The
country's root is given by whoever runs the mirror; without one the first that is met is pinned, and said in the log.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import BadIdentifier, EduboxError, NotFound, NotTrusted, Unreachable
from edubox.store.layout import DIRECTORY, PUBLISHERS, metadata_path
from edubox.store.platform import write_atomic
from edubox.sync import epochs
from edubox.sync.fetching.sources import HUB
from edubox.sync.relaying.line import Line
from edubox.sync.relaying.named import repositories
from edubox.sync.relaying.small import Small
from edubox.sync.trusted import Country, read_directory, read_publisher
from edubox.trust.clock import Floor
from edubox.trust.named import MAX_ROOT, timestamp_path

#: A time at which nothing that anybody signs has ended.
_EARLY = datetime(1970, 1, 2, tzinfo=UTC)
#: Seconds to wait for one file.
_PATIENCE = 60.0
ROOT = Path("keys", "root.json")
log = logging.getLogger("edubox.mirror")


class Notary:
    """See the module. *data* holds ``mirror``, ``keys`` and ``work``."""

    def __init__(self, data: Path, line: Line, small: Small) -> None:
        self._data, self._line, self._source = data, line, _Through(line, small)
        self._work = data / "work"
        self._news = threading.Condition()
        self._waiting: dict[str, None] = {}
        self._busy = ""
        #: Prefix → hash of a timestamp that did not hold.
        self._refused: dict[str, str] = {}

    def start(self) -> None:
        """Work in a thread of its own."""
        threading.Thread(target=self._run, name="notary", daemon=True).start()

    def look(self, prefix: str) -> None:
        """The repository at *prefix* has news."""
        with self._news:
            self._waiting[prefix] = None
            self._news.notify_all()

    def judge(self, prefix: str, patience: float) -> None:
        """Look at the news of the repository at *prefix* now, as far as that takes no more than *patience* seconds."""
        self.look(prefix)
        with self._news:
            self._news.wait_for(lambda: prefix not in self._waiting and self._busy != prefix, patience)

    def refuses(self, prefix: str, timestamp: bytes) -> bool:
        """Whether this *timestamp* was looked at and did not hold."""
        return self._refused.get(prefix) == hashlib.sha256(timestamp).hexdigest()

    def wait(self, patience: float) -> bool:
        """Wait until nothing is left to look at; whether that is so."""
        with self._news:
            return self._news.wait_for(lambda: not self._waiting and not self._busy, patience)

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting)
                prefix = next(iter(self._waiting))
                del self._waiting[prefix]
                self._busy = prefix
            try:
                self.verify(prefix)
            except Exception:
                log.exception("the signatures of %s could not be looked at", prefix)
            finally:
                with self._news:
                    self._busy = ""
                    self._news.notify_all()

    def verify(self, prefix: str) -> bool:
        """Bring what is kept of the repository at *prefix* up to date; whether it holds."""
        self._work.mkdir(exist_ok=True)
        try:
            if prefix == DIRECTORY:
                kept = repositories(self._data / "mirror")
                self._directory([one.removeprefix(f"{PUBLISHERS}/") for one in kept if one != DIRECTORY])
            else:
                self._publisher(prefix.removeprefix(f"{PUBLISHERS}/"))
        except Unreachable:
            return False  # the line says so, and the next reader asks again
        except NotTrusted as error:
            self._line.complain(f"the signatures of {prefix}", error)
            self._refuse(prefix)
            return False
        except EduboxError as error:
            self._line.complain(f"the signatures of {prefix}", error)
            return False
        return True

    def _directory(self, follow: list[str]) -> Country:
        mirror = self._data / "mirror"
        return read_directory(
            mirror, self._work, [self._source], self._root(), Floor(_EARLY), _EARLY, None, follow
        )

    def _publisher(self, name: str) -> None:
        country = self._directory([name])
        record = country.records.get(name)
        if record is None or record.status != "active":
            return  # suspended, moved, or not in the directory: it is passed on, and boxes know
        epochs.begin(self._data, record)
        found = read_publisher(self._data / "mirror", self._work, [self._source], record, _EARLY, None)
        for slug, error in found.problems.items():
            self._line.complain(f"the lesson {name}/{slug}", error)

    def _refuse(self, prefix: str) -> None:
        try:
            stamp = self._source.read(timestamp_path(prefix), MAX_ROOT)
        except EduboxError:
            return
        self._refused[prefix] = hashlib.sha256(stamp).hexdigest()

    def _root(self) -> bytes:
        path = self._data / ROOT
        if path.exists():
            return path.read_bytes()
        from edubox.trust.publisher import signed_root

        data = self._source.read(metadata_path(DIRECTORY, "root", 1), MAX_ROOT)
        if signed_root(data) is None:
            raise NotTrusted(reason=f"the first root of {self._line.name} is no root")
        write_atomic(path, data)
        log.warning(
            "The country's root was taken from %s: SHA-256 %s. Compare it with the root that boxes have, or give it with --root.",
            self._line.name, hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
        return data


def pin(data: Path, root: bytes | None) -> None:
    """Let *root* be the country's, where one is given; what was verified from another one leaves. Raises BadIdentifier, NoRoom."""
    if root is None:
        return
    from edubox.trust.roots import read_root

    try:
        read_root(root)
    except NotTrusted:
        raise BadIdentifier(value="the file of --root", reason="it is no root of a country") from None
    path = data / ROOT
    if path.exists() and path.read_bytes() == root:
        return
    for folder in (DIRECTORY, PUBLISHERS):
        shutil.rmtree(data / "mirror" / folder, ignore_errors=True)
    (data / "keys" / "epochs.json").unlink(missing_ok=True)
    write_atomic(path, root)


class _Through:
    """The mirror behind as a source: the same questions as boxes cause, each asked once a minute."""

    kind = HUB
    received = requests = 0

    def __init__(self, line: Line, small: Small) -> None:
        self.name, self._small = line.name, small

    def read(self, path: str, limit: int) -> bytes:
        """See ``trust.fetch.Fetch``."""
        data = self._small.read(path, limit, _PATIENCE)
        if len(data) > limit:
            raise NotTrusted(reason=f"{path} is larger than {limit} bytes")
        return data

    def stream(self, path: str, begin: int, end: int, size: int) -> Generator[bytes]:  # noqa: ARG002
        """Signatures come whole."""
        yield from ()
        raise NotFound(what=path)
