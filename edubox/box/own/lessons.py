"""The school's own lessons: published on the box that its pupils read from, whole, without any line.

The one publish job signs with the box's writer key, whose wrapping only this computer opens; ``show`` then
lets pupils read what is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from edubox.box.own import identity
from edubox.box.own.identity import Own
from edubox.box.own.machine import this_machine
from edubox.errors import NotFound, NotTrusted, OtherMachine, Unreachable, WrongPassphrase
from edubox.store.lock import lock
from edubox.sync import offers

if TYPE_CHECKING:
    from edubox.publishing.erase import Erased
    from edubox.publishing.job import Published

#: Signatures for 400 days are renewed when so much of them is left: a box may be off for a long summer.
RENEW_WITHIN = timedelta(days=200)
Progress = Callable[[str, int, int], None]


def publish(
    data: Path, lesson: Path, slug: str, author: str | None = None, progress: Progress = lambda *_: None, *,
    staff: Path | None = None, keep_staff: bool = False, machine: str | None = None, system: datetime | None = None,
) -> Published:  # fmt: skip
    """Publish the lesson file as this school's lesson *slug*; ``show_own`` then shows it.

    *staff* is the lesson file of what goes with it for teachers only; what was there before is taken back without it, unless
    *keep_staff*. *machine*, *system*: this computer and its clock (UTC) unless given. Raises OtherMachine, RestoredBackup,
    NotFound, Busy, and what ``publishing.job.publish`` raises; in each case what was published stays as it was.
    """
    from edubox.publishing import job

    with lock(data / ".lock"):
        own, here = ready(data, machine)
        what = job.Publication(own.id, slug, lesson, author, deltas=False, staff=staff, keep_staff=keep_staff)
        with _by_this_machine():
            done = job.publish(what, identity.workplace(data), here, identity.now_on(data, system), progress)
        _remember_files(data, lesson)
    return done


def publish_again(
    data: Path, slug: str, version: int, *, machine: str | None = None, system: datetime | None = None
) -> Published:
    """Publish an older *version* of this school's lesson *slug* again, as a new one.

    Raises as ``publish``, and NotFound for a version that is not here any more.
    """
    from edubox.publishing import job

    with lock(data / ".lock"):
        own, here = ready(data, machine)
        with _by_this_machine():
            return job.publish_again(
                own.id, slug, version, identity.workplace(data), here, identity.now_on(data, system)
            )


def withdraw(
    data: Path, slug: str, *, machine: str | None = None, system: datetime | None = None
) -> Published:
    """Take this school's lesson *slug* back; what is for teachers only stays with them.

    Raises as ``publish``, and NotFound for a lesson that never was.
    """
    from edubox.publishing import job

    with lock(data / ".lock"):
        own, here = ready(data, machine)
        with _by_this_machine():
            return job.withdraw(own.id, slug, identity.workplace(data), here, identity.now_on(data, system))


def erase(data: Path, slug: str, *, machine: str | None = None, system: datetime | None = None) -> Erased:
    """Erase this school's lesson *slug*, all its versions; ``show.forget_erased`` then takes it from the pages.

    Signed by the box's own idea of the time: what a computer without a clock signs in 1970 has ended before
    anybody reads it. Raises as ``withdraw``.
    """
    from edubox.publishing import erase as erasing

    with lock(data / ".lock"):
        own, here = ready(data, machine)
        with _by_this_machine():
            done = erasing.erase(own.id, slug, identity.workplace(data), here, identity.now_on(data, system))
        offers.take_back(data, slug)
    return done


def renew(data: Path, *, machine: str | None = None, system: datetime | None = None) -> bool:
    """Sign again what ends within 200 days, so that a school that publishes once is not shown as old; say whether.

    Part of every synchronisation, so it never fails one: a computer that may not sign does nothing, and what
    is damaged is the doctor's to say. Raises NoRoom, Busy.
    """
    from edubox.trust.fetch import FolderFetch
    from edubox.trust.publisher import ends

    with lock(data / ".lock"):
        try:
            own, here = ready(data, machine)
            now = identity.now_on(data, system)
            if ends(FolderFetch(data / "mirror"), own.id) - now > RENEW_WITHIN:
                return False
            with identity.workplace(data).publisher(own.id) as repository:
                repository.change({}, repository.unlock(here), now)
        except (NotFound, NotTrusted, Unreachable):
            return False
    return True


@contextmanager
def _by_this_machine() -> Iterator[None]:
    """A key that does not open is one that another computer closed."""
    try:
        yield
    except WrongPassphrase:
        raise OtherMachine from None


def _remember_files(data: Path, lesson: Path) -> None:
    """Keep the lesson's list of files at once: a backup that is made before the lesson is shown needs its films too."""
    from edubox.pack.edpack import open_edpack
    from edubox.store.objects import put

    with open_edpack(lesson) as opened:
        put(data / "mirror", opened.manifest.id, opened.manifest.to_bytes())


def ready(data: Path, machine: str | None) -> tuple[Own, str]:
    """The box's identity and what this computer is called, if it may publish. Raises as ``publish``."""
    own, here = identity.read(data), machine or this_machine()
    own.ensure_ready(here)
    return own, here
