"""Which disks are cards, on many people's computers: what may be written, and the reason in words where not."""

from __future__ import annotations

import sys

import pytest

from edubox.errors import NotACard, OnlyOnLinux
from edubox.hardware.flash import disks
from tests.hardware.flash.machine import SD_HOST, USB, Machine, number_of

GB = 1_000_000_000


@pytest.fixture
def computer(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "ROOT", tmp_path)
    return Machine(tmp_path)


def told():
    return {disk.name: disk.refusal for disk in disks.find()}


def laptop(computer):
    """A laptop with an encrypted NVMe disk that the system runs from."""
    disk = computer.add("nvme0n1", 512 * GB, model="SAMSUNG", parts=["nvme0n1p1", "nvme0n1p2"])
    crypt = computer.add("dm-0", 500 * GB, bus="virtual")
    computer.hold(disk / "nvme0n1p2", "dm-0")
    computer.mount("/", "/dev/mapper/root", number_of(crypt))
    computer.mount("/boot/efi", "/dev/nvme0n1p1", number_of(disk / "nvme0n1p1"))
    return disk


def test_a_laptop_with_a_card_in_its_reader_and_one_by_usb(computer):
    laptop(computer)
    computer.add(
        "mmcblk0",
        32 * GB,
        bus="pci0000:00/rtsx_pci_sdmmc.0/mmc_host/mmc0/mmc0:59b4",
        kind="SD",
        parts=["mmcblk0p1"],
    )
    computer.add("sdb", 32 * GB, bus=USB, removable=True, model="STORAGE DEVICE")
    computer.add("loop0", GB, bus="virtual")
    computer.add("zram0", GB, bus="virtual")
    computer.add("sr0", GB, bus=USB, removable=True)
    assert told() == {"sdb": "", "mmcblk0": "", "nvme0n1": "this computer runs from it"}
    listed = {disk.name for disk in disks.find() if disk.removable}
    assert listed == {"sdb", "mmcblk0"}


def test_a_pi_that_runs_from_its_card_writes_one_in_a_usb_reader(computer):
    own = computer.add("mmcblk0", 32 * GB, bus=SD_HOST, kind="SD", parts=["mmcblk0p1", "mmcblk0p2"])
    computer.mount("/boot/firmware", "/dev/mmcblk0p1", number_of(own / "mmcblk0p1"))
    computer.mount("/", "/dev/root", number_of(own / "mmcblk0p2"))
    computer.add("sda", 16 * GB, bus=USB, removable=True)
    assert told() == {"sda": "", "mmcblk0": "this computer runs from it"}


def test_a_usb_disk_that_holds_the_system(computer):
    disk = computer.add("sda", 64 * GB, bus=USB, removable=True, parts=["sda1"])
    computer.mount("/", "/dev/sda1", number_of(disk / "sda1"))
    assert told() == {"sda": "this computer runs from it"}


def test_an_emmc_is_built_in_and_so_is_a_sata_disk(computer):
    computer.add("mmcblk1", 32 * GB, bus=SD_HOST, kind="MMC")
    computer.add("mmcblk1boot0", 4_194_304, bus=SD_HOST, kind="MMC")
    computer.add("sda", 500 * GB, bus="pci0000:00/ata1/host0")
    assert told() == {"sda": "it is built into this computer", "mmcblk1": "it is built into this computer"}


def test_a_mounted_card_says_where(computer):
    card = computer.add("sdc", 32 * GB, bus=USB, removable=True, parts=["sdc1"])
    computer.mount(r"/media/anna/MY\040CARD", "/dev/sdc1", number_of(card / "sdc1"))
    assert told()["sdc"] == "it is in use at /media/anna/MY CARD; leave that folder, then: umount /dev/sdc1"


def test_a_card_is_in_use_though_its_file_system_has_a_number_of_its_own(computer):
    computer.add("sdc", 32 * GB, bus=USB, removable=True, parts=["sdc1"])
    computer.mount("/mnt/b", "/dev/sdc1", "0:44")  # as btrfs does
    assert "/mnt/b" in told()["sdc"]


def test_swap_lvm_raid_and_encrypted_disks_are_left_alone(computer):
    swap = computer.add("sdb", GB, bus=USB, parts=["sdb1"])
    computer.swap("/dev/sdb1")
    held = computer.add("sdc", GB, bus=USB, parts=["sdc1"])
    computer.hold(held / "sdc1", "dm-3")
    for name, usage in (("sdd", "raid"), ("sde", "crypto"), ("sdf", "filesystem")):
        card = computer.add(name, GB, bus=USB, parts=[f"{name}1"])
        computer.udev(card / f"{name}1", usage)
    assert swap.exists()
    said = told()
    assert said["sdb"] == "this computer swaps memory to sdb1"
    assert said["sdc"] == "it is part of dm-3, which this computer has open"
    assert said["sdd"].startswith("sdd1 is part of a RAID, LVM or ZFS set")
    assert said["sde"].startswith("sde1 is part of an encrypted disk")
    assert said["sdf"] == ""


def test_an_encrypted_stick_whose_inside_is_mounted_says_so(computer):
    stick = computer.add("sdb", GB, bus=USB, parts=["sdb1"])
    inside = computer.add("dm-1", GB, bus="virtual")
    computer.hold(stick / "sdb1", "dm-1")
    computer.mount("/media/anna/secret", "/dev/mapper/luks-1", number_of(inside))
    assert "/media/anna/secret" in told()["sdb"]


def test_an_empty_slot_and_a_locked_card_say_what_they_are(computer):
    computer.add("sdb", 0, bus=USB, removable=True)
    computer.add("sdc", GB, bus=USB, removable=True, ro=True)
    assert told()["sdb"] == "there is no card in it"
    assert told()["sdc"].startswith("it is write-protected")


def test_names_come_in_the_order_of_the_slots(computer):
    for name in ("sdaa", "sdz", "sdb"):
        computer.add(name, GB, bus=USB)
    assert [disk.name for disk in disks.find()] == ["sdb", "sdz", "sdaa"]


def test_a_card_is_named_as_people_name_it(computer, tmp_path):
    computer.add("sdb", GB, bus=USB, parts=["sdb1"])
    (tmp_path / "by-id").symlink_to("/dev/sdb")
    for name in ("sdb", "/dev/sdb", str(tmp_path / "by-id")):
        assert disks.named(name).name == "sdb"
    with pytest.raises(NotACard, match="it is a partition; name the whole card, sdb"):
        disks.named("/dev/sdb1")
    with pytest.raises(NotACard, match="no such disk"):
        disks.named("/dev/sdq")


def test_a_name_that_has_come_to_mean_another_card_is_noticed(computer):
    folder = computer.add("sdb", GB, bus=USB)
    card = disks.named("sdb")
    assert disks.is_still(card)
    (folder / "diskseq").write_text("99\n")
    assert not disks.is_still(card)


def test_a_card_that_is_mounted_meanwhile_is_noticed(computer):
    folder = computer.add("sdb", GB, bus=USB)
    card = disks.named("sdb")
    computer.mount("/media/x", "/dev/sdb", number_of(folder))
    assert not disks.is_still(card)


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_are_sent_to_raspberry_pi_imager(computer, monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(OnlyOnLinux, match="Raspberry Pi Imager"):
        disks.find()
