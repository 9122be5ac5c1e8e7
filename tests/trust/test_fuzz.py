"""Whatever a source or a hostile publisher sends: taken, or refused with an error of ours."""

from __future__ import annotations

import json
import os
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuf.api.metadata import Metadata

from edubox.errors import EduboxError
from edubox.trust.clock import Floor
from edubox.trust.record import parse
from tests.trust.repositories import PREFIX, Box, Publisher
from tests.trust.test_record import RECORD

FUZZ = settings(
    max_examples=int(os.environ.get("EDUBOX_FUZZ_EXAMPLES", "150")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
ROLES = ("root", "timestamp", "snapshot", "targets")
AUTHOR = Publisher()
AUTHOR.publish({"a.json": b"first"})
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([10**400, -(10**30), 2**63, 1.5, float("inf")]),
    st.sampled_from(["", "..", "../../x", "a" * 300, "\ud800", "\0", "2026-13-40T99:99:99Z", "9999-12-31T23:59:59Z"]),
    st.sampled_from([[], {}, [[]], {"": {}}, {"root.json": {"version": 1}}, {"sha256": ""}, ["ed25519"]]),
)  # fmt: skip


def path_of(role):
    return f"{PREFIX}/metadata/1.root.json" if role == "root" else AUTHOR.mirror.path(role)


def tried(mirror, folder, bootstrap):
    box = Box(folder, bootstrap)
    try:
        found = box.sync(mirror, "a.json", keep=False)
    except EduboxError:
        return
    assert found == {"a.json": b"first"}


@FUZZ
@given(
    role=st.sampled_from(ROLES),
    seed=st.integers(0, 2**32),
    how=st.sampled_from(["flip", "cut", "add", "repeat"]),
)
def test_fuzz_changed_bytes_never_change_what_is_believed(tmp_path, role, seed, how):
    mirror, source = AUTHOR.mirror.copy(), random.Random(seed)
    data = bytearray(mirror.files[path_of(role)])
    for _ in range(source.randrange(1, 4)):
        at = source.randrange(len(data))
        if how == "flip":
            data[at] ^= 1 << source.randrange(8)
        elif how == "cut":
            del data[at : at + source.randrange(1, 200)]
        elif how == "add":
            data[at:at] = source.randbytes(source.randrange(1, 20))
        else:
            data[at:at] = data[at : at + source.randrange(1, 200)]
        data = data or bytearray(b"x")
    mirror.files[path_of(role)] = bytes(data)
    bootstrap = mirror.files[path_of("root")]
    tried(mirror, tmp_path, bootstrap)


def places(value, here=()):
    yield here
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*here, key))


@FUZZ
@given(role=st.sampled_from(ROLES), pick=st.integers(0, 10**6), value=VALUES, drop=st.booleans())
def test_fuzz_a_hostile_publisher_can_sign_anything(tmp_path, role, pick, value, drop):
    author = Publisher()
    author.root, author.writer, author.mirror = AUTHOR.root, AUTHOR.writer, AUTHOR.mirror.copy()
    path = path_of(role)
    whole = json.loads(author.mirror.files[path])
    found = [place for place in places(whole["signed"]) if place]
    *way, last = found[pick % len(found)]
    inner = whole["signed"]
    for step in way:
        inner = inner[step]
    if drop:
        del inner[last]
    else:
        inner[last] = value
    data = json.dumps(whole).encode()
    try:  # signed as it is, if it can be: then the client has to look at every field
        metadata = Metadata.from_bytes(data)
        metadata.sign(author.root if role == "root" else author.writer)
        data = metadata.to_bytes()
    except Exception:  # noqa: BLE001 - what cannot be signed is sent unsigned
        pass
    author.mirror.files[path] = data
    if role == "snapshot":
        author.chain()
    try:
        found = Box(tmp_path, author.mirror.files[path_of("root")]).sync(author.mirror, "a.json", keep=False)
    except EduboxError:
        return
    assert found == {"a.json": b"first"}


@FUZZ
@given(data=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_fuzz_a_record_or_floor_is_read_or_refused(data):
    Floor.from_bytes(data)
    try:
        parse(data, RECORD.id)
    except EduboxError:
        pass


@FUZZ
@given(pick=st.integers(0, 10**6), value=VALUES)
def test_fuzz_a_record_with_another_field_is_read_or_refused(pick, value):
    whole = json.loads(RECORD.to_bytes())
    found = [place for place in places(whole) if place]
    *way, last = found[pick % len(found)]
    inner = whole
    for step in way:
        inner = inner[step]
    inner[last] = value
    data = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    try:
        parse(data, RECORD.id)
    except EduboxError:
        pass
