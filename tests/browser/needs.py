"""What tests of players need: built players, or a skip that names what is missing; in CI a skip would hide a hole."""

from __future__ import annotations

import os

import pytest

from edubox.pages.player import players


def players_or_skip() -> None:
    """Go on where every player is built."""
    if missing := players().missing():
        reason = f"no players of {', '.join(missing)}: `make players` builds them and needs npm"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
