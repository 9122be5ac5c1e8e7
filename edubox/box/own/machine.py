"""Which computer this is: what survives a restart and a new card, and differs on another computer.

A board's serial number, else the lowest address of its built-in network cards, else the system's own id. It
lies open for every program of that computer and is no secret: it keeps a *copied card* from publishing by
itself, and stops nobody who means to. What only root can read is left out, or a box would be another one for
each user.
"""

from __future__ import annotations

from pathlib import Path

#: Numbers that boards carry whose maker gave them none.
_NO_SERIAL = {"", "0" * 8, "0" * 16}
#: ``addr_assign_type`` of an address that was burnt in; others are chosen by a program, perhaps at random.
_BURNT_IN = "0"


def this_machine(system: Path = Path("/")) -> str:
    """One line that names this computer; *system* is its file system."""
    serial = _text(system / "proc/device-tree/serial-number").strip("\0")
    if serial not in _NO_SERIAL:
        return f"board {serial}"
    if addresses := _built_in_addresses(system / "sys/class/net"):
        return f"network card {min(addresses)}"
    return f"system {_text(system / 'etc/machine-id')}"


def _built_in_addresses(cards: Path) -> list[str]:
    found = []
    for card in cards.iterdir() if cards.is_dir() else ():
        device = card / "device"
        if not device.exists() or _text(card / "addr_assign_type") != _BURNT_IN:
            continue  # a bridge, a tunnel, a container's end of a cable
        radio = (card / "wireless").exists() or (card / "phy80211").exists()
        if radio or "/usb" in str(device.resolve()):
            continue  # a stick that is pulled out, a radio that changes its address to hide
        found.append(_text(card / "address"))
    return [address for address in found if address]


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
