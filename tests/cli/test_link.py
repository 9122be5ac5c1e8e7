"""``edubox box link``: the address of the desk, made on first use."""

from __future__ import annotations

import json

from edubox.cli import run as edubox
from tests.box.school import School


def run(capsys, *arguments):
    assert edubox(["box", "link", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_address_is_made_once_and_another_one_when_asked(tmp_path, capsys):
    data = School(tmp_path / "box").data
    (data / "box.toml").write_text("port = 8123\n")
    first = json.loads(run(capsys, "--data", data, "--json"))["address"]
    code = (data / "keys" / "desk").read_text()
    assert len(code) == 26
    assert first.endswith(f":8123/b/{code}/")
    assert (data / "keys" / "desk").stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert first in run(capsys, "--data", data)
    other = json.loads(run(capsys, "--data", data, "--new", "--json"))["address"]
    assert other != first
    assert other == json.loads(run(capsys, "--data", data, "--json"))["address"]
