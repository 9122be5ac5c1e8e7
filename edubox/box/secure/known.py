"""Whether phones know the box's certificate by a name: only then may the box's network tell them where its greeting is.

A phone that is told an address when it comes in (RFC 8910, DHCP option 114) asks there by HTTPS whether it is held (RFC 8908), and
a certificate that it does not know is worse than no address: it may leave the Wi-Fi. So an administrator who has such a certificate says
for which name (``certificate_name``), and this file looks at it as a phone would: chain, name and end, with the authorities of
this system. It may not look at the beginning: a box without a clock would take every certificate for one of the future.

``edubox hotspot apply`` asks it every two minutes, so a certificate that ends takes the address out of the network with it.
Kept free of the web framework for that reason.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edubox.box.origins import origin
from edubox.box.secure.certificate import files
from edubox.store.tls import load
from edubox.sync.fetching.tls import hub_context

#: Where phones are greeted, and where they ask whether they are held there.
GREETING = "/welcome/"
API = "/welcome/api"
#: What leads from HTTPS to the lessons, which are on plain HTTP.
ONWARD = "/welcome/lessons"
#: A handshake takes two rounds; more would be a mistake of ours.
_ROUNDS = 8


def api_address(settings: dict[str, Any]) -> str:
    """Where phones ask; empty where no certificate of theirs stands."""
    return by_https(settings, API)


def by_https(settings: dict[str, Any], path: str) -> str:
    """*path* as phones reach it by HTTPS; empty where no certificate of theirs stands."""
    name: str = settings["certificate_name"]
    return f"{origin('https', name, settings['desk_port'])}{path}" if name else ""


def why_unknown(data: Path, settings: dict[str, Any], now: datetime) -> str:
    """Why a phone would not believe the certificate of the box in *data* for its ``certificate_name``, as the end of a sentence.

    Empty if it would. *now* is the time as the box believes it, UTC.
    """
    certificate, key = files(data, settings)
    try:
        shown = _seen(load(certificate, key), settings["certificate_name"])
    except FileNotFoundError:
        return "it or its key is missing"
    except ssl.SSLCertVerificationError as error:
        return error.verify_message.rstrip(".")
    except (OSError, ValueError) as error:
        return f"it cannot be used with its key ({error})"
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return f"it ended on {end:%d %B %Y}" if end <= now else ""


def _seen(server: ssl.SSLContext, name: str) -> dict[str, Any]:
    """The certificate of *server* as somebody sees it who came for *name*: a handshake in memory.

    Raises ssl.SSLCertVerificationError, ssl.SSLError.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = hub_context().wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(_ROUNDS):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        else:
            return dict(client.getpeercert() or {})
        try:
            answering.do_handshake()
        except ssl.SSLWantReadError:
            pass
    raise ssl.SSLError("the handshake does not end")
