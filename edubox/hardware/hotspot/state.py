"""What the box's network is just now: left in memory by ``apply`` (root), read by the box, its desk and its doctor.

The Wi-Fi's password is in it, for the poster: the file is the box's own user's to read and nobody else's.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Network, ip_address
from pathlib import Path

from edubox.store.notes import read_note

#: Where it is; absent on a computer without a card of ours.
FOLDER = Path("/run/edubox")
FILE = "hotspot.json"
#: Bits of an address of the box's own network that are the network's.
PREFIX = 24
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """The network that the box makes, as it was decided."""

    #: The box's own address there, such as ``10.87.3.1``; empty if it makes no network.
    address: str = ""
    hostname: str = ""
    #: The Wi-Fi, if a radio is one: what phones show, what to type, and how many phones it carries, from and to.
    wifi: str = ""
    password: str = ""
    open: bool = False
    interface: str = ""
    driver: str = ""
    channel: int = 0
    carries: tuple[int, int] = (0, 0)
    #: Where phones are told to ask whether they are held; empty if they are told of no such place.
    portal: str = ""
    #: Interface → ``guest``, ``host`` or ``unplugged``.
    cables: dict[str, str] = field(default_factory=dict)
    #: What somebody should know, in sentences.
    wrong: tuple[str, ...] = ()

    def has(self, device: str) -> bool:
        """Whether the address *device* is one of the network that the box makes, if it makes one."""
        try:
            return ip_address(device) in IPv4Network(f"{self.address}/{PREFIX}", strict=False)
        except ValueError:
            return False


def dump(state: State) -> bytes:
    """The file's content."""
    return json.dumps({"format": _FORMAT, **asdict(state)}, ensure_ascii=False, indent=1).encode()


def read(folder: Path | None = None) -> State | None:
    """The state in *folder*, by default FOLDER; None if there is none that can be understood: this computer makes no network then."""
    try:
        note = read_note((folder or FOLDER) / FILE)
        if note.pop("format") != _FORMAT:
            return None
        low, high = note.pop("carries")
        return State(**note | {"carries": (int(low), int(high)), "wrong": tuple(note["wrong"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
