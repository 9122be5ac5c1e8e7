"""Who this box is: ``keys/own.json``, and the keys of the repository that it names.

``make`` gives a box its identity, in its first minute or when a copy of a card becomes a box of its own. The
root key is nowhere on the box: it is made again from the recovery code. The writer key lies where every
publisher's does (``keys/publishers/<authority>/<name>/writer``), wrapped with what this computer is called.
``keys/recovery-code`` holds the code in plain only until somebody has said that the school sheet is printed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edubox.box.accounts import first
from edubox.box.own import recovery
from edubox.box.school.database import SchoolFile
from edubox.box.secure import certificate
from edubox.errors import NotFound, NotTrusted, OtherMachine, RestoredBackup
from edubox.pack.names import check_publisher
from edubox.store.layout import publisher_prefix
from edubox.store.notes import read_note
from edubox.store.platform import sync_folder, write_atomic
from edubox.sync import enrolment
from edubox.sync.pinned import read_floor

if TYPE_CHECKING:
    from edubox.publishing.workplace import Workplace

FORMAT = 1
_OWN, _CODE = "own.json", "recovery-code"
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Own:
    """The box's own repository. *epoch* counts its writer keys, *machine* is the mark of the computer that has it."""

    id: str
    epoch: int
    machine: str
    #: Public key of the backups (X25519), and the secret that shows that a backup was made here; 32 bytes each.
    backup_key: bytes
    backup_maker: bytes
    #: Whether the sources must be asked before anything is published: the box comes out of a backup.
    restored: bool = False

    @property
    def prefix(self) -> str:
        """Where it lies in the mirror."""
        return prefix_of(self.id)

    def ensure_ready(self, machine: str) -> None:
        """Raise OtherMachine or RestoredBackup unless the computer *machine* may publish now."""
        if self.restored:
            raise RestoredBackup
        if self.machine != mark(self.id, machine):
            raise OtherMachine


def prefix_of(own_id: str) -> str:
    """Where the repository *own_id* lies in a mirror. Raises BadIdentifier."""
    return publisher_prefix(*check_publisher(own_id))


def mark(own_id: str, machine: str) -> str:
    """What ``own.json`` keeps of the computer's name: enough to know it again."""
    return hashlib.sha256(f"{own_id} {machine}".encode()).hexdigest()[:32]


def read(data: Path) -> Own:
    """The identity of the box in *data*. Raises NotFound (it has none yet), NotTrusted (damaged, or a newer format)."""
    path = data / "keys" / _OWN
    try:
        value = read_note(path)
        if value["format"] != FORMAT:
            raise NotTrusted(reason=f"{path} has an unknown format; update this box")
        own = Own(
            str(value["id"]), int(value["epoch"]), str(value["machine"]), base64.b64decode(value["backup_key"]),
            base64.b64decode(value["backup_maker"]), bool(value["restored"]),
        )  # fmt: skip
        check_publisher(own.id)
    except FileNotFoundError:
        raise NotFound(what="This box's own repository (edubox box resolve --second-box makes one)") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotTrusted(reason=f"{path} is damaged; restore it from a backup") from None
    return own


def own_id(data: Path) -> str:
    """Under which id the box in *data* publishes; empty if it does not, or nobody can say."""
    try:
        return read(data).id
    except (NotFound, NotTrusted):
        return ""


def write(data: Path, own: Own) -> None:
    """Remember *own*, whole and for good. Raises NoRoom."""
    value = {
        "format": FORMAT, "id": own.id, "epoch": own.epoch, "machine": own.machine, "restored": own.restored,
        "backup_key": base64.b64encode(own.backup_key).decode("ascii"),
        "backup_maker": base64.b64encode(own.backup_maker).decode("ascii"),
    }  # fmt: skip
    write_atomic(data / "keys" / _OWN, json.dumps(value, indent=1).encode(), _SECRET)


def make(data: Path, now: datetime, machine: str) -> Own:
    """Give the box in *data* a repository, keys, a recovery code, a certificate and, if nobody can come in, a one-time code.

    Raises NoRoom. A cut leaves the identity that was, ``own.json`` being written last.
    """
    from edubox.trust import keys, publisher

    code = recovery.new_code()
    root, writer = recovery.derive(code).root, keys.generate()
    own_id, files = publisher.create_local(keys.signer(root), keys.signer(writer), now)
    for path, content in files.items():
        write_atomic(data / "mirror" / path, content)
    own = of_code(code, own_id, 1, machine)
    save_writer(data, own, keys.dump(writer, machine))
    enrolment.forget(data)
    first.make_if_needed(data, SchoolFile(data), another=True)
    certificate.make(data / "keys")
    write_atomic(data / "keys" / _CODE, f"{own_id}\n{code}\n".encode("ascii"), _SECRET)
    write(data, own)
    return own


def of_code(code: str, own_id: str, epoch: int, machine: str) -> Own:
    """The identity of the repository *own_id* whose recovery code this is, on the computer *machine*."""
    made = recovery.derive(code)
    return Own(own_id, epoch, mark(own_id, machine), made.backup.public_key().public_bytes_raw(), made.maker)


def is_recovery_code(own: Own, code: str) -> bool:
    """Whether *code*, which ``recovery.parse`` gave, is the one from which the secrets of *own* were made."""
    return hmac.compare_digest(recovery.derive(code).maker, own.backup_maker)


def save_writer(data: Path, own: Own, wrapped: bytes) -> None:
    """Put the writer key file of *own* in its place. Raises NoRoom."""
    folder = data / "keys"
    for part in own.prefix.split("/"):
        folder /= part
        folder.mkdir(mode=0o700, exist_ok=True)
    write_atomic(folder / "writer", wrapped, _SECRET)


def workplace(data: Path) -> Workplace:
    """Where the box in *data* publishes: its own mirror and keys."""
    from edubox.publishing.workplace import Workplace

    return Workplace(data / "mirror", data / "keys", data / "staging" / "locks")


def unprinted_code(data: Path, own: Own) -> str | None:
    """The recovery code, while nobody has said that it is on paper."""
    try:
        lines = (data / "keys" / _CODE).read_text("ascii").split()
    except (OSError, ValueError):
        return None
    # A cut while the box became another one may have left the code of an identity that never was.
    return lines[1] if len(lines) == 2 and lines[0] == own.id else None


def forget_code(data: Path) -> None:
    """The school sheet is printed: the code leaves the box."""
    (data / "keys" / _CODE).unlink(missing_ok=True)
    sync_folder(data / "keys")


def now_on(data: Path, system: datetime | None = None) -> datetime:
    """What time it is on the box in *data*, whose clock says *system* (UTC): not before what signed data prove."""
    return read_floor(data).now(system or datetime.now(UTC))
