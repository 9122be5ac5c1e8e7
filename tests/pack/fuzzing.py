"""How inputs are broken for fuzzing, and how often.

``EDUBOX_FUZZ_EXAMPLES`` sets the number of examples of each fuzz test; ``make prove-fuzz`` sets 10,000.
"""

from __future__ import annotations

import copy
import os

from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("EDUBOX_FUZZ_EXAMPLES", "60"))

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.sampled_from([0, 1, 2**53, 9 << 20, 16 << 20]),
    st.text(max_size=20), st.sampled_from(["a" * 64, "a.html", "../x", "a.html.gz", "\ud800", "e\u0301", "2026-02-30T10:00Z", "PT1M"]),
)  # fmt: skip
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def mutated(draw, whole):
    """The JSON value *whole* with one to three of its places changed, removed, doubled or moved."""
    value = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(["change", "remove", "double", "copy", "add"]))
        if kind == "change":
            holder[key] = draw(json_values)
        elif kind == "remove":
            del holder[key]
        elif kind == "double" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif kind == "copy":
            other, place = draw(st.sampled_from(places))
            if place in (other if isinstance(other, dict) else range(len(other))):
                holder[key] = copy.deepcopy(other[place])
        elif isinstance(holder, dict):
            holder[
                draw(
                    st.text(max_size=10) | st.sampled_from(["media", "pieces", "from", "withdrawn", "items"])
                )
            ] = draw(json_values)
    return value


def _places(value):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield value, key
        yield from _places(item)


@st.composite
def broken(draw, data: bytes):
    """*data* with one to five stretches set, cut, inserted or copied."""
    raw = bytearray(data)
    for _ in range(draw(st.integers(1, 5))):
        if not raw:
            break
        at = draw(st.integers(0, len(raw) - 1))
        kind = draw(st.sampled_from(["set", "flip", "cut", "insert", "copy", "end"]))
        if kind == "set":
            raw[at] = draw(st.integers(0, 255))
        elif kind == "flip":
            raw[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del raw[at : at + draw(st.integers(1, 40))]
        elif kind == "insert":
            raw[at:at] = draw(st.binary(max_size=20))
        elif kind == "copy":
            other = draw(st.integers(0, len(raw) - 1))
            raw[at : at + 8] = raw[other : other + 8]
        else:
            del raw[at:]
    return bytes(raw)
