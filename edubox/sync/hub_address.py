"""Where a box's hub is: for the box itself, and for somebody who carries and has a phone far from it. Nothing is asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

#: Ends of names that only a network knows which is near.
_NEAR = (".local", ".localhost", ".lan", ".internal", ".home.arpa", ".test")


def api_address(settings: Mapping[str, Any]) -> str:
    """Where the hub of a box with these *settings* is asked: ``hub``, or the first of its sources that is an address; "" if none."""
    if settings["hub"]:
        return str(settings["hub"])
    return next((one for one in settings["sources"] if one.startswith(("http://", "https://"))), "")


def carriers_page(settings: Mapping[str, Any]) -> str:
    """The hub's page for people who carry, as somebody opens it on a phone far from this box; "" where no such address is known."""
    address = api_address(settings)
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    try:
        far = ipaddress.ip_address(host).is_global
    except ValueError:
        far = "." in host and not host.endswith(_NEAR)
    return f"{address.rstrip('/')}/courier/" if far else ""
