"""The directory: the TUF repository whose root is a country's root of trust, and which lists every publisher.

Root is offline, k of n; ``targets`` is the ministry's and carries the country file; each authority has one
terminating delegation for ``pub/<authority>/*`` and splits it into succinct hash bins that it signs itself. The
hub holds the keys of snapshot and timestamp only: it can say that nothing is new, not that something else is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from securesystemslib.signer import Signer
from tuf.api.metadata import DelegatedRole, Delegations, SuccinctRoles, Targets

from edubox.errors import AlreadyExists, NotFound, NotTrusted
from edubox.trust.editor import ROOT_DAYS, Editor, new
from edubox.trust.fetch import Fetch
from edubox.trust.record import Record, check_authority, parse, record_name, split

PREFIX = "directory"
COUNTRY_FILE = "country.json"
#: Bytes of it that a box takes.
MAX_COUNTRY_FILE = 1024 * 1024
#: The ministry's list of what no box may hold any more; its form is ``pack.erasure``'s.
RECALL_LIST = "recall.json"
ONLINE_DAYS = 30
#: 2^5 = 32 bins an authority: 2,000 schools make bins of 63 records, about 10 KB (field notes §5).
BIN_BITS = 5


def create(
    keys: Mapping[str, Sequence[Signer]], country_file: bytes, now: datetime, *, threshold: int = 1
) -> dict[str, bytes]:
    """A new directory's files, in the order to write them.

    *keys* has the signers of root, targets, snapshot and timestamp; *threshold* is how many of root's must sign.
    *country_file* is canonical JSON.
    """
    editor = new(PREFIX, keys, {"root": threshold}, now, root_days=ROOT_DAYS, online_days=ONLINE_DAYS)
    editor.put(COUNTRY_FILE, country_file)
    editor.sign("targets", keys["targets"], now)
    return editor.release(keys["snapshot"], keys["timestamp"], now)


class Directory:
    """An existing directory, open for changes; each method signs what it changed, ``release`` gives the files.

    Every method that signs raises NotTrusted if the mirror holds something that these keys did not sign.
    """

    def __init__(self, fetch: Fetch) -> None:
        """Raises MissingFile (there is no directory), NotTrusted (it is damaged)."""
        self._editor = Editor.open(fetch, PREFIX, ONLINE_DAYS)

    def country_file(self) -> bytes:
        """The published country file. Raises NotTrusted, MissingFile."""
        data = self._editor.target(COUNTRY_FILE)
        if data is None:
            raise NotTrusted(reason="the directory has no country file")
        return data

    def describe(self, country_file: bytes, ministry: Sequence[Signer], now: datetime) -> None:
        """Replace the country file by *country_file*, canonical JSON."""
        self._editor.put(COUNTRY_FILE, country_file)
        self._editor.sign("targets", ministry, now)

    def recall_list(self) -> bytes | None:
        """The published recall list, None if nothing was ever recalled. Raises HashMismatch, MissingFile."""
        return self._editor.target(RECALL_LIST)

    def recall(self, recalled: bytes, ministry: Sequence[Signer], now: datetime) -> None:
        """Replace the recall list by *recalled*, which must say all that the old one said."""
        self._editor.put(RECALL_LIST, recalled)
        self._editor.sign("targets", ministry, now)

    def authorities(self) -> list[str]:
        """The authorities that may list publishers."""
        delegations = self._editor.targets().delegations
        return list(delegations.roles) if delegations and delegations.roles else []

    def record(self, publisher: str) -> Record | None:
        """What the directory says of *publisher*, None if it does not know it. Raises BadIdentifier, NotTrusted."""
        authority, _ = split(publisher)
        if authority not in self.authorities():
            return None
        data = self._editor.target(record_name(publisher), self._bin(publisher))
        return None if data is None else parse(data, publisher)

    def add_authority(
        self, authority: str, ministry: Sequence[Signer], authority_key: Signer, now: datetime,
        bits: int = BIN_BITS,
    ) -> None:  # fmt: skip
        """Let *authority* list publishers below its name. Raises BadIdentifier, AlreadyExists."""
        check_authority(authority)
        if authority in self.authorities():
            raise AlreadyExists(path=authority)
        key = authority_key.public_key
        top = self._editor.targets()
        if top.delegations is None:
            top.delegations = Delegations(keys={}, roles={})
        assert top.delegations.roles is not None
        top.delegations.roles[authority] = DelegatedRole(
            authority, [], 1, terminating=True, paths=[f"pub/{authority}/*"]
        )
        top.add_key(key, authority)
        self._editor.sign("targets", ministry, now)
        bins = SuccinctRoles([key.keyid], 1, bits, f"{authority}-bin")
        role = Targets(delegations=Delegations(keys={key.keyid: key}, succinct_roles=bins))
        self._editor.add_role(authority, role)
        self._editor.sign(authority, [authority_key], now)
        for name in bins.get_roles():
            self._editor.add_role(name, Targets())
            self._editor.sign(name, [authority_key], now)

    def enter(self, record: Record, authority_key: Signer, now: datetime) -> None:
        """Enter or replace a publisher's record. Raises NotFound (no such authority), BadIdentifier."""
        authority, _ = split(record.id)
        if authority not in self.authorities():
            raise NotFound(what=f"The authority {authority}")
        role = self._bin(record.id)
        self._editor.put(record_name(record.id), record.to_bytes(), role)
        self._editor.sign(role, [authority_key], now)

    def rotate_root(
        self, old: Mapping[str, Sequence[Signer]], new: Mapping[str, Sequence[Signer]], now: datetime,
        threshold: int | None = None,
    ) -> dict[str, bytes]:  # fmt: skip
        """Replace the keys of the top-level roles in *new* by those given there; the other roles keep theirs.

        *old* has the signers of all four roles until now, of root as many as it asks for; *threshold* is how many of the
        new root's must sign from now on, as before if None. Returns every file to write, the new root last.
        """
        return self._editor.rotate(old, new, now, threshold=threshold)

    def root_keys(self, role: str) -> set[str]:
        """Ids of the keys that the newest root gives to a top-level *role*."""
        return set(self._editor.root.roles[role].keyids)

    @property
    def root_version(self) -> int:
        """The number of the newest root."""
        return self._editor.root.version

    def expires(self) -> datetime:
        """When the first of the online signatures ends (UTC)."""
        return min(self._editor.expires("snapshot"), self._editor.expires("timestamp"))

    def release(self, snapshot: Signer, timestamp: Signer, now: datetime) -> dict[str, bytes]:
        """Every file to write, the timestamp last; without changes this only renews the online signatures."""
        return self._editor.release([snapshot], [timestamp], now)

    def _bin(self, publisher: str) -> str:
        authority, _ = split(publisher)
        delegations = self._editor.targets(authority).delegations
        if delegations is None or delegations.succinct_roles is None:
            raise NotTrusted(reason=f"the directory's role {authority} has no bins")
        return delegations.succinct_roles.get_role_for_target(record_name(publisher))
