"""Many cards at a time: a thread each, since each waits for its own card, and one who watches and can stop them all."""

from __future__ import annotations

import contextlib
import errno
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from edubox.errors import EduboxError, NotACard, UnreadableSource
from edubox.hardware.flash import disks
from edubox.hardware.flash.device import BlockDevice, Device
from edubox.hardware.flash.disks import Disk
from edubox.hardware.flash.image import CHUNK, Image
from edubox.hardware.flash.writing import Written, write_card

#: Cards at a time; each takes two mebibytes of memory.
MOST = 64
#: Seconds between two looks at how far they are.
_TURN = 0.2
_NOT_ALONE = {
    errno.EBUSY: "something on this computer uses it; close that, or take the card out and put it in again",
    errno.EACCES: "you may not write to it; run this with sudo",
    errno.EPERM: "you may not write to it; run this with sudo",
    errno.ENOENT: "it was pulled out",
    errno.ENOMEDIUM: "there is no card in it",
    errno.EROFS: "it is write-protected: look at the little switch on the card",
}


@dataclass(slots=True)
class Job:
    """One card to write; *sectors* are laid over the image, *whose* is the school it is for, *done* is told when it is."""

    disk: Disk
    sectors: Mapping[int, bytes] = field(default_factory=dict)
    whose: str = ""
    #: How far it is: ``writing`` or ``checking``, and bytes of both together.
    step: str = ""
    done: int = 0
    total: int = 0
    #: What came of it.
    written: Written | None = None
    error: EduboxError | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to this card."""
        return self.written is not None or self.error is not None


def write_all(
    jobs: Sequence[Job],
    image: Image,
    watch: Callable[[], None],
    finished: Callable[[Job], None] = lambda _: None,
) -> None:
    """Write *image* to the card of every one of *jobs*, all at the same time; what came of it is in the jobs.

    *watch* is called several times a second, *finished* for each card that is whole, both in this thread, the main one. Ctrl-C,
    pressed once or more, stops all cards; KeyboardInterrupt is raised when they have stopped.
    """
    for job in jobs:
        job.total = 2 * CHUNK * len(image.places)
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        with ThreadPoolExecutor(len(jobs) or 1) as threads:
            try:
                left = {threads.submit(_write, job, image, stop.is_set): job for job in jobs}
                while left:
                    over, _ = wait(left, timeout=_TURN)
                    for future in over:
                        job = left.pop(future)
                        future.result()
                        if job.written is not None:
                            finished(job)
                    watch()
            finally:
                stop_was_asked = stop.is_set()
                stop.set()  # whatever was raised here, nobody goes on alone
    finally:
        signal.signal(signal.SIGINT, before)
    if stop_was_asked:
        raise KeyboardInterrupt


def _write(job: Job, image: Image, stopped: Callable[[], bool]) -> None:
    def show(step: str, done: int, total: int) -> None:
        job.step, job.done, job.total = step, done, total

    try:
        with opened(job.disk) as device:
            job.written = write_card(device, image, job.sectors, show, stopped)
    except EduboxError as error:
        job.error = error
    except OSError as error:  # of the image: what a card does wrong has been told in words
        job.error = UnreadableSource(path=image.path, reason=error.strerror)


@contextlib.contextmanager
def opened(disk: Disk) -> Iterator[Device]:
    """The card *disk*, held alone. Raises NotACard, also when its name has come to mean another disk meanwhile."""
    try:
        device = BlockDevice(disk.path)
    except OSError as error:
        reason = _NOT_ALONE.get(error.errno or 0, f"it cannot be opened ({error.strerror})")
        raise NotACard(disk=disk.name, reason=reason) from None
    with contextlib.closing(device):
        # Now that it is held its name cannot pass to another one.
        if not disks.is_still(disk):
            raise NotACard(
                disk=disk.name, reason="it is not the card any more that it was; look at edubox flash list"
            )
        yield device
