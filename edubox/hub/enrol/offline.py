"""Signing where there is no line: the queue as a file, signed on another computer that holds the key, and brought back.

``export`` writes the records that wait and the signed files that they go into; ``sign_queue`` needs nothing else but the key: it
checks that the directory in the file gives the authority's roles to this very key and that the old ones are signed with it, so
who changed the file gains nothing but what the person reads in the transcript. ``bring`` publishes what came back, if it is
exactly what was exported. Both files are JSON, described in ``docs/formats/signing.md``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from securesystemslib.signer import Signer

from edubox.errors import BadInput, NotTrusted
from edubox.hub.enrol import signing, travelling
from edubox.hub.enrol.signing import Line
from edubox.hub.hub import Hub
from edubox.trust import directory
from edubox.trust.fetch import FolderFetch, Overlay
from edubox.trust.record import check_authority, parse

QUEUE, SIGNED = "edubox signing queue", "edubox signed queue"
_OF_LINE = {"id", "what", "publisher", "record", "asked", "asked_by"}


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue that was read from a file: *files* is path → bytes."""

    authority: str
    lines: list[Line]
    files: dict[str, bytes]


def export(hub: Hub, authority: str) -> bytes:
    """The file with all that waits for the key of *authority*. Raises BadInput (nothing does), NotFound, NotTrusted, DatabaseAway."""
    lines = [line for line in signing.waiting(hub, authority) if not line.blocked]
    if not lines:
        raise BadInput(reason=f"nothing waits for the key of {authority}")
    listed = directory.Directory(FolderFetch(hub.workplace.mirror))
    files = listed.files_of([line.record.id for line in lines])
    value = {
        "format": 1, "kind": QUEUE, "authority": authority, "made": f"{hub.clock():%Y-%m-%dT%H:%M:%SZ}",
        "lines": [
            {
                "id": line.id, "what": line.what, "publisher": line.record.id, "record": line.record.to_bytes().decode(),
                "asked": line.asked, "asked_by": line.asked_by,
            }
            for line in lines
        ],
        "files": travelling.packed(files),
    }  # fmt: skip
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def read_queue(data: bytes) -> Queue:
    """The queue in *data*. Raises BadInput."""
    value = travelling.read(data, QUEUE)
    try:
        lines = []
        for one in value["lines"]:
            if one.keys() != _OF_LINE or one["what"] not in signing.WORDS or type(one["id"]) is not int:
                raise BadInput(reason="the file has a line of another kind")
            record = parse(one["record"].encode(), one["publisher"])
            lines.append(
                Line(
                    one["id"],
                    value["authority"],
                    one["what"],
                    record,
                    int(one["asked"]),
                    str(one["asked_by"])[:200],
                )
            )
        return Queue(check_authority(value["authority"]), lines, travelling.unpacked(value["files"]))
    except NotTrusted as error:
        raise BadInput(reason=f"the file is damaged: {error.details['reason']}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(reason="the file is damaged, or no signing queue") from None


def sign_queue(queue: Queue, signer: Signer, now: datetime) -> tuple[bytes, str]:
    """Sign *queue* with the key of its authority: the file to bring back, and how many schools the authority lists before and after.

    *now* is UTC. Raises NotTrusted (another key, or the file holds something that this key did not sign), NotFound.
    """
    strangers = [
        line.record.id for line in queue.lines if line.record.id.partition("/")[0] != queue.authority
    ]
    if strangers:
        raise NotTrusted(reason=f"{strangers[0]} is no school of {queue.authority}")
    listed = directory.Directory(Overlay(queue.files, travelling.Nothing()))
    signing.ensure_key(listed, queue.authority, signer)
    known = sum(listed.record(line.record.id) is not None for line in queue.lines)
    roles = listed.enter_all([line.record for line in queue.lines], signer, now)
    value = {
        "format": 1, "kind": SIGNED, "authority": queue.authority, "lines": [line.id for line in queue.lines],
        "roles": travelling.packed(listed.changed(roles)),
    }  # fmt: skip
    told = f"{len(queue.lines) - known} new schools, {known} changed, in {len(roles)} files"
    return json.dumps(value, indent=1).encode(), told


def bring(hub: Hub, data: bytes, actor: str) -> list[str]:
    """Publish what *data*, a signed queue, signs; returns the ids of the schools.

    Raises BadInput (no such file, or the queue or the directory changed since), NotTrusted (another key than the authority's,
    another content), Busy, NoRoom, DatabaseAway; then nothing is public.
    """
    value = travelling.read(data, SIGNED)
    try:
        authority, ids, roles = (
            str(value["authority"]),
            list(value["lines"]),
            travelling.unpacked(value["roles"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(reason="the file is damaged, or no signed queue") from None
    if not ids or not all(type(one) is int for one in ids) or len(set(ids)) != len(ids):
        raise BadInput(reason="the file names no lines of the queue")
    now = hub.clock()
    with hub.workplace.repository(directory.PREFIX):
        lines = signing.of_ids(hub, ids)
        if any(line.authority != authority for line in lines):
            raise NotTrusted(reason=f"the file signs schools that are not of {authority}")
        listed = directory.Directory(FolderFetch(hub.workplace.mirror))
        if any(listed.record(line.record.id) != line.record for line in lines):
            listed.adopt(roles, [line.record for line in lines])
            signing.release(hub, listed, lines, now)
        signing.note(hub, lines, actor)
    return [line.record.id for line in lines]
