"""One card: what is on it afterwards, whatever went wrong."""

from __future__ import annotations

import os
import signal

import pytest

from edubox.errors import BadInput, CardTooSmall, UnfinishedCard, WornOutCard
from edubox.hardware.flash.image import CHUNK, open_image
from edubox.hardware.flash.writing import write_card
from tests.hardware.flash import images
from tests.hardware.flash.devices import FaultyDevice, MemoryDevice

MIB = images.MIB
SIZE = 20 * MIB


@pytest.fixture
def made(tmp_path):
    """The bytes of an image, and the image opened."""
    data = images.image(tmp_path / "box.img")
    with open_image(tmp_path / "box.img") as image:
        yield data, image


def starts(device):
    """Whether a computer would find anything to start from."""
    return any(device.bytes[:512])


def test_all_that_matters_is_on_the_card(made):
    data, image = made
    card = MemoryDevice(SIZE)
    done = write_card(card, image, {})
    second = slice(9 * MIB, 12 * MIB)  # of the empty system only the first mebibyte is made empty
    assert card.bytes[: second.start] == data[: second.start]
    assert card.bytes[second.stop : len(data)] == data[second.stop :]
    assert card.bytes[second] == b"\xa5" * (second.stop - second.start)
    assert done.mended == 0


def test_nothing_is_written_where_image_and_card_are_zero(made):
    data, image = made
    card = MemoryDevice(SIZE, filled=b"\0")
    done = write_card(card, image, {})
    assert card.bytes[: len(data)] == data
    assert done.zero >= 5
    touched = {offset for offset, _ in card.writes}
    assert not touched & {3 * MIB, 4 * MIB, 7 * MIB, 8 * MIB, 13 * MIB}


def test_the_first_mebibyte_comes_last(made):
    _, image = made
    card = MemoryDevice(SIZE)
    write_card(card, image, {})
    offsets = [offset for offset, _ in card.writes]
    assert offsets[0] == 0
    assert offsets[-1] == 0
    assert offsets.count(0) == 2


def test_sectors_of_its_own_are_laid_over_the_image_and_checked(made):
    data, image = made
    card = FaultyDevice(SIZE, flips={2 * MIB + 512: 1, 10 * MIB: 1})
    over = {2 * MIB + 512: b"x" * 512, 10 * MIB: b"y" * 512, 512: b"z" * 512}
    done = write_card(card, image, over)
    for offset, sector in over.items():
        assert card.bytes[offset : offset + 512] == sector
    assert card.bytes[5 * MIB : 8 * MIB] == data[5 * MIB : 8 * MIB]
    assert done.mended == 2


def test_a_card_too_small_is_not_touched(made):
    _, image = made
    card = MemoryDevice(images.LAYOUT[-1] * MIB - 4096)
    with pytest.raises(CardTooSmall, match="Take a larger card"):
        write_card(card, image, {})
    assert not card.writes


def test_a_card_as_large_as_the_image_will_do(made):
    data, image = made
    card = MemoryDevice(len(data), filled=b"\0")
    write_card(card, image, {})
    assert card.bytes == data


@pytest.mark.parametrize("fault", ["bad", "flips"])
def test_what_fails_once_is_written_again(made, fault):
    data, image = made
    card = FaultyDevice(SIZE, **{fault: {6 * MIB + 77: 1}})
    write_card(card, image, {})
    assert card.bytes[: 9 * MIB] == data[: 9 * MIB]


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"bad": {6 * MIB: 99}}, "cannot be written at 6 MiB"),
        ({"flips": {6 * MIB + 5: 99}}, "does not keep what is written to it, at 6 MiB"),
        ({"unreadable": {6 * MIB + 5}}, "does not keep what is written to it, at 6 MiB"),
        ({"real": 16 * MIB}, "holds less than its label says"),
        ({"real": 10 * MIB}, "holds less than its label says|does not keep"),
    ],
)
def test_a_bad_card_is_named_and_nothing_starts_from_it(made, faults, said):
    _, image = made
    card = FaultyDevice(32 * MIB, **faults)
    with pytest.raises(WornOutCard, match=said) as error:
        write_card(card, image, {})
    assert "Throw it away" in str(error.value)
    assert not starts(card)


def test_a_first_mebibyte_that_does_not_stay_is_taken_away_again(made):
    data, image = made
    card = FaultyDevice(SIZE)
    # From the end on it keeps a flipped bit, twice.
    card.at_write = lambda number: card.flips.update(
        {300: 2} if number > 9 and not card.writes[-1][0] < MIB else {}
    )
    with pytest.raises(WornOutCard, match="at 0 MiB"):
        write_card(card, image, {})
    assert not starts(card)
    assert data[:440] != bytes(440)


def test_a_worn_out_card_that_can_only_be_read_is_named(made):
    _, image = made
    with pytest.raises(WornOutCard, match="can only be read"):
        write_card(FaultyDevice(SIZE, read_only=True), image, {})


@pytest.mark.parametrize("after", [1, 2, 5, 11, 14])
def test_a_card_pulled_at_any_moment_starts_nowhere(made, after):
    _, image = made
    card = FaultyDevice(SIZE, gone_after=after)
    with pytest.raises(UnfinishedCard, match="pulled out"):
        write_card(card, image, {})
    assert not starts(card)


def test_somebody_who_stops_it_gets_a_card_that_starts_nowhere(made):
    _, image = made
    card = MemoryDevice(SIZE)
    with pytest.raises(UnfinishedCard, match="you stopped"):
        write_card(card, image, {}, stopped=lambda: len(card.writes) > 7)
    assert not starts(card)
    assert any(card.bytes[MIB : 8 * MIB])


@pytest.mark.parametrize("number", [3, 9, 12])
def test_a_kill_while_writing_leaves_a_card_that_starts_nowhere(made, tmp_path, number):
    _, image = made
    path = tmp_path / "card"
    child = os.fork()
    if not child:

        def killed(now):
            path.write_bytes(card.bytes)
            if now == number:
                os.kill(os.getpid(), signal.SIGKILL)

        card = FaultyDevice(SIZE, at_write=killed)
        write_card(card, image, {})
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not any(path.read_bytes()[:MIB])


def test_an_image_that_changes_meanwhile_is_noticed(made, tmp_path):
    _, image = made

    def show(step, done, total):
        if step == "checking" and done == total:
            os.utime(tmp_path / "box.img", ns=(1, 1))

    card = MemoryDevice(SIZE)
    with pytest.raises(BadInput, match="was changed while it was written"):
        write_card(card, image, {}, show)
    assert not starts(card)


def test_progress_goes_up_to_the_end(made):
    _, image = made
    seen = []
    write_card(MemoryDevice(SIZE), image, {}, lambda *step: seen.append(step))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1] == seen[-1][2] == 2 * CHUNK * len(image.places)
    assert [step for step, *_ in seen][:1] + [step for step, *_ in seen][-1:] == ["erasing", "checking"]
