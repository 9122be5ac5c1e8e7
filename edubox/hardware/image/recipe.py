"""``school.toml``: the one file that says what an image is to be, for all schools of a country or for one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edubox.errors import BadInput

_KEYS: dict[str, type] = {
    "country": str,
    "card": str,
    "box": dict,
    "packages": list,
    "arguments": str,
}
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
#: What a loader's script takes as it stands.
_ARGUMENTS = re.compile(r"[A-Za-z0-9 ._,:=/@+-]*")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image is made of besides its board.

    *country* is the first root of the country's directory; *card* becomes ``edubox.toml`` on the first partition; *box* are
    settings that every box of this image has; *packages* are more Debian packages, and *arguments* more words for the kernel.
    """

    country: bytes
    card: bytes = b""
    box: tuple[tuple[str, Any], ...] = ()
    packages: tuple[str, ...] = ()
    arguments: str = ""


def read(path: Path) -> Recipe:
    """The recipe *path*; files that it names lie beside it. Raises BadInput, BadCard."""
    from edubox.hardware.card import request
    from edubox.settings import check_settings

    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(reason=f"{path}: {error}") from None
    for key, value in given.items():
        if key not in _KEYS:
            raise BadInput(reason=f"{path} has no line called {key!r}; there are {', '.join(_KEYS)}")
        if type(value) is not _KEYS[key]:
            raise BadInput(reason=f"{path}: {key} must be a {_KEYS[key].__name__}")
    if "country" not in given:
        raise BadInput(
            reason=f'{path} does not say which country: country = "root.json", the 1.root.json of its directory'
        )
    packages = given.get("packages", [])
    if not all(isinstance(one, str) and _PACKAGE.fullmatch(one) for one in packages):
        raise BadInput(reason=f"{path}: packages must be names of Debian packages")
    if not _ARGUMENTS.fullmatch(given.get("arguments", "")):
        raise BadInput(reason=f"{path}: arguments must be one line of plain words, as the kernel takes them")
    check_settings(given.get("box", {}), str(path))
    card = _beside(path, given["card"]) if given.get("card") else b""
    if card:
        request.understand(card)
    return Recipe(
        _beside(path, given["country"]), card, tuple(given.get("box", {}).items()), tuple(packages), given.get("arguments", ""),
    )  # fmt: skip


def _beside(recipe: Path, name: str) -> bytes:
    try:
        return (recipe.parent / name).read_bytes()
    except OSError as error:
        raise BadInput(reason=f"{recipe} names {name}, which cannot be read: {error.strerror}") from None
