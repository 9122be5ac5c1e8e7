"""A root that several people hold: proposed, signed by one after the other wherever they are, published.

The proposal is one file (JSON) that goes from person to person: the next root and the one before. Each adds a signature with a
key that never leaves them. Whoever is asked sees the same list (``transcript``): which keys hold the root from now on, how many
of them must sign, what it replaces. It is published when as many signed as the old root asks for and as many as the new one
does; what else may be in the file counts for nothing. Keys of other roles that the new root replaces wait in ``keys/rotating``,
as in ``rotation``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import Metadata, Root

from edubox.errors import BadInput, NotTrusted
from edubox.pack import canonical
from edubox.publishing.country import new_key
from edubox.publishing.rotation import FILES, NEW, settled
from edubox.publishing.workplace import Workplace, release
from edubox.store.layout import metadata_path
from edubox.trust import directory
from edubox.trust.editor import COMPACT, ROOT_DAYS, later
from edubox.trust.fetch import FolderFetch
from edubox.trust.public_keys import grouped
from edubox.trust.publisher import MAX_ROOT
from edubox.trust.roots import read_root

KIND = "edubox root ceremony"
#: Bytes of a proposal; people who can hold a root.
MAX_FILE, MOST = 2 * MAX_ROOT, 30


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next *root*, with the signatures so far, and the one *before*; their files are ``to_bytes`` and *old*."""

    country: str
    root: Metadata[Root]
    old: bytes

    @property
    def before(self) -> Root:
        """The root that is replaced."""
        return read_root(self.old).signed

    def signed(self, root: Root) -> list[str]:
        """Ids of those keys of *root*, the old or the new one, whose signature is there and holds."""
        return list(root.get_verification_result("root", self.root.signed_bytes, self.root.signatures).signed)

    def lacking(self) -> tuple[int, int]:
        """How many signatures the old root asks for that are not there, and the new one."""
        old, new = self.before, self.root.signed
        return (
            max(0, old.roles["root"].threshold - len(self.signed(old))),
            max(0, new.roles["root"].threshold - len(self.signed(new))),
        )

    def replaced(self) -> list[str]:
        """Roles beside root that get other keys."""
        old, new = self.before, self.root.signed
        return [
            role
            for role in FILES
            if role != "root" and set(old.roles[role].keyids) != set(new.roles[role].keyids)
        ]

    def to_bytes(self) -> bytes:
        """The file that goes around."""
        value = {
            "format": 1, "kind": KIND, "country": self.country,
            "before": base64.b64encode(self.old).decode("ascii"),
            "root": base64.b64encode(self.root.to_bytes(COMPACT)).decode("ascii"),
        }  # fmt: skip
        return json.dumps(value, indent=1, ensure_ascii=False).encode()


def begin(
    folder: Path, holders: Sequence[Key], threshold: int, now: datetime, roles: Collection[str] = (),
    passphrase: str | None = None,
) -> Proposal:  # fmt: skip
    """Propose the next root of the country in *folder*: *threshold* of *holders* must sign from then on.

    *roles* beside root get new keys, that of targets wrapped with *passphrase*. *now* is UTC. Raises BadInput, NotFound, NotTrusted,
    NoRoom, Busy.
    """
    ids = {key.keyid for key in holders}
    if not 0 < len(holders) <= MOST or len(ids) != len(holders):
        raise BadInput(reason=f"a root is held by 1 to {MOST} people, each with a key of their own")
    if not 0 < threshold <= len(holders):
        raise BadInput(reason=f"{threshold} of {len(holders)} people cannot sign")
    if not set(roles) <= FILES.keys() - {"root"}:
        raise BadInput(reason="roles beside root are targets, snapshot and timestamp")
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        settled(workplace, listed, passphrase or "")
        old = (workplace.mirror / metadata_path(directory.PREFIX, "root", listed.root_version)).read_bytes()
        proposed = read_root(old).signed
        for keyid in list(proposed.roles["root"].keyids):
            proposed.revoke_key(keyid, "root")
        for key in holders:
            proposed.add_key(key, "root")
        proposed.roles["root"].threshold = threshold
        for role in roles:
            new_key(workplace, f"{NEW}/{FILES[role]}", None if "/" in FILES[role] else passphrase)
            for keyid in list(proposed.roles[role].keyids):
                proposed.revoke_key(keyid, role)
            proposed.add_key(workplace.signer(f"{NEW}/{FILES[role]}", passphrase).public_key, role)
        proposed.version += 1
        proposed.expires = later(now, ROOT_DAYS)
        names = canonical.read(listed.country_file(), what="the country file")["name"]
        return Proposal(str(next(iter(names.values()))), Metadata(proposed), old)


