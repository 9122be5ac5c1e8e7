"""A hub opens where there is a country, on either engine, and does nothing by halves."""

from __future__ import annotations

import pytest

from edubox.errors import BadInput, NotFound
from edubox.hub.hub import open_hub


def test_a_hub_of_a_country_opens_and_its_files_are_kept(hub):
    hub.blobs.put_bytes("pieces/ab/abc", b"sent")
    with hub.blobs.read("pieces/ab/abc") as stream:
        assert stream.read() == b"sent"
    assert hub.workplace.mirror == hub.mirror
    assert hub.now() == int(hub.clock().timestamp())


def test_there_is_no_hub_where_there_is_no_country(tmp_path):
    with pytest.raises(NotFound, match="mirror"):
        open_hub(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("databse = ''", "no setting called 'databse'"),
        ("port = '80'", "port must be like 8090"),
        ("database = 'postgresql://u:secret@h/n'", "must not hold a password"),
        ("database = 'mysql://h/n'", "database must be empty"),
        ("blobs = 's3://bucket/p'", "s3_endpoint"),
        ("blobs = '/srv/x'", "blobs must be empty"),
        ("workers = 1000", "workers"),
        ("mail = 'host'", "smtp://"),
    ],
)
def test_a_mistake_in_the_settings_is_named(country, line, said):
    (country / "hub.toml").write_text(line)
    with pytest.raises(BadInput, match=said):
        open_hub(country)
