"""What dnsmasq reads: addresses for 250 devices, and names on the network that the box makes.

It answers on that one bridge and nowhere else, so neither the school's network nor the box itself ever asks it. It knows
our names and those of ``probes``, and says at once that there is no other: the box leads nobody to the
internet, and an app that hears "no" fails in a moment where one that hears nothing tries for a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Interface

from edubox.hardware.hotspot.probes import PROBES, STAY_HERE, WINDOWS_ADDRESS, WINDOWS_NAME

#: Addresses to give, each for as many minutes: classes follow each other, and phones take a new one each day.
DEVICES, MINUTES = 250, 30
#: The option of DHCP that says where a phone asks whether it is held (RFC 8910).
PORTAL_OPTION = 114
#: The one name of every box. A single label too, since some phones never ask a name server for what ends with .local.
NAME = "edubox"
#: Where dnsmasq remembers who has which address; in memory, since it names devices.
LEASES = "/run/edubox/leases"


@dataclass(frozen=True, slots=True)
class Names:
    """What leads to the box: its *hostname*, and if it is not empty the *school_domain* with every name below it."""

    hostname: str
    school_domain: str = ""
    #: The name for which phones know the box's certificate; empty if there is none.
    known: str = ""
    #: Where phones ask by HTTPS whether they are held, at the *known* name (RFC 8910); empty to tell them of no such place.
    portal: str = ""


def configuration(bridge: str, own: IPv4Interface, names: Names) -> str:
    """The configuration file for a box that is *own* on the interface *bridge*."""
    first = own.network.network_address + 4
    last = first + DEVICES - 1
    ours = dict.fromkeys((NAME, f"{NAME}.local", names.hostname, f"{names.hostname}.local"))
    lines = [
        f"interface={bridge}", "except-interface=lo", "bind-dynamic", "no-resolv", "no-hosts", "no-poll", "no-ping",
        f"dhcp-range={first},{last},{own.netmask},{MINUTES}m", f"dhcp-lease-max={DEVICES}", f"dhcp-leasefile={LEASES}",
        f"dhcp-option=option:router,{own.ip}", f"dhcp-option=option:dns-server,{own.ip}",
        # A name that a device gives itself would otherwise be one that others can ask for.
        "dhcp-ignore-names", "quiet-dhcp", "quiet-dhcp6", "log-facility=-", "cache-size=0", "local-ttl=60",
        *(f"host-record={name},{own.ip}" for name in ours),
        *([f"address=/{names.school_domain}/{own.ip}"] if names.school_domain else []),
        *([f"host-record={names.known},{own.ip}"] if names.known else []),
        *([f"dhcp-option={PORTAL_OPTION},{names.portal}"] if names.portal else []),
        *(f"host-record={host},{own.ip}" for host in PROBES),
        f"host-record={WINDOWS_NAME},{WINDOWS_ADDRESS}",
        *(f"address=/{name}/" for name in STAY_HERE),
        # There is no other name: NXDOMAIN.
        "address=/#/",
    ]  # fmt: skip
    return "\n".join((*lines, ""))
