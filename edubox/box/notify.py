"""What the serving process tells the service manager that started it, if one did: that it answers, and that it still does.

systemd (``sd_notify(3)``) gives the address of a socket in ``NOTIFY_SOCKET``. A box that hangs is started again after
``WatchdogSec`` of ``edubox.service``; so only the loop that answers pupils may say that it lives, once a turn. The variable
leaves the environment, since children have nothing to say there.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

_VARIABLE = "NOTIFY_SOCKET"
READY, ALIVE, ENDING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def manager() -> Callable[[str], None]:
    """What tells the service manager a word such as READY; it does nothing where there is none, and never waits."""
    address = os.environ.pop(_VARIABLE, "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return lambda _: None
    # A name that begins with @ is one in the kernel's own list, not a file.
    place = f"\0{address[1:]}" if address.startswith("@") else address
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.setblocking(False)

    def tell(word: str) -> None:
        with contextlib.suppress(OSError):
            sock.sendto(word.encode(), place)

    return tell
