"""What is wished of a box's network: its Wi-Fi, the part of its cable, the address that hangs on the wall.

One small TOML file that only root reads, since the Wi-Fi's password is in it. ``edubox card apply`` writes it at the first
boot and when somebody changed ``edubox.toml``; ``edubox hotspot apply`` reads it at each start. What can be wrong with a wish
is asked here, once, for both.
"""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

from edubox.errors import BadInput
from edubox.store.platform import write_atomic

#: Where it is on a card.
FILE = Path("/data/system/network.toml")
#: What the cable is for: ``guest`` of a network that is there, ``host`` of one that the box makes, ``auto`` asks first.
ROLES = ("auto", "guest", "host")
#: Channels that need no look-out for radar, which stops a hotspot for a minute and more; 0 lets the box choose.
CHANNELS = (0, *range(1, 14), 36, 40, 44, 48, 149, 153, 157, 161, 165)
#: Bytes of a Wi-Fi's name, characters of its password: what the standard allows.
LONGEST_NAME, SHORTEST_PASSWORD, LONGEST_PASSWORD = 32, 8, 63
#: The box's own addresses, each with the 256 around it. The first is everyone's, so that it can be learned; another is taken
#: where the cable leads to a network that overlaps it. Far from 10.0.0, 10.1.1, 10.42.0 and what else routers like.
ADDRESSES = ("10.87.3.1", "10.143.77.1", "10.211.19.1")
_MADE_OF = "abcdefghkmnprstuvwxyz"
_LARGEST_FILE = 65_536


@dataclass(frozen=True, slots=True)
class Wifi:
    """The hotspot; *password* is empty only where *open* is true or *on* is not."""

    on: bool = True
    #: What phones show.
    name: str = "edubox"
    password: str = ""
    #: Without a password: only if somebody asked for it.
    open: bool = False
    #: One of CHANNELS.
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """One box's network."""

    wifi: Wifi = Wifi()
    #: One of ROLES.
    ethernet: str = "auto"
    #: Two capital letters, for the radio's rules; empty for those that hold everywhere.
    country: str = ""
    #: The box's own address on the network that it makes.
    address: str = ADDRESSES[0]


def mistakes(network: Network) -> Iterator[tuple[str, str]]:
    """What cannot be: each time the field as ``edubox.toml`` calls it (``wifi.name``), and why, as the end of a sentence."""
    wifi = network.wifi
    if not wifi.name.strip() or wifi.name != wifi.name.strip() or not wifi.name.isprintable():
        yield "wifi.name", "must be letters, digits and signs, with no space before or after"
    elif (size := len(wifi.name.encode())) > LONGEST_NAME:
        yield "wifi.name", f"has {size} bytes, and phones take {LONGEST_NAME} (an accent counts for two)"
    if wifi.open and wifi.password:
        yield "wifi.password", "is given, and open asks for none: take one of them away"
    if wifi.password and not (wifi.password.isascii() and wifi.password.isprintable()):
        yield "wifi.password", "must be of plain letters, digits and signs, without accents"
    elif wifi.password and not SHORTEST_PASSWORD <= len(wifi.password) <= LONGEST_PASSWORD:
        yield "wifi.password", f"must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    if wifi.on and not wifi.open and not wifi.password:
        yield "wifi.password", "is missing; without one, open = true must say so"
    if wifi.channel not in CHANNELS:
        yield (
            "wifi.channel",
            f"must be one of {', '.join(str(one) for one in CHANNELS)}; 0 lets the box choose",
        )
    if network.ethernet not in ROLES:
        yield "ethernet.role", f"must be one of {', '.join(ROLES)}"
    if network.country and not (
        len(network.country) == 2 and network.country.isascii() and network.country.isalpha() and network.country.isupper()
    ):  # fmt: skip
        yield "country", "must be two capital letters such as FR"
    if not _is_usable(network.address):
        yield "address", f"must begin with 10. and end with .1, such as {ADDRESSES[0]}"


def _is_usable(text: str) -> bool:
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return False
    return address in IPv4Network("10.0.0.0/8") and text.endswith(".1")


def read(path: Path) -> Network:
    """The wish in the file *path*. Raises BadInput with the first mistake; FileNotFoundError if nobody wished anything."""
    with path.open("rb") as handle:
        data = handle.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise BadInput(reason=f"{path.name} is too long")
    try:
        given = tomllib.loads(data.decode("utf-8"))
        network = _network(given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise BadInput(reason=f"{path.name}: {error}") from None
    for field, reason in mistakes(network):
        raise BadInput(reason=f"{path.name}: {field} {reason}")
    return network


def _network(given: dict[str, Any]) -> Network:
    """Raises TypeError with the name of what is unknown or of another type."""
    top, wifi = dict(given), given.get("wifi", {})
    if not isinstance(wifi, dict):
        raise TypeError("wifi must be a table")
    top["wifi"] = Wifi(**_typed(asdict(Wifi()), wifi))
    return Network(**_typed(asdict(Network()) | {"wifi": Wifi()}, top))


def _typed(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in defaults:
            raise TypeError(f"there is no {name!r}")
        if type(value) is not type(defaults[name]):
            raise TypeError(f"{name} must be like {defaults[name]!r}")
    return given


def write(path: Path, network: Network) -> None:
    """Replace *path* by *network*, for its owner's eyes only. Raises BadInput with the first mistake, NoRoom."""
    for field, reason in mistakes(network):
        raise BadInput(reason=f"{field} {reason}")
    lines = [
        f"country = {_toml(network.country)}", f"ethernet = {_toml(network.ethernet)}",
        f"address = {_toml(network.address)}", "", "[wifi]",
        *(f"{name} = {_toml(value)}" for name, value in asdict(network.wifi).items()), "",
    ]  # fmt: skip
    write_atomic(path, "\n".join(lines).encode(), 0o600)


def _toml(value: str | bool | int) -> str:
    """A printable text is written in JSON as in TOML, a number and a truth too."""
    return json.dumps(value, ensure_ascii=False)


def new_password() -> str:
    """A password for a Wi-Fi: 70 bits, in small letters that nobody mistakes for others, easy to type on a phone."""
    return "-".join("".join(secrets.choice(_MADE_OF) for _ in range(4)) for _ in range(4))


def own_address(wished: str, others: list[IPv4Network]) -> IPv4Interface:
    """The box's address on the network that it makes: the one that is *wished*, or one that overlaps none of *others*."""
    for one in (wished, *ADDRESSES):
        interface = IPv4Interface(f"{one}/24")
        if not any(interface.network.overlaps(other) for other in others):
            return interface
    return IPv4Interface(f"{wished}/24")  # some network takes all of 10.0.0.0/8: more exact routes win
