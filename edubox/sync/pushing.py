"""Offering lessons: what a teacher offered goes from this school's box to its hub, and what the academy says comes back.

A letter first (``letter``), then only the files that the hub lacks, the smallest first, in pieces from where the hub says
that it is; then the end. Every step may be cut and asked again: the hub derives the offer's name from what is offered, and
counts the bytes that it has, so nothing that arrived is sent twice. ``data/pushing.json`` is the journal: which version of
which lesson the hub has whole, so that an ordinary run asks one question. Only what is in the queue of ``offers`` leaves, and
nothing for teachers only. While pupils read nothing begins. Or ``carry`` writes the same, signed, into a courier.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.errors import Busy, EduboxError, HashMismatch, HubRefused, NotFound, Postponed
from edubox.pack.index import Index
from edubox.store.layout import bundle_path, object_path
from edubox.store.notes import read_note
from edubox.store.objects import is_whole
from edubox.store.platform import write_atomic
from edubox.sync import letter, offers
from edubox.sync.api import PREFIX, HubApi
from edubox.sync.carried.carry import MEDIA, METADATA, TEXT, Item
from edubox.sync.local import media_of
from edubox.sync.offers import RECEIVED, WAITING, Offer
from edubox.trust.fetch import open_inside

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

JOURNAL = "pushing.json"
#: Bytes of a piece: the first, the least and the most; a slow line has small ones, so that a cut costs little.
FIRST, LEAST, MOST = 256 * 1024, 64 * 1024, 4 * 1024 * 1024
#: Seconds that a piece may take before the next one is smaller, and under which it is larger.
SLOW, QUICK = 20.0, 5.0
#: Files that the hub may ask for, and times that it may say that it is elsewhere than we think.
_MOST_FILES, _AGAIN = 100_000, 5
#: The status by which a hub says that it is at another byte.
_ELSEWHERE = 409
#: The status by which it says that there is no such thing.
_UNKNOWN = 404
#: What the name of an offer in a courier begins with.
OFFERS = "offers/"
Show = Callable[[str, int, int], None]


@dataclass(slots=True)
class Sent:
    """What became of one offer: *state* of ``offers``, bytes *sent* now, and what there is to say."""

    lesson: str
    version: int
    state: str
    sent: int = 0
    said: str = ""


@dataclass(slots=True)
class Report:
    """One run. *postponed*: why the rest comes later, empty if there is none."""

    offers: list[Sent] = field(default_factory=list)
    sent: int = 0
    requests: int = 0
    postponed: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object that ``edubox push --json`` prints."""
        told = [
            {
                "lesson": one.lesson,
                "version": one.version,
                "state": one.state,
                "sent": one.sent,
                "said": one.said,
            }
            for one in self.offers
        ]
        return {"offers": told, "sent": self.sent, "requests": self.requests, "postponed": self.postponed}


@dataclass(frozen=True, slots=True)
class _File:
    """A file to send: its hash, its place in the mirror and its bytes."""

    sha256: str
    path: str
    size: int


def has_work(data: Path) -> bool:
    """Whether the box in *data* has anything to say or to ask about offers."""
    under_way = any(one.state not in {offers.ACCEPTED, offers.REFUSED} for one in offers.queue(data).values())
    return under_way or bool(offers.withdrawn(data))


def push(
    data: Path, publisher: str, api: HubApi, *, show: Show = lambda *_: None, wait: Callable[[], str] = lambda: "",
    clock: Callable[[], float] = time.monotonic,
) -> Report:  # fmt: skip
    """Send what teachers of the box in *data*, which is *publisher*, offered, and hear what the academy says.

    *show* gets (what, bytes sent, bytes in all). *wait* says why nothing more may be sent now, empty if it may. Raises
    Unreachable, TryLater, HubRefused for what concerns the whole box (not enrolled, suspended); what is wrong with one lesson is told.
    """
    report, journal = Report(), _Journal(data, publisher)
    queue = {slug: one for slug, one in offers.queue(data).items() if one.lesson == f"{publisher}/{slug}"}
    try:
        _take_back(data, publisher, api, journal, wait)
        # What is decided for good is asked no more.
        under_way = {offers.RECEIVED, offers.REVIEW, offers.RETURNED}
        if any(
            one.state in under_way or (one.state == WAITING and journal.has(slug, one.version))
            for slug, one in queue.items()
        ):
            _hear(data, api, queue, report)
        waiting = [
            (slug, one)
            for slug, one in queue.items()
            if one.state == WAITING and not journal.has(slug, one.version)
        ]
        for slug, one, found, size in _smallest_first(data / "mirror", publisher, waiting, report):
            _Sending(data, api, journal, report, show, wait, clock).one(slug, one, found, size)
    except Postponed as later:
        report.postponed = str(later)
    report.sent, report.requests = api.sent, api.requests
    return report


