"""Telling the local network where the box is (multicast DNS): ``edubox-<id>.local``, ``_edubox._tcp``, ``_http._tcp``.

A convenience that must never cost a class anything: it starts in a thread of its own after the first page can be
answered, follows the computer from one network to the next, and whatever goes wrong with it is one line in the log.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import threading
import uuid
from pathlib import Path
from typing import Any

#: Seconds between two looks at this computer's addresses.
EVERY = 60.0
#: Seconds to take leave in when the box stops.
LEAVING = 3.0
#: Listening addresses that nobody else can reach.
_ONLY_HERE = {"127.0.0.1", "::1", "localhost"}
log = logging.getLogger(__name__)


class Announcement:
    """The announcement of one serving process, with its settings."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
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
                    for service in self._services(addresses):
                        zeroconf.register_service(service, allow_name_change=True)
                    while not self._ended.wait(EVERY) and own_addresses() == addresses:
                        pass
                finally:
                    zeroconf.close()
            else:
                self._ended.wait(EVERY)

    def _services(self, addresses: list[str]) -> list[Any]:
        from zeroconf import ServiceInfo

        name = host_name()
        facts = {"path": "/", "school": self._settings["name"][:60]}
        return [
            ServiceInfo(
                kind, f"{name}.{kind}", port=self._settings["port"], server=f"{name}.local.", properties=facts,
                parsed_addresses=addresses,
            )
            for kind in ("_http._tcp.local.", "_edubox._tcp.local.")
        ]  # fmt: skip


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
    import ifaddr

    found = {
        str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips
        if isinstance(ip.ip, str) and not ipaddress.ip_address(ip.ip).is_loopback
    }  # fmt: skip
    return sorted(found)
