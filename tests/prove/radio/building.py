"""The cables of a school: a notebook behind an access point, a router that starts late, a second box, a wish that would do harm."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from edubox.hardware.image.layout import partitions
from tests.prove.image import world
from tests.prove.radio.box import Box
from tests.prove.radio.cable import ROUTER, Cable
from tests.prove.radio.pupil import OWN

Tell = Callable[[str], None]
#: The box's first cable leads to QEMU's own network, which gives addresses; the second one to our switch.
GIVEN, OURS = "enp0s2", "enp0s4"
#: Seconds within which the timer looks again, the looking included, here where nothing is fast.
_TIMER = 600
#: Where a second box goes when the first one has everyone's address.
SECOND = "10.143.77.1"


def serves_a_cable(box: Box, cable: Cable, tell: Tell) -> None:
    """On the school's network a guest, and host of a cable on which nobody else gives addresses: both at once, with the Wi-Fi."""
    assert box.network()["cables"] == {GIVEN: "guest", OURS: "host"}, box.network()
    address, server = cable.lease()
    assert (address.startswith("10.87.3."), server) == (True, OWN), (address, server)
    page = cable.opened(f"http://{OWN}/")
    assert (world.TITLE in page, page[-3:]) == (True, "200"), page
    tell(
        f"a notebook on its other cable gets {address} and reads the same lessons; {GIVEN} stays a guest of the network there"
    )


def gives_way(box: Box, cable: Cable, tell: Tell) -> None:
    """A router that starts late finds the box gone from its network; back without it once the cable was pulled."""
    with cable.router():
        began = time.monotonic()
        found = box.wait_for_network(lambda now: now["cables"][OURS] == "guest", _TIMER)
        assert (found["wifi"], found["address"]) != ("", ""), found
        tell(
            f"a router starts on that cable: by its own timer the box gives way, {time.monotonic() - began:.0f} s later"
        )
        address, server = cable.lease()
        assert server == str(ROUTER.ip), (address, server)
        assert OURS not in box.ask("bridge link"), "the cable is still a port of the box's network"
        tell(f"the notebook gets {address} from the router, the Wi-Fi goes on")
        assert box.look_again()["cables"][OURS] == "guest"
    assert box.look_again()["cables"][OURS] == "guest", "a router that starts again must find the box a guest"
    box.cable_is(plugged=False)
    assert box.look_again()["cables"][OURS] == "unplugged"
    box.cable_is(plugged=True)
    assert box.look_again()["cables"][OURS] == "host"
    tell(
        "a router that is silent for a while changes nothing; a cable that was pulled out and is alone is served again"
    )


def change_card(card: Path, text: str) -> None:
    """Write *text* below what ``edubox.toml`` on *card* says, as a technician does on another computer."""
    boot = next(one for one in partitions() if one.name == "boot")
    image = f"{card}@@{boot.start}"
    saved = card.with_suffix(".toml")
    subprocess.run(["mcopy", "-n", "-o", "-i", image, "::/edubox.toml", saved], check=True)
    with saved.open("ab") as handle:
        handle.write(text.replace("\n", "\r\n").encode())
    subprocess.run(["mcopy", "-o", "-i", image, saved, "::/edubox.toml"], check=True)


def wish_does_no_harm(box: Box, cable: Cable, tell: Tell) -> None:
    """Told to be the host, it is one only where nobody else is, and says what to do."""
    found = box.network()
    assert found["cables"][OURS] == "guest", found
    for words in (
        f"{OURS} was to be the host, but {ROUTER.ip} ",
        "Switch DHCP off in that device, or take its cable out.",
    ):
        assert any(words in sentence for sentence in found["wrong"]), found
    doctor = box.ask("edubox doctor --data /data/edubox")
    assert f"{OURS} was to be the host" in doctor, doctor
    address, server = cable.lease()
    assert server == str(ROUTER.ip), (address, server)
    sentence = next(one for one in found["wrong"] if one.startswith(OURS))
    tell(f"told to be the host where a router is: {sentence}")


def two_boxes(first: Box, second: Box, cable: Cable, tell: Tell) -> None:
    """A second box on the cable of one that serves comes to it as a guest, and its Wi-Fi has another address."""
    found = second.network()
    assert (found["cables"][OURS], found["address"]) == ("guest", SECOND), found
    assert any(f"{OWN} is taken" in sentence for sentence in found["wrong"]), found
    found = first.look_again()
    assert (found["cables"][OURS], found["address"]) == ("host", OWN), found
    address, server = cable.lease()
    assert server == OWN, (address, server)
    tell(
        f"a second box on the same cable is a guest of the first one and {SECOND} in its own Wi-Fi; the notebook has {address}"
    )