def _take_back(data: Path, publisher: str, api: HubApi, journal: _Journal, wait: Callable[[], str]) -> None:
    """Tell the hub what teachers took back. Offered again, such a lesson is begun anew."""
    for lesson in offers.withdrawn(data):
        own, _, slug = lesson.rpartition("/")
        if own == publisher:
            if reason := wait():
                raise Postponed(reason=reason)
            try:
                api.call("DELETE", f"offers/{slug}").json()
            except HubRefused as error:
                # A hub that knows no such lesson has nothing to take back.
                if error.details.get("status") != _UNKNOWN:
                    raise
            journal.forget(slug)
        offers.withdrawal_heard(data, lesson)


def _hear(data: Path, api: HubApi, queue: dict[str, Offer], report: Report) -> None:
    """Ask how far the offers are, and write it down for their teachers."""
    told = api.call("GET", "offers").json().get("offers")
    for one in told if isinstance(told, list) else []:
        said: dict[str, Any] = one if isinstance(one, dict) else {}
        slug, version, state, comments = (said.get(key) for key in ("slug", "version", "state", "comments"))
        known = queue.get(slug) if isinstance(slug, str) else None
        if known is None or known.version != version or not isinstance(state, str) or state == WAITING:
            continue
        words = [text for text in comments if isinstance(text, str)] if isinstance(comments, list) else []
        offers.hear(data, known.lesson.rpartition("/")[2], known.version, state, words)
        report.offers.append(Sent(known.lesson, known.version, state, said=words[-1] if words else ""))


def _smallest_first(
    mirror: Path, publisher: str, waiting: list[tuple[str, Offer]], report: Report
) -> Iterator[tuple[str, Offer, letter.Letter, int]]:
    """The letters of those offers that can go, and what each would cost; what keeps the others is told."""
    sized = []
    for slug, one in waiting:
        try:
            found = _letter(mirror, publisher, slug, one)
        except Busy:
            raise
        except EduboxError as error:
            report.offers.append(Sent(one.lesson, one.version, WAITING, said=str(error)))
        else:
            sized.append((sum(file.size for file in files_of(found)), slug, one))
    # One letter in memory at a time: a manifest may have megabytes.
    for size, slug, one in sorted(sized, key=lambda each: each[:2]):
        yield slug, one, _letter(mirror, publisher, slug, one), size


def _letter(mirror: Path, publisher: str, slug: str, one: Offer) -> letter.Letter:
    found = letter.write(mirror, publisher, slug)
    if found.index.version != one.version:
        # Nobody has offered what is current now, and what was offered is signed no more.
        raise NotFound(
            what=f"Version {one.version} of {one.lesson} as the current one (offer version {found.index.version} on the desk)"
        )
    return found


def files_of(found: letter.Letter) -> list[_File]:
    """The files that belong to an offer, the smallest first."""
    full: Any = found.index.full
    media = {
        file.sha256: _File(file.sha256, object_path(file.sha256), file.size)
        for file in media_of(found.manifest)
    }
    return sorted(
        [_File(full.sha256, bundle_path(full.sha256), full.size), *media.values()],
        key=lambda one: (one.size, one.path),
    )


