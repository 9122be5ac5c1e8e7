"""The chain of a school's roots, shown by whoever says that the repository is theirs: one root after the other, from the first.

The first root's hash is the repository's own name (``publisher.local_id``), and each further root is signed by the one before;
so who shows a chain and signs with the key that its last root gives to the writer is the school, without anybody's word.
Everything here comes from a stranger: sizes and numbers are bounded, and key ids are computed, never believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Key, SSlibKey
from tuf.api.metadata import Metadata, Root

from edubox.errors import NotTrusted
from edubox.trust.fetch import ensure_no_bomb
from edubox.trust.publisher import local_id
from edubox.trust.tuf_errors import in_our_words

#: Roots of one school, one for each lost card or renewed key; and bytes of one, where 2 kB are usual.
MAX_ROOTS, MAX_BYTES = 64, 16 * 1024
ALGORITHM = "ed25519"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that holds. *local* is the repository's name, *version* and *sha256* those of its newest root."""

    local: str
    version: int
    sha256: str
    #: The key that the newest root lets sign lessons, and requests.
    writer: Key


def read_chain(roots: Sequence[bytes]) -> Chain:
    """Check *roots*, the first one first. Raises NotTrusted."""
    if not 0 < len(roots) <= MAX_ROOTS:
        raise NotTrusted(reason=f"a chain has 1 to {MAX_ROOTS} roots")
    before: Root | None = None
    for version, data in enumerate(roots, start=1):
        if len(data) > MAX_BYTES:
            raise NotTrusted(reason=f"root {version} is larger than {MAX_BYTES} bytes")
        ensure_no_bomb(data)
        with in_our_words(f"root {version}"):
            read = Metadata[Root].from_bytes(data)
            if not isinstance(read.signed, Root) or read.signed.version != version:
                raise NotTrusted(reason=f"root {version} is another file than its place says")
            for judge in (before, read.signed):
                if judge is not None:
                    judge.verify_delegate(Root.type, read.signed_bytes, read.signatures)
            before = read.signed
    assert before is not None
    return Chain(local_id(roots[0]), len(roots), hashlib.sha256(roots[-1]).hexdigest(), _writer(before))


def public_key(raw: str) -> Key:
    """The Ed25519 key of these 32 bytes (hexadecimal), with its own id. Raises NotTrusted."""
    try:
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)))
    except (ValueError, TypeError):
        raise NotTrusted(reason="this is no Ed25519 key") from None


def fingerprint(keyid: str) -> str:
    """The beginning of a key's id, as people compare it: four groups of four characters."""
    return " ".join(keyid[begin : begin + 4] for begin in range(0, 16, 4))


def _writer(root: Root) -> Key:
    named = {tuple(root.roles[role].keyids) for role in ("targets", "snapshot", "timestamp")}
    if len(named) != 1 or len(only := named.pop()) != 1:
        raise NotTrusted(reason="the newest root does not name one writer key")
    key = root.keys[only[0]]
    if key.scheme != ALGORITHM or not isinstance(key, SSlibKey):
        raise NotTrusted(reason="the writer key is not Ed25519")
    known = public_key(str(key.keyval.get("public", "")))
    # A file may call a key by another's id.
    if known.keyid != key.keyid:
        raise NotTrusted(reason="the writer key is called by another's name")
    return known
