"""One bin of records by itself: what a verified mirror says of it."""

from __future__ import annotations

import json
import re

import pytest

from edubox.trust.delegated import vouched
from edubox.trust.named import timestamp_path
from tests.sync.country import Country


@pytest.fixture
def country(tmp_path):
    return Country(tmp_path / "country")


def newest(country, role):
    folder = country.mirror / "directory" / "metadata"
    return max(folder.glob(f"*.{role}.json"), key=lambda path: int(path.name.split(".")[0]))


def test_what_the_role_above_signed_in_the_version_that_the_snapshot_names_is_vouched_for(country):
    assert vouched(country.mirror, "directory", "ministry", newest(country, "ministry").read_bytes())
    full = [
        role
        for role in ("ministry-bin-0", "ministry-bin-1")
        if json.loads(newest(country, role).read_bytes())["signed"]["targets"]
    ]
    assert full
    for role in full:
        assert vouched(country.mirror, "directory", role, newest(country, role).read_bytes())


def test_an_empty_bin_is_vouched_for_by_nobody_since_it_could_be_another_one(country):
    for role in ("ministry-bin-0", "ministry-bin-1"):
        data = newest(country, role).read_bytes()
        if not json.loads(data)["signed"]["targets"]:
            assert not vouched(country.mirror, "directory", role, data)


def test_another_version_signature_or_role_is_not(country):
    [(full, data)] = [
        (role, newest(country, role).read_bytes()) for role in ("ministry-bin-0", "ministry-bin-1")
        if json.loads(newest(country, role).read_bytes())["signed"]["targets"]
    ]  # fmt: skip
    other = {"ministry-bin-0": "ministry-bin-1", "ministry-bin-1": "ministry-bin-0"}[full]
    signature = json.loads(data)["signatures"][0]["sig"].encode()
    wrong = [
        data.replace(signature, b"00" * 64), re.sub(rb'"version":\s*\d+', b'"version": 1', data), b"", b"{}", b"[" * 100_000,
        newest(country, other).read_bytes(), newest(country, "ministry").read_bytes(),
    ]  # fmt: skip
    for one in wrong:
        assert not vouched(country.mirror, "directory", full, one), one[:80]
    assert not vouched(country.mirror, "directory", other, data)
    assert not vouched(country.mirror, "directory", "ministry", data)
    for role in ("nobody", "ministry-bin-ff", "other-bin-0", "root", "snapshot"):
        assert not vouched(country.mirror, "directory", role, data)


def test_nothing_is_vouched_for_where_nothing_is_kept(country, tmp_path):
    data = newest(country, "ministry").read_bytes()
    assert not vouched(tmp_path, "directory", "ministry", data)
    (country.mirror / timestamp_path("directory")).write_bytes(b"rubbish")
    assert not vouched(country.mirror, "directory", "ministry", data)
