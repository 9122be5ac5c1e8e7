"""What needs a wrapped key, done in a process of its own: the passphrase goes there once, and is gone with it.

The desk's process never unwraps a key: it starts the very command that a person would type, with the passphrase in the child's
environment (which only the same user can read) and nowhere else: not in its arguments, no log, no database. What signing and compressing take of memory
is given back with the child.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

from edubox.errors import WrongPassphrase
from edubox.hub.errors import NotPossible
from edubox.hub.hub import Hub
from edubox.program import EDUBOX

#: Seconds that a child may take: a lesson of 4 GB on a slow disk, with its deltas.
LONGEST = 3600


def run(hub: Hub, words: Sequence[str], passphrase: str) -> dict[str, Any]:
    """What ``edubox`` *words* ``--data … --json`` answers when it gets *passphrase*.

    Raises WrongPassphrase, NotPossible (with the child's own sentence).
    """
    secret = {"EDUBOX_PASSPHRASE": passphrase} if passphrase else {}
    try:
        child = subprocess.run(
            [*EDUBOX, *words, "--data", str(hub.data), "--json"], env=os.environ | secret, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=LONGEST, check=False, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotPossible(reason="it took too long") from None
    said = _last(child.stdout)
    error = said.get("error")
    error = error if isinstance(error, dict) else {}
    if child.returncode and error.get("code") == WrongPassphrase.code:
        raise WrongPassphrase(path="")
    if child.returncode:
        reason = str(error.get("message") or child.stderr.decode("utf-8", "replace").strip()[-300:])
        raise NotPossible(reason=reason.rstrip(".") or f"the child ended with {child.returncode}")
    return said


def _last(said: bytes) -> dict[str, Any]:
    """The child's last line of JSON; empty if there is none."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
