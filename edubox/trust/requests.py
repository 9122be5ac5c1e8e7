"""A box's request to a hub, signed with its writer key: one strict profile of RFC 9421 and nothing beside it.

``sign`` gives the three headers of a request, ``verify`` says whose request it is and its counter. What is signed is method,
path, query and the SHA-256 of the body, in this order, as ``docs/formats/requests.md`` tells with an example. RFC 9421 lets
a signer choose what it covers; here that is fixed, and the only spelling of each header is the one that ``sign`` writes, so a
verifier compares bytes and parses nothing. A box has no clock: instead of a time of creation there is a counter that grows
with every request, and whoever verifies keeps the highest one for each key.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Key, Signature, Signer

from edubox.errors import BadInput, NotTrusted
from edubox.trust.editor import next_version

#: The headers of a signed request.
DIGEST, INPUT, SIGNATURE = "Content-Digest", "Signature-Input", "Signature"
#: The name of the one signature, and the one algorithm.
LABEL, ALGORITHM = "edubox", "ed25519"
#: A counter is smaller: what every database keeps as a whole number.
MAX_COUNTER = 2**62
#: Characters of the longest path, query and header that is looked at.
MAX_PATH, MAX_QUERY, MAX_HEADER = 1_024, 2_048, 512
#: Headers of one request that are looked through.
MAX_HEADERS = 200
_COVERED = '("@method" "@path" "@query" "content-digest")'
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"}
# No percent sign in a path: a proxy that decodes or encodes one would change what was signed.
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\Z")
_QUERY = re.compile(r"([A-Za-z0-9._~=&/:-]|%[0-9A-F]{2})*\Z")
_INPUT = re.compile(
    rf'{LABEL}={re.escape(_COVERED)};keyid="([0-9a-f]{{64}})";nonce="(0|[1-9][0-9]{{0,18}})";alg="{ALGORITHM}"\Z'
)
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):\Z")


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose request it is: TUF's id of the key, the counter, and the 64 bytes of the signature, the same for the same request."""

    keyid: str
    counter: int
    signature: bytes


def next_counter(previous: int, now: datetime) -> int:
    """The counter of the request after *previous* at *now* (UTC): as TUF's versions, so a box that lost its note is ahead too."""
    return next_version(previous, now)


def sign(method: str, path: str, query: str, body: bytes, signer: Signer, counter: int) -> dict[str, str]:
    """The headers that make a request *signer*'s; *query* is without its question mark, *counter* as ``next_counter`` gave it.

    Raises BadInput for what ``verify`` would refuse: a path or query with other characters, a key that is not Ed25519.
    """
    if why := _unfit(method, path, query, counter):
        raise BadInput(reason=f"this request cannot be signed: {why}")
    if signer.public_key.scheme != ALGORITHM:
        raise BadInput(reason=f"requests are signed with {ALGORITHM} keys, not {signer.public_key.scheme}")
    digest = _digest(body)
    parameters = _parameters(signer.public_key.keyid, counter)
    made = bytes.fromhex(signer.sign(_base(method, path, query, digest, parameters)).signature)
    return {
        DIGEST: digest,
        INPUT: f"{LABEL}={parameters}",
        SIGNATURE: f"{LABEL}=:{base64.b64encode(made).decode('ascii')}:",
    }


def verify(
    method: str, path: str, query: str, headers: Mapping[str, str] | Iterable[tuple[str, str]], body: bytes,
    key_of: Callable[[str], Key | None],
) -> Signed:  # fmt: skip
    """Whose request this is. *key_of* gives the key of a key id, None for one that it does not know.

    *headers* are all of the request's, as pairs where one may be there twice. Raises NotTrusted, and what *key_of* raises. The
    counter is the caller's to compare.
    """
    ours = _ours(headers)
    if ours[DIGEST] != _digest(body):
        raise NotTrusted(reason="the body is not the one that the request's digest tells of")
    found = _INPUT.match(ours[INPUT])
    made = _SIGNATURE.match(ours[SIGNATURE])
    if found is None or made is None:
        raise NotTrusted(reason="the request is not signed in the way that boxes sign")
    keyid, counter = found[1], int(found[2])
    if why := _unfit(method, path, query, counter):
        raise NotTrusted(reason=f"no box sends such a request: {why}")
    signature = base64.b64decode(made[1])
    if base64.b64encode(signature).decode("ascii") != made[1]:
        raise NotTrusted(reason="the request's signature has a second spelling")
    key = key_of(keyid)
    if key is None or key.keyid != keyid or key.scheme != ALGORITHM:
        raise NotTrusted(reason="nobody here knows the key that signed this request")
    try:
        key.verify_signature(
            Signature(keyid, signature.hex()), _base(method, path, query, ours[DIGEST], _parameters(keyid, counter))
        )  # fmt: skip
    except (UnverifiedSignatureError, VerificationError):
        raise NotTrusted(reason="the request's signature does not hold") from None
    return Signed(keyid, counter, signature)


def _ours(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """The three headers, each there once and short."""
    wanted = {name.lower(): name for name in (DIGEST, INPUT, SIGNATURE)}
    found: dict[str, str] = {}
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for number, (name, value) in enumerate(pairs):
        if number >= MAX_HEADERS:
            raise NotTrusted(reason="the request has too many headers")
        known = wanted.get(name.lower())
        if known is None:
            continue
        if known in found:
            raise NotTrusted(reason=f"the request has {known} twice")
        if len(value) > MAX_HEADER:
            raise NotTrusted(reason=f"{known} is too long")
        found[known] = value
    for name in wanted.values():
        if name not in found:
            raise NotTrusted(reason=f"the request is not signed: it has no {name}")
    return found


def _unfit(method: str, path: str, query: str, counter: int) -> str:
    """What of a request cannot be signed in one spelling only; empty if nothing."""
    if method not in _METHODS:
        return f"the method {method[:20]!r}"
    if len(path) > MAX_PATH or not _PATH.match(path):
        return "its path"
    if len(query) > MAX_QUERY or not _QUERY.match(query):
        return "its query"
    return "" if 0 <= counter < MAX_COUNTER else "its counter"


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def _parameters(keyid: str, counter: int) -> str:
    return f'{_COVERED};keyid="{keyid}";nonce="{counter}";alg="{ALGORITHM}"'


def _base(method: str, path: str, query: str, digest: str, parameters: str) -> bytes:
    """The signature base of RFC 9421, section 2.5; the query's value begins with its question mark, also when it is empty."""
    lines = {"@method": method, "@path": path, "@query": f"?{query}", "content-digest": digest}
    text = "".join(f'"{name}": {value}\n' for name, value in lines.items())
    return f'{text}"@signature-params": {parameters}'.encode("ascii")
