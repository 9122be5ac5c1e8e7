"""Cards in memory, whole implementations of the Device contract: good ones, and ones that fail at a place of one's choosing."""

from __future__ import annotations

import errno
import os


class MemoryDevice:
    """A card of *size* bytes. What was not flushed is lost when it is pulled, as on a real one."""

    def __init__(self, size, name="sdx", filled=b"\xa5"):
        self.name, self.size = name, size
        self.bytes = bytearray(filled * size)
        self.writes = []

    def read(self, offset, into):
        self._within(offset, len(into))
        into[:] = self.bytes[offset : offset + len(into)]

    def write(self, offset, data):
        self._within(offset, len(data))
        self.writes.append((offset, len(data)))
        self.bytes[offset : offset + len(data)] = data

    def flush(self):
        pass

    def discard(self):
        pass

    def close(self):
        pass

    def _within(self, offset, size):
        if offset + size > self.size:
            raise OSError(errno.EIO, "beyond the end")


class FaultyDevice(MemoryDevice):
    """A card with faults; with none of them it is a good one.

    - *bad*: places (offsets) that cannot be written, the first so many times: ``{offset: times}``
    - *flips*: places that keep a flipped bit, the first so many times that they are written
    - *unreadable*: places that cannot be read
    - *gone_after*: it is pulled after so many writes; *at_write*: called with the number of each
    - *real*: bytes that it holds in truth; beyond, it begins again at the front
    - *read_only*: it says yes to every write and keeps nothing
    """

    def __init__(
        self,
        size,
        *,
        bad=(),
        flips=(),
        unreadable=(),
        gone_after=None,
        real=None,
        read_only=False,
        at_write=None,
        **more,
    ):
        super().__init__(size, **more)
        self.bad, self.flips, self.unreadable = dict(bad), dict(flips), set(unreadable)
        self.gone_after, self.real, self.read_only, self.at_write = (
            gone_after,
            real or size,
            read_only,
            at_write,
        )

    def read(self, offset, into):
        self._present()
        if any(offset <= one < offset + len(into) for one in self.unreadable):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().read(offset % self.real, into)

    def write(self, offset, data):
        self._present()
        if self.at_write:
            self.at_write(len(self.writes))
        if self._hit(self.bad, offset, len(data)) is not None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        before = bytes(self.bytes) if self.read_only else None
        super().write(offset % self.real, data)
        if before is not None:
            self.bytes[:] = before
        if (flipped := self._hit(self.flips, offset, len(data))) is not None:
            self.bytes[flipped] ^= 0x10

    def _present(self):
        if self.gone_after is not None and len(self.writes) >= self.gone_after:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    @staticmethod
    def _hit(places, offset, size):
        for place, times in places.items():
            if offset <= place < offset + size and times > 0:
                places[place] = times - 1
                return place
        return None
