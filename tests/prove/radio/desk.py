"""What the desk asks of the system and what a stick brings: by the units that wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.prove.radio.box import Box
from tests.prove.radio.stick import TITLE

Tell = Callable[[str], None]
_SECONDS = 600
_DAY = 86_400
#: As the serving process leaves a request: its own user, its own file, in one step.
_ASK = "setpriv --reuid=edubox --regid=edubox --clear-groups sh -c 'umask 077; cd /run/edubox/ask && echo -n {} > .new && mv .new request'"

_IS_DONE = 'test ! -e /run/edubox/ask/request && test "$(systemctl show -P ActiveState edubox-ask.service)" = inactive && echo done'


def takes_a_stick(box: Box, stick: Path, tell: Tell) -> None:
    """A stick is mounted for the box alone, what it brings is read, and it may be pulled out."""
    began = time.monotonic()
    box.plug(stick)
    until = began + _SECONDS
    while TITLE not in (box.page("/fr/") or ""):
        assert time.monotonic() < until, box.ask("journalctl -b -n 40 --no-pager; mount | grep media")
        time.sleep(1)
    mounted = box.ask("findmnt -n -o OPTIONS /media/sda1")
    for option in ("nosuid", "nodev", "noexec", "uid=600"):
        assert option in mounted, mounted
    tell(f"a stick is plugged in: its lesson is read {time.monotonic() - began:.0f} s later")
    box.unplug()
    until = time.monotonic() + _SECONDS
    while box.ask("findmnt -n /media/sda1").strip():
        assert time.monotonic() < until, "the stick is still mounted"
        time.sleep(1)
    tell("pulled out, nothing of it stays")


def sets_the_clock(box: Box, tell: Tell) -> None:
    """The phone's time at the desk becomes the box's, within reason."""
    before = int(box.ask("date +%s"))
    for wished, wanted in ((before + _DAY, before + _DAY), (before - 3000 * _DAY, before + _DAY)):
        box.ask(_ASK.format(f"clock {wished}"))
        until = time.monotonic() + _SECONDS
        while "done" not in box.ask(_IS_DONE):
            assert time.monotonic() < until, box.ask(
                "systemctl status edubox-ask.path edubox-ask.service --no-pager"
            )
            time.sleep(1)
        now = int(box.ask("date +%s"))
        assert wanted <= now < wanted + _SECONDS, (before, wished, now)
    tell("the desk's request sets the clock a day on; eight years back it is left alone")


def switches_off(box: Box, tell: Tell) -> None:
    """The box switches itself off when the desk asks."""
    began = time.monotonic()
    box.ask(_ASK.format("poweroff"))
    box.wait_for_its_end()
    tell(f"asked to, the box switches itself off in {time.monotonic() - began:.0f} s")
