"""A root as a file, before anything is known of its signatures."""

from __future__ import annotations

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from edubox.errors import NotTrusted
from edubox.trust.fetch import ensure_no_bomb


def read_root(data: bytes) -> Metadata[Root]:
    """The root in *data*, of whose signatures nothing is known. Raises NotTrusted."""
    ensure_no_bomb(data)
    try:
        metadata: Metadata[Root] = Metadata.from_bytes(data)
    except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotTrusted(reason=f"this is no root ({error})") from None
    if not isinstance(metadata.signed, Root):
        raise NotTrusted(reason="this is no root")
    return metadata
