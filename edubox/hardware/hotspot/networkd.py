"""What systemd-networkd reads: the bridge with the box's address, and each cable as a port of it or as a guest."""

from __future__ import annotations

from edubox.hardware.hotspot.plan import HOST, Plan

#: The bridge: the one interface on which the box gives addresses and answers names.
BRIDGE = "br-edubox"
#: All our files begin so; others are not ours.
PREFIX = "10-edubox-"
_QUIET = "LinkLocalAddressing=no\nIPv6AcceptRA=no\nLLMNR=no\nMulticastDNS=no\n"


def configuration(plan: Plan) -> dict[str, str]:
    """Names and contents of the files for *plan*."""
    files = {f"{PREFIX}{name}.network": _cable(name, role) for name, role in plan.cables.items()}
    if plan.radio is not None:  # hostapd's alone
        files[f"{PREFIX}{plan.radio.interface}.network"] = (
            f"[Match]\nName={plan.radio.interface}\n\n[Link]\nUnmanaged=yes\n"
        )
    if plan.own is not None:
        # The spanning tree, since somebody will plug both sockets of a box into one switch.
        files[f"{PREFIX}bridge.netdev"] = (
            f"[NetDev]\nName={BRIDGE}\nKind=bridge\n\n[Bridge]\nSTP=yes\nForwardDelaySec=2\n"
        )
        files[f"{PREFIX}bridge.network"] = (
            f"[Match]\nName={BRIDGE}\n\n[Link]\nRequiredForOnline=no\n\n"
            f"[Network]\nAddress={plan.own}\nConfigureWithoutCarrier=yes\n{_QUIET}"
        )
    return files


def _cable(interface: str, role: str) -> str:
    head = f"[Match]\nName={interface}\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n"
    if role == HOST:
        return f"{head}Bridge={BRIDGE}\n{_QUIET}"
    # Also with nothing plugged in: a guest of whatever comes, until it was asked.
    return f"{head}DHCP=ipv4\nMulticastDNS=no\nLLMNR=no\n\n[DHCPv4]\nClientIdentifier=mac\n"
