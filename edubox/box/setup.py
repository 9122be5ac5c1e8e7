"""Making a box: a data folder that trusts one country and has a repository of its own, whole or not at all.

Everything is written into a folder beside its place, which is then renamed: a cut leaves no half-made box,
and a folder that holds anything already is never touched.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from edubox.box.own import identity
from edubox.box.own.machine import this_machine
from edubox.errors import AlreadyExists, BadInput, UnreadableSource
from edubox.pack.names import check_publisher
from edubox.settings import BY_NAME, check_settings, dump_settings
from edubox.store.platform import full_disk_is_no_room, make_folder, sync_folder, write_atomic

FOLDERS = ("mirror", "staging", "site", "keys")


def init(
    data: Path, root: bytes, follow: list[str], sources: list[str], settings: dict[str, Any], *,
    machine: str | None = None, system: datetime | None = None,
) -> None:  # fmt: skip
    """Make the data folder *data*, pinning the country's *root* (the bytes of ``1.root.json``).

    *follow* are the publishers whose lessons it keeps, *sources* where they come from, *settings* what else
    ``box.toml`` should say. *machine*, *system*: this computer and its clock (UTC) unless given. Raises
    AlreadyExists, BadInput, BadIdentifier, NoRoom.
    """
    data = data.absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise AlreadyExists(path=data)
    check_root(root)
    for publisher in follow:
        check_publisher(publisher)
    chosen = {name: setting.default for name, setting in BY_NAME.items()}
    chosen |= {"follow": follow, "sources": [_lasting(source) for source in sources]} | settings
    check_settings(chosen, "box.toml")
    beside = data.with_name(f".{data.name}.{os.getpid()}.new")
    try:
        with full_disk_is_no_room(data.parent):
            make_folder(data.parent)
            beside.mkdir()
            for name in FOLDERS:
                (beside / name).mkdir(mode=0o700 if name == "keys" else 0o755)
            write_atomic(beside / "keys" / "root.json", root)
            write_atomic(beside / "box.toml", dump_settings(chosen).encode())
            identity.make(beside, identity.now_on(beside, system), machine or this_machine())
            sync_folder(beside)
            beside.replace(data)
            sync_folder(data.parent)
    except OSError as error:
        raise UnreadableSource(path=data, reason=error.strerror or "it cannot be written") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_root(data: bytes) -> None:
    """Raise BadInput unless *data* is the root of a country: TUF root metadata, signed as it asks itself."""
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root

    try:
        root = Metadata[Root].from_bytes(data)
        signed = isinstance(root.signed, Root)
        root.verify_delegate(Root.type, root)
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        signed, reason = False, str(error)
    else:
        reason = "it describes something else"
    if not signed:
        raise BadInput(reason=f"this file is not a country's root ({reason}): choose …/metadata/1.root.json")


def _lasting(source: str) -> str:
    """A folder is remembered by its whole path, since a box is served from anywhere."""
    return source if "://" in source else str(Path(source).absolute())
