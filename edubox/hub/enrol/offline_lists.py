"""What an academy proposes, signed where there is no line: the lists go as a file to the computer with the key, and come back.

As ``offline`` does it for schools: ``export`` writes the lists as they will be signed, byte for byte, and the signed files that they
go into; ``sign`` needs nothing else but the key; ``bring`` publishes what came back if the academy's key signed it and nothing beside
it. The files are described in ``docs/formats/signing.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from securesystemslib.signer import Signer

from edubox.errors import BadInput, NotTrusted
from edubox.hub.enrol import proposing, signing, travelling
from edubox.hub.hub import Hub
from edubox.publishing import authority as authorities
from edubox.publishing.country import release_directory
from edubox.trust import directory, follow_lists
from edubox.trust.fetch import FolderFetch, Overlay
from edubox.trust.follow_lists import FollowList
from edubox.trust.record import check_authority

UNSIGNED, SIGNED = "edubox follow lists", "edubox signed follow lists"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Lists that were read from a file: *data* is what will be signed, *files* is path → bytes."""

    authority: str
    data: bytes
    lists: tuple[FollowList, ...]
    files: dict[str, bytes]


def export(hub: Hub, authority: str, described: Mapping[str, Any]) -> bytes:
    """The file with which the key of *authority* proposes the lists *described*.

    Raises BadInput (the lists, or they are what it proposes already), NotFound (no such authority), NotTrusted, MissingFile.
    """
    listed = directory.Directory(FolderFetch(hub.mirror))
    data = authorities.lists_of(described, listed)
    if data == (listed.follow_lists(authority) or follow_lists.to_bytes([])):
        raise BadInput(reason=f"this is what {authority} proposes already")
    value = {
        "format": 1, "kind": UNSIGNED, "authority": authority, "made": f"{hub.clock():%Y-%m-%dT%H:%M:%SZ}", "lists": data.decode(),
        "files": travelling.packed(listed.files_for_lists(authority)),
    }  # fmt: skip
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def read(data: bytes) -> Unsigned:
    """The lists in *data*, to be signed. Raises BadInput."""
    value = travelling.read(data, UNSIGNED)
    try:
        lists = str(value["lists"]).encode()
        files = travelling.unpacked(value["files"])
        return Unsigned(check_authority(str(value["authority"])), lists, follow_lists.parse(lists), files)
    except NotTrusted as error:
        raise BadInput(reason=f"the file is damaged: {error.details['reason']}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(reason="the file is damaged, or holds no lists") from None


def transcript(authority: str, lists: Sequence[FollowList]) -> str:
    """What a person reads before signing: what *authority* proposes, by the ids that are signed."""
    told = []
    for one in lists:
        narrow = [
            f"{what} {', '.join(ids)}" for what, ids in (("levels", one.levels), ("kinds", one.kinds)) if ids
        ]
        told.append(f"  {', '.join(one.publishers)}{' – for ' if narrow else ''}{'; '.join(narrow)}")
    text = (
        f"{authority} proposes to its schools:" if told else f"{authority} proposes nothing to its schools."
    )
    return "\n".join([text, *told])


def sign(unsigned: Unsigned, signer: Signer, now: datetime) -> bytes:
    """Sign *unsigned* with the key of its authority: the file to bring back. *now* is UTC.

    Raises NotTrusted (another key, or the file holds something that this key did not sign), NotFound.
    """
    listed = directory.Directory(Overlay(unsigned.files, travelling.Nothing()))
    signing.ensure_key(listed, unsigned.authority, signer)
    role = listed.propose(unsigned.authority, unsigned.data, signer, now)
    value = {
        "format": 1, "kind": SIGNED, "authority": unsigned.authority, "lists": unsigned.data.decode(),
        "roles": travelling.packed(listed.changed([role])),
    }  # fmt: skip
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def bring(hub: Hub, data: bytes, actor: str) -> str:
    """Publish what *data*, signed lists, proposes; returns whose they are.

    Raises BadInput (no such file, or the directory changed since), NotTrusted (another key than the academy's, another content),
    NotFound, Busy, NoRoom, DatabaseAway; then nothing is public.
    """
    value = travelling.read(data, SIGNED)
    try:
        authority, roles = check_authority(str(value["authority"])), travelling.unpacked(value["roles"])
        lists = str(value["lists"]).encode()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(reason="the file is damaged, or holds no signed lists") from None
    follow_lists.parse(lists)
    now = hub.clock()
    with hub.workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(hub.mirror))
        listed.adopt_lists(authority, roles, lists)
        release_directory(hub.workplace, listed, {follow_lists.lists_name(authority): lists}, now)
    proposing.note(hub, authority, actor)
    return authority
