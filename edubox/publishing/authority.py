"""An authority: it signs its beginning where its key is, and the ministry enters it; and what it proposes to its schools.

{"format": 1, "kind": "edubox founding", "authority": "ac-nord", "roles": {"ac-nord": "<base64>", "ac-nord-bin-00": …}}
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Signer

from edubox.errors import BadInput, EditedMeanwhile, NotTrusted
from edubox.pack import canonical
from edubox.publishing import country_file
from edubox.publishing.country import release_directory
from edubox.publishing.workplace import Workplace
from edubox.trust import directory, follow_lists
from edubox.trust.fetch import FolderFetch
from edubox.trust.follow_lists import FollowList

KIND = "edubox founding"
#: Bytes of the file; it has 33 roles of 400 bytes.
MAX_FILE = 2 * 1024 * 1024


def found(authority: str, key: Signer, now: datetime) -> bytes:
    """What *authority* gives to the ministry, signed with its *key*. Raises BadIdentifier."""
    roles = {
        name: base64.b64encode(data).decode("ascii")
        for name, data in directory.found(authority, key, now).items()
    }
    return json.dumps({"format": 1, "kind": KIND, "authority": authority, "roles": roles}, indent=1).encode()


def add(folder: Path, data: bytes, passphrase: str, now: datetime) -> tuple[str, str]:
    """Enter the authority of the file *data* in the directory of the country in *folder*; its name and its key's id.

    Raises BadInput (no such file), NotTrusted (not signed with one key), AlreadyExists, BadIdentifier, NotFound, WrongPassphrase,
    NoRoom, Busy.
    """
    try:
        if len(data) > MAX_FILE:
            raise _none()
        value = json.loads(data)
        if value["format"] != 1 or value["kind"] != KIND:
            raise _none()
        name = str(value["authority"])
        roles = {str(role): base64.b64decode(text, validate=True) for role, text in value["roles"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _none() from None
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        listed.add_founded(roles, name, [workplace.signer("targets", passphrase)], now)
        release_directory(workplace, listed, {}, now)
    return name, listed.key_ids(name)[0]


def propose(
    folder: Path, authority: str, described: Mapping[str, Any], signer_of: Callable[[], Signer], now: datetime, instead_of: str = ""
) -> bool:  # fmt: skip
    """Publish what *authority* proposes to its schools in the directory of *folder*; whether that changed anything.

    *described* is TOML with ``[[list]]``: ``publishers``, and optionally ``levels`` and ``kinds``, ids of the country file.
    *signer_of* opens the authority's key once everything else is right. *now* is UTC. *instead_of* is ``follow_lists.mark`` of those that
    somebody looked at when they made these; empty: whatever there is. Raises BadInput (the lists), EditedMeanwhile (others are
    public by now), NotFound (no such authority), NotTrusted (another key, or a box would refuse it), NoRoom, Busy.
    """
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        before = listed.follow_lists(authority) or follow_lists.to_bytes([])
        data = lists_of(described, listed)
        if instead_of and instead_of != follow_lists.mark(follow_lists.parse(before)):
            raise EditedMeanwhile
        if data == before:
            return False
        signer = signer_of()
        if signer.public_key.keyid not in listed.key_ids(authority):
            raise NotTrusted(
                reason=f"this key does not sign for {authority}: the ministry gave that to another one"
            )
        listed.propose(authority, data, signer, now)
        release_directory(workplace, listed, {follow_lists.lists_name(authority): data}, now)
    return True


def proposals(folder: Path, authority: str) -> tuple[FollowList, ...]:
    """What *authority* proposes now. Raises NotFound, NotTrusted, MissingFile."""
    data = directory.Directory(FolderFetch(folder / "mirror")).follow_lists(authority)
    return () if data is None else follow_lists.parse(data)


def lists_of(described: Mapping[str, Any], listed: directory.Directory) -> bytes:
    """The file of the lists *described*, which *listed*, the directory, can hold. Raises BadInput with what is wrong with them."""
    data = follow_lists.to_bytes(_lists(described, listed))
    try:
        follow_lists.parse(data)
    except NotTrusted as error:
        raise BadInput(reason=str(error.details["reason"])) from None
    return data


def to_toml(lists: Iterable[FollowList]) -> str:
    """*lists* as ``propose`` takes them described."""
    told = [
        "\n".join(
            [
                "[[list]]",
                f"publishers = {json.dumps(one.publishers)}",
                *(
                    f"{what} = {json.dumps(ids)}"
                    for what, ids in (("levels", one.levels), ("kinds", one.kinds))
                    if ids
                ),
            ]
        )
        for one in lists
    ]
    return "\n\n".join(told) + "\n" if told else "# nothing is proposed\n"


def _lists(described: Mapping[str, Any], listed: directory.Directory) -> list[FollowList]:
    """Raises BadInput with what is wrong, in words for whoever wrote it."""
    entries = described.get("list", [])
    if described.keys() - {"list"} or not isinstance(entries, list):
        raise BadInput(
            reason="the lists: write [[list]] and below it publishers, levels and kinds, nothing else"
        )
    country = canonical.read(listed.country_file(), what="the country file")
    known = {
        "levels": {str(one["id"]) for one in country["level"]}, "kinds": set(country_file.tiers(country)),
    }  # fmt: skip
    made = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or entry.keys() - {"publishers", "levels", "kinds"}:
            raise BadInput(reason=f"list {number}: it has publishers, levels and kinds, nothing else")
        names = {field: entry.get(field, []) for field in ("publishers", "levels", "kinds")}
        for field, value in names.items():
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise BadInput(reason=f'list {number}: {field} must be a list such as ["…", "…"]')
            if unknown := [one for one in value if field in known and one not in known[field]]:
                raise BadInput(reason=f"list {number}: this country has no {field[:-1]} {unknown[0]!r}")
        for publisher in names["publishers"]:
            record = listed.record(publisher)
            if record is None or record.status != "active":
                raise BadInput(reason=f"list {number}: the directory has no active publisher {publisher}")
        made.append(
            FollowList(*(tuple(dict.fromkeys(names[field])) for field in ("publishers", "levels", "kinds")))
        )
    return made


def _none() -> BadInput:
    return BadInput(reason=f"this is no {KIND}")
