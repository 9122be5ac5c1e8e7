"""The want list: what one box has and follows, so that whoever has a line brings what it lacks and nothing else.

The box writes it onto a stick (``wants/<box>.json``) or hands it to a phone; where there is a line,
``sync.carried.carry`` chooses from it. It names contents by their hashes and nothing about a person. It is
not signed, and whoever reads it believes little: a false list can waste room on a stick, and no more, since
all that is carried is signed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edubox.errors import BadInput, BadManifest, EduboxError
from edubox.pack import canonical
from edubox.pack.manifest import is_text
from edubox.pack.names import check_part, check_publisher, is_sha256, printable
from edubox.store.objects import holds
from edubox.store.platform import Reserve
from edubox.sync.catalogue import Catalogue

FORMAT = 1
#: Bytes of the largest want list read.
MAX_WANT = 1024 * 1024
#: Entries of a list. What a box has beyond them is carried again, which is a waste and no fault.
MAX_FOLLOW, MAX_HAVE, MAX_MEDIA, MAX_LABEL = 500, 5_000, 8_000, 200
WANTS = "wants"
_FIELDS = {"format", "box", "label", "written", "follow", "have", "media"}
_DAY = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]\Z")


@dataclass(frozen=True, slots=True)
class Want:
    """One box. *have* are the manifests whose text it holds whole, *media* the media objects it holds (SHA-256)."""

    box: str
    #: The school's name, for whoever carries.
    label: str
    #: The day, as the box's clock had it: ``2026-11-24``.
    written: str
    follow: tuple[str, ...] = ()
    have: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical.write({
            "format": FORMAT, "box": self.box, "label": self.label, "written": self.written,
            "follow": sorted(self.follow), "have": sorted(self.have), "media": sorted(self.media),
        })  # fmt: skip

    @property
    def path(self) -> str:
        """Where it lies in the folder of a stick or courier."""
        return f"{WANTS}/{self.box}.json"


def want_of(
    data: Path, catalogue: Catalogue, box: str, settings: dict[str, Any], now: datetime | None = None
) -> Want:
    """What the box in *data* has; *box* is its id on the network (``edubox-1a2b3c``), *settings* its ``box.toml``.

    Raises BadIdentifier when *box* is no name for a file.
    """
    # Not above: the serving process reads want lists, and unpacks no bundle.
    from edubox.sync.following import followed
    from edubox.sync.local import Local, media_of
    from edubox.sync.system import running

    local = Local(data, [], Reserve())
    have: list[str] = []
    media: list[str] = []
    for sha256 in sorted({one.manifest for one in catalogue.installed()}):
        manifest = local.manifest(sha256)
        if manifest is None:
            continue
        if local.held(sha256):
            have.append(sha256)
        media += [file.sha256 for file in media_of(manifest) if holds(local.mirror, file.sha256, file.size)]
    # Whoever carries a delta of the system knows by this for whom.
    runs = running(settings)
    if runs is not None:
        have.insert(0, runs)
    label = canonical.nfc(printable(str(settings["name"])))[:MAX_LABEL].strip()
    return Want(
        check_part(box), label or box, (now or datetime.now(UTC)).strftime("%Y-%m-%d"),
        tuple(sorted({one for one in followed(local.data, settings) if _is_publisher(one)})[:MAX_FOLLOW]), frozenset(have[:MAX_HAVE]),
        frozenset(media[:MAX_MEDIA]),
    )  # fmt: skip


def parse(data: bytes) -> Want:
    """Read a want list that came from outside. Raises BadInput, BadManifest, BadIdentifier, UnknownFormat."""
    if len(data) > MAX_WANT:
        raise BadInput(reason="a want list is larger than 1 MiB")
    value = canonical.read(data, what="a want list", known=FORMAT)
    if value.keys() != _FIELDS:
        raise BadInput(reason="a want list has unknown or missing fields")
    if not isinstance(value["box"], str) or not is_text(value["label"], MAX_LABEL):
        raise BadInput(reason="a want list names no box")
    if not isinstance(value["written"], str) or not _DAY.match(value["written"]):
        raise BadInput(reason="a want list has no date")
    return Want(
        check_part(value["box"]), value["label"], value["written"],
        tuple(_names(value, "follow", MAX_FOLLOW, _is_publisher)),
        frozenset(_names(value, "have", MAX_HAVE, is_sha256)),
        frozenset(_names(value, "media", MAX_MEDIA, is_sha256)),
    )  # fmt: skip


def _names(value: dict[str, Any], key: str, most: int, is_one: Callable[[object], bool]) -> list[str]:
    found = value[key]
    if not isinstance(found, list) or len(found) > most or not all(is_one(one) for one in found):
        raise BadInput(reason=f"{key} of a want list is not a list of at most {most} names")
    # One spelling of one list: sorted, nothing twice.
    if found != sorted(set(found)):
        raise BadManifest(reason=f"{key} of a want list is not sorted, or names something twice")
    return found


def _is_publisher(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(check_publisher(value))
    except EduboxError:
        return False
