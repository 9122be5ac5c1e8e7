"""What must be in no root that goes to forty schools: a way to log in, a key, the number of one computer.

It looks, and says what it found in words that follow "it cannot be used": the making of an image stops at the first. What is
looked for is what other systems ship by mistake: passwords and none at all, keys to come in with and keys of servers, a second root, a
screen that logs somebody in by itself, a shell that waits on one, rights without a password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

#: Empty in an image: each box makes its own.
MACHINE = Path("etc/machine-id")
#: What nobody's password fits.
_LOCKED = {"*", "!", "!*", "!!"}
#: Files that are refused by their name, wherever they are.
_SECRETS = re.compile(
    r"random-seed|authorized_keys2?|ssh_host_.+_key|id_(rsa|ed25519|ecdsa)|credential\.secret"
)
#: And by what stands in them, where a computer's settings are: a private key, at the beginning of a line.
_PLACES = ("etc", "root", "home", "srv", "opt", "usr/local", "usr/share/edubox", "var/lib")
_KEY = re.compile(rb"^-----BEGIN [A-Z ]*PRIVATE KEY-----", re.MULTILINE)
#: Where units are set up, and what lets somebody in there without a word; units that are a shell.
_UNITS = "etc/systemd"
_AUTOMATIC = re.compile(
    rb"--autologin|\s-a\s+root\b|SYSTEMD_SULOGIN_FORCE=(?:1|yes|true|on)|SetCredential=passwd\.",
    re.IGNORECASE,
)
_SHELLS = {"debug-shell.service"}
_RIGHTS = re.compile(rb"^[^#\n]*\bNOPASSWD\b", re.MULTILINE)


def found(root: Path) -> Iterator[str]:
    """Everything that lets somebody in to a system with the root *root*, or that each must have for itself; nothing is good."""
    yield from _accounts(root)
    if (root / MACHINE).read_bytes():
        yield f"{MACHINE} is the number of one computer"
    for folder, _, names in os.walk(root):
        place = Path(folder).relative_to(root)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink():
                if name in _SHELLS and "/dev/null" not in os.readlink(path):
                    yield f"{place / name} is a shell that waits"
            elif path.is_file() and (why := _wrong(place / name, path)):
                yield f"{place / name} {why}"


def _accounts(root: Path) -> Iterator[str]:
    for line in (root / "etc/shadow").read_text("utf-8").splitlines():
        name, _, secret = line.partition(":")
        if secret.split(":")[0] not in _LOCKED:
            yield f"{name} can log in"
    for name in ("etc/passwd", "etc/group", "etc/gshadow"):
        path = root / name
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            said = line.split(":")
            if len(said) > 2 and said[1] not in _LOCKED | ({"x"} if name != "etc/gshadow" else {""}):
                yield f"{said[0]} can log in by {name}"
            if name == "etc/passwd" and len(said) > 2 and said[2] == "0" and said[0] != "root":
                yield f"{said[0]} is a second root"


def _wrong(place: Path, path: Path) -> str:
    """What is wrong with the file *path*, at *place* in its root."""
    if _SECRETS.fullmatch(place.name):
        return "is a secret"
    if not any(place.is_relative_to(one) for one in _PLACES):
        return ""
    data = path.read_bytes()
    if _KEY.search(data):
        return "is a secret"
    if place.is_relative_to(_UNITS) and _AUTOMATIC.search(data):
        return "lets somebody in by itself"
    if place.is_relative_to("etc/sudoers.d") or place == Path("etc/sudoers"):
        return "gives rights without a password" if _RIGHTS.search(data) else ""
    return ""
