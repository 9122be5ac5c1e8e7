"""The reading site behind the hub: written again after every publication, for everybody at home.

``edubox site export`` does it, in a child: it verifies the hub's own mirror as a box would, and writes what changed. This says
when: as soon as a timestamp of the mirror is another one, whoever published, or a lesson's moment (``not_before``) has come. What was
written is noted beside the site, ``SITE.done``; where that is missing, the site is brought up to date again, and no harm is done.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from edubox.errors import EduboxError
from edubox.hub.desk.frame import country_name
from edubox.hub.errors import SiteNotWritten
from edubox.hub.hub import Hub
from edubox.hub.queue import Job
from edubox.program import EDUBOX
from edubox.store.layout import DIRECTORY, PUBLISHERS, metadata_path
from edubox.store.lock import lock
from edubox.store.platform import write_atomic
from edubox.sync.carried.carry import lessons_in, repositories_in
from edubox.sync.collections import collections_in

#: Seconds that the child may take: a whole country's lessons, for the first time, on a slow disk.
LONGEST = 12 * 3600
_MAX_TIMESTAMP, _SAID = 64 * 1024, 500


def job(hub: Hub, _: Job) -> None:
    """The queued work of this room: it comes again every few minutes, and does nothing without news."""
    if hub.settings["site"]:
        write(hub)


def write(hub: Hub) -> bool:
    """Bring the site up to the mirror; whether there was anything to do. Raises SiteNotWritten, Busy."""
    site = Path(str(hub.settings["site"]))
    with lock(hub.data / "locks" / "site.lock"):
        line = _line(hub, site)
        seen = _state(hub.mirror, line)
        done = _done(site)
        moment = done.get("next")
        waits = moment is None or (isinstance(moment, int) and hub.now() < moment)
        if done.get("seen") == seen and waits and site.is_dir():
            return False
        # Before the child looks: what is published meanwhile is news for the next run. It reads every index, so only where there is news.
        next_ = _next_moment(hub.mirror, hub.now())
        _run(line, site)
        note = json.dumps({"format": 1, "seen": seen, "next": next_}).encode()
        write_atomic(_note(site), note)
    return True


def _line(hub: Hub, site: Path) -> list[str]:
    """The command that writes it."""
    languages = _languages(hub.mirror)
    words = [
        "site",
        "export",
        str(hub.mirror),
        str(site),
        "--name",
        country_name(hub, (languages or ["fr"])[0]),
    ]
    for one in languages:
        words += ["--language", one]
    for option in ("address", "lessons"):
        if given := str(hub.settings[f"site_{option}"]):
            words += [f"--{option}", given]
    return [*EDUBOX, *words, "--json"]


def _run(line: list[str], site: Path) -> None:
    site.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = subprocess.run(
            line, capture_output=True, text=True, check=False, timeout=LONGEST, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise SiteNotWritten(site=site, reason="it took half a day") from None
    if made.returncode:
        reason = made.stderr.strip()
        with suppress(ValueError, TypeError, KeyError):
            reason = str(json.loads(made.stdout)["error"]["message"])
        raise SiteNotWritten(
            site=site, reason=reason[-_SAID:].rstrip(".") or f"it ended with {made.returncode}"
        )


def _state(mirror: Path, line: list[str]) -> str:
    """What tells one state of the mirror, or another wish, from the next."""
    found = hashlib.sha256(json.dumps(line[len(EDUBOX) :]).encode())
    for path in _timestamps(mirror):
        with suppress(OSError), path.open("rb") as handle:
            found.update(f"{path.relative_to(mirror)}\0".encode() + handle.read(_MAX_TIMESTAMP) + b"\0")
    return found.hexdigest()


def _timestamps(mirror: Path) -> Iterator[Path]:
    yield mirror / metadata_path(DIRECTORY, "timestamp")
    yield from sorted((mirror / PUBLISHERS).glob("*/*/metadata/timestamp.json"))


def _next_moment(mirror: Path, now: int) -> int | None:
    """When the next lesson opens that is published and waits (seconds since 1970); None if none does."""
    try:
        waiting = [
            int(datetime.fromisoformat(lesson.index.not_before).replace(tzinfo=UTC).timestamp())
            for lesson in lessons_in(mirror, repositories_in(mirror, collections_in(mirror)[0]))
            if lesson.index.not_before
        ]
    except EduboxError:
        return None
    return min((moment for moment in waiting if moment > now), default=None)


def _languages(mirror: Path) -> list[str]:
    """The languages of the country, as its own file says."""
    try:
        files = sorted(
            (mirror / DIRECTORY / "targets").glob("*.country.json"), key=lambda one: one.stat().st_mtime
        )
        return [str(one) for one in json.loads(files[-1].read_bytes())["languages"]]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def _note(site: Path) -> Path:
    return site.with_name(f"{site.name}.done")


def _done(site: Path) -> dict[str, object]:
    try:
        found = json.loads(_note(site).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("format") == 1 else {}
