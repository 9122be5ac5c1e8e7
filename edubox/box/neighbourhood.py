"""Which boxes are next door: what they say of themselves (``_edubox._tcp``), and whether it may be believed.

Anybody in the building can announce anything, so little is taken from it: an address on a network that this
computer is on itself, one box for each, MOST of them. Whether such a box tells the truth is for signatures to
say; this only keeps a synchronisation from asking the internet, this computer itself, or a box of another
country.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from edubox.errors import EduboxError
from edubox.pack.names import check_part

#: Boxes that are remembered.
MOST = 16
FORMAT = b"1"
#: The port of a web server, or one that needs no rights.
_WEB, _UNPRIVILEGED, _LAST_PORT = 80, 1024, 65_535


@dataclass(frozen=True, slots=True)
class Nearby:
    """A box that announced itself."""

    box: str
    country: str
    address: str
    port: int


def announced(country: str, box: str) -> dict[str, str]:
    """What a box says of itself beside its name, address and port; *country* is empty while it knows none."""
    return {"format": FORMAT.decode(), "country": country, "box": box}


def understand(
    facts: Mapping[bytes, bytes | None],
    addresses: Sequence[str],
    port: int | None,
    here: Sequence[IPv4Interface],
) -> Nearby | None:
    """The box that announced *facts*, reachable from the networks *here*; None if it is none that we may ask."""
    try:
        box, country = ((facts.get(name) or b"").decode("ascii") for name in (b"box", b"country"))
        check_part(box)
        check_part(country)
        found = [IPv4Address(address) for address in addresses]
    except (EduboxError, ValueError):
        return None
    if facts.get(b"format") != FORMAT or port is None:
        return None
    if port != _WEB and not _UNPRIVILEGED <= port <= _LAST_PORT:
        return None
    for address in found:
        if not (address.is_private or address.is_link_local) or address.is_loopback or address.is_unspecified:
            continue
        mine = [one for one in here if address in one.network]
        if mine and all(address not in {one.ip, one.network.broadcast_address} for one in mine):
            return Nearby(box, country, str(address), port)
    return None


class Neighbourhood:
    """The boxes nearby, as one thread hears of them and others ask; *own* is this box's id."""

    def __init__(self, own: str, country: Callable[[], str]) -> None:
        self._own, self._country = own, country
        self._boxes: dict[str, Nearby] = {}

    def heard(self, name: str, box: Nearby | None) -> None:
        """The service *name* announces *box*, or something that is none."""
        self.gone(name)
        taken = {one.address for one in self._boxes.values()}
        if box and box.box != self._own and box.address not in taken and len(self._boxes) < MOST:
            self._boxes[name] = box

    def gone(self, name: str) -> None:
        """The service *name* took leave, or was not heard for long."""
        self._boxes.pop(name, None)

    def clear(self) -> None:
        """This computer is on another network now."""
        self._boxes.clear()

    def mirrors(self) -> list[str]:
        """Addresses of the mirrors of boxes of this country; of any, for a box that does not know its country yet."""
        country = self._country()
        return [
            f"http://{one.address}:{one.port}/m/" for one in list(self._boxes.values())
            if country in {"", one.country}
        ]  # fmt: skip
