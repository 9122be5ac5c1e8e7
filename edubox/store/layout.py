"""Where things lie in a mirror folder and in a box's data folder: the only place that spells these paths.

All paths are relative, with forward slashes, so that the same string is a file name, a URL path and an
entry of a courier.
"""

from __future__ import annotations

OBJECTS = "objects"
BUNDLES = "bundles"
DIRECTORY = "directory"
PUBLISHERS = "publishers"
#: Objects and bundles for teachers only lie below it in the same form.
STAFF = "staff"


def object_path(sha256: str) -> str:
    """The bytes of one file."""
    return f"{OBJECTS}/{sha256[:2]}/{sha256}"


def bundle_path(sha256: str) -> str:
    """One static file that carries many objects."""
    return f"{BUNDLES}/{sha256[:2]}/{sha256}"


def publisher_prefix(authority: str, name: str) -> str:
    """The TUF repository of a publisher."""
    return f"{PUBLISHERS}/{authority}/{name}"


def target_path(prefix: str, name: str, sha256: str) -> str:
    """A TUF target with its hash in front of the last component (consistent snapshots)."""
    folder, slash, last = name.rpartition("/")
    return f"{prefix}/targets/{folder}{slash}{sha256}.{last}"


def metadata_path(prefix: str, role: str, version: int | None = None) -> str:
    """A TUF metadata file; only the timestamp has no version in its name."""
    return f"{prefix}/metadata/{role}.json" if version is None else f"{prefix}/metadata/{version}.{role}.json"
