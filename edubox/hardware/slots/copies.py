"""What the loader and the system tell each other, and the contract of what carries it.

A system is *good* (the box falls back to it) or is being *tried*. ``propose`` asks the loader to try the other slot; the loader
takes a try away *before* it starts that slot, so that a system which hangs or panics is not started for ever; there are two, since a
plug may be pulled in a good system's first minute. ``keep`` makes what was tried the good one, ``spend`` takes away what is left. Between any two writes of anybody there is something that starts.

There are two copies. Whoever writes, writes the one that does not count now, so a cut while writing leaves the other. The copy
with the higher ``seq`` counts. GRUB cannot add: what a loader writes has the ``seq`` that was there, and of two with the same
``seq`` the one with fewer tries left is the newer. When no copy can be read, slot a starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from edubox.errors import FailedSlot
from edubox.store.slots import SLOTS, other

COPIES = (0, 1)
#: How often a new system is started that does not say whether it works.
TRIES = 2
#: Nine digits: as much as every loader compares without overflowing.
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Carrier(Protocol):
    """Two places that hold names and values each, which the boot loader of this board reads as well."""

    def read(self, copy: int) -> Mapping[str, str] | None:
        """What copy 0 or 1 says; None when it is absent or damaged in any way. Raises nothing else."""

    def write(self, copy: int, values: Mapping[str, str]) -> None:
        """Make one copy say *values*, in place, on the disk when this returns. The other copy is never touched.

        A cut meanwhile leaves what was there, *values*, or damage that ``read`` sees. Raises OSError, UnusablePath.
        """


@dataclass(frozen=True, slots=True)
class State:
    """What one copy says: *good* is the slot to fall back to, *trying* the one to try or that was tried, empty for none."""

    good: str = "a"
    trying: str = ""
    #: How often *trying* may still be started: TRIES at most.
    left: int = 0
    seq: int = 0

    @property
    def starts(self) -> str:
        """The slot that the loader starts next; a loader that cannot take the try away starts *good*."""
        return self.trying if self.left and self.trying else self.good


def choose(copies: Mapping[int, Mapping[str, str] | None]) -> tuple[State, int | None]:
    """The state that counts, and the copy that says so; a fresh state and None if no copy can be read."""
    read = [(state, copy) for copy, values in copies.items() if (state := _parse(values)) is not None]
    return max(read, key=lambda one: (one[0].seq, -one[0].left), default=(State(), None))


def load(carrier: Carrier) -> tuple[State, int | None]:
    """As ``choose``, of what *carrier* holds."""
    return choose({copy: carrier.read(copy) for copy in COPIES})


def save(carrier: Carrier, state: State) -> State:
    """Make *state* the one that counts, with the next ``seq``. Raises OSError, UnusablePath, FailedSlot.

    A damaged copy is written too: with one copy only there is no other one to write, and GRUB tries nothing.
    """
    now, copy = load(carrier)
    target = COPIES[0] if copy is None else 1 - copy
    state = _write(carrier, target, replace(state, seq=now.seq + 1))
    if _parse(carrier.read(1 - target)) is None:
        state = _write(carrier, 1 - target, replace(state, seq=state.seq + 1))
    return state


def _write(carrier: Carrier, copy: int, state: State) -> State:
    carrier.write(copy, values_of(state))
    if load(carrier) != (state, copy):
        # A worn-out card answers writes with success and keeps the old bytes.
        raise FailedSlot(
            path=f"The copy {copy} of the slots' state", reason="it does not keep what is written"
        )
    return state


def propose(carrier: Carrier, slot: str) -> State:
    """Ask the loader to try *slot*; there is nothing to try if it is the good one. Raises as ``save`` does."""
    now, _ = load(carrier)
    return forget(carrier) if slot == now.good else save(carrier, State(now.good, slot, TRIES))


def keep(carrier: Carrier, slot: str) -> State:
    """Make *slot*, which runs and works, the good one. Raises as ``save`` does."""
    now, _ = load(carrier)
    return mend(carrier) if (now.good, now.trying) == (slot, "") else save(carrier, State(slot))


def spend(carrier: Carrier) -> State:
    """Let what is tried, and does not work, not be started again. Raises as ``save`` does."""
    now, _ = load(carrier)
    return save(carrier, replace(now, left=0)) if now.left else now


def forget(carrier: Carrier) -> State:
    """Give up what is tried, or was. Raises as ``save`` does."""
    now, _ = load(carrier)
    return save(carrier, State(now.good)) if now.trying else mend(carrier)


def mend(carrier: Carrier) -> State:
    """Leave the state as it is, in two copies that can be read. Raises as ``save`` does."""
    now, _ = load(carrier)
    return now if all(_parse(carrier.read(copy)) for copy in COPIES) else save(carrier, now)


def values_of(state: State) -> dict[str, str]:
    """*state* as names and values."""
    return {"seq": str(state.seq), "good": state.good, "try": state.trying, "left": str(state.left)}


def _parse(values: Mapping[str, str] | None) -> State | None:
    if values is None:
        return None
    seq, good, trying, left = (values.get(name, "") for name in ("seq", "good", "try", "left"))
    if (
        not _NUMBER.fullmatch(seq)
        or good not in SLOTS
        or trying not in {"", other(good)}
        or left not in map(str, range(TRIES + 1))
    ):
        return None
    return State(good, trying, int(left), int(seq))
