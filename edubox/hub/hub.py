"""A hub, opened: the country's folder, its settings, its database, its files and its clock, in one thing to hand around.

The folder holds ``mirror`` (what the world sees), ``keys`` and ``locks`` as every country's does, and beside them
``hub.toml``, ``hub.db`` unless the database is elsewhere, and ``intake``: what boxes sent and nobody accepted. With a bucket,
the intake lies there, and the mirror is copied there for readers; the folder stays the place where publications are made.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from edubox.errors import Busy, NotFound
from edubox.hub.database import Database, open_database
from edubox.hub.errors import Moved
from edubox.hub.settings import FILE, load_settings
from edubox.hub.tables import about
from edubox.store.blobs import BlobStore
from edubox.store.folder import FolderStore

if TYPE_CHECKING:
    from edubox.publishing.workplace import Workplace

#: What is below the prefix of a bucket: only ``MIRROR`` may be read by everybody.
MIRROR, INTAKE = "mirror", "intake"
#: Lines of ``about``: the database was moved away, or is being moved here (see ``move``).
MOVED, MOVING = "moved", "moving"


@dataclass(frozen=True, slots=True)
class Hub:
    """What every room of the hub works with; shared by all threads of a process."""

    data: Path
    settings: Mapping[str, Any]
    database: Database
    #: What boxes sent and is not public: pieces, pushed bundles and objects.
    blobs: BlobStore
    #: The mirror as readers get it: the folder itself, or the bucket to which ``release`` copies it.
    public: BlobStore
    #: The time, in UTC.
    clock: Callable[[], datetime]

    @property
    def workplace(self) -> Workplace:
        """Where this hub publishes: its mirror, keys and locks."""
        from edubox.publishing.workplace import Workplace

        return Workplace.beside(self.data / MIRROR)

    @property
    def mirror(self) -> Path:
        """The folder of the mirror."""
        return self.data / MIRROR

    @property
    def in_bucket(self) -> bool:
        """Whether readers get the mirror from a bucket."""
        return bool(self.settings["blobs"])

    def now(self) -> int:
        """Whole seconds since 1970, as tables count them."""
        return int(self.clock().timestamp())

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_hub(data: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Hub:
    """The hub of the country's folder *data*.

    A bucket is not asked for anything yet. Raises NotFound (no mirror there), BadInput (settings), DatabaseAway, NewerSchema,
    Moved (its database is elsewhere now), Busy (it is just being moved).
    """
    if not (data / MIRROR).is_dir():
        raise NotFound(what=f"The folder {data / MIRROR}")
    held = use(data)
    try:
        settings = load_settings(data / FILE)
        blobs, public = stores(data, settings)
        database = open_database(database_address(data, settings))
    except BaseException:
        os.close(held)
        raise
    database.held = held
    try:
        refuse_moved(database)
    except BaseException:
        database.close()
        raise
    return Hub(data, settings, database, blobs, public, clock)


def use(data: Path, *, alone: bool = False) -> int:
    """A handle that says that the hub of *data* is in use, until it is closed; *alone*: by nobody else. Raises Busy."""
    folder = data / "locks"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Busy(path=data) from None
    return handle


def refuse_moved(database: Database) -> None:
    """Raise Moved if the database was moved elsewhere, or is half of one that is being moved here."""
    with database.read() as connection:
        rows = connection.execute(select(about).where(about.c.key.in_((MOVED, MOVING)))).all()
    for row in rows:
        raise Moved(
            reason="it was moved elsewhere" if row.key == MOVED else "moving it here was not finished"
        )


def database_address(data: Path, settings: Mapping[str, Any]) -> str:
    """Where the database is, as SQLAlchemy writes it."""
    given = str(settings["database"])
    if not given:
        return f"sqlite:///{(data / 'hub.db').absolute()}"
    return given.replace("postgresql://", "postgresql+psycopg://", 1)


def stores(data: Path, settings: Mapping[str, Any]) -> tuple[BlobStore, BlobStore]:
    """The stores of the intake and of the public mirror."""
    if not settings["blobs"]:
        return FolderStore(data / INTAKE), FolderStore(data / MIRROR)
    from edubox.store.mirror_app import kept_for
    from edubox.store.s3 import S3Store

    bucket, _, prefix = str(settings["blobs"]).removeprefix("s3://").strip("/").partition("/")
    intake, public = (
        S3Store(
            bucket, f"{prefix}/{name}/".lstrip("/"), str(settings["s3_endpoint"]), str(settings["s3_region"]),
            Path(settings["s3_credentials"]) if settings["s3_credentials"] else None,
            kept_for if name == MIRROR else None,
        )
        for name in (INTAKE, MIRROR)
    )  # fmt: skip
    return intake, public
