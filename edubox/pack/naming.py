"""Names that every system can hold, for files whose author's system was more generous.

Readers refuse such names (``names.check_path``, ``manifest.parse``); the builder repairs them once, here, and
says so. The same paths always give the same repairs.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

from edubox.pack.names import MAX_COMPONENT, MAX_PATH, WINDOWS_RESERVED, component_fault, fold

_REPLACEMENT = "_"
_LONGEST_EXTENSION = 20


def safe_paths(paths: Sequence[str]) -> list[str]:
    """A safe path for each of *paths*, in their order; most are what they were.

    *paths* are relative, with forward slashes, without ``..``; two may be equal. The answers differ from each
    other on every file system, none is below another, and none looks like another's compressed copy.
    """
    repaired = [_shorter("/".join(_component(part) for part in path.split("/"))) for path in paths]
    folders = {fold(path[:at]) for path in repaired for at, letter in enumerate(path) if letter == "/"}
    taken: set[str] = set()
    answers = [""] * len(paths)
    # A name that needs no repair keeps it, and page.html keeps it before page.html.gz does.
    for number in sorted(range(len(paths)), key=lambda n: (repaired[n] != paths[n], len(repaired[n]), n)):
        answer, attempt = repaired[number], 1
        while not _is_free(fold(answer), taken, folders):
            attempt += 1
            answer = _numbered(repaired[number], attempt)
        taken.add(fold(answer))
        answers[number] = answer
    return answers


def _is_free(folded: str, taken: set[str], folders: set[str]) -> bool:
    # A web server answers page.html with page.html.gz: that place is not a lesson's to take.
    twins = {folded + ".gz", folded.removesuffix(".gz") if folded.endswith(".gz") else folded}
    return not (folded in folders or folded in taken or twins & taken)


def _component(name: str) -> str:
    """*name* as one component of a path that every system can hold."""
    name = unicodedata.normalize("NFC", name)
    if component_fault(name) is None:
        return name
    name = "".join(_REPLACEMENT if _forbidden(letter) else letter for letter in name)
    name = name.rstrip(" .")
    if not name.strip():
        name = _REPLACEMENT
    first, dot, rest = name.partition(".")
    if first.rstrip(" ").lower() in WINDOWS_RESERVED:
        name = f"{first.rstrip(' ')}{_REPLACEMENT}{dot}{rest}"
    return _cut(name, MAX_COMPONENT)


def _forbidden(letter: str) -> bool:
    # A component of one ordinary letter around it shows whether this letter is what is wrong.
    return component_fault(f"a{letter}a") is not None


def _cut(name: str, limit: int) -> str:
    """*name* in at most *limit* bytes of UTF-8, keeping its extension; a hash tells cut names apart."""
    if len(name.encode("utf-8")) <= limit:
        return name
    stem, extension = _split(name)
    tail = f"-{hashlib.sha256(name.encode('utf-8')).hexdigest()[:8]}{extension}"
    kept = stem.encode("utf-8")[: limit - len(tail.encode("utf-8"))]
    return kept.decode("utf-8", "ignore").rstrip(" .") + tail


def _shorter(path: str) -> str:
    """*path* within MAX_PATH: folders of a path too long are cut evenly."""
    parts = path.split("/")
    limit = MAX_COMPONENT
    while len(path.encode("utf-8")) > MAX_PATH and limit > 32:
        limit //= 2
        path = "/".join(_cut(part, limit) for part in parts)
    if len(path.encode("utf-8")) > MAX_PATH:
        # Dozens of folders deep: only the first and the file itself keep their names.
        path = f"{_cut(parts[0], 32)}/{hashlib.sha256(path.encode('utf-8')).hexdigest()[:16]}/{_cut(parts[-1], 200)}"
    return path


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    stem, extension = _split(name)
    return _shorter(f"{folder}{slash}{_cut(f'{stem}-{number}{extension}', MAX_COMPONENT)}")


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension.encode("utf-8")) > _LONGEST_EXTENSION:
        return name, ""
    return stem, dot + extension
