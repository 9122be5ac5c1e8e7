"""Each board's file is whole, and what it switches on or off exists where it says."""

from __future__ import annotations

import pytest

from edubox.errors import NotFound
from edubox.hardware import boards
from edubox.hardware.files import hardware_folder


@pytest.mark.parametrize("name", boards.names())
def test_every_board_can_be_read(name):
    board = boards.read(name)
    assert board.loader in {boards.GRUB, boards.U_BOOT}
    assert "edubox-box.target" in board.enable
    assert not [package for package in board.packages if "ssh" in package], "nobody logs in from afar"


def test_an_unknown_board_is_answered_with_those_there_are():
    with pytest.raises(NotFound, match="pc-amd64, rpi-arm64"):
        boards.read("toaster")


def test_data_that_do_not_come_stop_no_start():
    for line in (hardware_folder() / "root/etc/fstab").read_text("utf-8").splitlines():
        assert line.startswith("#") or ("nofail" in line and "device-timeout=180s" in line)
