"""What an academy proposes to its schools: published as every change of the directory, and written down in the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from securesystemslib.signer import Signer
from sqlalchemy import Connection

from edubox.hub import audit, queue
from edubox.hub.hub import Hub
from edubox.publishing import authority as authorities


def propose(
    hub: Hub, authority: str, described: Mapping[str, Any], signer_of: Callable[[], Signer], actor: str
) -> bool:
    """Publish the lists *described* as what *authority* proposes; whether that changed anything.

    Boxes hear of it with their next synchronisation. Raises what ``publishing.authority.propose`` raises, DatabaseAway.
    """
    changed = authorities.propose(hub.data, authority, described, signer_of, hub.clock())
    if changed:

        def work(connection: Connection) -> None:
            told = "; ".join(", ".join(one.publishers) for one in authorities.proposals(hub.data, authority))
            audit.write(connection, hub.now(), actor, "follow.set", authority, told)
            if hub.in_bucket:
                queue.put(connection, "release", "release", {}, hub.now())

        hub.database.change(work)
    return changed
