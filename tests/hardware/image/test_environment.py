"""Nobody stops U-Boot by a key: what it is told instead of what Debian built into it, and that nothing else of that is lost.

That a key then does nothing is tried with the real U-Boot by ``make prove-image-arm64``.
"""

from __future__ import annotations

import zlib

import pytest

from edubox.errors import BadImage
from edubox.hardware.files import hardware_folder
from edubox.hardware.image.environment import SIZE, built_in, environment

#: As it lies in Debian's u-boot-rpi, between other texts of the program.
BUILT_IN = b"Error: no bootcmd=\n\0\0bootcmd=bootflow scan\0bootdelay=2\0baudrate=115200\0preboot=pci enum; usb start;\0stdin=serial,usbkbd\0stdout=serial,vidconsole\0kernel_addr_r=0x00080000\0\0more\0"
OURS = (hardware_folder() / "boot" / "environment.txt").read_text("ascii")


@pytest.fixture
def loader(tmp_path):
    path = tmp_path / "u-boot.bin"
    path.write_bytes(bytes(600) + BUILT_IN + bytes(600))
    return path


def told(data):
    """What U-Boot would take from the file: nothing if the checksum does not fit."""
    assert len(data) == SIZE
    assert int.from_bytes(data[:4], "little") == zlib.crc32(data[4:])
    return dict(one.decode().split("=", 1) for one in data[4:].partition(b"\0\0")[0].split(b"\0"))


def test_no_key_stops_it_and_nothing_but_the_card_is_started(loader):
    values = told(environment(loader, OURS))
    assert values["bootdelay"] == "-2", "-2 looks for no key; 0 still would"
    assert values["stdin"] == "nulldev", "Ctrl-C would end the script, and leave a shell"
    assert "preboot" not in values
    assert "load mmc 0:1 ${scriptaddr} boot.scr && source ${scriptaddr}" in values["bootcmd"]
    assert values["bootcmd"].endswith("; reset"), "it never ends in a shell"
    assert "bootflow" not in values["bootcmd"]


def test_all_else_stays_as_debian_built_it(loader):
    values = told(environment(loader, OURS))
    built = built_in(loader)
    assert values["stdout"] == built["stdout"] == "serial,vidconsole", "what it says is still seen"
    assert {name for name in built if values.get(name) != built[name]} == {"bootcmd", "bootdelay", "stdin", "preboot"}  # fmt: skip
    assert values.keys() <= built.keys()


def test_the_same_loader_makes_the_same_bytes(loader):
    assert environment(loader, OURS) == environment(loader, OURS)


@pytest.mark.parametrize(
    "program", [b"", b"\0bootdelay=2\0\0", b"xx bootcmd=\xff\0bootdelay=2\0\0", bytes(2000)]
)
def test_another_kind_of_loader_is_no_image(tmp_path, program):
    path = tmp_path / "u-boot.bin"
    path.write_bytes(program)
    with pytest.raises(BadImage, match="cannot be read out of it"):
        environment(path, OURS)


def test_one_that_does_not_fit_is_no_image(loader):
    with pytest.raises(BadImage, match="takes more than"):
        environment(loader, OURS + f"more={'x' * SIZE}\n")


def test_grub_has_no_menu_to_wait_in_and_no_line_to_end_in():
    rules = (hardware_folder() / "boot" / "grub.cfg").read_text("ascii")
    lines = [line.strip() for line in rules.splitlines() if line.strip() and not line.startswith("#")]
    assert not [line for line in lines if line.startswith(("menuentry", "set timeout", "submenu", "read"))]
    assert "--interruptible" not in rules
    assert lines[-1] == "reboot"
