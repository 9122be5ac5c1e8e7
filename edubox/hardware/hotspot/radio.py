"""Which radios there are, whether they can be a hotspot, on which channels, and for how many phones.

``iw`` says what the driver says of itself. How many phones a radio carries nobody says: its firmware simply refuses one more,
and the pupil behind it sees "could not connect". So what is known of drivers is written down here, as an honest
range; for a class the answer is an access point on the cable.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: Driver → how many phones at once, from the bad to the good day.
CARRIES = {
    "brcmfmac": (7, 10),  # Raspberry Pi 3B+, 4, 5 with the firmware of Debian; 19 with another firmware
    "brcmfmac_wcc": (7, 10),
    "ath9k_htc": (7, 7),  # a table of the firmware
    "iwlwifi": (8, 14),  # 16 places in the firmware, some for itself
    "mt7921e": (15, 19),  # 20 places, one for itself
    "mt7921u": (15, 19),
    "rt2800usb": (15, 30),  # 32 keys in hardware
    "ath9k": (20, 40),
    "mt76x2u": (20, 40),
    "mt76x0u": (20, 40),
    "ath10k_pci": (25, 50),
}
#: For a driver of which nothing is known.
USUALLY = (8, 19)
#: From here on a radio serves a class by itself.
A_CLASS = 35
#: Channels to prefer, where the wish leaves it open: those of 2.4 GHz that do not overlap, for every phone has that band.
_PREFERRED = (6, 1, 11)
_NET = Path("/sys/class/net")
_SECONDS = 10
_CHANNEL = re.compile(r"\s*\* \d+(?:\.\d+)? MHz \[(\d+)\](.*)")
_STATIONS = re.compile(r"\s*Maximum associated stations in AP mode: (\d+)")
_INTERFACE = re.compile(r"\s+Interface (\S+)")
_MODE = re.compile(r"\s*\* (\S.*)")


@dataclass(frozen=True, slots=True)
class Radio:
    """One radio; *channels* are those on which it may begin to speak, with the rules of the country that is set."""

    interface: str
    driver: str
    #: Whether it can be a hotspot.
    ap: bool
    channels: tuple[int, ...]
    #: What the driver says is its limit; 0 if it does not.
    limit: int = 0

    @property
    def carries(self) -> tuple[int, int]:
        """How many phones at once, from and to."""
        low, high = CARRIES.get(self.driver, USUALLY)
        return (min(low, self.limit), min(high, self.limit)) if self.limit else (low, high)


def ask(*arguments: str) -> str:
    """What ``iw`` answers; empty without it or with an error, which is then a box without a radio."""
    try:
        return subprocess.run(
            ["iw", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True, errors="replace"
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def radios(iw: Callable[..., str] = ask, net: Path = _NET) -> list[Radio]:
    """The radios of this computer, the one that carries most first."""
    found = []
    for phy, interface in _interfaces(iw("dev")):
        found.append(_radio(interface, _driver(net / interface), iw("phy", phy, "info")))
    return sorted(found, key=lambda radio: (not radio.ap, -radio.carries[1], radio.interface))


def _interfaces(text: str) -> list[tuple[str, str]]:
    """The first interface of each radio, with the radio's name."""
    found: dict[str, str] = {}
    phy = ""
    for line in text.splitlines():
        if line.startswith("phy#"):
            phy = f"phy{line[4:].strip()}"
        elif (match := _INTERFACE.match(line)) and phy:
            found.setdefault(phy, match[1])
    return list(found.items())


def _driver(folder: Path) -> str:
    try:
        return (folder / "device" / "driver").resolve(strict=True).name
    except OSError:
        return ""


def _radio(interface: str, driver: str, text: str) -> Radio:
    ap, limit, channels, in_modes = False, 0, [], False
    for line in text.splitlines():
        if match := _CHANNEL.match(line):
            if not any(word in match[2] for word in ("disabled", "no IR", "radar")):
                channels.append(int(match[1]))
        elif match := _STATIONS.match(line):
            limit = int(match[1])
        elif "Supported interface modes" in line:
            in_modes = True
        elif in_modes and (match := _MODE.match(line)):
            ap = ap or match[1] == "AP"
        else:
            in_modes = False
    return Radio(interface, driver, ap, tuple(channels), limit)


def channel_for(radio: Radio, wished: int) -> int:
    """The channel to use; 0 if the radio may use none.

    A wish that the radio or the country does not allow is not followed: a hotspot on another channel serves, none does not.
    """
    for one in (wished, *_PREFERRED, *radio.channels):
        if one in radio.channels:
            return one
    return 0
