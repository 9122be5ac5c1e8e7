"""One suite for both carriers: cut anywhere, damaged in any way, there is the old state or the new one."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import FailedSlot, NotFound
from edubox.hardware.slots import carriers, copies, grub, state, uboot
from edubox.hardware.slots.copies import State
from tests.hardware.slots.carriers import CARRIERS, Cut, loader

STATES = [State("a", "", 0, 7), State("b", "a", 1, 999_999_998), State("a", "b", 0, 1), State("a", "b", 2, 5)]


@pytest.fixture(params=["files", "sectors"])
def carrier(request, tmp_path):
    """A real carrier of each kind, on a real disk."""
    if request.param == "files":
        return grub.Files(tmp_path)
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(1024 * 1024))
    return uboot.Sectors(disk)


@pytest.fixture(params=CARRIERS)
def card(request):
    """A card of each kind that can be cut."""
    return CARRIERS[request.param]()


def test_nothing_written_yet_is_slot_a(carrier):
    assert copies.load(carrier) == (State("a"), None)


@pytest.mark.parametrize("wanted", STATES)
def test_what_is_written_is_read(carrier, wanted):
    carrier.write(0, copies.values_of(wanted))
    assert copies.load(carrier) == (wanted, 0)


def test_one_copy_is_written_at_a_time_and_the_other_stays(carrier):
    copies.keep(carrier, "a")
    counted = copies.load(carrier)[1]
    before = carrier.read(counted)
    copies.propose(carrier, "b")
    assert carrier.read(counted) == before
    assert copies.load(carrier)[0].starts == "b"


def test_a_second_copy_that_is_damaged_comes_back(carrier):
    copies.keep(carrier, "b")
    assert all(carrier.read(copy) for copy in copies.COPIES)


def test_the_good_slot_cannot_be_tried(carrier):
    copies.propose(carrier, "b")
    assert copies.propose(carrier, "a").trying == ""


@pytest.mark.parametrize(
    "change", [lambda c: copies.propose(c, "b"), lambda c: copies.keep(c, "b"), copies.spend, copies.mend]
)
@pytest.mark.parametrize("damaged", [None, 0, 1])
def test_cut_at_any_sector_there_is_the_old_state_or_the_new_one(card, change, damaged):
    for copy, before in enumerate(STATES[:2] if damaged else STATES[1::-1]):
        card.write(copy, copies.values_of(replace(before, seq=8 if before == STATES[0] else 7)))
    assert copies.load(card)[0].good == "a", "the copy that does not count says something else"
    if damaged is not None:
        card.places[damaged] = os.urandom(len(card.places[damaged]))
    whole = card.clone()
    change(whole)
    old, new = (copies.load(one)[0] for one in (card, whole))
    for left in range(20):
        cut = card.clone()
        cut.left = left
        try:
            change(cut)
        except Cut:
            now = copies.load(cut)[0]
            assert (now.good, now.trying, now.left) in {
                (one.good, one.trying, one.left) for one in (old, new)
            }
        else:
            return
    pytest.fail("it never ended")


@pytest.mark.parametrize("tries", [2, 1])
def test_cut_while_the_loader_takes_a_try_away_it_is_there_or_not_and_never_damaged(card, tries):
    copies.keep(card, "a")
    copies.propose(card, "b")
    for _ in range(2 - tries):
        loader(card, edits=card.edits)
    for left in range(5):
        cut = card.clone()
        cut.left = left
        try:
            loader(cut, edits=card.edits)
        except Cut:
            assert copies.load(cut)[0].good == "a"
            assert copies.load(cut)[0].left in {tries, tries - 1}
        else:
            assert copies.load(cut)[0].left == tries - 1
            return


def test_a_new_system_that_never_says_anything_is_started_twice(card):
    copies.keep(card, "a")
    copies.propose(card, "b")
    assert [loader(card, edits=card.edits) for _ in range(4)] == ["b", "b", "a", "a"]


def test_a_new_system_that_does_not_work_is_started_no_more(card):
    copies.keep(card, "a")
    copies.propose(card, "b")
    assert loader(card, edits=card.edits) == "b"
    copies.spend(card)
    assert loader(card, edits=card.edits) == "a"


def test_a_worn_card_that_takes_writes_and_keeps_none_starts_what_is_good(card):
    copies.keep(card, "a")
    copies.propose(card, "b")
    card.worn = True
    assert [loader(card, edits=card.edits) for _ in range(3)] == ["a"] * 3
    with pytest.raises(FailedSlot):
        copies.keep(card, "b")


@given(st.binary(max_size=1100))
def test_fuzz_whatever_lies_there_is_a_state_or_none(data):
    for parse in (grub.parse, uboot.parse):
        assert copies.choose({0: parse(data), 1: parse(data[::-1])})[0].good in {"a", "b"}


@given(st.data(), st.sampled_from(STATES))
def test_fuzz_a_block_with_a_wrong_byte_says_nothing_or_the_same(data, wanted):
    for kind in (grub, uboot):
        block = bytearray(kind.block(copies.values_of(wanted)))
        at = data.draw(st.integers(0, len(block) - 1))
        block[at] ^= data.draw(st.integers(1, 255))
        assert copies.choose({0: kind.parse(bytes(block))})[0] in (State(), wanted)


@pytest.mark.parametrize("said", [
    {"seq": "0"}, {"seq": "-1"}, {"seq": "1" * 10}, {"seq": "٣"}, {"good": "c"}, {"good": ""}, {"try": "a"}, {"try": "c"}, {"left": "3"},
    {"left": ""},
])  # fmt: skip
def test_a_value_that_is_none_makes_the_copy_worthless(said):
    assert copies.choose({0: {"seq": "9", "good": "a", "try": "b", "left": "1", **said}}) == (State(), None)


def test_a_link_or_a_pipe_in_place_of_a_file_is_no_copy(tmp_path):
    (tmp_path / "edubox").mkdir()
    (tmp_path / "real").write_bytes(grub.block(copies.values_of(STATES[0])))
    (tmp_path / grub.NAMES[0]).symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / grub.NAMES[1])
    assert copies.load(grub.Files(tmp_path)) == (State(), None)


def test_a_block_is_edited_where_it_stands(tmp_path):
    files = grub.Files(tmp_path)
    files.write(0, copies.values_of(STATES[0]))
    before = (tmp_path / grub.NAMES[0]).stat()
    files.write(0, copies.values_of(STATES[1]))
    after = (tmp_path / grub.NAMES[0]).stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size) == (after.st_ino, 1024)


def test_what_changes_lies_in_one_sector():
    assert set(grub.block(copies.values_of(STATES[1]))[512:]) == {ord("#")}


def test_the_state_is_found_by_where_the_boot_partition_is(tmp_path):
    with pytest.raises(NotFound):
        state.read(tmp_path)
    (tmp_path / "edubox").mkdir()
    (tmp_path / carriers.RULES).write_text("")
    state.propose(tmp_path, "b")
    assert state.read(tmp_path).starts == "b"
    state.keep(tmp_path, "b")
    assert (state.read(tmp_path).good, state.read(tmp_path).trying) == ("b", "")


def test_a_card_of_u_boot_is_no_folder_of_a_disk_that_is_not_a_partition(tmp_path, monkeypatch):
    (tmp_path / carriers.SCRIPT).write_bytes(b"")
    monkeypatch.setattr(carriers, "_DEVICES", tmp_path / "sys")
    with pytest.raises(NotFound):
        carriers.of(tmp_path)


def test_a_card_of_u_boot_is_the_disk_around_its_partition(tmp_path, monkeypatch):
    (tmp_path / carriers.SCRIPT).write_bytes(b"")
    number = tmp_path.stat().st_dev
    partition = tmp_path / "sys" / "mmcblk0" / "mmcblk0p1"
    partition.mkdir(parents=True)
    (partition / "partition").write_text("1")
    (tmp_path / "sys" / f"{os.major(number)}:{os.minor(number)}").symlink_to(partition)
    monkeypatch.setattr(carriers, "_DEVICES", tmp_path / "sys")
    assert str(carriers.of(tmp_path).disk) == "/dev/mmcblk0"
