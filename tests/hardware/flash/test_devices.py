"""One suite for all that is called a Device: the real one, on a file, and those that the other tests write to."""

from __future__ import annotations

import os

import pytest

from edubox.hardware.flash.device import BLOCK, BlockDevice, buffer
from tests.hardware.flash.devices import FaultyDevice, MemoryDevice

SIZE = 64 * BLOCK


@pytest.fixture(params=["block", "memory", "faulty"])
def device(request, tmp_path):
    if request.param == "block":
        with (tmp_path / "sdx").open("wb") as out:
            out.truncate(SIZE)
        made = BlockDevice(tmp_path / "sdx")
    else:
        made = {"memory": MemoryDevice, "faulty": FaultyDevice}[request.param](SIZE)
    yield made
    made.close()


def put(device, offset, data):
    held = buffer(len(data))
    held[:] = data
    device.write(offset, memoryview(held))


def get(device, offset, size):
    held = buffer(size)
    device.read(offset, memoryview(held))
    return held[:]


def test_what_was_written_and_flushed_is_read(device):
    data = os.urandom(3 * BLOCK)
    put(device, 5 * BLOCK, data)
    device.flush()
    assert get(device, 5 * BLOCK, 3 * BLOCK) == data
    assert get(device, 6 * BLOCK, BLOCK) == data[BLOCK : 2 * BLOCK]


def test_what_lies_beside_it_stays(device):
    put(device, 0, b"a" * SIZE)
    put(device, BLOCK, b"b" * BLOCK)
    device.flush()
    assert get(device, 0, SIZE) == b"a" * BLOCK + b"b" * BLOCK + b"a" * (SIZE - 2 * BLOCK)


def test_it_says_its_name_and_size(device):
    assert (device.name, device.size) == ("sdx", SIZE)


def test_beyond_the_end_is_an_error(device):
    with pytest.raises(OSError, match=r"\w"):
        get(device, SIZE - BLOCK, 2 * BLOCK)


def test_it_may_be_closed_twice(device):
    device.discard()
    device.close()
    device.close()


def test_a_file_that_vanished_is_told_as_gone(tmp_path):
    path = tmp_path / "sdy"
    path.write_bytes(bytes(SIZE))
    with path.open("r+b") as shrinking:
        device = BlockDevice(path)
        path.unlink()
        shrinking.truncate(0)
        with pytest.raises(OSError, match="No such device"):
            get(device, 0, BLOCK)
    device.close()
