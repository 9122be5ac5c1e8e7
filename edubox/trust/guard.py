"""The last look before a publication: would clients accept it?

A client that never saw the repository and one that holds its previous state both refresh from what is about to
be published and look up every changed target. If either fails, the caller publishes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from edubox.errors import EduboxError, NoRoom, NotTrusted
from edubox.trust.fetch import FolderFetch, Overlay
from edubox.trust.publisher import MAX_ROOT
from edubox.trust.verify import refresh


def check_publication(
    mirror: Path, prefix: str, files: Mapping[str, bytes], changed: Mapping[str, bytes], now: datetime
) -> None:
    """Try the repository at *prefix* of *mirror* as it would be with *files* written over it.

    *files* is path → bytes, *changed* is target name → bytes that clients must find. The mirror as it is now is
    the previous state that the second client holds. Raises NotTrusted, NoRoom.
    """
    after = Overlay(files, FolderFetch(mirror))
    timestamp = f"{prefix}/metadata/timestamp.json"
    try:
        bootstrap = after.read(f"{prefix}/metadata/1.root.json", MAX_ROOT)
        with tempfile.TemporaryDirectory(prefix="edubox-guard-") as empty:
            for state in (Path(empty), mirror):
                with refresh(after, prefix, state, bootstrap, now=now, strict=True) as repository:
                    # A client keeps what it has when the version is the same, without an error.
                    if repository.received().get(timestamp) != files[timestamp]:
                        raise NotTrusted(reason="a client would not take the new timestamp")
                    for name, data in changed.items():
                        if repository.target_bytes(name, len(data)) != data:
                            raise NotTrusted(reason=f"{name} would be another one")
    except NoRoom:
        raise
    except EduboxError as error:
        raise NotTrusted(reason=f"a school's box would refuse this publication ({error})") from None
