"""One card, written and read back: the order of the steps is what makes a cut harmless.

1. The card forgets what it held, where it can; its first mebibyte becomes zeros. From here on nothing starts from it.
2. Marks are set up to its very end: a card that holds less than its label says answers for one place with another's bytes.
3. All that matters of the image is written, except the first mebibyte. Where the image is zero and the card is too, nothing is.
4. The marks and all that matters are read back from the card and compared with the image. What differs is written once more.
5. The first mebibyte is written and read back. Only now does the card have partitions and a boot loader.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edubox.errors import BadInput, CardTooSmall, EduboxError, UnfinishedCard, WornOutCard
from edubox.hardware.flash.device import BLOCK, GONE, Device, buffer
from edubox.hardware.flash.image import CHUNK, ZEROS, Image

#: Chunks between two flushes: an error is then told soon, and the progress is true.
_FLUSH_EVERY = 64
#: Marks spread over a card.
_MARKS = 32
ERASING, WRITING, CHECKING = "erasing", "writing", "checking"


@dataclass(frozen=True, slots=True)
class Written:
    """A card that was written: how many *chunks* it took, how many were zero there already, how many had to be written twice."""

    chunks: int
    zero: int
    mended: int


def write_card(
    device: Device, image: Image, sectors: Mapping[int, bytes],
    show: Callable[[str, int, int], None] = lambda *_: None, stopped: Callable[[], bool] = lambda: False,
) -> Written:  # fmt: skip
    """Write *image* with *sectors* (offset → bytes) laid over it to *device*, and compare.

    *show* gets the step, and bytes done of bytes to do, of writing and checking together; *stopped* is asked now and then.
    Raises CardTooSmall (nothing was touched), WornOutCard, UnfinishedCard (pulled, or stopped), BadInput (the image changed
    meanwhile). After the last three nothing starts from the card.
    """
    if device.size < image.size:
        raise CardTooSmall(disk=device.name, size=_gigabytes(device.size), needed=_gigabytes(image.size))
    return _Writer(device, image, sectors, show, stopped).run()


class _Writer:
    """The state of one card while it is written: two buffers, and how far it is."""

    def __init__(
        self, device: Device, image: Image, sectors: Mapping[int, bytes],
        show: Callable[[str, int, int], None], stopped: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._device, self._image, self._show, self._stopped = device, image, show, stopped
        self._wanted, self._found = buffer(CHUNK), buffer(CHUNK)
        self._over: dict[int, list[tuple[int, bytes]]] = {}
        for offset, data in sectors.items():
            self._over.setdefault(offset // CHUNK * CHUNK, []).append((offset % CHUNK, data))
        places = set(image.places) | self._over.keys() - {0}
        self._places = sorted(places)
        self._done, self._total = 0, 2 * len(self._places) * CHUNK
        self._mended, self._head = 0, min(CHUNK, self._image.size)

    def run(self) -> Written:
        self._show(ERASING, 0, self._total)
        self._device.discard()
        self._erase_head()
        if self._differs(0, self._head):
            raise self._worn("it keeps what it held: it has worn out and can only be read")
        try:
            return self._fill()
        except EduboxError:
            # It may have got a beginning again: the last step failed, or a card that is too small wrote there what belongs elsewhere.
            with contextlib.suppress(EduboxError):
                self._erase_head()
            raise

    def _erase_head(self) -> None:
        self._wanted[: self._head] = ZEROS[: self._head]
        self._put(0, self._head)
        self._flush()

    def _fill(self) -> Written:
        marks = self._set_marks()
        zero = self._write()
        if any(self._get(offset, BLOCK) != mark for offset, mark in marks.items()):
            raise self._worn("it holds less than its label says")
        self._check()
        if self._image.is_changed:
            raise BadInput(
                reason=f"{self._image.path.name} was changed while it was written; write the card again"
            )
        self._load(0)
        self._put(0, self._head)
        self._flush()
        if self._differs(0, self._head):
            self._mended += 1
            self._put_checked(0, self._head)
        return Written(len(self._places) + 1, zero, self._mended)

    def _set_marks(self) -> dict[int, bytes]:
        """Write random bytes to places beyond the image, the last block among them; a fresh mark at each."""
        size, begin = self._device.size, self._image.size
        offsets = {size * number // _MARKS // BLOCK * BLOCK for number in range(1, _MARKS)} | {size - BLOCK}
        marks = {offset: os.urandom(BLOCK) for offset in sorted(offsets) if offset >= begin}
        for offset, mark in marks.items():
            self._wanted[:BLOCK] = mark
            self._put(offset, BLOCK)
        self._flush()
        return marks

    def _write(self) -> int:
        """Write every place; says at how many the card was zero already, as the image is."""
        zero = 0
        for number, offset in enumerate(self._places):
            size = self._load(offset)
            if self._wanted[:size] == ZEROS[:size] and not self._differs(offset, size):
                zero += 1
            else:
                self._put(offset, size)
            if number % _FLUSH_EVERY == _FLUSH_EVERY - 1:
                self._flush()
            self._step(WRITING)
        self._flush()
        return zero

    def _check(self) -> None:
        for offset in self._places:
            size = self._load(offset)
            if self._differs(offset, size):
                self._mended += 1
                self._put_checked(offset, size)
            self._step(CHECKING)

    def _put_checked(self, offset: int, size: int) -> None:
        self._put(offset, size)
        self._flush()
        if self._differs(offset, size):
            raise self._worn(f"it does not keep what is written to it, at {offset // CHUNK} MiB")

    def _load(self, offset: int) -> int:
        """Fill the buffer with what the card is to hold at *offset*; says how many bytes that are."""
        size = min(CHUNK, self._image.size - offset)
        self._image.read_into(offset, memoryview(self._wanted)[:size])
        for at, data in self._over.get(offset, ()):
            self._wanted[at : at + len(data)] = data
        return size

    def _differs(self, offset: int, size: int) -> bool:
        """Whether the card holds something else at *offset* than the buffer; a place that cannot be read does."""
        return self._get(offset, size) != self._wanted[:size]

    def _get(self, offset: int, size: int) -> bytes:
        try:
            self._device.read(offset, memoryview(self._found)[:size])
        except OSError as error:
            self._unless_gone(error)
            return b""
        return self._found[:size]

    def _put(self, offset: int, size: int) -> None:
        """Write *size* bytes of the buffer; once more if that fails."""
        data = memoryview(self._wanted)[:size]
        for last in (False, True):
            try:
                self._device.write(offset, data)
            except OSError as error:
                self._unless_gone(error)
                if last:
                    raise self._worn(
                        f"it cannot be written at {offset // CHUNK} MiB ({error.strerror})"
                    ) from None
            else:
                return

    def _flush(self) -> None:
        """What fails here is found by reading back."""
        try:
            self._device.flush()
        except OSError as error:
            self._unless_gone(error)

    def _step(self, what: str) -> None:
        self._done += CHUNK
        self._show(what, self._done, self._total)
        if self._stopped():
            raise UnfinishedCard(disk=self._device.name, reason="you stopped")

    def _unless_gone(self, error: OSError) -> None:
        if error.errno in GONE:
            raise UnfinishedCard(disk=self._device.name, reason="it was pulled out") from None

    def _worn(self, reason: str) -> WornOutCard:
        return WornOutCard(disk=self._device.name, reason=reason)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
