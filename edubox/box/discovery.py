"""Telling the local network where the box is, and hearing where others are (multicast DNS).

The box is ``edubox-<id>.local`` and offers ``_http._tcp`` to pupils, ``_edubox._tcp`` to boxes next door. A
convenience that must never cost a class anything: it starts in a thread of its own after the first page can
be answered, follows the computer from one network to the next, and whatever goes wrong with it is one line in
the log.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edubox.box.alias import Alias
from edubox.box.neighbourhood import Neighbourhood, announced, understand

#: Seconds between two looks at this computer's addresses.
EVERY = 60.0
#: Seconds to take leave in when the box stops.
LEAVING = 3.0
#: Listening addresses that nobody else can reach.
_ONLY_HERE = {"127.0.0.1", "::1", "localhost"}
#: Milliseconds in which a box that is announced says the rest.
_ASKING = 2000
_HTTP, _EDUBOX = "_http._tcp.local.", "_edubox._tcp.local."
log = logging.getLogger(__name__)


class Announcement:
    """The announcement of one serving process, with its settings; *country* says the id of its country."""

    def __init__(self, settings: dict[str, Any], country: Callable[[], str] = str) -> None:
        self._settings, self._country = settings, country
        self._neighbourhood = Neighbourhood(host_name(), country)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="announce", daemon=True)

    def begin(self) -> None:
        """Start announcing, if the settings want it and anyone else could reach this computer."""
        if self._settings["announce"] and self._settings["listen"] not in _ONLY_HERE:
            self._thread.start()

    def end(self) -> None:
        """Take leave of the network."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(LEAVING)

    def neighbours(self) -> list[str]:
        """Addresses of the mirrors of boxes nearby."""
        return self._neighbourhood.mirrors()

    def _keep(self) -> None:
        try:
            self._announce()
        except Exception as error:  # noqa: BLE001 - see the module's promise
            log.warning("the box is not announced on the network: %s", error)

    def _announce(self) -> None:
        from zeroconf import Zeroconf

        while not self._ended.is_set():
            addresses = own_addresses()
            if addresses:
                zeroconf = Zeroconf(interfaces=addresses)
                try:
                    self._attend(zeroconf, addresses)
                finally:
                    zeroconf.close()
                    self._neighbourhood.clear()
            else:
                self._ended.wait(EVERY)

    def _attend(self, zeroconf: Any, addresses: list[str]) -> None:
        """Be present on one network until this computer leaves it."""
        from zeroconf import ServiceBrowser

        country = self._country()
        zeroconf.register_service(self._for_pupils(addresses), allow_name_change=True)
        if self._settings["neighbours"]:
            zeroconf.register_service(self._for_boxes(addresses, country), allow_name_change=True)
            ServiceBrowser(zeroconf, _EDUBOX, handlers=[self._heard])
        alias = Alias(zeroconf, addresses, self._settings["port"])
        while not self._ended.is_set() and own_addresses() == addresses:
            alias.look()
            self._ended.wait(EVERY)
            if self._settings["neighbours"] and self._country() != country:
                country = self._country()
                zeroconf.update_service(self._for_boxes(addresses, country))

    def _heard(self, zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        """In a thread of zeroconf's own; what a stranger announces must not end it."""
        from zeroconf import IPVersion, ServiceStateChange

        if state_change is ServiceStateChange.Removed:
            self._neighbourhood.gone(name)
            return
        try:
            info = zeroconf.get_service_info(service_type, name, _ASKING)
            box = info and understand(
                info.properties, info.parsed_addresses(IPVersion.V4Only), info.port, own_interfaces()
            )
        except Exception as error:  # noqa: BLE001 - a library's mistake about a stranger's packet
            log.warning("a box nearby is left out: %s", error)
            box = None
        self._neighbourhood.heard(name, box)

    def _for_pupils(self, addresses: list[str]) -> Any:
        return self._service(_HTTP, addresses, {"path": "/", "school": self._settings["name"][:60]})

    def _for_boxes(self, addresses: list[str], country: str) -> Any:
        return self._service(_EDUBOX, addresses, announced(country, host_name()))

    def _service(self, kind: str, addresses: list[str], facts: dict[str, str]) -> Any:
        from zeroconf import ServiceInfo

        name = host_name()
        return ServiceInfo(
            kind, f"{name}.{kind}", port=self._settings["port"], server=f"{name}.local.", properties=facts,
            parsed_addresses=addresses,
        )  # fmt: skip


def host_name() -> str:
    """``edubox-`` and six digits that stay with this computer; copies of one card differ."""
    try:
        own = Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, ValueError):
        own = ""
    # Both: cloned cards often share a machine id, and some computers have no fixed network address.
    seed = f"edubox {own} {uuid.getnode():x}"
    return f"edubox-{hashlib.sha256(seed.encode()).hexdigest()[:6]}"


def own_addresses() -> list[str]:
    """This computer's IPv4 addresses on networks that others may be on."""
    return sorted({str(one.ip) for one in own_interfaces()})


def own_interfaces() -> list[ipaddress.IPv4Interface]:
    """The same with their networks."""
    import ifaddr

    found = (
        ipaddress.IPv4Interface(f"{ip.ip}/{ip.network_prefix}")
        for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)
    )  # fmt: skip
    return [one for one in found if not one.is_loopback]
