"""Was done what somebody asked for on the card (``edubox.toml``)?"""

from __future__ import annotations

from edubox.box.health import Box, Finding
from edubox.hardware.card import state

TITLE = "The card's edubox.toml"


def check(box: Box) -> Finding:
    """A warning with every mistake, or with what could not be done; a note while nobody has asked for anything."""
    card = state.beside(box.data)
    said = " ".join(card.said("en"))
    if card.outcome == state.REFUSED:
        return Finding("warning", f"Not provisioned: it has mistakes, and nothing of it was applied. {said}")
    if card.outcome == state.UNFINISHED or said:
        return Finding("warning", f"Not everything that was asked for on the card could be done. {said}")
    if card.outcome == state.DEFAULTS:
        return Finding("note", "Not provisioned: nobody asked for anything, the box works with its defaults.")
    if card.outcome == state.UNKNOWN:
        return Finding("good", "This box was not made from an image.")
    return Finding("good", "It was applied.")
