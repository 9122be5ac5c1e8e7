"""The directory: the TUF repository whose root is a country's root of trust, and which lists every publisher.

Root is offline, k of n; ``targets`` is the ministry's and carries the country file; each authority has one
terminating delegation for ``pub/<authority>/*`` and splits it into succinct hash bins that it signs itself. The
hub holds the keys of snapshot and timestamp only: it can say that nothing is new, not that something else is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key, Signer
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, SuccinctRoles, Targets

from edubox.errors import AlreadyExists, NotFound, NotTrusted
from edubox.trust.editor import COMPACT, ROOT_DAYS, TARGETS_DAYS, Editor, later, new, next_version
from edubox.trust.fetch import Fetch, ensure_no_bomb
from edubox.trust.follow_lists import lists_name
from edubox.trust.record import Record, check_authority, parse, record_name, split
from edubox.trust.tuf_errors import in_our_words

PREFIX = "directory"
COUNTRY_FILE = "country.json"
#: Bytes of it that a box takes.
MAX_COUNTRY_FILE = 1024 * 1024
#: The ministry's list of what no box may hold any more; its form is ``pack.erasure``'s.
RECALL_LIST = "recall.json"
ONLINE_DAYS = 30
#: 2^5 = 32 bins an authority: 2,000 schools make bins of 63 records, about 10 KB (field notes §5).
BIN_BITS = 5
#: More would be 1,024 files of an authority.
MAX_BIN_BITS = 10


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


def found(authority: str, key: Signer, now: datetime, bits: int = BIN_BITS) -> dict[str, bytes]:
    """What an authority signs to begin, wherever its *key* is: its role and its empty bins, role → file. Raises BadIdentifier."""
    check_authority(authority)
    public = key.public_key
    bins = SuccinctRoles([public.keyid], 1, bits, f"{authority}-bin")
    first = Targets(delegations=Delegations(keys={public.keyid: public}, succinct_roles=bins))
    made = {}
    for name, role in [(authority, first), *((name, Targets()) for name in bins.get_roles())]:
        role.version, role.expires = next_version(0, now), later(now, TARGETS_DAYS)
        metadata = Metadata(role)
        metadata.sign(key)
        made[name] = metadata.to_bytes(COMPACT)
    return made


def founded(files: Mapping[str, bytes], authority: str) -> tuple[dict[str, Metadata[Targets]], Key]:
    """Check what ``found`` gave for *authority*: its roles and its key. Raises NotTrusted."""
    with in_our_words(f"what {authority} signed to begin"):
        roles = {}
        for name, data in files.items():
            ensure_no_bomb(data)
            roles[name] = Metadata[Targets].from_bytes(data)
        delegations = roles[authority].signed.delegations if authority in roles else None
        bins = None if delegations is None else delegations.succinct_roles
        if (
            delegations is None
            or bins is None
            or len(delegations.keys) != 1
            or bins.bit_length > MAX_BIN_BITS
        ):
            raise NotTrusted(reason=f"it does not begin the authority {authority} with one key")
        (key,) = delegations.keys.values()
        if bins.name_prefix != f"{authority}-bin" or bins.threshold != 1 or bins.keyids != [key.keyid]:
            raise NotTrusted(reason="its bins are another's")
        if roles.keys() != {authority, *bins.get_roles()}:
            raise NotTrusted(reason="it has other roles than its bins")
        for name, role in roles.items():
            empty = isinstance(role.signed, Targets) and not role.signed.targets
            if not empty or (name != authority and role.signed.delegations is not None):
                raise NotTrusted(reason=f"{name} lists somebody already")
            try:
                key.verify_signature(role.signatures[key.keyid], role.signed_bytes)
            except UnverifiedSignatureError:
                raise NotTrusted(reason=f"{name} is not signed with its key") from None
    return roles, key


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
        self.add_founded(found(authority, authority_key, now, bits), authority, ministry, now)

    def add_founded(
        self, files: Mapping[str, bytes], authority: str, ministry: Sequence[Signer], now: datetime
    ) -> None:
        """Let *authority* list publishers with the key that it keeps itself: *files* are what ``found`` gave there.

        Raises NotTrusted (they are not one key's, or list somebody already), BadIdentifier, AlreadyExists.
        """
        check_authority(authority)
        if authority in self.authorities():
            raise AlreadyExists(path=authority)
        roles, key = founded(files, authority)
        top = self._editor.targets()
        if top.delegations is None:
            top.delegations = Delegations(keys={}, roles={})
        assert top.delegations.roles is not None
        top.delegations.roles[authority] = DelegatedRole(
            authority, [], 1, terminating=True, paths=[f"pub/{authority}/*"]
        )
        top.add_key(key, authority)
        self._editor.sign("targets", ministry, now)
        for name, role in roles.items():
            self._editor.take(name, role)

    def enter(self, record: Record, authority_key: Signer, now: datetime) -> None:
        """Enter or replace a publisher's record. Raises NotFound (no such authority), BadIdentifier."""
        self.enter_all([record], authority_key, now)

    def enter_all(self, records: Iterable[Record], authority_key: Signer, now: datetime) -> list[str]:
        """Enter or replace *records* of one authority, each role that lists some being signed once; returns those roles.

        Raises NotFound (no such authority), BadIdentifier.
        """
        roles: dict[str, None] = {}
        for record in records:
            authority, _ = split(record.id)
            if authority not in self.authorities():
                raise NotFound(what=f"The authority {authority}")
            role = self._bin(record.id)
            self._editor.put(record_name(record.id), record.to_bytes(), role)
            roles[role] = None
        for role in roles:
            self._editor.sign(role, [authority_key], now)
        return list(roles)

    def adopt(self, signed: Mapping[str, bytes], records: Iterable[Record]) -> None:
        """Take roles that an authority *signed* elsewhere (role → file), which enter exactly *records*.

        Raises NotTrusted (another key signed, or something else), BadInput (the directory changed since), NotFound, BadIdentifier.
        """
        entered: dict[str, dict[str, bytes]] = {}
        for record in records:
            authority, _ = split(record.id)
            if authority not in self.authorities():
                raise NotFound(what=f"The authority {authority}")
            entered.setdefault(self._bin(record.id), {})[record_name(record.id)] = record.to_bytes()
        if entered.keys() != set(signed):
            raise NotTrusted(reason="other roles are signed than those that list these schools")
        for role, targets in entered.items():
            self._editor.adopt(role, self.authority_of(role), signed[role], targets)

    def follow_lists(self, authority: str) -> bytes | None:
        """The follow lists of *authority*, None if it never had any. Raises NotFound (no such authority), NotTrusted, MissingFile."""
        role, name = self._role_of_lists(authority)
        return self._editor.target(name, role)

    def propose(self, authority: str, lists: bytes, authority_key: Signer, now: datetime) -> str:
        """Replace the follow lists of *authority* by *lists*; returns the role that names them. Raises NotFound, NotTrusted."""
        role, name = self._role_of_lists(authority)
        self._editor.put(name, lists, role)
        self._editor.sign(role, [authority_key], now)
        return role

    def adopt_lists(self, authority: str, signed: Mapping[str, bytes], lists: bytes) -> None:
        """Take the role that *authority* *signed* elsewhere (role → file), which names *lists* as what it proposes and changes nothing else.

        Raises NotTrusted (another key signed, or something else), BadInput (the directory changed since), NotFound.
        """
        role, name = self._role_of_lists(authority)
        if signed.keys() != {role}:
            raise NotTrusted(reason="another role is signed than that which names the lists")
        self._editor.adopt(role, authority, signed[role], {name: lists})

    def files_for_lists(self, authority: str) -> dict[str, bytes]:
        """As ``files_of``, for the follow lists of *authority*. Raises NotFound, NotTrusted."""
        return self._editor.files({"targets", authority, self._role_of_lists(authority)[0]})

    def key_ids(self, authority: str) -> list[str]:
        """Ids of the keys that sign for *authority*. Raises NotFound."""
        delegations = self._editor.targets().delegations
        if authority not in self.authorities():
            raise NotFound(what=f"The authority {authority}")
        assert delegations is not None
        assert delegations.roles is not None
        return list(delegations.roles[authority].keyids)

    def authority_of(self, role: str) -> str:
        """The authority whose bin *role* is. Raises NotFound."""
        authority = role.rpartition("-bin-")[0]
        if authority not in self.authorities():
            raise NotFound(what=f"The role {role}")
        return authority

    def files_of(self, publishers: Iterable[str]) -> dict[str, bytes]:
        """The metadata by which the records of *publishers* are signed, and all that vouches for it: path → bytes."""
        wanted = {"targets"}
        for publisher in publishers:
            wanted |= {split(publisher)[0], self._bin(publisher)}
        return self._editor.files(wanted)

    def listed(self, role: str) -> int:
        """How many records *role*, a bin, lists."""
        return len(self._editor.targets(role).targets)

    def changed(self, roles: Iterable[str]) -> dict[str, bytes]:
        """The files of *roles* as they are signed now, role → bytes, for who publishes them elsewhere."""
        return {role: self._editor.file(role) for role in roles}

    def rotate_root(
        self, old: Mapping[str, Sequence[Signer]], new: Mapping[str, Sequence[Signer]], now: datetime,
        threshold: int | None = None,
    ) -> dict[str, bytes]:  # fmt: skip
        """Replace the keys of the top-level roles in *new* by those given there; the other roles keep theirs.

        *old* has the signers of all four roles until now, of root as many as it asks for; *threshold* is how many of the
        new root's must sign from now on, as before if None. Returns every file to write, the new root last.
        """
        return self._editor.rotate(old, new, now, threshold=threshold)

    def adopt_root(
        self, data: bytes, signers: Mapping[str, Sequence[Signer]], now: datetime
    ) -> dict[str, bytes]:
        """Take the next root that several people signed; every file to write, that root last.

        *signers* has those of targets, snapshot and timestamp until now, and where the root changes them the new ones too. Raises
        NotTrusted, also if not enough people have signed.
        """
        changed = self._editor.adopt_root(data)
        if "targets" in changed:
            self._editor.sign("targets", signers["targets"], now)
        files = self._editor.release(signers["snapshot"], signers["timestamp"], now)
        root = f"{PREFIX}/metadata/{self.root_version}.root.json"
        # As in a rotation: the roles hold before the new root is there and after.
        return {path: content for path, content in files.items() if path != root} | {root: files[root]}

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

    def _role_of_lists(self, authority: str) -> tuple[str, str]:
        """The role and the target of the follow lists of *authority*. Raises NotFound (no such authority)."""
        self.key_ids(authority)
        name = lists_name(authority)
        return self._bin_of(authority, name), name

    def _bin(self, publisher: str) -> str:
        return self._bin_of(split(publisher)[0], record_name(publisher))

    def _bin_of(self, authority: str, target: str) -> str:
        """The role that lists *target*, which is below *authority*."""
        delegations = self._editor.targets(authority).delegations
        if delegations is None or delegations.succinct_roles is None:
            raise NotTrusted(reason=f"the directory's role {authority} has no bins")
        return delegations.succinct_roles.get_role_for_target(target)
