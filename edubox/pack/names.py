"""Names that are safe everywhere: ids of publishers and lessons, and paths inside a lesson.

Both end up as file names on a card, a FAT stick, a web server and a Windows PC, and both come from
outside. An id is ``[a-z0-9][a-z0-9-]{0,62}`` a part; a path is relative, NFC, with forward slashes.
"""

from __future__ import annotations

import re
import unicodedata

from edubox.errors import BadIdentifier, UnsafePath

_PART = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")

#: Characters of a part of an id.
MAX_PART = 63
#: A lesson's companion for teachers only is called so after the lesson (DESIGN, Pack).
STAFF = "--staff"

#: Device names that Windows keeps for itself, with any extension (Microsoft, "Naming Files, Paths, and Namespaces").
WINDOWS_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"]
)
_WINDOWS_FORBIDDEN = frozenset('<>:"|?*\\')
#: Bytes of one path component: ext4, FAT (as UTF-8) and zip tools all agree on 255.
MAX_COMPONENT = 255
#: Bytes of a whole path, well below Linux' 4096 with our own folders in front.
MAX_PATH = 1024


def check_part(value: str) -> str:
    """Return *value* if it is a valid part of an id, a slug or a role; raises BadIdentifier."""
    if not _PART.match(value):
        raise BadIdentifier(
            value=value, reason="use 1 to 63 small letters, digits or hyphens, no hyphen first"
        )
    if value in WINDOWS_RESERVED:
        raise BadIdentifier(value=value, reason="Windows keeps this name for itself")
    return value


def check_publisher(value: str) -> tuple[str, str]:
    """Split ``authority/name`` into its checked parts; raises BadIdentifier."""
    parts = value.split("/")
    if len(parts) != 2:
        raise BadIdentifier(value=value, reason="write it as authority/name")
    return check_part(parts[0]), check_part(parts[1])


def check_slug(value: str) -> str:
    """Return *value* if it can name a lesson within its publisher; raises BadIdentifier."""
    return check_part(value)


def is_staff(slug: str) -> bool:
    """Whether *slug* names what is for teachers only: nobody shows, carries or fetches it like a lesson."""
    return slug.endswith(STAFF)


def is_sha256(value: object) -> bool:
    """Whether *value* is a SHA-256 in lower-case hexadecimal."""
    return isinstance(value, str) and _SHA256.match(value) is not None


def component_fault(name: str) -> str | None:
    """Why *name* cannot be one component of a path, in words, or None if it can."""
    if name in {"", ".", ".."}:
        return "it leaves its folder or is empty"
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in name):
        return "it holds a control character"
    if _WINDOWS_FORBIDDEN & set(name):
        return "it holds a character that Windows forbids"
    if not name.strip():
        return "it is nothing but spaces"
    if name[-1] in " .":
        return "it ends with a space or a dot"
    if name.split(".", 1)[0].rstrip(" ").lower() in WINDOWS_RESERVED:
        return "Windows keeps this name for itself"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_COMPONENT:
        return "it is longer than 255 bytes"
    return None


def check_path(path: str) -> str:
    """Return *path* if every system can hold it below a folder of its own; raises UnsafePath."""
    if not unicodedata.is_normalized("NFC", path):
        raise UnsafePath(path=path, reason="it is not in Unicode NFC")
    if path.startswith("/"):
        raise UnsafePath(path=path, reason="it is absolute")
    for name in path.split("/"):
        if fault := component_fault(name):
            raise UnsafePath(path=path, reason=fault)
    if len(path.encode("utf-8")) > MAX_PATH:
        raise UnsafePath(path=path[:60] + "…", reason=f"it is longer than {MAX_PATH} bytes")
    return path


def fold(path: str) -> str:
    """What *path* becomes on a file system that does not tell A from a; equal folds collide there."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def printable(text: str) -> str:
    """*text* without characters that a terminal would obey or that no file can hold, for sentences and titles."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cs"})


def slug(text: str, fallback: str = "lesson") -> str:
    """A valid id part made from a title: ``L'eau & l'été`` gives ``l-eau-l-ete``."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    value = re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:63].strip("-")
    return value if value and value not in WINDOWS_RESERVED else fallback
