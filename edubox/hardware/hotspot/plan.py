"""What the box does with what there is: which radio, which cable is host or guest, at which address. No side effects.

The network that the box makes is one bridge; its Wi-Fi and every cable on which it is the host are ports of it, so both
can be there at once and a phone goes from one to the other. A cable on which it is a guest stays apart, and nothing is passed
between them: pupils' phones would spend a school's line in an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network

from edubox.hardware.hotspot.ethernet import Cable, Offer
from edubox.hardware.hotspot.network import ADDRESSES, Network, own_address
from edubox.hardware.hotspot.radio import Radio, channel_for

GUEST, HOST, UNPLUGGED = "guest", "host", "unplugged"


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be. *own* is None when the box makes no network; *wrong* are sentences for whoever looks after it."""

    own: IPv4Interface | None
    #: The radio that is the hotspot, and on which channel.
    radio: Radio | None
    channel: int
    #: Interface → GUEST, HOST or UNPLUGGED.
    cables: dict[str, str]
    wrong: tuple[str, ...]


def role(wished: str, cable: Cable, offer: Offer | None, before: str, ours: str = "") -> str:
    """What the box is on *cable*: it was *before* (empty if this is new), and *offer* is who else gives addresses there.

    A guest stays one while the cable is in: a router that starts again is silent for minutes. Of two boxes on one cable the
    one with the lower hardware address stays the host: that of the bridge (*ours*), for the other one's offers bear that of its.
    """
    if not cable.connected:
        return UNPLUGGED
    if wished == GUEST:
        return GUEST
    if offer is not None:
        both_boxes = str(offer.server) in ADDRESSES and before == HOST
        return HOST if both_boxes and ours and ours < offer.mac else GUEST
    return GUEST if before == GUEST and wished != HOST else HOST


def decide(
    wish: Network, radios: Sequence[Radio], cables: Sequence[Cable], offers: Mapping[str, Offer],
    before: Mapping[str, str], networks: Sequence[IPv4Network], ours: str = "",
) -> Plan:  # fmt: skip
    """What to do for *wish* with what was found.

    *offers* has who gives addresses on which interface, *before* what each was the last time, *networks* are those that
    the box is in as a guest, *ours* is the bridge's hardware address if there is a bridge already. What the bridge itself
    offers is nobody else's: two sockets of the box lead to one switch.
    """
    offers = {name: offer for name, offer in offers.items() if offer.mac != ours}
    roles = {
        one.interface: role(
            wish.ethernet, one, offers.get(one.interface), before.get(one.interface, ""), ours
        )
        for one in cables
    }
    radio, channel, wrong = _wifi(wish, radios)
    for interface, offer in offers.items():
        if wish.ethernet == HOST and roles.get(interface) == GUEST:
            wrong.append(
                f"{interface} was to be the host, but {offer.server} ({offer.mac}) gives addresses there: the box is a guest. "
                "Switch DHCP off in that device, or take its cable out."
            )
    if radio is None and HOST not in roles.values():
        return Plan(None, None, 0, roles, tuple(wrong))
    # Not those of another box that gives way: it comes to us.
    guest_of = [offer.network for interface, offer in offers.items() if roles.get(interface) == GUEST]
    own = own_address(wish.address, [*networks, *guest_of])
    if str(own.ip) != wish.address:
        wrong.append(
            f"{wish.address} is taken by the network on the cable: the box is {own.ip}, and the poster is not right."
        )
    return Plan(own, radio, channel, roles, tuple(wrong))


def _wifi(wish: Network, radios: Sequence[Radio]) -> tuple[Radio | None, int, list[str]]:
    """The radio and its channel, and what is wrong."""
    if not wish.wifi.on:
        return None, 0, []
    if not radios:
        return (
            None,
            0,
            ["There is no radio in this computer: for Wi-Fi, plug an access point into its Ethernet socket."],
        )
    radio = radios[0]
    channel = channel_for(radio, wish.wifi.channel)
    if not radio.ap or not channel:
        why = (
            "can be no hotspot"
            if not radio.ap
            else f"may use no channel in {wish.country or 'a country that is not set'}"
        )
        return None, 0, [f"The radio {radio.interface} ({radio.driver or 'unknown driver'}) {why}: plug an access point into the Ethernet socket."]  # fmt: skip
    if wish.wifi.channel not in {0, channel}:
        return (
            radio,
            channel,
            [
                f"Channel {wish.wifi.channel} is not allowed here or not known to the radio: it is on {channel}."
            ],
        )
    return radio, channel, []
