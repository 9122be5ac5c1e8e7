"""Pictures that a pupil chooses on a tablet which several use: animals and things, told apart by shape and by colour.

All are one SVG file, one beside the other, so that a device with five pupils asks once; ``#cat`` after its address shows
only the cat. What each is called is written beside it.
"""

from __future__ import annotations

SIZE = 48


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: A picture's name → what a pupil calls it.
NAMES = {
    "cat": _("Cat"), "rabbit": _("Rabbit"), "bear": _("Bear"), "owl": _("Owl"), "fish": _("Fish"), "turtle": _("Turtle"),
    "frog": _("Frog"), "snail": _("Snail"), "star": _("Star"), "sun": _("Sun"), "flower": _("Flower"), "boat": _("Boat"),
}  # fmt: skip
_EYES = '<g fill="#1c2830"><circle cx="19" cy="25" r="2"/><circle cx="29" cy="25" r="2"/></g>'
#: A picture's name → its ground and its shapes, white unless they say otherwise, on a grid of 48.
_DRAWN = {
    "nobody": ("#51606b", '<circle cx="24" cy="18" r="8"/><path d="M9 41c0-9 6-14 15-14s15 5 15 14z"/>'),
    "cat": ("#b4532a", '<path d="M12 9l9 6h6l9-6v17c0 8-5 13-12 13s-12-5-12-13z"/>' + _EYES
            + '<path fill="#b4532a" d="M22 30h4l-2 2.500z"/><path fill="none" stroke="#b4532a" stroke-width="1.500" d="M6 28l9 2M6 34l9-2M42 28l-9 2M42 34l-9-2"/>'),
    "rabbit": ("#6b4fa0", '<ellipse cx="18" cy="13" rx="4" ry="10"/><ellipse cx="30" cy="13" rx="4" ry="10"/><circle cx="24" cy="28" r="12"/>'
               + _EYES + '<path fill="#6b4fa0" d="M22 30h4l-2 2.500z"/><path d="M22 35h4v6h-4z"/>'),
    "bear": ("#7a4a22", '<circle cx="13" cy="14" r="6"/><circle cx="35" cy="14" r="6"/><circle cx="24" cy="25" r="14"/>'
             + _EYES + '<ellipse cx="24" cy="32" rx="5" ry="4" fill="#7a4a22"/>'),
    "owl": ("#3d5a80", '<path d="M10 8q14 7 28 0v18q0 15-14 15T10 26z"/><g fill="#3d5a80"><circle cx="18" cy="21" r="6"/><circle cx="30" cy="21" r="6"/></g><circle cx="18" cy="21" r="2.500"/><circle cx="30" cy="21" r="2.500"/><path fill="#e2a03f" d="M21.500 26h5L24 31z"/>'),
    "fish": ("#0f6f8c", '<path d="M6 25c6-12 20-13 28-3l8-8v22l-8-8C26 38 12 37 6 25z"/><circle cx="15" cy="23" r="2" fill="#1c2830"/><path fill="none" stroke="#0f6f8c" stroke-width="2" d="M22 17q4 8 0 16"/>'),
    "turtle": ("#2c7a3f", '<circle cx="39" cy="25" r="5"/><path d="M8 31C8 20 14 14 22 14s14 6 14 17zM11 30h6v8h-6zM27 30h6v8h-6zM10 28l-6 4 6 1z"/><path fill="none" stroke="#2c7a3f" stroke-width="2" d="M22 15v15M14 20l8 4 8-4M22 24v7"/><circle cx="40" cy="24" r="1.300" fill="#1c2830"/>'),
    "frog": ("#5b7a12", '<circle cx="15" cy="16" r="7"/><circle cx="33" cy="16" r="7"/><ellipse cx="24" cy="28" rx="17" ry="12"/><g fill="#1c2830"><circle cx="15" cy="16" r="3"/><circle cx="33" cy="16" r="3"/></g><path fill="none" stroke="#1c2830" stroke-width="2" stroke-linecap="round" d="M14 30q10 7 20 0"/>'),
    "snail": ("#a23b6a", '<path d="M5 37h32q4 0 4-5V18h-5v10q0 3-4 3H14z"/><circle cx="20" cy="23" r="12"/><path fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" d="M37 18l-2-7M40 18l3-6"/><path fill="none" stroke="#a23b6a" stroke-width="2.500" stroke-linecap="round" d="M20 24a2 2 0 0 1 3-3 5 5 0 0 1-6 8 8 8 0 0 1 5-14"/>'),
    "star": ("#1f55c4", '<path d="M24 6l5.400 11.300 12.400 1.600-9.100 8.600 2.300 12.300L24 33.800l-11 6 2.300-12.300-9.100-8.600 12.400-1.600z"/>'),
    "sun": ("#a86200", '<circle cx="24" cy="24" r="9"/><path fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" d="M24 6v5M24 37v5M6 24h5M37 24h5M11 11l4 4M33 33l4 4M11 37l4-4M33 15l4-4"/>'),
    "flower": ("#8a2f8f", '<circle cx="24" cy="13" r="7"/><circle cx="34" cy="20" r="7"/><circle cx="30" cy="32" r="7"/><circle cx="18" cy="32" r="7"/><circle cx="14" cy="20" r="7"/><circle cx="24" cy="24" r="6" fill="#e2a03f"/>'),
    "boat": ("#a12f2f", '<path d="M6 31h36l-6 9H12zM22 6v22H9zM25 11l12 17H25z"/>'),
}  # fmt: skip


def sheet() -> str:
    """All pictures, as the file ``pictures.svg``."""
    views = "".join(
        f'<view id="{name}" viewBox="{SIZE * at} 0 {SIZE} {SIZE}"/>' for at, name in enumerate(_DRAWN)
    )
    drawn = "".join(
        f'<g transform="translate({SIZE * at})" fill="#fff"><circle cx="24" cy="24" r="24" fill="{ground}"/>{shapes}</g>'
        for at, (ground, shapes) in enumerate(_DRAWN.values())
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}">{views}{drawn}</svg>'
