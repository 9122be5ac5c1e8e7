"""``SHA256SUMS`` beside images, and ``SHA256SUMS.sig``: who made them.

The key is a key of the house: whoever publishes the country's lessons signs its images, with the ``targets`` key of the
country or of a publisher. It is checked with the ``root.json`` of that country or publisher, which names this key; the
country's a technician has already, for each box begins with it. The file of sums is what ``sha256sum -c`` reads.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.errors import BadInput, NotFound, NotTrusted, UnreadableSource
from edubox.hardware.flash.image import CHUNK
from edubox.store.platform import write_atomic

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

SUMS, SIGNATURES = "SHA256SUMS", "SHA256SUMS.sig"
_LARGEST = 1024 * 1024
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)\Z")


def sha256(path: Path, show: Callable[[int, int], None] = lambda *_: None) -> str:
    """The SHA-256 of the file *path*, in hex; *show* gets bytes done of bytes to do. Raises NotFound, UnreadableSource."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            size = path.stat().st_size
            for block in iter(lambda: handle.read(CHUNK), b""):
                digest.update(block)
                show(handle.tell(), size)
    except FileNotFoundError:
        raise NotFound(what=f"The image {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    return digest.hexdigest()


def write(
    images: Sequence[Path], signers: Sequence[Signer], show: Callable[[int, int], None] = lambda *_: None
) -> Path:
    """Write the sums of *images*, which lie in one folder, and the signatures of *signers*; says where the sums are.

    Sums that are there of other images stay. Raises BadInput (two folders), NotFound, UnreadableSource, NoRoom.
    """
    folders = {path.absolute().parent for path in images}
    if len(folders) != 1:
        raise BadInput(reason="the images lie in several folders; put them into one, with one file of sums")
    folder = folders.pop()
    sums = _parse(_small(folder / SUMS)) if (folder / SUMS).exists() else {}
    sums |= {path.name: sha256(path, show) for path in images}
    data = "".join(
        f"{digest}  {name}\n" for name, digest in sorted(sums.items()) if (folder / name).exists()
    ).encode()
    signatures = [one.sign(data) for one in signers]
    # The old signatures are of other sums: between the two writes nobody is to read them together.
    (folder / SIGNATURES).unlink(missing_ok=True)
    write_atomic(folder / SUMS, data)
    if signatures:
        value = {
            "format": 1,
            "signatures": [{"keyid": one.keyid, "sig": one.signature} for one in signatures],
        }
        write_atomic(folder / SIGNATURES, json.dumps(value, indent=1).encode() + b"\n")
    return folder / SUMS


def check(image: Path, root: Path | None, show: Callable[[int, int], None] = lambda *_: None) -> bool:
    """Compare *image* with the sums beside it, and with *root* (a ``root.json``) their signatures too.

    Says whether there was a sum to compare with; without *root* there need not be one. Raises NotTrusted (another
    image; not signed by that root's keys), NotFound (not signed at all), UnreadableSource.
    """
    file = image.parent / SUMS
    if root is not None:
        _verify(_small(file), _small(image.parent / SIGNATURES), root)
    elif not file.exists():
        return False
    wanted = _parse(_small(file)).get(image.name)
    if wanted is None and root is None:
        return False
    if wanted is None:
        raise NotTrusted(reason=f"{SUMS} says nothing of {image.name}")
    if sha256(image, show) != wanted:
        raise NotTrusted(
            reason=f"{image.name} is not the image that the {SUMS} beside it names; copy both again"
        )
    return True


def _verify(data: bytes, signatures: bytes, root: Path) -> None:
    """Raise NotTrusted unless enough ``targets`` keys of *root* have signed *data*."""
    from securesystemslib.exceptions import UnverifiedSignatureError
    from securesystemslib.signer import Signature
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root

    try:
        trusted = Metadata[Root].from_bytes(_small(root)).signed
        role = trusted.roles["targets"]
        told: Any = json.loads(signatures)
        if told["format"] != 1:
            raise NotTrusted(reason=f"{SIGNATURES} is of an unknown format; this program may need an update")
        good = set()
        for one in told["signatures"][:20]:
            if one["keyid"] not in role.keyids:
                continue
            try:
                trusted.keys[one["keyid"]].verify_signature(Signature(one["keyid"], one["sig"]), data)
            except UnverifiedSignatureError:
                continue
            good.add(one["keyid"])
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotTrusted(reason=f"{root.name} or {SIGNATURES} is damaged, or is no such file") from None
    if len(good) < role.threshold:
        raise NotTrusted(reason=f"{SUMS} was not signed by the keys of {root.name}")


def _small(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            return handle.read(_LARGEST)
    except FileNotFoundError:
        raise NotFound(what=f"The file {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None


def _parse(data: bytes) -> dict[str, str]:
    """The sums by file name; lines that are none are left out."""
    lines = (_LINE.match(line) for line in data.decode("utf-8", "replace").splitlines())
    return {found[2]: found[1] for found in lines if found}
