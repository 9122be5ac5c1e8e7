"""The box's two origins: same host, two ports. Which host, only the reader's own request can say.

A box answers to its address, to names the network gives it and to names we never heard of, so the other
origin is built from the ``Host`` header. The header is a stranger's: it is a host name or an address, or the
request is refused.

Who comes by the name that only the box's own name server gives (``school_domain``) can be sent to any name below it: there
each version of a lesson has an origin of its own (``docs/adr/0027-names.md``).
"""

from __future__ import annotations

import re
from typing import Any

#: Headers of every file on the lessons' origin, beside its content security policy: kept for a year, taken for what it
#: is called, told nothing of where its reader comes from, and without a device of the reader's.
LESSON_HEADERS = (
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-site"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ("X-DNS-Prefetch-Control", "off"),
)
_HOST = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z"
)


def host(environ: dict[str, Any]) -> str | None:
    """The host that a request was sent to, without its port; None if its header names none."""
    match = _HOST.match(environ.get("HTTP_HOST", ""))
    return match[1].lower() if match else None


def below(host: str, domain: str) -> str:
    """What stands in front of *domain* in *host*; empty if *host* is no name below it."""
    return host.removesuffix(f".{domain}") if domain and host.endswith(f".{domain}") else ""


def lessons_of(host: str, settings: dict[str, Any]) -> str:
    """The origins of lessons for a page that is read at *host*, as a security policy names them."""
    shared = origin("http", host, settings["lesson_port"])
    if host != settings["school_domain"]:
        return shared
    return f"{shared} {origin('http', f'*.{host}', settings['lesson_port'])}"


def is_of(text: str, scheme: str, host: str) -> bool:
    """Whether *text*, an Origin header, is an origin of *host* at any port."""
    begin = f"{scheme}://"
    match = _HOST.match(text.removeprefix(begin)) if text.startswith(begin) else None
    return match is not None and match[1] == host


def origin(scheme: str, host: str, port: int) -> str:
    """The origin of *host* at *port*, as browsers write it."""
    usual = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"
