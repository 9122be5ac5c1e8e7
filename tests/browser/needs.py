"""What tests of players need: built players, or a skip that names what is missing; in CI a skip would hide a hole."""

from __future__ import annotations

from edubox.pages.player import players
from tests import needs


def players_or_skip() -> None:
    """Go on where every player is built."""
    if missing := players().missing():
        reason = f"no players of {', '.join(missing)}: `make players` builds them and needs npm"
        needs.absent(reason)
