"""What the running system is told at each start, since its root forgets: its name, its time zone, and which computer it is."""

from __future__ import annotations

import os
import re
import secrets
import socket
import uuid
from pathlib import Path

from edubox.store.platform import write_atomic

_MACHINE = "machine-id"
_ZONES = "/usr/share/zoneinfo"


def new_hostname() -> str:
    """``edubox-`` and six digits: the name of a box that nobody gave one."""
    return f"edubox-{secrets.token_hex(3)}"


def keep_machine_id(etc: Path, system: Path) -> None:
    """Let the id that the system made of itself at its first start be its id at every start. Raises OSError, NoRoom.

    *system* is the folder that remembers it. Names on the network and leases of addresses are made of it.
    """
    made, kept = _id(etc / _MACHINE), _id(system / _MACHINE)
    if not kept:
        kept = made or uuid.uuid4().hex
        write_atomic(system / _MACHINE, f"{kept}\n".encode())
    if made != kept:
        write_atomic(etc / _MACHINE, f"{kept}\n".encode(), 0o444)


def _id(path: Path) -> str:
    """The id in the file *path*; empty if it has none."""
    try:
        text = path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return text if re.fullmatch(r"[0-9a-f]{32}", text) else ""


def tell(etc: Path, hostname: str, timezone: str) -> None:
    """Give the system whose settings are in *etc* its *hostname* and *timezone*. Raises OSError.

    The kernel is told as well if *etc* is this computer's.
    """
    write_atomic(etc / "hostname", f"{hostname}\n".encode())
    beside = etc / ".localtime.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(f"{_ZONES}/{timezone}")
    beside.replace(etc / "localtime")
    if etc == Path("/etc") and os.geteuid() == 0:
        socket.sethostname(hostname)
