from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.pack.match import Matcher
from tests.pack.fuzzing import EXAMPLES

NOISE = random.Random(7).randbytes(400_000)


def copies(old, new, similar=None, bounds=None):
    with Matcher(old, bounds or (0, len(old))) as matcher:
        return list(matcher.copies(new, similar))


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_every_copy_is_true_in_order_and_inside_one_file(data):
    words = st.lists(st.sampled_from([NOISE[:30], NOISE[40:70], NOISE[:9], b"x", b""]), max_size=8).map(
        b"".join
    )
    files = data.draw(st.lists(words, min_size=1, max_size=4))
    old, new = b"".join(files), data.draw(words)
    bounds = [sum(len(one) for one in files[:count]) for count in range(len(files) + 1)]
    number = data.draw(st.integers(0, len(files) - 1))
    end = 0
    for copy in copies(old, new, (bounds[number], bounds[number + 1]), bounds):
        assert copy.at >= end
        assert new[copy.at : copy.at + copy.length] == old[copy.source : copy.source + copy.length]
        assert any(
            begin <= copy.source and copy.source + copy.length <= stop for begin, stop in pairwise(bounds)
        )
        end = copy.at + copy.length


def test_a_moved_paragraph_is_one_copy():
    (copy,) = copies(NOISE[:5000], b"new " + NOISE[1000:3000] + b" end")
    assert (copy.at, copy.source, copy.length) == (4, 1000, 2000)


def test_a_copy_of_a_few_hundred_bytes_is_found_after_a_large_new_part():
    old = NOISE[:20_000]
    new = NOISE[20_000:] + old[5000:5600] + b"tail"
    assert sum(copy.length for copy in copies(old, new)) == 600


def test_nothing_to_copy_from_is_no_copy():
    assert copies(b"", NOISE) == []
    assert copies(NOISE[:1000], b"") == []


def test_a_block_that_straddles_two_old_files_is_cut_or_left():
    old = NOISE[:60]
    found = copies(old, NOISE[20:48], None, (0, 25, 60))
    assert all(copy.source + copy.length <= 25 or copy.source >= 25 for copy in found)
