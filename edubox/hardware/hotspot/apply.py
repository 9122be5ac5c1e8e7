"""``edubox hotspot apply``: look, decide, write what the system's programs read, and have them read it.

It may run as often as anyone likes: a program is started again only when its file changed. What it found and what is wrong
stays in ``state``, for the desk, the doctor and the poster. The wish itself may be damaged or not there: the box then makes
the network that it would make unasked, but no Wi-Fi, for which nobody chose a password.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

from edubox.errors import BadInput
from edubox.hardware.hotspot import dnsmasq, ethernet, hostapd, networkd, plan, radio, state
from edubox.hardware.hotspot.network import Network, Wifi, read
from edubox.store.platform import write_atomic

#: The units that run hostapd and dnsmasq, by the file that each reads.
UNITS = {"hostapd.conf": "edubox-hostapd.service", "dnsmasq.conf": "edubox-dnsmasq.service"}
NETWORKD = Path("/run/systemd/network")
#: Who may read the state besides root.
_GROUP = "edubox"
#: Seconds for a cable that was just switched on to say whether something is at its other end.
_LINK = 6.0
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided, and the units whose configuration is new (to start again) or gone (to stop)."""

    state: state.State
    start: tuple[str, ...]
    stop: tuple[str, ...]


def apply(
    wish_file: Path, names: dnsmasq.Names, run: Path = state.FOLDER, networks: Path = NETWORKD, wrong: Iterable[str] = ()
) -> Done:  # fmt: skip
    """Configure the network of this computer as *wish_file* says; *wrong* is what the caller found wrong.

    As root. Raises NoRoom, OSError.
    """
    wish, trouble = _wish(wish_file)
    trouble += wrong
    _tell("iw", "reg", "set", wish.country or "00")
    cables = _awake()
    before = state.read(run) or state.State()
    offers = _offers(wish, cables)
    ours = ethernet.hardware_address(networkd.BRIDGE)
    decided = plan.decide(wish, radio.radios(), cables, offers, before.cables, _networks(), ours)
    made = written(wish, decided, names, trouble)
    start, stop = [], []
    for name, unit in UNITS.items():
        content = made.pop(name, None)
        if content is None:
            if (run / name).exists():
                (run / name).unlink()
                stop.append(unit)
        elif _is_new(run / name, content):
            write_atomic(run / name, content, 0o600)
            start.append(unit)
    _write_networks(networks, {name: content for name, content in made.items() if name != state.FILE})
    write_atomic(run / state.FILE, made[state.FILE], 0o640)
    with contextlib.suppress(KeyError, PermissionError):  # a computer without our package
        os.chown(run / state.FILE, -1, grp.getgrnam(_GROUP).gr_gid)
    found = state.read(run)
    assert found is not None
    return Done(found, tuple(start), tuple(stop))


def written(
    wish: Network, decided: plan.Plan, names: dnsmasq.Names, trouble: Iterable[str] = ()
) -> dict[str, bytes]:
    """Every file for what was *decided*, by name; *trouble* is what is wrong besides."""
    files = {name: text.encode() for name, text in networkd.configuration(decided).items()}
    if decided.own is not None:
        files["dnsmasq.conf"] = dnsmasq.configuration(networkd.BRIDGE, decided.own, names).encode()
    if decided.radio is not None:
        files["hostapd.conf"] = hostapd.configuration(
            wish, decided.radio, decided.channel, networkd.BRIDGE
        ).encode()
    on_air = decided.radio is not None
    files[state.FILE] = state.dump(
        state.State(
            address=str(decided.own.ip) if decided.own else "", hostname=names.hostname,
            wifi=wish.wifi.name if on_air else "", password=wish.wifi.password if on_air else "",
            open=wish.wifi.open and on_air, interface=decided.radio.interface if decided.radio else "",
            driver=decided.radio.driver if decided.radio else "", channel=decided.channel,
            carries=decided.radio.carries if decided.radio else (0, 0), portal=names.portal if decided.own else "",
            cables=decided.cables,
            wrong=(*trouble, *decided.wrong),
        )
    )  # fmt: skip
    return files


def start(done: Done) -> None:
    """Have networkd, hostapd and dnsmasq read what is new. Does nothing where systemd does not run."""
    if not Path("/run/systemd/system").is_dir():
        return
    _tell("networkctl", "reload")
    # Without waiting: this command is itself part of what systemd starts.
    for verb, units in (("stop", done.stop), ("restart", done.start)):
        if units:
            _tell("systemctl", "--no-block", verb, *units)


def _wish(path: Path) -> tuple[Network, list[str]]:
    try:
        return read(path), []
    except FileNotFoundError:
        return Network(Wifi(on=False)), [
            f"Nobody has said what Wi-Fi this box makes ({path} is not there): it makes none."
        ]
    except (BadInput, OSError) as error:
        return Network(Wifi(on=False)), [
            f"What was wished of the network cannot be used, so there is no Wi-Fi. {error}"
        ]


def _awake() -> list[ethernet.Cable]:
    """The cables, switched on: one that is off says nothing of its other end."""
    for cable in ethernet.cables():
        _tell("ip", "link", "set", "dev", cable.interface, "up")
    until = time.monotonic() + _LINK
    while True:
        cables = ethernet.cables()
        if all(cable.connected for cable in cables) or time.monotonic() > until:
            return cables
        time.sleep(0.5)


def _offers(wish: Network, cables: list[ethernet.Cable]) -> dict[str, ethernet.Offer]:
    found = {}
    for cable in cables:
        if cable.connected and wish.ethernet != plan.GUEST:
            with contextlib.suppress(OSError):  # pulled out just now
                if offer := ethernet.server_on(cable.interface):
                    found[cable.interface] = offer
    return found


def _networks() -> list[IPv4Network]:
    """The networks that this computer is in, besides the one that it makes."""
    try:
        interfaces: list[dict[str, Any]] = json.loads(_tell("ip", "-j", "-4", "address", "show") or "[]")
        return [
            IPv4Interface(f"{one['local']}/{one['prefixlen']}").network
            for interface in interfaces if interface["ifname"] not in {networkd.BRIDGE, "lo"}
            for one in interface["addr_info"]
        ]  # fmt: skip
    except (ValueError, KeyError):
        return []


def _write_networks(folder: Path, files: dict[str, bytes]) -> None:
    """Make *files* those of ours in *folder*."""
    for path in folder.glob(f"{networkd.PREFIX}*"):
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        if _is_new(folder / name, content):
            write_atomic(folder / name, content)


def _is_new(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return True


def _tell(*command: str) -> str:
    """What *command* says; empty where it is missing or fails: what is wrong then shows in what was found."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def this_host() -> str:
    """The first label of this computer's name."""
    return socket.gethostname().partition(".")[0].lower() or dnsmasq.NAME
