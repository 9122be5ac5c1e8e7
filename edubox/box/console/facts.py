"""What the screen says of the box, gathered by the box's own user: the doctor's checks as the page has them, addresses, systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox import __version__
from edubox.box.accounts import first
from edubox.box.checkup import checkup
from edubox.box.sticks import Sticks
from edubox.box.whereabouts import desk, hosts_of, reading
from edubox.errors import BadInput
from edubox.hardware.ask import request as asking
from edubox.hardware.hotspot import state as hotspot
from edubox.settings import BY_NAME, load_settings
from edubox.store import slots
from edubox.sync.pacing.usage import read_usage


@dataclass(frozen=True, slots=True)
class Places:
    """The box's *data*, where requests are left (*ask*), where the state of the network is (*run*)."""

    data: Path
    ask: Path
    run: Path


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known now. Texts are empty where there is nothing."""

    version: str = __version__
    school: str = ""
    #: Name, level and English sentence of each check, worst first; none while they take too long or there is no box.
    checks: Sequence[tuple[str, str, str]] = ()
    pages: Sequence[str] = ()
    desk: str = ""
    wifi: str = ""
    #: The slot that runs and the version in it, and those of the other one; 0: as the image brought it.
    system: tuple[str, int] | None = None
    other: tuple[str, int] | None = None
    #: Seconds since 1970 of the last synchronisation that went well; 0: none has.
    synchronised: float = 0.0
    stick: Path | None = None
    #: Whether there is a box, the system does what it is asked, and what could be shown.
    there: bool = True
    heard: bool = False
    has_password: bool = False
    has_code: bool = False


def gather(places: Places, command_line: Path = slots.COMMAND_LINE) -> Facts:
    """What is true now; a box that is not there, or half, is no error. Takes as long as the doctor."""
    if not (places.data / "box.toml").is_file():
        return Facts(there=False, heard=asking.is_heard(places.ask))
    settings = _settings(places.data)
    network = hotspot.read(places.run)
    hosts = hosts_of(network.hostname if network and network.wifi else "")
    running = slots.running(command_line)
    folder = Path(settings["slots"])
    return Facts(
        school=settings["name"],
        checks=checkup(places.data),
        pages=reading(settings, hosts),
        desk=desk(settings, hosts),
        wifi=network.wifi if network else "",
        system=(running, _version(folder, running)) if running else None,
        other=(slots.other(running), _version(folder, slots.other(running))) if running else None,
        synchronised=read_usage(places.data).success_at,
        stick=next(iter(Sticks().mounted()), None),
        heard=asking.is_heard(places.ask),
        has_password=bool(network and network.wifi and network.password),
        has_code=bool(first.read(places.data)),
    )


def password(places: Places) -> str:
    """The Wi-Fi's password; empty if there is none, or nobody can say."""
    network = hotspot.read(places.run)
    return network.password if network else ""


def code(places: Places) -> str:
    """The first administrator's code; empty if none waits."""
    return first.read(places.data)


def _settings(data: Path) -> dict[str, Any]:
    try:
        return load_settings(data / "box.toml")
    except BadInput:  # the doctor says which line
        return {name: one.default for name, one in BY_NAME.items()}


def _version(folder: Path, slot: str) -> int:
    held = slots.read(folder, slot)
    return held.version if held else 0
