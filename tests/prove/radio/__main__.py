"""Come in, read, plug, pull, wish: ``python -m tests.prove.radio [--package edubox.deb]``, as root."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.prove.image import world
from tests.prove.image.machine import put
from tests.prove.radio import box, building, desk, pupil, stick
from tests.prove.radio.cable import Cable, switch
from tests.prove.radio.phone import Phone

NEEDED = ("qemu-system-x86_64", "mmdebstrap", "dnsmasq", "busybox", "udhcpc", "curl", "ip", "sfdisk", "mkfs.vfat", "mcopy")  # fmt: skip
#: What a technician writes below: the last table of the card is [wifi].
WISH = 'open = true\n\n[ethernet]\nrole = "host"\n'
#: The hardware addresses of two boxes' second cables.
LOWER, HIGHER = "52:54:00:00:02:01", "52:54:00:00:02:02"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=Path)
    asked = parser.parse_args()
    missing = [one for one in NEEDED if not shutil.which(one)]
    if os.geteuid() != 0 or missing:
        sys.exit(f"as root, and with {', '.join(missing) or 'nothing more'}")
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="prove-radio-") as name,
        world.hub(Path(name)) as (country, port),
        switch() as cable,
    ):
        folder = Path(name)
        package = asked.package or world.package(folder / "package")
        image = folder / "box.img"
        world.make(box.school(folder / "school", country, port), image, package)
        tell("the image of a PC is made, with what a phone needs in it")
        play(image, cable, stick.make(folder / "stick", country), tell)


def play(image: Path, cable: Cable, plugged: Path, tell: pupil.Tell) -> None:
    """Every scene with boxes of *image*."""
    first, second = image.with_name("first.card"), image.with_name("second.card")
    for card in (first, second):
        put(image, card)
    with powered(first, cable) as here:
        first_day(here, cable, plugged, tell)
    building.change_card(first, WISH)
    with contextlib.ExitStack() as opened:
        router = opened.enter_context(contextlib.ExitStack())
        router.enter_context(cable.router())
        here = opened.enter_context(powered(first, cable))
        second_day(here, cable, tell)
        router.close()
        assert here.look_again()["cables"][building.OURS] == "host", here.network()
        tell("without the router it is the host, as it was told")
        other = opened.enter_context(powered(second, cable, HIGHER))
        other.wait_for("/", "html")
        other.wait_for_network(lambda now: now["cables"].get(building.OURS) == "guest", 120)
        building.two_boxes(here, other, cable, tell)
    tell("all of it is proven")


def first_day(here: box.Box, cable: Cable, plugged: Path, tell: pupil.Tell) -> None:
    """A new box: a pupil comes in over the air and a notebook over the cable, then what may happen to it."""
    tell(f"first page {here.wait_for('/', 'html'):.0f} s after power-on")
    tell(f"its own Wi-Fi {pupil.is_on_air(here):.0f} s after power-on")
    tell(f"the lesson that it fetched by itself {here.wait_for('/', world.TITLE):.0f} s after power-on")
    phone = Phone(here)
    pupil.comes_in(phone, tell)
    pupil.is_greeted(phone, tell)
    pupil.reads(phone, tell)
    building.serves_a_cable(here, cable, tell)
    pupil.box_says(here, tell)
    building.gives_way(here, cable, tell)
    desk.takes_a_stick(here, plugged, tell)
    desk.sets_the_clock(here, tell)
    desk.switches_off(here, tell)


def second_day(here: box.Box, cable: Cable, tell: pupil.Tell) -> None:
    """After somebody changed the card: an open Wi-Fi, and a wish that would do harm."""
    here.wait_for("/", world.TITLE)
    tell(f"with a changed card its Wi-Fi is there {pupil.is_on_air(here):.0f} s after power-on")
    building.wish_does_no_harm(here, cable, tell)
    phone = Phone(here)
    seconds, why = phone.join(box.WIFI, "")
    assert seconds is not None, why
    lease = phone.lease()
    tell(
        f"and open, as the card says: without a password a phone has {lease.address} after {seconds + lease.took:.1f} s"
    )


@contextlib.contextmanager
def powered(card: Path, cable: Cable, mac: str = LOWER):
    """A box with *card* in it, plugged into *cable*."""
    tap = f"ebox{os.getpid()}{mac[-1]}"
    with box.powered(card, tap, mac) as here:
        cable.plug(tap)
        yield here


if __name__ == "__main__":
    main()
