"""A folder of our own for unfinished work, on the disk where its result will lie.

What is made there is renamed into place when it is whole; what is not leaves with the folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edubox.errors import NoRoom, UnreadableSource


@contextmanager
def work_folder(where: Path) -> Iterator[Path]:
    """A new hidden folder in *where*, removed with all it holds when the block ends.

    Raises UnreadableSource if *where* cannot be written, and NoRoom if its disk fills up within the block.
    """
    try:
        folder = tempfile.TemporaryDirectory(dir=where, prefix=".edubox-")
    except OSError as error:
        raise _no_room(where, error) or UnreadableSource(path=where, reason=error.strerror) from None
    with folder as name:
        try:
            yield Path(name)
        except OSError as error:
            raise _no_room(where, error) or error from None


def _no_room(where: Path, error: OSError) -> NoRoom | None:
    return NoRoom(path=where, reason=error.strerror) if NoRoom.describes(error) else None
