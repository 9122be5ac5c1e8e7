"""What time it is on a computer without a clock: ``max(system clock, floor)``.

The floor is the build time of this program or, later, the moment at which the directory's newest verified
timestamp was signed (``x-edubox-issued``); never beyond the end of the verified root and targets, so that
the hub's online key alone cannot push a country into the future. It is kept with the key ids that could have
signed it and dropped when they leave the root. A system clock more than 3 years past the floor is not
believed: a battery that forgot the year must not make everything look expired.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: When this version was made; no clock can be right and say less.
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
BELIEVED = timedelta(days=3 * 365)
#: Days after which old signatures are a warning, and after which new lessons wait (DESIGN, Trust).
NOTE_DAYS, WARNING_DAYS = 90, 400


@dataclass(frozen=True, slots=True)
class Floor:
    """No time before *moment*; *keys* are the timestamp keys of the root that vouched for it."""

    moment: datetime = BUILT
    keys: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The small file that keeps it."""
        value = {"format": 1, "floor": int(self.moment.timestamp()), "keys": list(self.keys)}
        return json.dumps(value).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Floor:
        """Read it back; a damaged file is no floor, never an error."""
        try:
            value = json.loads(data)
            moment = datetime.fromtimestamp(int(value["floor"]), UTC)
            keys = tuple(str(key) for key in value["keys"])
        except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
            return cls()
        return cls(max(moment, BUILT), keys)

    def now(self, system: datetime) -> datetime:
        """The time to judge signatures by."""
        if system > self.moment + BELIEVED:
            return self.moment
        return max(system, self.moment)

    def retry(self, last_fresh: datetime | None, system: datetime) -> datetime | None:
        """When to try signatures again that have ended: at *last_fresh*, when they were last verified fresh.

        Where this floor decides and not the *system* clock, both may be the lie of a key that the root has dropped
        since, and the root is read only after this. Then only the time of the build is sure; what is verified by it is
        shown as old, and older versions than the known ones are refused all the same.
        """
        if last_fresh is None or self.now(system) == system:
            return last_fresh
        return min(last_fresh, Floor().now(system))

    def raised(self, issued: datetime | None, vouched_until: datetime, keys: Collection[str]) -> Floor:
        """The floor after a directory was verified whose timestamp says that it was *issued* then (UTC).

        *keys* are the timestamp keys of its root; *vouched_until* is when its root or targets end.
        """
        # A key that left may have lied about the time; dropping costs nothing, the next line raises it again.
        kept = self if set(self.keys) <= set(keys) else Floor()
        if issued is None or issued.tzinfo is None:
            return kept
        # One second before the end: at the end itself everything would be expired.
        moment = min(issued, vouched_until - timedelta(seconds=1))
        return Floor(moment, tuple(sorted(keys))) if moment > kept.moment else kept


def staleness(days: int) -> str:
    """How loud to be about signatures that ended *days* ago: fresh, note, warning, or blocked (new lessons wait)."""
    if days <= 0:
        return "fresh"
    return "note" if days <= NOTE_DAYS else "warning" if days <= WARNING_DAYS else "blocked"
