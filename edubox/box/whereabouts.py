"""Where a box is found: the addresses that ``STATUS.txt`` and the screen of the box say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edubox.box.discovery import host_name, own_addresses


def hosts_of(hostname: str = "") -> list[str]:
    """Names of this computer that others find, then its addresses; *hostname* is one more that it goes by, if any."""
    named = [name for name in (host_name(), hostname) if name]
    return [*(f"{name}.local" for name in dict.fromkeys(named)), *own_addresses()]


def reading(settings: dict[str, Any], hosts: Sequence[str]) -> list[str]:
    """The addresses of the pages at *hosts*."""
    port = "" if settings["port"] == 80 else f":{settings['port']}"
    return [f"http://{host}{port}/" for host in hosts]


def desk(settings: dict[str, Any], hosts: Sequence[str]) -> str:
    """The address of the desk."""
    port = "" if settings["desk_port"] == 443 else f":{settings['desk_port']}"
    return f"https://{hosts[0]}{port}/bureau/"
