"""The short name ``edubox.local``: taken after asking whether it is free, given back when two boxes took it at once.

A box always has a name of its own; this one is for the usual school, which has one box. The library that
announces names does not defend them, so the question is asked again with every look at the network.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

NAME = "edubox.local."
_SERVICE = "_http._tcp.local."
#: Milliseconds to wait for whoever has the name.
ASKING = 3000


class Alias:
    """The name on one network: *zeroconf* speaks there, *addresses* are this computer's."""

    def __init__(self, zeroconf: Any, addresses: list[str], port: int) -> None:
        from zeroconf import ServiceInfo

        self._zeroconf = zeroconf
        self._own = {IPv4Address(address) for address in addresses}
        self._service = ServiceInfo(
            _SERVICE, f"edubox.{_SERVICE}", port=port, server=NAME, properties={"path": "/"}, parsed_addresses=addresses
        )  # fmt: skip
        self.held = False

    def look(self) -> None:
        """Take the name if nobody has it. Of two boxes that have it, the one with the lowest address keeps it."""
        from zeroconf import AddressResolverIPv4, NonUniqueNameException  # type: ignore[attr-defined]

        asked = AddressResolverIPv4(NAME)
        asked.request(self._zeroconf, ASKING)
        others = {IPv4Address(address) for address in asked.parsed_addresses()} - self._own
        if self.held and others and min(others) < min(self._own):
            self._zeroconf.unregister_service(self._service)
            self.held = False
        elif not self.held and not others:
            try:
                self._zeroconf.register_service(self._service)
            except NonUniqueNameException:
                return  # somebody took it while we asked
            self.held = True