def read(data: bytes) -> Proposal:
    """The proposal in *data*. Raises BadInput (no such file), NotTrusted (no roots in it)."""
    if len(data) > MAX_FILE:
        raise BadInput(reason="the file is too large for a root")
    try:
        value: dict[str, Any] = json.loads(data)
        if value["format"] != 1 or value["kind"] != KIND:
            raise BadInput(reason=f"this is no {KIND}")
        old, new = (base64.b64decode(value[key], validate=True) for key in ("before", "root"))
        made = Proposal(str(value["country"])[:200], read_root(new), old)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(reason=f"this is no {KIND}") from None
    if made.root.signed.version != made.before.version + 1:
        raise NotTrusted(reason="the root that is proposed does not follow the one before")
    return made


def sign(proposal: Proposal, signer: Signer) -> Proposal:
    """Add the signature of *signer*, which must be one that the old root or the new one asks for. Raises BadInput."""
    asked = set(proposal.before.roles["root"].keyids) | set(proposal.root.signed.roles["root"].keyids)
    if signer.public_key.keyid not in asked:
        raise BadInput(reason="this key holds neither the root before nor the one that is proposed")
    proposal.root.sign(signer, append=True)
    return proposal


def publish(folder: Path, proposal: Proposal, now: datetime, passphrase: str | None = None) -> int:
    """Publish the root of *proposal* in the country in *folder*; its number. A second time changes nothing.

    *passphrase* opens the keys of targets, where they are replaced. Raises NotTrusted (not enough signatures, or the country went on
    from another root), NotFound, WrongPassphrase, NoRoom, Busy.
    """
    workplace = Workplace.beside(folder / "mirror")
    with workplace.repository(directory.PREFIX):
        listed = directory.Directory(FolderFetch(workplace.mirror))
        here = workplace.mirror / metadata_path(directory.PREFIX, "root", listed.root_version)
        if here.read_bytes() == proposal.root.to_bytes(COMPACT):
            settled(workplace, listed, passphrase or "")
            return listed.root_version
        if here.read_bytes() != proposal.old:
            raise NotTrusted(
                reason="the country goes on from another root than the one in this file; begin again"
            )
        signers: dict[str, list[Signer]] = {}
        for role, name in FILES.items():
            needed = role in proposal.replaced()
            if role != "root" and (role != "targets" or needed):
                signers[role] = [workplace.signer(name, passphrase)]
                signers[role] += [workplace.signer(f"{NEW}/{name}", passphrase)] if needed else []
        files = listed.adopt_root(proposal.root.to_bytes(COMPACT), signers, now)
        release(workplace.mirror, directory.PREFIX, files, {}, now)
        settled(workplace, listed, passphrase or "")
        return listed.root_version


def transcript(proposal: Proposal, now: datetime, said: str) -> str:
    """What is read aloud before a signature, and printed and filed after it; *said* is what was done just now (UTC *now*)."""
    old, new = proposal.before, proposal.root.signed
    lines = [
        f"Root ceremony of {proposal.country}, {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        said,
        f"Root {new.version}, good until {new.expires:%Y-%m-%d}; content SHA-256 {grouped(hashlib.sha256(proposal.root.signed_bytes).hexdigest())}",
        f"It follows root {old.version}; file SHA-256 {grouped(hashlib.sha256(proposal.old).hexdigest())}",
    ]
    for title, root in (("before", old), ("from now on", new)):
        have = proposal.signed(root)
        asked = root.roles["root"]
        lines.append(f"Holders {title}: {asked.threshold} of {len(asked.keyids)} must sign, {len(have)} did")
        lines += [f"  [{'x' if keyid in have else ' '}] {grouped(keyid)}" for keyid in asked.keyids]
    replaced = proposal.replaced()
    lines.append(f"Other roles with new keys: {', '.join(replaced) if replaced else 'none'}")
    lines += [f"  {role}: {grouped(keyid)}" for role in replaced for keyid in new.roles[role].keyids]
    return "\n".join(lines) + "\n"
