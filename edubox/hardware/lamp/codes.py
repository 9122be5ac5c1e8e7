"""The table of what the light says. A person tells five apart by their eyes alone: steady, fast, slow, a flash now and then, dark."""

from __future__ import annotations

from dataclasses import dataclass

STARTING, WELL, WAIT, TROUBLE, STOPPING = "starting", "well", "wait", "trouble", "stopping"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Milliseconds for which the light is *on*, and then *off*; *off* is 0 where it never goes out."""

    on: int
    off: int = 0


#: State → what is seen. Switched off it is dark: the kernel puts it out last of all, so dark is never said by us.
CODES = {
    STARTING: Pattern(100, 100),
    WELL: Pattern(1000),
    WAIT: Pattern(1000, 1000),
    TROUBLE: Pattern(100, 1900),
    # As at the start: something is under way that ends by itself, and nobody has to tell the two apart.
    STOPPING: Pattern(100, 100),
}
