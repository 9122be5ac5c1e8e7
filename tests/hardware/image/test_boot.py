"""What U-Boot is given on a Pi fits where its script puts it: nothing says a word on hardware when it does not."""

from __future__ import annotations

import re

import pytest

from edubox.errors import BadImage
from edubox.hardware.files import hardware_folder
from edubox.hardware.image import boot, layout

#: U-Boot moves a kernel up to the next multiple of this.
STEP = 2 * layout.MB
#: The smallest Pi has 512 MiB, of which U-Boot takes the end and the screen a part.
MEMORY = 440 * layout.MB


def kernel(folder, size, mark=b"ARMd"):
    path = folder / "vmlinuz"
    path.write_bytes(bytes(16) + size.to_bytes(8, "little") + bytes(32) + mark)
    return path


def test_debians_kernel_fits(tmp_path):
    boot.check_kernel(kernel(tmp_path, 37 * layout.MB))


def test_a_kernel_that_would_reach_into_what_lies_behind_it_is_refused(tmp_path):
    with pytest.raises(BadImage, match="leaves it"):
        boot.check_kernel(kernel(tmp_path, boot.KERNEL_ROOM + 1))


@pytest.mark.parametrize("mark", [b"\0\0\0\0", b""])
def test_a_compressed_kernel_or_half_a_one_is_refused(tmp_path, mark):
    with pytest.raises(BadImage, match="no kernel that U-Boot can start"):
        boot.check_kernel(kernel(tmp_path, layout.MB, mark))


def test_the_script_leaves_a_kernel_its_room_and_a_first_file_system_too():
    script = (hardware_folder() / "boot" / "boot.cmd").read_text("ascii")
    places = {
        name: int(number, 16)
        for name, number in re.findall(r"setexpr (\w+) \$\{kernel_addr_r\} \+ (\w+)", script)
    }
    assert places["tree_addr"] >= boot.KERNEL_ROOM + STEP
    (length,) = re.findall(r"fdt move \$\{fdtcontroladdr\} \$\{tree_addr\} (\w+)", script)
    assert places["tree_addr"] + int(length, 16) <= places["first_addr"]
    assert MEMORY - places["first_addr"] >= 128 * layout.MB
    assert "ramdisk_addr_r" not in script, "U-Boot's own place lies right behind a kernel of 37 MiB"
