"""What became of this box's request to be taken in by its academy: ``data/enrolment.json``, read by pages and the doctor.

    {"format": 1, "state": "accepted", "id": "academie-x/college-moulin", "reason": "", "asked": 1804289383,
     "since": 1804375783, "next": 1804980583, "version": 1}

What a hub answers is a hint. A box is taken in when the country's directory, which it verifies, has a record whose root is one of
this box's own repository; that the record is there is the answer also where it comes on a stick. Nothing is renamed for it: on
the box its lessons keep the addresses that they had, and the new name is what others call them by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edubox.errors import BadIdentifier, EduboxError
from edubox.pack.names import check_publisher, printable, slug
from edubox.store.layout import metadata_path, publisher_prefix
from edubox.store.notes import read_note
from edubox.store.platform import sync_folder, write_atomic
from edubox.trust.record import Record

NAME, REQUEST = "enrolment.json", "enrolment-request.json"
#: The one-time code that the card or a person gave, until the box is taken in.
CODE = "enrolment-code"
#: States, in the order in which they come; nothing was ever asked before the first. PROMISED: a hub says yes, the directory not yet.
ASKED, PROMISED, ACCEPTED, REFUSED, SUSPENDED = "asked", "promised", "accepted", "refused", "suspended"
STATES = (ASKED, PROMISED, ACCEPTED, REFUSED, SUSPENDED)
#: Why a box that was taken in is not any more, and seconds until it asks.
OTHER_BOX, AGAIN = "The academy gave this name to another box of the school.", 86_400
#: Authorities in which a box that was told no name looks for its record.
AUTHORITIES = 5
_LONGEST = 500
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How far it is. Times are seconds since 1970 by the box's clock. *version*: the root that was shown to the hub last."""

    state: str = ""
    #: The id in the directory, as the hub promised it or the directory has it.
    id: str = ""
    #: Why it was refused, in the academy's or the hub's words.
    reason: str = ""
    asked: int = 0
    since: int = 0
    next: int = 0
    version: int = 0

    @property
    def told(self) -> bool:
        """Whether the directory itself has said that this box is known by *id*."""
        return self.state in {ACCEPTED, SUSPENDED}


def read_enrolment(data: Path) -> Enrolment:
    """What the box in *data* remembers; nothing if it never asked, or that cannot be read."""
    try:
        value = read_note(data / NAME)
        state, found, reason = (value[key] for key in ("state", "id", "reason"))
        times = [value[key] for key in ("asked", "since", "next", "version")]
        if value["format"] != 1 or state not in {"", *STATES} or not isinstance(reason, str):
            return Enrolment()
        if not all(type(one) is int for one in times):
            return Enrolment()
        if found:
            check_publisher(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadIdentifier):
        return Enrolment()
    return Enrolment(state, str(found), reason[:_LONGEST], *times)


def write_enrolment(data: Path, enrolment: Enrolment) -> None:
    """Remember *enrolment*. Raises NoRoom."""
    value = asdict(enrolment) | {"format": 1, "reason": printable(enrolment.reason)[:_LONGEST]}
    write_atomic(data / NAME, json.dumps(value, ensure_ascii=False).encode())


def code_of(data: Path) -> str:
    """The one-time code of the box in *data*, empty if there is none any more."""
    try:
        with (data / "keys" / CODE).open("rb") as handle:
            return handle.read(100).decode("ascii").strip()
    except (OSError, ValueError):
        return ""


def keep_code(data: Path, code: str) -> None:
    """Remember the one-time *code* for the next time that the hub is asked; it is asked soon. Raises NoRoom."""
    if code and code != code_of(data):
        write_atomic(data / "keys" / CODE, code.encode("ascii", "ignore"), _SECRET)
        known = read_enrolment(data)
        if known.state == REFUSED:
            write_enrolment(data, replace(known, next=0))


def forget_code(data: Path) -> None:
    """The box is taken in: nobody needs the code any more."""
    path = data / "keys" / CODE
    if path.exists():
        path.unlink()
        sync_folder(path.parent)


def wanted_name(settings: Mapping[str, Any]) -> str:
    """The second part of the id that a box with these *settings* would like."""
    return slug(str(settings["name"]), "school")


def candidates(data: Path, settings: Mapping[str, Any]) -> list[str]:
    """Under which names the directory may know the box in *data*: the one that it was told, or those that it asked for."""
    # Not above: the serving process reads the note, and signatures are no work of its.
    from edubox.sync.own import own_publisher

    known = read_enrolment(data)
    if known.id:
        return [known.id]
    if not known.state or own_publisher(data) is None:
        return []
    authorities = dict.fromkeys(one.partition("/")[0] for one in settings["follow"] if _is_publisher(one))
    return [f"{authority}/{wanted_name(settings)}" for authority in list(authorities)[:AUTHORITIES]]


def heard(data: Path, records: Iterable[Record], now: int) -> Enrolment:
    """What the directory's *records* of ``candidates`` say of the box in *data* at *now*; remembered if that is new. Raises NoRoom."""
    from edubox.sync.own import own_publisher

    known = read_enrolment(data)
    own = own_publisher(data)
    if own is None:
        return known
    found = list(records)
    record = next((one for one in found if is_of(data, own, one)), None)
    if record is None:
        if known.told and any(one.id == known.id and _is_of_another(data, own, one) for one in found):
            # A box that was given up came back: the school goes on with another one.
            known = replace(known, state=REFUSED, id="", reason=OTHER_BOX, since=now, next=now + AGAIN)
            write_enrolment(data, known)
        return known
    state = SUSPENDED if record.status != "active" else ACCEPTED
    if (known.state, known.id) != (state, record.id):
        since = now if known.state != state else known.since
        known = replace(known, state=state, id=record.id, reason="", since=since, next=0)
        write_enrolment(data, known)
    if state == ACCEPTED:
        forget_code(data)
    return known


def is_of(data: Path, own: str, record: Record) -> bool:
    """Whether *record* pins a root of the repository *own* of the box in *data*."""
    from edubox.trust.fetch import FolderFetch
    from edubox.trust.publisher import LOCAL, MAX_ROOT

    if record.id == own or not own.startswith(f"{LOCAL}/"):
        return False
    try:
        path = metadata_path(publisher_prefix(*check_publisher(own)), "root", record.root_version)
        root = FolderFetch(data / "mirror").read(path, MAX_ROOT)
    except EduboxError:
        return False
    return hashlib.sha256(root).hexdigest() == record.root_sha256


def forget(data: Path) -> None:
    """The box in *data* is another one from now on: what was said of the one before is not said of it."""
    for path in (data / NAME, data / REQUEST, data / "keys" / CODE):
        path.unlink(missing_ok=True)


def _is_of_another(data: Path, own: str, record: Record) -> bool:
    """Whether *record* pins a root that the repository *own* has another one in the place of."""
    from edubox.trust.publisher import prefix
    from edubox.trust.state import newest_root

    return record.root_version <= newest_root(data / "mirror", prefix(own))


def _is_publisher(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(check_publisher(value))
    except BadIdentifier:
        return False
