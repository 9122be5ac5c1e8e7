"""The box's cables: what each leads to, asked before the box serves anything there.

On a school's network one server gives addresses. A box that gave them too would take pupils and offices off the internet,
so it asks first, as any newcomer does (DHCPDISCOVER), and is a guest where somebody answers. Where nobody does, as behind
a bare access point, it is the host. It asks again and again: after a blackout a router needs minutes longer than the box.

The question is a frame of our own making, since the cable may have no address yet and answers must be heard beside other
programs. They are heard before the kernel looks whose they are: a cable that is a port of the bridge has no frame left afterwards.
"""

from __future__ import annotations

import array
import contextlib
import secrets
import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

_NET = Path("/sys/class/net")
#: Kind of interface in ``/sys``: Ethernet, to which radios belong too.
_ETHERNET = "1"
_IPV4, _UDP, _SERVER, _CLIENT = 0x0800, 17, 67, 68
#: Every protocol (``linux/if_ether.h``): a socket for one alone hears nothing on a port of a bridge.
_EVERYTHING = 0x0003
#: The option that has the kernel sort out what is heard (``asm-generic/socket.h``), and how: IPv4, UDP, to a DHCP client.
#: Code, jumps if true and if false, operand (``linux/bpf_common.h``); else a class that reads would fill the socket.
_ATTACH_FILTER = 26
_TO_CLIENTS = (
    (0x30, 0, 0, 0), (0x54, 0, 0, 0xF0), (0x15, 0, 6, 0x40),  # the first half byte is 4,
    (0x30, 0, 0, 9), (0x15, 0, 4, _UDP),  # the byte 9 is UDP,
    (0xB1, 0, 0, 0), (0x48, 0, 0, 2), (0x15, 0, 1, _CLIENT),  # and behind the head the port is a client's:
    (0x06, 0, 0, 0xFFFF), (0x06, 0, 0, 0),  # all of it, or nothing.
)  # fmt: skip
_BROADCAST = b"\xff" * 6
_ANY, _EVERYONE = bytes(4), b"\xff" * 4
_COOKIE = b"\x63\x82\x53\x63"
_REQUEST, _REPLY, _DISCOVER = 1, 2, 1
_MASK, _MESSAGE_TYPE, _SERVER_ID, _END, _PAD = 1, 53, 54, 255, 0
_USUAL_MASK = b"\xff\xff\xff\0"
_PLEASE_BROADCAST = 0x8000
#: Bytes of a DHCP message before its options, and of the largest frame that is read.
_FIXED, _LARGEST = 240, 2048


@dataclass(frozen=True, slots=True)
class Cable:
    """An Ethernet interface, and whether something is at its other end."""

    interface: str
    connected: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody gives addresses there: its hardware address, its own address, and the network that it speaks of."""

    mac: str
    server: IPv4Address
    network: IPv4Network


def cables(net: Path = _NET) -> list[Cable]:
    """The Ethernet interfaces of this computer that are hardware, in the order of their names."""
    found = []
    for folder in sorted(net.iterdir()) if net.is_dir() else []:
        if (
            (folder / "wireless").exists()
            or (folder / "phy80211").exists()
            or not (folder / "device").exists()
        ):
            continue
        if _read(folder / "type") == _ETHERNET:
            found.append(Cable(folder.name, _read(folder / "carrier") == "1"))
    return found


def hardware_address(interface: str, net: Path = _NET) -> str:
    """The hardware address of *interface*; empty if there is no such interface."""
    return _read(net / interface / "address")


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):  # an interface that is down has no carrier to read
        return ""


def server_on(interface: str, *, tries: int = 3, seconds: float = 2.0) -> Offer | None:
    """Who gives addresses on *interface*; None when nobody answered any of the *tries* within *seconds* each.

    Needs root. Raises OSError when the interface is gone or down.
    """
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as sock:
        _sort_out(sock)
        sock.bind((interface, _EVERYTHING))
        mac = sock.getsockname()[4]
        number = secrets.token_bytes(4)
        for _ in range(tries):
            sock.sendto(_datagram(_discover(mac, number)), (interface, _IPV4, 0, 0, _BROADCAST))
            if offer := _heard(sock, number, time.monotonic() + seconds):
                return offer
    return None


def _sort_out(sock: socket.socket) -> None:
    """Have the kernel give *sock* only what is for DHCP clients. Raises OSError."""
    code = array.array("B", b"".join(struct.pack("=HBBI", *step) for step in _TO_CLIENTS))
    program = struct.pack("HP", len(_TO_CLIENTS), code.buffer_info()[0])
    sock.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)


def _heard(sock: socket.socket, number: bytes, until: float) -> Offer | None:
    """The offer to the question *number* that comes before *until*, of a clock that nobody sets."""
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        with contextlib.suppress(TimeoutError):
            packet, address = sock.recvfrom(_LARGEST)
            if address[2] != socket.PACKET_OUTGOING and (
                offer := understand(packet, number, address[4].hex(":"))
            ):
                return offer
    return None


def _discover(mac: bytes, number: bytes) -> bytes:
    """A DHCPDISCOVER (RFC 2131) from the hardware address *mac*."""
    fixed = struct.pack("!BBBB4sHH", _REQUEST, 1, len(mac), 0, number, 0, _PLEASE_BROADCAST)
    message = fixed + _ANY * 4 + mac.ljust(16, b"\0") + bytes(64 + 128) + _COOKIE
    return (message + bytes((_MESSAGE_TYPE, 1, _DISCOVER, _END))).ljust(300, b"\0")


def _datagram(payload: bytes) -> bytes:
    """*payload* from nobody to everybody: IPv4 and UDP around it. A UDP checksum of 0 is none."""
    udp = struct.pack("!HHHH", _CLIENT, _SERVER, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, _UDP, 0, _ANY, _EVERYONE)
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + udp


def _checksum(head: bytes) -> int:
    total = int(sum(struct.unpack(f"!{len(head) // 2}H", head)))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def understand(packet: bytes, number: bytes, mac: str) -> Offer | None:
    """The offer of *mac*, if its *packet* (IPv4, from a stranger) is an answer to the question *number*."""
    head = (packet[0] & 15) * 4 if packet else 0
    if len(packet) < head + 8 + _FIXED or packet[0] >> 4 != 4 or packet[9] != _UDP:
        return None
    message = packet[head + 8 :]
    if struct.unpack_from("!HH", packet, head) != (_SERVER, _CLIENT) or message[0] != _REPLY:
        return None
    options = _options(message[_FIXED:])
    if (
        message[4:8] != number
        or message[_FIXED - 4 : _FIXED] != _COOKIE
        or options.get(_MESSAGE_TYPE) != b"\2"
    ):
        return None
    try:
        server = IPv4Address(options.get(_SERVER_ID, packet[12:16]))
        mask = IPv4Address(options.get(_MASK, _USUAL_MASK))
        return Offer(mac, server, IPv4Network(f"{IPv4Address(message[16:20])}/{mask}", strict=False))
    except ValueError:
        return None


def _options(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 1 >= len(data):
            break
        size = data[at + 1]
        found[data[at]] = data[at + 2 : at + 2 + size]
        at += 2 + size
    return found
