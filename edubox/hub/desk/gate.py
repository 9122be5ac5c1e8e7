"""Whether a password or a token may come by the way that a request came: TLS, or this computer's own loopback.

TLS is the hub's own (settings ``certificate``), or that of the web server in front, which says so on a socket of its own. A
proxy that speaks to our TCP port also comes from this computer, with all its readers; so the name that was asked for must be
one of this computer's too.
"""

from __future__ import annotations

import ipaddress
from typing import Any

#: Names that no other computer has.
_ONLY_HERE = {"localhost", "127.0.0.1", "[::1]"}


def is_private(environ: dict[str, Any]) -> bool:
    """Whether the request of *environ* came by TLS or from this computer."""
    if environ["wsgi.url_scheme"] == "https":
        return True
    return host_of(environ.get("HTTP_HOST", "")) in _ONLY_HERE and _is_here(environ.get("REMOTE_ADDR", ""))


def host_of(said: str) -> str:
    """The host of a ``Host`` header, without its port."""
    if said.startswith("["):
        return said.partition("]")[0] + "]"
    return said.partition(":")[0].lower()


def came_from(environ: dict[str, Any]) -> str:
    """The address that asks, as guesses are counted: a computer has as many IPv6 addresses as it likes in its network."""
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if address.version == 6 and (mapped := address.ipv4_mapped):
        return str(mapped)
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _is_here(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
