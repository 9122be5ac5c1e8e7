"""A box with a radio, in QEMU: the image of a school as it is given to others, with the packages that a phone in the same guest needs.

The guest's kernel makes two radios that hear each other (mac80211_hwsim): the first is the box's, the second the phone's. What a person
does with hands, a cable pulled or a stick plugged in, is asked of QEMU over its own line.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.country import Country
from tests.prove.image import world
from tests.prove.image.machine import SHELL, Machine

#: Debian's names of what a phone runs, and of nothing that a box runs.
OF_THE_PHONE = ("busybox", "curl", "udhcpc", "wpasupplicant")
WIFI, PASSWORD = "Été au Moulin", "sardine-lune-42"
#: Two radios before anything of the box looks for one; and on a busy computer QEMU's clock is too late for a test of the kernel's.
RADIOS = "modules_load=mac80211_hwsim mac80211_hwsim.radios=2 no_timer_check"
#: Bytes of a line that a terminal takes whole.
_LINE = 1000
_SECONDS = 30


def school(folder: Path, country: Country, port: int) -> Path:
    """A ``school.toml`` for boxes that make a Wi-Fi."""
    recipe = world.recipe(folder, country, port, f"{SHELL} {RADIOS}", OF_THE_PHONE)
    with (folder / "edubox.toml").open("ab") as card:
        card.write(f'\r\n[wifi]\r\nname = "{WIFI}"\r\npassword = "{PASSWORD}"\r\nchannel = 6\r\n'.encode())
    return recipe


class Box(Machine):
    """A machine with the card *disk* whose second cable leads to the tap *cable* of this computer, with hardware address *mac*."""

    def __init__(self, disk: Path, cable: str, mac: str) -> None:
        self._hands = disk.with_suffix(".hands")
        more = (
            "-qmp", f"unix:{self._hands},server=on,wait=off", "-device", "qemu-xhci,id=usb",
            "-netdev", f"tap,id=cable,ifname={cable},script=no,downscript=no",
            "-device", f"virtio-net-pci,id=socket,netdev=cable,mac={mac}",
        )  # fmt: skip
        super().__init__(disk, more=more)

    def do(self, command: str, **arguments: object) -> object:
        """What QEMU answers to *command* of its protocol."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_SECONDS)
            line.connect(str(self._hands))
            with line.makefile("rw", encoding="utf-8") as said:
                said.readline()
                for one, given in (("qmp_capabilities", {}), (command, arguments)):
                    said.write(json.dumps({"execute": one, "arguments": given}) + "\n")
                    said.flush()
                    while "event" in (answer := json.loads(said.readline())):
                        pass
                    assert "return" in answer, answer
        return answer["return"]

    def plug(self, stick: Path) -> None:
        """Put the USB *stick* in."""
        self.do("blockdev-add", **{"driver": "raw", "node-name": "stick", "file": {"driver": "file", "filename": str(stick)}})  # fmt: skip
        self.do("device_add", driver="usb-storage", id="stick", drive="stick", removable=True)

    def unplug(self) -> None:
        """Pull the stick out."""
        self.do("device_del", id="stick")

    def cable_is(self, *, plugged: bool) -> None:
        """Plug the second cable in, or pull it out."""
        self.do("set_link", name="cable", up=plugged)

    def give(self, source: Path, place: str) -> None:
        """Write the file *source* to *place* in the guest, through the serial line."""
        text = base64.b64encode(source.read_bytes()).decode()
        self.ask(f": > {place}.b64")
        for at in range(0, len(text), _LINE):
            self.ask(f"printf %s {text[at : at + _LINE]} >> {place}.b64")
        self.ask(f"base64 -d {place}.b64 > {place}; chmod 755 {place}; rm {place}.b64")

    def since_power_on(self, uptime: float) -> float:
        """Seconds from power-on to the moment at which the guest's kernel had run for *uptime* seconds."""
        now = float(self.ask("cat /proc/uptime").split()[0])
        return time.monotonic() - self.began - now + uptime

    def network(self) -> dict:
        """What the box has found and decided of its network."""
        said = self.ask("edubox hotspot show --json")
        found: dict = json.loads(said[said.find("{") :])
        return found

    def wait_for_network(self, wanted: Callable[[dict], bool], seconds: float) -> dict:
        """The box's network when it is as *wanted*, which must be within *seconds*."""
        until = time.monotonic() + seconds
        while not wanted(found := self.network()):
            assert time.monotonic() < until, found
            time.sleep(3)
        return found

    def look_again(self) -> dict:
        """Have the box look at its cables now, as its timer does every two minutes; what it decided."""
        self.ask("systemctl start edubox-hotspot.service")
        return self.network()


@contextlib.contextmanager
def powered(disk: Path, cable: str, mac: str):
    """See Box; its power is cut behind the block."""
    machine = Box(disk, cable, mac)
    try:
        yield machine
    finally:
        machine.kill()
