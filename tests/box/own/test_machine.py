"""Which computer this is: the same after a restart or with a new card, another one on another board."""

from __future__ import annotations

import pytest

from edubox.box.own.machine import this_machine


class Computer:
    """A file system as Linux shows a computer's parts."""

    def __init__(self, folder):
        self.folder = folder
        self.write("etc/machine-id", "0123456789abcdef\n")

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def card(self, name, address, kind="0", bus="pci0000:00/0000:00:1f.6", *, radio=False, device=True):
        self.write(f"sys/class/net/{name}/address", f"{address}\n")
        self.write(f"sys/class/net/{name}/addr_assign_type", f"{kind}\n")
        if radio:
            (self.folder / f"sys/class/net/{name}/wireless").mkdir()
        if device:
            place = self.folder / "sys/devices" / bus / name
            place.mkdir(parents=True)
            (self.folder / f"sys/class/net/{name}/device").symlink_to(place)
        return self

    @property
    def name(self):
        return this_machine(self.folder)


@pytest.fixture
def computer(tmp_path):
    return Computer(tmp_path / "computer")


def test_a_board_is_known_by_its_serial_number_whatever_card_it_has(computer):
    computer.write("proc/device-tree/serial-number", "10000000abcdef01\0").card("eth0", "dc:a6:32:00:00:01")
    first = computer.name
    computer.write("etc/machine-id", "another card has another one")
    assert computer.name == first
    assert "10000000abcdef01" in first


def test_a_pc_is_known_by_its_built_in_network_card(computer):
    computer.card("eno1", "aa:bb:cc:00:00:01").write("proc/device-tree/serial-number", "0000000000000000\0")
    first = computer.name
    computer.write("etc/machine-id", "reinstalled")
    computer.card("enx1", "00:00:00:00:00:01", bus="pci0000:00/0000:00:14.0/usb1/1-2")
    computer.card("wlan0", "00:00:00:00:00:02", radio=True)
    computer.card("eth1", "00:00:00:00:00:03", kind="3")
    computer.card("docker0", "00:00:00:00:00:04", device=False)
    assert computer.name == first == "network card aa:bb:cc:00:00:01"


def test_where_nothing_is_built_in_the_system_s_own_id_counts(computer, tmp_path):
    computer.card("eth0", "02:42:ac:11:00:02", device=False)
    other = Computer(tmp_path / "other").write("etc/machine-id", "fedcba")
    assert computer.name == "system 0123456789abcdef"
    assert other.name != computer.name


def test_a_computer_that_says_nothing_of_itself_still_has_a_name(tmp_path):
    assert this_machine(tmp_path)
    assert this_machine() == this_machine()