class _Sending:
    """One lesson on its way."""

    def __init__(
        self, data: Path, api: HubApi, journal: _Journal, report: Report, show: Show, wait: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._data, self._api, self._journal, self._report = data, api, journal, report
        self._show, self._wait, self._clock = show, wait, clock
        self._piece, self._done = FIRST, 0

    def one(self, slug: str, offer: Offer, found: letter.Letter, size: int) -> None:
        """Send it to its end; what is wrong with it alone is told and leaves the others alone."""
        before = self._api.sent
        try:
            self._ensure_quiet()
            said = self._api.call("POST", "pushes", body=found.to_bytes()).json()
            push, missing = str(said.get("push", "")), _missing(said)
            files = [file for file in files_of(found) if file.sha256 in missing]
            self._done = size - sum(file.size for file in files)
            for file in files:
                self._file(push, file, found.index, size)
            self._api.call("POST", f"pushes/{push}/end").json()
        except HubRefused as error:
            if error.details.get("status") in {401, 403}:
                raise
            self._report.offers.append(
                Sent(offer.lesson, offer.version, WAITING, self._api.sent - before, str(error))
            )
            return
        except (HashMismatch, NotFound) as error:
            self._report.offers.append(
                Sent(offer.lesson, offer.version, WAITING, self._api.sent - before, str(error))
            )
            return
        self._journal.note(slug, offer.version, push)
        offers.hear(self._data, slug, offer.version, RECEIVED, offer.comments)
        self._report.offers.append(Sent(offer.lesson, offer.version, RECEIVED, self._api.sent - before))

    def _file(self, push: str, file: _File, index: Index, total: int) -> None:
        mirror = self._data / "mirror"
        if not is_whole(mirror / file.path, file.sha256):
            raise HashMismatch(what=f"{file.path} of {index.name} on this box")
        at, astray = self._offset(push, file), 0
        with open_inside(mirror, file.path) as source:
            while at < file.size:
                self._ensure_quiet()
                source.seek(at)
                piece = source.read(min(self._piece, file.size - at))
                began = self._clock()
                answer = self._api.call(
                    "PUT", f"blobs/{file.sha256}", f"push={push}&offset={at}&size={file.size}", piece,
                    kind="application/octet-stream",
                )  # fmt: skip
                self._adapt(self._clock() - began)
                reached = None if answer.status == _ELSEWHERE else answer.json().get("offset")
                if type(reached) is not int or not at < reached <= file.size:
                    # Two of us at once, or the hub lost something: it says where it is.
                    if (astray := astray + 1) > _AGAIN:
                        raise HubRefused(reason="it does not say how far it is", status=answer.status, why="")
                    reached = self._offset(push, file)
                at = reached
                self._show(index.name, min(self._done + at, total), total)
        self._done += file.size

    def _offset(self, push: str, file: _File) -> int:
        answer = self._api.call("HEAD", f"blobs/{file.sha256}", f"push={push}")
        told = answer.headers.get("upload-offset", "")
        if answer.status == 404:
            return 0
        if answer.status != 200 or not (told.isascii() and told.isdigit()) or int(told[:18]) > file.size:
            raise HubRefused(
                reason=f"it answered {answer.status} when asked how far it is", status=answer.status, why=""
            )
        return int(told)

    def _adapt(self, seconds: float) -> None:
        if seconds > SLOW:
            self._piece = max(self._piece // 2, LEAST)
        elif seconds < QUICK:
            self._piece = min(self._piece * 2, MOST)

    def _ensure_quiet(self) -> None:
        if reason := self._wait():
            raise Postponed(reason=reason)


def _missing(said: dict[str, Any]) -> set[str]:
    told = said.get("missing")
    lists = [told.get("bundles"), told.get("objects")] if isinstance(told, dict) else []
    return {
        one for some in lists if isinstance(some, list) for one in some[:_MOST_FILES] if isinstance(one, str)
    }


class _Journal:
    """Which version of which lesson of *publisher* the hub has whole; a card that became another box begins anew."""

    def __init__(self, data: Path, publisher: str) -> None:
        self._path, self._publisher = data / JOURNAL, publisher
        try:
            value = read_note(self._path)
            told = value["sent"] if value["publisher"] == publisher else {}
            self._sent = {str(slug): (int(one["version"]), str(one["push"])) for slug, one in told.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._sent = {}

    def has(self, slug: str, version: int) -> bool:
        """Whether it has this one."""
        return self._sent.get(slug, (0, ""))[0] == version

    def note(self, slug: str, version: int, push: str) -> None:
        """It has it now. Raises NoRoom."""
        self._sent[slug] = version, push
        self._write()

    def forget(self, slug: str) -> None:
        """It has none of this lesson any more. Raises NoRoom."""
        if self._sent.pop(slug, None) is not None:
            self._write()

    def _write(self) -> None:
        sent = {name: {"version": one[0], "push": one[1]} for name, one in self._sent.items()}
        value = {"format": 1, "publisher": self._publisher, "sent": sent}
        write_atomic(self._path, json.dumps(value, sort_keys=True).encode())


def carry(data: Path, publisher: str, signer: Signer, now: datetime) -> tuple[list[Item], list[Sent]]:
    """What a courier carries to the hub: a signed letter for each offer that waits, and its files; and what was chosen.

    The letter is the very request that would have gone over a line, so the hub believes it as much. Raises NotTrusted,
    MissingFile (the box's own repository is not whole).
    """
    from edubox.trust.requests import next_counter, sign

    report = Report()
    waiting = [
        (slug, one)
        for slug, one in offers.queue(data).items()
        if one.lesson == f"{publisher}/{slug}" and one.state == WAITING
    ]
    items: list[Item] = []
    for slug, one, found, _ in _smallest_first(data / "mirror", publisher, waiting, report):
        body = found.to_bytes()
        headers = sign("POST", f"{PREFIX}pushes", "", body, signer, next_counter(0, now))
        told = json.dumps(
            {"format": 1, "headers": headers, "body": base64.b64encode(body).decode("ascii")}
        ).encode()
        items.append(Item(f"{OFFERS}{slug}.json", len(told), METADATA, slug, told))
        items += [
            Item(file.path, file.size, TEXT if file.path.startswith("bundles/") else MEDIA, file.path)
            for file in files_of(found)
        ]
        report.offers.append(Sent(one.lesson, one.version, WAITING))
    return items, report.offers
