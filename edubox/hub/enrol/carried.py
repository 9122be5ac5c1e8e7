"""Requests of boxes that have no line: on a stick, in a folder, in one file. The answer goes back beside each.

``enrolments/<name>.json`` is what a box wrote; ``<name>.answer.json`` is a hint, signed by nobody: a box is taken in when the
directory on the stick says so.
"""

from __future__ import annotations

import json
from pathlib import Path

from edubox.errors import EduboxError, UnreadableSource
from edubox.hub.enrol.api import MAX_FILED, filed
from edubox.hub.hub import Hub
from edubox.store.platform import write_atomic

#: As ``sync.carried.enrolments`` writes them.
FOLDER, ANSWER = "enrolments", ".answer.json"
#: Requests of one stick.
MOST = 1_000


def take(hub: Hub, place: Path) -> dict[str, str]:
    """Hear every request in *place*; file name → what was said. A bad one does not stop the others. Raises UnreadableSource, DatabaseAway."""
    said: dict[str, str] = {}
    for path in _requests(place):
        try:
            with path.open("rb") as handle:
                reply = filed(hub, handle.read(MAX_FILED + 1))
            answer = reply.to_json()
            said[path.name] = f"{reply.state} {reply.id or reply.reason}".strip()
        except EduboxError as error:
            if not hasattr(error, "status"):
                raise
            answer = {"state": "refused", "id": "", "reason": str(error), "poll": 86_400}
            said[path.name] = str(error)
        except OSError as error:
            raise UnreadableSource(path=path, reason=error.strerror) from None
        write_atomic(path.with_name(path.stem + ANSWER), json.dumps(answer, ensure_ascii=False).encode())
    return said


def _requests(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    folders = [one for one in (place / FOLDER, place / "edubox" / FOLDER, place) if one.is_dir()]
    found = folders[0].glob("*.json") if folders else ()
    return sorted(path for path in found if not path.name.endswith(ANSWER) and path.is_file())[:MOST]
